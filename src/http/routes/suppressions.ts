// /v1/suppressions: add, check, lift, list, import and export.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { SyntaxFailure } from '../../address/mailbox.ts';
import { parseMailbox } from '../../address/parse.ts';
import type { RemoveRefusal, Suppression } from '../../suppression/suppressions.ts';
import {
  email,
  maxBatch,
  maxBatchBytes,
  maxValidateBytes,
  nullableString,
  source,
  timestamp,
  tooMany,
} from '../fields.ts';
import { BrokenOff, bodyChunks, bodyFormat, mediaTypes, streamOf } from '../media.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { brokenOff, invalidQuery, invalidRequest, type Problem, problem } from '../problem.ts';

export const SuppressionReasonName = v.picklist(['bounce', 'complaint', 'unsubscribe', 'manual']);

const enhancedStatus = v.pipe(
  v.string(),
  v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'must be an enhanced status code such as 5.1.1'),
  v.description('Enhanced status code of the bounce (RFC 3463).'),
);

export const SuppressionRequest = v.object({
  email,
  reason: SuppressionReasonName,
  status: v.optional(v.nullable(enhancedStatus)),
  source: v.optional(v.nullable(source)),
});

export const SuppressionCheckRequest = v.object({
  emails: v.pipe(v.array(email), v.maxLength(maxBatch, tooMany)),
});

export const SuppressionRemovalRequest = v.object({
  email,
  consent: v.pipe(
    v.object({
      kind: v.picklist(['double_opt_in']),
      at: v.pipe(timestamp, v.description('When the person gave consent.')),
      evidence: v.pipe(
        v.string(),
        v.minLength(1, 'must not be empty'),
        v.maxLength(1000, 'must be at most 1,000 characters long'),
        v.description('Proof of the consent, such as the id of the confirmation. Not an address.'),
      ),
    }),
    v.description('New consent of the person, later than the entry. An entry cannot be lifted without it.'),
  ),
});

export const SuppressionAnswer = v.object({
  email: v.string(),
  suppressed: v.boolean(),
  reason: v.optional(SuppressionReasonName),
  status: v.optional(nullableString),
  since: v.optional(v.string()),
});

export const SuppressionCheckAnswer = v.object({ results: v.array(SuppressionAnswer) });

export const SuppressionRemovalAnswer = v.object({ email: v.string(), removed: v.boolean() });

export const SuppressionListAnswer = v.object({
  items: v.array(
    v.object({
      address_hash: v.pipe(
        v.string(),
        v.description('HMAC-SHA-256 of the address under ADDRESS_HASH_KEY, hex.'),
      ),
      key_id: v.string(),
      reason: SuppressionReasonName,
      status: nullableString,
      source: nullableString,
      since: v.string(),
    }),
  ),
  next_cursor: v.pipe(
    nullableString,
    v.description('Pass it as ?cursor= to get the next page; null on the last page.'),
  ),
});

export const SuppressionImportAnswer = v.object({
  added: v.number(),
  updated: v.number(),
  unchanged: v.number(),
  rejected: v.pipe(v.number(), v.description('Invalid rows. `errors` lists the first 1,000.')),
  errors: v.array(
    v.object({
      row: v.pipe(v.number(), v.description('Row number from 1, including the header.')),
      column: v.pipe(nullableString, v.description('Null if the whole row is unreadable.')),
      message: v.pipe(v.string(), v.description('Never contains the address.')),
    }),
  ),
});

