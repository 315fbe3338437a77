// Finds what the failures of one class, such as hard bounces, have in common, and what to do about it.

import type { BounceReason } from '../bounce/bounce.ts';
import { bounceReasons } from '../bounce/reasons.ts';
import { enhancedStatus } from '../bounce/status.ts';
import type { Cause } from './count.ts';
import type { Failure } from './tally.ts';

export interface CommonCause {
  readonly reason: BounceReason;
  /**
   * The enhanced status (RFC 3463) that more than half of the failures have, such as 5.1.1. If more than half agree
   * only in the first two numbers, the last one is `x`: 5.1.x. Null if there is no such majority.
   */
  readonly status: string | null;
  /** One English sentence that says what to do. */
  readonly advice: string;
}

/** Returns the most common cause of the failures of class `failure` among `causes`. */
export function commonCause(causes: readonly Cause[], failure: Failure): CommonCause {
  const own = causes.filter((cause) => cause.failure === failure);
  const all = own.reduce((total, { messages }) => total + messages, 0);
  const reason = (most(own, (cause) => cause.reason)?.key ?? 'unknown') as BounceReason;
  const exact = most(own, ({ status }) => status);
  const subject = most(own, ({ status }) => status?.replace(/\d+$/, 'x') ?? null);
  const status = [exact, subject].find((one) => one !== null && one.messages * 2 > all)?.key ?? null;
  const ofReason = own.filter((cause) => cause.reason === reason);
  const dominantStatus = most(ofReason, (cause) => cause.status)?.key;
  const registered = dominantStatus === undefined ? null : enhancedStatus(dominantStatus);
  // The classifier may have taken the reason from the text of the reply although the status says something else. Then
  // the advice for the status would be wrong, and the advice for the reason is used.
  const advice = registered?.reason === reason ? registered.advice : null;
  return { reason, status, advice: advice ?? bounceReasons[reason].advice };
}

function most(
  causes: readonly Cause[],
  keyOf: (cause: Cause) => string | null,
): { key: string; messages: number } | null {
  const messages = new Map<string, number>();
  for (const cause of causes) {
    const key = keyOf(cause);
    if (key !== null) messages.set(key, (messages.get(key) ?? 0) + cause.messages);
  }
  let best: { key: string; messages: number } | null = null;
  for (const [key, count] of messages)
    if (best === null || count > best.messages) best = { key, messages: count };
  return best;
}
