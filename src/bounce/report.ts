// Reads a returned message and finds the outcome for each recipient. Supports RFC 3464, RFC 5965, RFC 3834 and
// non-standard bounces.

import { addressesIn, verpRecipient } from './address-text.ts';
import { isAutoResponse } from './auto-response.ts';
import type { BounceReason, Classification } from './bounce.ts';
import { classify } from './classify.ts';
import { commandIn } from './command.ts';
import { type DeliveryAction, readDeliveryStatus, wordsAbout } from './delivery-status.ts';
import { readFeedbackReport } from './feedback-report.ts';
import { fieldGroups, first } from './fields.ts';
import { type FoundRecipient, maximumRecipients } from './formats/format.ts';
import { formats } from './formats/index.ts';
import { isOneMailbox, ofForward, sourceAddress } from './forwarded.ts';
import { parseMail, type ReportMail } from './mail.ts';
import { blamesSender, sendersOf } from './quoted-sender.ts';
import { bounceReasons } from './reasons.ts';
import { recipientField, recipientList } from './recipient-field.ts';
import { wasPostedToList } from './returned-message.ts';
import { type MessageSignature, signaturesIn } from './signatures.ts';
import { parseReply } from './smtp-reply.ts';
import { enhancedStatus } from './status.ts';

export type ReportKind = 'dsn' | 'arf' | 'autoreply' | 'nonstandard' | 'not_a_bounce';

export interface ReportedRecipient extends Classification {
  /** The address as written in the report, with its domain in lower case; null if the report does not contain it. */
  readonly address: string | null;
  /**
   * The address to which the sender sent the message, or null if it is not known. It differs from `address` if it is an alias or
   * forwarded the message to `address`. If it is known, the class, the action and the advice are about it: then a failure of
   * `address` is soft at most, because the alias may have other recipients.
   */
  readonly originalAddress: string | null;
  /** The SMTP reply that the report quotes for this recipient, or the report's own explanation. */
  readonly diagnostic: string;
  /**
   * The outcome, in the terms of the Action field (RFC 3464). Only `failed` is a bounce. `delayed` means that the mail
   * system is still trying: do not count it as a bounce.
   */
  readonly outcome: DeliveryAction;
}

export interface BounceReport {
  readonly kind: ReportKind;
  /** The name of the format of a non-standard bounce, such as `qmail`; null for other kinds of report. */
  readonly format: string | null;
  readonly recipients: readonly ReportedRecipient[];
  /** Message-ID of the message that was returned, without its brackets, or null. */
  readonly originalMessageId: string | null;
  /** The DKIM signatures of the message that was returned, as far as its own domain made them. */
  readonly signatures: readonly MessageSignature[];
  /** The Feedback-Type of a feedback report (RFC 5965) in lower case; null for other kinds of report. */
  readonly feedbackType: string | null;
}

/**
 * Reads a message that came to a return path or a feedback address: a bounce, a complaint or an automatic reply. Any other
 * input, even if it is not a message, gives the kind `not_a_bounce` without recipients. The promise never rejects. Reads at
 * most `maximumReportBytes`, in linear time.
 */
export async function readReport(raw: string | Uint8Array): Promise<BounceReport> {
  const mail = await parseMail(raw);
  if (mail === null) return nothing;
  const outer = read(mail);
  if (outer.kind !== 'nonstandard' && outer.kind !== 'not_a_bounce') return outer;
  // The message may be a forwarded bounce: then the message that it returns is itself a bounce.
  const inner = /^content-type: ?multipart\/report/im.test(mail.returned)
    ? await parseMail(mail.returned)
    : null;
  const within = inner === null ? nothing : read(inner);
  return within.recipients.length > 0 ? within : outer;
}

const read = (mail: ReportMail): BounceReport =>
  readFeedback(mail) ?? readStatus(mail) ?? readFormats(mail) ?? readAutoResponse(mail) ?? nothing;

const nothing: BounceReport = {
  kind: 'not_a_bounce',
  format: null,
  recipients: [],
  originalMessageId: null,
  signatures: [],
  feedbackType: null,
};

function report(mail: ReportMail, kind: ReportKind, recipients: readonly ReportedRecipient[]): BounceReport {
  const header = fieldGroups(mail.returned.slice(0, 65_536))[0];
  const id = (header && first(header, 'message-id')) ?? null;
  return {
    ...nothing,
    kind,
    recipients: recipients.slice(0, maximumRecipients),
    originalMessageId: id?.replace(/^<|>$/g, '').trim() || null,
    signatures: header ? signaturesIn(header) : [],
  };
}

