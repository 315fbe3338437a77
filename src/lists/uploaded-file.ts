// Files in a request that are in memory: lists and bounces, which may be workbooks.

import { bytesSource } from '../xlsx/byte-source.ts';
import { defaultWorkbookLimits, type WorkbookLimits } from '../xlsx/workbook-limits.ts';
import { type CampaignBounces, noBounces } from './bounce-file.ts';
import { type ListFile, type OpenedListFile, openListFile } from './spreadsheet.ts';

/** What a workbook in a request may unpack to, because other requests wait meanwhile. */
const uploadedWorkbookLimits: WorkbookLimits = {
  ...defaultWorkbookLimits,
  unpackedBytes: 128 * 2 ** 20,
  stringBytes: 24 * 2 ** 20,
};

/** Opens a file. A workbook may unpack to 128 MiB at most. */
export const openUploaded = (bytes: Uint8Array): Promise<OpenedListFile> =>
  openListFile(bytesSource(bytes), {}, uploadedWorkbookLimits);

/** Opens a file with bounces. A workbook without rows is a campaign without bounces, like an empty file. */
export async function openUploadedBounces(
  bytes: Uint8Array,
): Promise<ListFile | CampaignBounces | Extract<OpenedListFile, { ok: false }>> {
  const opened = await openUploaded(bytes);
  if (opened.ok) return opened.file;
  return opened.error.code === 'no_rows' ? noBounces : opened;
}

/** The number of lines of a list. */
export async function lineCount(file: ListFile): Promise<number> {
  let lines = 1;
  for await (const bytes of file.bytes())
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
