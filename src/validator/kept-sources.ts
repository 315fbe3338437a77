// Two sources of evidence that are read from storage and kept in memory: the operator's overrides and the learned model.

import { type MaybePromise, withTimeout } from '../maybe-promise.ts';
import { noOverrides, type Overrides } from '../overrides/domain-lists.ts';
import type { Learned } from '../verdict/probability.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';
import { overriddenBy } from './overridden.ts';

/**
 * The operator's allow and deny lists. `read` returns the current lists and never rejects. If it takes longer than
 * `timeoutMs`, the lists of the previous read are used.
 */
export function overridesSource(read: () => MaybePromise<Overrides>, timeoutMs: number): EvidenceSource {
  let latest = noOverrides;
  const current = (): BatchFinding => overriddenBy(latest);
  return {
    name: 'overrides',
    scope: 'domain',
    gather() {
      const lists = read();
      if (!(lists instanceof Promise)) {
        latest = lists;
        return current();
      }
      const reading = lists.then((value) => {
        latest = value;
      });
      return withTimeout(reading, timeoutMs).then(current, current);
    },
  };
}

/**
 * The learned model. `read` returns it and never rejects. If it takes longer than `timeoutMs`, the batch is judged without the
 * model, so its probabilities of a bounce are not adjusted to reported outcomes.
 */
export const learnedSource = (read: () => MaybePromise<Learned>, timeoutMs: number): EvidenceSource => ({
  name: 'learned',
  scope: 'address',
  gather() {
    const learned = read();
    return learned instanceof Promise
      ? withTimeout(learned, timeoutMs).then(
          (value) => ({ learned: value }),
          () => nothingFound,
        )
      : { learned };
  },
});
