// One HTTP/2 connection to a peer that does what a test says, frame by frame.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { NotUnderstood, speakHttp2 } from '../../src/dns/transport/http2-connection.ts';
import {
  createFrameReader,
  type Frame,
  frameFlag as flag,
  settingName,
  settingsPayload,
  frameType as type,
  uint32,
  writeFrame,
} from '../../src/dns/transport/http2-frames.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const request = Buffer.from([0x83, 0x87]);
const status200 = Buffer.from([0x88]);
const never = new AbortController().signal;

/** A connection with its settings exchanged, and the peer's side of it. */
async function connected({ idle = 60_000, ping = 60_000 } = {}) {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    socket.destroy();
    peer.destroy();
    server.close();
  });
  let lost = 0;
  const connection = speakHttp2(socket, () => lost++, { idle, ping });

  const frames: Frame[] = [];
  const heard = new Set<() => void>();
  const read = createFrameReader();
  let greeted = false;
  peer.on('data', (piece: Buffer) => {
    if (!greeted) expect(piece.toString('latin1', 0, preface.length)).toBe(preface);
    frames.push(...read(greeted ? piece : piece.subarray(preface.length))!);
    greeted = true;
    for (const listener of heard) listener();
  });
  peer.on('error', () => {});

  /** The first frame of a type, for a stream if one is given, which is taken off; waits until there is one. */
  const next = async (kind: number, id?: number): Promise<Frame> => {
    for (;;) {
      const index = frames.findIndex((frame) => frame.type === kind && (id === undefined || frame.id === id));
      if (index >= 0) return frames.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => {
        heard.add(resolve);
      });
    }
  };
  const send = (kind: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)) =>
    peer.write(writeFrame(kind, flags, id, payload));
  const answer = (id: number, text: string) => {
    send(type.headers, flag.endHeaders, id, status200);
    send(type.data, flag.endStream, id, Buffer.from(text));
  };
  const ask = (body = 'question', signal = never, limit = 1000) =>
    connection.exchange(request, Buffer.from(body), limit, signal);

  send(type.settings, 0, 0);
  await next(type.settings);
  return { socket, peer, next, send, answer, ask, frames, lost: () => lost };
}

const bodyOf = async (reply: Promise<{ body: Uint8Array | null }>) =>
  Buffer.from((await reply).body!).toString();

test('a request is one HEADERS and one DATA, and answers come in any order', async () => {
  const { ask, next, answer } = await connected();
  const [first, second] = [ask('one'), ask('two')];
  expect((await next(type.headers, 1)).payload).toEqual(request);
  expect(await next(type.data, 3)).toMatchObject({ flags: flag.endStream, payload: Buffer.from('two') });
  answer(3, 'second');
  answer(1, 'first');
  expect(await bodyOf(first)).toBe('first');
  expect(await bodyOf(second)).toBe('second');
});

test('blocks in parts, padding, priority, trailers and interim answers are understood', async () => {
  const { ask, send } = await connected();
  const reply = ask();
  send(type.headers, flag.endHeaders, 1, Buffer.from([0x48, 0x03, 0x31, 0x30, 0x33]));
  send(type.headers, flag.padded | flag.priority, 1, Buffer.from([2, 0, 0, 0, 0, 0, 0x88, 0, 0]));
  send(type.continuation, 0, 1, Buffer.from([0x0f, 0x06, 0x02]));
  send(type.continuation, flag.endHeaders, 1, Buffer.from('37'));
  send(type.data, flag.padded, 1, Buffer.from('\x03ans\0\0\0', 'latin1'));
  send(type.data, 0, 1, Buffer.from('wer'));
  send(type.headers, flag.endHeaders | flag.endStream, 1, Buffer.from('\0\x01a\x01b', 'latin1'));
  expect(await reply).toMatchObject({ status: 200, age: '37', contentType: null });
  expect(await bodyOf(reply)).toBe('answer');
});

test('no more streams are open than the peer allows', async () => {
  const { ask, next, send, answer, frames } = await connected();
  send(type.settings, 0, 0, settingsPayload([[settingName.maxStreams, 1]]));
  await next(type.settings);
  await next(type.settings);
  const [first, second] = [ask(), ask()];
  await next(type.data, 1);
  expect(frames.filter(({ id }) => id === 3)).toEqual([]);
  answer(1, 'first');
  await first;
  await next(type.data, 3);
  answer(3, 'second');
  expect(await bodyOf(second)).toBe('second');
});

test('no more is sent than the peer has room for', async () => {
  const { ask, next, send, frames } = await connected();
  for (let each = 0; each < 5; each++) void ask('x'.repeat(16_000)).catch(() => {});
  await next(type.data, 7);
  send(type.ping, 0, 0, Buffer.alloc(8));
  await next(type.ping);
  expect(frames.filter(({ id }) => id === 9)).toEqual([]);
  send(type.window, 0, 0, uint32(16_000));
  expect((await next(type.data, 9)).payload.length).toBe(16_000);
});

