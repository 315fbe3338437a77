// /v1/events: the log of delivery events, as JSON and CSV, and the events of one address.

import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import * as v from 'valibot';
import {
  bounceClassNames,
  bounceReasonNames,
  type EventFilter,
  eventFilterNames,
  eventKindNames,
  readEventFilter,
} from '../../events/event-filter.ts';
import { type EventLog, type EventLogPage, mostOnLogPage } from '../../events/event-log.ts';
import { loggedEvent } from '../../events/logged-event.ts';
import { recipientAddress, recipientRefusal } from '../../suppression/recipient.ts';
import { described, maxValidateBytes, momentField, nullableString, validEmail } from '../fields.ts';
import { mediaTypes, streamOf } from '../media.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import { jsonBody } from '../middleware/json-body.ts';
import {
  badBody,
  cursorParameter,
  integerSchema,
  oneOfSchema,
  type Parameter,
  type Resource,
  refusal,
} from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, invalidRequest, type Problem, problem } from '../problem.ts';

const LoggedEventAnswer = v.object({
  id: v.string(),
  at: described(momentField, 'When the event happened.'),
  received_at: described(momentField, 'When presend received it.'),
  kind: described(v.picklist(eventKindNames), 'What happened, such as `bounce` or `delivered`.'),
  class: described(v.picklist(bounceClassNames), 'The class of a bounce; `none` for other events.'),
  reason: v.picklist(bounceReasonNames),
  status: described(nullableString, 'Enhanced status code (RFC 3463), such as 5.1.1; null if unknown.'),
  echo: described(
    v.boolean(),
    "True if the provider's own suppression list stopped the message. Reports do not count such an event.",
  ),
  provider: described(nullableString, 'The mailbox provider, such as `gmail`; null if unknown.'),
  mail_host: described(
    nullableString,
    'For a bounce: the registrable domain of the mail host of the address, such as google.com. Null for other events, and if it is unknown.',
  ),
  gateway: described(nullableString, 'The mail gateway, such as `mimecast`; null if there is none.'),
  campaign: nullableString,
  list: described(nullableString, 'The mailing list, group or message stream that the event names.'),
  source: described(nullableString, 'Where the address was acquired.'),
  reported_by: described(
    v.string(),
    'The email service provider or CRM that reported the event, or `report` for POST /v1/bounces.',
  ),
  proof: described(
    v.picklist(['proven', 'assumed', 'unproven']),
    'How certain it is that the event is genuine (see BOUNCE_TRUST). An `unproven` event suppresses no address.',
  ),
  address_hash: described(
    nullableString,
    'HMAC-SHA-256 of the address with the key ADDRESS_HASH_KEY, in hexadecimal; null if the event names no address. The same address has the same hash in every event and in GET /v1/suppressions.',
  ),
  key_id: described(v.string(), 'The id of the key ADDRESS_HASH_KEY with which the address was hashed.'),
});

const nextCursor = described(
  nullableString,
  'Pass it as `cursor` to get the next page; null on the last page. A page can have fewer items than `limit`, or none, although more pages follow.',
);

const hotSince = described(
  momentField,
  'The log has the events that happened at this time or later. Older ones are not in it.',
);

export const EventLogAnswer = v.object({
  items: described(v.array(LoggedEventAnswer), 'The latest event first.'),
  next_cursor: nextCursor,
  hot_since: hotSince,
});

const periodText = (description: string) => v.optional(v.pipe(v.string(), v.description(description)));

const periodTexts = {
  from: 'Only events that happened at this time or later: a day (UTC) such as 2026-11-20, or a time such as 2026-11-20T12:00:00Z.',
  to: 'Only events that happened before this time. If it is a day such as 2026-11-20, the whole day (UTC) is included.',
} as const;

const limitText = `Maximum number of events, 1 to ${mostOnLogPage}; 100 by default.`;

export const EventFindRequest = v.object({
  email: validEmail,
  from: periodText(periodTexts.from),
  to: periodText(periodTexts.to),
  cursor: v.optional(described(v.string(), 'The `next_cursor` of the previous page.')),
  limit: v.optional(
    v.pipe(
      v.number(),
      v.integer(`must be a whole number from 1 to ${mostOnLogPage}`),
      v.minValue(1, `must be a whole number from 1 to ${mostOnLogPage}`),
      v.maxValue(mostOnLogPage, `must be a whole number from 1 to ${mostOnLogPage}`),
      v.description(limitText),
    ),
  ),
});

