// The file of a list on disk, or standard input, as a source that can be read at any position.

import { statSync } from 'node:fs';
import { firstBytes, withFirst } from '../encoding/read-text.ts';
import type { ListOptions } from '../lists/record-format.ts';
import { type OpenedListFile, openListFile } from '../lists/spreadsheet.ts';
import type { ByteSource } from '../xlsx/byte-source.ts';
import { fileKind, kindBytes } from '../xlsx/workbook.ts';
import { fileBytes } from './clean-files.ts';
import type { TemporaryFile } from './temporary-file.ts';

export const diskSource = (path: string): ByteSource => ({
  size: statSync(path).size,
  read: (offset, length) => fileBytes(path, offset, length),
});

/**
 * Opens the file of a list; `-` is standard input. Standard input can be read only once, so it is copied to `spool` if it must be
 * read several times: for a workbook, and for any list if `readsAgain` is true.
 */
export async function openInput(
  input: string,
  options: ListOptions,
  spool: TemporaryFile,
  readsAgain: boolean,
): Promise<OpenedListFile> {
  if (input !== '-') return openListFile(diskSource(input), options);
  const pieces = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const beginning = await firstBytes(pieces, kindBytes);
  const all = () => withFirst<Uint8Array>(beginning, pieces);
  const isText = fileKind(beginning) === 'other';
  if (!isText || readsAgain) for await (const piece of all()) spool.append(piece);
  if (!isText) return openListFile({ size: spool.size, read: spool.bytes }, options);
  const bytes = readsAgain ? () => spool.bytes() : all;
  return { ok: true, file: { workbook: null, bytes, size: Number.POSITIVE_INFINITY } };
}
