// Reads an uploaded list once: checks that it is valid, divides it into slices, and finds its duplicates.

import { addressesOf, headOf } from '../lists/clean-slice.ts';
import { createSeenAddresses } from '../lists/duplicates.ts';
import { openList } from '../lists/read-list.ts';
import type { ListOptions } from '../lists/record-format.ts';
import { openListFile, workbookOptions } from '../lists/spreadsheet.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';
import type { Job, JobError, JobOptions, ListLayout, SlicePlan } from './job.ts';
import { sheetFile, uploadedFile } from './job-files.ts';
import { storedFile, storeSheet, uploadSource } from './list-file.ts';
import { rowBits } from './row-bits.ts';

/** A slice ends when it reaches one of these limits. */
export interface SliceLimits {
  /** Maximum number of rows in a slice. */
  readonly rows: number;
  /**
   * Maximum number of distinct domains in a slice, because each may need a lookup. The file is read in parts of
   * `rowsAtOnce` rows, and a slice consists of whole parts. So a slice can exceed the limit by the domains of its
   * last part.
   */
  readonly domains: number;
  /**
   * Maximum number of bytes in a slice, because a slice is processed in memory. It can exceed the limit by its last
   * part.
   */
  readonly bytes: number;
  /** The number of rows that are read at a time. They form one part of the list. */
  readonly rowsAtOnce: number;
  /** Limits for workbooks. Absent: the defaults. */
  readonly workbook?: WorkbookLimits;
}

export type FileOutcome =
  | { readonly kind: 'read'; readonly layout: ListLayout; readonly slices: readonly SlicePlan[] }
  | { readonly kind: 'refused'; readonly error: JobError };

/** How the list of a job is to be read. */
export const listOptionsOf = ({ format, emailColumn, split, sheet }: JobOptions): ListOptions => ({
  ...(format && { format }),
  ...(emailColumn !== null && { emailColumn }),
  ...(split && { split }),
  ...(sheet !== undefined && { sheet }),
});

export async function readFile(
  files: FileStore,
  job: Job,
  limits: SliceLimits,
  pause: (ms: number) => Promise<void>,
): Promise<FileOutcome> {
  const options = { ...listOptionsOf(job.options), rowsAtOnce: limits.rowsAtOnce };
  const upload = await openListFile(uploadSource(files, job, pause), options, limits.workbook);
  if (!upload.ok) return { kind: 'refused', error: upload.error };
  const { workbook, size } = upload.file;
  if (workbook !== null) await storeSheet(files, job.id, upload.file);
  const list =
    workbook === null
      ? await openList(await storedFile(files, uploadedFile(job.id)), options)
      : await openList(await storedFile(files, sheetFile(job.id)), workbookOptions(options, workbook));
  if (!list.ok) return { kind: 'refused', error: list.error };

  const slices: SlicePlan[] = [];
  const seen = createSeenAddresses(size);
  let start = list.start;
  let end = start;
  let lines = 0;
  let contacts = 0;
  let duplicates: number[] = [];
  let domains = new Set<string>();
  const endSlice = (): void => {
    const bits = rowBits(duplicates, contacts);
    // ASCII is a part of every encoding that is found later, and a slice may be too short to find it again.
    if (start.encoding === 'ascii') start = { ...start, encoding: end.encoding };
    slices.push({ start, bytes: end.byte - start.byte, rows: contacts, duplicates: bits });
    start = end;
    lines = 0;
    contacts = 0;
    duplicates = [];
    domains = new Set();
  };
  for await (const part of list.parts) {
    if (part.kind === 'error') return { kind: 'refused', error: part.error };
    const addresses = addressesOf(part.rows);
    const byMailbox = job.options.writing?.dropDuplicates === true;
    const repeated = seen.seen(byMailbox ? addressesOf(part.rows, true) : addresses);
    for (const [index, address] of addresses.entries()) {
      if (repeated[index]) duplicates.push(contacts + index);
      domains.add(address.slice(address.lastIndexOf('@') + 1).toLowerCase());
    }
    lines += part.rows.length;
    contacts += addresses.length;
    end = part.next;
    const isFull = lines + limits.rowsAtOnce > limits.rows || end.byte - start.byte >= limits.bytes;
    if (isFull || domains.size >= limits.domains) endSlice();
  }
  if (lines > 0) endSlice();
  return { kind: 'read', layout: { shape: list.shape, head: headOf(list.shape, list.head) }, slices };
}
