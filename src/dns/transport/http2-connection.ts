// One HTTP/2 connection (RFC 9113) for many small exchanges at once: a request of one HEADERS and at most one DATA frame,
// and an answer that is read as a whole. node:http2 makes two streams of Node's and a dozen events of each exchange, which
// costs ten times what all of this does, and more than all the rest of a look-up.

import type { Socket } from 'node:net';
import { createHeaderReader } from './hpack.ts';
import {
  contentOf,
  createFrameReader,
  type Frame,
  frameFlag,
  frameType,
  maxStreamId,
  readSettings,
  settingName,
  settingsPayload,
  uint32,
  writeFrame,
} from './http2-frames.ts';

/** The peer's HTTP/2 is not what RFC 9113 and RFC 7541 say, or not what we take them to say. */
export class NotUnderstood extends Error {}

export interface Http2Reply {
  readonly status: number;
  readonly contentType: string | null;
  readonly age: string | null;
  /** null where it was larger than the limit. */
  readonly body: Uint8Array | null;
}

export interface Http2Connection {
  /**
   * Sends a request: a header block of `encodeRequest`, and a body or null, each of at most 16 KiB.
   * Rejects when the connection is lost, the peer resets the stream, or `signal` aborts; with a `NotUnderstood` where it
   * was the peer's words that were lost on us.
   */
  exchange(block: Buffer, body: Uint8Array | null, limit: number, signal: AbortSignal): Promise<Http2Reply>;
}

export interface Http2Timeouts {
  /** Milliseconds without anything sent or received after which the connection is closed. */
  readonly idle: number;
  /** Milliseconds in which the peer must show that it is there once an exchange was given up. */
  readonly ping: number;
}

interface Exchange {
  /** Of its stream; 0 before it has one. */
  id: number;
  readonly block: Buffer;
  readonly body: Uint8Array | null;
  readonly limit: number;
  readonly chunks: Uint8Array[];
  length: number;
  status: number;
  contentType: string | null;
  age: string | null;
  readonly resolve: (reply: Http2Reply) => void;
  readonly reject: (reason: unknown) => void;
}

/** A block that goes on in CONTINUATION frames; far more than any resolver sends. */
const maxBlock = 65_536;
/** Error code CANCEL. */
const cancelled = uint32(8);
const nothing = Buffer.alloc(0);

/** What a sender may send before it hears more, by default. */
const defaultWindow = 65_535;
/** What the peer may send of all answers together before it hears more. */
const roomForAnswers = 2 ** 24;
/** What the peer may send of one answer: more than anybody's limit, so that one that is too large is noticed. */
const roomForAnswer = 2 ** 18;

const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  writeFrame(
    frameType.settings,
    0,
    0,
    settingsPayload([
      [settingName.push, 0],
      [settingName.window, roomForAnswer],
    ]),
  ),
  writeFrame(frameType.window, 0, 0, uint32(roomForAnswers - defaultWindow)),
]);

