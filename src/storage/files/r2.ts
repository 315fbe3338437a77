// The FileStore port: files in a Cloudflare R2 bucket.

import { type Bytes, type FileStore, splitIntoParts } from './file-store.ts';

interface R2UploadLike {
  uploadPart(partNumber: number, value: Bytes): Promise<unknown>;
  complete(parts: unknown[]): Promise<unknown>;
  abort(): Promise<void>;
}

/** The part of an R2 binding that this code uses. */
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

/**
 * Bytes of one part of a multipart upload. R2 requires parts of equal size and of at least 5 MiB, except for the last
 * one. Two parts are in memory at a time.
 */
const partBytes = 8 * 1024 * 1024;

/** Number of objects that one call deletes. R2 allows at most 1,000. */
const removedAtOnce = 1000;

export function r2Files(binding: R2Like): FileStore {
  const bucket = withCodes(binding);
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
        // If this fails as well, R2 removes the unfinished upload after a week.
        await upload.abort().catch(() => {});
        throw error;
      }
    },

    async get(name, range) {
      if (range === undefined) return (await bucket.get(name))?.body ?? null;
      // The size is looked up first, because R2 rejects an empty range and a range that starts at the end of the file.
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

/** Returns the same bucket, but sets a `code` on its errors. `storageFault` recognizes errors of R2 by this code. */
function withCodes(bucket: R2Like): R2Like {
  const upload = async (starting: Promise<R2UploadLike>): Promise<R2UploadLike> => {
    const started = await coded(starting);
    return {
      uploadPart: (partNumber, value) => coded(started.uploadPart(partNumber, value)),
      complete: (parts) => coded(started.complete(parts)),
      abort: () => coded(started.abort()),
    };
  };
  return {
    put: (key, value) => coded(bucket.put(key, value)),
    get: (key, options) => coded(bucket.get(key, options)),
    head: (key) => coded(bucket.head(key)),
    delete: (keys) => coded(bucket.delete(keys)),
    list: (options) => coded(bucket.list(options)),
    createMultipartUpload: (key) => upload(bucket.createMultipartUpload(key)),
  };
}

const coded = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof Error ? Object.assign(error, { code: 'R2_ERROR' }) : error;
  });
