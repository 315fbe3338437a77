// Evidence that is kept in memory and refreshed from storage: the operator's overrides and the learned model.

import { type MaybePromise, withTimeout } from '../maybe-promise.ts';
import { noOverrides, type Overrides } from '../overrides/domain-lists.ts';
import type { Learned } from '../verdict/probability.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';
import { overriddenBy } from './overridden.ts';

/** `read` never rejects. If it is late, the previous lists are used. */
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

/** `read` never rejects. If it is late, verdicts use their priors. */
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
