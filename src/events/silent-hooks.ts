// Finds webhooks that fell silent: events came regularly, and now they do not. The vendor may have disabled the webhook, or its
// requests are refused. Refused requests are no sign of either, because anybody can send them: only events count.

import { dayMs, hourMs, startOfHour, weekMs } from '../durations.ts';
import type { HookHour } from './hook-counts.ts';

/** How long the counts by hour are kept: four weeks, which show whether quiet times such as weekends are usual. */
export const keptHoursMs = 4 * weekMs;

export interface HookSilence {
  readonly hook: string;
  /** The start of the last hour in which events came, in epoch milliseconds. */
  readonly lastHour: number;
  /** Number of requests that were refused since then. Strangers may have sent them. */
  readonly refused: number;
}

export interface HookReturn {
  readonly hook: string;
  readonly lastHour: number;
  /** The start of the first hour in which events came again, in epoch milliseconds. */
  readonly backHour: number;
}

export interface SilentHooks {
  readonly silent: readonly HookSilence[];
  /**
   * Each time in the last two days at which events came again after a pause of at least `leastPauseMs`, even if such a pause is
   * usual.
   */
  readonly returned: readonly HookReturn[];
}

const leastPauseMs = 3 * hourMs;
/** Minimum length of a silence. */
const leastSilenceMs = 6 * hourMs;
/**
 * Minimum number of hours with events, and minimum time between the first and the last of them, to judge what is usual for a
 * webhook.
 */
const leastHours = 24;
const leastSeenMs = weekMs;
/** A webhook has a weekly rhythm if every earlier week had events on this many days, and in this many hours. */
const rhythm = { days: 4, hours: 20 };
/** Minimum number of hours of the silence at whose times events came in every earlier week. */
const leastMissedHours = 6;

/**
 * Finds the silent webhooks at `now` (epoch milliseconds) in the counts of the last `keptHoursMs`. `upSince` is the time at which
 * the service started. Time before it does not count as silence, because the service could receive nothing.
 */
export function findSilentHooks(
  hours: readonly (HookHour & { readonly hook: string })[],
  now: number,
  upSince = Number.NEGATIVE_INFINITY,
): SilentHooks {
  const silent: HookSilence[] = [];
  const returned: HookReturn[] = [];
  for (const [hook, counts] of Map.groupBy(hours, (count) => count.hook)) {
    const active = counts.filter(({ events }) => events > 0).map(({ hour }) => hour);
    const lastHour = active.at(-1);
    if (lastHour === undefined) continue;
    const refused = counts
      .filter(({ hour }) => hour > lastHour)
      .reduce((total, count) => total + count.refused, 0);
    if (isSilent(active, now, upSince)) silent.push({ hook, lastHour, refused });
    for (const [index, backHour] of active.entries()) {
      const before = active[index - 1];
      if (before !== undefined && backHour > now - 2 * dayMs && backHour - before > leastPauseMs)
        returned.push({ hook, lastHour: before, backHour });
    }
  }
  return { silent, returned };
}

function isSilent(active: readonly number[], now: number, upSince: number): boolean {
  const [first, last] = [active[0]!, active.at(-1)!];
  const from = Math.max(last + hourMs, startOfHour(upSince));
  const pause = now - from;
  if (active.length < leastHours || last - first < leastSeenMs || pause < leastSilenceMs) return false;
  const weeks = earlierWeeks(first, last);
  const hours = new Set(active);
  if (weeks.length >= 2 && weeks.every((week) => hasRhythm(active, week)))
    return weeks.every(
      (_, index) => missedHours(hours, { from, last, now }, (index + 1) * weekMs) >= leastMissedHours,
    );
  return pause >= 2 * longestPause(active);
}

/** The starts of the complete weeks of counts before the silence, latest first. */
function earlierWeeks(first: number, last: number): number[] {
  const weeks: number[] = [];
  for (let start = last + hourMs - weekMs; start >= first; start -= weekMs) weeks.push(start);
  return weeks;
}

function hasRhythm(active: readonly number[], week: number): boolean {
  const inWeek = active.filter((hour) => hour >= week && hour < week + weekMs);
  const days = new Set(inWeek.map((hour) => Math.floor(hour / dayMs)));
  return inWeek.length >= rhythm.hours && days.size >= rhythm.days;
}

/** Number of hours with events in an earlier week (`before` earlier), at the times of the week in which it is silent now. */
function missedHours(
  hours: ReadonlySet<number>,
  { from, last, now }: { readonly from: number; readonly last: number; readonly now: number },
  before: number,
): number {
  const end = startOfHour(now);
  let missed = 0;
  for (let hour = from; hour < end; hour += hourMs) {
    // A silence of more than a week is compared with the weeks before it, because it contains no events itself.
    const since = last + hourMs + ((hour - last - hourMs) % weekMs);
    if (hours.has(since - before)) missed += 1;
  }
  return missed;
}

/** The longest time without events that is usual for the webhook. */
function longestPause(active: readonly number[]): number {
  let longest = 0;
  for (const [index, hour] of active.entries())
    if (index > 0) longest = Math.max(longest, hour - active[index - 1]! - hourMs);
  return longest;
}
