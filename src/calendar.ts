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

/**
 * How the names of the months begin in English, Danish, Dutch, French, German, Italian, Portuguese, Russian, Spanish and Swedish. Their
 * first three letters tell them apart, except in French for June and July. Names of Slavic languages are left out: `listopad` is
 * October in Croatian and November in Polish.
 */
const monthNames = [
  'jan jän ene gen янв',
  'feb fév fev фев',
  'mar mär mrz mrt maa мар',
  'apr avr abr апр',
  'may mai mag mei maj мая май',
  'jun juin giu июн',
  'jul juil lug июл',
  'aug aoû aou ago авг',
  'sep set сен',
  'oct okt ott out окт',
  'nov ноя',
  'dec déc dez dic дек',
];
const months = new Map(
  monthNames.flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
);

/** The number of the month with this name or its beginning, such as 11 for `Nov` and `novembre`; 0 if there is none. */
export function monthNumber(name: string): number {
  const lower = name.toLowerCase().normalize('NFC');
  return months.get(lower.slice(0, 3)) ?? months.get(lower.slice(0, 4)) ?? 0;
}

/** The hour (0 to 23) of a clock with two halves of the day, such as 15 for 3 and `PM`. Without a half, `hour` itself. */
export const hourOfDay = (hour: string, half: string | undefined): number =>
  half === undefined ? Number(hour) : (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0);
