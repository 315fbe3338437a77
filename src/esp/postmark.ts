// Postmark: bounce, spam complaint, delivery, subscription change, open and click webhooks.
//
// Secrets: `sharedSecrets`. Postmark does not sign its requests. Configure the webhook with HTTP Basic credentials whose
// password is the secret, or with the secret in a custom header X-Webhook-Token.
// https://postmarkapp.com/developer/webhooks/webhooks-overview
// https://postmarkapp.com/developer/api/bounce-api#bounce-types

import {
  autoreply,
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
  policy,
  refused,
  soft,
  subscribed,
  suppressedByHand,
  unknown,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { address, at, firstText, fromIso, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const records: Readonly<Record<string, Meaning>> = {
  Delivery: delivered,
  Open: opened,
  Click: clicked,
  SpamComplaint: complaint,
};

/** Meanings, keyed by `Type` of a bounce or by `SuppressionReason` of a subscription change. Both fields use the same terms. */
const types: Readonly<Record<string, Meaning>> = {
  HardBounce: hard('unknown'),
  Transient: deferred('unknown'),
  Unsubscribe: unsubscribed,
  Subscribe: subscribed,
  AutoResponder: autoreply,
  AddressChange: autoreply,
  ChallengeVerification: autoreply,
  DnsError: deferred('network_error'),
  // A filter refused the message as spam. A SpamComplaint, in contrast, comes from the recipient.
  SpamNotification: policy('spam_content'),
  SpamComplaint: complaint,
  OpenRelayTest: deferred('relay_denied'),
  SoftBounce: soft('unknown'),
  VirusNotification: policy('virus'),
  BadEmailAddress: impossible,
  ManuallyDeactivated: echo,
  ManualSuppression: unsubscribed,
  Unconfirmed: refused('unknown'),
  Blocked: policy('blocked_reputation'),
  DMARCPolicy: refused('authentication_failed'),
  SMTPApiError: failed,
  TemplateRenderingFailed: failed,
  InboundError: unknown,
  Unknown: unknown,
};

export const postmark: EspAdapter = {
  name: 'postmark',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      ID: now,
      Email: sampleRecipient,
      BouncedAt: new Date(now).toISOString(),
    }),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    return isRecord(body) ? { kind: 'reports', reports: [report(body)] } : { kind: 'malformed' };
  },
};

function report(event: Record<string, unknown>): VendorReport {
  const record = text(at(event, 'RecordType'));
  const recipient = address(firstText(at(event, 'Email'), at(event, 'Recipient')));
  const time = firstText(
    at(event, 'BouncedAt'),
    at(event, 'DeliveredAt'),
    at(event, 'ReceivedAt'),
    at(event, 'ChangedAt'),
  );
  const messageId = text(at(event, 'MessageID'));
  const { meaning, type } = read(event, record);
  return {
    // If Postmark suppresses an address after a bounce or a complaint, it sends two records: the bounce or complaint, and a
    // SubscriptionChange. Both have the same message, recipient and type. Only these are in the key, so the two records count
    // as one event.
    key:
      type !== null && messageId !== null
        ? [messageId, recipient, type]
        : [messageId, recipient, record, type, time, text(at(event, 'OriginalLink'))],
    label: [record, type].filter((part) => part !== null).join(' '),
    meaning,
    recipient,
    at: fromIso(time),
    reply: text(at(event, 'Details')),
    note: text(at(event, 'Description')),
    messageId,
    // A suppression at Postmark applies to one message stream: https://postmarkapp.com/developer/api/suppressions-api
    list: text(at(event, 'MessageStream')),
    campaign: text(at(event, 'Tag')),
    source: text(at(event, 'Metadata', 'source')),
    client: { userAgent: text(at(event, 'UserAgent')) },
  };
}

function read(
  event: Record<string, unknown>,
  record: string | null,
): { meaning: Meaning; type: string | null } {
  if (record === 'SubscriptionChange') {
    if (at(event, 'SuppressSending') !== true) return { meaning: subscribed, type: null };
    const type = text(at(event, 'SuppressionReason'));
    const known = meaningOf(types, type, unsubscribed);
    // `Origin` says who caused the change: the recipient by an unsubscribe link, or a customer or Postmark's staff by hand.
    const isByHand = known === unsubscribed && /^(?:customer|admin)$/i.test(text(at(event, 'Origin')) ?? '');
    return { meaning: isByHand ? suppressedByHand : known, type };
  }
  if (record !== 'Bounce' && record !== 'SpamComplaint')
    return { meaning: meaningOf(records, record), type: null };
  const type = firstText(at(event, 'Type'), record === 'SpamComplaint' ? record : null);
  return { meaning: meaningOf(types, type), type };
}
