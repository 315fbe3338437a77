// Request bodies: limits on their size, on the time that they take, and on the bytes in memory of the whole process.

import type { Context, MiddlewareHandler } from 'hono';
import { bodyTooSlow, brokenOff, overloaded, problem, tooLarge } from '../problem.ts';

/** A limited quantity that requests share, such as the bytes of bodies in memory. */
export interface Capacity {
  /** Takes `amount` for `holder`, or takes nothing and returns false if less is left, in all or for this holder. */
  take(amount: number, holder?: string): boolean;
  /** Gives back `amount` of `holder`. */
  give(amount: number, holder?: string): void;
}

/** What the runtime allows all requests together. Null: no limit. */
export interface ServerLimits {
  /** Bytes of request bodies in memory, webhooks apart. */
  readonly bodyBytes: Capacity | null;
  /** Bytes in memory of bodies of webhooks, whose senders have not been authenticated yet. Holders are client networks. */
  readonly hookBytes: Capacity | null;
  /** Addresses of batches in progress. */
  readonly batchRows: Capacity | null;
  /** Milliseconds from the headers of a request to the end of its body. Uploads of lists are exempt. */
  readonly bodyTimeoutMs: number;
}

/** `share`: the most that one holder may have. */
export function capacityOf(total: number, share = total): Capacity {
  let left = total;
  const held = new Map<string, number>();
  const change = (amount: number, holder: string): void => {
    left -= amount;
    const now = (held.get(holder) ?? 0) + amount;
    if (now === 0) held.delete(holder);
    else held.set(holder, now);
  };
  return {
    take(amount, holder = '') {
      if (amount > left || amount > share - (held.get(holder) ?? 0)) return false;
      change(amount, holder);
      return true;
    },
    give(amount, holder = '') {
      change(-amount, holder);
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
export function reserve(
  c: BodyContext,
  capacity: Capacity | null,
  amount: number,
  holder?: string,
): Response | null {
  if (capacity === null) return null;
  if (!capacity.take(amount, holder)) return problem(c, overloaded, { 'retry-after': '1' });
  c.get('releases').push(() => capacity.give(amount, holder));
  return null;
}

/** Bodies up to this size are not counted: connections limit them, and callers with small bodies are served under load. */
const uncountedBytes = 16 * 1024;

/** Reserves bytes of memory for a body. Returns the response that refuses them, or null. */
type ReserveBytes = (amount: number) => Response | null;

/** How a body ended: all bytes, or the response to send. `isSendersFault`: it came too slowly, or broke off. */
export type ReadBody =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly response: Response; readonly isSendersFault: boolean };

/** The body of the request of at most `maxBytes`, or the error response; see `readBodyWithin`. */
export async function readBody(
  c: BodyContext,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const { bodyBytes } = c.get('limits') as ServerLimits;
  const read = await readBodyWithin(c, maxBytes, (amount) => reserve(c, bodyBytes, amount));
  return read.ok ? read.bytes : read.response;
}

/**
 * Reads the body of the request, or returns the error response: 413 for more than `maxBytes`, 408 if it takes too long,
 * 503 if the process holds too many bytes, 400 if the connection closes early. Reserves the whole Content-Length before it
 * reads a byte. After 408, 413 and 503 the rest of the body is not read, so the connection is closed (RFC 9110 section
 * 15.5.14).
 */
export async function readBodyWithin(
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
): Promise<ReadBody> {
  const refuse = (response: Response, isSendersFault = false): ReadBody => {
    response.headers.set('connection', 'close');
    return { ok: false, response, isSendersFault };
  };
  const length = c.req.header('content-length');
  const isSized = length !== undefined && c.req.header('transfer-encoding') === undefined;
  if (isSized && Number(length) > maxBytes) return refuse(problem(c, tooLarge(maxBytes)));
  const refusal = isSized && Number(length) > uncountedBytes ? reserveBytes(Number(length)) : null;
  if (refusal !== null) return refuse(refusal);

  const { bodyTimeoutMs } = c.get('limits') as ServerLimits;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(resolve, bodyTimeoutMs, 'timeout');
  });
  try {
    // On Node, reading a body at once takes a tenth of the time of reading its stream.
    const read = isSized
      ? await Promise.race([c.req.arrayBuffer(), timeout])
      : await readStream(c, maxBytes, timeout, reserveBytes);
    if (read === 'timeout') return refuse(problem(c, bodyTooSlow), true);
    return read instanceof Response ? refuse(read) : { ok: true, bytes: new Uint8Array(read) };
  } catch {
    return { ok: false, response: problem(c, brokenOff), isSendersFault: true };
  } finally {
    clearTimeout(timer);
  }
}

async function readStream(
  c: BodyContext,
  maxBytes: number,
  timeout: Promise<'timeout'>,
  reserveBytes: ReserveBytes,
): Promise<ArrayBuffer | Response | 'timeout'> {
  const reader = (c.req.raw.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return new ArrayBuffer();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stop = <T>(outcome: T): T => {
    reader.cancel().catch(() => {});
    return outcome;
  };
  for (;;) {
    const read = await Promise.race([reader.read(), timeout]);
    if (read === 'timeout') return stop(read);
    if (read.done) break;
    size += read.value.length;
    if (size > maxBytes) return stop(problem(c, tooLarge(maxBytes)));
    const refusal = reserveBytes(read.value.length);
    if (refusal !== null) return stop(refusal);
    chunks.push(read.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body.buffer;
}
