// Customer.io reporting webhooks. Each request has one event, about a person or a message.
//
// Secret: SIGNING_KEYS, the webhook's signing key. The signature is an HMAC-SHA-256 in hexadecimal over
// `v0:timestamp:body`. Customer.io waits 4 seconds for a reply. Until an event gets a 2xx, it retries and holds back
// later events, for up to seven days. It retries sooner after a 503 than after a 429 or a 500.
// https://docs.customer.io/integrations/api/webhooks
// Confirmed by that page and by published code: the headers, the signed text, the timing, and the fields event_id,
// object_type, metric and data. Assumed, not confirmed: which field of `data` holds the address.

import {
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
  sent,
  subscribed,
  unknown,
  unsubscribed,
} from '../events/meaning.ts';
import { bytesOf, concat, fromHex, isHmac } from '../webhooks/crypto.ts';
import { at, firstText, fromSeconds, isRecord, nested, parseJson, text, textOf } from '../webhooks/json.ts';
import { hexHmacSample, sampleRecipient } from '../webhooks/sample-request.ts';
import { freshWindow, isWithin, refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { CrmAdapter, CrmRecord, MailSignal, ParsedHook } from './crm-adapter.ts';
import { plainReply } from './replies.ts';

/** What an event about a message (`object_type` is `email`) means, by its `metric`. */
const mailMetrics: Readonly<Record<string, Meaning>> = {
  sent,
  delivered,
  opened,
  clicked,
  deferred: deferred('unknown'),
  bounced: hard('unknown'),
  spammed: complaint,
  unsubscribed,
  // Customer.io did not send the message, because it had suppressed the address.
  dropped: echo,
  failed,
};

/** What an event about a person (`object_type` is `customer`) means, by its `metric`. */
const personMetrics: Readonly<Record<string, Meaning>> = { subscribed, unsubscribed };

/**
 * The `metric` of an event in which a person changed subscription preferences. Its `data.content` is JSON with the field
 * `topics`, such as {"topic_7": false}. https://docs.customer.io/integrations/api/webhooks
 */
const preferencesChanged = 'cio_subscription_preferences_changed';

/**
 * Returns the records for an event about subscription preferences: one for each topic, or the given `record` if there are
 * no topics. The topic is appended to the event id, because a second record with the same event id would be ignored.
 */
function preferenceRecords(record: CrmRecord, signal: MailSignal, content: unknown): CrmRecord[] {
  const topics = at(nested(content), 'topics');
  if (!isRecord(topics)) return [record];
  const records = Object.entries(topics).flatMap(([topic, isOn]): CrmRecord[] =>
    typeof isOn === 'boolean'
      ? [
          {
            ...record,
            event: record.event && `${record.event} ${topic}`,
            signal: { ...signal, meaning: isOn ? subscribed : unsubscribed, list: topic },
          },
        ]
      : [],
  );
  return records.length === 0 ? [record] : records;
}

export const customerIo: CrmAdapter = {
  name: 'customer_io',
  settings: ['SIGNING_KEYS'],
  answerWithinMs: 3500,
  // Large, because some events include the body of the message.
  maxBytes: 4 * 1024 * 1024,
  sample({ signingKeys }, { now }) {
    const timestamp = String(Math.floor(now / 1000));
    const value = {
      event_id: `sample-${now}`,
      object_type: 'email',
      metric: 'bounced',
      timestamp: Number(timestamp),
      data: {
        customer_id: 'sample',
        recipient: sampleRecipient,
        failure_message: '550 5.1.1 User unknown',
      },
    };
    return hexHmacSample(signingKeys, 'x-cio-signature', value, {
      headers: { 'x-cio-timestamp': timestamp },
      signedText: (body) => `v0:${timestamp}:${body}`,
    });
  },

  async verify(request, { signingKeys }): Promise<Verification> {
    const written = request.headers.get('x-cio-signature');
    const timestamp = request.headers.get('x-cio-timestamp');
    if (written === null || timestamp === null) return refuse('signature_missing');
    const time = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : null;
    if (!isWithin(freshWindow, time, request.now)) return refuse('timestamp_outside_window');
    const signature = fromHex(written);
    const data = concat(bytesOf(`v0:${timestamp}:`), request.body);
    return signature !== null && (await isHmac('SHA-256', signingKeys.map(bytesOf), [signature], data))
      ? verified
      : refuse('signature_wrong');
  },

  parse(request): ParsedHook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const data = at(body, 'data');
    const isMail = at(body, 'object_type') === 'email';
    if (!isMail && at(body, 'object_type') !== 'customer') return { kind: 'records', records: [] };
    const id = firstText(
      at(data, 'identifiers', 'id'),
      at(data, 'customer_id'),
      at(data, 'identifiers', 'cio_id'),
    );
    const email = firstText(
      isMail ? at(data, 'recipient') : null,
      at(data, 'email_address'),
      at(data, 'identifiers', 'email'),
    );
    const metric = text(at(body, 'metric')) ?? '';
    const signal: MailSignal = {
      label: `${isMail ? 'email' : 'customer'} ${metric}`,
      meaning: meaningOf(isMail ? mailMetrics : personMetrics, metric),
      at: fromSeconds(at(body, 'timestamp')),
      reply: text(at(data, 'failure_message')),
      messageId: text(at(data, 'delivery_id')),
      campaign: firstText(at(data, 'campaign_id'), at(data, 'newsletter_id'), at(data, 'broadcast_id')),
    };
    const record: CrmRecord = { id: id ?? '', email, event: text(at(body, 'event_id')) };
    if (metric === preferencesChanged)
      return { kind: 'records', records: preferenceRecords(record, signal, at(data, 'content')) };
    return {
      kind: 'records',
      records: [{ ...record, ...(signal.meaning !== unknown && { signal }) }],
    };
  },
  reply: plainReply,
};
