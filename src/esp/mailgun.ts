// Mailgun: JSON webhooks, and the form-encoded ones from before 2018 that old configurations still send.
//
// Secrets: `signingKeys` holds the HTTP webhook signing key. `sharedSecrets` is needed as well, because the signature covers a
// timestamp and a token but not the body. Configure the webhook as https://any:SECRET@host/…: Mailgun then sends SECRET as the
// password of HTTP Basic.
// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks

import type { TrackedClient } from '../events/by-person.ts';
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
  queued,
  refused,
  sent,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, fromHex, hmacOf, isHmac, toHex } from '../webhooks/crypto.ts';
import { type FormPairs, firstValue, lastValue, parseForm } from '../webhooks/form.ts';
import {
  address,
  at,
  firstText,
  fromSeconds,
  isRecord,
  list,
  parseJson,
  text,
  textOf,
} from '../webhooks/json.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import {
  isWithin,
  refuse,
  retryWindow,
  type Verification,
  verified,
  verifySharedSecret,
} from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  accepted: queued,
  stored: queued,
  sent,
  delivered,
  opened,
  clicked,
  complained: complaint,
  unsubscribed,
  rejected: refused('unknown'),
};

/** Meanings of failures that Mailgun does not retry, keyed by the field `reason`. */
const failures: Readonly<Record<string, Meaning>> = {
  bounce: hard('unknown'),
  hardfail: hard('unknown'),
  generic: soft('unknown'),
  temporary: soft('unknown'),
  old: soft('expired'),
  espblock: policy('blocked_reputation'),
  'suppress-bounce': echo,
  'suppress-complaint': echo,
  'suppress-unsubscribe': echo,
};

/**
 * Meanings of the codes that Mailgun itself assigns in place of an SMTP reply code: 499 if Mailgun could not reach the server;
 * 605, 606 and 607 if the address is on Mailgun's own suppression list.
 */
const ownCodes: Readonly<Record<string, Meaning>> = {
  499: soft('expired'),
  605: echo,
  606: echo,
  607: echo,
};

export const mailgun: EspAdapter = {
  name: 'mailgun',
  settings: ['SIGNING_KEYS', 'SHARED_SECRETS'],

  async sample({ signingKeys = [], sharedSecrets }, now) {
    const timestamp = String(Math.floor(now / 1000));
    const token = `sample-${now}`;
    const [key] = signingKeys;
    const signature = key ? toHex(await hmacOf('SHA-256', bytesOf(key), bytesOf(timestamp + token))) : '';
    return secretSample(sharedSecrets, {
      signature: { timestamp, token, signature },
      'event-data': {
        event: 'failed',
        id: token,
        timestamp: now / 1000,
        severity: 'permanent',
        reason: 'bounce',
        recipient: sampleRecipient,
      },
    });
  },

  async verify(request, { signingKeys = [], sharedSecrets }): Promise<Verification> {
    const shared = await verifySharedSecret(request, sharedSecrets);
    if (shared.kind !== 'verified') return shared;
    const seal = readSeal(request);
    if (seal === null) return refuse('signature_missing');
    const signature = fromHex(seal.signature);
    const data = bytesOf(seal.timestamp + seal.token);
    if (signature === null || !(await isHmac('SHA-256', signingKeys.map(bytesOf), [signature], data)))
      return refuse('signature_wrong');
    return isWithin(retryWindow, fromSeconds(seal.timestamp), request.now)
      ? verified
      : refuse('timestamp_outside_window');
  },

  parse(request): ParsedWebhook {
    if (!isJson(request)) {
      const fields = parseForm(request.body) ?? [];
      return firstValue(fields, 'event') === null
        ? { kind: 'malformed' }
        : { kind: 'reports', reports: [formReport(fields)] };
    }
    const body = parseJson(textOf(request.body));
    return isRecord(at(body, 'event-data'))
      ? { kind: 'reports', reports: [jsonReport(body)] }
      : { kind: 'malformed' };
  },
};

const isJson = (request: WebhookRequest) =>
  request.headers.get('content-type')?.toLowerCase().startsWith('application/json') ?? false;

function readSeal(request: WebhookRequest) {
  const read = isJson(request)
    ? sealFields(at(parseJson(textOf(request.body)), 'signature'))
    : lastOf(parseForm(request.body) ?? []);
  const { timestamp, token, signature } = read;
  return timestamp && token && signature ? { timestamp, token, signature } : null;
}

const sealFields = (seal: unknown) => ({
  timestamp: text(at(seal, 'timestamp')),
  token: text(at(seal, 'token')),
  signature: text(at(seal, 'signature')),
});

// Reads the signature fields of a form. The form also contains the sender's custom variables, which may have the same names as
// Mailgun's fields. Mailgun puts the event fields before these variables, so `firstValue` reads the event fields. It puts the
// signature fields after them, so `lastValue` reads the signature fields.
const lastOf = (fields: FormPairs) => ({
  timestamp: lastValue(fields, 'timestamp'),
  token: lastValue(fields, 'token'),
  signature: lastValue(fields, 'signature'),
});

