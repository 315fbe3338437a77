// Request bodies: limits on their size, on the time that they take, and on the bytes in memory of the whole process.

import type { Context, MiddlewareHandler } from 'hono';
import type { StartTimeout } from '../../clock.ts';
import { bodyTooSlow, notUtf8, overloaded, problem, requestAborted, tooLarge } from '../problem.ts';

/** A limited quantity that requests share, such as the bytes of bodies in memory. */
export interface Capacity {
  /** Takes `amount` for `holder`, or takes nothing and returns false if less is left, in all or for this holder. */
  take(amount: number, holder?: string): boolean;
  /** Gives back `amount` of `holder`. */
  give(amount: number, holder?: string): void;
}

/** The limits for all requests of the process together. Null: no limit. */
export interface ServerLimits {
  /** Bytes of request bodies in memory, except those of webhooks. */
  readonly bodyBytes: Capacity | null;
  /** Bytes in memory of bodies of webhooks, whose senders have not been authenticated yet. Holders are client networks. */
  readonly hookBytes: Capacity | null;
  /** Addresses of batches whose response has not been sent. */
  readonly batchRows: Capacity | null;
  /** Calls `release` when the response has been sent, or cannot be. Absent: when the handler has ended. */
  readonly whenSent?: (c: BodyContext, release: () => void) => void;
  /** The time from the headers of a request to the end of its body. Uploads of lists are exempt. */
  readonly startTimeout: StartTimeout;
}

/** Creates a capacity of `total` units. One holder may take at most `share` of them. */
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

/** The context of any route that sets `BodyVariables`. */
// biome-ignore lint/suspicious/noExplicitAny: Hono's Context is invariant in its environment.
type BodyContext = Context<any>;

/** Passes the limits to every request. When the request ends, releases the capacity that it reserved. */
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

/** Reserves `amount` of `capacity` until the request ends. Returns a 503 response if less is left, else null. */
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

/**
 * Takes `rows` of the addresses of batches until the response has been sent. Returns a 503 response if less is left, else
 * null.
 */
export function reserveBatch(c: BodyContext, rows: number): Response | null {
  const { batchRows, whenSent } = c.get('limits') as ServerLimits;
  if (batchRows === null) return null;
  if (!batchRows.take(rows)) return problem(c, overloaded, { 'retry-after': '1' });
  const release = () => batchRows.give(rows);
  c.get('releases').push(whenSent === undefined ? release : () => whenSent(c, release));
  return null;
}

/**
 * Bodies up to this size need no reservation: small requests are served even under load. The limit on connections also
 * limits their memory.
 */
const uncountedBytes = 16 * 1024;

/** Reserves bytes of memory for a body. Returns null, or the error response if less memory is left. */
type ReserveBytes = (amount: number) => Response | null;

/** A body that was read, or the response to send. `isSendersFault`: the body came too slowly or broke off. */
export type ReadBody<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly response: Response; readonly isSendersFault: boolean };

const reserveBodyBytes =
  (c: BodyContext): ReserveBytes =>
  (amount) =>
    reserve(c, (c.get('limits') as ServerLimits).bodyBytes, amount);

/** The body of the request of at most `maxBytes`, or the error response; see `readBodyBytes`. */
export async function readBody(
  c: BodyContext,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const read = await readBodyBytes(c, maxBytes, reserveBodyBytes(c));
  return read.ok ? read.body : read.response;
}

/**
 * Reads the body of the request, or returns the error response: 413 for more than `maxBytes`, 408 if it takes too long,
 * 503 if the process holds too many bytes, 400 if the connection closes early. Reserves the whole Content-Length before it
 * reads a byte. After 408, 413 and 503 the rest of the body is not read, so the connection is closed (RFC 9110 section
 * 15.5.14).
 */
export const readBodyBytes = (
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
): Promise<ReadBody<Uint8Array<ArrayBuffer>>> =>
  readWith(
    c,
    maxBytes,
    reserveBytes,
    async () => new Uint8Array(await c.req.arrayBuffer()),
    (bytes) => bytes,
  );

/** The body as text, or the error response: those of `readBody`, and 400 for a body that is not UTF-8. */
export async function readText(c: BodyContext, maxBytes: number): Promise<string | Response> {
  const length = Number(c.req.header('content-length'));
  const readSized = async () => {
    const text = await c.req.text();
    return isWhole(text, length) ? text : null;
  };
  const read = await readWith<string | null>(c, maxBytes, reserveBodyBytes(c), readSized, utf8Text);
  return read.ok ? (read.body ?? problem(c, notUtf8)) : read.response;
}

/**
 * Whether no byte of the body was lost in `text`. The decoder replaces wrong bytes with U+FFFD, which has three
 * bytes; a body that contains U+FFFD itself keeps its length. A byte order mark (three bytes) is not part of the
 * text. A four-byte sequence without its last byte also becomes three bytes, so it passes.
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

/** `readSized` reads a body whose length is announced, `convert` takes the bytes of any other. */
async function readWith<T>(
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
  readSized: () => Promise<T>,
  convert: (bytes: Uint8Array<ArrayBuffer>) => T,
): Promise<ReadBody<T>> {
  const refuse = (response: Response, isSendersFault = false): ReadBody<T> => {
    response.headers.set('connection', 'close');
    return { ok: false, response, isSendersFault };
  };
  const length = c.req.header('content-length');
  const isSized = length !== undefined && c.req.header('transfer-encoding') === undefined;
  if (isSized && Number(length) > maxBytes) return refuse(problem(c, tooLarge(maxBytes)));
  const refusal = isSized && Number(length) > uncountedBytes ? reserveBytes(Number(length)) : null;
  if (refusal !== null) return refuse(refusal);

  const { startTimeout } = c.get('limits') as ServerLimits;
  let stop: () => unknown = () => {};
  const timeout = new Promise<typeof late>((resolve) => {
    stop = startTimeout(() => resolve(late));
  });
  try {
    if (isSized) {
      // On Node, reading a body at once takes a tenth of the time of reading its stream.
      const body = await Promise.race([readSized(), timeout]);
      return body === late ? refuse(problem(c, bodyTooSlow), true) : { ok: true, body };
    }
    const read = await readStream(c, maxBytes, timeout, reserveBytes);
    if (read === late) return refuse(problem(c, bodyTooSlow), true);
    return read instanceof Response ? refuse(read) : { ok: true, body: convert(read) };
  } catch {
    return { ok: false, response: problem(c, requestAborted), isSendersFault: true };
  } finally {
    stop();
  }
}

const late = Symbol('late');

async function readStream(
  c: BodyContext,
  maxBytes: number,
  timeout: Promise<typeof late>,
  reserveBytes: ReserveBytes,
): Promise<Uint8Array<ArrayBuffer> | Response | typeof late> {
  const reader = (c.req.raw.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stop = <T>(outcome: T): T => {
    reader.cancel().catch(() => {});
    return outcome;
  };
  for (;;) {
    const read = await Promise.race([reader.read(), timeout]);
    if (read === late) return stop(read);
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
  return body;
}