export const suppressionsResource: Resource = {
  tag: 'Suppression list',
  schemas: {
    SuppressionRequest,
    SuppressionAnswer,
    SuppressionCheckRequest,
    SuppressionCheckAnswer,
    SuppressionRemovalRequest,
    SuppressionRemovalAnswer,
    SuppressionListAnswer,
    SuppressionImportAnswer,
  },
  operations: {
    'POST /v1/suppressions': {
      scope: 'suppressions:write',
      id: 'suppress',
      summary: 'Suppress an address',
      request: SuppressionRequest,
      example: { email: 'jane@example.com', reason: 'bounce', status: '5.1.1', source: 'import' },
      answers: {
        200: ['The address was already suppressed.', SuppressionAnswer],
        201: ['The address is now suppressed.', SuppressionAnswer],
        ...badBody,
      },
    },
    'GET /v1/suppressions': {
      scope: 'suppressions:read',
      id: 'listSuppressions',
      summary: 'List suppressions without addresses',
      query: {
        cursor: 'The `next_cursor` of the previous page.',
        limit: 'Entries per page, 1 to 1,000; 100 by default.',
      },
      answers: {
        200: ['One page.', SuppressionListAnswer],
        422: ['The cursor or the limit is invalid.'],
      },
    },
    'POST /v1/suppressions/check': {
      scope: 'suppressions:read',
      id: 'checkSuppressions',
      summary: `Check whether up to ${maxBatch} addresses are suppressed`,
      request: SuppressionCheckRequest,
      example: { emails: ['jane@example.com', 'john@example.com'] },
      answers: { 200: ['One result per address, in order.', SuppressionCheckAnswer], ...badBody },
    },
    'POST /v1/suppressions/import': {
      scope: 'suppressions:write',
      id: 'importSuppressions',
      summary: 'Import a file of suppressions',
      description:
        'Streamed, so files may have any size. Accepts the lists of Amazon SES (`address,BOUNCE`) and Mailgun (`address,code,error,created_at`), and exports of a presend instance with the same ADDRESS_HASH_KEY.',
      requestMediaTypes: {
        'text/csv': 'One entry per row, with or without a header.',
        'application/x-ndjson': 'One JSON object per line.',
      },
      query: {
        source: 'The source of rows without one; "import" by default.',
        reason: 'The reason of rows without one: `bounce`, `complaint`, `unsubscribe` or `manual`.',
      },
      answers: {
        200: ['The numbers of added, updated and rejected rows.', SuppressionImportAnswer],
        415: badBody[415],
        422: ['A query parameter is invalid.'],
      },
    },
    'GET /v1/suppressions/export': {
      scope: 'suppressions:read',
      id: 'exportSuppressions',
      summary: 'Export all suppressions without addresses',
      query: { format: '`csv` (the default) or `ndjson`.' },
      answerMediaTypes: {
        'text/csv': 'address_hash, key_id, reason, status, source, since, expires_at.',
        'application/x-ndjson': 'The same fields, one JSON object per line.',
      },
      answers: {
        200: ['The file.'],
        422: ['The format is invalid.'],
      },
    },
    'POST /v1/suppressions/remove': {
      scope: 'suppressions:write',
      id: 'liftSuppression',
      summary: 'Lift a suppression after new consent',
      description: 'Every lift is recorded. Complaints cannot be lifted.',
      request: SuppressionRemovalRequest,
      example: {
        email: 'john@example.com',
        consent: { kind: 'double_opt_in', at: '2026-11-20T12:00:00Z', evidence: 'confirmation 4711' },
      },
      answers: {
        200: ['`removed` is false if the address was not suppressed.', SuppressionRemovalAnswer],
        ...badBody,
        409: ['The entry was not lifted: it is a complaint, or the consent is older than the entry.'],
      },
    },
  },
};

const longestSource = 100;

const maxListed = 1000;

