// The file of a list on disk, or standard input, as a source that can be read at any position.

import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ListOptions } from '../lists/record-format.ts';
import { type OpenedListFile, openListFile } from '../lists/spreadsheet.ts';
import type { ByteSource } from '../xlsx/byte-source.ts';
import { fileKind, kindBytes } from '../xlsx/workbook.ts';
import { fileBytes } from './clean-files.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** A file on disk. */
export const diskSource = (path: string): ByteSource => ({
  size: statSync(path).size,
  read: (offset, length) => fileBytes(path, offset, length),
});

/**
 * Opens the file of a list; `-` is standard input. A workbook in standard input is stored in a temporary file. Any other list in
 * standard input can be read again only if it is stored in `spool`.
 */
export async function openInput(
  input: string,
  options: ListOptions,
  spool: TemporaryFile | null,
): Promise<OpenedListFile> {
  if (input !== '-') return openListFile(diskSource(input), options);
  const pieces = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let beginning = Buffer.alloc(0);
  while (beginning.length < kindBytes) {
    const { value, done } = await pieces.next();
    if (done) break;
    beginning = Buffer.concat([beginning, value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield beginning;
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) yield piece.value;
  }
  if (fileKind(beginning) === 'other') {
    if (spool !== null) for await (const piece of all()) spool.append(piece);
    const bytes = spool === null ? all : spool.bytes;
    return { ok: true, file: { workbook: null, bytes, size: Number.POSITIVE_INFINITY } };
  }
  const path = temporaryPath('list');
  await pipeline(all, createWriteStream(path, { mode: 0o600 }));
  return openListFile(diskSource(path), options);
}

/** The path of a new file in a folder that only this user can read. It is removed when the process exits. */
export function temporaryPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'presend-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
