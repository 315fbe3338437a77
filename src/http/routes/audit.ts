// GET /v1/audit: who did what that lets data out or cannot be undone.

import { Hono } from 'hono';
import * as v from 'valibot';
import {
  type Actor,
  type AuditAction,
  type AuditEntry,
  type AuditFilter,
  actorKinds,
  auditActions,
} from '../../audit/audit.ts';
import { described, momentField, nullableString, timestamp } from '../fields.ts';
import { cursorParameter, integerSchema, oneOfSchema, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, type Problem, problem } from '../problem.ts';

export const AuditAnswer = v.object({
  items: described(
    v.array(
      v.object({
        id: v.string(),
        at: described(momentField, 'When it was done.'),
        actor: described(
          v.picklist(actorKinds),
          'Who did it: the holder of an API key (`key`) or of ADMIN_KEY (`admin_key`), a caller of a service without keys (`no_key`), or the command line.',
        ),
        key_id: described(nullableString, 'The id of the API key; null for other actors.'),
        action: described(v.picklist(auditActions), 'What was done. New actions may be added.'),
        subject: described(
          nullableString,
          'What it was done to: the id of a key or a list, a domain, or the hash of an address (HMAC-SHA-256 with the key ADDRESS_HASH_KEY). Null if it was not done to one of these, such as an export of the suppression list, and for an erasure, because no hash of the address is kept.',
        ),
        amount: described(
          v.nullable(v.number()),
          'How many entries were affected, such as the number of suppressions that were lifted together; null if they were not counted.',
        ),
      }),
    ),
    'The latest first.',
  ),
  next_cursor: described(nullableString, 'Pass it as `cursor` to get the next page; null on the last page.'),
});

const mostOnPage = 1000;

export const auditResource: Resource = {
  tag: 'Audit',
  about: 'Who lifted suppressions, exported, imported or erased data, or changed domains or keys, and when.',
  schemas: { AuditAnswer },
  operations: {
    'GET /v1/audit': {
      scope: 'audit:read',
      id: 'listAudit',
      summary: 'List the actions that exported data or cannot be undone',
      description:
        'Each entry is one action in the API, the console or the command line. Nobody can change an entry; presend deletes it after AUDIT_RETENTION_DAYS. With several parameters, only entries that match all of them are returned.',
      query: {
        action: {
          description: 'Only entries with this action.',
          schema: oneOfSchema(auditActions),
          example: 'suppression_lifted',
        },
        actor: {
          description: 'Only entries with this kind of actor.',
          schema: oneOfSchema(actorKinds),
          example: 'key',
        },
        key_id: { description: 'Only actions with this API key (its id).', example: 'key_b1gM9q0Ki8' },
        subject: {
          description: 'Only actions on this key or list (its id), this domain, or this hash of an address.',
          example: 'example.com',
        },
        from: { description: 'Only actions at this time or later.', example: '2026-11-20' },
        to: { description: 'Only actions before this time.', example: '2026-11-21T12:00:00Z' },
        cursor: cursorParameter('4711'),
        limit: {
          description: `Entries per page, 1 to ${mostOnPage}; 100 by default.`,
          schema: integerSchema(1, mostOnPage, 100),
          example: 20,
          isSent: true,
        },
      },
      answers: {
        200: ['One page.', AuditAnswer],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
  },
};

export type AskedAudit =
  | {
      readonly ok: true;
      readonly filter: AuditFilter;
      readonly before: number | null;
      readonly limit: number;
    }
  | { readonly ok: false; readonly refused: Problem };

/** Reads the query of a request for the audit. An empty parameter counts as absent, because forms send it. */
export function readAuditQuery(query: Readonly<Record<string, string>>): AskedAudit {
  const refuse = (name: string, detail: string): AskedAudit => ({
    ok: false,
    refused: invalidQuery(name, detail),
  });
  const { action, actor, key_id: keyId, subject, cursor } = query;
  if (action && !auditActions.includes(action as AuditAction))
    return refuse('action', `must be one of ${auditActions.join(', ')}`);
  if (actor && !actorKinds.includes(actor as Actor['kind']))
    return refuse('actor', `must be one of ${actorKinds.join(', ')}`);
  for (const name of ['from', 'to'] as const)
    if (query[name] && !v.is(timestamp, query[name]))
      return refuse(name, 'must be a day such as 2026-11-20, or a time such as 2026-11-20T12:00:00Z');
  if (cursor && !/^[1-9]\d{0,14}$/.test(cursor))
    return refuse('cursor', 'must be the next_cursor of the previous page');
  const limit = query['limit'] ? Number(query['limit']) : 100;
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage))
    return refuse('limit', `must be a whole number from 1 to ${mostOnPage}`);
  return {
    ok: true,
    filter: {
      action: (action || undefined) as AuditAction | undefined,
      actor: (actor || undefined) as Actor['kind'] | undefined,
      keyId: keyId || undefined,
      subject: subject || undefined,
      from: query['from'] ? Date.parse(query['from']) : undefined,
      to: query['to'] ? Date.parse(query['to']) : undefined,
    },
    before: cursor ? Number(cursor) : null,
    limit,
  };
}

/** Returns one page of the audit, and the cursor of the next one. */
export async function auditPage(
  { audit }: Pick<HttpPorts, 'audit'>,
  { filter, before, limit }: Extract<AskedAudit, { readonly ok: true }>,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }> {
  // One entry more than requested: if it exists, there is a next page.
  const read = await audit.page(filter, before, limit + 1);
  const entries = read.slice(0, limit);
  return { entries, next: read.length > limit ? String(entries.at(-1)!.id) : null };
}

export const auditRoutes = (ports: Pick<HttpPorts, 'audit'>) =>
  new Hono().get('/audit', async (c) => {
    const asked = readAuditQuery(c.req.query());
    if (!asked.ok) return problem(c, asked.refused);
    const { entries, next } = await auditPage(ports, asked);
    const items = entries.map(({ id, at, actor, action, subject, amount }) => ({
      id: String(id),
      at: new Date(at).toISOString(),
      actor: actor.kind,
      key_id: actor.keyId,
      action,
      subject,
      amount,
    }));
    return c.json({ items, next_cursor: next }, 200);
  });
