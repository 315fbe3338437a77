// /console/domains: the DNS of the domains that send, checked every day and on demand.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { isDnsUnreachable } from '../../preflight/finding.ts';
import { preflightCost, readPreflight } from '../../preflight/read-request.ts';
import type { StoredChange } from '../../preflight/watch/watch-repository.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { callCost } from '../middleware/limits.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, problem } from '../problem.ts';
import { mistakesIn, readForm, requireSession, sendPage, viewerOf } from './console.ts';
import { PreflightBody } from './preflight.ts';

/** Maximum number of incidents among which those are looked for that followed a change. */
const mostIncidents = 200;

type ConsoleContext = Context<{ Variables: CallerVariables }>;

/** The parts of a text that commas or spaces separate. */
const parts = (text: string | null): string[] => (text ?? '').split(/[\s,;]+/).filter(Boolean);

export const consoleDomainRoutes = (ports: HttpPorts) => {
  const { incidents, preflight, senderWatch } = ports;
  const mayCheck = requireSession(ports, 'preflight');
  const pages = () => import('../pages/console/domains.ts');
  const viewer = (c: ConsoleContext) => viewerOf(c.get('caller'));

  async function checkAny(c: ConsoleContext): Promise<Response> {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const { checkedDomainPage, domainsPage } = await pages();
    const text = (name: string) => (form.get(name) ?? '').trim().slice(0, 1000);
    const fields = { domain: text('domain'), selectors: text('selectors'), ips: text('ips') };
    const refuse = async (why: string, status: 422 | 503) =>
      sendPage(
        c,
        domainsPage(viewer(c), { watched: await senderWatch.list(), fields, problem: why }),
        status,
      );
    const parsed = v.safeParse(PreflightBody, {
      ...{ domain: fields.domain, selectors: parts(fields.selectors), ips: parts(fields.ips) },
    });
    if (!parsed.success) return refuse(mistakesIn(parsed.issues), 422);
    const read = readPreflight(parsed.output);
    if ('mistakes' in read)
      return refuse(
        read.mistakes
          .map(({ path, detail }) => `${names[path[0] as keyof typeof names]} ${detail}.`)
          .join(' '),
        422,
      );
    const { check, zones } = await preflight();
    const cost = preflightCost(read.request, zones.length);
    const tooMany = await c.get('spend')(cost - callCost);
    if (tooMany !== null) return tooMany;
    const answer = await check(read.request);
    // As after POST /v1/preflight: the answer is given even if the limit is reached with it.
    await c.get('spend')(answer.facts.queries - cost);
    if (isDnsUnreachable(answer.facts))
      return refuse('No DNS resolver answers. Try again in half a minute.', 503);
    return sendPage(c, checkedDomainPage(viewer(c), answer));
  }

  /** The incidents that may be due to the changes: those that began after the oldest of them. */
  async function incidentsAfter(changes: readonly StoredChange[]) {
    const oldest = changes.at(-1);
    if (oldest === undefined) return [];
    return incidents.list({ status: 'all', from: oldest.since, limit: mostIncidents });
  }

  /** Checks a watched domain, and shows its page. */
  async function checkWatched(c: ConsoleContext): Promise<Response> {
    const domain = c.req.param('domain')!;
    const request = senderWatch.requests.find((one) => one.domain === domain);
    if (request === undefined) return problem(c, notFound);
    const { zones } = await preflight();
    const cost = preflightCost(request, zones.length);
    const tooMany = await c.get('spend')(cost - callCost);
    if (tooMany !== null) return tooMany;
    const { queries } = await senderWatch.check(domain);
    await c.get('spend')(Math.max(0, queries - cost));
    return c.redirect(`/console/domains/${domain}`, 303);
  }

  return new Hono<{ Variables: CallerVariables }>()
    .use('/console/domains/*', mayCheck)
    .get('/console/domains', async (c) =>
      sendPage(c, (await pages()).domainsPage(viewer(c), { watched: await senderWatch.list() })),
    )
    .post('/console/domains', checkAny)
    .get('/console/domains/:domain', async (c) => {
      const watched = (await senderWatch.list()).find(({ domain }) => domain === c.req.param('domain'));
      if (watched === undefined) return problem(c, notFound);
      const changes = await senderWatch.changes(watched.domain);
      const who = viewer(c);
      const followed = who.may('reports:read') ? await incidentsAfter(changes) : [];
      return sendPage(c, (await pages()).watchedDomainPage(who, watched, { changes, incidents: followed }));
    })
    .post('/console/domains/:domain/check', checkWatched);
};

const names = {
  domain: 'The domain',
  selectors: 'A selector',
  ips: 'An IP address',
} as const;
