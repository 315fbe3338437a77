// Mailchimp Transactional (Mandrill): message events and changes of its allow and deny lists, in batches.
//
// Secrets: `signingKeys` holds the webhook's authentication key. `webhookUrl` is the URL exactly as configured at Mandrill. The
// signature is the HMAC-SHA-1 of this URL followed by the form fields, sorted by name.
// https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  hard,
  impossible,
  listed,
  type Meaning,
  meaningOf,
  opened,
  policy,
  refused,
  sent,
  soft,
  suppressedByHand,
  unknown,
  unsubscribed,
  unsuppressedByHand,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, concat, fromBase64, hmacOf, isHmac, toBase64 } from '../webhooks/crypto.ts';
import { firstValue, parseForm, parseUnverifiedForm } from '../webhooks/form.ts';
import { address, at, firstText, fromSeconds, list, parseJson, text } from '../webhooks/json.ts';
import { sampleRecipient } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  send: sent,
  delivered,
  deferral: deferred('unknown'),
  open: opened,
  click: clicked,
  spam: complaint,
  unsub: unsubscribed,
};

/** Meanings of bounces, keyed by the field `bounce_description`. In a `soft_bounce` event, a hard meaning counts as soft. */
const bounces: Readonly<Record<string, Meaning>> = {
  bad_mailbox: hard('mailbox_unknown'),
  invalid_domain: hard('domain_unknown'),
  mailbox_full: soft('mailbox_full'),
  inactive_mailbox: hard('mailbox_disabled'),
  no_longer_here: hard('mailbox_moved'),
};

/**
 * Meanings of bounces, keyed by the field `bgtools_code`, if the description is not in `bounces`. Mandrill calls some refusals of
 * the message a hard bounce, too.
 * https://boogietools.com/Products/Linux/BounceStudioAPI/Email-Bounce-Boogie-Bounce-API-Categories.asp
 */
const bounceCodes: Readonly<Record<string, Meaning>> = {
  20: soft('unknown'),
  21: soft('network_error'),
  22: soft('mailbox_full'),
  23: soft('message_too_large'),
  40: soft('unknown'),
  50: policy('policy_refused'),
  51: policy('blocked_reputation'),
  52: policy('spam_content'),
  53: policy('content_refused'),
  54: policy('relay_denied'),
  60: autoreply,
  70: soft('unknown'),
  100: autoreply,
};

/**
 * Meanings of `reject` events, keyed by the reason. In such an event, Mandrill refused to send a message. Any reason that is
 * missing here has the meaning `echo`, since most rejects come from Mandrill's own deny list.
 */
const rejects: Readonly<Record<string, Meaning>> = {
  invalid: impossible,
  'invalid-sender': refused('relay_denied'),
  unsigned: refused('authentication_failed'),
  'test-mode-limit': refused('rate_limited'),
  rule: refused('unknown'),
};

/**
 * Meanings of events that add or renew an entry of Mandrill's deny list, keyed by the reason of the entry. Mandrill rejects all
 * mail to an address on this list. An entry for a soft bounce expires, so it has the meaning `echo`, which does not suppress
 * the address. Any reason that is missing here counts as a manual entry.
 * https://mailchimp.com/developer/transactional/docs/reputation-rejections/
 */
const listReasons: Readonly<Record<string, Meaning>> = {
  'hard-bounce': listed('hard'),
  spam: listed('complaint'),
  unsub: unsubscribed,
  custom: suppressedByHand,
  'soft-bounce': echo,
};

const denyLists = new Set(['blacklist', 'denylist']);

