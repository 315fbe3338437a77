// Remembers what many rows of a list have in common, so it is computed once: the predicted bounces of addresses
// of unknown age, and the cells that presend writes.

import { dayMs } from '../durations.ts';
import type { Judged } from '../validator/validate.ts';
import { agedUnknown, type DecaySegment, type ListProfile } from '../verdict/decay.ts';
import type { Judgement } from '../verdict/judgement.ts';
import type { PredictedBounce } from '../verdict/verdict.ts';
import { type EngagementValues, type OwnCells, ownValues } from './columns.ts';
import type { LifeDates } from './life-columns.ts';
import type { MessageLanguage } from './messages.ts';

/**
 * The memory for all slices of one list. Do not share it between lists of different formats: `OwnCells` hold their text
 * in the format of the list.
 */
export interface RowMemory {
  /**
   * The predicted bounce of a row. If it is not known when the address last worked (`judged.dated` is false), the
   * prediction is adjusted for an unknown age, unless the age does not matter (see `unknownAgeSegment`). `life` limits
   * the age. Equal predictions for an unknown age share one object.
   */
  readonly bounceOf: (judged: Judged, life: LifeDates | null) => PredictedBounce;
  /**
   * The values that presend writes into a row. `addresses`: the verdicts on all addresses of the contact, as JSON;
   * null for a contact with one address. `engagement`: null or absent if no provider reports it. Equal values share one object,
   * unless they contain `addresses` or a suggestion.
   */
  readonly cellsOf: (
    judged: Judged,
    bounce: PredictedBounce,
    duplicate: boolean,
    addresses: string | null,
    engagement?: EngagementValues | null,
  ) => OwnCells;
}

/**
 * Maximum number of `OwnCells` that are remembered, and of predicted bounces. When it is reached, all are forgotten. They
 * take about two megabytes.
 */
const mostShared = 4096;

/** `asOf`: the time as of which all rows are judged, in epoch milliseconds. */
export const createRowMemory = ({
  asOf,
  profile,
  language,
}: {
  readonly asOf: number;
  readonly profile?: ListProfile;
  readonly language?: MessageLanguage;
}): RowMemory => ({
  bounceOf: createUnknownAges(asOf, profile ?? null),
  cellsOf: createCells(new Date(asOf).toISOString(), language),
});

/**
 * The segment of the domain, which says how fast mailboxes there die. Null if the age of the address does not matter:
 * nothing is known about the domain, or the bounce probability comes from observed outcomes.
 */
export const unknownAgeSegment = (
  bounce: PredictedBounce,
  domain: Judgement['domain'],
): DecaySegment | null => (bounce.basis === 'observed' ? null : (domain?.segment ?? null));

/**
 * The age of an address is the time since mail last reached it. If it is unknown, but limited by a date such as the day
 * of subscription, the limit is rounded up to one of these numbers of days.
 */
const ageLimits = [30, 90, 180, 365, 730] as const;

/** Maximum age, in days, that is assumed for an address whose owner often opens mail. */
const engagedDays = 90;

function createUnknownAges(asOf: number, profile: ListProfile | null): RowMemory['bounceOf'] {
  const known = new Map<PredictedBounce, (PredictedBounce | undefined)[]>();
  return ({ bounce, judgement, dated }, life) => {
    const segment = dated ? null : unknownAgeSegment(bounce, judgement.domain);
    if (segment === null) return bounce;
    const since = life === null ? null : latest(life.since, asOf);
    const days = Math.min(
      since === null ? Number.POSITIVE_INFINITY : (asOf - since) / dayMs,
      life?.engaged ? engagedDays : Number.POSITIVE_INFINITY,
    );
    let limit = 0;
    while (limit < ageLimits.length && days > ageLimits[limit]!) limit++;
    let byLimit = known.get(bounce);
    if (byLimit === undefined) {
      if (known.size >= mostShared) known.clear();
      byLimit = [];
      known.set(bounce, byLimit);
    }
    byLimit[limit] ??= {
      ...bounce,
      ...agedUnknown(bounce, segment, {
        profile,
        ...(limit < ageLimits.length && { atMostDays: ageLimits[limit]! }),
      }),
    };
    return byLimit[limit]!;
  };
}

/** The latest of the dates that are not after `asOf`, or null. */
export function latest(dates: readonly number[], asOf: number): number | null {
  let found: number | null = null;
  for (let index = 0; index < dates.length; index++) {
    const date = dates[index]!;
    if (date <= asOf && (found === null || date > found)) found = date;
  }
  return found;
}

/** `checkedAt`: the text of the column `ps_checked_at`, in RFC 3339. */
function createCells(checkedAt: string, language: MessageLanguage = 'en'): RowMemory['cellsOf'] {
  const known = new Map<Judgement, Map<number | string, OwnCells>[]>();
  let made = 0;
  return (judged, bounce, duplicate, addresses, engagement = null) => {
    const { judgement, didYouMean } = judged;
    const make = (): OwnCells => ({
      values: ownValues({ ...judged, bounce }, checkedAt, duplicate, addresses, language, engagement),
      text: null,
      textAfter: '',
    });
    if (didYouMean !== null || addresses !== null) return make();
    if (made >= mostShared) {
      known.clear();
      made = 0;
    }
    let both = known.get(judgement);
    if (both === undefined) {
      both = [new Map(), new Map()];
      known.set(judgement, both);
    }
    const byProbability = both[duplicate ? 1 : 0]!;
    const { probability } = bounce;
    const key =
      engagement === null ? probability : `${probability} ${engagement.state} ${engagement.lastActive}`;
    let cells = byProbability.get(key);
    if (cells === undefined) {
      cells = make();
      made++;
      byProbability.set(key, cells);
    }
    return cells;
  };
}
