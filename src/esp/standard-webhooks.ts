// Your own mail server, or any other sender for which presend has no adapter. It sends the events in the format below, signed
// as Standard Webhooks specifies.
//
// Secrets: `signingKeys` holds keys in the format of Standard Webhooks: base64, with or without the prefix whsec_.
// Body: {"type": "email.bounced", "timestamp": ISO 8601, "data": {"recipient", "reply"?, "message_id"?, "list"?,
// "campaign"?, "source"?, "user_agent"?, "machine"?}}. Fields with `?` are optional. `reply` is the SMTP reply, or the
// Diagnostic-Code of the bounce message (RFC 3464). `type` is one of the names in `events`.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  failed,
  type Meaning,
  meaningOf,
  opened,
  queued,
  replied,
  sent,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import { address, at, flag, fromIso, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { standardWebhookKeyFormat } from '../webhooks/key-format.ts';
import { sampleRecipient, standardWebhookSample } from '../webhooks/sample-request.ts';
import { verifyStandardWebhook } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  'email.queued': queued,
  'email.sent': sent,
  'email.delivered': delivered,
  'email.deferred': deferred('unknown'),
  // Soft, because the mailbox may exist. If the `reply` names a cause, such as an unknown mailbox, that cause counts instead.
  'email.bounced': soft('unknown'),
  'email.failed': failed,
  'email.complained': complaint,
  'email.unsubscribed': unsubscribed,
  'email.subscribed': subscribed,
  'email.autoreplied': autoreply,
  'email.opened': opened,
  'email.clicked': clicked,
  'email.replied': replied,
};

export const standardWebhooks: EspAdapter = {
  name: 'standard_webhooks',
  settings: ['SIGNING_KEYS'],
  signingKey: standardWebhookKeyFormat,
  sample: ({ signingKeys }, now) =>
    standardWebhookSample(
      signingKeys,
      'webhook',
      {
        type: 'email.bounced',
        timestamp: new Date(now).toISOString(),
        data: { recipient: sampleRecipient, reply: '550 5.1.1 User unknown' },
      },
      now,
    ),
  verify: (request, { signingKeys }) => verifyStandardWebhook(request, signingKeys, 'webhook'),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const type = text(at(body, 'type'));
    const data = at(body, 'data');
    const recipient = address(at(data, 'recipient'));
    const messageId = text(at(data, 'message_id'));
    const time = text(at(body, 'timestamp'));
    const id = text(request.headers.get('webhook-id'));
    return {
      kind: 'reports',
      reports: [
        {
          key: id === null ? [type, messageId, recipient, time] : [id],
          label: type ?? '',
          meaning: meaningOf(events, type),
          recipient,
          at: fromIso(time),
          reply: text(at(data, 'reply')),
          note: null,
          messageId,
          list: text(at(data, 'list')),
          campaign: text(at(data, 'campaign')),
          source: text(at(data, 'source')),
          client: { machine: flag(at(data, 'machine')), userAgent: text(at(data, 'user_agent')) },
        },
      ],
    };
  },
};
