// Bodies and answers that are no JSON: which form is asked for, and text that is sent piece by piece.

import type { Context } from 'hono';

export type TextFormat = 'csv' | 'ndjson';

export const mediaTypes: Readonly<Record<TextFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

const csvType = /^text\/csv\s*(;|$)/i;
const ndjsonType = /^application\/(x-)?(ndjson|jsonl|jsonlines)\s*(;|$)/i;

/** The form that the request's body has by its content-type, or null. */
export function bodyFormat(c: Context): TextFormat | null {
  const type = c.req.header('content-type') ?? '';
  return csvType.test(type) ? 'csv' : ndjsonType.test(type) ? 'ndjson' : null;
}

/** The caller went away before the end of the body. */
export class BrokenOff extends Error {}

/** The request's body piece by piece. Empty where there is none. Throws BrokenOff. */
export async function* bodyChunks(c: Context): AsyncGenerator<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new BrokenOff();
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

/** A stream of the pieces as UTF-8, each made when the reader is ready for it. */
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
