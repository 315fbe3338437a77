// MailerSend: activity events, in the current flat form and the older nested one.
//
// Secrets: `signingKeys` holds the signing secret of the webhook. The header Signature contains the HMAC-SHA-256 of the body,
// in hexadecimal.
// https://developers.mailersend.com/api/v1/webhooks.html

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
  sent,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { address, at, firstText, fromIso, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { hexHmacSample, sampleRecipient } from '../webhooks/sample-request.ts';
import { verifyHexHmac } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  sent,
  delivered,
  deferred: deferred('unknown'),
  soft_bounced: soft('unknown'),
  hard_bounced: hard('unknown'),
  opened,
  opened_unique: opened,
  clicked,
  clicked_unique: clicked,
  unsubscribed,
  spam_complaint: complaint,
  spam_complaints: complaint,
  suppressed: echo,
};

export const mailersend: EspAdapter = {
  name: 'mailersend',
  settings: ['SIGNING_KEYS'],
  sample: ({ signingKeys }, now) =>
    hexHmacSample(signingKeys, 'signature', {
      type: 'activity.hard_bounced',
      data: { id: `sample-${now}`, type: 'hard_bounced', recipient: sampleRecipient },
    }),
  verify: (request, { signingKeys }) => verifyHexHmac(request, signingKeys, 'signature'),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const type = text(at(body, 'type'));
    return {
      kind: 'reports',
      reports: type?.startsWith('activity.') ? [report(body, type)] : [],
    };
  },
};

function report(body: unknown, type: string): VendorReport {
  const data = at(body, 'data');
  const morph = at(data, 'morph');
  const meta = at(data, 'meta');
  const word = firstText(at(data, 'type'), type.slice('activity.'.length));
  const recipient = address(firstText(at(data, 'recipient'), at(data, 'email', 'recipient', 'email')));
  const messageId = firstText(at(data, 'message_id'), at(data, 'email', 'message', 'id'));
  const id = text(at(data, 'id'));
  return {
    key: id === null ? [word, messageId, recipient, text(at(body, 'created_at'))] : [id],
    label: word ?? type,
    meaning: meaningOf(events, word),
    recipient,
    at: fromIso(firstText(at(data, 'created_at'), at(body, 'created_at'))),
    reply: replyText(
      text(at(meta, 'bounce_code')),
      firstText(
        at(meta, 'bounce_reason'),
        at(meta, 'reject_reason'),
        at(morph, 'reason'),
        at(morph, 'readable_reason'),
      ),
    ),
    note: text(at(meta, 'suppression_reason')),
    messageId,
    campaign: firstText(at(data, 'tags', 0), at(data, 'email', 'tags', 0)),
    source: null,
    // Version 1 of the webhooks says nothing about the client, so its opens do not count.
    client: { userAgent: text(at(meta, 'user_agent')) },
  };
}

const replyText = (code: string | null, words: string | null) =>
  code === null || words?.startsWith(code) ? words : `${code} ${words ?? ''}`.trim();
