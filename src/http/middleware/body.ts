// Request bodies: limits on their size, on the time that they take, and on the bytes in memory of the whole process.

import type { Context, MiddlewareHandler } from 'hono';
import type { StartTimeout } from '../../clock.ts';
import { bodyTooSlow, brokenOff, notUtf8, overloaded, problem, tooLarge } from '../problem.ts';

/** A limited quantity that requests share, such as the bytes of bodies in memory. */
export interface Capacity {
  /** Takes `amount`, or takes nothing and returns false if less is left. */
  take(amount: number): boolean;
  /** Gives back `amount`. */
  give(amount: number): void;
}

/** What the runtime allows all requests together. Null: no limit. */
export interface ServerLimits {
  /** Bytes of request bodies in memory. */
  readonly bodyBytes: Capacity | null;
  /** Addresses of batches in progress. */
  readonly batchRows: Capacity | null;
  /** The time from the headers of a request to the end of its body. Uploads of lists are exempt. */
  readonly startTimeout: StartTimeout;
}

export function capacityOf(total: number): Capacity {
  let left = total;
  return {
    take(amount) {
      if (amount > left) return false;
      left -= amount;
      return true;
    },
    give(amount) {
      left += amount;
    },
  };
}

export interface BodyVariables {
  limits: ServerLimits;
  /** Called when the request has ended. */
  releases: (() => void)[];
}

/** Any context that has the variables, whatever else is in its environment. */
// biome-ignore lint/suspicious/noExplicitAny: Hono's Context is invariant in its environment.
type BodyContext = Context<any>;

/** Gives every request the limits of the runtime, and returns what it took when it ends. */
export const limitServer =
  (limits: ServerLimits): MiddlewareHandler<{ Variables: BodyVariables }> =>
  async (c, next) => {
    const releases: (() => void)[] = [];
    c.set('limits', limits);
    c.set('releases', releases);
    try {
      await next();
    } finally {
      for (const release of releases) release();
    }
  };

/** Takes `amount` until the request ends. Returns a 503 response if less is left, else null. */
export function reserve(c: BodyContext, capacity: Capacity | null, amount: number): Response | null {
  if (capacity === null) return null;
  if (!capacity.take(amount)) return problem(c, overloaded, { 'retry-after': '1' });
  c.get('releases').push(() => capacity.give(amount));
  return null;
}

/** Bodies up to this size are not counted: connections limit them, and callers with small bodies are served under load. */
const uncountedBytes = 16 * 1024;

/**
 * The body of the request, or the error response: 413 for more than `maxBytes`, 408 if it takes too long, 503 if the
 * process holds too many bytes, 400 if the connection closes early. After 408, 413 and 503 the rest of the body is not
 * read, so the connection is closed (RFC 9110 section 15.5.14).
 */
export function readBody(c: BodyContext, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Response> {
  return readWith(
    c,
    maxBytes,
    async () => new Uint8Array(await c.req.arrayBuffer()),
    (bytes) => bytes,
  );
}

/** The body as text, or the error response: those of `readBody`, and 400 for a body that is not UTF-8. */
export async function readText(c: BodyContext, maxBytes: number): Promise<string | Response> {
  const length = Number(c.req.header('content-length'));
  const text = await readWith<string | null>(
    c,
    maxBytes,
    async () => {
      const text = await c.req.text();
      return isWhole(text, length) ? text : null;
    },
    utf8Text,
  );
  return text ?? problem(c, notUtf8);
}

/**
 * Whether no byte of the body was lost in `text`. The decoder replaces wrong bytes with U+FFFD, which has three bytes; a
 * body that contains U+FFFD itself keeps its length. A byte order mark (three bytes) is not part of the text. A four-byte
 * sequence that lost its last byte cannot be told from U+FFFD, and passes as it.
 */
function isWhole(text: string, bytes: number): boolean {
  if (!text.includes('\ufffd')) return true;
  const kept = new TextEncoder().encode(text).length;
  return kept === bytes || kept + 3 === bytes;
}

/** JSON is UTF-8 (RFC 8259 section 8.1). Null if `bytes` are not. */
function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** `readSmall` reads a body that is not counted, `convert` takes the bytes of any other. */
async function readWith<T>(
  c: BodyContext,
  maxBytes: number,
  readSmall: () => Promise<T>,
  convert: (bytes: Uint8Array<ArrayBuffer>) => T,
): Promise<T | Response> {
  const length = c.req.header('content-length');
  const isCounted = length === undefined || c.req.header('transfer-encoding') !== undefined;
  if (!isCounted && Number(length) > maxBytes) return problem(c, tooLarge(maxBytes), closing);

  const { startTimeout } = c.get('limits') as ServerLimits;
  let stop: () => unknown = () => {};
  const timeout = new Promise<typeof late>((resolve) => {
    stop = startTimeout(() => resolve(late));
  });
  try {
    // The fast path: reading a stream on Node costs more than the rest of a request.
    if (!isCounted && Number(length) <= uncountedBytes) {
      const body = await Promise.race([readSmall(), timeout]);
      return body === late ? problem(c, bodyTooSlow, closing) : body;
    }
    const body = await readStream(c, maxBytes, timeout);
    return body instanceof Response ? body : convert(body);
  } catch {
    return problem(c, brokenOff);
  } finally {
    stop();
  }
}

const late = Symbol('late');

const closing = { connection: 'close' };

async function readStream(
  c: BodyContext,
  maxBytes: number,
  timeout: Promise<typeof late>,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const reader = (c.req.raw.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return new Uint8Array();
  const { bodyBytes } = c.get('limits') as ServerLimits;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const refuse = (response: Response): Response => {
    reader.cancel().catch(() => {});
    return response;
  };
  for (;;) {
    const read = await Promise.race([reader.read(), timeout]);
    if (read === late) return refuse(problem(c, bodyTooSlow, closing));
    if (read.done) break;
    size += read.value.length;
    if (size > maxBytes) return refuse(problem(c, tooLarge(maxBytes), closing));
    const refusal = reserve(c, bodyBytes, read.value.length);
    if (refusal !== null) {
      refusal.headers.set('connection', 'close');
      return refuse(refusal);
    }
    chunks.push(read.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
