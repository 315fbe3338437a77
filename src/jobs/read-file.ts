// Reads an uploaded list once to its end: whether it is valid, where its slices begin, and which rows are duplicates.

import { addressesOf, headOf } from '../lists/clean-slice.ts';
import { createSeenAddresses } from '../lists/duplicates.ts';
import { openList } from '../lists/read-list.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { Job, JobError, ListLayout, SlicePlan } from './job.ts';
import { uploadedFile } from './job-files.ts';
import { rowBits } from './row-bits.ts';

export interface SliceLimits {
  /** Rows of a slice. */
  readonly rows: number;
  /** Distinct domains of a slice, each of which may need a lookup; exceeded by less than `rowsAtOnce`. */
  readonly domains: number;
  /** Bytes of a slice, which is processed in memory; exceeded by at most one part of a list. */
  readonly bytes: number;
  /** A slice may end after each this many rows. */
  readonly rowsAtOnce: number;
}

export type FileOutcome =
  | { readonly kind: 'read'; readonly layout: ListLayout; readonly slices: readonly SlicePlan[] }
  | { readonly kind: 'refused'; readonly error: JobError };

export async function readFile(files: FileStore, job: Job, limits: SliceLimits): Promise<FileOutcome> {
  const content = await files.get(uploadedFile(job.id));
  if (content === null) throw new Error('the uploaded file is gone');
  const { format, emailColumn } = job.options;
  const list = await openList(content, {
    ...(format && { format }),
    ...(emailColumn !== null && { emailColumn }),
    rowsAtOnce: limits.rowsAtOnce,
  });
  if (!list.ok) return { kind: 'refused', error: list.error };

  const slices: SlicePlan[] = [];
  const seen = createSeenAddresses(job.bytes);
  let start = list.start;
  let end = start;
  let lines = 0;
  let contacts = 0;
  let duplicates: number[] = [];
  let domains = new Set<string>();
  const endSlice = (): void => {
    const bits = rowBits(duplicates, contacts);
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
    const repeated = seen.seen(addresses);
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
