// Reads request bodies. Limits the size of each body, the time that it may take to arrive, and the memory for all bodies.

import type { Context } from 'hono';
import type { StartTimeout } from '../../clock.ts';
import { bodyTooSlow, notUtf8, overloaded, problem, requestAborted, tooLarge } from '../problem.ts';
import type { UploadPace } from './upload-pace.ts';

/** A limited quantity that requests share, such as the bytes of bodies in memory. */
export interface Capacity {
  /**
   * Takes `amount` units for `holder` (such as one client) and returns true. Takes nothing and returns false if fewer units are
   * left in total, or if `holder` would exceed its share.
   */
  take(amount: number, holder?: string): boolean;
  /** Gives back `amount` units that `holder` took. */
  give(amount: number, holder?: string): void;
}

/** Limits that apply to all requests of the process together. A capacity of null means no limit. */
export interface ServerLimits {
  /** Limits the bytes of request bodies that are in memory at the same time, except bodies of webhooks. */
  readonly bodyBytes: Capacity | null;
  /**
   * Limits the bytes of webhook bodies that are in memory at the same time. This limit is separate, because the sender of a
   * webhook is not authenticated before its body is read. Each client network is a holder.
   */
  readonly hookBytes: Capacity | null;
  /** Limits the number of addresses in batches that are being processed or whose response has not been sent yet. */
  readonly batchRows: Capacity | null;
  /**
   * Calls `release`, which gives back units of `batchRows`, when the response has been sent or cannot be sent. If `whenSent` is
   * absent, the units are given back when the handler has ended.
   */
  readonly whenSent?: (c: BodyContext, release: () => void) => void;
  /**
   * Starts the timeout within which the whole body of a request must arrive. It does not apply to streamed bodies: uploaded
   * lists and imports of suppressions.
   */
  readonly startTimeout: StartTimeout;
  /** The slowest pace of streamed bodies. Absent or null: they may arrive as slowly as the client likes. */
  readonly uploadPace?: UploadPace | null;
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
  /** Functions that give back capacity. `everyRequest` calls all of them when the request has ended. */
  releases: (() => void)[];
}

/** The context of any route that sets `BodyVariables`. */
// biome-ignore lint/suspicious/noExplicitAny: Hono's Context is invariant in its environment.
type BodyContext = Context<any>;

/** Reserves `amount` units of `capacity` until the request ends. Returns null, or a 503 response if fewer units are left. */
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
 * Reserves `rows` units of `batchRows`, one for each address of a batch, until the response has been sent. Returns null, or a
 * 503 response if fewer units are left.
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
 * A body of at most this many bytes is read without reserving memory, if it has a Content-Length. So small requests are served
 * even under load. The maximum number of connections limits how much memory all small bodies can take.
 */
const uncountedBytes = 16 * 1024;

/** Reserves `amount` bytes of memory for a body. Returns null, or the error response if fewer bytes are left. */
type ReserveBytes = (c: BodyContext, amount: number) => Response | null;

/**
 * A body, or the error response to send. `isSendersFault`: whether the body arrived too slowly or the connection closed early.
 */
export type ReadBody<T> = { readonly ok: true; readonly body: T } | Refusal;

interface Refusal {
  readonly ok: false;
  readonly response: Response;
  readonly isSendersFault: boolean;
}

const reserveBodyBytes: ReserveBytes = (c, amount) =>
  reserve(c, (c.get('limits') as ServerLimits).bodyBytes, amount);

/** Reads a request body of at most `maxBytes` bytes. Resolves to the body or to the error response (see `readBodyBytes`). */
export async function readBody(
  c: BodyContext,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const read = await readBodyBytes(c, maxBytes, reserveBodyBytes);
  return read.ok ? read.body : read.response;
}

/** How a body is read, and what the caller gets. Each kind of reading is one constant object, so requests do not allocate it. */
interface Reading<Sized, Outcome> {
  /** Reads a body that has a Content-Length. */
  readonly readSized: (c: BodyContext) => Promise<Sized>;
  /** `length` is the length in bytes. */
  readonly ofSized: (c: BodyContext, body: Sized, length: number) => Outcome;
  readonly ofBytes: (c: BodyContext, bytes: Uint8Array<ArrayBuffer>) => Outcome;
  readonly refused: (refusal: Refusal) => Outcome;
}

const asBytes: Reading<ArrayBuffer, ReadBody<Uint8Array<ArrayBuffer>>> = {
  readSized: (c) => c.req.arrayBuffer(),
  ofSized: (_, buffer) => ({ ok: true, body: new Uint8Array(buffer) }),
  ofBytes: (_, body) => ({ ok: true, body }),
  refused: (refusal) => refusal,
};

