// /v1/suppressions: add, check, lift, list, import and export entries of the suppression list.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { AuditAction } from '../../audit/audit.ts';
import { enhancedStatusPattern } from '../../bounce/bounce.ts';
import { recipientAddress, recipientRefusal } from '../../suppression/recipient.ts';
import {
  defaultScope,
  mailQuestion,
  parseScope,
  type SuppressionScope,
  suppressionReasons,
} from '../../suppression/scope.ts';
import {
  type Incident,
  isFoundByEvents,
  type RemoveRefusal,
  type Suppression,
  type SuppressionMatch,
} from '../../suppression/suppressions.ts';
import {
  countField,
  emailField,
  maxBatch,
  maxBatchBytes,
  maxValidateBytes,
  momentField,
  nullableString,
  source,
  timestamp,
  tooMany,
  validEmail,
} from '../fields.ts';
import { mailQuestionFields } from '../mail-question.ts';
import { bodyChunks, bodyEnded, bodyFormat, mediaTypes, RequestAborted, streamOf } from '../media.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { UploadTooSlow } from '../middleware/upload-pace.ts';
import {
  badBody,
  cursorParameter,
  integerSchema,
  oneOfSchema,
  type Resource,
  refusal,
  slowUpload,
} from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, invalidRequest, type Problem, problem } from '../problem.ts';

export const SuppressionReasonName = v.picklist(suppressionReasons);

const enhancedStatus = v.pipe(
  v.string(),
  v.regex(enhancedStatusPattern, 'must be an enhanced status code such as 5.1.1'),
  v.description('Enhanced status code of the bounce (RFC 3463).'),
);

export const SuppressionScopeName = v.pipe(
  v.string(),
  v.check(
    (text) => parseScope(text) !== null,
    'must be all, marketing or list:NAME, where NAME has 1 to 100 characters without @ or control characters',
  ),
  v.description(
    'The mail that the entry stops: `all`, `marketing`, or the list `list:NAME`. Default: `marketing` for an unsubscribe, `all` otherwise.',
  ),
  v.examples(['marketing', 'list:news']),
);

export const SuppressionRequest = v.object({
  email: validEmail,
  reason: SuppressionReasonName,
  scope: v.optional(SuppressionScopeName),
  status: v.optional(v.nullable(enhancedStatus)),
  source: v.optional(v.nullable(source)),
});

export const SuppressionCheckRequest = v.object({
  emails: v.pipe(
    v.array(
      emailField(
        'The address to look up. A text without an address, or with several, counts as not suppressed.',
      ),
    ),
    v.maxLength(maxBatch, tooMany),
  ),
  ...mailQuestionFields,
});

export const SuppressionRemovalRequest = v.object({
  email: validEmail,
  scope: v.optional(
    v.pipe(
      SuppressionScopeName,
      v.description('Lifts only the entry with this scope. Default: every entry of the address.'),
    ),
  ),
  consent: v.pipe(
    v.object({
      kind: v.picklist(['double_opt_in']),
      at: v.pipe(timestamp, v.description('When the person gave consent.')),
      evidence: v.pipe(
        v.string(),
        v.minLength(1, 'must not be empty'),
        v.maxLength(1000, 'must be at most 1,000 characters long'),
        v.description(
          'Where the consent is recorded, such as the id of the confirmation. Do not use an e-mail address.',
        ),
      ),
    }),
    v.description('New consent of the person. It must not be older than the entry.'),
  ),
});

export const SuppressionAnswer = v.object({
  email: v.string(),
  suppressed: v.pipe(
    v.boolean(),
    v.description(
      'True if an entry stops mail with the requested purpose and list; always true in the response to POST /v1/suppressions.',
    ),
  ),
  scope: v.optional(
    v.pipe(v.string(), v.description('The mail that the entry is about: `all`, `marketing` or `list:NAME`.')),
  ),
  effect: v.optional(
    v.pipe(
      v.picklist(['block', 'confirm', 'inform']),
      v.description(
        'The effect on mail with the requested purpose and list: `block` stops it, `confirm` allows only a message that asks the person to confirm, `inform` does not stop it.',
      ),
    ),
  ),
  reason: v.optional(SuppressionReasonName),
  status: v.optional(nullableString),
  since: v.optional(momentField),
});

