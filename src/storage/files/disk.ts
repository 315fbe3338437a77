// The FileStore port on a folder of the file system.

import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Bytes, FileStore } from './file-store.ts';

/** Stores files in `root`, which is created with the first file. Only their owner can read them. */
export function nodeFiles(root: string): FileStore {
  let written = 0;
  return {
    async put(name, content) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Two processes may write the same file: each has its own draft, and renaming is atomic.
      const draft = `${path}.${process.pid}-${written++}.draft`;
      const file = await open(draft, 'wx', 0o600);
      try {
        let length = 0;
        for await (const chunk of content) {
          await writeAll(file, chunk);
          length += chunk.length;
        }
        // The file must be on disk before the database records it as done.
        await file.sync();
        await file.close();
        await rename(draft, path);
        return length;
      } catch (error) {
        await file.close();
        await rm(draft, { force: true });
        throw error;
      }
    },

    async get(name, range) {
      let file: Awaited<ReturnType<typeof open>>;
      try {
        file = await open(join(root, name), 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
      if (range && range.length <= 0) {
        await file.close();
        return new ReadableStream({ start: (controller) => controller.close() });
      }
      const stream = createReadStream('', {
        fd: file,
        highWaterMark: 64 * 1024,
        ...(range && { start: range.offset, end: range.offset + range.length - 1 }),
      });
      return Readable.toWeb(stream) as ReadableStream<Bytes>;
    },

    // Retries, because another write may add a file to the folder in the meantime.
    removeFolder: (folder) =>
      rm(join(root, folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 10 }),

    remove: (name) => rm(join(root, name), { force: true }),
  };
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Bytes): Promise<void> {
  for (let start = 0; start < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, start);
    start += bytesWritten;
  }
}