function readFeedback(mail: ReportMail): BounceReport | null {
  const feedback = readFeedbackReport(mail);
  if (feedback === null) return null;
  const addresses = feedback.recipients.length > 0 ? feedback.recipients : [envelopeRecipient(mail)];
  const recipients = addresses.map((address) =>
    decided(address, feedback.reason, '', `feedback ${feedback.feedbackType}`),
  );
  return { ...report(mail, 'arf', recipients), feedbackType: feedback.feedbackType };
}

function readStatus(mail: ReportMail): BounceReport | null {
  const statuses = readDeliveryStatus(mail).slice(0, maximumRecipients);
  if (statuses.length === 0) return null;
  const allWords = wordsAbout(
    mail.text,
    statuses.map(({ address }) => address),
  );
  const weighedAddresses = new Set<string>();
  const senders = sendersOf(mail);
  const recipients = statuses.map(
    ({ address, originalAddress: original, action, status, diagnostic, mailHost }, at) => {
      const named = address ?? envelopeRecipient(mail);
      const originalAddress =
        original ??
        sourceAddress(allWords[at]!) ??
        (statuses.length === 1 ? mailedRecipient(mail, named) : null);
      if (action !== 'failed' && action !== 'delayed')
        return {
          ...decided(named, 'delivered', diagnostic, `action ${action}`),
          originalAddress,
          status,
          outcome: action,
        };
      // Classify the text about an address only once. Otherwise a hostile report could repeat an address many times, and
      // classifying it would take very long.
      const key = address?.toLowerCase() ?? '';
      const words = weighedAddresses.has(key) ? '' : allWords[at]!;
      weighedAddresses.add(key);
      const verdict = weighed([diagnostic, words], status, mailHost, words);
      const aboutSender =
        verdict.class === 'hard' && blamesSender(diagnostic, senders, [named, address, originalAddress]);
      const about = aboutSender ? refusedSender(verdict) : verdict;
      return {
        ...unlessDelayed(action, isForwarded(named, originalAddress) ? ofForward(about) : about),
        address: named,
        originalAddress,
        diagnostic: diagnostic || words.trim().slice(0, 2000),
        outcome: action,
      };
    },
  );
  return report(mail, 'dsn', recipients);
}

function readFormats(mail: ReportMail): BounceReport | null {
  for (const format of formats) {
    const found = format.read(mail).slice(0, maximumRecipients);
    if (found.length === 0) continue;
    const everything = `${mail.subject}\n${mail.text}`;
    const known = new Map<string, Classification>();
    const recipients = found.map(({ address, originalAddress: original, forwards, ...one }) => {
      const { diagnostic, action, reason } = one;
      const named = recipientField(address ?? '') ?? envelopeRecipient(mail);
      const originalAddress = original ?? sourceAddress(diagnostic);
      const about = (verdict: Classification) =>
        forwards === true || isForwarded(named, originalAddress) ? ofForward(verdict) : verdict;
      if (reason !== undefined) {
        const stated = decided(named, reason, diagnostic, format.name);
        return { ...stated, ...about(stated), originalAddress };
      }
      const verdict = weighed(
        [diagnostic, found.length === 1 ? everything : introduction(mail, found)],
        null,
        null,
        diagnostic,
        known,
      );
      return {
        ...unlessDelayed(action ?? 'failed', about(verdict)),
        address: named,
        originalAddress,
        diagnostic: diagnostic.trim().slice(0, 2000),
        outcome: action ?? ('failed' as const),
      };
    });
    return { ...report(mail, 'nonstandard', recipients), format: format.name };
  }
  return null;
}

/** The text before the first recipient. Some systems state the reason there, and then list the recipients. */
function introduction(mail: ReportMail, found: readonly FoundRecipient[]): string {
  return mail.text.slice(0, Math.max(0, mail.text.indexOf(found[0]?.address ?? ''))).slice(-2000);
}

function readAutoResponse(mail: ReportMail): BounceReport | null {
  if (!isAutoResponse(mail)) return null;
  const from = addressesIn(mail.header('from') ?? '').at(-1)?.address ?? null;
  return report(mail, 'autoreply', [
    { ...decided(from, 'auto_response', '', 'auto response'), outcome: 'delivered' },
  ]);
}

/**
 * The recipient according to the header of the bounce: the only address in X-Failed-Recipients, or else the address that is
 * encoded in the return path to which the bounce was sent (VERP). Null if there is neither.
 */
function envelopeRecipient(mail: ReportMail): string | null {
  const failed = recipientList(mail.header('x-failed-recipients') ?? '');
  if (failed.length === 1) return failed[0]!;
  for (const name of ['x-original-to', 'delivered-to', 'envelope-to', 'to']) {
    const to = addressesIn(mail.header(name) ?? '')[0];
    const recipient = to && verpRecipient(to.address);
    if (recipient) return recipient;
  }
  return null;
}

