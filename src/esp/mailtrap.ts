// Mailtrap: events of sent mail, in batches.
//
// Secrets: `signingKeys` holds the signature secret of the webhook. The header Mailtrap-Signature contains the HMAC-SHA-256 of
// the body, in hexadecimal.
// https://docs.mailtrap.io/email-api-smtp/advanced/webhooks

import {
  clicked,
  complaint,
  deferred,
  delivered,
  hard,
  type Meaning,
  meaningOf,
  opened,
  refused,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { address, at, firstText, fromSeconds, list, parseJson, text, textOf } from '../webhooks/json.ts';
import { hexHmacSample, sampleRecipient } from '../webhooks/sample-request.ts';
import { verifyHexHmac } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  delivery: delivered,
  open: opened,
  click: clicked,
  unsubscribe: unsubscribed,
  spam: complaint,
  bounce: hard('unknown'),
  'soft bounce': soft('unknown'),
  // Mailtrap suspended the sender for a while; the recipient is not at fault.
  suspension: deferred('rate_limited'),
  reject: refused('unknown'),
};

export const mailtrap: EspAdapter = {
  name: 'mailtrap',
  settings: ['SIGNING_KEYS'],
  sample: ({ signingKeys }, now) =>
    hexHmacSample(signingKeys, 'mailtrap-signature', {
      events: [{ event: 'bounce', email: sampleRecipient, event_id: `sample-${now}` }],
    }),
  verify: (request, { signingKeys }) => verifyHexHmac(request, signingKeys, 'mailtrap-signature'),
  parse(request): ParsedWebhook {
    const found = at(parseJson(textOf(request.body)), 'events');
    return Array.isArray(found)
      ? { kind: 'reports', reports: list(found).map(report) }
      : { kind: 'malformed' };
  },
};

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const recipient = address(at(event, 'email'));
  const messageId = text(at(event, 'message_id'));
  const time = text(at(event, 'timestamp'));
  const id = text(at(event, 'event_id'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: [word, text(at(event, 'bounce_category'))].filter((part) => part !== null).join(' '),
    meaning: meaningOf(events, word),
    recipient,
    at: fromSeconds(time),
    reply: firstText(at(event, 'response'), at(event, 'response_code')),
    note: text(at(event, 'reason')),
    messageId,
    campaign: text(at(event, 'category')),
    source: text(at(event, 'custom_variables', 'source')),
    client: { userAgent: text(at(event, 'user_agent')) },
  };
}
