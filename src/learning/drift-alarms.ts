// Reports each drift once, even if several processes find it. A drift that lasts is reported again after a week.

import { weekMs } from '../durations.ts';
import type { Drift } from './drift.ts';
import type { LearningRepository } from './learning-repository.ts';

/** Sends the report of a drift. False if it could not be delivered; then it is tried again later. */
export type ReportDrift = (drift: Drift) => Promise<boolean>;

/** Reports the drifts that were not reported in the week before `now` (epoch milliseconds). */
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
