// Adapter for Amazon SES. It reads feedback notifications and published events, both delivered by Amazon SNS.
//
// Setting: `topics`, the ARNs of the allowed SNS topics. SNS signs each message, and the request contains the URL of the
// certificate (signature version 1 uses SHA-1, version 2 SHA-256). But SNS signs messages for anyone with an AWS account, so a
// message is accepted only if it comes from an allowed topic. Messages of "raw message delivery" are refused, because they have
// no signature.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

import {
  autoreply,
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  failed,
  hard,
  type Meaning,
  meaningOf,
  opened,
  otherFeedback,
  policy,
  refused,
  sent,
  soft,
  subscribed,
  unknown,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { bytesOf, fromBase64, isPublicKeySignature } from '../webhooks/crypto.ts';
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
import { sampleRecipient, unsignedSample } from '../webhooks/sample-request.ts';
import { isWithin, refuse, retryWindow, type Verification, verified } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  Send: sent,
  Delivery: delivered,
  Open: opened,
  Click: clicked,
  Reject: refused('content_refused'),
  'Rendering Failure': failed,
};

const bounces: Readonly<Record<string, Meaning>> = {
  'Permanent/General': hard('unknown'),
  'Permanent/NoEmail': hard('mailbox_unknown'),
  'Permanent/Suppressed': echo,
  'Permanent/OnAccountSuppressionList': echo,
  'Permanent/UnsubscribedRecipient': echo,
  'Transient/General': soft('unknown'),
  'Transient/MailboxFull': soft('mailbox_full'),
  'Transient/MessageTooLarge': soft('message_too_large'),
  'Transient/ContentRejected': policy('content_refused'),
  'Transient/AttachmentRejected': policy('content_refused'),
  'Transient/CustomTimeoutExceeded': soft('expired'),
};

const complaints: Readonly<Record<string, Meaning>> = {
  OnAccountSuppressionList: echo,
  ...otherFeedback,
};

const delays: Readonly<Record<string, Meaning>> = {
  InternalFailure: deferred('system_error'),
  MailboxFull: deferred('mailbox_full'),
  SpamDetected: deferred('spam_content'),
  RecipientServerError: deferred('system_error'),
  IPFailure: deferred('blocked_reputation'),
  TransientCommunicationFailure: deferred('network_error'),
};

/** The fields that SNS signs for each type of message, in the order in which they are signed. */
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

const hashes = { '1': 'SHA-1', '2': 'SHA-256' } as const;

const snsHost = /^sns\.[a-z]{2}(-[a-z]+)+-\d+\.amazonaws\.com(\.cn)?$/;

/**
 * Maximum number of commas outside strings in a request body. A body with more is refused before it is parsed, because parsing
 * could take long. A genuine body has about ten fields and up to ten message attributes. The commas of the event do not count,
 * because the event is JSON inside a string, the field `Message`.
 */
const maxEnvelopeCommas = 1000;

