// When the verdicts in a result are due again.

import { parseListDate } from '../lists/dates.ts';
import type { ListRow } from '../lists/shape.ts';

const dayMs = 86_400_000;

/** Milliseconds after which an `unknown` verdict is due again. */
const unknownDueMs = 7 * dayMs;

/** When the first verdict of `rows` is due, in epoch milliseconds; null if there is none. */
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