export const EventFindAnswer = v.object({
  email: v.string(),
  items: described(v.array(LoggedEventAnswer), 'The latest event first.'),
  next_cursor: nextCursor,
  hot_since: hotSince,
  key_id: described(v.string(), 'The id of the key with which the address was looked up.'),
  other_key_ids: described(
    v.array(v.string()),
    'Ids of earlier keys (ADDRESS_HASH_KEY) with which the addresses of older events were hashed. Events of this address among these older events cannot be found.',
  ),
});

const text = (description: string, example: string): Parameter => ({ description, example });

const eventFilterParameters: Readonly<Record<string, Parameter>> = {
  campaign: { ...text('Only events of this campaign.', 'spring'), isSent: true },
  list: text('Only events that name this mailing list, group or message stream.', 'news'),
  source: text('Only events of addresses that were collected from this source.', 'footer-form'),
  provider: text('Only events of addresses at this mailbox provider.', 'gmail'),
  mail_host: text('Only bounces at domains with this mail host (its registrable domain).', 'google.com'),
  class: {
    ...text('Only events of this class.', 'hard'),
    schema: oneOfSchema(bounceClassNames),
    isSent: true,
  },
  reason: {
    ...text('Only events with this reason.', 'mailbox_unknown'),
    schema: oneOfSchema(bounceReasonNames),
  },
  status: text('Only events with this enhanced status code (RFC 3463).', '5.1.1'),
  kind: { ...text('Only events of this kind.', 'bounce'), schema: oneOfSchema(eventKindNames) },
  reported_by: text(
    'Only events that this email service provider or CRM reported, or `report` for events of POST /v1/bounces.',
    'postmark',
  ),
  from: text(periodTexts.from, '2026-11-20'),
  to: text(periodTexts.to, '2026-11-21T12:00:00Z'),
};

