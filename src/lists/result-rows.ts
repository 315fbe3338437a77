// Reads the rows of a result that presend wrote. A result can be read like a list.

import { ownColumns } from './columns.ts';
import { continueList } from './read-list.ts';
import type { ListPart, ListRow, ListShape } from './shape.ts';

/**
 * The shape that the result of a list with `shape` has: all of presend's columns exist, and each row is one contact.
 */
export function resultShape(shape: ListShape): ListShape {
  if (shape.format === 'ndjson')
    return { ...shape, encoding: 'utf-8', strings: false, split: false, prefix: 0 };
  const missing = ownColumns.filter((_, index) => shape.own[index] === -1);
  return {
    ...shape,
    encoding: 'utf-8',
    onlyAddresses: false,
    quotedLines: false,
    split: false,
    header: shape.header && [...shape.header, ...missing],
    width: shape.width + missing.length,
    own: shape.own.map((place, index) =>
      place === -1 ? shape.width + missing.indexOf(ownColumns[index]!) : place,
    ),
  };
}

/** Yields the rows of a piece of a result, a few thousand at a time. `shape` is the shape of the original list. */
export async function* resultParts(
  shape: ListShape,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ListRow[]> {
  const start = { byte: 0, row: 1, line: 1, encoding: 'utf-8' as const };
  const parts: AsyncGenerator<ListPart> = continueList(content, resultShape(shape), start);
  for await (const part of parts) {
    if (part.kind === 'error') throw new Error('the stored result of a list cannot be read');
    yield part.rows;
  }
}
