// Writes the records of a job's list that cannot be read, as CSV.

import { openList } from '../lists/read-list.ts';
import { rejectsHeader, rejectsLine } from '../lists/rejects.ts';
import { workbookOptions } from '../lists/spreadsheet.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Job } from './job.ts';
import { listFile, storedFile } from './list-file.ts';
import { listOptionsOf } from './read-file.ts';

/** `job.layout` must not be null. Reads the uploaded file again. Ends where the list cannot be read any further. */
export async function* renderRejects(files: FileStore, job: Job): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  yield encoder.encode(rejectsHeader);
  const { shape } = job.layout!;
  const content = await storedFile(files, listFile(job.id, shape));
  const options = listOptionsOf(job.options);
  const workbook = shape.format === 'csv' ? shape.workbook : undefined;
  const list = await openList(content, workbook === undefined ? options : workbookOptions(options, workbook));
  if (!list.ok) return;
  for await (const part of list.parts) {
    if (part.kind === 'error') return;
    if (part.setAside.length > 0) yield encoder.encode(part.setAside.map(rejectsLine).join(''));
  }
}
