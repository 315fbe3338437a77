// What the failures of one class have in common, and what to do about it.

import type { BounceReason } from '../bounce/bounce.ts';
import { bounceReasons } from '../bounce/reasons.ts';
import { enhancedStatus } from '../bounce/status.ts';
import type { Cause } from './count.ts';
import type { Failure } from './tally.ts';

export interface CommonCause {
  readonly reason: BounceReason;
  /** The most common enhanced status, with `x` as its last part if only the first two agree; null if they differ. */
  readonly status: string | null;
  /** One English sentence that says what to do. */
  readonly advice: string;
}

/** The most common cause of these failures. */
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
  // If the text overruled the status, the advice follows the reason and not the status.
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
