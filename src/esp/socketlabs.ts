// SocketLabs: events as JSON, one or several per request.
//
// Secrets: `sharedSecrets` holds the secret key of the webhook. SocketLabs does not sign its requests: each event carries the key
// in its field SecretKey. To validate the URL it sends an event of the type Validation, and expects the field ValidationKey back.
// https://help.socketlabs.com/docs/event-webhooks-events
// https://help.socketlabs.com/docs/event-webhooks-data-attributes
// https://github.com/socketlabs/SocketLabs.EventWebhooks.Extensions (FailureCodes.cs, FailedEvent.cs)

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  hard,
  type Meaning,
  meaningOf,
  opened,
  otherFeedback,
  policy,
  queued,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { isOneOf } from '../webhooks/crypto.ts';
import { address, at, firstText, fromIso, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const types: Readonly<Record<string, Meaning>> = {
  queued,
  deferred: deferred('unknown'),
  sent: delivered,
  delivered,
  complaint,
};

/** Meanings of events of the type Tracking, keyed by `TrackingType`. */
const tracked: Readonly<Record<string, Meaning>> = { 0: clicked, 1: opened, 2: unsubscribed };

/** Meanings of events of the type Failed, keyed by `FailureCode`. */
const failures: Readonly<Record<string, Meaning>> = {
  1002: policy('blocked_reputation'),
  1003: policy('blocked_reputation'),
  1004: policy('spam_content'),
  1006: soft('rate_limited'),
  1007: policy('virus'),
  1011: autoreply,
  1999: policy('policy_refused'),
  2001: hard('mailbox_unknown'),
  2002: hard('domain_unknown'),
  2003: hard('address_syntax'),
  2004: hard('mailbox_disabled'),
  2999: hard('unknown'),
  3001: soft('mailbox_full'),
  // "Inactive/disabled", but SocketLabs counts it among the temporary failures.
  3002: soft('unknown'),
  3003: soft('greylisted'),
  3999: soft('unknown'),
  4001: soft('rate_limited'),
  4002: soft('protocol_error'),
  4003: soft('network_error'),
  4004: soft('expired'),
  4006: policy('relay_denied'),
  4999: soft('network_error'),
  5001: autoreply,
  5999: autoreply,
};

/**
 * The secret of an event. It is found in the text, because a body whose secret is not checked yet is not parsed: a megabyte of brackets
 * would take long.
 */
const secretKey = /"SecretKey"\s*:\s*"([^"\\]{1,256})"/g;

/** The events of a body; null if it is not JSON. */
function eventsIn(request: WebhookRequest): readonly unknown[] | null {
  const body = parseJson(textOf(request.body));
  if (Array.isArray(body)) return body;
  return isRecord(body) ? [body] : null;
}

export const socketlabs: EspAdapter = {
  name: 'socketlabs',
  settings: ['SHARED_SECRETS'],
  maxBytes: 1024 * 1024,

  sample({ sharedSecrets }, now) {
    const [secret] = sharedSecrets ?? [];
    const sample = unsignedSample({
      Type: 'Failed',
      DateTime: new Date(now).toISOString(),
      ...(secret && { SecretKey: secret }),
      Address: sampleRecipient,
      MessageId: `sample-${now}`,
      FailureType: 'Permanent',
      FailureCode: 2001,
    });
    return secret ? { ...sample, isSigned: true } : sample;
  },

  async verify(request, { sharedSecrets = [] }): Promise<Verification> {
    const offered = new Set<string>();
    // The events of a webhook have the same key, so there is one key to check, or few.
    for (const [, key] of (textOf(request.body) ?? '').matchAll(secretKey)) {
      if (offered.add(key!).size > Math.max(1, sharedSecrets.length)) return refuse('credentials_wrong');
    }
    if (offered.size === 0) return refuse('credentials_missing');
    for (const key of offered) if (!(await isOneOf(sharedSecrets, key))) return refuse('credentials_wrong');
    const events = eventsIn(request) ?? [];
    const isWithout = (event: unknown) => !offered.has(text(at(event, 'SecretKey')) ?? '');
    if (events.length === 0 || events.some(isWithout)) return refuse('credentials_missing');
    return verified;
  },

  handshake(request) {
    if (request.body.length > maxHandshakeBytes) return null;
    const body = parseJson(textOf(request.body));
    const key = text(at(body, 'ValidationKey'));
    return text(at(body, 'Type')) === 'Validation' && key !== null ? { ValidationKey: key } : null;
  },

  parse(request): ParsedWebhook {
    const events = eventsIn(request);
    if (events === null) return { kind: 'malformed' };
    return {
      kind: 'reports',
      reports: events.filter((event) => isRecord(event) && at(event, 'Type') !== 'Validation').map(report),
    };
  },
};

/** Maximum size of a request that validates the URL. It has a few short fields. */
const maxHandshakeBytes = 4096;

/** The field that says more about events of a type. */
const details: Readonly<Record<string, string>> = {
  Failed: 'FailureCode',
  Tracking: 'TrackingType',
  Complaint: 'FblType',
};

function report(event: unknown): VendorReport {
  const type = text(at(event, 'Type'));
  const detail = text(at(event, details[type ?? ''] ?? ''));
  const recipient = address(at(event, 'Address'));
  const messageId = text(at(event, 'MessageId'));
  const time = text(at(event, 'DateTime'));
  return {
    key: [type, detail, messageId, text(at(event, 'MailingId')), recipient, time, text(at(event, 'Url'))],
    label: [type, detail].filter((part) => part !== null).join(' '),
    meaning: meaning(type, detail, text(at(event, 'FailureType'))),
    recipient,
    at: fromIso(time),
    reply: firstText(at(event, 'DiagnosticCode'), at(event, 'Reason')),
    note: null,
    messageId,
    campaign: firstText(at(event, 'Data', 'Tags', 0), at(event, 'MailingId')),
    source: null,
    client: { userAgent: text(at(event, 'UserAgent')) },
  };
}

/** `failureType` is Temporary, Permanent or Suppressed, or their number. */
function meaning(type: string | null, detail: string | null, failureType: string | null): Meaning {
  if (type === 'Tracking') return meaningOf(tracked, detail);
  if (type === 'Complaint') return meaningOf(otherFeedback, detail?.toLowerCase() ?? null, complaint);
  if (type !== 'Failed') return meaningOf(types, type?.toLowerCase() ?? null);
  const kind = failureType?.toLowerCase();
  // SocketLabs did not send the message, because the recipient is on its suppression list.
  if (kind === 'suppressed' || kind === '2') return echo;
  const isPermanent = kind === 'permanent' || kind === '1';
  const known = meaningOf(failures, detail, isPermanent ? hard('unknown') : soft('unknown'));
  return known.class === 'hard' && !isPermanent ? soft(known.reason) : known;
}