/** Speaks HTTP/2 on `socket`, which agreed to. `onLost` is called when the connection takes no further exchanges. */
export function speakHttp2(socket: Socket, onLost: () => void, timeouts: Http2Timeouts): Http2Connection {
  const open = new Map<number, Exchange>();
  const waiting = new Set<Exchange>();
  let nextId = 1;
  let retired = false;
  /** What the peer allows. */
  const allowed = { streams: 100, ofStream: defaultWindow, ofAll: defaultWindow };
  let received = 0;
  let unsent: Buffer[] = [];
  let pinging: NodeJS.Timeout | undefined;
  let failure: Error | null = null;
  let unfinished: { readonly id: number; readonly flags: number; readonly block: Buffer } | null = null;

  const write = (octets: Buffer) => {
    // What is asked in one turn of the event loop goes out in one piece.
    if (unsent.push(octets) === 1) setImmediate(flush);
  };
  const flush = () => {
    const whole = unsent.length === 1 ? unsent[0]! : Buffer.concat(unsent);
    unsent = [];
    if (socket.writable) socket.write(whole);
  };

  /** What is open may end, and nothing else begins. */
  const retire = () => {
    if (retired) return;
    retired = true;
    onLost();
    for (const exchange of waiting) exchange.reject(failure ?? lost());
    waiting.clear();
    if (open.size === 0) socket.destroySoon();
  };
  const fail = (reason: string) => {
    failure = new NotUnderstood(`HTTP/2: ${reason}`);
    socket.destroy(failure);
  };

  const mayStart = ({ body }: Exchange): boolean =>
    open.size < allowed.streams &&
    (body === null || body.length <= Math.min(allowed.ofStream, allowed.ofAll));

  const start = (exchange: Exchange) => {
    const { block, body } = exchange;
    exchange.id = nextId;
    nextId += 2;
    open.set(exchange.id, exchange);
    const flags = frameFlag.endHeaders | (body === null ? frameFlag.endStream : 0);
    write(writeFrame(frameType.headers, flags, exchange.id, block));
    if (body !== null) {
      allowed.ofAll -= body.length;
      write(writeFrame(frameType.data, frameFlag.endStream, exchange.id, body));
    }
    if (nextId > maxStreamId) retire();
  };

  const startWaiting = () => {
    for (const exchange of waiting) {
      if (retired || !mayStart(exchange)) return;
      waiting.delete(exchange);
      start(exchange);
    }
  };

  const close = (id: number) => {
    open.delete(id);
    if (retired && open.size === 0) socket.destroySoon();
    else if (waiting.size > 0) startWaiting();
  };

  const cancel = (id: number) => {
    write(writeFrame(frameType.reset, 0, id, cancelled));
    close(id);
  };

  const giveUp = (exchange: Exchange) => {
    if (waiting.delete(exchange)) return;
    cancel(exchange.id);
    checkAlive();
  };

  /** A peer that went away without a word looks like a slow one, for ever. */
  const checkAlive = () => {
    if (pinging !== undefined) return;
    pinging = setTimeout(() => socket.destroy(), timeouts.ping);
    pinging.unref();
    write(writeFrame(frameType.ping, 0, 0, Buffer.alloc(8)));
  };

  const finish = (exchange: Exchange) => {
    const { id, status, contentType, age, chunks } = exchange;
    close(id);
    if (status === 0) exchange.reject(new NotUnderstood('HTTP/2: an answer without a status'));
    else exchange.resolve({ status, contentType, age, body: joined(chunks) });
  };

  const readHeaders = createHeaderReader();
  const onHeaders = (id: number, flags: number, block: Buffer) => {
    const headers = readHeaders(block);
    if (headers === null) return fail('a header block that cannot be read');
    const exchange = open.get(id);
    if (exchange === undefined) return;
    // Trailers have no status.
    if (headers.has(':status')) {
      exchange.status = Number(headers.get(':status'));
      exchange.contentType = headers.get('content-type') ?? null;
      exchange.age = headers.get('age') ?? null;
    }
    if (flags & frameFlag.endStream) finish(exchange);
  };

  const onData = ({ id, flags, payload }: Frame, data: Buffer) => {
    received += payload.length;
    if (received > roomForAnswers / 2) {
      write(writeFrame(frameType.window, 0, 0, uint32(received)));
      received = 0;
    }
    const exchange = open.get(id);
    if (exchange === undefined) return;
    exchange.length += data.length;
    if (exchange.length > exchange.limit) {
      const { status, contentType, age } = exchange;
      cancel(id);
      return exchange.resolve({ status, contentType, age, body: null });
    }
    if (data.length > 0) exchange.chunks.push(data);
    if (flags & frameFlag.endStream) finish(exchange);
  };

  const onBlock = ({ id, flags }: Frame, block: Buffer) => {
    if (flags & frameFlag.endHeaders) onHeaders(id, flags, block);
    else unfinished = { id, flags, block };
  };

  const onContinuation = ({ id, flags, payload }: Frame) => {
    if (unfinished === null || unfinished.id !== id) return fail('the end of no header block');
    const block = Buffer.concat([unfinished.block, payload]);
    if (block.length > maxBlock) return fail('a header block that is too long');
    if (flags & frameFlag.endHeaders) {
      const { flags: flagsOfStart } = unfinished;
      unfinished = null;
      onHeaders(id, flagsOfStart, block);
    } else unfinished = { ...unfinished, block };
  };

  const onSettings = (payload: Buffer) => {
    const settings = readSettings(payload);
    if (settings === null) return fail('settings of a wrong length');
    for (const [name, value] of settings) {
      if (name === settingName.maxStreams) allowed.streams = value;
      else if (name === settingName.window) allowed.ofStream = value;
    }
    write(writeFrame(frameType.settings, frameFlag.ack, 0, nothing));
    startWaiting();
  };

  const onGoAway = (lastId: number) => {
    for (const [id, exchange] of open)
      if (id > lastId) {
        open.delete(id);
        exchange.reject(new Error('HTTP/2: the peer goes away'));
      }
    retire();
  };

  const onPong = () => {
    clearTimeout(pinging);
    pinging = undefined;
  };

  const onFrame = (frame: Frame) => {
    const { type, flags, id, payload } = frame;
    // Section 4.3: nothing may come between the parts of a block.
    if (unfinished !== null && type !== frameType.continuation)
      return fail('a header block that does not go on');
    const isAck = (flags & frameFlag.ack) !== 0;
    switch (type) {
      case frameType.data:
      case frameType.headers: {
        const content = contentOf(frame);
        if (content === null) return fail('wrong padding');
        return type === frameType.data ? onData(frame, content) : onBlock(frame, content);
      }
      case frameType.continuation:
        return onContinuation(frame);
      case frameType.reset: {
        const exchange = open.get(id);
        close(id);
        return exchange?.reject(new Error('HTTP/2: the peer reset the stream'));
      }
      case frameType.settings:
        return isAck ? undefined : onSettings(payload);
      case frameType.ping:
        return isAck ? onPong() : write(writeFrame(frameType.ping, frameFlag.ack, 0, payload));
      case frameType.goAway:
        return payload.length < 8 ? fail('a short GOAWAY') : onGoAway(payload.readUInt32BE(0) & maxStreamId);
      case frameType.window: {
        if (payload.length !== 4) return fail('a window update of a wrong length');
        if (id === 0) allowed.ofAll += payload.readUInt32BE(0) & maxStreamId;
        return startWaiting();
      }
      case frameType.push:
        return fail('a push that was forbidden');
      // Section 4.1: unknown types are ignored, as are priorities.
    }
  };

  const read = createFrameReader();
  socket.on('data', (piece: Buffer) => {
    const frames = read(piece);
    if (frames === null) return fail('a frame that is too large');
    for (const frame of frames) {
      if (socket.destroyed) return;
      onFrame(frame);
    }
  });
  socket.on('close', () => {
    clearTimeout(pinging);
    retire();
    for (const exchange of open.values()) exchange.reject(failure ?? lost());
    open.clear();
  });
  // Each exchange hears of the failure itself.
  socket.on('error', () => {});
  socket.setNoDelay();
  socket.setTimeout(timeouts.idle, retire);
  write(preface);

  return {
    exchange: (block, body, limit, signal) =>
      new Promise((resolve, reject) => {
        if (retired) return reject(lost());
        const abort = () => {
          giveUp(exchange);
          reject(signal.reason);
        };
        const settled = (): void => signal.removeEventListener('abort', abort);
        const exchange: Exchange = {
          id: 0,
          block,
          body,
          limit,
          chunks: [],
          length: 0,
          status: 0,
          contentType: null,
          age: null,
          resolve: (reply) => {
            settled();
            resolve(reply);
          },
          reject: (reason) => {
            settled();
            reject(reason);
          },
        };
        signal.addEventListener('abort', abort);
        if (waiting.size === 0 && mayStart(exchange)) start(exchange);
        else waiting.add(exchange);
      }),
  };
}

const lost = (): Error => new Error('HTTP/2: the connection is lost');

const joined = (chunks: readonly Uint8Array[]): Uint8Array =>
  chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