/**
 * The address to which the sender sent the message, if its mailbox forwarded the message to `final`, where delivery failed.
 * Null if nothing proves that. Two things prove it: the header of the bounce names another recipient (`envelopeRecipient`), or
 * a trace field of the returned message, such as Received, names the only address in its To field.
 */
function mailedRecipient(mail: ReportMail, final: string | null): string | null {
  const envelope = envelopeRecipient(mail);
  if (envelope !== null && envelope !== final) return envelope;
  const header = fieldGroups(mail.returned.slice(0, 65_536))[0];
  const to = addressesIn((header && first(header, 'to')) ?? '');
  const [mailed] = to;
  if (header === undefined || mailed === undefined || to.length > 1 || mailed.address === final) return null;
  if (wasPostedToList(header, mailed.address)) return null;
  const traces = [
    ...(header.get('received') ?? []).map((trace) => /\bfor\s+<?([^\s<>;]{3,320})>?/i.exec(trace)?.[1] ?? ''),
    ...(header.get('delivered-to') ?? []),
    ...(header.get('x-original-to') ?? []),
  ];
  return traces.some((trace) => recipientField(trace) === mailed.address) ? mailed.address : null;
}

/** Whether the failed address is another mailbox than the one that was mailed. */
const isForwarded = (failed: string | null, mailed: string | null): boolean =>
  failed !== null && mailed !== null && !isOneMailbox(failed, mailed);

/** Turns a hard bounce into a refusal of the sender, whose address is the only one in the reply. */
const refusedSender = (verdict: Classification): Classification => ({
  ...verdict,
  ...bounceReasons.sender_refused,
  reason: 'sender_refused',
  rule: `${verdict.rule}, but names the sender`,
});

/** Turns a hard bounce into the soft bounce `expired`, if the mail system is still trying to deliver. */
function unlessDelayed(action: DeliveryAction, verdict: Classification): Classification {
  if (action !== 'delayed' || verdict.class !== 'hard') return verdict;
  return {
    ...verdict,
    ...bounceReasons.expired,
    reason: 'expired',
    rule: `${verdict.rule}, but only delayed`,
  };
}

function decided(
  address: string | null,
  reason: BounceReason,
  diagnostic: string,
  rule: string,
): ReportedRecipient {
  return {
    ...bounceReasons[reason],
    address,
    originalAddress: null,
    reason,
    status: null,
    replyCode: null,
    rule,
    diagnostic,
    outcome: 'failed',
  };
}

/**
 * Classifies a failure that several texts describe. The first text that states a cause decides, or the first text if none
 * does. `status` is the Status field of the report; it is used if a text has no status or only a vaguer one. `quotation`
 * is the text that may name the SMTP command. `known` caches the results, for recipients that have the same text.
 */
function weighed(
  texts: readonly string[],
  status: string | null,
  mailHost: string | null,
  quotation: string,
  known = new Map<string, Classification>(),
): Classification {
  const command = commandIn(quotation);
  const context = { ...(mailHost === null ? {} : { mailHost }), ...(command === null ? {} : { command }) };
  const verdicts = texts
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const key = JSON.stringify([text, status, context]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const reply = parseReply(text);
      const reportedStatus = reply.status === null && reply.replyCode === null;
      const verdict = classify(
        { ...reply, status: moreDefinite(reply.status, status) },
        { ...context, reportedStatus },
      );
      known.set(key, verdict);
      return verdict;
    });
  if (verdicts.length === 0) return classify({ replyCode: null, status, text: '', lines: [] }, context);
  const verdict = verdicts.find(saysSomething) ?? verdicts[0]!;
  // If one text says that the mailbox does not exist and another that it is full, it is full: a report that contradicts
  // itself does not prove that a mailbox is dead.
  const full = verdict.class === 'hard' && verdicts.find(({ reason }) => reason === 'mailbox_full');
  return full || verdict;
}

const saysSomething = ({ reason, rule }: Classification) =>
  reason !== 'unknown' && !rule.startsWith('code ') && rule !== 'nothing' && !vagueStatus(rule);

const vagueStatus = (rule: string) =>
  rule.startsWith('status ') && enhancedStatus(rule.slice(7))?.weight === 'vague';

function moreDefinite(own: string | null, field: string | null): string | null {
  if (own === null || field === null) return own ?? field;
  return !isDefinite(own) && isDefinite(field) ? field : own;
}

const isDefinite = (status: string) => (enhancedStatus(status)?.weight ?? 'vague') !== 'vague';
