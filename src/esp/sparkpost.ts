// SparkPost: message, generation, engagement and unsubscribe events, in batches.
//
// Secrets: `sharedSecrets`. SparkPost does not sign its requests. Set the webhook's authentication to Basic, with the secret as
// the password, or to OAuth 2.0, with the secret as the bearer token.
// https://developers.sparkpost.com/api/webhooks/
// https://support.sparkpost.com/docs/deliverability/bounce-classification-codes

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  failed,
  hard,
  type Meaning,
  meaningOf,
  opened,
  otherFeedback,
  policy,
  queued,
  refused,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import {
  address,
  at,
  firstText,
  flag,
  fromIso,
  fromSeconds,
  isRecord,
  list,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  injection: queued,
  delivery: delivered,
  delay: deferred('unknown'),
  spam_complaint: complaint,
  open: opened,
  initial_open: opened,
  amp_open: opened,
  amp_initial_open: opened,
  click: clicked,
  amp_click: clicked,
  generation_failure: failed,
  generation_rejection: refused('unknown'),
  policy_rejection: refused('unknown'),
  list_unsubscribe: unsubscribed,
  link_unsubscribe: unsubscribed,
};

/** Meanings of bounces (`bounce` during the SMTP session, `out_of_band` after it), keyed by `bounce_class`. */
const bounces: Readonly<Record<string, Meaning>> = {
  1: soft('unknown'),
  10: hard('mailbox_unknown'),
  20: soft('unknown'),
  21: soft('network_error'),
  22: soft('mailbox_full'),
  23: soft('message_too_large'),
  24: soft('expired'),
  25: refused('unknown'),
  // "Smart Send Suppression": SparkPost's own policy stopped the message, so no delivery was attempted.
  26: echo,
  30: hard('unknown'),
  40: soft('unknown'),
  50: policy('blocked_reputation'),
  51: policy('blocked_reputation'),
  52: policy('spam_content'),
  53: policy('content_refused'),
  54: policy('relay_denied'),
  60: autoreply,
  70: soft('unknown'),
  80: subscribed,
  90: unsubscribed,
  100: autoreply,
};

const otherFamilies = new Set(['relay_message', 'relay_event', 'ab_test_event', 'ingest_event']);

/** Matches the text of an event if SparkPost's own suppression list stopped the message. No other field says so. */
const suppressed = /\bsuppress(ed|ion)\b/i;

export const sparkpost: EspAdapter = {
  name: 'sparkpost',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, [
      {
        msys: {
          message_event: {
            type: 'bounce',
            bounce_class: '10',
            rcpt_to: sampleRecipient,
            event_id: `sample-${now}`,
            timestamp: String(Math.floor(now / 1000)),
          },
        },
      },
    ]),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!Array.isArray(body)) return { kind: 'malformed' };
    // Skip {"msys": {}}, which is a ping, and families that are not about mail to a recipient, such as inbound mail.
    const events = list(body).flatMap((entry) =>
      Object.entries(at(entry, 'msys') ?? {})
        .filter(([family, event]) => !otherFamilies.has(family) && isRecord(event))
        .map(([, event]) => event),
    );
    return { kind: 'reports', reports: events.map(report) };
  },
};

function report(event: unknown): VendorReport {
  const type = text(at(event, 'type'));
  const bounceClass = text(at(event, 'bounce_class'));
  const words = firstText(at(event, 'raw_reason'), at(event, 'reason'));
  const recipient = address(firstText(at(event, 'raw_rcpt_to'), at(event, 'rcpt_to')));
  const time = text(at(event, 'timestamp'));
  const id = text(at(event, 'event_id'));
  const messageId = firstText(at(event, 'message_id'), at(event, 'transmission_id'));
  const told = meaning(type, bounceClass, words ?? '');
  const feedback = type === 'spam_complaint' ? text(at(event, 'fbtype')) : null;
  return {
    key: id === null ? [type, messageId, recipient, time] : [id],
    label: [type, bounceClass].filter((part) => part !== null).join(' '),
    meaning: meaningOf(otherFeedback, feedback?.toLowerCase() ?? null, told),
    recipient,
    at: fromSeconds(time) ?? fromIso(time),
    reply: words,
    note: null,
    messageId,
    // SparkPost has no lists. The sender can name one in the metadata of the recipient.
    list: text(at(event, 'rcpt_meta', 'list')),
    campaign: text(at(event, 'campaign_id')),
    source: text(at(event, 'rcpt_meta', 'source')),
    // `is_prefetched`: Apple's Mail Privacy Protection or Gmail's prefetch. `is_proxy` is also true for readers at Gmail.
    // https://bird.com/en-us/blog/gmail-prefetching-images
    client: {
      machine: flag(at(event, 'user_agent_parsed', 'is_prefetched') ?? at(event, 'is_prefetched')),
      userAgent: text(at(event, 'user_agent')),
    },
  };
}

function meaning(type: string | null, bounceClass: string | null, words: string): Meaning {
  const own =
    type === 'bounce' || type === 'out_of_band'
      ? meaningOf(bounces, bounceClass, soft('unknown'))
      : meaningOf(events, type);
  return own.kind === 'rejected' && suppressed.test(words) ? echo : own;
}
