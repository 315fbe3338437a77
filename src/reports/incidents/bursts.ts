// Finds deferrals that pile up in the few hours of the day in which much of the mail is sent.

import { dayMs, hourMs } from '../../durations.ts';
import type { IncidentFinding } from './finding.ts';
import { chanceOfCount } from './overdispersed.ts';
import { type Totals, totalsBetween } from './series.ts';
import type { Look } from './usual.ts';

const watchedDays = 7;
/** On at least this many days, the busy hours have the most deferrals. */
const leastDays = 3;
/** Maximum number of busy hours of a day. */
const mostHours = 6;
/** Minimum rate of deferrals in the busy hours, and its minimum ratio to the rate in the other hours. */
const leastBusyRate = 0.1;
const leastContrast = 4;
/** Minimum share of the deferrals that the busy hours have. */
const leastShare = 0.7;
const leastDeferrals = 50;

interface Hour {
  readonly start: number;
  readonly sent: number;
  readonly deferred: number;
}

export function findBursts(look: Look): IncidentFinding | null {
  if (!look.isVolumeKnown) return null;
  const from = look.until - watchedDays * dayMs;
  const hours = hoursSince(look, from);
  const busy = busyHours(hours);
  if (busy.size === 0 || busy.size > mostHours) return null;
  const inBusy = hours.filter(({ start }) => busy.has(hourOfDay(start)));
  const others = hours.filter(({ start }) => !busy.has(hourOfDay(start)));
  const [peak, rest] = [summed(inBusy), summed(others)];
  if (peak.deferred < leastDeferrals || rest.sent < 0.05 * peak.sent) return null;
  const rate = peak.deferred / peak.sent;
  const usual = (rest.deferred + 1) / (rest.sent + 20);
  if (rate < leastBusyRate || rate < leastContrast * usual) return null;
  if (peak.deferred < leastShare * (peak.deferred + rest.deferred)) return null;
  const days = Map.groupBy(inBusy, ({ start }) => Math.floor(start / dayMs));
  const striking = [...days.values()].filter((own) => {
    const { sent, deferred } = summed(own);
    return deferred >= 10 && deferred >= (leastBusyRate / 2) * sent;
  });
  const isCurrent = inBusy.some(({ start, deferred }) => deferred > 0 && start >= look.until - 2 * dayMs);
  if (striking.length < leastDays || !isCurrent) return null;
  const chance = chanceOfCount(peak.deferred, peak.sent * usual, 1 / (0.25 + 1 / (rest.deferred + 3)));
  return {
    kind: 'sending_bursts',
    scope: {},
    rise: {
      ...{ series: look.series.all, measure: 'delay', from, messages: peak.deferred, exposure: peak.sent },
      ...{ rate, rateBefore: usual, ratio: rate / usual, excess: peak.deferred - peak.sent * usual, chance },
    },
    measures: ['delay', 'limited'],
    providers: [],
  };
}

const hourOfDay = (start: number): number => Math.floor(start / hourMs) % 24;

function hoursSince(look: Look, from: number): Hour[] {
  const hours: Hour[] = [];
  for (let start = Math.ceil(from / hourMs) * hourMs; start < look.until; start += hourMs) {
    const totals = totalsBetween(look.series.all, start, start + hourMs);
    hours.push({ start, sent: sentIn(totals), deferred: totals.delay + totals.limited });
  }
  return hours;
}

/** Deferred messages are delivered later, so they count where they were first tried. */
const sentIn = ({ sent, delivered, bounces, delay, limited }: Totals): number =>
  Math.max(sent, delivered + bounces, delay + limited);

/** The hours of the day with at least twice the mail of an average hour. */
function busyHours(hours: readonly Hour[]): Set<number> {
  const sent = new Array<number>(24).fill(0);
  for (const hour of hours) sent[hourOfDay(hour.start)]! += hour.sent;
  const average = sent.reduce((sum, one) => sum + one, 0) / 24;
  return new Set([...sent.keys()].filter((hour) => sent[hour]! >= 2 * average && average > 0));
}

function summed(hours: readonly Hour[]) {
  return {
    sent: hours.reduce((sum, hour) => sum + hour.sent, 0),
    deferred: hours.reduce((sum, hour) => sum + hour.deferred, 0),
  };
}