export const SuppressionCheckAnswer = v.object({ results: v.array(SuppressionAnswer) });

export const SuppressionRemovalAnswer = v.object({ email: v.string(), removed: v.boolean() });

export const SuppressionListAnswer = v.object({
  items: v.array(
    v.object({
      address_hash: v.pipe(
        v.string(),
        v.description('HMAC-SHA-256 of the address with the key ADDRESS_HASH_KEY, in hexadecimal.'),
      ),
      key_id: v.string(),
      scope: v.string(),
      reason: SuppressionReasonName,
      status: nullableString,
      source: nullableString,
      since: momentField,
    }),
  ),
  next_cursor: v.pipe(
    nullableString,
    v.description('Pass it as ?cursor= to get the next page; null on the last page.'),
  ),
});

export const IncidentLiftRequest = v.object({
  from: v.pipe(timestamp, v.description('Lifts only entries whose `since` is this time or later.')),
  to: v.pipe(timestamp, v.description('Lifts only entries whose `since` is before this time.')),
  provider: v.optional(
    v.pipe(
      v.string(),
      v.description('Lifts only entries whose bounce was at this mailbox provider, such as `gmail`.'),
    ),
  ),
  mail_host: v.optional(
    v.pipe(
      v.string(),
      v.toLowerCase(),
      v.description(
        'Lifts only entries whose bounce was at a domain with this mail host: the registrable domain of its first MX host, such as `google.com` or `outlook.com`.',
      ),
    ),
  ),
  source: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Lifts only entries of addresses that were collected from this source, such as `footer-form`.',
      ),
    ),
  ),
  campaign: v.optional(
    v.pipe(v.string(), v.description('Lifts only entries whose bounce was of a message of this campaign.')),
  ),
  status: v.optional(
    v.pipe(
      enhancedStatus,
      v.description(
        'Lifts only entries whose bounce had this enhanced status code (RFC 3463), such as 5.1.1.',
      ),
    ),
  ),
  dry_run: v.optional(
    v.pipe(
      v.boolean(),
      v.description('If true, the matching entries are counted but not lifted. Default: false.'),
    ),
  ),
});

export const IncidentLiftAnswer = v.object({
  matched: v.pipe(countField, v.description('Number of bounce entries that match the request.')),
  lifted: v.pipe(countField, v.description('Number of entries that were lifted; 0 if `dry_run` is true.')),
  dry_run: v.boolean(),
  events_from: v.pipe(
    v.nullable(v.string()),
    v.description(
      'Null if the whole period was searched. Otherwise the search began only at this time, because older delivery events are in files (EVENT_HOT_DAYS). This happens only if the request has a `provider`, `mail_host`, `source` or `campaign`, because presend looks these up in the delivery events.',
    ),
  ),
});

export const SuppressionImportAnswer = v.object({
  added: countField,
  updated: countField,
  unchanged: countField,
  rejected: v.pipe(
    countField,
    v.description(
      'Number of rows that were not imported: the row is invalid, or its bounce is of a kind that does not suppress an address. `errors` says why, for the first 1,000 of these rows.',
    ),
  ),
  errors: v.array(
    v.object({
      row: v.pipe(
        countField,
        v.description('Number of the row in the file. The first row is 1, even if it is a header.'),
      ),
      column: v.pipe(
        nullableString,
        v.description(
          'The column with the error, such as `address`, `reason` or `date`, whatever its name in the file. Null if the whole row is unreadable.',
        ),
      ),
      message: v.pipe(
        v.string(),
        v.description('What is wrong with the row. It never contains the address.'),
      ),
    }),
  ),
});

const longestSource = 100;

const maxListed = 1000;