export const amazonSes: EspAdapter = {
  name: 'amazon_ses',
  settings: ['TOPICS'],
  // An SNS message has at most 256 KiB. In the body it is a JSON string, whose escaped characters may double its size.
  maxBytes: 600 * 1024,
  sample: ({ topics = [] }, now) =>
    unsignedSample({
      Type: 'Notification',
      MessageId: `sample-${now}`,
      TopicArn: topics[0] ?? 'arn:aws:sns:eu-west-1:000000000000:sample',
      Timestamp: new Date(now).toISOString(),
      Message: JSON.stringify({
        eventType: 'Bounce',
        bounce: {
          feedbackId: `sample-${now}`,
          bounceType: 'Permanent',
          bounceSubType: 'General',
          timestamp: new Date(now).toISOString(),
          bouncedRecipients: [
            { emailAddress: sampleRecipient, diagnosticCode: 'smtp; 550 5.1.1 User unknown' },
          ],
        },
        mail: { messageId: 'sample', destination: [sampleRecipient] },
      }),
    }),

  async verify(request, { topics = [] }, certificates): Promise<Verification> {
    const envelope = parseJson(textOf(request.body), maxEnvelopeCommas);
    if (!isRecord(envelope)) return refuse('malformed');
    const signature = fromBase64(firstText(at(envelope, 'Signature')) ?? '');
    if (!signature?.length) return refuse('signature_missing');
    const topic = text(at(envelope, 'TopicArn'));
    if (topic === null || !topics.includes(topic)) return refuse('topic_not_allowed');
    const version = at(envelope, 'SignatureVersion');
    const type = at(envelope, 'Type');
    if (version !== '1' && version !== '2') return refuse('malformed');
    if (typeof type !== 'string' || !Object.hasOwn(signedFields, type)) return refuse('malformed');
    const url = certificateUrl(at(envelope, 'SigningCertURL'));
    if (url === null) return refuse('certificate_not_trusted');

    const certificate = await certificates.certificateAt(url);
    if (certificate === null) return { kind: 'unavailable' };
    if (request.now < certificate.notBefore || request.now > certificate.notAfter)
      return refuse('certificate_not_trusted');

    const signed = signedFields[type]!.flatMap((field) => {
      const value = at(envelope, field);
      return typeof value === 'string' ? [`${field}\n${value}\n`] : [];
    }).join('');
    if (!isPublicKeySignature(hashes[version], certificate.spki, signature, bytesOf(signed)))
      return refuse('signature_wrong');
    return isWithin(retryWindow, fromIso(at(envelope, 'Timestamp')), request.now)
      ? verified
      : refuse('timestamp_outside_window');
  },

  parse(request): ParsedWebhook {
    const envelope = parseJson(textOf(request.body));
    if (!isRecord(envelope)) return { kind: 'malformed' };
    if (at(envelope, 'Type') === 'SubscriptionConfirmation') {
      const url = confirmationUrl(at(envelope, 'SubscribeURL'));
      return url === null ? { kind: 'malformed' } : { kind: 'confirmation', url };
    }
    // Two kinds of messages contain no event: the notice that a subscription ended, and a greeting in plain text. They give an
    // empty list of reports.
    const event = parseJson(text(at(envelope, 'Message')));
    return { kind: 'reports', reports: isRecord(event) ? reportsOf(event, envelope) : [] };
  },
};

/** Returns the URL of a signing certificate; null if its host or path is not one that SNS uses for certificates. */
function certificateUrl(value: unknown): string | null {
  const url = snsUrl(value);
  return url !== null &&
    /^\/SimpleNotificationService-[0-9a-zA-Z]+\.pem$/.test(url.pathname) &&
    url.search === ''
    ? url.href
    : null;
}

/** Returns the URL that confirms a subscription; null if its host, path or `Action` is not the one that SNS uses for this. */
function confirmationUrl(value: unknown): string | null {
  const url = snsUrl(value);
  return url?.pathname === '/' && url.searchParams.get('Action') === 'ConfirmSubscription' ? url.href : null;
}

function snsUrl(value: unknown): URL | null {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  return url !== null &&
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    snsHost.test(url.hostname)
    ? url
    : null;
}

/** A recipient, the reply of the receiving server (`reply`) and the explanation of SES (`note`). Null if unknown. */
interface Affected {
  readonly recipient: string | null;
  readonly reply: string | null;
  readonly note: string | null;
}

/**
 * Returns the reports of a `Subscription` event. If the recipient opted out of all topics, that is one report without a topic.
 * Otherwise there is one report for each topic of the contact list whose preference changed, and one without a topic if the
 * recipient was opted out of all topics before. If nothing changed, returns only `common`, whose meaning is `unknown`.
 */
function subscriptionReports(event: object, common: VendorReport): VendorReport[] {
  const details = at(event, 'subscription');
  const of = (which: string, name: string) => at(details, `${which}TopicPreferences`, name);
  const all = (which: string) => of(which, 'unsubscribeAll') === true;
  if (all('new')) return [{ ...common, meaning: unsubscribed }];
  const again = all('old') ? [{ ...common, meaning: subscribed, key: [...common.key, 'all'] }] : [];
  const before = new Map(
    list(of('old', 'topicSubscriptionStatus')).map((topic) => [
      text(at(topic, 'topicName')),
      at(topic, 'subscriptionStatus'),
    ]),
  );
  const changed = list(of('new', 'topicSubscriptionStatus')).flatMap((topic): VendorReport[] => {
    const name = text(at(topic, 'topicName'));
    const status = at(topic, 'subscriptionStatus');
    if (name === null || before.get(name) === status) return [];
    const meaning = status === 'OptOut' ? unsubscribed : status === 'OptIn' ? subscribed : unknown;
    return [{ ...common, meaning, list: name, key: [...common.key, name] }];
  });
  const reports = [...again, ...changed];
  return reports.length === 0 ? [common] : reports;
}