export const eventsResource: Resource = {
  tag: 'Event log',
  about:
    'The log of delivery events: what happened to each message, such as a delivery, a bounce, a complaint or an unsubscribe.',
  schemas: { EventLogAnswer, EventFindRequest, EventFindAnswer },
  operations: {
    'GET /v1/events': {
      scope: 'events:read',
      id: 'listEvents',
      summary: 'List delivery events, with hashes instead of addresses',
      description:
        'The bounce log, the latest event first. An event must match all given parameters. To get the addresses, join the log to your own list with `presend events export`.',
      query: {
        ...eventFilterParameters,
        cursor: cursorParameter('MTc5NTE3NjAwMDAwMC4wMTIzNDU2Nzg5YWJjZGVm'),
        limit: { description: limitText, schema: integerSchema(1, mostOnLogPage, 100), example: 20 },
        format: {
          description: '`json` (the default) or `csv`. The header `Accept: text/csv` works too.',
          schema: oneOfSchema(['json', 'csv'], 'json'),
          example: 'csv',
        },
      },
      answerMediaTypes: {
        'text/csv':
          'All matching events, or at most `limit`. One row for each event, with the fields of the JSON answer.',
      },
      answers: {
        200: ['One page.', EventLogAnswer],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
    'POST /v1/events/find': {
      scope: 'events:read',
      id: 'findEvents',
      summary: 'Get the events of one address',
      description:
        'The history of an address in every spelling that has the same suppression entry: letter case and quotation marks do not matter. At providers that ignore dots and tags, events of the address without dots and tags are found too.',
      request: EventFindRequest,
      example: { email: 'jim@example.com' },
      answers: { 200: ['One page.', EventFindAnswer], ...badBody },
    },
  },
};

export const eventRoutes = ({ eventLog, audit, now }: Pick<HttpPorts, 'eventLog' | 'audit' | 'now'>) =>
  new Hono<{ Variables: CallerVariables }>()
    .get('/events', async (c) => {
      const asked = requestIn(c);
      if ('problem' in asked) return problem(c, asked.problem);
      const { filter, cursor, limit, format } = asked;
      c.header('vary', 'accept');
      const size = limit ?? (format === 'csv' ? mostOnLogPage : undefined);
      const page = await eventLog.page(filter, { cursor, limit: size });
      if (page.kind === 'bad_cursor') return problem(c, badCursor);
      if (format === 'csv') {
        await audit.add({
          ...{ at: now(), actor: actorOf(c.get('caller')), action: 'events_exported' },
          ...{ subject: null, amount: null },
        });
        return c.body(streamOf(csvOf(eventLog, filter, page, limit)), 200, {
          'content-type': mediaTypes.csv,
          'content-disposition': 'attachment; filename="events.csv"',
          'cache-control': 'no-store',
        });
      }
      return c.json(pageAnswer(page), 200, { 'cache-control': 'no-store' });
    })
    .post('/events/find', jsonBody(maxValidateBytes, EventFindRequest), async (c) => {
      const { email, from, to, cursor, limit } = c.req.valid('json');
      const address = recipientAddress(email);
      if (address === null)
        return problem(c, invalidRequest([{ pointer: '/email', detail: recipientRefusal(email) }]));
      const read = readEventFilter({ from, to });
      if (!read.ok)
        return problem(
          c,
          invalidRequest([{ pointer: `/${read.name}`, detail: `${read.name} ${read.detail}` }]),
        );
      const page = await eventLog.find(address, read.filter, { cursor, limit });
      if (page.kind === 'bad_cursor')
        return problem(c, invalidRequest([{ pointer: '/cursor', detail: `cursor ${cursorNeeded}` }]));
      const { keyId, otherKeyIds } = page;
      return c.json({ email, ...pageAnswer(page), key_id: keyId, other_key_ids: [...otherKeyIds] }, 200, {
        'cache-control': 'no-store',
      });
    });

type Asked = {
  readonly filter: EventFilter;
  readonly cursor: string | undefined;
  readonly limit: number | undefined;
  readonly format: 'json' | 'csv';
};

function requestIn(c: Context): Asked | { readonly problem: Problem } {
  const query = c.req.query();
  const read = readEventFilter(Object.fromEntries(eventFilterNames.map((name) => [name, query[name]])));
  if (!read.ok) return { problem: invalidQuery(read.name, read.detail) };
  const limit = query['limit'] ? Number(query['limit']) : undefined;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= mostOnLogPage))
    return { problem: invalidQuery('limit', `must be a whole number from 1 to ${mostOnLogPage}`) };
  const format = query['format'] || acceptedFormat(c);
  if (format !== 'json' && format !== 'csv')
    return { problem: invalidQuery('format', 'must be json or csv') };
  return { filter: read.filter, cursor: query['cursor'] || undefined, limit, format };
}

const acceptedFormat = (c: Context): string =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/csv'],
    default: 'application/json',
  }) === 'text/csv'
    ? 'csv'
    : 'json';

const cursorNeeded = 'must be the next_cursor of the previous page';

const badCursor = invalidQuery('cursor', cursorNeeded);

type ReadPage = Extract<EventLogPage, { readonly kind: 'page' }>;

const pageAnswer = ({ events, next, hotSince: since }: ReadPage) => ({
  items: events.map(loggedEvent),
  next_cursor: next,
  hot_since: new Date(since).toISOString(),
});

/** Yields the log as CSV from `first` on, page by page: at most `limit` events, or all if it is undefined. */
async function* csvOf(
  eventLog: EventLog,
  filter: EventFilter,
  first: ReadPage,
  limit: number | undefined,
): AsyncGenerator<string> {
  const { default: Papa } = await import('papaparse');
  yield `${Object.keys(LoggedEventAnswer.entries).join(',')}\r\n`;
  let left = limit ?? Number.POSITIVE_INFINITY;
  for (let page = first; ; ) {
    left -= page.events.length;
    if (page.events.length > 0)
      yield `${Papa.unparse(page.events.map(loggedEvent), { header: false, newline: '\r\n', escapeFormulae: true })}\r\n`;
    if (page.next === null || left <= 0) return;
    const next = await eventLog.page(filter, {
      cursor: page.next,
      limit: Math.min(left, mostOnLogPage),
    });
    if (next.kind === 'bad_cursor')
      throw new Error(
        'the log did not return all events, because of a fault of presend. Run the command again',
      );
    page = next;
  }
}
