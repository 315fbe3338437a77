// How much mail was sent to a group for which nothing was reported as sent or delivered.

import type { EventCount } from './count.ts';
import { bounces, type EventTally, sentIn, sum } from './tally.ts';

/**
 * Returns the number of sent messages of a group of the mail; null if unknown. `isComplete` says that sent or delivered messages would have
 * been reported for this group: if there are none, all of its mail bounced.
 */
export function sentOrBounced(tally: EventTally, isComplete: boolean): number | null {
  const reported = sentIn(tally);
  if (reported !== null || !isComplete) return reported;
  return bounces(tally) === 0 ? null : bounces(tally);
}

const hasVolume = ({ tally }: Pick<EventCount, 'tally'>): boolean => sentIn(tally) !== null;

/** Whether any of these counts has sent or delivered messages. The others then have none: see `sentOrBounced`. */
export const hasAnyVolume = (counts: readonly Pick<EventCount, 'tally'>[]): boolean => counts.some(hasVolume);

/** Minimum number of bounces without a name, and their minimum share of the mail without a name, that show that such mail bounces. */
const unnamedBounces = { least: 3, leastRate: 0.002 } as const;
/** Minimum share of all sent messages that have a name; the second is for senders whose mail without a name bounces. */
const namedShare = { least: 0.1, leastBesideBounces: 0.01 } as const;

/**
 * The same for a property that the sender attaches to a message, such as its source: whether deliveries carry it. They do not where bounces
 * are posted with a source and deliveries come from a webhook without one. Then many deliveries have no name, and hardly any bounce lacks
 * one. So if deliveries without a name exist, either a tenth of the deliveries has a name, or mail without a name bounces as mail does. In the
 * second case, one name may have no deliveries at all; of several names, some must have at least a hundredth of the deliveries.
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
