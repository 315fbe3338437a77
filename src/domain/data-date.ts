// How old presend's lists are: those of domains, providers and names in data/.

import { dataDate } from '../../data/packed/data-date.js';
import { dayMs } from '../durations.ts';

/** The day on which the lists that are built into this release were brought up to date, as `YYYY-MM-DD`. */
export { dataDate };

let version: string = dataDate;

/**
 * The version of the lists in use: the day on which they were brought up to date, such as `2026-11-27`. The second and
 * later versions of a day have a number after it, such as `2026-11-27.2`.
 */
export const dataVersion = (): string => version;

/** Sets the version. Call this when presend begins to use other lists. */
export function setDataVersion(next: string): void {
  version = next;
}

/** The day of `dataVersion`, as `YYYY-MM-DD`. */
export const dataDay = (): string => version.slice(0, 10);

/** The start of `dataDay` (UTC) in epoch milliseconds. */
export const dataTime = (): number => Date.parse(dataDay());

/** The age of the lists at `now` (epoch milliseconds), in whole days. 0 if `now` is before their day. */
export const dataAgeDays = (now: number): number => Math.max(0, Math.floor((now - dataTime()) / dayMs));

/** Days after which new disposable domains and typos are missing from the lists. */
export const oldDataDays = 90;
