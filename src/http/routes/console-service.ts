// /console/audit, /console/overrides and /console/health.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { dataAgeDays, dataVersion, oldDataDays } from '../../domain/data-date.ts';
import { formatDomainEntry, parseDomainEntry } from '../../overrides/domain-lists.ts';
import { version } from '../../version.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import type { OverrideFields } from '../pages/console/overrides.ts';
import type { HttpPorts } from '../ports.ts';
import { auditPage, readAuditQuery } from './audit.ts';
import { mistakesIn, readForm, requireSession, sendPage, viewerOf } from './console.ts';
import { OwnDomainRequest } from './domains.ts';

type ConsoleContext = Context<{ Variables: CallerVariables }>;

const entriesOnPage = '50';
const overridesOnPage = 100;

const noFields: OverrideFields = { domain: '', word: 'deny', note: '' };

export const consoleServiceRoutes = (ports: HttpPorts) => {
  const { overrides, keyStore, jobs, ready, now } = ports;
  const viewer = (c: ConsoleContext) => viewerOf(c.get('caller'));

  async function showAudit(c: ConsoleContext) {
    const given = c.req.query();
    const { action = '', actor = '', key_id = '', subject = '', from = '', to = '', cursor } = given;
    const query = Object.fromEntries(
      Object.entries({ action, actor, key_id, subject, from, to }).filter(([, value]) => value !== ''),
    );
    const asked = readAuditQuery({ ...query, ...(cursor && { cursor }), limit: entriesOnPage });
    const { entries, next } = asked.ok ? await auditPage(ports, asked) : { entries: [], next: null };
    const keys = await keyStore.list();
    const { auditPageOf } = await import('../pages/console/audit.ts');
    const page = auditPageOf(viewer(c), {
      ...{ entries, next, query, isFirst: !cursor },
      keyNames: new Map(keys.map(({ id, name }) => [id, name])),
      problem: asked.ok ? null : (asked.refused.detail ?? 'The filter is invalid.'),
    });
    return sendPage(c, page, asked.ok ? 200 : 422);
  }

  async function showOverrides(
    c: ConsoleContext,
    shown: { readonly problem?: string; readonly done?: string; readonly fields?: OverrideFields } = {},
    status: 200 | 409 | 422 = 200,
  ) {
    const { sliceAfter } = await import('../pages/console/paging.ts');
    const { search = '', cursor } = c.req.method === 'GET' ? c.req.query() : {};
    const all = await overrides.all();
    const wanted = search.trim().toLowerCase();
    const found = all.filter((entry) => formatDomainEntry(entry).includes(wanted));
    const page = sliceAfter(found, formatDomainEntry, cursor, overridesOnPage);
    const { overridesPage } = await import('../pages/console/overrides.ts');
    const view = { fields: noFields, ...shown, page, search, total: all.length, isFirst: !cursor };
    return sendPage(c, overridesPage(viewer(c), view), status);
  }

  async function setOverride(c: ConsoleContext) {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const text = (name: string) => (form.get(name) ?? '').trim();
    const fields = { domain: text('domain'), word: text('word'), note: text('note') };
    const asked = { ...fields, note: fields.note === '' ? null : fields.note };
    const wanted = v.safeParse(OwnDomainRequest, asked);
    if (!wanted.success) return showOverrides(c, { fields, problem: mistakesIn(wanted.issues) }, 422);
    const { domain, word, note = null } = wanted.output;
    const entry = parseDomainEntry(domain);
    if (entry === null) {
      const problem = 'The domain must be one such as example.com or *.example.com.';
      return showOverrides(c, { fields, problem }, 422);
    }
    const outcome = await overrides.put({ ...entry, kind: word, note }, actorOf(c.get('caller')));
    if (outcome === 'full')
      return showOverrides(c, { fields, problem: 'The list is full. Remove an entry first.' }, 409);
    return showOverrides(c, {
      done: `${formatDomainEntry(entry)} is ${word === 'allow' ? 'allowed' : 'denied'} now.`,
    });
  }

  async function removeOverride(c: ConsoleContext) {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const entry = parseDomainEntry(form.get('domain') ?? '');
    const isRemoved = entry !== null && (await overrides.remove(entry, actorOf(c.get('caller'))));
    return showOverrides(
      c,
      isRemoved
        ? { done: `Removed ${formatDomainEntry(entry)}.` }
        : { problem: 'That entry was removed already.' },
      isRemoved ? 200 : 409,
    );
  }

  async function showHealth(c: ConsoleContext) {
    const [readiness, workload] = await Promise.all([ready(), jobs.workload()]);
    const ageDays = dataAgeDays(now());
    const { healthPage } = await import('../pages/console/health.ts');
    const page = healthPage(viewer(c), {
      checks: readiness.checks,
      message: readiness.message ?? null,
      jobs: workload,
      data: { version: dataVersion(), ageDays, isOld: ageDays > oldDataDays },
      version,
      settings: ports.settings,
    });
    return sendPage(c, page);
  }

  const mayOverride = requireSession(ports, 'domains');
  return new Hono<{ Variables: CallerVariables }>()
    .get('/console/audit', requireSession(ports, 'audit:read'), showAudit)
    .get('/console/overrides', mayOverride, (c) => showOverrides(c))
    .post('/console/overrides', mayOverride, setOverride)
    .post('/console/overrides/remove', mayOverride, removeOverride)
    .get('/console/health', requireSession(ports, 'reports:read'), showHealth);
};
