// Computes when the addresses of a verified list are due to be verified again, and which lists can be.

import { dayMs } from '../durations.ts';
import type { ListRow } from '../lists/shape.ts';
import { parseCellDate } from '../written-dates.ts';
import type { Job } from './job.ts';
import { minimumReverifyMs } from './job-repository.ts';

/**
 * An address with the result `unknown` is due this many milliseconds after its check, or after `maxAgeDays` if that is
 * sooner.
 */
const unknownDueMs = 7 * dayMs;

/**
 * Returns when the first of `rows` is due to be verified again, in epoch milliseconds; null if no row has a verdict. A
 * row is due `maxAgeDays` after its last verification: the date of its verdict, or the date in the list's own column if
 * that is later. A row with the result `unknown` can be due sooner (see `unknownDueMs`).
 */
export function dueAt(rows: readonly ListRow[], maxAgeDays: number): number | null {
  let first: number | null = null;
  for (const { fields, earlier, lastVerifiedAt } of rows) {
    const checkedAt = parseCellDate(earlier?.checkedAt ?? '');
    if (fields === 0 || earlier === null || checkedAt === null) continue;
    const due =
      earlier.result === 'unknown'
        ? checkedAt + Math.min(unknownDueMs, maxAgeDays * dayMs)
        : Math.max(checkedAt, parseCellDate(lastVerifiedAt) ?? 0) + maxAgeDays * dayMs;
    if (first === null || due < first) first = due;
  }
  return first;
}

/** Whether the result of a verified list has all rows of its file, so that it can be verified again. */
export const mayBeKept = ({ state, options: { sample, writing } }: Job): boolean =>
  state === 'completed' && sample === undefined && !writing?.dropDuplicates;

/**
 * When a list that is kept after its verification is due. Its rows are not read for this: a verification that comes too early
 * asks only about the verdicts that are too old.
 */
export function dueWhenKept(
  { createdAt, rowsKept, options: { maxAgeDays } }: Job,
  hasUnknown: boolean,
  now: number,
): number {
  const age = maxAgeDays * dayMs;
  const due = rowsKept > 0 ? createdAt : createdAt + (hasUnknown ? Math.min(unknownDueMs, age) : age);
  return Math.max(now + minimumReverifyMs, due);
}
