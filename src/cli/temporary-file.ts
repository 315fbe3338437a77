// A temporary file that disappears with the process, even if the process is killed.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SpillFile } from '../lists/duplicates.ts';
import { writeAll } from './clean-files.ts';

export interface TemporaryFile extends SpillFile {
  /** Number of bytes that were written. */
  readonly size: number;
  /** Yields `length` bytes from `start` on, or all that follow. Each piece is valid only until the next is requested. */
  bytes(start?: number, length?: number): AsyncGenerator<Uint8Array>;
  close(): void;
}

const pieceBytes = 65_536;

/**
 * Returns a temporary file in `folder`. The file is created with the first write and unlinked at once, so no other process can
 * open it. (On Windows the file keeps its name until it is closed.)
 */
export function temporaryFile(folder: string): TemporaryFile {
  const path = join(folder, `.presend-${randomUUID()}`);
  let file: number | null = null;
  let size = 0;
  const isNameless = process.platform !== 'win32';

  const opened = (): number => {
    if (file !== null) return file;
    file = openSync(path, 'wx+', 0o600);
    if (isNameless) rmSync(path);
    return file;
  };
  const fill = (position: number, bytes: Uint8Array): number => {
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(opened(), bytes, filled, bytes.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  };

  return {
    append(bytes) {
      const position = size;
      writeAll(path, opened(), bytes, position);
      size += bytes.length;
      return position;
    },
    read: fill,
    get size() {
      return size;
    },
    async *bytes(start = 0, length = Number.POSITIVE_INFINITY) {
      const piece = new Uint8Array(pieceBytes);
      const end = Math.min(start + length, size);
      for (let at = start; at < end; ) {
        const count = fill(at, piece.subarray(0, end - at));
        at += count;
        yield piece.subarray(0, count);
      }
    },
    close() {
      if (file === null) return;
      closeSync(file);
      if (!isNameless) rmSync(path, { force: true });
      file = null;
    },
  };
}