test('the peer is given new room before it has used up what it had', async () => {
  const { next, send } = await connected();
  expect((await next(type.window, 0)).payload.readUInt32BE()).toBe(2 ** 24 - 65_535);
  // Also for what comes after a stream was given up.
  for (let sent = 0; sent <= 2 ** 23; sent += 16_384) send(type.data, 0, 1, Buffer.alloc(16_384));
  expect((await next(type.window, 0)).payload.readUInt32BE()).toBeGreaterThan(2 ** 23);
});

test('an answer that is too large is given up, and the connection goes on', async () => {
  const { ask, next, answer } = await connected();
  const tooLarge = ask('one', never, 3);
  answer(1, 'four');
  expect(await tooLarge).toMatchObject({ status: 200, body: null });
  expect((await next(type.reset, 1)).payload).toEqual(uint32(8));
  const other = ask('two');
  answer(3, 'fine');
  expect(await bodyOf(other)).toBe('fine');
});

test('a question that is given up is cancelled; a peer that then shows no sign of life is left', async () => {
  const { ask, next, lost, socket } = await connected({ ping: 20 });
  const controller = new AbortController();
  const [given, waits] = [ask('one', controller.signal), ask('two')];
  await next(type.data, 3);
  controller.abort(new Error('no longer'));
  await expect(given).rejects.toThrow('no longer');
  await next(type.reset, 1);
  await next(type.ping);
  await expect(waits).rejects.toThrow('lost');
  expect(lost()).toBe(1);
  expect(socket.destroyed).toBe(true);
});

test('a peer that answers the ping is not left', async () => {
  const { ask, next, send, answer, lost } = await connected({ ping: 10_000 });
  const controller = new AbortController();
  const given = ask('one', controller.signal);
  await next(type.data, 1);
  controller.abort();
  await expect(given).rejects.toThrow();
  send(type.ping, flag.ack, 0, (await next(type.ping)).payload);
  const other = ask('two');
  answer(3, 'here');
  expect(await bodyOf(other)).toBe('here');
  expect(lost()).toBe(0);
});

test('a stream that the peer resets is a failure of its own', async () => {
  const { ask, send, answer, lost } = await connected();
  const [first, second] = [ask(), ask()];
  send(type.reset, 0, 1, uint32(2));
  answer(3, 'second');
  await expect(first).rejects.toThrow('reset');
  expect(await bodyOf(second)).toBe('second');
  expect(lost()).toBe(0);
});

test('a peer that goes away answers what it has taken, and is asked nothing else', async () => {
  const { ask, next, send, answer, lost, socket } = await connected();
  const [first, second] = [ask(), ask()];
  await next(type.data, 3);
  send(type.goAway, 0, 0, Buffer.concat([uint32(1), uint32(0)]));
  await expect(second).rejects.toThrow('goes away');
  expect(lost()).toBe(1);
  await expect(ask()).rejects.toThrow('lost');
  answer(1, 'first');
  expect(await bodyOf(first)).toBe('first');
  await once(socket, 'close');
  expect(lost()).toBe(1);
});

test('a connection that nobody uses ends', async () => {
  const { socket, lost } = await connected({ idle: 20 });
  await once(socket, 'close');
  expect(lost()).toBe(1);
});

test.each([
  ['a header block that is broken', type.headers, flag.endHeaders, 1, [0x80]],
  ['padding longer than the frame', type.data, flag.padded, 1, [5, 0]],
  ['the end of no header block', type.continuation, flag.endHeaders, 1, [0x88]],
  ['a push', type.push, flag.endHeaders, 1, [0, 0, 0, 2, 0x88]],
  ['settings that are cut off', type.settings, 0, 0, [0, 3, 0]],
  ['a short GOAWAY', type.goAway, 0, 0, [0]],
  ['a window update of a wrong length', type.window, 0, 0, [1]],
  ['a frame that is too large', type.data, 0, 1, Array<number>(20_000).fill(0)],
])('%s ends the connection', async (_, kind, flags, id, payload) => {
  const { ask, next, send, lost } = await connected();
  const reply = ask();
  await next(type.data, 1);
  send(kind, flags, id, Buffer.from(payload));
  await expect(reply).rejects.toThrow(NotUnderstood);
  expect(lost()).toBe(1);
});

test('a header block that something else comes between ends the connection, as one without an end does', async () => {
  for (const between of [type.data, type.continuation]) {
    const { ask, next, send } = await connected();
    const reply = ask();
    await next(type.data, 1);
    send(type.headers, 0, 1, status200);
    for (let part = 0; part < 6; part++) send(between, 0, 1, Buffer.alloc(16_384));
    await expect(reply).rejects.toThrow(NotUnderstood);
  }
});

test('an answer without a status is a failure', async () => {
  const { ask, send } = await connected();
  const reply = ask();
  send(type.data, flag.endStream, 1, Buffer.from('x'));
  await expect(reply).rejects.toThrow('status');
});
