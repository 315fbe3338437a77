// The FileStore port: storage for files that are too large for a database. The name of a file is a path with slashes.
// No part of it is text from a caller, so it cannot lead out of the folder of the store.

export type Bytes = Uint8Array<ArrayBuffer>;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The operations. Each rejects if the storage cannot be reached or is full. */
export interface FileStore {
  /**
   * Writes a file as a stream and returns its length in bytes. If a file with this name exists, it is replaced only
   * when the new one is complete. If `content` fails, the old file (or none) remains.
   */
  put(name: string, content: AsyncIterable<Bytes>): Promise<number>;
  /**
   * Returns the bytes of a file, or those in `range`, which may extend past the end of the file. Null if there is no
   * such file.
   */
  get(name: string, range?: ByteRange): Promise<ReadableStream<Bytes> | null>;
  /** Removes every file whose name begins with `folder/`. Does nothing if there are none. */
  removeFolder(folder: string): Promise<void>;
  /** Removes one file. Does nothing if it does not exist. */
  remove(name: string): Promise<void>;
}

/**
 * Splits a stream of bytes into portions of exactly `size` bytes. The last portion may be shorter. Empty content has no
 * portion.
 */
export async function* splitIntoParts(content: AsyncIterable<Bytes>, size: number): AsyncGenerator<Bytes> {
  let portion = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of content) {
    for (let start = 0; start < chunk.length; ) {
      const taken = chunk.subarray(start, start + size - filled);
      portion.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < size) continue;
      yield portion;
      portion = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield portion.subarray(0, filled);
}
