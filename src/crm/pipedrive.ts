// Pipedrive webhooks v2. Each request has one person.
//
// Secret: SHARED_SECRETS, the webhook's HTTP Basic password. Pipedrive does not sign requests. It waits 10 seconds for a
// reply, retries three times, and bans an endpoint for half an hour after ten consecutive failures.
// https://pipedrive.readme.io/docs/guide-for-webhooks-v2
// Confirmed by that page and by published samples: HTTP Basic, and the fields meta.action (create, change, delete),
// meta.entity and data. Assumed, not confirmed: `emails` with `value` and `primary`, meta.id, the timing.

import { at, firstText, isRecord, list, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { CrmAdapter, ParsedHook } from './crm-adapter.ts';
import { plainReply } from './replies.ts';

export const pipedrive: CrmAdapter = {
  name: 'pipedrive',
  settings: ['SHARED_SECRETS'],
  answerWithinMs: 8000,
  maxBytes: 1024 * 1024,
  sample: ({ sharedSecrets }, { now }) =>
    secretSample(sharedSecrets, {
      meta: { action: 'create', entity: 'person', entity_id: '1', id: `sample-${now}` },
      data: { id: 1, emails: [{ label: 'work', value: sampleRecipient, primary: true }] },
    }),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedHook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const person = at(body, 'data');
    const id = text(at(body, 'meta', 'entity_id')) ?? text(at(person, 'id'));
    const isPerson =
      at(body, 'meta', 'entity') === 'person' && at(body, 'meta', 'action') !== 'delete' && isRecord(person);
    if (!isPerson || id === null) return { kind: 'records', records: [] };
    return {
      kind: 'records',
      records: [{ id, email: primaryEmail(person), event: text(at(body, 'meta', 'id')) }],
    };
  },
  reply: plainReply,
};

/** The primary address of a person, else the first non-empty one. The field is `emails` in API v2 and `email` in v1. */
function primaryEmail(person: unknown): string | null {
  const emails = [...list(at(person, 'emails')), ...list(at(person, 'email'))];
  const primary = emails.filter((email) => at(email, 'primary') === true);
  return firstText(...[...primary, ...emails].map((email) => at(email, 'value')));
}
