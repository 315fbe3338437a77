// Days of the calendar.

/** The day (UTC) of an instant in epoch milliseconds, as `2026-08-31`. */
export const dayName = (epoch: number): string => new Date(epoch).toISOString().slice(0, 10);

/** The minute (UTC) of an instant in epoch milliseconds, as `2026-08-31 09:05`. */
export const minuteName = (epoch: number): string =>
  new Date(epoch).toISOString().slice(0, 16).replace('T', ' ');

/** Whether a text of the form `2026-08-31` is a day that exists. `Date.parse` does not say so: it reads 2026-02-30 as March 2. */
export function isCalendarDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(`${text}T`);
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The number of the month with this English name or its beginning, such as 11 for `Nov` and `november`; 0 if there is none. */
export const monthNumber = (name: string): number => months.indexOf(name.slice(0, 3).toLowerCase()) + 1;

/** The hour (0 to 23) of a clock with two halves of the day, such as 15 for 3 and `PM`. Without a half, `hour` itself. */
export const hourOfDay = (hour: string, half: string | undefined): number =>
  half === undefined ? Number(hour) : (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0);

/**
 * Converts a date with the name of the month, such as `Fri, 20 Nov 2026 12:00:00 +0100` (RFC 5322 section 3.3), to epoch
 * milliseconds. Without a time, it is midnight UTC. Null if the day does not exist.
 */
export function mailDateEpoch(text: string): number | null {
  const [day] = /\d{1,2}(?= [a-z])/i.exec(text) ?? [];
  const midnight = Date.parse(`${text.replace(/ \d\d:.*/, '')} 00:00 UTC`);
  const epoch = text.includes(':') ? Date.parse(text) : midnight;
  // `Date.parse` reads February 30 as a day in March, so check that the day of the month is unchanged.
  return Number.isNaN(epoch) || new Date(midnight).getUTCDate() !== Number(day) ? null : epoch;
}
