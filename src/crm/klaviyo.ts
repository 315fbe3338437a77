// Klaviyo system webhooks: events of profiles, up to 1,000 per request.
//
// Secret: SIGNING_KEYS, the webhook's secret key. The signature is an HMAC-SHA-256 in hexadecimal over the body followed
// by the value of the header Klaviyo-Timestamp. Most events contain the id of a profile but not its address. The address is
// then read through the API.
// https://developers.klaviyo.com/en/docs/working_with_system_webhooks
// Confirmed by that page and by published samples: the headers; the signed text; in the body, `data[]` with external_id,
// topic and payload, and `meta` with timestamp and klaviyo_webhook_id (which must equal the header Klaviyo-Webhook-Id);
// `email_address` among the properties of subscription events; GET /api/profiles with a filter on up to 100 ids; `List`, the
// name of the list, among the properties of a list event. Assumed, not confirmed: that an event may include its profile, that
// Klaviyo waits 5 seconds for a reply, and the topic unsubscribed_from_list (the topics have subscribed_to_list).

import {
  clicked,
  complaint,
  delivered,
  echo,
  hard,
  type Meaning,
  meaningOf,
  opened,
  soft,
  subscribed,
  suppressedByHand,
  unknown,
  unsubscribed,
  unsuppressedByHand,
} from '../events/meaning.ts';
import { bytesOf, concat, fromHex, isHmac } from '../webhooks/crypto.ts';
import { at, firstText, flag, fromIso, isRecord, list, parseJson, text, textOf } from '../webhooks/json.ts';
import { hexHmacSample, sampleRecipient } from '../webhooks/sample-request.ts';
import { freshWindow, isWithin, refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { CrmAdapter, CrmApi, CrmRecord, MailSignal, ParsedHook } from './crm-adapter.ts';
import { plainReply } from './replies.ts';
import { callInBatches } from './vendor-client.ts';

const maxInCall = 100;

/** The revision of Klaviyo's API to use, sent as a header. Klaviyo supports each revision for years. */
const revision = '2026-01-15';

/** What an event means, by its topic without the prefix `event:klaviyo.`. A bounce of type "hard" is hard: see `recordOf`. */
const topics: Readonly<Record<string, Meaning>> = {
  received_email: delivered,
  email_delivered: delivered,
  opened_email: opened,
  clicked_email: clicked,
  bounced_email: soft('unknown'),
  dropped_email: echo,
  marked_email_as_spam: complaint,
  subscribed_to_email_marketing: subscribed,
  unsubscribed_from_email_marketing: unsubscribed,
  subscribed_to_list: subscribed,
  unsubscribed_from_list: unsubscribed,
  manually_suppressed_from_email_marketing: { ...suppressedByHand, manualScope: 'marketing' },
  manually_unsuppressed_from_email_marketing: { ...unsuppressedByHand, manualScope: 'marketing' },
};

const api: CrmApi = {
  host: 'a.klaviyo.com',
  headers: (token) => ({ authorization: `Klaviyo-API-Key ${token}`, revision }),

  async read(client, ids) {
    const answer = await callInBatches(ids, maxInCall, (some) => {
      const filter = `any(id,${JSON.stringify(some)})`;
      const query = { filter, 'fields[profile]': 'email', 'page[size]': String(maxInCall) };
      return client.get(`/api/profiles?${new URLSearchParams(query)}`);
    });
    if (answer.kind === 'failed') return answer;
    const emails = new Map<string, string | null>();
    for (const profile of answer.value.flatMap((page) => list(at(page, 'data')))) {
      const id = text(at(profile, 'id'));
      if (id !== null) emails.set(id, text(at(profile, 'attributes', 'email')));
    }
    return { kind: 'answered', value: emails };
  },
};

export const klaviyo: CrmAdapter = {
  name: 'klaviyo',
  settings: ['SIGNING_KEYS', 'API_TOKEN'],
  answerWithinMs: 4500,
  maxBytes: 8 * 1024 * 1024,
  api,
  sample({ signingKeys }, { now }) {
    const timestamp = new Date(now).toUTCString();
    const webhook = 'sample';
    const value = {
      meta: { timestamp: new Date(now).toISOString(), klaviyo_webhook_id: webhook },
      data: [
        {
          topic: 'event:klaviyo.bounced_email',
          external_id: `sample-${now}`,
          payload: {
            data: {
              type: 'event',
              id: `sample-${now}`,
              attributes: {
                datetime: new Date(now).toISOString(),
                event_properties: { 'Bounce Type': 'Hard', email_address: sampleRecipient },
              },
              relationships: { profile: { data: { type: 'profile', id: 'sample' } } },
            },
          },
        },
      ],
    };
    return hexHmacSample(signingKeys, 'klaviyo-signature', value, {
      headers: { 'klaviyo-timestamp': timestamp, 'klaviyo-webhook-id': webhook },
      signedText: (body) => body + timestamp,
    });
  },

  async verify(request, { signingKeys }): Promise<Verification> {
    const written = request.headers.get('klaviyo-signature');
    const timestamp = request.headers.get('klaviyo-timestamp');
    if (written === null || timestamp === null) return refuse('signature_missing');
    const signature = fromHex(written);
    const data = concat(request.body, bytesOf(timestamp));
    if (signature === null || !(await isHmac('SHA-256', signingKeys.map(bytesOf), [signature], data)))
      return refuse('signature_wrong');
    const meta = at(parseJson(textOf(request.body)), 'meta');
    if (text(at(meta, 'klaviyo_webhook_id')) !== text(request.headers.get('klaviyo-webhook-id')))
      return refuse('signature_wrong');
    // Check the time in the signed body, which has a time zone. The time in the header has been wrong by hours in
    // practice.
    const time = Date.parse(text(at(meta, 'timestamp')) ?? '');
    return isWithin(freshWindow, Number.isNaN(time) ? null : time, request.now)
      ? verified
      : refuse('timestamp_outside_window');
  },

  parse(request): ParsedHook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body) || !Array.isArray(at(body, 'data'))) return { kind: 'malformed' };
    return { kind: 'records', records: list(at(body, 'data')).flatMap(recordOf) };
  },
  reply: plainReply,
};

