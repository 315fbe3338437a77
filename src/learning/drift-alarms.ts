// Reports each drift once, whichever process finds it first, and again if it lasts a week.

import type { Drift } from './drift.ts';
import type { LearningRepository } from './learning-repository.ts';

/** Reports a drift. False: not delivered, try again later. */
export type ReportDrift = (drift: Drift) => Promise<boolean>;

const weekMs = 7 * 86_400_000;

/** Reports the drifts that were not reported within a week. `now` in epoch milliseconds. */
export async function reportDrifts(
  repository: Pick<LearningRepository, 'claimDrift' | 'releaseDrift'>,
  drifts: readonly Drift[],
  report: ReportDrift,
  now: number,
): Promise<void> {
  for (const drift of drifts) {
    const isClaimed = await repository.claimDrift(drift, now, now - weekMs);
    if (isClaimed && !(await report(drift))) await repository.releaseDrift(drift);
  }
}
