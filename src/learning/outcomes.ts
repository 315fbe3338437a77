// Turns delivery events into the outcomes of earlier verdicts.

import type { BounceClass } from '../bounce/bounce.ts';
import type { DeliveryOutcome, EventOutcomes } from '../events/event-repository.ts';
import { weightAt } from '../verdict/probability-model.ts';

const dayMs = 86_400_000;

/** An event recorded for the first time. */
export interface OutcomeEvent {
  readonly event: {
    readonly provider: string;
    readonly kind: string;
    readonly class: BounceClass;
    readonly echo: boolean;
  };
  /** Epoch milliseconds at which it happened. */
  readonly at: number;
  readonly addressHash: string | null;
}

/** An outcome later than this after its verdict is ignored, because the mailbox may have changed in between. */
export const outcomeWithinMs = 90 * dayMs;

/**
 * A server may accept a message and bounce it later, so a bounce within this time replaces a delivery. Servers retry
 * for four to five days (RFC 5321 section 4.5.4.1), and reports take time.
 */
export const correctedWithinMs = 7 * dayMs;

/**
 * If a provider reported no delivery for this long, it probably reports only bounces. Its bounces are then ignored, because
 * its bounce rate would be 100%.
 */
export const reportsDeliveriesWithinMs = 30 * dayMs;

/**
 * Returns the outcomes in events. Store them in the transaction that stores the events, so each counts exactly once.
 * `now` is epoch milliseconds.
 */
export function outcomesOf(events: readonly OutcomeEvent[], now: number): EventOutcomes {
  const outcomes = new Map<string, DeliveryOutcome>();
  const deliveries = new Map<string, number>();
  for (const { event, at: happenedAt, addressHash } of events) {
    const bounced = bouncedBy(event);
    if (bounced === null || addressHash === null) continue;
    // Newer outcomes weigh more. A sender's clock that is ahead must not give an outcome more weight than all others.
    const at = Math.min(happenedAt, now);
    const { provider } = event;
    if (!bounced) deliveries.set(provider, Math.max(at, deliveries.get(provider) ?? 0));
    const earlier = outcomes.get(addressHash);
    if (earlier === undefined || (bounced && !earlier.bounced))
      outcomes.set(addressHash, { addressHash, at, bounced, weight: weightAt(at), reportedBy: provider });
  }
  return { outcomes: [...outcomes.values()], deliveries };
}

/**
 * True for a hard bounce, false for a delivery, null for any other event: a policy bounce concerns the sender or the
 * message, a soft bounce is not final, and after an echo no delivery was attempted.
 */
function bouncedBy({ kind, class: bounceClass, echo }: OutcomeEvent['event']): boolean | null {
  if (echo) return null;
  if (kind === 'delivered') return false;
  return bounceClass === 'hard' ? true : null;
}
