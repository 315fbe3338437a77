// The FileStore port: files that are too large for a database. Names are paths with slashes and never come from a caller.

export type Bytes = Uint8Array<ArrayBuffer>;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Every method rejects when the store is out of reach or full. */
export interface FileStore {
  /**
   * Streams a file to storage and returns its length. Until it is complete, or if `content` fails, the previous file
   * (or none) remains.
   */
  put(name: string, content: AsyncIterable<Bytes>): Promise<number>;
  /** The bytes of a file, or of the part of `range` that exists; null if there is no such file. */
  get(name: string, range?: ByteRange): Promise<ReadableStream<Bytes> | null>;
  /** Removes every file whose name begins with `folder/`. Does nothing if there are none. */
  removeFolder(folder: string): Promise<void>;
  /** Removes one file. Does nothing if it does not exist. */
  remove(name: string): Promise<void>;
}

/** Splits bytes into portions of exactly `size`. The last may be shorter. Yields nothing for empty content. */
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
