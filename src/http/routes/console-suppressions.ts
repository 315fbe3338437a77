// /console/suppressions: find, add and lift entries, import and export the list, and lift an incident. An address is always in
// the body of a request, never in a URL.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { formBoundary, formParts, MalformedForm } from '../../jobs/multipart.ts';
import { counted } from '../../number-text.ts';
import type { Bytes } from '../../storage/files/file-store.ts';
import { recipientAddress, recipientRefusal } from '../../suppression/recipient.ts';
import { defaultScope, parseScope } from '../../suppression/scope.ts';
import { type Incident, isFoundByEvents } from '../../suppression/suppressions.ts';
import { bodyChunks, bodyEnded, RequestAborted } from '../media.ts';
import { actorOf, type CallerVariables, hasScope } from '../middleware/auth.ts';
import { UploadTooSlow } from '../middleware/upload-pace.ts';
import type { AddFields, AddressLookup, Outcome } from '../pages/console/suppressions.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, malformedForm, problem } from '../problem.ts';
import { mistakesIn, readForm, requireSession, sendPage, viewerOf } from './console.ts';
import {
  IncidentLiftRequest,
  removalRefused,
  SuppressionRemovalRequest,
  SuppressionRequest,
} from './suppressions.ts';

type ConsoleContext = Context<{ Variables: CallerVariables }>;

const entriesOnPage = 50;
const eventsShown = 20;

const failed = (text: string): Outcome => ({ kind: 'error', text });

/** The fields of a form that are filled in. */
const given = (form: URLSearchParams, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = form.get(name)?.trim();
      return text ? [[name, text]] : [];
    }),
  );

/** The value of an input for a date and a time as an instant in UTC. */
const instant = (text: string | null): string => (text ? `${text}Z` : '');

