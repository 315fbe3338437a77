// What the reply of a mail host proves. Only a reply to RCPT that blames the recipient says something about a mailbox.

import type { RefusedCause, UnprovenCause } from '../address/mailbox-proof.ts';
import type { BounceReason, Classification } from '../bounce/bounce.ts';
import { classifyReply } from '../bounce/classify.ts';
import { hourMs, minuteMs } from '../durations.ts';
import type { SmtpAnswer } from './answer-reader.ts';
import type { SessionEnd, SmtpStage } from './smtp-session.ts';

/** What one reply to RCPT says about the recipient. */
export type RecipientFinding =
  | { readonly kind: 'accepted' | 'unknown_user' | 'disabled' | 'full' }
  /** The host wants to be asked again. `retryMs` is the time that it names; null if it names none. */
  | { readonly kind: 'later'; readonly retryMs: number | null }
  /** The host takes no more recipients in this transaction. The reply says nothing about this recipient. */
  | { readonly kind: 'too_many' }
  | { readonly kind: 'refused_us'; readonly cause: RefusedCause }
  /** `mayBeUser`: the words are those for a domain that the host does not serve, and also for an unknown user. */
  | { readonly kind: 'undetermined'; readonly cause: UnprovenCause; readonly mayBeUser?: true };

/** Reads the reply to RCPT for `address` (canonical). `mailHost` is the name of the host that replied. */
export function readRecipientAnswer(answer: SmtpAnswer, address: string, mailHost: string): RecipientFinding {
  // 251: the host forwards (RFC 5321 section 3.4). 252: the host would try to deliver, but does not say whether the mailbox
  // exists.
  if (answer.code === 250 || answer.code === 251) return { kind: 'accepted' };
  if (answer.code < 400) return { kind: 'undetermined', cause: 'ambiguous' };
  const relayed = calledOut(answer);
  if (relayed !== null) {
    const finding = readRecipientAnswer(relayed, address, mailHost);
    // The host behind refuses the host in front, or is asked too much by it. That is not about us.
    return finding.kind === 'refused_us' || finding.kind === 'too_many' || finding.kind === 'accepted'
      ? { kind: 'undetermined', cause: 'ambiguous' }
      : finding;
  }
  const text = textOf(answer);
  const found = classifyReply(text, { command: 'RCPT TO', mailHost });
  if (isRecipientLimit(answer.code, found)) return { kind: 'too_many' };
  const refused = refusalOf(found.reason, found.status);
  if (refused !== null) return { kind: 'refused_us', cause: refused };
  if (answer.code < 500)
    return found.reason === 'mailbox_full' ? { kind: 'full' } : { kind: 'later', retryMs: namedWait(text) };
  // What OpenSMTPD says of an unknown user, and of an alias that leads nowhere.
  if (answer.code === 524 && /\b5\.2\.4 mailing list expansion problem\b/i.test(text))
    return { kind: 'undetermined', cause: 'ambiguous', mayBeUser: true };
  const finding = permanent(found.reason);
  return finding.kind !== 'undetermined' && (namesAnother(text, address) || namesBlock.test(text))
    ? { kind: 'undetermined', cause: 'ambiguous' }
    : finding;
}

/**
 * The reply of the host behind, if the reply is Exim's for a recipient of whom it asked another host (a callout): "550-Callout
 * verification failed:", then that reply with its codes. Of a sender whom it could not verify, Exim speaks in other words.
 */
function calledOut({ lines: [first = '', ...rest] }: SmtpAnswer): SmtpAnswer | null {
  if (!/^callout verification failed:?\s*$/i.test(first) || rest.length === 0) return null;
  const nested = rest.map((text) => /^([245]\d\d)[ -](.*)$/.exec(text));
  const code = nested.at(-1)?.[1];
  return code === undefined || nested.includes(null)
    ? null
    : { code: Number(code), lines: nested.map((match) => match![2]!) };
}

/** What the reply that ended a session says about us. Its stage is any but a reply about a recipient. */
export function readRefusal(stage: SmtpStage, answer: SmtpAnswer, mailHost: string): RefusedCause {
  const command = { connect: 'connect', ehlo: 'EHLO', starttls: 'EHLO', mail: 'MAIL FROM' }[stage as string];
  const found = classifyReply(textOf(answer), { mailHost, ...(command !== undefined && { command }) });
  const refused = refusalOf(found.reason, found.status);
  if (refused !== null && refused !== 'policy_refused') return refused;
  // A 4xx here means that the host is busy or that presend asks too often. In both cases it must ask less.
  if (answer.code < 500) return 'rate_limited';
  return stage === 'mail' && refused === null ? 'sender_refused' : 'policy_refused';
}

