// What the service writes into a page of the console for its script, and the words that both of them write. The types are those of
// the API, so a field that is renamed there does not compile here.

import type { Routes, Schemas } from '../client/routes.ts';
import { groupedCount } from '../number-text.ts';

/** A job as the API answers, and as the events of its stream have it. */
export type WatchedJob = Schemas['JobAnswer'];

const jobEvents = '/v1/jobs/{id}/events';

/** The path of a job's stream of server-sent events. */
export const jobEventsPath = (id: string): string =>
  (jobEvents satisfies PathOf<keyof Routes>).replace('{id}', id);

/** The path of a job's result. */
export const jobResultPath = (id: string): string =>
  ('/v1/jobs/{id}/result' satisfies PathOf<keyof Routes>).replace('{id}', id);

type PathOf<Route> = Route extends `GET ${infer Path}` ? Path : never;

/** How far a job is, in words. */
export function progressText({
  rows,
  rows_done,
  seconds_left,
  proof,
}: Pick<WatchedJob, 'rows' | 'rows_done' | 'seconds_left' | 'proof'>): string {
  if (proof !== null && proof.settled < proof.addresses)
    return `${groupedCount(proof.settled)} of about ${groupedCount(proof.addresses)} mailboxes asked about.`;
  const left =
    seconds_left === null
      ? ''
      : seconds_left < 90
        ? `, about ${Math.max(1, seconds_left)} seconds left`
        : `, about ${Math.round(seconds_left / 60)} minutes left`;
  return `${groupedCount(rows_done)}${rows === null ? '' : ` of ${groupedCount(rows)}`} rows checked${left}.`;
}

/** One position of the slider: with a rate of bounces under `below`, `keep` rows are left, with about `bounces` bounces. */
export interface SliderGoal extends Pick<NonNullable<WatchedJob['goal']>, 'below' | 'keep' | 'remove'> {
  readonly bounces: number;
  /** The rate of bounces, such as 1.8%. */
  readonly rate: string;
}

/** A goal such as 2% or 2.25%. */
export const goalText = (below: number): string => `${Number((below * 100).toFixed(2))}%`;

/** What becomes of the other rows. */
export const leftOutText = ({ keep, remove }: Pick<SliderGoal, 'keep' | 'remove'>): string =>
  keep === 0
    ? 'No row is that safe. Choose a higher share, or add a column with the date of the last delivery, open or click.'
    : remove === 0
      ? 'No row that may be mailed is left out.'
      : `${groupedCount(remove)} ${remove === 1 ? 'row that may be mailed is' : 'rows that may be mailed are'} left out, the likeliest to bounce.`;
