// Reads the dates that people and programs write into files, as epoch milliseconds.

import { hourOfDay, monthNumber } from './calendar.ts';
import { dayMs } from './durations.ts';

/** Which number comes first in a date such as `3/4/2026`: the day or the month. */
export type DateOrder = 'day' | 'month';

/**
 * What `3/4/2026` means. Null: it is not read, because a list must not take an address for newer than it is. `latest`: the
 * later of the two days up to this instant; for a suppression, a date that is too late only keeps the address suppressed.
 */
export type AmbiguousDate = DateOrder | { readonly latest: number } | null;

const zone = String.raw`Z|UTC|GMT|([+-])(\d\d):?(\d\d)`;
const iso = new RegExp(
  String.raw`^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))? ?(?:${zone})?)?$`,
  'i',
);
/** Unix time in seconds (10 digits: from 2001 on) or milliseconds (13 digits). A fraction is ignored. */
const unixTime = /^(\d{10})(\d{3})?(?:\.\d+)?$/;
const clock = String.raw`,? (?:(?:at|um|à|kl\.?) )?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?([ap]\.?m\.?)?(?: ?(?:${zone}))?(?: Uhr)?`;
const yearFirst = new RegExp(
  String.raw`^(\d{4})(?:[/.-] ?|年|년 )(\d{1,2})(?:[/.-] ?|月|월 )(\d{1,2})(?:[.日일])?(?:${clock})?$`,
  'i',
);
/** A year of two digits is read after dots and slashes: `26-11-27` probably begins with the year. */
const yearLast = new RegExp(
  String.raw`^(\d{1,2})(?:([./])(\d{1,2})\2(\d{4}|\d\d)|-(\d{1,2})-(\d{4}))(?:${clock})?$`,
  'i',
);
/**
 * `monthFirst` matches `Nov 20, 2026`; `monthSecond` matches `20. November 2026`, `20-Nov-2026`, `20 de noviembre de 2026` and
 * `Fri, 20 Nov 2026 12:00:00 +0100` (RFC 5322 section 3.3). `afterDay` reads the time; other text after the day is ignored.
 */
const monthFirst = /^(?:\p{L}{2,10},? )?(\p{L}{3,12})\.? (\d{1,2}),? (\d{4})(?!\d)/u;
const monthSecond =
  /^(?:\p{L}{2,10}\.?,? )?(\d{1,2})(?:\.? (?:de )?|-)(\p{L}{3,12})\.?(?: (?:de )?|-)(\d{4})(?!\d)/u;
const afterDay = new RegExp(`^${clock}`, 'i');
/** Spreadsheets store a date as the number of days since 1899-12-30. This range is the years 1982 to 2064. */
const serial = /^[3-5]\d{4}(?:\.\d+)?$/;

/**
 * Reads the date in a cell: what `parseWrittenDate` reads, and the day number of a spreadsheet. Null if the text is not a date.
 */
export const parseCellDate = (text: string, ambiguous: AmbiguousDate = null): number | null =>
  serial.test(text) ? Math.round((Number(text) - 25_569) * 86_400_000) : parseWrittenDate(text, ambiguous);

/**
 * Reads a date as epoch milliseconds; null if it is not one. Accepts ISO 8601, year/month/day, day.month.year, month/day/year, names of
 * months, the date of an e-mail header, and Unix time in seconds or milliseconds. A time without a zone is UTC, so the result does not
 * depend on the zone of the machine. `3/14/2026` is not ambiguous.
 */
export function parseWrittenDate(text: string, ambiguous: AmbiguousDate = null): number | null {
  if (text === '') return null;
  const match = iso.exec(text);
  if (match !== null) {
    const midnight = dayOf(match[1]!, match[2]!, match[3]!);
    if (match[4] === undefined) return midnight;
    return at(midnight, timeOfDay(match[4], match[5]!, match[6]) - eastOf(match.slice(7)));
  }
  const unix = unixTime.exec(text);
  if (unix !== null) return Number(unix[1]) * 1000 + Number(unix[2] ?? 0);
  const last = yearLast.exec(text);
  if (last !== null) return dateWithYearLast(last, ambiguous);
  const first = yearFirst.exec(text);
  if (first !== null) return at(dayOf(first[1]!, first[2]!, first[3]!), timeIn(first.slice(4)));
  return dateWithMonthName(text);
}

