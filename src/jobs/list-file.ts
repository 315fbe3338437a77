// The list of a job in the file storage: the uploaded file or, if this is a workbook, the text of its sheet.

import type { ListShape } from '../lists/shape.ts';
import type { ListFile } from '../lists/spreadsheet.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { ByteSource } from '../xlsx/byte-source.ts';
import { formatOf, type Job } from './job.ts';
import { sheetFile, uploadedFile } from './job-files.ts';

/** The name of the file with the rows of a list. */
export const listFile = (jobId: string, shape: ListShape): string =>
  formatOf(shape) === 'xlsx' ? sheetFile(jobId) : uploadedFile(jobId);

/** Reads a file of a job, or a range of it. Throws if the file does not exist. */
export async function storedFile(
  files: FileStore,
  name: string,
  range?: { readonly offset: number; readonly length: number },
): Promise<ReadableStream<Bytes>> {
  const content = await files.get(name, range);
  if (content === null) throw new Error(`the file ${name} is missing in the file storage`);
  return content;
}

/** Number of bytes of a workbook that are read without a pause. Unpacking them takes some milliseconds. */
const bytesAtOnce = 16_384;

/** The uploaded file of a job. Pauses often, because unpacking takes the processor, and requests are waiting. */
export const uploadSource = (
  files: FileStore,
  { id, bytes }: Job,
  pause: (ms: number) => Promise<void>,
): ByteSource => ({
  size: bytes,
  async *read(offset, length) {
    for await (const piece of await storedFile(files, uploadedFile(id), { offset, length }))
      for (let at = 0; at < piece.length; at += bytesAtOnce) {
        if (piece.length > bytesAtOnce) await pause(0);
        yield piece.subarray(at, at + bytesAtOnce);
      }
  },
});

/** Stores the text of the sheet of a workbook, so that slices can be read from it. */
export async function storeSheet(files: FileStore, jobId: string, file: ListFile): Promise<void> {
  async function* copied(): AsyncGenerator<Bytes> {
    for await (const piece of file.bytes()) yield new Uint8Array(piece);
  }
  await files.put(sheetFile(jobId), copied());
}
