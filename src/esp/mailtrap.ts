// Mailtrap: events of sent mail, in batches, as JSON or JSON Lines.
//
// Secrets: `signingKeys` holds the signature secret of the webhook. The header Mailtrap-Signature contains the HMAC-SHA-256 of
// the body, in hexadecimal.
// https://docs.mailtrap.io/email-api-smtp/advanced/webhooks

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
  policy,
  refused,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { address, at, fromSeconds, parseJson, text, textOf } from '../webhooks/json.ts';
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

/**
 * Meanings of `bounce` events, by words in `bounce_category`. Mailtrap does not list the categories: its examples have `spam` and
 * `greylisting`. The first match wins. Any other category is a hard bounce.
 */
const categories: readonly (readonly [RegExp, Meaning])[] = [
  [/mailbox.?full|quota/i, soft('mailbox_full')],
  [/spam|content/i, policy('spam_content')],
  [/virus/i, policy('virus')],
  [/polic|block|reputation|relay/i, policy('policy_refused')],
  [/greylist/i, soft('greylisted')],
  [/connection|timeout|expired/i, soft('network_error')],
];

/** The reason of a `reject` event if the address is on Mailtrap's suppression list. */
const isSuppressed = /\bsuppression list\b/i;

export const mailtrap: EspAdapter = {
  name: 'mailtrap',
  settings: ['SIGNING_KEYS'],
  sample: ({ signingKeys }, now) =>
    hexHmacSample(signingKeys, 'mailtrap-signature', {
      events: [{ event: 'bounce', email: sampleRecipient, event_id: `sample-${now}` }],
    }),
  verify: (request, { signingKeys }) => verifyHexHmac(request, signingKeys, 'mailtrap-signature'),
  parse(request): ParsedWebhook {
    const events = eventsIn(textOf(request.body));
    if (events === null) return { kind: 'malformed' };
    return { kind: 'reports', reports: events.filter((event) => !isOther(event)).map(report) };
  },
};

/** The events of a body in one of the two formats: JSON, or JSON Lines with one event on each line. Null if it is neither. */
function eventsIn(body: string | null): readonly unknown[] | null {
  const found = at(parseJson(body), 'events');
  if (Array.isArray(found)) return found;
  const lines = (body ?? '').split('\n').filter((line) => line.trim() !== '');
  const events = lines.map((line) => parseJson(line));
  return events.length > 0 && events.every((event) => text(at(event, 'event')) !== null) ? events : null;
}

/** Whether an event is not about sent mail: about inbound mail, or about what users do in the account. */
const isOther = (event: unknown): boolean => /^(inbound|activity_log)\./.test(text(at(event, 'event')) ?? '');

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const recipient = address(at(event, 'email'));
  const messageId = text(at(event, 'message_id'));
  const time = text(at(event, 'timestamp'));
  const id = text(at(event, 'event_id'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: [word, text(at(event, 'bounce_category'))].filter((part) => part !== null).join(' '),
    meaning: meaning(word, event),
    recipient,
    at: fromSeconds(time),
    reply: replyOf(text(at(event, 'response_code')), text(at(event, 'response'))),
    note: text(at(event, 'reason')),
    messageId,
    campaign: text(at(event, 'category')),
    source: text(at(event, 'custom_variables', 'source')),
    client: { userAgent: text(at(event, 'user_agent')) },
  };
}

function meaning(word: string | null, event: unknown): Meaning {
  const category = text(at(event, 'bounce_category')) ?? '';
  const byCategory = categories.find(([pattern]) => pattern.test(category))?.[1];
  if (word === 'bounce' && byCategory !== undefined) return byCategory;
  return word === 'reject' && isSuppressed.test(text(at(event, 'reason')) ?? '')
    ? echo
    : meaningOf(events, word);
}

/** The code and the text of the receiving server's reply. The text may begin with the code or contain it. */
const replyOf = (code: string | null, words: string | null): string | null =>
  code === null || words?.includes(code) ? words : `${code} ${words ?? ''}`.trim();
