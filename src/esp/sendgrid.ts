// Twilio SendGrid: the signed event webhook.
//
// Secrets: `signingKeys` holds the verification key from the settings of the webhook (base64 of a P-256 public key). The
// signature is ECDSA over the timestamp followed by the body.
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features

import {
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  hard,
  impossible,
  type Meaning,
  meaningOf,
  opened,
  policy,
  queued,
  refused,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, concat, fromBase64, isPublicKeySignature } from '../webhooks/crypto.ts';
import {
  address,
  at,
  firstText,
  flag,
  fromSeconds,
  list,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import { publicKeyDer, publicKeyFormat } from '../webhooks/key-format.ts';
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { isWithin, refuse, retryWindow, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  processed: queued,
  delivered,
  deferred: deferred('unknown'),
  open: opened,
  click: clicked,
  spamreport: complaint,
  unsubscribe: unsubscribed,
  group_unsubscribe: unsubscribed,
  group_resubscribe: subscribed,
};

/** Meanings of `bounce` events, keyed by the field `type`. `blocked`: a refusal that says nothing about the mailbox. */
const bounces: Readonly<Record<string, Meaning>> = {
  bounce: hard('unknown'),
  blocked: policy('policy_refused'),
  expired: soft('expired'),
};

/**
 * Meanings of `bounce` events, keyed by the field `bounce_classification` in lower case. It says what kind of failure SendGrid
 * saw. The `type` `bounce` says only that SendGrid put the address on its bounce list. Such events are hard only if the
 * classification is `invalid address`, missing or unknown.
 * https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/bounce-and-block-classifications
 */
const classifications: Readonly<Record<string, Meaning>> = {
  'invalid address': hard('mailbox_unknown'),
  content: policy('spam_content'),
  reputation: policy('blocked_reputation'),
  'frequency or volume too high': soft('rate_limited'),
  'frequency/volume': soft('rate_limited'),
  'mailbox unavailable': soft('system_error'),
  technical: soft('system_error'),
  unclassified: soft('unknown'),
};

/** Meanings of `dropped` events, keyed by the field `reason` in lower case or, if the map does not have it, by `type`. */
const drops: Readonly<Record<string, Meaning>> = {
  'bounced address': echo,
  bounce: echo,
  bounced: echo,
  'unsubscribed address': echo,
  'spam reporting address': echo,
  invalid: impossible,
  'invalid smtpapi header': refused('protocol_error'),
  'spam content (if spam checker app is enabled)': refused('spam_content'),
  'spam content': refused('spam_content'),
  'recipient list over package quota': refused('unknown'),
  blocked: refused('unknown'),
  expired: { ...soft('expired'), kind: 'rejected' },
};

export const sendgrid: EspAdapter = {
  name: 'sendgrid',
  settings: ['SIGNING_KEYS'],
  signingKey: publicKeyFormat('ec'),
  sample: (_, now) =>
    unsignedSample([
      {
        event: 'bounce',
        type: 'bounce',
        bounce_classification: 'Invalid Address',
        email: sampleRecipient,
        sg_event_id: `sample-${now}`,
        timestamp: Math.floor(now / 1000),
      },
    ]),

  async verify(request, { signingKeys = [] }): Promise<Verification> {
    const written = request.headers.get('x-twilio-email-event-webhook-signature');
    const timestamp = request.headers.get('x-twilio-email-event-webhook-timestamp');
    if (written === null || timestamp === null) return refuse('signature_missing');
    if (!isWithin(retryWindow, fromSeconds(timestamp), request.now))
      return refuse('timestamp_outside_window');
    const signature = fromBase64(written);
    if (signature === null) return refuse('signature_wrong');
    const data = concat(bytesOf(timestamp), request.body);
    for (const key of signingKeys) {
      const spki = publicKeyDer(key);
      if (spki !== null && isPublicKeySignature('SHA-256', spki, signature, data)) return verified;
    }
    return refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    return Array.isArray(body) ? { kind: 'reports', reports: body.map(report) } : { kind: 'malformed' };
  },
};

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const type = text(at(event, 'type'));
  const reason = text(at(event, 'reason'));
  const recipient = address(at(event, 'email'));
  const id = text(at(event, 'sg_event_id'));
  const time = text(at(event, 'timestamp'));
  const category = at(event, 'category');
  const messageId = firstText(at(event, 'sg_message_id'), at(event, 'smtp-id'));
  const group = text(at(event, 'asm_group_id'));
  return {
    // SendGrid may send an event again under another `sg_event_id`, so this id identifies only events without a time.
    // https://github.com/sendgrid/sendgrid-nodejs/issues/1435
    key:
      time === null && id !== null
        ? [id]
        : [word, type, messageId, recipient, time, group, text(at(event, 'url'))],
    label: [word, type].filter((part) => part !== null).join(' '),
    meaning: meaning(word, type, reason, text(at(event, 'bounce_classification'))),
    recipient,
    at: fromSeconds(time),
    reply: isOwnText(word, type, reason) ? null : reply(event, word, reason),
    note: isOwnText(word, type, reason) ? reason : null,
    messageId: firstText(at(event, 'smtp-id'), at(event, 'sg_message_id')),
    // The `group_…` events are about one unsubscribe group. The event `unsubscribe` is about all mail of the account.
    // https://www.twilio.com/docs/sendgrid/ui/sending-email/unsubscribe-groups
    list: word?.startsWith('group_') ? group : null,
    campaign: firstText(category, list(category)[0], at(event, 'marketing_campaign_name')),
    source: text(at(event, 'source')),
    // `sg_machine_open` says whether Apple's Mail Privacy Protection opened the message.
    client: { machine: flag(at(event, 'sg_machine_open')), userAgent: text(at(event, 'useragent')) },
  };
}

function meaning(
  word: string | null,
  type: string | null,
  reason: string | null,
  classification: string | null,
): Meaning {
  if (word === 'bounce') {
    const byType = meaningOf(bounces, type, hard('unknown'));
    const known = meaningOf(classifications, classification?.toLowerCase() ?? null, byType);
    if (byType.class === 'hard') return known;
    // SendGrid goes on sending to a blocked address, so it is not a dead one, however the failure is classified.
    return known.class === 'hard' ? byType : known;
  }
  if (word === 'dropped')
    return meaningOf(
      drops,
      reason?.toLowerCase() ?? null,
      meaningOf(drops, type?.toLowerCase() ?? null, refused('unknown')),
    );
  return meaningOf(events, word);
}

/**
 * Whether the reason is SendGrid's and not a reply of the receiving server. For a block, it then has no SMTP code: such as
 * `unable to get mx info: …`, which SendGrid also says when its own DNS lookup fails.
 */
const isOwnText = (word: string | null, type: string | null, reason: string | null): boolean =>
  word === 'dropped' || (word === 'bounce' && type === 'blocked' && !/\b[245]\d\d\b/.test(reason ?? ''));

/** The receiving server's reply. For a bounce without a reply, the enhanced status that SendGrid assigned. */
function reply(event: unknown, word: string | null, reason: string | null): string | null {
  const words = firstText(at(event, 'response'), reason);
  const status = text(at(event, 'status'));
  return word === 'bounce' && words === null ? status : words;
}