export const consoleSuppressionRoutes = (ports: HttpPorts) => {
  const { suppressionList, eventLog, eventsFrom, audit, now } = ports;
  const mayRead = requireSession(ports, 'suppressions:read');
  const mayWrite = requireSession(ports, 'suppressions:write');
  const pages = () => import('../pages/console/suppressions.ts');
  const filePages = () => import('../pages/console/suppression-files.ts');
  const viewer = (c: ConsoleContext) => viewerOf(c.get('caller'));

  async function lookUp(c: ConsoleContext, email: string, address: string): Promise<AddressLookup> {
    const events = hasScope(c.get('caller'), 'events:read')
      ? await eventLog.find(address, {}, { limit: eventsShown })
      : null;
    return {
      email,
      entries: await suppressionList.entriesOf(address),
      events: events?.kind === 'page' ? events.events : null,
      hasOtherKeys: (await suppressionList.otherKeyIds()).length > 0,
    };
  }

  /** The page about an address: what is known of it, or why the text is no address. */
  async function showFound(c: ConsoleContext, email: string, outcome: Outcome | null = null) {
    const { findPage } = await pages();
    const address = recipientAddress(email);
    if (address === null) {
      const page = findPage(viewer(c), { email, outcome: failed(recipientRefusal(email)), now: now() });
      return sendPage(c, page, 422);
    }
    const found = await lookUp(c, email, address);
    return sendPage(
      c,
      findPage(viewer(c), { found, outcome, now: now() }),
      outcome?.kind === 'error' ? 422 : 200,
    );
  }

  const app = new Hono<{ Variables: CallerVariables }>()
    .get('/console/suppressions', requireSession(ports, 'any'), async (c) => {
      const [{ suppressionTabs }, { firstPageOf }] = await Promise.all([
        pages(),
        import('../pages/console/layout.ts'),
      ]);
      return c.redirect(firstPageOf(viewer(c), suppressionTabs) ?? '/console', 303);
    })
    .get('/console/suppressions/find', mayRead, async (c) =>
      sendPage(c, (await pages()).findPage(viewer(c), { now: now() })),
    )
    .post('/console/suppressions/find', mayRead, async (c) => {
      const form = await readForm(c);
      return form instanceof Response ? form : showFound(c, (form.get('email') ?? '').trim());
    })
    .get('/console/suppressions/add', mayWrite, async (c) =>
      sendPage(c, (await pages()).addPage(viewer(c), {}, null)),
    )
    .post('/console/suppressions/add', mayWrite, async (c) => {
      const form = await readForm(c);
      if (form instanceof Response) return form;
      const { addPage } = await pages();
      const fields: AddFields = given(form, ['email', 'reason', 'scope', 'list', 'source']);
      const refuse = (outcome: Outcome) => sendPage(c, addPage(viewer(c), fields, outcome), 422);
      const scope = fields.scope === 'list' ? `list:${fields.list ?? ''}` : fields.scope;
      const { email = '', reason, source } = fields;
      const parsed = v.safeParse(SuppressionRequest, { email, reason, source, ...(scope && { scope }) });
      if (!parsed.success) return refuse(failed(mistakesIn(parsed.issues)));
      const address = recipientAddress(email);
      if (address === null) return refuse(failed(recipientRefusal(email)));
      const { output } = parsed;
      const read = output.scope === undefined ? null : parseScope(output.scope);
      const added = await suppressionList.add({
        address,
        reason: output.reason,
        scope: read ?? defaultScope(output.reason),
        source: output.source ?? null,
      });
      const text = {
        added: `${email} is suppressed now.`,
        updated: `${email} was on the list already. Its entry changed.`,
        unchanged: `${email} was on the list already. Nothing changed.`,
      }[added];
      return sendPage(c, addPage(viewer(c), {}, { kind: 'done', text }));
    })
    .post('/console/suppressions/remove', mayWrite, async (c) => {
      const form = await readForm(c);
      if (form instanceof Response) return form;
      const { email = '', scope, ...consent } = given(form, ['email', 'scope', 'kind', 'evidence']);
      const at = instant(form.get('at'));
      const parsed = v.safeParse(SuppressionRemovalRequest, {
        ...{ email, consent: { ...consent, at } },
        ...(scope && { scope }),
      });
      const address = recipientAddress(email);
      const finish = (outcome: Outcome) =>
        hasScope(c.get('caller'), 'suppressions:read') ? showFound(c, email, outcome) : added(c, outcome);
      if (!parsed.success) return finish(failed(mistakesIn(parsed.issues)));
      if (address === null) return finish(failed(recipientRefusal(email)));
      const only = parsed.output.scope === undefined ? null : parseScope(parsed.output.scope);
      const removal = await suppressionList.remove({
        by: actorOf(c.get('caller')),
        address,
        ...(only && { scope: only }),
        consent: { ...parsed.output.consent, at: Date.parse(at) },
      });
      switch (removal.kind) {
        case 'removed':
          return finish({ kind: 'done', text: `Lifted. The consent of ${email} is recorded.` });
        case 'not_listed':
          return finish({ kind: 'done', text: `${email} is not suppressed.` });
        case 'refused':
          return finish(failed(removalRefused(removal.why).detail!));
      }
    });

  /** For a key that may lift an entry, but not read the list. */
  const added = async (c: ConsoleContext, outcome: Outcome) =>
    sendPage(c, (await pages()).addPage(viewer(c), {}, outcome), outcome.kind === 'error' ? 422 : 200);

  return app
    .get('/console/suppressions/files', requireSession(ports, 'any'), async (c) => {
      const { firstPageOf } = await import('../pages/console/layout.ts');
      const page = viewer(c);
      // A key without a scope of the list sees nothing of it.
      const [{ suppressionTabs }, { filesPage }] = await Promise.all([pages(), filePages()]);
      return firstPageOf(page, suppressionTabs) === null
        ? c.redirect('/console', 303)
        : sendPage(c, filesPage(page));
    })
    .post('/console/suppressions/import', mayWrite, async (c) => importFile(c))
    .get('/console/suppressions/entries', mayRead, async (c) => {
      const cursor = c.req.query('cursor');
      const page = await suppressionList.list({ ...(cursor && { cursor }), limit: entriesOnPage });
      if (page.kind === 'bad_cursor')
        return problem(c, invalidQuery('cursor', 'must come from the link "Next page"'));
      const { entriesPage } = await filePages();
      return sendPage(c, entriesPage(viewer(c), { ...page, isFirst: !cursor }));
    })
    .get('/console/suppressions/incident', mayWrite, async (c) =>
      showIncident(c, new URLSearchParams(c.req.query() as Record<string, string>), null),
    )
    .post('/console/suppressions/incident', mayWrite, async (c) => {
      const form = await readForm(c);
      if (form instanceof Response) return form;
      const read = incidentIn(form);
      if ('mistake' in read) return showIncident(c, form, read.mistake);
      const { incident } = read;
      if (form.get('step') === 'lift') {
        const lifted = await suppressionList.liftIncident(incident, actorOf(c.get('caller')));
        const text = `Lifted ${counted(lifted, 'entry', 'entries')}.`;
        return showIncident(c, form, { kind: 'done', text });
      }
      const matched = await suppressionList.countIncident(incident);
      return showIncident(c, form, notSearched(incident, matched), matched);
    });

  function notSearched(incident: Incident, matched: number): Outcome | null {
    const from = isFoundByEvents(incident) ? eventsFrom() : null;
    if (from !== null && incident.from < from)
      return failed(
        `Only delivery events since ${new Date(from).toISOString().slice(0, 10)} were searched, because older ones are in files (EVENT_HOT_DAYS). Entries from before that day are not counted.`,
      );
    return matched === 0 ? { kind: 'done', text: 'No entry matches.' } : null;
  }

  async function showIncident(
    c: ConsoleContext,
    form: URLSearchParams,
    outcome: Outcome | null,
    matched: number | null = null,
  ) {
    const { incidentPage } = await filePages();
    const text = (name: string, longest = 200) => (form.get(name) ?? '').slice(0, longest);
    const fields = {
      from: text('from', 16),
      to: text('to', 16),
      provider: text('provider'),
      mail_host: text('mail_host'),
      source: text('source'),
      campaign: text('campaign'),
      status: text('status'),
    };
    const isWrong = outcome?.kind === 'error' && matched === null;
    return sendPage(c, incidentPage(viewer(c), fields, outcome, matched), isWrong ? 422 : 200);
  }

  async function importFile(c: ConsoleContext): Promise<Response> {
    const boundary = formBoundary(c.req.header('content-type') ?? '');
    if (boundary === null) return problem(c, malformedForm);
    const { filesPage, importReasons } = await filePages();
    const fields = { source: '', reason: '' };
    let hasBegun = false;
    const recordImport = (amount: number | null) =>
      audit.add({
        ...{ at: now(), actor: actorOf(c.get('caller')), action: 'suppressions_imported', subject: null },
        amount,
      });
    const refuse = (text: string) =>
      sendPage(c, filesPage(viewer(c), { fields, outcome: failed(text) }), 422);
    try {
      for await (const part of formParts(bodyChunks(c), boundary)) {
        if (part.kind === 'field') {
          if (part.name === 'source') fields.source = part.value.trim();
          if (part.name === 'reason') fields.reason = part.value;
          continue;
        }
        if (fields.source.length > 100) return refuse('The source must be at most 100 characters long.');
        if (fields.reason !== '' && !importReasons.includes(fields.reason))
          return refuse('The reason must be bounce, complaint, unsubscribe or manual.');
        const file = await begun(part.content);
        if ('mistake' in file) return refuse(file.mistake);
        const { importSuppressions } = await import('../../suppression/import.ts');
        hasBegun = true;
        const report = await importSuppressions(suppressionList, file.content, {
          format: file.format,
          source: fields.source || 'import',
          ...(fields.reason !== '' && { reason: fields.reason as 'manual' }),
          now: now(),
        });
        hasBegun = false;
        await recordImport(report.added + report.updated);
        return sendPage(c, filesPage(viewer(c), { fields, report, otherSheets: file.otherSheets ?? [] }));
      }
      return refuse('Choose a file first.');
    } catch (error) {
      // Some of the entries may be on the list. How many is not known.
      if (hasBegun) await recordImport(null);
      if (error instanceof MalformedForm) return problem(c, malformedForm);
      if (error instanceof RequestAborted || error instanceof UploadTooSlow) return bodyEnded(c, error);
      throw error;
    }
  }
};

