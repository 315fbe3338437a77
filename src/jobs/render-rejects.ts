// Writes the records of a job's list that cannot be read, as CSV.

import { openList } from '../lists/read-list.ts';
import { rejectsHeader, rejectsLine } from '../lists/rejects.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Job } from './job.ts';
import { uploadedFile } from './job-files.ts';
import { listOptionsOf } from './read-file.ts';

/** Reads the uploaded file again. Ends where the list cannot be read any further. */
export async function* renderRejects(files: FileStore, job: Job): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  yield encoder.encode(rejectsHeader);
  const content = await files.get(uploadedFile(job.id));
  if (content === null) throw new Error('the uploaded file of the job is missing in the file storage');
  const list = await openList(content, listOptionsOf(job.options));
  if (!list.ok) return;
  for await (const part of list.parts) {
    if (part.kind === 'error') return;
    if (part.setAside.length > 0) yield encoder.encode(part.setAside.map(rejectsLine).join(''));
  }
}
