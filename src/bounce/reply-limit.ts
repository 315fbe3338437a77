// What a temporary reply says about the pace of the sender: the rules of data/reply-limits.tsv, and rates that a reply names.

import { replyLimitRules } from '../../data/packed/retry-rules.js';
import type { BounceClass, BounceReason } from './bounce.ts';
import { numberOf } from './duration-text.ts';
import { retryTime } from './retry-time.ts';
import { maximumReplyLength, parseReply } from './smtp-reply.ts';

/** A rule of data/reply-limits.tsv about a reply. */
export interface ReplyRule {
  /** Seconds until the next try of the message. */
  readonly retrySeconds: number;
  /** What to do with other mail to the provider; null: nothing, because the reply is about one recipient. */
  readonly pace: 'suspend' | 'slow' | null;
  readonly paceSeconds: number;
}

const rules: readonly (ReplyRule & { readonly providers: readonly string[]; readonly text: string })[] =
  replyLimitRules.split('\n').map((line) => {
    const [providers, text, retrySeconds, pace, paceSeconds] = line.split('\t');
    return {
      ...{ providers: providers!.split(','), text: text!, retrySeconds: Number(retrySeconds) },
      pace: pace === 'suspend' || pace === 'slow' ? pace : null,
      paceSeconds: pace === '-' ? 0 : Number(paceSeconds),
    };
  });

/** Returns the first rule about a reply of a provider. Null for the provider: it is unknown, and the rules of all are tried. */
export function replyRule(reply: string, provider: string | null): ReplyRule | null {
  const text = reply.slice(0, maximumReplyLength).toLowerCase().replace(/\s+/g, ' ');
  return (
    rules.find(
      (rule) =>
        (provider === null || rule.providers.includes('*') || rule.providers.includes(provider)) &&
        text.includes(rule.text),
    ) ?? null
  );
}

/** What a single reply asks of the mail to a provider. Times are in seconds from the reply on. */
export type ReplyPace =
  /** Send nothing to the provider. */
  | { readonly kind: 'suspend'; readonly seconds: number }
  /** Send less. `perHour` is the rate that the reply names; null if it names none. */
  | { readonly kind: 'slow'; readonly seconds: number; readonly perHour: number | null };

/** For how long a reply that names no time limits other mail. `guess`. */
const slowedSeconds = 900;
/** A single reply suspends a provider for this long at most, whatever it says. `guess`. */
const longestPaceSeconds = 12 * 3600;

/**
 * Returns what a reply asks of the other mail to its provider; null if it asks nothing. Only temporary refusals of the sender
 * do: greylisting and full mailboxes are about one recipient, a permanent refusal names no time, and the gate sees outages by
 * their number.
 */
export function replyPace({
  class: bounceClass,
  reason,
  replyCode,
  reply,
  provider,
}: {
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly replyCode: number | null;
  readonly reply: string;
  readonly provider: string;
}): ReplyPace | null {
  const isLimit = bounceClass === 'soft' && reason === 'rate_limited';
  const isRefusal = bounceClass === 'policy' && isTemporary(reply, replyCode) && ofSender.has(reason);
  if (!isLimit && !isRefusal) return null;
  const rule = replyRule(reply, provider);
  if (rule?.pace === null) return null;
  const perHour = namedRate(reply);
  const named = retryTime(reply);
  const seconds = (asked: number): number => Math.min(longestPaceSeconds, asked);
  // A reply that names both a rate and a time limits the rate: the time is for the message.
  if (perHour !== null) return { kind: 'slow', seconds: seconds(named?.seconds ?? 3600), perHour };
  if (named !== null) return { kind: 'suspend', seconds: seconds(named.seconds) };
  if (rule !== null && rule.pace === 'suspend')
    return { kind: 'suspend', seconds: seconds(rule.paceSeconds) };
  if (rule !== null) return { kind: 'slow', seconds: seconds(rule.paceSeconds), perHour: null };
  return isLimit ? { kind: 'slow', seconds: slowedSeconds, perHour: null } : null;
}

/** The reasons of a temporary refusal that hold for all mail of the sender. */
const ofSender: ReadonlySet<BounceReason> = new Set(['blocked_reputation', 'policy_refused', 'rate_limited']);

/** Whether a reply is temporary: its code begins with 4, or its status if it has no code (RFC 5321 section 4.2.1). */
export function isTemporary(reply: string, replyCode: number | null): boolean {
  if (replyCode !== null) return replyCode >= 400 && replyCode < 500;
  const { replyCode: code, status } = parseReply(reply);
  return code === null ? status?.startsWith('4') === true : code >= 400 && code < 500;
}

const hoursOf: Readonly<Record<string, number>> = { minute: 1 / 60, min: 1 / 60, hour: 1, day: 24 };

/** `limit of 100 messages per hour`, `500 mails/day`. Connections are not messages. */
const rate =
  /(?<![\d.,:-])(\d{1,9}(?:,\d{3})*)(?: (?:e-?mails?|messages?|mails?|recipients?|msgs?))? ?(?:\/ ?|per |an (?=hour))(minute|min|hour|day)\b/gi;

/** Returns the messages an hour that a reply allows, at least 1; the smallest of several. Null if it names no rate. */
export function namedRate(reply: string): number | null {
  const text = reply.slice(0, maximumReplyLength).replace(/\s+/g, ' ');
  const rates = Array.from(
    text.matchAll(rate),
    ([, number, unit]) => (numberOf(number!) ?? 0) / hoursOf[unit!.toLowerCase()]!,
  ).filter((perHour) => perHour > 0);
  return rates.length === 0 ? null : Math.max(1, Math.floor(Math.min(...rates)));
}
