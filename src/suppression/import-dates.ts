// Reads the dates of imported suppressions. Pure functions.

import { hourOfDay, isCalendarDay, mailDateEpoch, monthNumber } from '../calendar.ts';

const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/i;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4})$/i;
/**
 * Unix time in seconds (10 digits: dates from 2001 on) or in milliseconds (13 digits). Shorter numbers are not dates.
 */
const unixTime = /^(\d{10})(\d{3})?(?:\.\d+)?$/;

/**
 * Returns a date in epoch milliseconds; null if the text is not a date. A time without a zone is UTC, so the
 * result does not depend on the zone of the machine.
 */
export function parseImportDate(text: string): number | null {
  const unix = unixTime.exec(text);
  if (unix !== null) return Number(unix[1]) * 1000 + Number(unix[2] ?? 0);
  const iso = isoDate.exec(text);
  let epoch = Number.NaN;
  if (iso !== null) {
    const [, day, time = '00:00', , hours, minutes] = iso;
    if (!isCalendarDay(day!)) return null;
    epoch = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  } else if (mailDate.test(text)) return mailDateEpoch(text);
  return Number.isNaN(epoch) ? null : epoch;
}

const time = String.raw`(?:,? (?:at )?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?([ap]\.?m\.?)?(?: ?(?:UTC|GMT|Z))?)?`;
const yearFirst = new RegExp(`^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})${time}$`, 'i');
const yearLast = new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})[./-](\\d{4})${time}$`, 'i');
// Amazon SES writes a zone in brackets after the time. It is ignored: a few hours make no difference.
const monthFirst = new RegExp(`^([a-z]{3,9})\\.? (\\d{1,2}),? (\\d{4})${time}(?: ?\\([^()]*\\))?$`, 'i');
const monthSecond = new RegExp(`^(\\d{1,2})[ -]([a-z]{3,9})\\.?[ -](\\d{4})${time}(?: ?\\([^()]*\\))?$`, 'i');

/**
 * The date of a row in epoch milliseconds; null if the text is not a date. Reads what `parseImportDate` reads, and the forms in
 * which newsletter tools write dates: `27.11.2026`, `27-11-2026 10:15`, `11/27/2026 3:15 PM`, `2026/11/27`, `Nov 27, 2026`.
 * Where the day and the month could change places, the later day up to `latest` counts: an entry that seems newer than it is
 * can only keep an address suppressed.
 */
export function parseRowDate(text: string, latest = Number.POSITIVE_INFINITY): number | null {
  const strict = parseImportDate(text);
  if (strict !== null) return strict;
  const first = yearFirst.exec(text);
  if (first !== null) return epochOf([first[1]!, first[2]!, first[3]!], first.slice(4));
  const named = monthFirst.exec(text);
  if (named !== null) return epochOf([named[3]!, monthOf(named[1]!), named[2]!], named.slice(4));
  const second = monthSecond.exec(text);
  if (second !== null) return epochOf([second[3]!, monthOf(second[2]!), second[1]!], second.slice(4));
  const last = yearLast.exec(text);
  if (last === null) return null;
  const [, one, separator, two, year] = last;
  const dayFirst = epochOf([year!, two!, one!], last.slice(5));
  const monthsFirst = separator === '.' ? null : epochOf([year!, one!, two!], last.slice(5));
  const possible = [dayFirst, monthsFirst].filter((each) => each !== null);
  const past = possible.filter((each) => each <= latest);
  return possible.length === 0 ? null : Math.max(...(past.length > 0 ? past : possible));
}

const monthOf = (name: string): string => String(monthNumber(name));

/** Epoch milliseconds of a day (year, month, day) and a time (hour, minute, second, half of the day), in UTC. */
function epochOf(
  day: readonly [string, string, string],
  clock: readonly (string | undefined)[],
): number | null {
  const written = day.map((part) => part.padStart(2, '0')).join('-');
  const [hour = '0', minute = '0', second = '0', half] = clock;
  const hours = hourOfDay(hour, half);
  if (!isCalendarDay(written) || hours > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return Date.parse(`${written}T00:00:00Z`) + ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}
