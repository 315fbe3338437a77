// Mailchimp audience webhooks. Each request has one contact, in the fields of an HTML form.
//
// Secret: SHARED_SECRETS. Mailchimp does not sign requests and sends no custom header. The secret is therefore in the query,
// `?secret=…`, unless a proxy in front of presend moves it into a header. Mailchimp checks the URL with a GET request,
// waits 10 seconds for a reply, and retries for 75 minutes.
// https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
// Confirmed by that page and by published samples: the GET request, the form fields of each event type, the timing.

import {
  complaint,
  hard,
  type Meaning,
  subscribed,
  suppressedByHand,
  unsubscribed,
} from '../events/meaning.ts';
import { firstValue, parseForm } from '../webhooks/form.ts';
import { fromIso, text } from '../webhooks/json.ts';
import { querySample, sampleRecipient } from '../webhooks/sample-request.ts';
import type { CrmAdapter, MailSignal, ParsedHook } from './crm-adapter.ts';
import { plainReply } from './replies.ts';
import { verifyUrlSecret } from './url-secret.ts';

/** What an event means, by its form field `type`. If its `data[reason]` is `abuse`, it is a complaint instead. */
const signals: Readonly<Record<string, Meaning>> = {
  subscribe: subscribed,
  unsubscribe: unsubscribed,
  cleaned: hard('unknown'),
};

/** The form field that holds the current address, by the type of the event. Events of any other type are ignored. */
const addressFields: Readonly<Record<string, string>> = {
  subscribe: 'data[email]',
  profile: 'data[email]',
  upemail: 'data[new_email]',
  unsubscribe: 'data[email]',
  cleaned: 'data[email]',
};

export const mailchimp: CrmAdapter = {
  name: 'mailchimp',
  settings: ['SHARED_SECRETS'],
  answerWithinMs: 8000,
  maxBytes: 256 * 1024,
  probed: true,
  sample: ({ sharedSecrets }, { now }) =>
    querySample(sharedSecrets, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        type: 'cleaned',
        fired_at: new Date(now).toISOString().slice(0, 19).replace('T', ' '),
        'data[list_id]': 'sample',
        'data[email]': sampleRecipient,
        'data[reason]': 'hard',
      }).toString(),
    }),
  verify: (request, { sharedSecrets }) => verifyUrlSecret(request, sharedSecrets),
  parse(request): ParsedHook {
    const form = parseForm(request.body) ?? [];
    const get = (name: string) => firstValue(form, name);
    const type = get('type');
    if (type === null) return { kind: 'malformed' };
    const field = Object.hasOwn(addressFields, type) ? addressFields[type]! : null;
    if (field === null) return { kind: 'records', records: [] };
    const id = text(get('data[new_id]')) ?? text(get('data[id]')) ?? '';
    const reason = get('data[reason]');
    // The action is `unsub` if the contact unsubscribed. A user of the account deletes or archives a contact.
    const isByHand = type === 'unsubscribe' && /^(?:delete|archive)$/.test(get('data[action]') ?? '');
    const meaning = Object.hasOwn(signals, type) ? signals[type]! : null;
    const signal: MailSignal | undefined =
      meaning === null
        ? undefined
        : {
            label: [type, reason].filter((part) => part !== null).join(' '),
            meaning: reason === 'abuse' ? complaint : isByHand ? suppressedByHand : meaning,
            at: fromIso(get('fired_at')),
            reply: null,
            messageId: null,
            list: text(get('data[list_id]')),
            campaign: text(get('data[campaign_id]')),
          };
    return {
      kind: 'records',
      records: [{ id, email: text(get(field)), event: null, ...(signal && { signal }) }],
    };
  },
  reply: plainReply,
};