export const suppressionRoutes = ({ suppressionList, now }: HttpPorts) =>
  new Hono()
    .post('/suppressions', jsonBody(maxValidateBytes, SuppressionRequest), async (c) => {
      const { email, reason, status = null, source = null } = c.req.valid('json');
      const parsed = parseMailbox(email);
      if (!parsed.ok) return notAnAddress(c, parsed.failure);
      const { address } = parsed.mailbox;
      const outcome = await suppressionList.add({ address, reason, status, source });
      const [entry] = await suppressionList.find([address]);
      return c.json(suppressionAnswer(email, entry!), outcome === 'added' ? 201 : 200);
    })
    .get('/suppressions', async (c) => {
      const { cursor, limit } = c.req.query();
      const size = limit === undefined ? undefined : Number(limit);
      if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= maxListed))
        return problem(c, invalidQuery('limit', `must be a whole number from 1 to ${maxListed}`));
      const page = await suppressionList.list({ ...(cursor && { cursor }), ...(size && { limit: size }) });
      if (page.kind === 'bad_cursor')
        return problem(c, invalidQuery('cursor', 'must be the next_cursor of another page'));
      const items = page.entries.map(({ addressHash, keyId, reason, status, source, since }) => ({
        address_hash: addressHash,
        key_id: keyId,
        reason,
        status,
        source,
        since: new Date(since).toISOString(),
      }));
      return c.json({ items, next_cursor: page.next }, 200);
    })
    .post('/suppressions/check', jsonBody(maxBatchBytes, SuppressionCheckRequest), async (c) => {
      const { emails } = c.req.valid('json');
      // Invalid addresses cannot be suppressed.
      const addresses = emails.map((email) => {
        const parsed = parseMailbox(email);
        return parsed.ok ? parsed.mailbox.address : null;
      });
      const distinct = [...new Set(addresses.filter((address) => address !== null))];
      const found = await suppressionList.find(distinct);
      const entries = new Map(distinct.map((address, index) => [address, found[index]!]));
      const results = emails.map((email, index) => {
        const address = addresses[index]!;
        return suppressionAnswer(email, address === null ? null : entries.get(address)!);
      });
      return c.json({ results }, 200);
    })
    .post('/suppressions/remove', jsonBody(maxValidateBytes, SuppressionRemovalRequest), async (c) => {
      const { email, consent } = c.req.valid('json');
      const parsed = parseMailbox(email);
      if (!parsed.ok) return notAnAddress(c, parsed.failure);
      const outcome = await suppressionList.remove({
        address: parsed.mailbox.address,
        consent: { ...consent, at: Date.parse(consent.at) },
      });
      return outcome.kind === 'refused'
        ? problem(c, removalRefused(outcome.why))
        : c.json({ email, removed: outcome.kind === 'removed' }, 200);
    })
    .post('/suppressions/import', async (c) => {
      const format = bodyFormat(c);
      if (format === null) return problem(c, noList);
      const { source = 'import', reason } = c.req.query();
      if (source.length > longestSource)
        return problem(c, invalidQuery('source', `must be at most ${longestSource} characters long`));
      const named = v.safeParse(SuppressionReasonName, reason);
      if (reason !== undefined && !named.success)
        return problem(c, invalidQuery('reason', 'must be bounce, complaint, unsubscribe or manual'));
      const { importSuppressions } = await import('../../suppression/import.ts');
      const request = { format, source, ...(named.success && { reason: named.output }), now: now() };
      try {
        return c.json(await importSuppressions(suppressionList, bodyChunks(c), request), 200);
      } catch (error) {
        if (error instanceof BrokenOff) return problem(c, brokenOff);
        throw error;
      }
    })
    .get('/suppressions/export', async (c) => {
      const { format = 'csv' } = c.req.query();
      if (format !== 'csv' && format !== 'ndjson')
        return problem(c, invalidQuery('format', 'must be csv or ndjson'));
      const { exportSuppressions } = await import('../../suppression/export.ts');
      return c.body(streamOf(exportSuppressions(suppressionList, format)), 200, {
        'content-type': mediaTypes[format],
        'content-disposition': `attachment; filename="suppressions.${format}"`,
        'cache-control': 'no-store',
      });
    });

const suppressionAnswer = (email: string, entry: Suppression | null) =>
  entry === null
    ? { email, suppressed: false }
    : {
        email,
        suppressed: true,
        reason: entry.reason,
        status: entry.status,
        since: new Date(entry.since).toISOString(),
      };

const notAnAddress = (c: Context, { message }: SyntaxFailure): Response =>
  problem(c, invalidRequest([{ pointer: '/email', detail: message }]));

const refusals: Readonly<Record<RemoveRefusal, string>> = {
  complaint: 'The person reported mail as spam. The API cannot lift complaints.',
  consent_not_fresh: 'The consent is older than the entry.',
  consent_in_future: 'The consent is in the future.',
  evidence_missing: 'The consent has no evidence.',
};

const removalRefused = (why: RemoveRefusal): Problem => ({
  type: `removal-refused:${why}`,
  title: 'Suppression not lifted',
  status: 409,
  detail: refusals[why],
});

const noList: Problem = {
  type: 'unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  detail:
    'Send CSV or NDJSON with the header "Content-Type: text/csv" or "Content-Type: application/x-ndjson".',
};
