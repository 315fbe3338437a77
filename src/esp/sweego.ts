// Sweego: one or several events per request.
//
// Secrets: `signingKeys` holds the base64 secret of the webhook. Sweego signs as Standard Webhooks specifies, but writes the
// signature without the version prefix `v1,`.
// https://learn.sweego.io/docs/webhooks/webhook_signature

import {
  clicked,
  complaint,
  delivered,
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
import { standardWebhookKeyFormat } from '../webhooks/key-format.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient, standardWebhookSample } from '../webhooks/sample-request.ts';
import { verifyStandardWebhook } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

/** Meanings of the events. Sweego writes some names with hyphens, such as `soft-bounce`. */
const events: Readonly<Record<string, Meaning>> = {
  email_sent: sent,
  delivered,
  soft_bounce: soft('unknown'),
  hard_bounce: hard('unknown'),
  list_unsub: unsubscribed,
  complaint,
  email_clicked: clicked,
  email_opened: opened,
};

export const sweego: EspAdapter = {
  name: 'sweego',
  settings: ['SIGNING_KEYS'],
  signingKey: standardWebhookKeyFormat,
  sample: ({ signingKeys }, now) =>
    standardWebhookSample(
      signingKeys,
      'webhook',
      { event_type: 'hard_bounce', recipient: sampleRecipient, event_id: `sample-${now}`, swg_uid: 'sample' },
      now,
      '',
    ),
  verify: (request, { signingKeys }) => verifyStandardWebhook(withVersion(request), signingKeys, 'webhook'),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (Array.isArray(body)) return { kind: 'reports', reports: body.filter(isOutgoing).map(report) };
    if (!isRecord(body)) return { kind: 'malformed' };
    return { kind: 'reports', reports: isOutgoing(body) ? [report(body)] : [] };
  },
};

function withVersion(request: WebhookRequest): WebhookRequest {
  const signature = request.headers.get('webhook-signature') ?? request.headers.get('x-sweego-signature');
  const get = (name: string) =>
    name === 'webhook-signature' && signature !== null ? `v1,${signature}` : request.headers.get(name);
  return { ...request, headers: { get } };
}

const isOutgoing = (event: unknown) => at(event, 'event_type') !== 'email_inbound';

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event_type'));
  const recipient = address(at(event, 'recipient'));
  const messageId = text(at(event, 'swg_uid'));
  const time = text(at(event, 'timestamp'));
  const id = text(at(event, 'event_id'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: word ?? '',
    meaning: meaningOf(events, word?.replaceAll('-', '_') ?? null),
    recipient,
    at: fromIso(time),
    reply: replyOf(event),
    note: null,
    messageId,
    campaign: text(at(event, 'campaign_tags', 0)) ?? text(at(event, 'campaign_tags')),
    source: null,
    client: {
      userAgent: firstText(
        at(event, 'open', 'user_agent'),
        at(event, 'click', 'user_agent'),
        at(event, 'user_agent'),
      ),
    },
  };
}

/** The receiving server's reply. Some events have only its code and its enhanced status. */
function replyOf(event: unknown): string | null {
  const words = text(at(event, 'details'));
  const codes = [at(event, 'response_code'), at(event, 'status')].map(text).filter((code) => code !== null);
  return words ?? (codes.join(' ') || null);
}
