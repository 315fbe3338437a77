// Engagement: when a person was last mailed and last opened, clicked or replied. Who counts as inactive, and the port for
// storage.

import { dayMs } from '../durations.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import { type DeliveryEvent, proofOf } from './delivery-event.ts';

/** What is stored about one address. Times are in epoch milliseconds. */
export interface Engagement {
  /** When a delivery or a sign of life was first recorded. */
  readonly firstSeen: number;
  /** The latest delivery by a provider that reports opens, clicks or replies; null if there is none. */
  readonly lastDelivered: number | null;
  /** The latest sign of life: the person opened, clicked or replied. Null if there is none. */
  readonly lastActive: number | null;
}

/**
 * - `active`: a sign of life in the last six months.
 * - `inactive_6`, `inactive_12`: no sign of life for at least 6 or 12 months, although mail was delivered for at least six.
 * - `unknown`: neither, because mail has not been delivered for six months since the last sign of life.
 * - `never_seen`: no delivery and no sign of life is recorded. A person who was never mailed is not inactive.
 */
export const engagementStates = ['active', 'inactive_6', 'inactive_12', 'unknown', 'never_seen'] as const;
export type EngagementState = (typeof engagementStates)[number];

/** Milliseconds without a sign of life after which a person is inactive, for six and for twelve months. */
export const inactiveAfterMs = { six: 182 * dayMs, twelve: 365 * dayMs } as const;

/** The state of an address as of `now`, in epoch milliseconds. `engagement`: null if nothing is recorded. */
export function engagementStateOf(engagement: Engagement | null, now: number): EngagementState {
  if (engagement === null) return 'never_seen';
  const { firstSeen, lastDelivered, lastActive } = engagement;
  if (lastActive !== null && now - lastActive < inactiveAfterMs.six) return 'active';
  const quietSince = lastActive ?? firstSeen;
  // No open and no click says nothing about a person who got no mail, or whose provider stopped reporting opens and clicks.
  if (lastDelivered === null || lastDelivered - quietSince < inactiveAfterMs.six) return 'unknown';
  return now - quietSince < inactiveAfterMs.twelve ? 'inactive_6' : 'inactive_12';
}

/** A delivery, or a sign of life. */
export interface EngagementSign {
  readonly addressHash: string;
  readonly kind: 'delivered' | 'opened' | 'clicked' | 'replied';
  /** Epoch milliseconds. */
  readonly at: number;
  /** The digest of the message id, as in `StoredEvent`; null if unknown. */
  readonly message: string | null;
  /** Where the address was acquired; null if unknown. */
  readonly source: string | null;
  /** The slug of the provider that reported it. */
  readonly reportedBy: string;
}

/**
 * Milliseconds around a delivery in which an open or a click is not a sign of life: security scanners follow links when the
 * message arrives, before a person can read it.
 */
export const scannedWithinMs = 10_000;

/** Scanners also follow all links of a message at once: this many clicks of one recipient within so many milliseconds. */
const burst = { clicks: 3, withinMs: 5000 };

/** An event with the values that `createFeedback` derives from it. */
export interface EngagementEvent {
  readonly event: Pick<DeliveryEvent, 'kind' | 'byPerson' | 'echo' | 'proof' | 'provider'>;
  readonly at: number;
  readonly addressHash: string | null;
  readonly message: string | null;
  readonly source: string | null;
}

/**
 * Returns the deliveries and signs of life in new events. Leaves out unproven events, events by machines or perhaps by machines,
 * and bursts of clicks.
 */
export function engagementSigns(events: readonly EngagementEvent[]): EngagementSign[] {
  const signs = events.flatMap(({ event, at, addressHash, message, source }): EngagementSign[] => {
    const { kind, provider, echo, byPerson } = event;
    if (addressHash === null || echo || proofOf(event) === 'unproven') return [];
    const isDelivery = kind === 'delivered';
    const isLife = byPerson === true && (kind === 'opened' || kind === 'clicked' || kind === 'replied');
    return isDelivery || isLife ? [{ addressHash, kind, at, message, source, reportedBy: provider }] : [];
  });
  const clicks = Map.groupBy(
    signs.filter(({ kind }) => kind === 'clicked'),
    ({ addressHash }) => addressHash,
  );
  const scanned = new Set([...clicks.values()].flatMap(burstsIn));
  return scanned.size === 0 ? signs : signs.filter((sign) => !scanned.has(sign));
}

/** Returns the clicks of one recipient that belong to a burst. */
function burstsIn(clicks: readonly EngagementSign[]): EngagementSign[] {
  const sorted = clicks.toSorted((a, b) => a.at - b.at);
  const found = new Set<EngagementSign>();
  for (let last = burst.clicks - 1; last < sorted.length; last++) {
    const first = last - burst.clicks + 1;
    if (sorted[last]!.at - sorted[first]!.at > burst.withinMs) continue;
    for (const sign of sorted.slice(first, last + 1)) found.add(sign);
  }
  return [...found];
}

/** Numbers of addresses by their engagement. */
export interface EngagementCounts {
  /** Addresses with a sign of life in the last 30, 90, 180 and 365 days. */
  readonly activeDays30: number;
  readonly activeDays90: number;
  readonly activeDays180: number;
  readonly activeDays365: number;
  /** Addresses by state (see `engagementStates`). */
  readonly active: number;
  readonly inactive6: number;
  readonly inactive12: number;
  readonly unknown: number;
}

export interface SourceEngagement extends EngagementCounts {
  /** Where the addresses were acquired; null if unknown. */
  readonly source: string | null;
}

/** A provider that reports opens, clicks or replies of people. */
export interface EngagementTeller {
  readonly name: string;
  /** The times of the first and the latest sign of life that it reported, in epoch milliseconds. */
  readonly since: number;
  readonly at: number;
}

export interface EngagementRepository {
  /** Whether any provider has reported an open, a click or a reply of a person. */
  isReported(): MaybePromise<boolean>;
  /** Returns the engagement of each address, in order; null for an address of which nothing is recorded. */
  find(keyId: string, addressHashes: readonly string[]): MaybePromise<readonly (Engagement | null)[]>;
  /** Counts the addresses of each source as of `now` (epoch milliseconds). */
  count(keyId: string, now: number): Promise<SourceEngagement[]>;
  tellers(): Promise<EngagementTeller[]>;
  /** Deletes some of the rows whose latest time is before `before` (epoch milliseconds). Call it again for the rest. */
  deleteBefore(before: number): Promise<void>;
}
