// Evidence that is kept in memory and refreshed from storage: the operator's overrides and what was learned.

import { type MaybePromise, withTimeout } from '../maybe-promise.ts';
import { noOverrides, type Overrides } from '../overrides/domain-lists.ts';
import type { Learned } from '../verdict/probability.ts';
import type { EvidenceSource } from './evidence-source.ts';

/** `read` never rejects. If it is late, the previous lists are used. */
export function overridesSource(
  read: () => MaybePromise<Overrides>,
  timeoutMs: number,
): EvidenceSource<Overrides> {
  let latest = noOverrides;
  return {
    name: 'overrides',
    scope: 'domain',
    gather() {
      const lists = read();
      if (!(lists instanceof Promise)) {
        latest = lists;
        return lists;
      }
      const reading = lists.then((value) => {
        latest = value;
      });
      const current = () => latest;
      return withTimeout(reading, timeoutMs).then(current, current);
    },
  };
}

/** `read` never rejects. If it is late, nothing counts as learned: a verdict can do without. */
export const learnedSource = (
  read: () => MaybePromise<Learned | null>,
  timeoutMs: number,
): EvidenceSource<Learned | null> => ({
  name: 'learned',
  scope: 'address',
  gather() {
    const learned = read();
    return learned instanceof Promise ? withTimeout(learned, timeoutMs).catch(() => null) : learned;
  },
});
