// Finds deferrals that pile up in the few hours of the day in which much of the mail is sent.

import { dayMs, hourMs } from '../../durations.ts';
import type { IncidentFinding } from './finding.ts';
import { chanceOfCount } from './overdispersed.ts';
import { mailBetween, sumBetween } from './series.ts';
import type { Look } from './usual.ts';

const watchedDays = 7;
/** An hour of the day, such as 09:00 to 10:00, is striking if it had many deferrals on at least this many days. */
const leastDays = 3;
/** Maximum number of striking hours of a day. */
const mostHours = 6;
/** A single hour has many deferrals from this number and from this rate on. */
const leastDeferrals = 10;
const leastRate = 0.06;
/** Minimum ratio of the rate in the striking hours to the rate in the hours without bursts. */
const leastContrast = 4;
/** Minimum share of the deferrals in the striking hours and the retries after them. */
const leastShare = 0.6;
/** Hours within which deferred messages are tried, and deferred, again. */
const retryHours = 3;
/** Minimum ratio of the mail in a burst to the mail in most other hours. */
const leastBusy = 1.5;

interface Hour {
  readonly start: number;
  readonly sent: number;
  readonly deferred: number;
}

export function findBursts(look: Look): IncidentFinding | null {
  if (!look.isVolumeKnown) return null;
  const from = look.until - watchedDays * dayMs;
  const hours = hoursSince(look, from);
  const striking = strikingHours(hours);
  if (striking.size === 0 || striking.size > mostHours) return null;
  const isRetry = ({ start }: Hour) =>
    Array.from({ length: retryHours }, (_, index) => hourOfDay(start - (index + 1) * hourMs)).some((hour) =>
      striking.has(hour),
    );
  const peaks = hours.filter((hour) => striking.has(hourOfDay(hour.start)));
  const [peak, retries, rest] = [
    summed(peaks),
    summed(hours.filter((hour) => !striking.has(hourOfDay(hour.start)) && isRetry(hour))),
    summed(hours.filter((hour) => !striking.has(hourOfDay(hour.start)) && !isRetry(hour))),
  ];
  if (rest.sent < 0.05 * peak.sent) return null;
  const rate = peak.deferred / peak.sent;
  const usual = (rest.deferred + 1) / (rest.sent + 20);
  if (rate < leastRate || rate < leastContrast * usual) return null;
  const late = peak.deferred + retries.deferred;
  if (late < leastShare * (late + rest.deferred)) return null;
  if (!peaks.some((hour) => isStriking(hour) && hour.start >= look.until - 2 * dayMs)) return null;
  const chance = chanceOfCount(peak.deferred, peak.sent * usual, 1 / (0.25 + 1 / (rest.deferred + 3)));
  return {
    kind: 'sending_bursts',
    scope: {},
    rise: {
      ...{ series: look.series.all, measure: 'delay', from, messages: peak.deferred, exposure: peak.sent },
      ...{ rate, rateBefore: usual, ratio: rate / usual, excess: peak.deferred - peak.sent * usual, chance },
    },
    measures: ['delay'],
    providers: [],
  };
}

const hourOfDay = (start: number): number => Math.floor(start / hourMs) % 24;

/** The hours since `from`. Deferred messages are delivered later, so they count in the hour of the first attempt. */
function hoursSince({ series: { all }, until }: Look, from: number): Hour[] {
  const hours: Hour[] = [];
  for (let start = Math.ceil(from / hourMs) * hourMs; start < until; start += hourMs) {
    const deferred = sumBetween(all, 'delay', start, start + hourMs);
    hours.push({ start, sent: Math.max(mailBetween(all, start, start + hourMs), deferred), deferred });
  }
  return hours;
}

const isStriking = ({ sent, deferred }: Hour): boolean =>
  deferred >= leastDeferrals && deferred >= leastRate * sent;

/** The busy hours of the day in which deferrals were striking on several days. */
function strikingHours(hours: readonly Hour[]): Set<number> {
  const average = summed(hours).sent / 24;
  const ofDay = Map.groupBy(hours, ({ start }) => hourOfDay(start));
  return new Set(
    [...ofDay]
      .filter(
        ([, own]) => own.filter(isStriking).length >= leastDays && summed(own).sent >= leastBusy * average,
      )
      .map(([hour]) => hour),
  );
}

function summed(hours: readonly Hour[]) {
  return {
    sent: hours.reduce((sum, hour) => sum + hour.sent, 0),
    deferred: hours.reduce((sum, hour) => sum + hour.deferred, 0),
  };
}
