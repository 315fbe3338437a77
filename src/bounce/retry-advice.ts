// When and how often to try again after a bounce.

import { retryRules } from '../../data/packed/retry-rules.js';
import type { BounceClass, BounceReason } from './bounce.ts';
import { isTemporary, replyRule } from './reply-limit.ts';
import type { RetryBasis } from './retry-bases.ts';
import { retryTime } from './retry-time.ts';

export interface RetryAdvice {
  /** Seconds until the next try, counted from the bounce; null: the same message would fail again. */
  readonly after: number | null;
  /** How many more times to try, each wait twice as long as the one before it. */
  readonly retries: number;
  /** Seconds after which to give up. */
  readonly within: number | null;
  readonly basis: RetryBasis;
}

interface RetryRule {
  readonly after: number | null;
  readonly retries: number;
  readonly within: number;
}

const rules: ReadonlyMap<string, RetryRule> = new Map(
  retryRules.split('\n').map((line) => {
    const [reason, after, retries, hours] = line.split('\t');
    return [
      reason!,
      { after: after === '-' ? null : Number(after), retries: Number(retries), within: Number(hours) * 3600 },
    ];
  }),
);

const ruleFor = (bounceClass: BounceClass, reason: BounceReason): RetryRule =>
  (bounceClass === 'policy' ? rules.get('policy') : rules.get(reason)) ?? rules.get('*')!;

/** How often and for how long a full mailbox is tried, in all, until it counts as abandoned. */
export function fullMailboxTries(): { readonly tries: number; readonly seconds: number } {
  const { retries, within } = ruleFor('soft', 'mailbox_full');
  return { tries: retries + 1, seconds: within };
}

/**
 * Returns when and how often to try again. Null if the bounce is not temporary: only soft bounces and temporary refusals of the
 * sender are. `presetHours` is how long the email service provider tries a message; null if unknown. A full mailbox is tried
 * over days whatever the provider does.
 */
export function retryAdvice(
  {
    class: bounceClass,
    reason,
    replyCode,
    reply,
    provider,
  }: {
    readonly class: BounceClass;
    readonly reason: BounceReason;
    readonly replyCode: number | null;
    /** The text of the reply; null if it is unknown. */
    readonly reply: string | null;
    /** The mailbox provider of the recipient; null if it is unknown. */
    readonly provider: string | null;
  },
  presetHours: number | null,
): RetryAdvice | null {
  const isPolicy = bounceClass === 'policy' && isTemporary(reply ?? '', replyCode);
  if (bounceClass !== 'soft' && !isPolicy) return null;
  const rule = ruleFor(bounceClass, reason);
  if (rule.after === null) return { ...rule, within: null, basis: 'reason' };
  const within = presetHours === null || reason === 'mailbox_full' ? rule.within : presetHours * 3600;
  const named = reply === null ? null : retryTime(reply);
  const known = reply === null ? null : replyRule(reply, provider);
  const [after, basis] =
    named !== null
      ? ([named.seconds, named.isCut ? 'reply_cut' : 'reply'] as const)
      : known !== null
        ? ([known.retrySeconds, 'provider'] as const)
        : ([rule.after, 'reason'] as const);
  return {
    after,
    retries: Math.min(rule.retries, waitsIn(after, within)),
    within: Math.max(within, after),
    basis,
  };
}

/** How many waits, each twice as long as the one before it, fit into a time; at least one, because the reply asks for it. */
const waitsIn = (first: number, seconds: number): number =>
  Math.max(1, Math.floor(Math.log2(seconds / first + 1)));
