// Compares what a detector found with what really happened.
//
// A found incident is right if one of the truth has
// - the same kind;
// - the same scope: for an incident at one provider that provider and no source; for one across providers no provider;
//   for one of the list at least one of its names (source, campaign, list) and none that contradicts. A name that most of
//   the affected mail shares is as good, and a campaign is as good as its series (`offers` for `offers-2025-03-01`);
// - an overlap in time: it opened no earlier than the incident began, and no later than a day after its end.
// It is in time if it opened no later than a day (and the hour of the count) after the evidence sufficed. A right one that
// is late counts for precision and not for recall. A second one for the same truth is a duplicate and counts as wrong,
// because each incident is to be told once; so does one that closes and opens again.
//
// Blame: a found incident blames the list wrongly if its cause is the list while an incident whose cause is the sender goes
// on, unless it is right about an incident of the list.

import { dayMs, hourMs } from '../../src/durations.ts';
import { type Found, type Incident, type IncidentKind, incidentKinds, type Month } from './types.ts';

const atOneProvider: ReadonlySet<IncidentKind> = new Set([
  'provider_block',
  'provider_fault',
  'soft_outage',
  'rate_limit',
]);
const acrossProviders: ReadonlySet<IncidentKind> = new Set([
  'sender_block',
  'soft_rise',
  'top_of_hour',
  'bad_import',
  'list_decay',
]);
const ofNames: ReadonlySet<IncidentKind> = new Set(['bad_import', 'list_decay', 'complaints']);
const names = ['source', 'campaign', 'list'] as const;

const seriesOf = (campaign: string): string => campaign.replace(/-\d{4}-\d{2}-\d{2}$/, '');

const isSame = (
  name: (typeof names)[number],
  found: string | undefined,
  truth: string | undefined,
): boolean =>
  found !== undefined &&
  truth !== undefined &&
  (name === 'campaign' ? seriesOf(found) === seriesOf(truth) : found === truth);

function hasScope(found: Found, truth: Incident): boolean {
  if (atOneProvider.has(truth.kind))
    return found.provider === truth.provider && names.every((name) => found[name] === undefined);
  if (found.provider !== undefined) {
    if (acrossProviders.has(truth.kind) || !truth.providers.includes(found.provider)) return false;
    if (truth.provider !== undefined && found.provider !== truth.provider) return false;
  }
  if (!ofNames.has(truth.kind)) return true;
  const isNamed = (name: (typeof names)[number]) =>
    [truth, ...(truth.aliases ?? [])].some((scope) => isSame(name, found[name], scope[name]));
  return (
    names.some(isNamed) &&
    names.every((name) => found[name] === undefined || truth[name] === undefined || isNamed(name))
  );
}

/** Whether a found incident is about an incident that really happened. */
export const isAbout = (found: Found, truth: Incident): boolean =>
  found.kind === truth.kind &&
  hasScope(found, truth) &&
  found.opened >= truth.from &&
  found.opened <= truth.to + dayMs;

export const isInTime = ({ opened }: Found, { evident }: Incident): boolean =>
  opened <= evident + dayMs + hourMs;

export interface MonthScore {
  readonly right: readonly { readonly found: Found; readonly truth: Incident; readonly inTime: boolean }[];
  readonly duplicates: readonly Found[];
  /** Found, but about nothing that happened. */
  readonly wrong: readonly Found[];
  readonly missed: readonly Incident[];
  /** Found incidents that blame the list for a fault of the sender. */
  readonly blamed: readonly Found[];
}

export function scoreMonth({ truth }: Pick<Month, 'truth'>, found: readonly Found[]): MonthScore {
  const right: { found: Found; truth: Incident; inTime: boolean }[] = [];
  const duplicates: Found[] = [];
  const wrong: Found[] = [];
  const seen = new Set<Incident>();
  for (const one of found.toSorted((some, other) => some.opened - other.opened)) {
    const about = truth.filter((incident) => isAbout(one, incident));
    const fresh = about.find((incident) => !seen.has(incident));
    if (fresh !== undefined) {
      seen.add(fresh);
      right.push({ found: one, truth: fresh, inTime: isInTime(one, fresh) });
    } else (about.length > 0 ? duplicates : wrong).push(one);
  }
  const inTime = new Set(right.flatMap((one) => (one.inTime ? [one.truth] : [])));
  const aboutList = new Set(right.flatMap((one) => (one.truth.cause === 'list' ? [one.found] : [])));
  const blamed = found.filter(
    (one) =>
      one.cause === 'list' &&
      !aboutList.has(one) &&
      truth.some(
        ({ cause, from, to }) => cause === 'sender' && one.opened >= from && one.opened <= to + dayMs,
      ),
  );
  return { right, duplicates, wrong, missed: truth.filter((incident) => !inTime.has(incident)), blamed };
}

export interface KindScore {
  readonly happened: number;
  /** Found in time. */
  readonly inTime: number;
  readonly late: number;
  readonly recall: number;
  /** Found incidents of this kind. */
  readonly found: number;
  readonly wrong: number;
  readonly duplicates: number;
  readonly precision: number;
}

export interface Score {
  readonly months: number;
  readonly precision: number;
  readonly recall: number;
  readonly blamed: number;
  readonly foundInQuietMonths: number;
  readonly quietMonths: number;
  readonly kinds: Readonly<Record<IncidentKind, KindScore>>;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

/** Sums up the scores of months. A ratio over nothing is 1. */
export function summarize(
  scores: readonly { readonly month: Pick<Month, 'kind'>; readonly score: MonthScore }[],
): Score {
  const all = scores.map(({ score }) => score);
  const kinds = Object.fromEntries(
    incidentKinds.map((kind) => {
      const right = all.flatMap((one) => one.right.filter(({ truth }) => truth.kind === kind));
      const inTime = right.filter((one) => one.inTime).length;
      const missed = all.flatMap((one) => one.missed.filter((truth) => truth.kind === kind)).length;
      const wrong = all.flatMap((one) => one.wrong.filter((found) => found.kind === kind)).length;
      const duplicates = all.flatMap((one) => one.duplicates.filter((found) => found.kind === kind)).length;
      const found = right.length + wrong + duplicates;
      const score: KindScore = {
        happened: inTime + missed,
        inTime,
        late: right.length - inTime,
        recall: ratio(inTime, inTime + missed),
        found,
        wrong,
        duplicates,
        precision: ratio(right.length, found),
      };
      return [kind, score];
    }),
  ) as Record<IncidentKind, KindScore>;
  const sum = (pick: (one: KindScore) => number) =>
    Object.values(kinds).reduce((total, one) => total + pick(one), 0);
  const quiet = scores.filter(({ month }) => month.kind === 'quiet');
  return {
    months: scores.length,
    precision: ratio(
      sum(({ inTime, late }) => inTime + late),
      sum(({ found }) => found),
    ),
    recall: ratio(
      sum(({ inTime }) => inTime),
      sum(({ happened }) => happened),
    ),
    blamed: all.reduce((total, { blamed }) => total + blamed.length, 0),
    foundInQuietMonths: quiet.reduce((total, { score }) => total + score.wrong.length, 0),
    quietMonths: quiet.length,
    kinds,
  };
}
