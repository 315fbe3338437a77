// The time zone of the reports: which hours belong to which day of the calendar.

import { hourMs, startOfDay, startOfHour } from '../durations.ts';

/**
 * A time zone whose days consist of whole UTC hours, because events are counted by UTC hour. A day of the calendar, such as
 * 2026-11-20, is represented by its midnight in UTC, in epoch milliseconds, so days are `dayMs` apart even where a day has 23 or
 * 25 hours.
 *
 * An hour belongs to the day of its middle. This matters only in zones such as Asia/Kolkata (+05:30) and Asia/Kathmandu (+05:45):
 * their days begin at the whole UTC hour nearest to midnight. If two are equally near, they begin at the earlier one.
 */
export interface ReportTimeZone {
  /** The IANA name, such as Europe/Berlin. */
  readonly name: string;
  /** Returns the day to which the UTC hour of `at` (epoch milliseconds) belongs. */
  dayOf(at: number): number;
  /** Returns the start of the first hour of `day`, in epoch milliseconds. It is the end of the day before. */
  startOf(day: number): number;
  /** Writes the start of the UTC hour of `at` in local time (RFC 3339), such as `2026-11-20T13:00:00+01:00`; in UTC with `Z`. */
  hourName(at: number): string;
}

/** An instant in UTC, or a local time that is written as if it were UTC, as `2026-11-20T13:00:00`. */
const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19);

export const utc: ReportTimeZone = {
  name: 'UTC',
  dayOf: startOfDay,
  startOf: (day) => day,
  hourName: (at) => `${timeText(startOfHour(at))}Z`,
};

/** Whether `name` is a time zone of the IANA database that this runtime knows. An offset such as +02:00 is not one. */
export function isTimeZoneName(name: string): boolean {
  // The default needs no formatter, which takes 15 ms to load.
  if (name === utc.name) return true;
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The largest offsets from UTC that any zone has, with an hour to spare. */
const mostAhead = 15 * hourMs;
const mostBehind = 13 * hourMs;

/** Returns the time zone with an IANA name. Throws a RangeError if `isTimeZoneName` is false for it. */
export function reportTimeZone(name: string): ReportTimeZone {
  if (name === 'UTC') return utc;
  const localTime = localClock(name);
  const dayOf = (at: number): number => startOfDay(localTime(startOfHour(at) + hourMs / 2));
  return {
    name,
    dayOf,
    startOf(day) {
      // Binary search for the first hour of this day or a later one. A day that a zone skipped has no hours.
      let before = day - mostAhead;
      let start = day + mostBehind;
      while (start - before > hourMs) {
        const middle = startOfHour((before + start) / 2);
        if (dayOf(middle) < day) before = middle;
        else start = middle;
      }
      return start;
    },
    hourName(at) {
      const hour = startOfHour(at);
      const local = localTime(hour);
      const minutes = Math.round((local - hour) / 60_000);
      const offset = timeText(Math.abs(minutes) * 60_000).slice(11, 16);
      return `${timeText(local)}${minutes < 0 ? '-' : '+'}${offset}`;
    },
  };
}

/**
 * Returns a function that converts whole seconds of epoch milliseconds to the local time, written as if it were UTC. Throws a
 * RangeError if `isTimeZoneName` is false for the name.
 */
export function localClock(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = format.formatToParts(at);
    const part = (name: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find(({ type }) => type === name)!.value);
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  };
}