function recordOf(entry: unknown): CrmRecord[] {
  const payload = at(entry, 'payload');
  const event = text(at(entry, 'external_id')) ?? text(at(payload, 'data', 'id'));
  const profile = list(at(payload, 'included')).find((included) => at(included, 'type') === 'profile');
  const profileId = text(at(payload, 'data', 'relationships', 'profile', 'data', 'id'));
  const id = profileId ?? text(at(profile, 'id')) ?? event;
  const properties = at(payload, 'data', 'attributes', 'event_properties');
  const email = firstText(
    at(profile, 'attributes', 'email'),
    at(properties, 'email_address'),
    at(properties, 'email'),
  );
  if (id === null) return [];
  const topic = text(at(entry, 'topic'))?.replace(/^event:klaviyo\./, '') ?? '';
  const isHard = /^hard/i.test(firstText(at(properties, 'Bounce Type'), at(properties, 'bounce_type')) ?? '');
  const meaning = topic === 'bounced_email' && isHard ? hard('unknown') : meaningOf(topics, topic);
  const signal: MailSignal = {
    label: topic,
    meaning,
    at: fromIso(at(payload, 'data', 'attributes', 'datetime')),
    reply: null,
    messageId: text(at(properties, '$message')),
    list: topic.endsWith('_list') ? firstText(at(properties, 'List'), at(properties, 'List Name')) : null,
    campaign: text(at(properties, 'Campaign Name')),
    // Klaviyo marks opens by Apple's Mail Privacy Protection, and clicks by bots.
    client: {
      machine: flag(
        topic === 'clicked_email'
          ? (at(properties, 'Bot Click') ?? at(properties, 'bot_click'))
          : (at(properties, 'Machine Open') ?? at(properties, 'machine_open')),
      ),
    },
  };
  const common = { id, email, event, ...(meaning !== unknown && { signal }) };
  return email === null && profileId !== null && profile === undefined
    ? [{ ...common, toBeRead: true }]
    : [common];
}
