// Finds complaints that rose.

import { type IncidentFinding, isRecent, largest } from './finding.ts';
import { elsewhereOf, riseOf } from './rises.ts';
import { sumBetween } from './series.ts';
import type { Look } from './usual.ts';

const overallLimits = { rate: 0.002, ratio: 3, share: 0.3 };
const campaignLimits = { rate: 0.003, ratio: 3, share: 0.3 };
const hours = [24, 72, 168];

export function findComplaints(look: Look): IncidentFinding[] {
  const { all, groups } = look.series;
  const rises = groups.campaign
    .filter((series) => series.name !== null && isRecent(look, series))
    .map((series) =>
      riseOf(look, series, 'complaint', campaignLimits, {
        hours,
        elsewhere: elsewhereOf(look, series, 'complaint'),
      }),
    )
    .filter((rise) => rise !== null);
  const rise =
    riseOf(look, all, 'complaint', overallLimits, { hours }) ?? (rises.length > 0 ? largest(rises) : null);
  if (rise === null) return [];
  const main = groups.campaign.find(
    (series) =>
      series.name !== null && sumBetween(series, 'complaint', rise.from, look.until) >= 0.7 * rise.messages,
  );
  return [
    {
      kind: 'complaints',
      scope: main?.name == null ? {} : { campaign: main.name },
      rise,
      measures: ['complaint'],
      providers: [],
    },
  ];
}
