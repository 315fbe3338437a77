// How much mail was sent in a group, such as a source, for which nothing was reported as sent or delivered.

import type { EventCount } from './count.ts';
import { bounces, type EventTally, sentIn, sum } from './tally.ts';

/**
 * Returns the number of sent messages of a group of the mail; null if unknown. `isComplete` says that sent or delivered messages
 * would have been reported for this group: if there are none, all of its mail bounced.
 */
export function sentOrBounced(tally: EventTally, isComplete: boolean): number | null {
  const reported = sentIn(tally);
  if (reported !== null || !isComplete) return reported;
  return bounces(tally) === 0 ? null : bounces(tally);
}

const hasVolume = ({ tally }: Pick<EventCount, 'tally'>): boolean => sentIn(tally) !== null;

/**
 * Whether any of these counts has sent or delivered messages. If so, such messages are reported, and a count without them has
 * none (see `sentOrBounced`).
 */
export const hasAnyVolume = (counts: readonly Pick<EventCount, 'tally'>[]): boolean => counts.some(hasVolume);

/**
 * From this number of bounces without a name, and from this share of the mail without a name, mail without a name counts as mail
 * that bounces.
 */
const unnamedBounces = { least: 3, leastRate: 0.002 } as const;
/** Minimum share of the sent messages that must have a name. `leastBesideBounces` applies if mail without a name bounces, too. */
const namedShare = { least: 0.1, leastBesideBounces: 0.01 } as const;

/**
 * Like `hasAnyVolume`, for counts by a property that the sender attaches to a message, such as its source (the `name` of a
 * count): whether deliveries are reported with that property. Some senders post bounces with a source, but their deliveries come
 * from a webhook without one. Then many deliveries have no name, and nearly all bounces have one. So if deliveries without a name
 * exist, this returns true in two cases only: at least a tenth of the deliveries have a name, or mail without a name bounces at a
 * normal rate. In the second case, a single name may have no deliveries at all; of several names, some must have at least a
 * hundredth of the deliveries.
 */
export function hasNamedVolume(counts: readonly EventCount[]): boolean {
  const named = counts.filter(({ name }) => name !== null);
  const unnamed = sum(counts.filter(({ name }) => name === null).map(({ tally }) => tally));
  const unnamedSent = sentIn(unnamed);
  if (unnamedSent === null) return hasAnyVolume(named);
  const sent = named.reduce((total, { tally }) => total + (sentIn(tally) ?? 0), 0);
  const share = sent / (sent + unnamedSent);
  if (share >= namedShare.least) return true;
  const failed = bounces(unnamed);
  if (failed < unnamedBounces.least || failed < unnamedBounces.leastRate * unnamedSent) return false;
  return share >= namedShare.leastBesideBounces || new Set(named.map(({ name }) => name)).size === 1;
}
