// Which source, list or campaign failures come from.

import { chanceOfRise } from '../rate-test.ts';
import type { IncidentScope } from './incident.ts';
import { type FoundRise, partOf } from './rises.ts';
import type { Series } from './series.ts';
import { type Look, newMs } from './usual.ts';

export const origins = ['source', 'list', 'campaign'] as const;
export type Origin = (typeof origins)[number];

const leastContrast = 2;
const mostChance = 1e-2;
/**
 * Minimum share of the excess failures that a source, list or campaign must have to be the origin. It is higher for complaints.
 */
const leastShare = { complaint: 0.75, others: 0.6 } as const;

/** Whether mail of a source, list or campaign was sent before the last days. */
export const isOld = (look: Look, { starts }: Series): boolean =>
  starts.length > 0 && starts[0]! < look.until - newMs;

/**
 * The source, list or campaign that a rise is about: it has most of the failures beyond the usual ones (`leastShare`). If several
 * have, the one with the highest rate. `{}` if there is none.
 */
export function mainOrigin(
  look: Look,
  rise: FoundRise,
  mayBe: (series: Series) => boolean = () => true,
): IncidentScope {
  const least = rise.measure === 'complaint' ? leastShare.complaint : leastShare.others;
  const found = origins
    .flatMap((origin) => look.series.groups[origin])
    .filter((series): series is Series & { name: string } => series.name !== null && mayBe(series))
    .map((series) => partOf(look, rise, series))
    .filter(({ excess, messages }) => messages >= 5 && excess >= least * rise.excess)
    .filter((part) => standsOut(part, rise));
  if (found.length === 0) return {};
  const main = found.reduce((best, part) => (part.rate > best.rate ? part : best));
  return { [main.series.dimension]: main.series.name! };
}

/**
 * Whether a part of the mail is the origin: its rate is far above that of the rest, and not by chance. True also if the part is
 * all mail.
 */
function standsOut(part: FoundRise, whole: FoundRise): boolean {
  const exposure = whole.exposure - part.exposure;
  if (exposure < 0.05 * whole.exposure) return true;
  const rest = Math.max(0, whole.messages - part.messages);
  if (part.rate < leastContrast * (rest / exposure)) return false;
  return chanceOfRise(part.messages, part.exposure, rest, exposure) <= mostChance;
}
