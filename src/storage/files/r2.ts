// The FileStore port on a Cloudflare R2 binding.

import { type Bytes, type FileStore, splitIntoParts } from './file-store.ts';

interface R2UploadLike {
  uploadPart(partNumber: number, value: Bytes): Promise<unknown>;
  complete(parts: unknown[]): Promise<unknown>;
  abort(): Promise<void>;
}

/** The part of an R2 binding that is used. */
export interface R2Like {
  put(key: string, value: Bytes): Promise<unknown>;
  get(
    key: string,
    options?: { range: { offset: number; length: number } },
  ): Promise<{ readonly body: ReadableStream<Bytes>; readonly size: number } | null>;
  head(key: string): Promise<{ readonly size: number } | null>;
  delete(keys: string | string[]): Promise<void>;
  list(options: { prefix: string; limit: number }): Promise<{ readonly objects: { readonly key: string }[] }>;
  createMultipartUpload(key: string): Promise<R2UploadLike>;
}

/** R2 requires parts of equal size, at least 5 MiB, except for the last. Two parts are in memory at a time. */
const partBytes = 8 * 1024 * 1024;

/** Objects per call. R2 deletes at most 1,000. */
const removedAtOnce = 1000;

export function r2Files(bucket: R2Like): FileStore {
  return {
    async put(name, content) {
      const portions = splitIntoParts(content, partBytes);
      const first = await portions.next();
      const head = first.done ? new Uint8Array(0) : first.value;
      if (head.length < partBytes) {
        await bucket.put(name, head);
        return head.length;
      }
      const upload = await bucket.createMultipartUpload(name);
      try {
        const parts = [await upload.uploadPart(1, head)];
        let length = head.length;
        for await (const portion of portions) {
          parts.push(await upload.uploadPart(parts.length + 1, portion));
          length += portion.length;
        }
        await upload.complete(parts);
        return length;
      } catch (error) {
        await upload.abort();
        throw error;
      }
    },

    async get(name, range) {
      if (range === undefined) return (await bucket.get(name))?.body ?? null;
      // R2 rejects an empty range, and a range that starts at the end of the file.
      const size = (await bucket.head(name))?.size;
      if (size === undefined) return null;
      const length = Math.min(range.length, size - range.offset);
      if (length <= 0) return new ReadableStream({ start: (controller) => controller.close() });
      return (await bucket.get(name, { range: { offset: range.offset, length } }))?.body ?? null;
    },

    async removeFolder(folder) {
      for (;;) {
        const { objects } = await bucket.list({ prefix: `${folder}/`, limit: removedAtOnce });
        if (objects.length === 0) return;
        await bucket.delete(objects.map(({ key }) => key));
      }
    },

    remove: (name) => bucket.delete(name),
  };
}
