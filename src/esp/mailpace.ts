// MailPace: one event per request.
//
// Secrets: `signingKeys` holds the public key (base64) that verifies the webhooks of your domain. The header
// X-MailPace-Signature contains the Ed25519 signature (RFC 8032) of the body.
// https://docs.mailpace.com/guide/webhooks

import {
  deferred,
  delivered,
  hard,
  type Meaning,
  meaningOf,
  queued,
  refused,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { fromBase64, isEd25519Signature } from '../webhooks/crypto.ts';
import { address, at, fromIso, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { ed25519KeyFormat } from '../webhooks/key-format.ts';
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  'email.queued': queued,
  'email.delivered': delivered,
  'email.deferred': deferred('unknown'),
  'email.bounced': hard('unknown'),
  // MailPace's own spam filter stopped the message.
  'email.spam': refused('spam_content'),
  'email.unsubscribed': unsubscribed,
};

export const mailpace: EspAdapter = {
  name: 'mailpace',
  settings: ['SIGNING_KEYS'],
  signingKey: ed25519KeyFormat,
  sample: (_, now) =>
    unsignedSample({
      event: 'email.bounced',
      payload: { id: now, message_id: `sample-${now}`, to: sampleRecipient },
    }),

  async verify(request, { signingKeys = [] }): Promise<Verification> {
    const written = request.headers.get('x-mailpace-signature');
    if (written === null) return refuse('signature_missing');
    const signature = fromBase64(written);
    if (signature === null) return refuse('signature_wrong');
    for (const key of signingKeys) {
      const raw = fromBase64(key);
      if (raw !== null && (await isEd25519Signature(raw, signature, request.body))) return verified;
    }
    return refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    return isRecord(body) ? { kind: 'reports', reports: [report(body)] } : { kind: 'malformed' };
  },
};

function report(body: Record<string, unknown>): VendorReport {
  const word = text(at(body, 'event'));
  const email = at(body, 'payload');
  const messageId = text(at(email, 'message_id'));
  const recipient = address(at(email, 'to'));
  return {
    // `id` identifies the message, not the event. A message may have several events, such as deferred and later delivered.
    key: [word, text(at(email, 'id')), messageId, recipient, text(at(email, 'updated_at'))],
    label: word ?? '',
    meaning: meaningOf(events, word),
    recipient,
    at: fromIso(at(email, 'updated_at')) ?? fromIso(at(email, 'created_at')),
    reply: null,
    note: null,
    messageId,
    campaign: text(at(email, 'tags', 0)),
    source: null,
  };
}