/** What the end of a session means for the recipients that were not asked. */
export function readEnd(
  { stage, answer, failure }: SessionEnd,
  mailHost: string,
):
  | { readonly kind: 'refused_us'; readonly cause: RefusedCause }
  | { readonly kind: 'undetermined'; readonly cause: UnprovenCause } {
  if (answer !== null) return { kind: 'refused_us', cause: readRefusal(stage, answer, mailHost) };
  if (failure === 'tls') return { kind: 'refused_us', cause: 'encryption_required' };
  // A host that closes the connection at EHLO or MAIL FROM refuses us. A host that closes it later may have restarted.
  if (failure === 'closed')
    return stage === 'rcpt' || stage === 'quit'
      ? { kind: 'undetermined', cause: 'unreachable' }
      : { kind: 'refused_us', cause: 'policy_refused' };
  if (failure === 'timeout' || failure === 'connect_timeout')
    return { kind: 'undetermined', cause: 'timeout' };
  if (failure?.startsWith('connect_') === true) return { kind: 'undetermined', cause: 'unreachable' };
  return { kind: 'undetermined', cause: 'protocol' };
}

/** The reply as one text, as `classifyReply` reads it. */
const textOf = ({ code, lines }: SmtpAnswer): string =>
  lines.map((line, index) => `${code}${index < lines.length - 1 ? '-' : ' '}${line}`).join('\n');

/**
 * Too many recipients: 452 (RFC 5321 section 4.5.3.1.10) with the status x.5.3 (RFC 3463). Without this status, 452 can also mean
 * a full disk.
 */
const isRecipientLimit = (code: number, { status }: Classification): boolean =>
  /^[45]\.5\.3$/.test(status ?? '') && (code === 452 || code === 451 || code === 450 || code === 552);

const refusals: Partial<Readonly<Record<BounceReason, RefusedCause>>> = {
  blocked_reputation: 'blocked_reputation',
  reverse_dns: 'reverse_dns',
  sender_refused: 'sender_refused',
  authentication_failed: 'authentication_failed',
  encryption_required: 'encryption_required',
  rate_limited: 'rate_limited',
  policy_refused: 'policy_refused',
  spam_content: 'blocked_reputation',
  virus: 'policy_refused',
  content_refused: 'policy_refused',
  message_malformed: 'policy_refused',
};

/**
 * Returns why the host refused presend, by a reply; null if the reply is not about the sender. A status x.7.x is about the sender
 * (RFC 3463 section 3.8), unless the words mean greylisting.
 */
function refusalOf(reason: BounceReason, status: string | null): RefusedCause | null {
  const cause = refusals[reason];
  if (cause !== undefined) return cause;
  if (reason === 'greylisted' || reason === 'blocked_by_recipient' || reason === 'relay_denied') return null;
  return /^[45]\.7\./.test(status ?? '') ? 'policy_refused' : null;
}

function permanent(reason: BounceReason): RecipientFinding {
  switch (reason) {
    case 'mailbox_unknown':
      return { kind: 'unknown_user' };
    case 'mailbox_disabled':
    case 'mailbox_moved':
      return { kind: 'disabled' };
    case 'mailbox_full':
      return { kind: 'full' };
    case 'domain_unknown':
      return { kind: 'undetermined', cause: 'not_served', mayBeUser: true };
    case 'null_mx':
    case 'relay_denied':
      return { kind: 'undetermined', cause: 'not_served' };
    case 'protocol_error':
      return { kind: 'undetermined', cause: 'protocol' };
    default:
      return { kind: 'undetermined', cause: 'ambiguous' };
  }
}

/**
 * Words that mean a block of the sender. Here they outrank a status such as 5.1.1, because a probe has only this one reply. (A
 * sender of mail gets more replies later, which show what was meant.)
 */
const namesBlock =
  /\b(?:block(?:ed|ing|list\w*)?|black-?list\w*|deny-?list\w*|banned|reputation|dnsbl|rbl|spam\w*)\b/i;

const angleAddress = /<([^\s<>@]{1,64}@[^\s<>@]{1,255})>/g;

/**
 * Whether the reply names addresses, but not `address`. Such a reply is about another address: the target of an alias, or the
 * address of another command.
 */
function namesAnother(text: string, address: string): boolean {
  const named = [...text.matchAll(angleAddress)].map((match) => match[1]!.toLowerCase());
  return named.length > 0 && !named.includes(address.toLowerCase());
}

const units: Readonly<Record<string, number>> = { s: 1000, m: minuteMs, h: hourMs };
const wait =
  /\b(?:in|after|for|wait|another|within|retry(?:-after)?[ :=]+|seconds=|minutes=)\s*(?:at least |about |another )?(\d{1,5})\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|hrs?)\b/i;
const clockWait = /\b(?:in|after|for|wait)\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\b/i;

/** The longest wait that a reply may name. A host that names a longer one does not want to be asked again. */
const longestWaitMs = 24 * hourMs;

/** The milliseconds that the reply asks to wait, such as 300,000 for "try again in 5 minutes". Null if it names no time. */
function namedWait(text: string): number | null {
  const words = wait.exec(text);
  if (words !== null) return usable(Number(words[1]) * units[words[2]![0]!.toLowerCase()]!);
  const clock = clockWait.exec(text);
  if (clock === null) return null;
  const [first, second, third] = clock.slice(1).map((part) => Number(part ?? Number.NaN)) as [
    number,
    number,
    number,
  ];
  return usable(
    Number.isNaN(third)
      ? first * minuteMs + second * 1000
      : first * hourMs + second * minuteMs + third * 1000,
  );
}

const usable = (milliseconds: number): number | null =>
  milliseconds > 0 && milliseconds <= longestWaitMs ? milliseconds : null;
