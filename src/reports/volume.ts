// How much mail was sent to a group for which nothing was reported as sent or delivered.

import type { EventCount } from './count.ts';
import { bounces, type EventTally, sentIn } from './tally.ts';

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

/**
 * The same for a property that the sender attaches to a message, such as its source. False if several names have counts and none of them has
 * sent or delivered messages: the events of deliveries then do not carry the property, as where bounces are posted with a source
 * and deliveries come from a webhook without one.
 */
export function hasNamedVolume(counts: readonly EventCount[]): boolean {
  const named = counts.filter(({ name }) => name !== null);
  return hasAnyVolume(named) || (named.length === 1 && hasAnyVolume(counts));
}
