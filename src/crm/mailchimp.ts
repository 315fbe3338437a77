// Mailchimp audience webhooks: one contact per request, as a form.
//
// Secret: SHARED_SECRETS. Mailchimp signs nothing and sends no custom header, so the secret is in the query,
// `?secret=…`, unless a proxy in front moves it into a header. It checks the URL by GET, waits 10 seconds, and
// retries over 75 minutes.
// https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
// Verified there and in published samples: the GET, the form and its fields for each type, the timing.

import { firstValue, parseForm } from '../webhooks/form.ts';
import { text } from '../webhooks/json.ts';
import type { CrmAdapter, ParsedHook } from './crm-adapter.ts';
import { plainReply } from './replies.ts';
import { verifyUrlSecret } from './url-secret.ts';

/** Type of event → the field with the address that counts from then on. Whoever left, or was cleaned, is of no interest. */
const addressFields: Readonly<Record<string, string>> = {
  subscribe: 'data[email]',
  profile: 'data[email]',
  upemail: 'data[new_email]',
};

export const mailchimp: CrmAdapter = {
  name: 'mailchimp',
  settings: ['SHARED_SECRETS'],
  answerWithinMs: 8000,
  maxBytes: 256 * 1024,
  probed: true,
  verify: (request, { sharedSecrets }) => verifyUrlSecret(request, sharedSecrets),
  parse(request): ParsedHook {
    const form = parseForm(request.body) ?? [];
    const get = (name: string) => firstValue(form, name);
    const type = get('type');
    if (type === null) return { kind: 'malformed' };
    const field = Object.hasOwn(addressFields, type) ? addressFields[type]! : null;
    if (field === null) return { kind: 'records', records: [] };
    const id = text(get('data[new_id]')) ?? text(get('data[id]')) ?? '';
    return { kind: 'records', records: [{ id, email: text(get(field)), event: null }] };
  },
  reply: plainReply,
};
