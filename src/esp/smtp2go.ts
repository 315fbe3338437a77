// SMTP2GO: one event per request, as JSON or as a form.
//
// Secrets: `sharedSecrets`. SMTP2GO does not sign its requests. Configure the webhook as https://any:SECRET@host/…, or with the
// secret in a custom header X-Webhook-Token.
// https://developers.smtp2go.com/docs/webhooks-overview

import {
  clicked,
  complaint,
  delivered,
  echo,
  hard,
  type Meaning,
  meaningOf,
  opened,
  queued,
  soft,
  subscribed,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { parseForm } from '../webhooks/form.ts';
import { address, at, firstText, fromIso, fromSeconds, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  processed: queued,
  delivered,
  open: opened,
  click: clicked,
  spam: complaint,
  unsubscribe: unsubscribed,
  resubscribe: subscribed,
  // SMTP2GO did not send the message, because the recipient had bounced, complained or unsubscribed.
  reject: echo,
};

/** Meanings of `bounce` events, keyed by the field that is also named `bounce`. */
const bounces: Readonly<Record<string, Meaning>> = { hard: hard('unknown'), soft: soft('unknown') };

export const smtp2go: EspAdapter = {
  name: 'smtp2go',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, {
      event: 'bounce',
      bounce: 'hard',
      rcpt: sampleRecipient,
      email_id: `sample-${now}`,
      time: new Date(now).toISOString(),
    }),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const written = textOf(request.body) ?? '';
    const body = written.startsWith('{')
      ? parseJson(written)
      : Object.fromEntries(parseForm(request.body) ?? []);
    return text(at(body, 'event')) === null
      ? { kind: 'malformed' }
      : { kind: 'reports', reports: [report(body)] };
  },
};

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const severity = text(at(event, 'bounce'));
  const recipient = address(at(event, 'rcpt'));
  const messageId = text(at(event, 'email_id'));
  const time = text(at(event, 'time'));
  const id = text(at(event, 'id'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: [word, severity].filter((part) => part !== null).join(' '),
    meaning: word === 'bounce' ? meaningOf(bounces, severity, soft('unknown')) : meaningOf(events, word),
    recipient,
    at: fromSeconds(time) ?? fromIso(time),
    reply: text(at(event, 'message')),
    note: text(at(event, 'context')),
    messageId,
    campaign: null,
    source: null,
    client: { userAgent: firstText(at(event, 'user-agent'), at(event, 'user_agent')) },
  };
}
