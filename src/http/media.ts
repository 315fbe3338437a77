// CSV and NDJSON bodies: their media types, and functions that stream requests and responses.

import type { Context } from 'hono';

export type TextFormat = 'csv' | 'ndjson';

export const mediaTypes: Readonly<Record<TextFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

const csvType = /^text\/csv\s*(;|$)/i;
const ndjsonType = /^application\/(x-)?(ndjson|jsonl|jsonlines)\s*(;|$)/i;

/** The format of the request body, by its Content-Type; null if it is neither CSV nor NDJSON. */
export function bodyFormat(c: Context): TextFormat | null {
  const type = c.req.header('content-type') ?? '';
  return csvType.test(type) ? 'csv' : ndjsonType.test(type) ? 'ndjson' : null;
}

/** Thrown if the connection closes before the end of the request body. */
export class RequestAborted extends Error {}

/**
 * Yields the chunks of the request body. Yields nothing if there is no body.
 * @throws RequestAborted if the connection closes early.
 */
export async function* bodyChunks(c: Context): AsyncGenerator<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new RequestAborted();
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

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
