// Turns delivery events, which e-mail service providers report, into outcomes of earlier verdicts: delivered or bounced.

import type { BounceClass } from '../bounce/bounce.ts';
import { dayMs } from '../durations.ts';
import type { DeliveryOutcome, EventOutcomes } from '../events/event-repository.ts';
import { weightAt } from '../verdict/probability-model.ts';

/** A delivery event that was not reported before. */
export interface OutcomeEvent {
  readonly event: {
    readonly provider: string;
    readonly kind: string;
    readonly class: BounceClass;
    readonly echo: boolean;
  };
  /** When the event happened, in epoch milliseconds. */
  readonly at: number;
  readonly addressHash: string | null;
}

/**
 * Milliseconds after a verdict within which an outcome counts. Later outcomes are ignored, because the mailbox may
 * have changed since the verdict.
 */
export const outcomeWithinMs = 90 * dayMs;

/**
 * Milliseconds after a delivery within which a bounce replaces it, since a server may accept a message and bounce it
 * later. Servers retry for four to five days (RFC 5321 section 4.5.4.1), and the report takes time as well.
 */
export const correctedWithinMs = 7 * dayMs;

/**
 * If an e-mail service provider reported no delivery for this many milliseconds, it probably reports only bounces. Its
 * bounces are then ignored, because they would look like a bounce rate of 100%.
 */
export const reportsDeliveriesWithinMs = 30 * dayMs;

/**
 * Returns the outcomes that events report. Store them in the same transaction as the events, so each outcome
 * counts exactly once. `now` is in epoch milliseconds.
 */
export function outcomesOf(events: readonly OutcomeEvent[], now: number): EventOutcomes {
  const outcomes = new Map<string, DeliveryOutcome>();
  const deliveries = new Map<string, number>();
  for (const { event, at: happenedAt, addressHash } of events) {
    const bounced = bouncedBy(event);
    if (bounced === null || addressHash === null) continue;
    // Newer outcomes weigh more. If the clock of the provider is ahead, the event seems to happen in the future and
    // would outweigh all others, so it counts as happening now.
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
 * True for a hard bounce, false for a delivery, null for any other event. A policy bounce is about the sender or the
 * message. A soft bounce is not final. An echo says that the provider did not even try to deliver, for example because
 * the address is on the provider's own suppression list.
 */
function bouncedBy({ kind, class: bounceClass, echo }: OutcomeEvent['event']): boolean | null {
  if (echo) return null;
  if (kind === 'delivered') return false;
  return bounceClass === 'hard' ? true : null;
}
