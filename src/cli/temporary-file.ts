// A temporary file that disappears with the process, even if the process is killed.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpillFile } from '../lists/duplicates.ts';
import { withPath } from './system-error.ts';

export interface TemporaryFile extends SpillFile {
  /** The contents from the beginning. Each piece is valid only until the next is requested. */
  bytes(): AsyncGenerator<Uint8Array>;
  close(): void;
}

const pieceBytes = 65_536;

/**
 * Returns a file in `folder`, which is created with the first byte that is written. Only this process can reach it: it loses
 * its name at once. (On Windows it keeps its name until it is closed.)
 */
export function temporaryFile(folder: string): TemporaryFile {
  const path = join(folder, `.presend-${randomUUID()}`);
  let file: number | null = null;
  let length = 0;
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
      const position = length;
      withPath(path, () => {
        for (let at = 0; at < bytes.length; )
          at += writeSync(opened(), bytes, at, bytes.length - at, position + at);
      });
      length += bytes.length;
      return position;
    },
    read: fill,
    async *bytes() {
      const piece = new Uint8Array(pieceBytes);
      for (let at = 0; at < length; ) {
        const count = fill(at, piece);
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
