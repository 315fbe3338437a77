// Draws a random sample from the list of a job, and stores it as a file that takes the place of the uploaded one.

import { addressesOf } from '../lists/clean-slice.ts';
import { createDuplicateSearch } from '../lists/duplicate-rows.ts';
import { onOneLine } from '../lists/json-text.ts';
import type { ListError } from '../lists/list-error.ts';
import { sampledParts } from '../lists/sample.ts';
import type { ListPart, ListRow, ListShape } from '../lists/shape.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { Job, SlicePlan } from './job.ts';
import { sampleFile } from './job-files.ts';
import { rowBits } from './row-bits.ts';
import type { SliceLimits } from './slice-limits.ts';

/** The shape of the sample: UTF-8, one row per contact, and one object per line. `shape` is that of the whole list. */
export const sampleShape = (shape: ListShape): ListShape =>
  shape.format === 'csv'
    ? { ...shape, encoding: 'utf-8', onlyAddresses: false, quotedLines: false, split: false }
    : { ...shape, encoding: 'utf-8', array: false, strings: false, split: false, prefix: 0 };

export interface DrawnSample {
  readonly slices: readonly SlicePlan[];
  /** Number of contacts in the list from which the sample was drawn. */
  readonly contacts: number;
}

/** Draws `size` contacts from the parts of a list. Returns an error if a part cannot be read. */
export async function drawSample(
  files: FileStore,
  job: Job,
  { parts, shape }: { readonly parts: AsyncGenerator<ListPart>; readonly shape: ListShape },
  { size, limits }: { readonly size: number; readonly limits: SliceLimits },
): Promise<DrawnSample | ListError> {
  let contacts = 0;
  const rows: ListRow[] = [];
  const draw = sampledParts(parts, size, (count) => {
    contacts = count;
  });
  for await (const part of draw) {
    if (part.kind === 'error') return part.error;
    rows.push(...part.rows);
  }
  const search = createDuplicateSearch({ byMailbox: job.options.writing?.dropDuplicates === true });
  search.add(rows);
  search.endPass();

  const lines = rows.map((row) => encoder.encode(lineOf(row, shape)));
  const slices: SlicePlan[] = [];
  let byte = 0;
  for (let from = 0; from < rows.length; ) {
    const to = endOfSlice(rows, from, limits);
    const bytes = lines.slice(from, to).reduce((sum, { length }) => sum + length, 0);
    const duplicates = Array.from({ length: to - from }, (_, row) => row).filter((row) =>
      search.isDuplicate(from + row),
    );
    const start = { byte, row: from + 1, line: from + 1, encoding: 'utf-8' } as const;
    slices.push({ start, bytes, rows: to - from, duplicates: rowBits(duplicates, to - from) });
    byte += bytes;
    from = to;
  }
  await files.put(sampleFile(job.id), stream(lines));
  return { slices, contacts };
}

const encoder = new TextEncoder();

const lineOf = ({ text, ending }: ListRow, { format }: ListShape): string =>
  format === 'csv' ? text + ending : `${onOneLine(text)}\n`;

/** The index after the last row of the slice that begins at `from`. */
function endOfSlice(rows: readonly ListRow[], from: number, limits: SliceLimits): number {
  const domains = new Set<string>();
  let to = from;
  while (to < rows.length && to - from < limits.rows && domains.size < limits.domains) {
    for (const address of addressesOf([rows[to++]!]))
      domains.add(address.slice(address.lastIndexOf('@') + 1).toLowerCase());
  }
  return to;
}

async function* stream(lines: readonly Uint8Array<ArrayBuffer>[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* lines;
}
