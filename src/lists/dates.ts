// Dates as they occur in lists, as epoch milliseconds.

const iso =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/i;
const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d\d:\d\d(?::\d\d)?))?$/;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4}(?: \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4}))?$/i;
const epoch = /^(?:\d{10}|\d{13})$/;

/**
 * Epoch milliseconds, or null. Accepts ISO 8601, year/month/day, day.month.year, the date of an e-mail header, and
 * Unix time in seconds or milliseconds; UTC without a zone. `3/4/2026` is ambiguous (March or April) and gives null.
 */
export function parseListDate(text: string): number | null {
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
    return utc([year!, month!.padStart(2, '0'), day!.padStart(2, '0')], clock, 'Z');
  }
  if (!mailDate.test(text)) return null;
  const [day] = /\d{1,2}(?= [a-z])/i.exec(text)!;
  const time = Date.parse(text.includes(':') ? text : `${text} 00:00 UTC`);
  // Date.parse turns February 30 into March, so compare its own midnight.
  const ownDay = Date.parse(text.replace(/ \d\d:.*/, '').concat(' 00:00 UTC'));
  return Number.isNaN(time) || new Date(ownDay).getUTCDate() !== Number(day) ? null : time;
}

/** Epoch milliseconds of a date that the calendar has, such as no February 30. */
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
