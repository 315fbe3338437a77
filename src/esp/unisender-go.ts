// UniSender Go: its webhook ("callback") about transactional messages. A request contains a batch of events.
//
// Secrets: `signingKeys` holds the API key. The field `auth` of the body is the signature: the MD5 of the body in which the
// value of `auth` is replaced by the API key.
// https://godocs.unisender.ru/web-api-ref#callback-format

import {
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  hard,
  type Meaning,
  meaningOf,
  opened,
  policy,
  refused,
  sent,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, isOneOf, md5Hex } from '../webhooks/crypto.ts';
import { address, at, fromIso, list, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const statuses: Readonly<Record<string, Meaning>> = {
  sent,
  delivered,
  opened,
  clicked,
  unsubscribed,
  subscribed,
  spam: complaint,
};

/** Meanings of bounces, keyed by `delivery_status`. */
const bounces: Readonly<Record<string, Meaning>> = {
  err_user_unknown: hard('mailbox_unknown'),
  err_user_inactive: hard('mailbox_disabled'),
  err_mailbox_discarded: hard('mailbox_unknown'),
  err_domain_inactive: hard('domain_unknown'),
  err_will_retry: deferred('unknown'),
  err_mailbox_full: soft('mailbox_full'),
  err_too_large: soft('message_too_large'),
  err_unreachable: soft('network_error'),
  err_destination_misconfigured: soft('network_error'),
  err_delivery_failed: soft('unknown'),
  err_lost: soft('unknown'),
  err_spam_rejected: policy('spam_content'),
  err_spam_skipped: refused('spam_content'),
  err_skip_letter: echo,
  err_blacklisted: echo,
  err_unsubscribed: echo,
};

/**
 * Finds the field `auth`. Group 1 is the text before its value, from the name to the opening quote: `"auth":"`. Group 2 is the
 * value. The text `"auth"` inside a JSON string does not match, because its quotes are escaped there.
 */
const authField = /((?<!\\)"auth"\s*:\s*")([^"\\]+)"/;

export const unisenderGo: EspAdapter = {
  name: 'unisender_go',
  settings: ['SIGNING_KEYS'],

  sample({ signingKeys = [] }, now) {
    const body = (auth: string) =>
      JSON.stringify({
        auth,
        events_by_user: [
          {
            user_id: 1,
            events: [
              {
                event_name: 'transactional_email_status',
                event_data: {
                  job_id: `sample-${now}`,
                  email: sampleRecipient,
                  status: 'hard_bounced',
                  event_time: new Date(now).toISOString().slice(0, 19).replace('T', ' '),
                  delivery_info: { delivery_status: 'err_user_unknown' },
                },
              },
            ],
          },
        ],
      });
    const [key] = signingKeys;
    const headers = { 'content-type': 'application/json' };
    return key
      ? { headers, body: body(md5Hex(bytesOf(body(key)))), isSigned: true }
      : { headers, body: body(''), isSigned: false };
  },

  async verify(request, { signingKeys = [] }): Promise<Verification> {
    const body = textOf(request.body);
    // Find and replace the value in the raw text, because the MD5 covers the exact text of the body: parsed and serialized
    // again, it could have other spaces. Parsing an unverified body would also cost more.
    const field = body === null ? null : authField.exec(body);
    if (body === null || field === null) return refuse('signature_missing');
    const [, name, offered] = field as unknown as [string, string, string];
    const start = field.index + name.length;
    const [before, after] = [body.slice(0, start), body.slice(start + offered.length)];
    const digests = signingKeys.map((key) => md5Hex(bytesOf(before + key + after)));
    return (await isOneOf(digests, offered.toLowerCase())) ? verified : refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const users = at(parseJson(textOf(request.body)), 'events_by_user');
    if (!Array.isArray(users)) return { kind: 'malformed' };
    const events = list(users).flatMap((user) => list(at(user, 'events')));
    return {
      kind: 'reports',
      // Skip other events, such as transactional_spam_block, which is about a domain and not about a recipient.
      reports: events
        .filter((event) => at(event, 'event_name') === 'transactional_email_status')
        .map((event) => report(at(event, 'event_data'))),
    };
  },
};

function report(event: unknown): VendorReport {
  const status = text(at(event, 'status'));
  const detail = text(at(event, 'delivery_info', 'delivery_status'));
  const recipient = address(at(event, 'email'));
  const messageId = text(at(event, 'job_id'));
  const time = text(at(event, 'event_time'));
  return {
    key: [status, detail, messageId, recipient, time, text(at(event, 'url'))],
    label: [status, detail].filter((part) => part !== null).join(' '),
    meaning: meaning(status, detail),
    recipient,
    at: fromIso(time),
    reply: text(at(event, 'delivery_info', 'destination_response')),
    note: null,
    messageId,
    campaign: text(at(event, 'metadata', 'campaign')),
    source: text(at(event, 'metadata', 'source')),
    client: { userAgent: text(at(event, 'delivery_info', 'user_agent')) },
  };
}

function meaning(status: string | null, detail: string | null): Meaning {
  if (status === 'hard_bounced') return meaningOf(bounces, detail, hard('unknown'));
  if (status !== 'soft_bounced') return meaningOf(statuses, status);
  const known = meaningOf(bounces, detail, soft('unknown'));
  return known.class === 'hard' ? soft(known.reason) : known;
}
