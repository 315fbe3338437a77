// Dates in spreadsheets: the number of days since 1899-12-30, or since 1904-01-01 in workbooks of old Macs.

import { dayMs } from '../durations.ts';

const epoch = Date.UTC(1899, 11, 30);
const days1904 = 1462;
/** The day after 9999-12-31, the last date of Excel. */
const endOfDates = 2_958_466;

/**
 * A date as text: `2026-11-20`, `2026-11-20 09:30:00` or, for a time without a day, `09:30:00`. Null if the number is not a
 * date that a spreadsheet shows. `fractions`: the cell shows fractions of a second.
 */
export function dateText(serial: number, is1904: boolean, fractions: boolean): string | null {
  const days = serial + (is1904 ? days1904 : 0);
  if (!(serial >= 0) || days >= endOfDates) return null;
  const step = fractions ? 1 : 1000;
  let ms = Math.round((days * dayMs) / step) * step;
  if (serial < 1) {
    const time = timeText(Math.round((serial * dayMs) / step) * step, fractions);
    // Zero is midnight (`00:00:00`). A time that rounds up to a whole day has no text.
    return serial * dayMs >= dayMs - step / 2 ? null : time;
  }
  // Excel treats 1900 as a leap year, which is wrong. So its day 60 does not exist, and the numbers of the days before are one
  // too small.
  if (!is1904 && days < 60) ms += dayMs;
  else if (!is1904 && days < 61) return null;
  const date = new Date(epoch + ms).toISOString();
  const time = timeText(((ms % dayMs) + dayMs) % dayMs, fractions);
  return /^[0:.]+$/.test(time) ? date.slice(0, 10) : `${date.slice(0, 10)} ${time}`;
}

function timeText(ms: number, fractions: boolean): string {
  const text = new Date(ms).toISOString().slice(11, 23);
  return fractions ? text : text.slice(0, 8);
}

/**
 * Returns the serial number (days since 1899-12-30, with the time as a fraction) of a date or time in the form that `dateText`
 * writes. Null for any other text.
 */
export function dateSerial(text: string): number | null {
  const match = /^(?:(\d{4}-\d\d-\d\d)(?: |$))?(?:(\d\d):(\d\d):(\d\d(?:\.\d{3})?))?$/.exec(text);
  if (match === null || text === '') return null;
  const [, day, hours = '0', minutes = '0', seconds = '0'] = match;
  const time = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  if (time >= dayMs) return null;
  if (day === undefined) return time / dayMs;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const days = (midnight - epoch) / dayMs;
  const serial = days < 61 ? days - 1 : days;
  return serial < 1 ? null : serial + time / dayMs;
}
