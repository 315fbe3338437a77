// How old presend's lists are: those of domains, providers and names in data/.

import { dataDate } from '../../data/packed/data-date.js';
import { dayMs } from '../durations.ts';

/** The day on which the lists were last brought up to date, as `YYYY-MM-DD`. */
export { dataDate };

/** The start of that day (UTC) in epoch milliseconds. */
export const dataTime: number = Date.parse(dataDate);

/** The age of the lists at `now` (epoch milliseconds), in whole days. 0 if `now` is before their day. */
export const dataAgeDays = (now: number): number => Math.max(0, Math.floor((now - dataTime) / dayMs));
