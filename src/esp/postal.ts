// Postal, the self-hosted mail server: message events.
//
// Secrets: `signingKeys` holds the server's public key (base64 of SubjectPublicKeyInfo, with or without PEM lines). Postal
// signs the body with RSA. Newer versions of Postal send a SHA-256 signature in X-Postal-Signature-256. Older ones send only a
// SHA-1 signature, in X-Postal-Signature.
// https://docs.postalserver.io/developer/webhooks

import {
  clicked,
  deferred,
  delivered,
  echo,
  failed,
  type Meaning,
  meaningOf,
  opened,
  queued,
  refused,
  soft,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { fromBase64, isPublicKeySignature } from '../webhooks/crypto.ts';
import { address, at, firstText, fromSeconds, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { publicKeyDer, publicKeyFormat } from '../webhooks/key-format.ts';
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { isWithin, refuse, retryWindow, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

/**
 * Meanings of events, keyed by the field `status`. Postal reports HardFail after any 5xx reply, so only the text of the reply
 * can show whether the mailbox is at fault. Without such a text, HardFail counts as soft.
 */
const statuses: Readonly<Record<string, Meaning>> = {
  Sent: delivered,
  SoftFail: deferred('unknown'),
  HardFail: soft('unknown'),
  Bounced: soft('unknown'),
  Held: queued,
};

/** Meanings of events without a known `status`, keyed by the field `event`. */
const events: Readonly<Record<string, Meaning>> = {
  MessageSent: delivered,
  MessageDelayed: deferred('unknown'),
  MessageDeliveryFailed: soft('unknown'),
  MessageHeld: queued,
  MessageBounced: soft('unknown'),
  MessageLinkClicked: clicked,
  MessageLoaded: opened,
};

/**
 * Meanings of texts in `details` if Postal did not try to send the message. The first match wins. After a failed attempt, Postal adds
 * `Recipient added to suppression list` to its text: that failure is a new one.
 */
const ownFailures: readonly (readonly [RegExp, Meaning])[] = [
  [/\bon the suppression list\b/i, echo],
  [/\bMessage is likely spam\b/i, refused('spam_content')],
  [/\bRaw message has been removed\b|\bdomain no longer exist/i, failed],
];

export const postal: EspAdapter = {
  name: 'postal',
  settings: ['SIGNING_KEYS'],
  signingKey: publicKeyFormat('rsa'),
  sample: (_, now) =>
    unsignedSample({
      event: 'MessageDeliveryFailed',
      timestamp: now / 1000,
      uuid: `sample-${now}`,
      payload: {
        status: 'HardFail',
        output: '550 5.1.1 User unknown',
        message: { to: sampleRecipient, direction: 'outgoing' },
      },
    }),

  async verify(request, { signingKeys = [] }): Promise<Verification> {
    const strong = request.headers.get('x-postal-signature-256');
    const written = strong ?? request.headers.get('x-postal-signature');
    if (written === null) return refuse('signature_missing');
    const signature = fromBase64(written);
    if (signature === null) return refuse('signature_wrong');
    for (const key of signingKeys) {
      const spki = publicKeyDer(key);
      const hash = strong === null ? 'SHA-1' : 'SHA-256';
      if (spki === null || !isPublicKeySignature(hash, spki, signature, request.body)) continue;
      const time = fromSeconds(at(parseJson(textOf(request.body)), 'timestamp'));
      return isWithin(retryWindow, time, request.now) ? verified : refuse('timestamp_outside_window');
    }
    return refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const payload = at(body, 'payload');
    const message = at(payload, 'original_message') ?? at(payload, 'message');
    // Events of inbound mail and of sending domains say nothing about a recipient.
    if (!isRecord(message) || at(message, 'direction') === 'incoming')
      return { kind: 'reports', reports: [] };
    return { kind: 'reports', reports: [report(body, payload, message)] };
  },
};

function report(body: unknown, payload: unknown, message: unknown): VendorReport {
  const word = text(at(body, 'event'));
  const status = text(at(payload, 'status'));
  const recipient = address(at(message, 'to'));
  const messageId = firstText(at(message, 'message_id'), at(message, 'id'));
  const time = text(at(body, 'timestamp'));
  const id = text(at(body, 'uuid'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: [word, status].filter((part) => part !== null).join(' '),
    meaning: meaning(word, status, payload),
    recipient,
    at: fromSeconds(time),
    reply: text(at(payload, 'output')),
    note: text(at(payload, 'details')),
    messageId,
    campaign: text(at(message, 'tag')),
    source: null,
    client: { userAgent: text(at(payload, 'user_agent')) },
  };
}

function meaning(word: string | null, status: string | null, payload: unknown): Meaning {
  const own = ownFailures.find(([pattern]) => pattern.test(text(at(payload, 'details')) ?? ''));
  if (own !== undefined) return own[1];
  if (status === null && at(payload, 'bounce') !== undefined) return soft('unknown');
  return meaningOf(statuses, status, meaningOf(events, word));
}
