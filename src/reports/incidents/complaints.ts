// Finds complaints that rose.

import { type IncidentFinding, isRecent } from './finding.ts';
import { isOld, mainOrigin, origins } from './origin.ts';
import { elsewhereOf, type FoundRise, partOf, riseOf } from './rises.ts';
import type { Look } from './usual.ts';

const limits = {
  all: { rate: 0.002, ratio: 3, share: 0.3 },
  group: { rate: 0.002, ratio: 3, share: 0.3 },
} as const;
const hours = [24, 72, 168];

export function findComplaints(look: Look): IncidentFinding[] {
  const rises = origins
    .flatMap((origin) => look.series.groups[origin])
    .filter((series) => series.name !== null && isRecent(look, series))
    .map((series) =>
      riseOf(look, series, 'complaint', limits.group, {
        hours,
        elsewhere: elsewhereOf(look, series, 'complaint'),
      }),
    )
    .filter((rise) => rise !== null);
  const { all } = look.series;
  const rise = riseOf(look, all, 'complaint', limits.all, { hours }) ?? mostTelling(rises);
  if (rise === null) return [];
  const whole = partOf(look, rise, all);
  const old = mainOrigin(look, whole, (series) => isOld(look, series));
  // Prefer a source or list to a campaign, because each mailing can be a new campaign.
  const scope = Object.keys(old).length > 0 ? old : mainOrigin(look, whole);
  return [{ kind: 'complaints', scope, rise, measures: ['complaint'], providers: [] }];
}

/** The rise that is least probably a matter of chance. */
const mostTelling = (rises: readonly FoundRise[]): FoundRise | null =>
  rises.reduce<FoundRise | null>(
    (best, one) => (best === null || one.chance < best.chance ? one : best),
    null,
  );
