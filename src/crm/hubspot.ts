// HubSpot app webhooks: created contacts, changed addresses, opt-outs and hard bounces, up to 100 events per request.
//
// Secret: SIGNING_KEYS, the app's client secret. HubSpot waits 5 seconds for a reply, and retries for a day until it gets
// a 2xx. An event contains the address only if the address changed. For other events, and before a verdict is written
// back, the address is read through the API.
// https://developers.hubspot.com/docs/api/webhooks
// Confirmed by that page: the fields of an event; at most 100 events per request; the old and new names of subscriptions
// (`contact.creation` and `object.creation`); the paths and bodies of batch/read and batch/update; that batch/read answers
// 207 with the contacts that it found. Assumed, not confirmed: the 5 seconds, the limit of 100 records per API call, and
// that eventId may not be unique.

import { hard, type Meaning, meaningOf, policy, soft, subscribed, unsubscribed } from '../events/meaning.ts';
import { at, fromMilliseconds, list, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient } from '../webhooks/sample-request.ts';
import type { Annotation } from './annotation.ts';
import type { CrmAdapter, CrmApi, CrmRecord, ParsedHook } from './crm-adapter.ts';
import { v3Sample, verifyV3 } from './hubspot-signature.ts';
import { plainReply } from './replies.ts';
import { callInBatches } from './vendor-client.ts';

/** HubSpot's `objectTypeId` for contacts. Events named `object.…`, such as `object.creation`, may be about any type. */
const contactType = '0-1';

const maxInCall = 100;

const contacts = '/crm/v3/objects/contacts';

/** The names of the HubSpot properties that are written. They are also the names of the fields of `Annotation`. */
export const hubspotProperties = [
  'presend_result',
  'presend_reason',
  'presend_action',
  'presend_did_you_mean',
  'presend_bounce_status',
  'presend_bounce_probability',
  'presend_checked_at',
] as const satisfies readonly (keyof Annotation)[];

const api: CrmApi = {
  host: 'api.hubapi.com',
  headers: (token) => ({ authorization: `Bearer ${token}` }),

  async read(client, ids) {
    const answer = await callInBatches(ids, maxInCall, (some) =>
      client.post(`${contacts}/batch/read`, { properties: ['email'], inputs: some.map((id) => ({ id })) }),
    );
    if (answer.kind === 'failed') return answer;
    const emails = new Map<string, string | null>();
    for (const contact of answer.value.flatMap((page) => list(at(page, 'results')))) {
      const id = text(at(contact, 'id'));
      if (id !== null) emails.set(id, text(at(contact, 'properties', 'email')));
    }
    return { kind: 'answered', value: emails };
  },

  async write(client, records) {
    const answer = await callInBatches(records, maxInCall, (some) =>
      client.post(`${contacts}/batch/update`, {
        inputs: some.map(({ id, annotation }) => ({ id, properties: propertiesOf(annotation) })),
      }),
    );
    return answer.kind === 'failed' ? answer : { kind: 'answered', value: null };
  },
};

export const hubspot: CrmAdapter = {
  name: 'hubspot',
  settings: ['SIGNING_KEYS', 'WEBHOOK_URL', 'API_TOKEN', 'WRITE_BACK', 'PROOF'],
  answerWithinMs: 4500,
  maxBytes: 1024 * 1024,
  api,
  sample: (settings, to) =>
    v3Sample(settings, to, [
      {
        eventId: to.now,
        subscriptionId: 1,
        portalId: 1,
        appId: 1,
        occurredAt: to.now,
        attemptNumber: 0,
        objectId: 1,
        subscriptionType: 'contact.propertyChange',
        propertyName: 'email',
        propertyValue: sampleRecipient,
      },
    ]),
  verify: verifyV3,
  parse(request): ParsedHook {
    const events = parseJson(textOf(request.body));
    if (!Array.isArray(events)) return { kind: 'malformed' };
    // One request may contain several events of a contact, in any order. Keep two kinds of events of each contact: the latest
    // that creates the contact or changes its address, and the latest of each signal, such as an opt-out.
    const latest = new Map<string, { occurredAt: number; record: CrmRecord }>();
    for (const event of events) {
      const record = recordOf(event);
      if (record === null) continue;
      const occurredAt = Number(at(event, 'occurredAt')) || 0;
      const key = record.signal === undefined ? record.id : `${record.id} ${record.signal.label}`;
      const known = latest.get(key);
      if (known === undefined || occurredAt >= known.occurredAt) latest.set(key, { occurredAt, record });
    }
    return { kind: 'records', records: [...latest.values()].map(({ record }) => record) };
  },
  reply: plainReply,
};

function recordOf(event: unknown): CrmRecord | null {
  const id = text(at(event, 'objectId'));
  const [object, what] = (text(at(event, 'subscriptionType')) ?? '').split('.');
  const isContact =
    object === 'contact' || (object === 'object' && at(event, 'objectTypeId') === contactType);
  if (id === null || !isContact) return null;
  const parts = ['subscriptionId', 'eventId', 'objectId', 'occurredAt'].map((name) => text(at(event, name)));
  const common = { id, event: parts.includes(null) ? null : parts.join(':') };
  if (what === 'creation') return { ...common, email: null, toBeRead: true };
  if (what !== 'propertyChange') return null;
  const meaning = signalOf(text(at(event, 'propertyName')), text(at(event, 'propertyValue')));
  if (meaning !== null) {
    const label = `propertyChange ${text(at(event, 'propertyName'))}`;
    const time = fromMilliseconds(at(event, 'occurredAt'));
    const list = optOutProperty.exec(text(at(event, 'propertyName')) ?? '')?.[1] ?? null;
    const signal = { label, meaning, at: time, reply: null, messageId: null, list, campaign: null };
    return { ...common, email: null, toBeRead: true, signal };
  }
  if (at(event, 'propertyName') !== 'email') return null;
  return { ...common, email: text(at(event, 'propertyValue')) };
}

/**
 * The meaning of each value of the property `hs_email_hard_bounce_reason_enum`. HubSpot also sets it for a full mailbox or
 * for refused content, which are not hard bounces here. Any value that is missing here means a hard bounce of unknown cause.
 */
const bounceReasons: Readonly<Record<string, Meaning>> = {
  UNKNOWN_USER: hard('mailbox_unknown'),
  MAILBOX_FULL: soft('mailbox_full'),
  CONTENT: policy('content_refused'),
  SPAM: policy('spam_content'),
  POLICY: policy('policy_refused'),
};

/**
 * `hs_email_optout` is about all marketing mail, `hs_email_optout_ID` about the subscription type with that id.
 * https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
 */
const optOutProperty = /^hs_email_optout(?:_(\d+))?$/;

/** What a changed property says about mail to the contact, or null if it says nothing. */
function signalOf(property: string | null, value: string | null): Meaning | null {
  if (property !== null && optOutProperty.test(property))
    return value === 'true' ? unsubscribed : value === 'false' ? subscribed : null;
  if (property === 'hs_email_hard_bounce_reason_enum')
    return value === null ? null : meaningOf(bounceReasons, value, hard('unknown'));
  return null;
}

/** The values of the properties that are written back. An empty string clears a property. */
const propertiesOf = (annotation: Annotation): Record<string, string> =>
  Object.fromEntries(hubspotProperties.map((name) => [name, String(annotation[name] ?? '')]));
