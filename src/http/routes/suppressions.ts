// /v1/suppressions: add, check, remove, list.

import { type Context, Hono } from 'hono';
import type { SyntaxFailure } from '../../address/mailbox.ts';
import { parseMailbox } from '../../address/parse.ts';
import type { RemoveRefusal, Suppression } from '../../suppression/suppressions.ts';
import {
  SuppressionCheckRequest,
  SuppressionRemovalRequest,
  SuppressionRequest,
} from '../api/suppressions.ts';
import { jsonBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, invalidRequest, type Problem, problem } from '../problem.ts';
import { maxBatchBytes, maxValidateBytes } from './validate.ts';

const maxListed = 1000;

export const suppressionRoutes = ({ suppressionList }: HttpPorts) =>
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
        return problem(c, invalidQuery('limit', `Expected a whole number from 1 to ${maxListed}.`));
      const page = await suppressionList.list({ ...(cursor && { cursor }), ...(size && { limit: size }) });
      if (page.kind === 'bad_cursor')
        return problem(c, invalidQuery('cursor', 'Expected the next_cursor of another page.'));
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
      // A text that is no mailbox cannot be on the list, since it could not be put there.
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
  complaint: 'The person reported mail as abuse. Consent sent through the API does not undo that.',
  consent_not_fresh: 'The consent is older than the entry.',
  consent_in_future: 'The consent lies in the future.',
  evidence_missing: 'The consent comes without evidence.',
};

const removalRefused = (why: RemoveRefusal): Problem => ({
  type: `removal-refused:${why}`,
  title: 'The entry stands',
  status: 409,
  detail: refusals[why],
});