const asText: Reading<string, string | Response> = {
  readSized: (c) => c.req.text(),
  ofSized: (c, text, length) => (isWhole(text, length) ? text : problem(c, notUtf8)),
  ofBytes: (c, bytes) => utf8Text(bytes) ?? problem(c, notUtf8),
  refused: ({ response }) => response,
};

/**
 * Reads the body of the request, or returns the error response: 413 for more than `maxBytes` bytes, 408 if the body takes too
 * long, 503 if the bodies in memory leave no room for it, 400 if the connection closes early. Memory for a body with a
 * Content-Length above `uncountedBytes` is reserved before a byte is read; without a Content-Length, for each chunk as it
 * arrives. After 408, 413 and 503 the rest of the body is not read, so the connection is closed (RFC 9110 section 15.5.14).
 */
export const readBodyBytes = async (
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
): Promise<ReadBody<Uint8Array<ArrayBuffer>>> => readWith(c, maxBytes, reserveBytes, asBytes);

/** Reads a body as text. Resolves to the text or to an error response: 400 for invalid UTF-8, else the same as `readBody`. */
export const readText = (c: BodyContext, maxBytes: number): string | Response | Promise<string | Response> =>
  readWith(c, maxBytes, reserveBodyBytes, asText);

/**
 * Whether the body was valid UTF-8. `text` is the decoded body, and `bytes` is the length of the body. The decoder replaces
 * invalid bytes with U+FFFD, which has three bytes in UTF-8. So if `text` has another length in UTF-8 than the body, the body
 * was invalid. If it has the same length, the body itself contained U+FFFD. A length that is three bytes shorter is valid, too:
 * the decoder removes a byte order mark. One error is not detected: a four-byte sequence without its last byte has three bytes,
 * like the U+FFFD that replaces it.
 */
function isWhole(text: string, bytes: number): boolean {
  if (!text.includes('\ufffd')) return true;
  const kept = new TextEncoder().encode(text).length;
  return kept === bytes || kept + 3 === bytes;
}

/** Decodes a JSON body, which must be UTF-8 (RFC 8259 section 8.1). Returns null if it is not valid UTF-8. */
function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function readWith<Sized, Outcome>(
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
  reading: Reading<Sized, Outcome>,
): Outcome | Promise<Outcome> {
  const header = c.req.header('content-length');
  if (header === undefined || c.req.header('transfer-encoding') !== undefined)
    return readChunks(c, maxBytes, reserveBytes, reading);
  const length = Number(header);
  if (length > maxBytes) return reading.refused(refused(problem(c, tooLarge(maxBytes))));
  const refusal = length > uncountedBytes ? reserveBytes(c, length) : null;
  if (refusal !== null) return reading.refused(refused(refusal));
  // On Node, reading a body at once takes a tenth of the time of reading its stream.
  return new Promise((resolve) => {
    const stop = startTimeoutOf(c)(() => resolve(reading.refused(tooSlow(c))));
    reading.readSized(c).then(
      (body) => {
        stop();
        resolve(reading.ofSized(c, body, length));
      },
      () => {
        stop();
        resolve(reading.refused(aborted(c)));
      },
    );
  });
}

async function readChunks<Outcome>(
  c: BodyContext,
  maxBytes: number,
  reserveBytes: ReserveBytes,
  reading: Pick<Reading<unknown, Outcome>, 'ofBytes' | 'refused'>,
): Promise<Outcome> {
  let stop: () => unknown = () => {};
  try {
    const timeout = new Promise<typeof late>((resolve) => {
      stop = startTimeoutOf(c)(() => resolve(late));
    });
    const read = await readStream(c, maxBytes, timeout, reserveBytes);
    if (read === late) return reading.refused(tooSlow(c));
    return read instanceof Response ? reading.refused(refused(read)) : reading.ofBytes(c, read);
  } catch {
    return reading.refused(aborted(c));
  } finally {
    stop();
  }
}

const startTimeoutOf = (c: BodyContext): StartTimeout => (c.get('limits') as ServerLimits).startTimeout;

const tooSlow = (c: BodyContext) => refused(problem(c, bodyTooSlow), true);

const aborted = (c: BodyContext): Refusal => ({
  ok: false,
  response: problem(c, requestAborted),
  isSendersFault: true,
});

function refused(response: Response, isSendersFault = false): Refusal {
  response.headers.set('connection', 'close');
  return { ok: false, response, isSendersFault };
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
    const refusal = reserveBytes(c, read.value.length);
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