/**
 * The order of day and month in `texts`, known from dates such as `3/14/2026`. Null if no date shows it, or if dates
 * contradict each other.
 */
export function dateOrderOf(texts: readonly string[]): DateOrder | null {
  let day = false;
  let month = false;
  for (const text of texts) {
    const [, first, separator, second, , secondAfterHyphen] = yearLast.exec(text.trim()) ?? [];
    if (separator === '.') continue;
    if (Number(first) > 12) day = true;
    if (Number(second ?? secondAfterHyphen) > 12) month = true;
  }
  return day === month ? null : day ? 'day' : 'month';
}

function dateWithYearLast(match: RegExpExecArray, ambiguous: AmbiguousDate): number | null {
  const [text, one, separator] = match as unknown as [string, string, string | undefined];
  const [two, written] = [(match[3] ?? match[5])!, (match[4] ?? match[6])!];
  const year =
    written.length === 4 ? written : String(Number(written) + (Number(written) < 70 ? 2000 : 1900));
  const time = timeIn(match.slice(7));
  const dayFirst = () => at(dayOf(year, two, one), time);
  const monthsFirst = () => at(dayOf(year, one, two), time);
  if (separator === '.') return dayFirst();
  if (ambiguous === null || typeof ambiguous === 'string') {
    const order = ambiguous ?? dateOrderOf([text]);
    return order === null ? null : order === 'day' ? dayFirst() : monthsFirst();
  }
  const possible = [dayFirst(), monthsFirst()].filter((each) => each !== null);
  const past = possible.filter((each) => each <= ambiguous.latest);
  return possible.length === 0 ? null : Math.max(...(past.length > 0 ? past : possible));
}

function dateWithMonthName(text: string): number | null {
  const first = monthFirst.exec(text);
  const second = first === null ? monthSecond.exec(text) : null;
  const match = first ?? second;
  if (match === null) return null;
  const [name, day] = first === null ? [match[2]!, match[1]!] : [match[1]!, match[2]!];
  const time = afterDay.exec(text.slice(match[0].length));
  return at(dayOf(match[3]!, monthNumber(name), day), time === null ? 0 : timeIn(time.slice(1)));
}

/** Milliseconds since midnight UTC of what `clock` matched: hour, minute, second, half of the day, zone. */
function timeIn([hour = '0', minute = '0', second, half, ...zoned]: readonly (string | undefined)[]): number {
  return timeOfDay(hourOfDay(hour, half), minute, second) - eastOf(zoned);
}

/** Milliseconds by which the clocks of a zone are ahead of UTC. */
const eastOf = ([sign, hours, minutes]: readonly (string | undefined)[]): number =>
  sign === undefined ? 0 : timeOfDay(hours!, minutes!) * (sign === '-' ? -1 : 1);

/**
 * The midnight (UTC) at which a day begins, in epoch milliseconds. Null if the calendar has no such day, or if the
 * year is before 100: .NET writes the year 1 for "never".
 */
function dayOf(year: string, month: string | number, day: string): number | null {
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists && Number(year) >= 100 ? midnight : null;
}

/** Milliseconds since midnight; NaN if there is no such time. `24:00` is the end of the day (ISO 8601). */
function timeOfDay(hour: string | number, minute: string, second = '0'): number {
  const time = (Number(hour) * 60 + Number(minute)) * 60_000 + Math.trunc(Number(second) * 1000);
  return Number(minute) < 60 && Number(second) < 60 && time <= dayMs ? time : Number.NaN;
}

const at = (midnight: number | null, time: number): number | null =>
  midnight === null || Number.isNaN(time) ? null : midnight + time;