export const suppressionsResource: Resource = {
  tag: 'Suppression list',
  about: 'Addresses that must not get mail, or not mail of some kinds.',
  schemas: {
    SuppressionReason: SuppressionReasonName,
    SuppressionRequest,
    SuppressionAnswer,
    SuppressionCheckRequest,
    SuppressionCheckAnswer,
    SuppressionRemovalRequest,
    SuppressionRemovalAnswer,
    SuppressionListAnswer,
    IncidentLiftRequest,
    IncidentLiftAnswer,
    SuppressionImportAnswer,
  },
  operations: {
    'POST /v1/suppressions': {
      scope: 'suppressions:write',
      id: 'suppress',
      summary: 'Suppress an address',
      description:
        'An entry stops the mail of its scope to this mailbox, in every spelling of the address. An address has at most one entry for each scope.',
      request: SuppressionRequest,
      example: { email: 'jane@example.com', reason: 'bounce', status: '5.1.1', source: 'import' },
      answers: {
        200: ['The address already had an entry with this scope.', SuppressionAnswer],
        201: ['The address is now suppressed.', SuppressionAnswer],
        ...badBody,
      },
    },
    'GET /v1/suppressions': {
      scope: 'suppressions:read',
      id: 'listSuppressions',
      summary: 'List the suppression entries, with hashes instead of addresses',
      description:
        'presend stores no addresses, only their hashes. To look up an address, use `POST /v1/suppressions/check`.',
      query: {
        cursor: cursorParameter('b5c1'),
        limit: {
          description: 'Entries per page, 1 to 1,000; 100 by default.',
          schema: integerSchema(1, maxListed, 100),
          example: 20,
          isSent: true,
        },
      },
      answers: {
        200: ['One page.', SuppressionListAnswer],
        422: refusal('The query parameter `cursor` or `limit` is invalid.', 'invalid-request'),
      },
    },
    'POST /v1/suppressions/check': {
      scope: 'suppressions:read',
      id: 'checkSuppressions',
      summary: `Check whether up to ${maxBatch} addresses are suppressed`,
      description: 'Looks up the addresses for mail of the given purpose and list. Does not use DNS.',
      request: SuppressionCheckRequest,
      example: { emails: ['jane@example.com', 'john@example.com'] },
      answers: { 200: ['One result per address, in order.', SuppressionCheckAnswer], ...badBody },
    },
    'POST /v1/suppressions/import': {
      scope: 'suppressions:write',
      id: 'importSuppressions',
      summary: 'Import a file of suppressions',
      description:
        'Files may have any size, because they are read as a stream. Accepts the suppression lists of email service providers, such as Amazon SES (`address,BOUNCE`) and Mailgun (`address,code,error,created_at`), and exports of a presend instance with the same ADDRESS_HASH_KEY.',
      requestMediaTypes: {
        'text/csv': {
          description: 'One entry per row, with or without a header.',
          example: 'address,code,error,created_at\njane@example.com,550,No such user,2026-08-01T12:00:00Z\n',
        },
        'application/x-ndjson': {
          description: 'One JSON object per line.',
          example: '{"email": "jane@example.com", "reason": "bounce", "status": "5.1.1"}\n',
        },
        'application/json': {
          description:
            'An array of objects, also inside an object, as the APIs of providers answer with, or one JSON object per line.',
          example: '[{"email": "jane@example.com", "reason": "bounce", "status": "5.1.1"}]',
        },
      },
      query: {
        source: {
          description:
            'The source that is stored with the entries, such as "mailgun"; "import" by default. Rows that a presend instance exported keep their own source.',
          schema: { type: 'string', maxLength: longestSource, default: 'import' },
          example: 'mailgun',
          isSent: true,
        },
        reason: {
          description:
            'The reason for rows that have none: `bounce`, `complaint`, `unsubscribe` or `manual`.',
          schema: oneOfSchema(suppressionReasons),
          example: 'bounce',
          isSent: true,
        },
      },
      answers: {
        200: ['The numbers of added, updated, unchanged and rejected rows.', SuppressionImportAnswer],
        400: refusal('The connection closed before the end of the body.', 'broken-off'),
        408: slowUpload,
        415: badBody[415],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
    'GET /v1/suppressions/export': {
      scope: 'suppressions:read',
      id: 'exportSuppressions',
      summary: 'Export all suppression entries, with hashes instead of addresses',
      description: 'Another presend instance with the same ADDRESS_HASH_KEY can import the file.',
      query: {
        format: {
          description: '`csv` (the default) or `ndjson`.',
          schema: oneOfSchema(['csv', 'ndjson'], 'csv'),
          example: 'ndjson',
        },
      },
      answerMediaTypes: {
        'text/csv': 'address_hash, key_id, reason, status, source, since, expires_at, scope, person_hash.',
        'application/x-ndjson': 'The same fields, one JSON object per line.',
      },
      answers: {
        200: ['The file.'],
        422: refusal('The format is invalid.', 'invalid-request'),
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
        409: refusal(
          'The entry was not lifted: it is a complaint, or the consent is older than the entry, in the future or without evidence.',
          'removal-refused:complaint',
          'removal-refused:consent_not_fresh',
          'removal-refused:consent_in_future',
          'removal-refused:evidence_missing',
        ),
      },
    },
    'POST /v1/suppressions/lift': {
      scope: 'suppressions:write',
      id: 'liftIncident',
      summary: 'Lift the suppressions that a fault of a mailbox provider caused',
      description:
        'Use this call if a mailbox provider refused mail to working mailboxes for some time. It removes only suppression entries with the reason `bounce`, and records each removal. `provider`, `mail_host`, `source` and `campaign` are looked up in the delivery events of the last days (EVENT_HOT_DAYS).',
      request: IncidentLiftRequest,
      example: {
        from: '2026-11-20T12:00:00Z',
        to: '2026-11-20T18:00:00Z',
        provider: 'gmail',
        dry_run: true,
      },
      answers: { 200: ['The numbers of matching and lifted entries.', IncidentLiftAnswer], ...badBody },
    },
  },
};

export const suppressionRoutes = ({ suppressionList, eventsFrom, audit, now }: HttpPorts) => {
  const note = (action: AuditAction, c: Context<{ Variables: CallerVariables }>, amount: number | null) =>
    audit.add({ at: now(), actor: actorOf(c.get('caller')), action, subject: null, amount });

  return new Hono<{ Variables: CallerVariables }>()
    .post('/suppressions', jsonBody(maxValidateBytes, SuppressionRequest), async (c) => {
      const { email, reason, status = null, source = null, ...request } = c.req.valid('json');
      const address = recipientAddress(email);
      if (address === null) return notAnAddress(c, email);
      const scope = scopeOf(request.scope) ?? defaultScope(reason);
      const outcome = await suppressionList.add({ address, scope, reason, status, source });
      const entry = (await suppressionList.entriesOf(address)).find((one) => one.scope === scope)!;
      return c.json({ email, suppressed: true, ...described(entry) }, outcome === 'added' ? 201 : 200);
    })
    .get('/suppressions', async (c) => {
      const { cursor, limit } = c.req.query();
      const size = limit === undefined ? undefined : Number(limit);
      if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= maxListed))
        return problem(c, invalidQuery('limit', `must be a whole number from 1 to ${maxListed}`));
      const page = await suppressionList.list({ ...(cursor && { cursor }), ...(size && { limit: size }) });
      if (page.kind === 'bad_cursor')
        return problem(c, invalidQuery('cursor', 'must be the next_cursor of the previous page'));
      const items = page.entries.map(({ addressHash, keyId, scope, reason, status, source, since }) => ({
        address_hash: addressHash,
        key_id: keyId,
        scope,
        reason,
        status,
        source,
        since: new Date(since).toISOString(),
      }));
      return c.json({ items, next_cursor: page.next }, 200);
    })
    .post('/suppressions/check', jsonBody(maxBatchBytes, SuppressionCheckRequest), async (c) => {
      const { emails, purpose, list } = c.req.valid('json');
      const addresses = emails.map(recipientAddress);
      const distinct = [...new Set(addresses.filter((address) => address !== null))];
      const found = await suppressionList.find(distinct, mailQuestion({ purpose, list }));
      const entries = new Map(distinct.map((address, index) => [address, found[index]!]));
      const results = emails.map((email, index) => {
        const address = addresses[index]!;
        return suppressionAnswer(email, address === null ? null : entries.get(address)!);
      });
      return c.json({ results }, 200);
    })
    .post('/suppressions/remove', jsonBody(maxValidateBytes, SuppressionRemovalRequest), async (c) => {
      const { email, consent, ...request } = c.req.valid('json');
      const address = recipientAddress(email);
      if (address === null) return notAnAddress(c, email);
      const scope = scopeOf(request.scope);
      const outcome = await suppressionList.remove({
        address,
        ...(scope && { scope }),
        consent: { ...consent, at: Date.parse(consent.at) },
        by: actorOf(c.get('caller')),
      });
      return outcome.kind === 'refused'
        ? problem(c, removalRefused(outcome.why))
        : c.json({ email, removed: outcome.kind === 'removed' }, 200);
    })
    .post('/suppressions/lift', jsonBody(maxValidateBytes, IncidentLiftRequest), async (c) => {
      const { from, to, mail_host: mailHost, dry_run: isDryRun = false, ...properties } = c.req.valid('json');
      const incident: Incident = { from: Date.parse(from), to: Date.parse(to), mailHost, ...properties };
      if (incident.from >= incident.to)
        return problem(c, invalidRequest([{ pointer: '/to', detail: 'to must be later than "from"' }]));
      const matched = await suppressionList.countIncident(incident);
      const lifted = isDryRun ? 0 : await suppressionList.liftIncident(incident, actorOf(c.get('caller')));
      const eventsSince = isFoundByEvents(incident) ? eventsFrom() : null;
      return c.json(
        {
          matched: Math.max(matched, lifted),
          lifted,
          dry_run: isDryRun,
          events_from:
            eventsSince !== null && incident.from < eventsSince ? new Date(eventsSince).toISOString() : null,
        },
        200,
      );
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
        const report = await importSuppressions(suppressionList, bodyChunks(c), request);
        await note('suppressions_imported', c, report.added + report.updated);
        return c.json(report, 200);
      } catch (error) {
        // What arrived before is imported.
        await note('suppressions_imported', c, null);
        if (error instanceof RequestAborted || error instanceof UploadTooSlow) return bodyEnded(c, error);
        throw error;
      }
    })
    .get('/suppressions/export', async (c) => {
      const { format = 'csv' } = c.req.query();
      if (format !== 'csv' && format !== 'ndjson')
        return problem(c, invalidQuery('format', 'must be csv or ndjson'));
      const { exportSuppressions } = await import('../../suppression/export.ts');
      await note('suppressions_exported', c, null);
      return c.body(streamOf(exportSuppressions(suppressionList, format)), 200, {
        'content-type': mediaTypes[format],
        'content-disposition': `attachment; filename="suppressions.${format}"`,
        'cache-control': 'no-store',
      });
    });
};