function reportsOf(event: object, envelope: object): readonly VendorReport[] {
  const type = firstText(at(event, 'eventType'), at(event, 'notificationType')) ?? '';
  if (type === 'Received') return [];
  const { meaning, label, details, affected } = readEvent(event, type);
  const time = fromIso(at(details, 'timestamp')) ?? fromIso(at(envelope, 'Timestamp'));
  // SES may report a bounce twice, as a feedback notification and as a published event. Both have the same feedbackId, so they
  // get the same key.
  const id = firstText(at(details, 'feedbackId'), at(envelope, 'MessageId'));
  const reports = affected.map(({ recipient, reply, note }) => ({
    key: [type, id, recipient],
    label,
    meaning,
    recipient,
    at: time,
    reply,
    note,
    messageId: text(at(event, 'mail', 'messageId')),
    campaign: text(at(event, 'mail', 'tags', 'campaign', 0)),
    source: text(at(event, 'mail', 'tags', 'source', 0)),
    client: { userAgent: text(at(details, 'userAgent')) },
  }));
  return type === 'Subscription' ? reports.flatMap((report) => subscriptionReports(event, report)) : reports;
}

function readEvent(event: object, type: string) {
  const everybody = recipients(list(at(event, 'mail', 'destination')));
  const of = (meaning: Meaning, label: string, details: unknown, affected: readonly Affected[]) => ({
    meaning,
    label,
    details,
    affected,
  });
  switch (type) {
    case 'Bounce': {
      const details = at(event, 'bounce');
      const kind = `${text(at(details, 'bounceType'))}/${text(at(details, 'bounceSubType'))}`;
      const fallback = kind.startsWith('Permanent/') ? hard('unknown') : soft('unknown');
      const affected = recipients(list(at(details, 'bouncedRecipients')));
      // SES reports an out-of-office reply as a transient bounce without the reply of a server.
      const isAutoreply = kind === 'Transient/General' && affected.every(({ reply }) => reply === null);
      const known = isAutoreply ? autoreply : meaningOf(bounces, kind, fallback);
      return of(known, `Bounce ${kind}`, details, affected);
    }
    case 'Complaint': {
      const details = at(event, 'complaint');
      const kind = firstText(at(details, 'complaintSubType'), at(details, 'complaintFeedbackType'));
      const named = recipients(list(at(details, 'complainedRecipients')));
      // If the mailbox provider hides who complained, SES lists all recipients who may have done so. Report no address then,
      // because a recipient must not be suppressed for the complaint of another person.
      const affected = named.length > 1 ? [nobodyCertain] : named;
      return of(meaningOf(complaints, kind, complaint), `Complaint ${kind ?? ''}`, details, affected);
    }
    case 'Delivery': {
      const details = at(event, 'delivery');
      const response = text(at(details, 'smtpResponse'));
      const affected = recipients(list(at(details, 'recipients')));
      return of(
        delivered,
        type,
        details,
        affected.map(({ recipient }) => ({ recipient, reply: response, note: null })),
      );
    }
    case 'DeliveryDelay': {
      const details = at(event, 'deliveryDelay');
      const kind = text(at(details, 'delayType'));
      const affected = recipients(list(at(details, 'delayedRecipients')));
      return of(meaningOf(delays, kind, deferred('unknown')), `${type} ${kind ?? ''}`, details, affected);
    }
    case 'Subscription': {
      return of(unknown, type, at(event, 'subscription'), everybody);
    }
    case 'Open':
    case 'Click':
      // If a message had several recipients, SES does not say which of them opened it or clicked.
      return of(
        meaningOf(events, type),
        type,
        at(event, type.toLowerCase()),
        everybody.length > 1 ? [nobodyCertain] : everybody,
      );
    default: {
      const details = at(event, type === 'Rendering Failure' ? 'failure' : type.toLowerCase());
      const words = firstText(at(details, 'reason'), at(details, 'errorMessage'));
      return of(
        meaningOf(events, type),
        type,
        details,
        everybody.map(({ recipient }) => ({ recipient, reply: null, note: words })),
      );
    }
  }
}

/** Used as the recipient of an event if SES does not say which of several recipients it was. */
const nobodyCertain: Affected = { recipient: null, reply: null, note: null };

function recipients(entries: readonly unknown[]): readonly Affected[] {
  return entries.map((entry) => ({
    recipient: address(isRecord(entry) ? at(entry, 'emailAddress') : entry),
    reply: firstText(at(entry, 'diagnosticCode'), at(entry, 'status')),
    note: null,
  }));
}
