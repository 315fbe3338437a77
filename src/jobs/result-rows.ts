// Reads the result of a list as a list.

import { ownColumns } from '../lists/columns.ts';
import { parseListDate } from '../lists/dates.ts';
import { continueList } from '../lists/read-list.ts';
import type { ListPart, ListRow, ListShape } from '../lists/shape.ts';
import type { Bytes } from '../storage/files/file-store.ts';

const dayMs = 86_400_000;

/** How soon `unknown` verdicts are due again. */
const unknownDueMs = 7 * dayMs;

/** The shape of the result of a list with this shape: it has all of presend's columns. */
export function resultShape(shape: ListShape): ListShape {
  if (shape.format === 'ndjson') return { ...shape, encoding: 'utf-8' };
  const missing = ownColumns.filter((_, index) => shape.own[index] === -1);
  return {
    ...shape,
    encoding: 'utf-8',
    header: shape.header && [...shape.header, ...missing],
    width: shape.width + missing.length,
    own: shape.own.map((place, index) =>
      place === -1 ? shape.width + missing.indexOf(ownColumns[index]!) : place,
    ),
  };
}

/** The rows in a piece of a result, a few thousand at a time. `shape` is that of the original list. */
export async function* resultParts(
  shape: ListShape,
  content: AsyncIterable<Bytes>,
): AsyncGenerator<readonly ListRow[]> {
  const start = { byte: 0, row: 1, line: 1, encoding: 'utf-8' as const };
  const parts: AsyncGenerator<ListPart> = continueList(content, resultShape(shape), start);
  for await (const part of parts) {
    if (part.kind === 'error') throw new Error('a result that was written cannot be read');
    yield part.rows;
  }
}

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