const scopeOf = (text: string | undefined): SuppressionScope | null =>
  text === undefined ? null : parseScope(text);

const described = ({ scope, reason, status, since }: Suppression) => ({
  scope,
  reason,
  status,
  since: new Date(since).toISOString(),
});

const suppressionAnswer = (email: string, entry: SuppressionMatch | null) =>
  entry === null
    ? { email, suppressed: false }
    : { email, suppressed: entry.effect === 'block', effect: entry.effect, ...described(entry) };

/** Returns the 422 response for an `email` in which `recipientAddress` finds no address. */
const notAnAddress = (c: Context, email: string): Response =>
  problem(c, invalidRequest([{ pointer: '/email', detail: recipientRefusal(email) }]));

const refusals: Readonly<Record<RemoveRefusal, string>> = {
  complaint: 'The person reported mail as spam. Such a suppression is never lifted. Do not mail this person.',
  consent_not_fresh: 'The consent is older than the suppression entry. Ask the person for new consent.',
  consent_in_future:
    'The date of the consent is in the future. Send the time at which the person gave consent.',
  evidence_missing:
    'The consent has no evidence. State where it is recorded, such as the id of the confirmation.',
};

export const removalRefused = (why: RemoveRefusal): Problem => ({
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
    'Send CSV or JSON with the header "Content-Type: text/csv", "Content-Type: application/x-ndjson" or "Content-Type: application/json".',
};