function jsonReport(body: unknown): VendorReport {
  const event = at(body, 'event-data');
  const word = text(at(event, 'event'));
  const severity = text(at(event, 'severity'));
  const reason = text(at(event, 'reason'));
  const status = at(event, 'delivery-status');
  const code = text(at(status, 'code'));
  const headers = at(event, 'message', 'headers');
  const recipient = address(at(event, 'recipient')) ?? address(at(headers, 'to'));
  return {
    // Mailgun's event id is unique only within one day, so the timestamp is part of the key. The signature's token is only a
    // fallback for a missing id, because each attempt to send the same event has another token.
    key: [
      firstText(at(event, 'id'), at(body, 'signature', 'token')),
      text(at(event, 'timestamp')),
      word,
      recipient,
    ],
    label: [word, severity, reason].filter((part) => part !== null).join(' '),
    meaning:
      word === 'failed'
        ? failure(severity, reason, code, text(at(status, 'bounce-type')))
        : meaningOf(events, word),
    recipient,
    at: fromSeconds(at(event, 'timestamp')),
    reply: replyText(
      code,
      text(at(status, 'enhanced-code')),
      firstText(at(status, 'message'), at(status, 'description')),
    ),
    note: text(at(event, 'reject', 'reason')),
    messageId: text(at(headers, 'message-id')),
    list: firstText(
      mailingListName(text(at(event, 'mailing-list', 'address'))),
      at(event, 'user-variables', 'list'),
    ),
    campaign: firstText(at(event, 'campaigns', 0, 'name'), at(event, 'tags', 0)),
    source: text(at(event, 'user-variables', 'source')),
    client: clientOf(
      text(at(event, 'client-info', 'bot')),
      text(at(event, 'client-info', 'client-type')),
      text(at(event, 'client-info', 'user-agent')),
    ),
  };
}

/** `bot` names the machine that opened or clicked, such as `apple` for Mail Privacy Protection. It is empty for a person. */
const clientOf = (
  bot: string | null,
  clientType: string | null,
  userAgent: string | null,
): TrackedClient => ({
  machine: bot !== null || clientType === 'robot' ? true : null,
  userAgent,
});

/**
 * The name of the mailing list to whose address a message was sent: the part before the at sign, such as `news`. Mailgun has no
 * list for a message that was not sent to a mailing list, and does not say which unsubscribe link the person followed.
 */
const mailingListName = (address: string | null): string | null => address?.split('@')[0] ?? null;

function failure(
  severity: string | null,
  reason: string | null,
  code: string | null,
  bounceType: string | null,
): Meaning {
  if (severity === 'temporary') return deferred('unknown');
  const known = meaningOf(ownCodes, code, meaningOf(failures, reason, soft('unknown')));
  return known.class === 'hard' && bounceType === 'soft' ? soft('unknown') : known;
}

function formReport(fields: FormPairs): VendorReport {
  const word = text(firstValue(fields, 'event'));
  const code = text(firstValue(fields, 'code'));
  const reason = text(firstValue(fields, 'reason'));
  const recipient = address(firstValue(fields, 'recipient'));
  const messageId = messageIdOf(fields);
  // Such an event happens once for a message and a recipient.
  const isUnique = messageId !== null && word !== null && uniqueInForms.has(word);
  return {
    // The form has no event id, and each attempt to send it may have another token (Mailgun says: refuse a token that was
    // received before). So the token identifies only the events that nothing else identifies.
    key: isUnique ? [word, messageId, recipient] : [lastOf(fields).token],
    label: [word, reason].filter((part) => part !== null).join(' '),
    meaning: formMeaning(word, code, reason),
    recipient,
    at: fromSeconds(lastOf(fields).timestamp),
    reply: replyText(
      code,
      null,
      firstText(
        firstValue(fields, 'error'),
        firstValue(fields, 'notification'),
        firstValue(fields, 'description'),
      ),
    ),
    note: null,
    messageId,
    list: firstText(mailingListName(firstValue(fields, 'mailing-list')), firstValue(fields, 'list')),
    campaign: firstText(
      firstValue(fields, 'campaign-name'),
      firstValue(fields, 'tag'),
      firstValue(fields, 'X-Mailgun-Tag'),
    ),
    source: text(firstValue(fields, 'source')),
    client: clientOf(null, text(firstValue(fields, 'client-type')), text(firstValue(fields, 'user-agent'))),
  };
}

const uniqueInForms = new Set(['delivered', 'bounced', 'dropped', 'complained']);

/** The id of the message: a field of its own, or in `message-headers`, a JSON list of pairs of a header's name and value. */
function messageIdOf(fields: FormPairs): string | null {
  const header = list(parseJson(firstValue(fields, 'message-headers'))).find((pair) =>
    /^message-id$/i.test(text(at(pair, 0)) ?? ''),
  );
  return firstText(firstValue(fields, 'Message-Id'), firstValue(fields, 'message-id'), at(header, 1));
}

function formMeaning(word: string | null, code: string | null, reason: string | null): Meaning {
  if (word === 'bounced') return code?.startsWith('4') ? soft('unknown') : hard('unknown');
  if (word !== 'dropped') return meaningOf(events, word);
  // Mailgun drops mail to an address that hard-bounced before. That hard bounce was already reported in an earlier event, so
  // the drop has the meaning `echo`: it says nothing new about the address.
  const known = meaningOf(ownCodes, code, meaningOf(failures, reason, echo));
  return known.class === 'hard' ? echo : { ...known, kind: 'rejected' };
}

/** Joins the code, the enhanced status and the text of an SMTP reply. Mailgun sends them as three fields. */
function replyText(code: string | null, status: string | null, words: string | null): string | null {
  // In a webhook that is a form, the code may be an enhanced status such as 5.1.1 instead of an SMTP code such as 550.
  if (code !== null && /^[45]\.\d{1,3}\.\d{1,3}$/.test(code))
    return words === null ? code : `${code} ${words}`;
  if (code === null || !/^[45]\d\d$/.test(code)) return words;
  if (words === null) return status === null ? code : `${code} ${status}`;
  const enhanced = status !== null && !words.includes(status) ? `${status} ` : '';
  return words.startsWith(code) ? words : `${code} ${enhanced}${words}`;
}
