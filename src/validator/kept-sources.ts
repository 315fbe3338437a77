// Two sources of evidence that the service caches in memory: the operator's lists of domains, and the learned model.

import { type MaybePromise, withTimeout } from '../maybe-promise.ts';
import { noOverrides, type Overrides } from '../overrides/domain-lists.ts';
import type { Learned } from '../verdict/probability.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';
import { overriddenBy } from './overridden.ts';

/**
 * The operator's allow and deny lists of domains. `read` returns the current lists and never rejects. If it takes longer than
 * `timeoutMs` milliseconds, the lists that it returned before are used.
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
 * The learned model. `read` returns it and never rejects. If it takes longer than `timeoutMs` milliseconds, the batch is judged
 * without the model: the bounce probabilities are then not adjusted to reported bounces and deliveries.
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
