// Dates as they occur in lists, as epoch milliseconds.

/** Which number comes first in `3/4/2026`. */
export type DateOrder = 'day' | 'month';

const iso =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/i;
const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? (\d\d:\d\d(?::\d\d)?))?$/;
const slashed = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:,? (\d{1,2}):(\d\d)(?::\d\d)? ?([ap]m)?)?$/i;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4}(?: \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4}))?$/i;
/** Match `Nov 20, 2026`, and `20 November 2026` or `20-Nov-2026`. A time after the date is ignored. */
const monthFirst = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})\b/i;
const monthSecond = /^(\d{1,2})[- ]([a-z]{3,9})\.?[- ](\d{4})\b/i;
const epoch = /^(?:\d{10}|\d{13})$/;
/** Days since 1899-12-30, as spreadsheets store dates; from 1982 to 2064. */
const serial = /^[3-5]\d{4}(?:\.\d+)?$/;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Epoch milliseconds of a date, or null. Accepts ISO 8601, year/month/day, day.month.year, English month names, the date of
 * an e-mail header, Unix time in seconds or milliseconds, and a spreadsheet's day number. A time without a zone is UTC.
 * `3/4/2026` needs `order`; without it, only dates such as `3/14/2026` are read.
 */
export function parseListDate(text: string, order: DateOrder | null = null): number | null {
  if (text === '') return null;
  const match = iso.exec(text);
  if (match !== null) {
    const [, year, month, day, clock = '00:00', , hours, minutes] = match;
    return utc([year!, month!, day!], clock, hours === undefined ? 'Z' : `${hours}:${minutes}`);
  }
  if (epoch.test(text)) return Number(text) * (text.length === 10 ? 1000 : 1);
  const date = dotted.exec(text);
  if (date !== null) {
    const [, day, month, year, clock = '00:00'] = date;
    return utc([year!, twoDigits(month!), twoDigits(day!)], clock, 'Z');
  }
  const slashes = slashed.exec(text);
  if (slashes !== null) return slashedDate(slashes, order);
  if (mailDate.test(text)) return mailEpoch(text);
  if (serial.test(text)) return Math.round((Number(text) - 25_569) * 86_400_000);
  return namedMonth(text);
}

/** The order of day and month in the slashed dates among `texts`. Null if no date shows it, or if dates differ. */
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
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  return utc([year!, twoDigits(month), twoDigits(day)], `${twoDigits(String(hours))}:${minute}`, 'Z');
}

function mailEpoch(text: string): number | null {
  const [day] = /\d{1,2}(?= [a-z])/i.exec(text)!;
  const time = Date.parse(text.includes(':') ? text : `${text} 00:00 UTC`);
  // Date.parse turns February 30 into a day of March, so compare the day of the month.
  const ownDay = Date.parse(text.replace(/ \d\d:.*/, '').concat(' 00:00 UTC'));
  return Number.isNaN(time) || new Date(ownDay).getUTCDate() !== Number(day) ? null : time;
}

function namedMonth(text: string): number | null {
  const [, name, day, year] = monthFirst.exec(text) ?? swappedNames(monthSecond.exec(text));
  const month = months.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1;
  return month === 0 ? null : utc([year!, twoDigits(String(month)), twoDigits(day!)], '00:00', 'Z');
}

const swappedNames = (match: RegExpExecArray | null): readonly string[] =>
  match === null ? [] : ['', match[2]!, match[1]!, match[3]!];

const twoDigits = (number: string): string => number.padStart(2, '0');

/** Epoch milliseconds of a date; null if the calendar does not have it, such as February 30. */
function utc(
  [year, month, day]: readonly [string, string, string],
  clock: string,
  zone: string,
): number | null {
  const time = Date.parse(`${year}-${month}-${day}T${clock}${zone}`);
  const exists =
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return Number.isNaN(time) || !exists ? null : time;
}
