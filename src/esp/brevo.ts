// Adapter for Brevo (formerly Sendinblue). It reads transactional and marketing webhooks, with one event per request or, if the
// webhook is set to `batched`, with a list of up to 500.
//
// Setting: `sharedSecrets`. Brevo does not sign its requests, so set the authentication of the webhook to Basic or token
// (Bearer).
// https://developers.brevo.com/docs/transactional-webhooks
// https://developers.brevo.com/docs/batch-webhooks

import {
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  failed,
  hard,
  impossible,
  type Meaning,
  meaningOf,
  opened,
  queued,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import {
  address,
  at,
  firstText,
  fromMilliseconds,
  fromSeconds,
  isRecord,
  nested,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  request: queued,
  sent: queued,
  delivered,
  deferred: deferred('unknown'),
  hard_bounce: hard('unknown'),
  soft_bounce: soft('unknown'),
  invalid_email: impossible,
  invalid: impossible,
  // Brevo did not send the message, because the recipient is on Brevo's block list.
  blocked: echo,
  error: failed,
  spam: complaint,
  complaint,
  unsubscribe: unsubscribed,
  unsubscribed,
  list_addition: subscribed,
  opened,
  unique_opened: opened,
  proxy_open: opened,
  unique_proxy_open: opened,
  click: clicked,
};

export const brevo: EspAdapter = {
  name: 'brevo',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, {
      event: 'hard_bounce',
      email: sampleRecipient,
      'message-id': `<sample-${now}@presend.test>`,
      ts_epoch: now,
    }),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (Array.isArray(body)) return { kind: 'reports', reports: body.filter(isRecord).flatMap(reportsOf) };
    // A body with `items` is an inbound e-mail, not an event.
    if (!isRecord(body) || at(body, 'items') !== undefined) return { kind: 'malformed' };
    return { kind: 'reports', reports: reportsOf(body) };
  },
};

/**
 * Returns the reports of an event: a single report, or for `list_addition` one for each address and each list. A report of
 * `list_addition` names the list, so it ends only an unsubscribe from this list. It does not end an unsubscribe from all
 * marketing mail, because it may have been the sender who added the contact to the list.
 */
function reportsOf(event: unknown): VendorReport[] {
  // `contact_updated` and `contact_deleted` say nothing about mail.
  if (text(at(event, 'event'))?.startsWith('contact_')) return [];
  if (at(event, 'event') !== 'list_addition') return [report(event)];
  const ids = at(event, 'list_id');
  const emails = at(event, 'email');
  return (Array.isArray(emails) ? emails : [emails]).flatMap((email) =>
    (Array.isArray(ids) ? ids : [ids]).flatMap((id): VendorReport[] => {
      const list = text(id);
      if (list === null) return [];
      const one = report({ ...(event as object), email });
      return [{ ...one, key: [...one.key, list], list }];
    }),
  );
}

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const recipient = address(at(event, 'email'));
  const messageId = text(at(event, 'message-id'));
  const epoch = text(at(event, 'ts_epoch'));
  const seconds = firstText(at(event, 'ts_event'), at(event, 'ts'));
  return {
    // Brevo's events have no id of their own: the field `id` identifies the webhook. So the key consists of several fields.
    key: [word, messageId, recipient, epoch ?? seconds ?? text(at(event, 'date')), text(at(event, 'link'))],
    label: word ?? '',
    meaning: meaningOf(events, word),
    recipient,
    at: fromMilliseconds(epoch) ?? fromSeconds(seconds),
    reply: text(at(event, 'reason')),
    note: null,
    messageId,
    campaign: firstText(
      at(event, 'campaign name'),
      at(event, 'tags', 0),
      at(event, 'tag', 0),
      at(event, 'tag'),
    ),
    source: text(at(nested(at(event, 'X-Mailin-custom')), 'source')),
    // Brevo reports opens by proxies, such as Apple's Mail Privacy Protection, as events of their own.
    client: {
      machine: /opened$/.test(word ?? '') ? false : /proxy_open$/.test(word ?? '') ? true : null,
      userAgent: text(at(event, 'user_agent')),
    },
  };
}