export const mandrill: EspAdapter = {
  name: 'mandrill',
  settings: ['SIGNING_KEYS', 'WEBHOOK_URL'],

  async sample({ signingKeys = [], webhookUrl = '' }, now) {
    const events = JSON.stringify([
      {
        event: 'hard_bounce',
        _id: `sample-${now}`,
        ts: Math.floor(now / 1000),
        msg: { email: sampleRecipient, bounce_description: 'bad_mailbox' },
      },
    ]);
    const [key] = signingKeys;
    const data = bytesOf(`${webhookUrl}mandrill_events${events}`);
    return {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(key && { 'x-mandrill-signature': toBase64(await hmacOf('SHA-1', bytesOf(key), data)) }),
      },
      body: new URLSearchParams({ mandrill_events: events }).toString(),
      isSigned: Boolean(key),
    };
  },

  async verify(request, { signingKeys = [], webhookUrl = '' }): Promise<Verification> {
    const written = request.headers.get('x-mandrill-signature');
    if (written === null) return refuse('signature_missing');
    const signature = fromBase64(written);
    if (signature === null) return refuse('signature_wrong');
    const fields = await parseUnverifiedForm(request.body);
    if (fields === null) return refuse('malformed');
    const sorted = fields.toSorted(([a], [b]) => Buffer.compare(a, b));
    const data = concat(bytesOf(webhookUrl), ...sorted.flat());
    return (await isHmac('SHA-1', signingKeys.map(bytesOf), [signature], data))
      ? verified
      : refuse('signature_wrong');
  },

  parse(request): ParsedWebhook {
    const body = parseJson(firstValue(parseForm(request.body) ?? [], 'mandrill_events'));
    if (!Array.isArray(body)) return { kind: 'malformed' };
    return {
      kind: 'reports',
      reports: list(body)
        .filter((event) => at(event, 'event') !== 'inbound')
        .map(report),
    };
  },
};

function report(event: unknown): VendorReport {
  const word = firstText(at(event, 'event'), at(event, 'type'));
  const message = at(event, 'msg');
  const recipient = address(firstText(at(message, 'email'), at(event, 'reject', 'email')));
  const messageId = firstText(at(event, '_id'), at(message, '_id'));
  const time = text(at(event, 'ts'));
  return {
    key: [word, messageId, recipient, time, text(at(event, 'url')), text(at(event, 'action'))],
    label: [word, text(at(event, 'action'))].filter((part) => part !== null).join(' '),
    meaning: isSync(event) ? syncMeaning(event) : meaning(word, message, text(at(event, 'reject', 'reason'))),
    recipient,
    at: fromSeconds(time),
    reply: firstText(
      at(message, 'diag'),
      at(list(at(message, 'smtp_events')).at(-1), 'diag'),
      at(event, 'reject', 'detail'),
    ),
    note: null,
    messageId,
    // An entry of the deny list may apply to one subaccount only.
    list: text(at(event, 'reject', 'subaccount')),
    campaign: firstText(at(message, 'tags', 0), at(message, 'subaccount')),
    source: text(at(message, 'metadata', 'source')),
    client: { userAgent: text(at(event, 'user_agent')) },
  };
}

/**
 * Whether the event is a change of Mandrill's allow or deny list. Such an event has the field `action` and no field `event`.
 */
const isSync = (event: unknown) => text(at(event, 'event')) === null && text(at(event, 'action')) !== null;

function syncMeaning(event: unknown): Meaning {
  const action = text(at(event, 'action'));
  const isAddition = (action === 'add' || action === 'change') && at(event, 'reject', 'expired') !== true;
  if (!denyLists.has(text(at(event, 'type')) ?? '')) return unknown;
  if (action === 'remove') return unsuppressedByHand;
  return isAddition ? meaningOf(listReasons, text(at(event, 'reject', 'reason')), suppressedByHand) : unknown;
}

function meaning(word: string | null, message: unknown, rejected: string | null): Meaning {
  if (word === 'hard_bounce') return bounce(message, hard('unknown'));
  if (word === 'soft_bounce') {
    const known = bounce(message, soft('unknown'));
    return known.class === 'hard' ? soft(known.reason) : known;
  }
  if (word === 'reject')
    return meaningOf(rejects, firstText(rejected, at(message, 'reject', 'reason')), echo);
  return meaningOf(events, word);
}

const bounce = (message: unknown, fallback: Meaning): Meaning =>
  meaningOf(
    bounces,
    text(at(message, 'bounce_description')),
    meaningOf(bounceCodes, text(at(message, 'bgtools_code')), fallback),
  );
