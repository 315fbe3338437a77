// Reports each drift once, whichever process finds it first, and again if it lasts a week.

import type { Drift } from './drift.ts';
import type { LearningRepository } from './learning-repository.ts';

/** Reports a drift. False: not delivered, try again later. */
export type TellDrift = (drift: Drift) => Promise<boolean>;

const weekMs = 7 * 86_400_000;

/** Reports the drifts that were not reported within a week. `now` in epoch milliseconds. */
export async function tellDrifts(
  repository: Pick<LearningRepository, 'claimDrift' | 'releaseDrift'>,
  drifts: readonly Drift[],
  tell: TellDrift,
  now: number,
): Promise<void> {
  for (const drift of drifts) {
    const isClaimed = await repository.claimDrift(drift, now, now - weekMs);
    if (isClaimed && !(await tell(drift))) await repository.releaseDrift(drift);
  }
}
