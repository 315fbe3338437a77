// Reads dates in the forms that lists have, as epoch milliseconds.

import { hourOfDay, mailDateEpoch, monthNumber } from '../calendar.ts';
import { dayMs } from '../durations.ts';

/** Which number comes first in a date such as `3/4/2026`: the day or the month. */
export type DateOrder = 'day' | 'month';

const iso =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))? ?(?:Z|UTC|([+-])(\d\d):?(\d\d))?)?$/i;
const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? (\d\d):(\d\d)(?::(\d\d))?)?$/;
const slashed = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:,? (\d{1,2}):(\d\d)(?::\d\d)? ?([ap]m)?)?$/i;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4}(?: \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4}))?$/i;
/**
 * `monthFirst` matches `Nov 20, 2026`; `monthSecond` matches `20 November 2026` and `20-Nov-2026`. Any text after the
 * date, such as a time, is ignored.
 */
const monthFirst = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})\b/i;
const monthSecond = /^(\d{1,2})[- ]([a-z]{3,9})\.?[- ](\d{4})\b/i;
const epoch = /^(?:\d{10}|\d{13})$/;
/** Spreadsheets store a date as the number of days since 1899-12-30. This range is the years 1982 to 2064. */
const serial = /^[3-5]\d{4}(?:\.\d+)?$/;

/**
 * Reads a date as epoch milliseconds; null if it is not one. Accepts ISO 8601, year/month/day, day.month.year,
 * English month names, the date of an e-mail header, Unix time in seconds or milliseconds, and the day number of a
 * spreadsheet. A time without a zone is UTC; after a month name, such a time is ignored. A date such as `3/4/2026` can be
 * read only with `order`. `3/14/2026` needs no `order`.
 */
export function parseListDate(text: string, order: DateOrder | null = null): number | null {
  if (text === '') return null;
  const match = iso.exec(text);
  if (match !== null) {
    const midnight = dayOf(match[1]!, match[2]!, match[3]!);
    if (match[4] === undefined) return midnight;
    const east = match[7] === undefined ? 0 : timeOfDay(match[8]!, match[9]!) * (match[7] === '-' ? -1 : 1);
    return at(midnight, timeOfDay(match[4], match[5]!, match[6]) - east);
  }
  if (epoch.test(text)) return Number(text) * (text.length === 10 ? 1000 : 1);
  const date = dotted.exec(text);
  if (date !== null) {
    const [, day, month, year, hour = '0', minute = '0', second] = date;
    return at(dayOf(year!, month!, day!), timeOfDay(hour, minute, second));
  }
  const slashes = slashed.exec(text);
  if (slashes !== null) return slashedDate(slashes, order);
  if (mailDate.test(text)) return mailDateEpoch(text);
  if (serial.test(text)) return Math.round((Number(text) - 25_569) * 86_400_000);
  return namedMonth(text);
}

/**
 * The order of day and month in `texts`, known from dates such as `3/14/2026`. Null if no date shows it, or if dates
 * contradict each other.
 */
export function dateOrderOf(texts: readonly string[]): DateOrder | null {
  let day = false;
  let month = false;
  for (const text of texts) {
    const [, first, second] = slashed.exec(text.trim()) ?? [];
    if (Number(first) > 12) day = true;
    if (Number(second) > 12) month = true;
  }
  return day === month ? null : day ? 'day' : 'month';
}

function slashedDate(match: RegExpExecArray, order: DateOrder | null): number | null {
  const [text, first, second, year, hour = '0', minute = '00', half] = match;
  const stated = order ?? dateOrderOf([text]);
  if (stated === null) return null;
  const [day, month] = stated === 'day' ? [first!, second!] : [second!, first!];
  return at(dayOf(year!, month, day), timeOfDay(hourOfDay(hour, half), minute));
}

function namedMonth(text: string): number | null {
  const [, name, day, year] = monthFirst.exec(text) ?? swappedNames(monthSecond.exec(text));
  return name === undefined ? null : dayOf(year!, monthNumber(name), day!);
}

const swappedNames = (match: RegExpExecArray | null): readonly string[] =>
  match === null ? [] : ['', match[2]!, match[1]!, match[3]!];

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
