// Brevo (Sendinblue): transactional and marketing webhooks, one event per request.
//
// Secrets: sharedSecrets. Brevo signs nothing: set the webhook's authentication to Basic or token (Bearer).
// https://developers.brevo.com/docs/transactional-webhooks

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
  // Brevo did not send the message, because the recipient is on its block list.
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
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    // A body with `items` is inbound mail.
    if (!isRecord(body) || at(body, 'items') !== undefined) return { kind: 'malformed' };
    return { kind: 'reports', reports: reportsOf(body) };
  },
};

/**
 * The reports of an event. An addition to lists is one report for each address and list: the sender may have added the
 * contact, so it renews consent only to that list.
 */
function reportsOf(event: unknown): VendorReport[] {
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
    // Brevo has no event id: `id` identifies the webhook.
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
  };
}
