// ZeptoMail (Zoho): one event per request, in lists of one.
//
// Secrets: `signingKeys` holds the authentication key of the webhook. ZeptoMail signs with it: the header producer-signature has
// `ts=…;s=…;s-algorithm=HmacSHA256`, where `s` is the HMAC-SHA-256 of the event in base64, percent-encoded. The event is the body
// or, if the body is a form, the value of its first field. Newer accounts have no such key. They send a header that the operator
// chooses, so the same secret is also accepted in X-Webhook-Token or as a Bearer token.
// https://www.zoho.com/zeptomail/help/webhooks.html
// Confirmed by that page and by open-source receivers: the signature, both forms of the body, the fields of bounces and
// complaints, and the misspelled name fbl_compliant.

import {
  clicked,
  complaint,
  delivered,
  hard,
  type Meaning,
  meaningOf,
  opened,
  soft,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, fromBase64, hmacOf, isHmac, toBase64 } from '../webhooks/crypto.ts';
import { parseForm } from '../webhooks/form.ts';
import {
  address,
  at,
  firstText,
  fromIso,
  fromMilliseconds,
  isRecord,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified, verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

/** Meanings of the events. The names are in lower case and without other characters than letters. */
const events: Readonly<Record<string, Meaning>> = {
  delivered,
  emaildelivery: delivered,
  hardbounce: hard('unknown'),
  softbounce: soft('unknown'),
  fblcompliant: complaint,
  fblcomplaint: complaint,
  feedbackloop: complaint,
  emailopen: opened,
  open: opened,
  emaillinkclick: clicked,
  click: clicked,
};

/** The events are small. The limit also bounds the work before the signature is checked. */
const maxBytes = 256 * 1024;

export const zeptomail: EspAdapter = {
  name: 'zeptomail',
  settings: ['SIGNING_KEYS'],
  maxBytes,

  async sample({ signingKeys = [] }, now) {
    const sample = unsignedSample({
      event_name: ['hardbounce'],
      event_message: [
        {
          request_id: `sample-${now}`,
          email_info: { to: [{ email_address: { address: sampleRecipient } }] },
          event_data: [{ object: 'hardbounce', details: [{ bounced_recipient: sampleRecipient }] }],
        },
      ],
    });
    const [key] = signingKeys;
    if (!key) return sample;
    const signature = toBase64(await hmacOf('SHA-256', bytesOf(key), bytesOf(sample.body)));
    const seal = `ts=${now};s=${encodeURIComponent(signature)};s-algorithm=HmacSHA256`;
    return { ...sample, headers: { ...sample.headers, 'producer-signature': seal }, isSigned: true };
  },

  async verify(request, { signingKeys = [] }): Promise<Verification> {
    const seal = request.headers.get('producer-signature');
    if (seal === null) {
      const byHeader = await verifySharedSecret(request, signingKeys);
      const isBare = byHeader.kind === 'refused' && byHeader.why === 'credentials_missing';
      return isBare ? refuse('signature_missing') : byHeader;
    }
    const signature = signatureIn(seal);
    const event = eventText(request);
    if (signature === null || event === null) return refuse('signature_wrong');
    const keys = signingKeys.map(bytesOf);
    return (await isHmac('SHA-256', keys, [signature], bytesOf(event)))
      ? verified
      : refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const event = eventText(request);
    // The form of the webhook saves the URL only after a call, perhaps without an event, was answered with 200.
    if (event === '') return { kind: 'reports', reports: [] };
    const body = parseJson(event);
    if (!isRecord(body)) return { kind: 'malformed' };
    const names = many(at(body, 'event_name')).map(text);
    return {
      kind: 'reports',
      reports: many(at(body, 'event_message')).flatMap((message) => reportsOf(names[0] ?? null, message)),
    };
  },
};

/** The signature in the header. Null if there is none that can be checked. */
function signatureIn(seal: string): Uint8Array<ArrayBuffer> | null {
  const written = /(?:^|;)\s*s=([^;]+)/.exec(seal)?.[1]?.trim();
  if (written === undefined || !/^[\w+/=%-]+$/.test(written)) return null;
  return fromBase64(
    written.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

/** The JSON of the event: the body, or the value of the first field if the body is a form. Null if it is not UTF-8. */
function eventText({ body }: WebhookRequest): string | null {
  const written = textOf(body);
  if (written === null || /^\s*[{[]/.test(written) || !written.includes('='))
    return written?.trim() === '' ? '' : written;
  return parseForm(body)?.[0]?.[1] ?? null;
}

/** ZeptoMail writes one element of a list with or without the list. */
const many = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function reportsOf(name: string | null, message: unknown): VendorReport[] {
  return many(at(message, 'event_data')).flatMap((data) =>
    many(at(data, 'details')).flatMap((detail) => {
      const label = name ?? text(at(data, 'object'));
      return recipientsOf(message, detail).map((recipient) => report(label, message, detail, recipient));
    }),
  );
}

/**
 * Whom the event is about: `bounced_recipient` of a bounce, `to` of a complaint. Otherwise the recipient of the message; null if
 * it has several.
 */
function recipientsOf(message: unknown, detail: unknown): readonly (string | null)[] {
  const named = many(at(detail, 'bounced_recipient') ?? at(detail, 'to')).map(address);
  if (named.some((one) => one !== null)) return named.filter((one) => one !== null);
  const all = many(at(message, 'email_info', 'to')).flatMap((to) =>
    many(at(to, 'email_address') ?? to).map((mailbox) => address(at(mailbox, 'address'))),
  );
  return [all.length === 1 ? all[0]! : null];
}

function report(
  label: string | null,
  message: unknown,
  detail: unknown,
  recipient: string | null,
): VendorReport {
  const word = label?.toLowerCase().replace(/[^a-z]/g, '') ?? null;
  const messageId = firstText(at(message, 'request_id'), at(message, 'email_info', 'email_reference'));
  const time = firstText(at(detail, 'time'), at(message, 'email_info', 'processed_time'));
  return {
    key: [word, messageId, recipient, time, text(at(detail, 'clicked_link'))],
    label: label ?? '',
    meaning: meaningOf(events, word),
    recipient,
    at: fromIso(time) ?? fromMilliseconds(time),
    reply: text(at(detail, 'diagnostic_message')),
    note: text(at(detail, 'reason')),
    messageId,
    campaign: null,
    source: null,
    client: { userAgent: text(at(detail, 'user_agent')) },
  };
}
