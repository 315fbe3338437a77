// The FileStore port: files in a folder of the file system.

import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Bytes, FileStore } from './file-store.ts';

/**
 * Stores files in the folder `root`, which is created with the first file. Only the owner of the process can read the
 * files.
 */
export function nodeFiles(root: string): FileStore {
  let written = 0;
  return {
    async put(name, content) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Two processes may write the same file at once. Each writes its own draft, and renaming a draft to the final
      // name is atomic.
      const draft = `${path}.${process.pid}-${written++}.draft`;
      const file = await open(draft, 'wx', 0o600);
      try {
        let length = 0;
        for await (const chunk of content) {
          await writeAll(file, chunk);
          length += chunk.length;
        }
        // Wait until the file is on disk, because the database will then record it as done.
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

    // Removing a folder fails if another write adds a file to it in the meantime, so it is retried.
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
