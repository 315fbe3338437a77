// What a call sends besides JSON.

/** The value of a query parameter. Undefined leaves it out. */
export type QueryValue = string | number | boolean;

/**
 * A body that is sent piece by piece, such as a stream of fetch or of Node. It can be sent once, so a call with it is not
 * repeated.
 */
export type StreamedBody = ReadableStream | AsyncIterable<Uint8Array>;

/** A body that is sent as it is. */
export type RawBody = string | Blob | ArrayBuffer | Uint8Array | FormData | StreamedBody;

/** Returns the stream of a streamed body; null for any other value. */
export function bodyStream(body: unknown): ReadableStream | null {
  if (body instanceof ReadableStream) return body;
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return null;
  // The types of browsers do not have it yet.
  return (ReadableStream as unknown as { from(source: object): ReadableStream }).from(body);
}

/** Whether a value other than a streamed body is sent as it is, and not as JSON. */
export const isWholeBody = (body: unknown): boolean =>
  typeof body === 'string' ||
  ArrayBuffer.isView(body) ||
  [Blob, ArrayBuffer, FormData].some((type) => body instanceof type);
