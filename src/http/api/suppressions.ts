// The API of the suppression list.

import * as v from 'valibot';
import { email, maxBatch, nullableString, source, timestamp, tooMany } from './fields.ts';
import { type Area, badBody } from './operation.ts';

export const SuppressionReasonName = v.picklist(['bounce', 'complaint', 'unsubscribe', 'manual']);

const enhancedStatus = v.pipe(
  v.string(),
  v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'Expected an enhanced status such as 5.1.1.'),
  v.description('Enhanced status of the bounce (RFC 3463).'),
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
      at: v.pipe(timestamp, v.description('When consent was given.')),
      evidence: v.pipe(
        v.string(),
        v.minLength(1, 'Expected at least one character.'),
        v.maxLength(1000, 'Expected at most 1000 characters.'),
        v.description('What proves it, such as the id of the confirmation. Not an address.'),
      ),
    }),
    v.description('Fresh consent of the person: the only ground on which an entry is lifted.'),
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
    v.description('Pass it as ?cursor= for the next page; null on the last.'),
  ),
});

export const SuppressionImportAnswer = v.object({
  added: v.number(),
  updated: v.number(),
  unchanged: v.number(),
  rejected: v.pipe(
    v.number(),
    v.description('Rows with a mistake. All are counted, the first 1,000 listed.'),
  ),
  errors: v.array(
    v.object({
      row: v.pipe(v.number(), v.description('From 1, a header included.')),
      column: v.pipe(nullableString, v.description('Null: the row as a whole cannot be read.')),
      message: v.pipe(v.string(), v.description('Never repeats the address.')),
    }),
  ),
});

export const suppressions: Area = {
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
      id: 'suppress',
      summary: 'Put an address on the list',
      request: SuppressionRequest,
      example: { email: 'jane@example.com', reason: 'bounce', status: '5.1.1', source: 'import' },
      answers: {
        200: ['It was on the list already.', SuppressionAnswer],
        201: ['It is on the list.', SuppressionAnswer],
        ...badBody,
      },
    },
    'GET /v1/suppressions': {
      id: 'listSuppressions',
      summary: 'The list, page by page, without addresses',
      query: {
        cursor: 'The `next_cursor` of the page before.',
        limit: 'Entries a page, 1 to 1,000; 100 by default.',
      },
      answers: {
        200: ['One page.', SuppressionListAnswer],
        422: ['The cursor or the limit is not of the form asked for.'],
      },
    },
    'POST /v1/suppressions/check': {
      id: 'checkSuppressions',
      summary: `Which of up to ${maxBatch} addresses are on the list`,
      request: SuppressionCheckRequest,
      example: { emails: ['jane@example.com', 'john@example.com'] },
      answers: { 200: ['One result for each address, in order.', SuppressionCheckAnswer], ...badBody },
    },
    'POST /v1/suppressions/import': {
      id: 'importSuppressions',
      summary: 'Put a file of addresses on the list',
      description:
        'Streamed, of any length. Takes the lists of Amazon SES (`address,BOUNCE`) and Mailgun (`address,code,error,created_at`), and this service’s own export from an instance with the same ADDRESS_HASH_KEY.',
      requestMediaTypes: {
        'text/csv': 'One entry a row, with or without a header.',
        'application/x-ndjson': 'One JSON object a line.',
      },
      query: {
        source: 'Recorded with each entry that names none; "import" by default.',
        reason: 'For rows that name none: `bounce`, `complaint`, `unsubscribe` or `manual`.',
      },
      answers: {
        200: ['What came of the rows.', SuppressionImportAnswer],
        415: badBody[415],
        422: ['A query parameter is not of the form asked for.'],
      },
    },
    'GET /v1/suppressions/export': {
      id: 'exportSuppressions',
      summary: 'The whole list as a file, without addresses',
      query: { format: '`csv` (the default) or `ndjson`.' },
      answerMediaTypes: {
        'text/csv': 'address_hash, key_id, reason, status, source, since, expires_at.',
        'application/x-ndjson': 'The same, one JSON object a line.',
      },
      answers: {
        200: ['The list.'],
        422: ['The format is not one of those.'],
      },
    },
    'POST /v1/suppressions/remove': {
      id: 'liftSuppression',
      summary: 'Lift an entry, on fresh consent',
      description: 'Every removal is recorded. A complaint cannot be lifted.',
      request: SuppressionRemovalRequest,
      example: {
        email: 'john@example.com',
        consent: { kind: 'double_opt_in', at: '2026-11-20T12:00:00Z', evidence: 'confirmation 4711' },
      },
      answers: {
        200: ['`removed` is false where the address was not on the list.', SuppressionRemovalAnswer],
        ...badBody,
        409: ['The entry stands: the person complained, or the consent is not fresh.'],
      },
    },
  },
};
