// Computes when the addresses of a verified list are due to be verified again.

import { dayMs } from '../durations.ts';
import { parseListDate } from '../lists/dates.ts';
import type { ListRow } from '../lists/shape.ts';

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
    const checkedAt = parseListDate(earlier?.checkedAt ?? '');
    if (fields === 0 || earlier === null || checkedAt === null) continue;
    const due =
      earlier.result === 'unknown'
        ? checkedAt + Math.min(unknownDueMs, maxAgeDays * dayMs)
        : Math.max(checkedAt, parseListDate(lastVerifiedAt) ?? 0) + maxAgeDays * dayMs;
    if (first === null || due < first) first = due;
  }
  return first;
}
