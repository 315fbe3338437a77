// CSV and NDJSON bodies: their media types, and functions that stream requests and responses.

import type { Context } from 'hono';
import type { Bytes } from '../storage/files/file-store.ts';
import type { ServerLimits } from './middleware/body.ts';
import { keepPace, UploadTooSlow } from './middleware/upload-pace.ts';
import { problem, requestAborted, uploadTooSlow } from './problem.ts';

export type TextFormat = 'csv' | 'ndjson';

export const mediaTypes: Readonly<Record<TextFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

const csvType = /^text\/csv\s*(;|$)/i;
const ndjsonType = /^application\/((x-)?(ndjson|jsonl|jsonlines)|json)\s*(;|$)/i;

/**
 * The format of the request body, by its Content-Type; null if it is neither CSV nor JSON. An array of objects is read as NDJSON, too.
 */
export function bodyFormat(c: Context): TextFormat | null {
  const type = c.req.header('content-type') ?? '';
  return csvType.test(type) ? 'csv' : ndjsonType.test(type) ? 'ndjson' : null;
}

/** Thrown if the connection closes before the end of the request body. */
export class RequestAborted extends Error {}

/**
 * Yields the chunks of the request body. Yields nothing if there is no body.
 * @throws RequestAborted if the connection closes early.
 * @throws UploadTooSlow if the body arrives more slowly than `ServerLimits.uploadPace`.
 */
// biome-ignore lint/suspicious/noExplicitAny: Hono's Context is invariant in its environment.
export async function* bodyChunks(c: Context<any>): AsyncGenerator<Bytes> {
  const reader = (c.req.raw.body as ReadableStream<Bytes> | null)?.getReader();
  if (reader === undefined) return;
  const { uploadPace } = c.get('limits') as ServerLimits;
  const atPace = uploadPace ? keepPace(uploadPace) : <T>(read: T) => read;
  let isRead = false;
  try {
    while (!isRead) {
      const chunk = reader.read().catch(() => {
        throw new RequestAborted();
      });
      const { done, value } = await atPace(chunk);
      isRead = done;
      if (value !== undefined) yield value;
    }
  } finally {
    if (!isRead) reader.cancel().catch(() => {});
  }
}

/** Returns the response to a request whose body ended early, by the error with which `bodyChunks` ended. */
export const bodyEnded = (c: Context, cause: unknown): Response =>
  cause instanceof UploadTooSlow
    ? problem(c, uploadTooSlow, { connection: 'close' })
    : problem(c, requestAborted);

/** Turns a generator of texts into a stream of UTF-8. The generator runs only as fast as the stream is read. */
export function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
