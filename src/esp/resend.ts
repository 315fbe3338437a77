// Resend: one event per request. Resend sends its webhooks through the service Svix.
//
// Secrets: `signingKeys` holds the signing secret of the webhook (whsec_…).
// If a message has several recipients, Resend does not say which of them an event is about. The recipient is then null, except
// for `email.sent`, which is about all of them.
// https://resend.com/docs/dashboard/webhooks/event-types

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  failed,
  hard,
  listed,
  type Meaning,
  meaningOf,
  opened,
  policy,
  queued,
  sent,
  soft,
  suppressedByHand,
  unsubscribed,
  unsuppressedByHand,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import {
  address,
  at,
  firstText,
  fromIso,
  isRecord,
  list,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import { standardWebhookKeyFormat } from '../webhooks/key-format.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient, standardWebhookSample } from '../webhooks/sample-request.ts';
import { verifyStandardWebhook } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  'email.scheduled': queued,
  'email.sent': sent,
  'email.delivered': delivered,
  'email.delivery_delayed': deferred('unknown'),
  'email.complained': complaint,
  'email.suppressed': echo,
  'email.opened': opened,
  'email.clicked': clicked,
  'email.failed': failed,
};

/** Meanings of bounces, keyed by `data.bounce.type` and `data.bounce.subType`. */
const bounces: Readonly<Record<string, Meaning>> = {
  'Permanent/General': hard('unknown'),
  'Permanent/NoEmail': hard('mailbox_unknown'),
  'Permanent/Suppressed': echo,
  'Permanent/OnAccountSuppressionList': echo,
  // The recipient unsubscribed from a contact list of Amazon SES, through which Resend sends.
  'Permanent/UnsubscribedRecipient': echo,
  // An out-of-office reply, unless the event has a diagnostic: see `bounce`.
  'Transient/General': autoreply,
  'Transient/MailboxFull': soft('mailbox_full'),
  'Transient/MessageTooLarge': soft('message_too_large'),
  'Transient/ContentRejected': policy('content_refused'),
  'Transient/AttachmentRejected': policy('content_refused'),
};

/** Meanings of bounces whose type is not in `bounces`, by the words in `data.bounce.message`. The first match wins. */
const explanations: readonly (readonly [RegExp, Meaning])[] = [
  [/suppressed sending/i, echo],
  [/sent a hard bounce/i, hard('unknown')],
  [/inbox was full|mailbox (is|was) full/i, soft('mailbox_full')],
  [/too large|exceeded (the )?size/i, soft('message_too_large')],
  [/content/i, policy('content_refused')],
];

/** Meanings of `suppression.added` events, keyed by `data.origin`. */
const origins: Readonly<Record<string, Meaning>> = {
  bounce: listed('hard'),
  complaint: listed('complaint'),
  manual: suppressedByHand,
};

export const resend: EspAdapter = {
  name: 'resend',
  settings: ['SIGNING_KEYS'],
  signingKey: standardWebhookKeyFormat,
  sample: ({ signingKeys }, now) =>
    standardWebhookSample(
      signingKeys,
      'svix',
      {
        type: 'email.bounced',
        created_at: new Date(now).toISOString(),
        data: {
          email_id: 'sample',
          to: [sampleRecipient],
          bounce: { type: 'Permanent', subType: 'NoEmail' },
        },
      },
      now,
    ),
  verify: (request, { signingKeys }) => verifyStandardWebhook(request, signingKeys, 'svix'),
  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    const type = text(at(body, 'type'));
    const data = at(body, 'data');
    const isListed = type === 'suppression.added' || type === 'suppression.removed';
    if (isListed || (type?.startsWith('contact.') && at(data, 'unsubscribed') === true))
      return { kind: 'reports', reports: [report(body, type, address(at(data, 'email')), request)] };
    // Ignore inbound mail, and all other events about contacts and domains: they say nothing about sent mail.
    if (type === 'email.received' || /^(contact|domain)\./.test(type ?? ''))
      return { kind: 'reports', reports: [] };
    const everybody = recipientsOf(data);
    // `email.sent` is about all recipients. Any later event is about only one of them, and Resend does not say which one.
    const recipients = type === 'email.sent' || everybody.length === 1 ? everybody : [null];
    return {
      kind: 'reports',
      reports: recipients.map((recipient) => report(body, type, recipient, request)),
    };
  },
};

function recipientsOf(data: unknown): readonly (string | null)[] {
  const copies = list(at(data, 'headers'))
    .filter((header) => /^b?cc$/i.test(text(at(header, 'name')) ?? ''))
    .flatMap((header) => (text(at(header, 'value')) ?? '').split(','));
  const to = at(data, 'to');
  return [...(Array.isArray(to) ? to : [to]), ...list(at(data, 'cc')), ...list(at(data, 'bcc')), ...copies]
    .map(address)
    .filter((found) => found !== null);
}

function report(
  body: unknown,
  type: string | null,
  recipient: string | null,
  request: WebhookRequest,
): VendorReport {
  const data = at(body, 'data');
  const messageId = text(at(data, 'email_id'));
  const created = text(at(body, 'created_at'));
  const words = firstText(at(data, 'bounce', 'message'), at(data, 'failed', 'reason'));
  // If Svix sends the same event several times, `svix-id` is the same each time.
  const id = text(request.headers.get('svix-id'));
  return {
    key: id === null ? [type, messageId, recipient, created] : [id, recipient],
    label: [type, text(at(data, 'bounce', 'type')), text(at(data, 'bounce', 'subType'))]
      .filter((part) => part !== null)
      .join(' '),
    meaning: meaning(type, data, words ?? ''),
    recipient,
    at: fromIso(created),
    reply: diagnosticOf(at(data, 'bounce')),
    note: words,
    messageId,
    contact: type?.startsWith('contact.') ? text(at(data, 'id')) : null,
    campaign: firstText(at(data, 'tags', 'campaign'), at(data, 'broadcast_id')),
    source: text(at(data, 'tags', 'source')),
    // Resend says nothing about the client that opened a message, so its opens do not count.
    client: { userAgent: text(at(data, 'click', 'userAgent')) },
  };
}

function meaning(type: string | null, data: unknown, words: string): Meaning {
  if (type === 'email.bounced') return bounce(at(data, 'bounce'), words);
  if (type === 'suppression.added') return meaningOf(origins, text(at(data, 'origin')), suppressedByHand);
  if (type === 'suppression.removed') return unsuppressedByHand;
  return type?.startsWith('contact.') ? unsubscribed : meaningOf(events, type);
}

function bounce(details: unknown, words: string): Meaning {
  const type = text(at(details, 'type'));
  const known = bounces[`${type}/${text(at(details, 'subType'))}`];
  // An out-of-office reply has no diagnostic, so an event with one is a bounce. It is soft unless the diagnostic names a cause:
  // `deliveryEventsOf` classifies that text.
  if (known === autoreply && diagnosticOf(details) !== null) return soft('unknown');
  if (known !== undefined) return known;
  const explained = explanations.find(([pattern]) => pattern.test(words))?.[1];
  return explained ?? (type === 'Permanent' ? hard('unknown') : soft('unknown'));
}

/** The receiving server's reply. `message` explains the type of the bounce in Resend's words, unless it is itself a reply. */
function diagnosticOf(bounce: unknown): string | null {
  const message = text(at(bounce, 'message'));
  return firstText(
    at(bounce, 'diagnosticCode', 0),
    at(bounce, 'diagnosticCode'),
    message !== null && /^(?:smtp; ?)?[245]\d\d[ -]/i.test(message) ? message : null,
  );
}
