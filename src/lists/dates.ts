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
export function epochOf(text: string): number | null {
  if (text === '') return null;
  const match = iso.exec(text);
  let time = Number.NaN;
  if (match !== null) {
    const [, year, month, day, clock = '00:00', , hours, minutes] = match;
    time = Date.parse(`${year}-${month}-${day}T${clock}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  } else if (epoch.test(text)) time = Number(text) * (text.length === 10 ? 1000 : 1);
  else if (dotted.test(text)) {
    const [, day, month, year, clock = '00:00'] = dotted.exec(text)!;
    time = Date.parse(`${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}T${clock}Z`);
  } else if (mailDate.test(text)) time = Date.parse(text.includes(':') ? text : `${text} 00:00 UTC`);
  return Number.isNaN(time) ? null : time;
}
