// Random access to the bytes of a file: on a disk, in a file store, or a Blob in a browser.

export interface ByteSource {
  /** The length of the file in bytes. */
  readonly size: number;
  /** Yields the bytes in a range. A piece is valid until the next one is requested. */
  read(offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** A file that is in memory. */
export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  async *read(offset, length) {
    yield bytes.subarray(offset, offset + length);
  },
});

/** Reads a range into one array. It is shorter than `length` if the file ends before. */
export async function bytesAt(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, source.size - offset));
  const bytes = new Uint8Array(wanted);
  if (wanted === 0) return bytes;
  let at = 0;
  for await (const piece of source.read(offset, wanted)) {
    bytes.set(piece.subarray(0, wanted - at), at);
    at += piece.length;
    if (at >= wanted) break;
  }
  return at < wanted ? bytes.subarray(0, at) : bytes;
}
