// Reads an uploaded list once: checks that it is valid, divides it into slices, and finds its duplicates.

import { addressesOf, headOf } from '../lists/clean-slice.ts';
import { createDuplicateSearch, type DuplicateSearch, searchDuplicates } from '../lists/duplicate-rows.ts';
import { openList } from '../lists/read-list.ts';
import type { ListOptions } from '../lists/record-format.ts';
import { openListFile, workbookOptions } from '../lists/spreadsheet.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { Job, JobError, JobOptions, ListLayout, SlicePlan } from './job.ts';
import { sheetFile, uploadedFile } from './job-files.ts';
import { storedFile, storeSheet, uploadSource } from './list-file.ts';
import { rowBits } from './row-bits.ts';
import { drawSample } from './sample-file.ts';
import type { SliceLimits } from './slice-limits.ts';

export type FileOutcome =
  | { readonly kind: 'read'; readonly layout: ListLayout; readonly slices: readonly SlicePlan[] }
  | { readonly kind: 'refused'; readonly error: JobError };

/** How the list of a job is to be read. */
export const listOptionsOf = ({
  format,
  emailColumn,
  lastVerifiedColumn,
  sourceColumn,
  split,
  sheet,
}: JobOptions): ListOptions => ({
  ...(format && { format }),
  ...(emailColumn !== null && { emailColumn }),
  ...(lastVerifiedColumn !== undefined && { lastVerifiedColumn }),
  ...(sourceColumn !== undefined && { sourceColumn }),
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
  const open = async () =>
    workbook === null
      ? openList(await storedFile(files, uploadedFile(job.id)), options)
      : openList(await storedFile(files, sheetFile(job.id)), workbookOptions(options, workbook));
  const list = await open();
  if (!list.ok) return { kind: 'refused', error: list.error };
  const layout = { shape: list.shape, head: headOf(list.shape, list.head) };
  const { sample } = job.options;
  if (sample !== undefined) {
    const drawn = await drawSample(files, job, list, { size: sample, limits });
    if ('code' in drawn) return { kind: 'refused', error: drawn };
    return { kind: 'read', layout: { ...layout, sampledFrom: drawn.contacts }, slices: drawn.slices };
  }

  const search = createDuplicateSearch({
    byMailbox: job.options.writing?.dropDuplicates === true,
    bytes: size,
    ...(limits.addressesInMemory && { most: limits.addressesInMemory }),
  });
  const slices: Omit<SlicePlan, 'duplicates'>[] = [];
  let start = list.start;
  let end = start;
  let lines = 0;
  let contacts = 0;
  let domains = new Set<string>();
  const endSlice = (): void => {
    // The beginning of the list was ASCII, which every encoding contains. Use the encoding that was found later for all slices,
    // because a slice may be too short to detect it.
    if (start.encoding === 'ascii') start = { ...start, encoding: end.encoding };
    slices.push({ start, bytes: end.byte - start.byte, rows: contacts });
    start = end;
    lines = 0;
    contacts = 0;
    domains = new Set();
  };
  for await (const part of list.parts) {
    if (part.kind === 'error') return { kind: 'refused', error: part.error };
    search.add(part.rows);
    const addresses = addressesOf(part.rows);
    for (const address of addresses) domains.add(address.slice(address.lastIndexOf('@') + 1).toLowerCase());
    lines += part.rows.length;
    contacts += addresses.length;
    end = part.next;
    const isFull = lines + limits.rowsAtOnce > limits.rows || end.byte - start.byte >= limits.bytes;
    if (isFull || domains.size >= limits.domains) endSlice();
  }
  if (lines > 0) endSlice();
  if (!search.endPass())
    await searchDuplicates(search, async () => {
      const again = await open();
      if (!again.ok) throw new Error('the stored list of the job has changed since it was first read');
      return again.parts;
    });
  return { kind: 'read', layout, slices: withDuplicates(slices, search) };
}

function withDuplicates(
  slices: readonly Omit<SlicePlan, 'duplicates'>[],
  search: DuplicateSearch,
): SlicePlan[] {
  let first = 0;
  return slices.map((slice) => {
    const contacts = Array.from({ length: slice.rows }, (_, contact) => contact);
    const duplicates = contacts.filter((contact) => search.isDuplicate(first + contact));
    first += slice.rows;
    return { ...slice, duplicates: rowBits(duplicates, slice.rows) };
  });
}