type Begun =
  | {
      readonly format: 'csv' | 'ndjson';
      readonly content: AsyncIterable<Uint8Array>;
      readonly otherSheets?: readonly string[];
    }
  | { readonly mistake: string };

/** Reads the beginning of a file, which tells its format. Browsers do not know the media type of every file. */
async function begun(content: AsyncIterable<Bytes>): Promise<Begun> {
  const chunks = content[Symbol.asyncIterator]();
  const { firstBytes, withFirst } = await import('../../encoding/read-text.ts');
  const first = await firstBytes(chunks, formatBytes);
  if (first.length === 0) return { mistake: 'The file is empty.' };
  const all = () => withFirst(first, chunks);
  const { fileKind } = await import('../../xlsx/workbook.ts');
  if (fileKind(first) !== 'other') return workbookText(all());
  const { createDecoder, sniffEncoding } = await import('../../encoding/decode.ts');
  const { encoding, mark } = sniffEncoding(first);
  const decoder = createDecoder(encoding, { isLenient: true });
  const text = decoder.decode(first.subarray(mark)).text + decoder.end().text;
  if (text.includes('\0')) return { mistake: 'This file is not a text. Choose a CSV or JSON file.' };
  return { format: /^\s*(?:\{|\[\s*[{\]])/.test(text) ? 'ndjson' : 'csv', content: all() };
}

/** Number of bytes that are enough to tell the format of a file. */
const formatBytes = 4096;

/** Maximum bytes of a workbook, which is in memory as a whole. */
const maxWorkbookBytes = 16 * 2 ** 20;

/** Reads the first sheet with addresses, or the first sheet, as CSV. */
async function workbookText(content: AsyncIterable<Bytes>): Promise<Begun> {
  const pieces: Bytes[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > maxWorkbookBytes)
      return { mistake: 'This Excel file has more than 16 MiB. Save it as CSV, and import the CSV.' };
    pieces.push(piece);
  }
  const { openUploaded } = await import('../../lists/uploaded-file.ts');
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const opened = await openUploaded(bytes);
  if (!opened.ok) return { mistake: opened.error.message };
  return {
    format: 'csv',
    content: opened.file.bytes(),
    otherSheets: opened.file.workbook?.otherSheets ?? [],
  };
}

/** The incident that a form describes. */
function incidentIn(form: URLSearchParams): { readonly incident: Incident } | { readonly mistake: Outcome } {
  const properties = given(form, ['provider', 'mail_host', 'source', 'campaign', 'status']);
  const parsed = v.safeParse(IncidentLiftRequest, {
    ...properties,
    from: instant(form.get('from')),
    to: instant(form.get('to')),
  });
  if (!parsed.success) return { mistake: failed(mistakesIn(parsed.issues)) };
  const { from, to, mail_host: mailHost, dry_run: _, ...rest } = parsed.output;
  const incident: Incident = { from: Date.parse(from), to: Date.parse(to), mailHost, ...rest };
  return incident.from < incident.to ? { incident } : { mistake: failed('To must be later than From.') };
}
