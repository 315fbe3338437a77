// Questions that share one TCP connection: whose an answer is, and what a lost connection means.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createTcpPipeline, type TcpPipeline } from '../../src/dns/transport/tcp-pipeline.ts';

/** A server whose answers the test writes. */
async function startServer() {
  const sockets: Socket[] = [];
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (chunk) => {
      received.push(chunk);
      server.emit('received');
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const heard = async (octets: number): Promise<void> => {
    while (Buffer.concat(received).length < octets) await once(server, 'received');
  };
  return {
    sockets,
    received: () => Buffer.concat(received),
    heard,
    pipeline: createTcpPipeline({ address: '127.0.0.1', port }),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function start() {
  const server = await startServer();
  stops.push(server.stop);
  return server;
}

/** A message of an id and a text. */
const message = (id: number, text: string): Uint8Array =>
  Uint8Array.from([id >> 8, id & 255, ...new TextEncoder().encode(text)]);

/** As on the wire: with its length before it. */
const framed = (id: number, text: string): Buffer => {
  const body = message(id, text);
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 255]), body]);
};

const ask = (
  pipeline: TcpPipeline,
  id: number,
  signal = new AbortController().signal,
  isAnswer: (answer: Uint8Array) => boolean = () => true,
): Promise<string> =>
  pipeline
    .ask(message(id, 'question'), isAnswer, signal)
    .then((answer) => new TextDecoder().decode(answer.subarray(2)));

const octets = framed(1, 'question').length;

describe('an answer', () => {
  test('belongs to the question with its id, in whatever order and chunks it comes', async () => {
    const { pipeline, heard, sockets, received } = await start();
    const both = Promise.all([ask(pipeline, 0x0102), ask(pipeline, 0x0201)]);
    await heard(2 * octets);
    expect(received()).toEqual(Buffer.concat([framed(0x0102, 'question'), framed(0x0201, 'question')]));
    const answers = Buffer.concat([
      framed(0x0201, 'second'),
      framed(0x0909, 'nobody'),
      framed(0x0102, 'first'),
    ]);
    for (const octet of answers) sockets[0]!.write(Buffer.from([octet]));
    expect(await both).toEqual(['first', 'second']);
    expect(sockets).toHaveLength(1);
  });

  test('of two questions with one id belongs to the one that it answers', async () => {
    const { pipeline, heard, sockets } = await start();
    const isText = (text: string) => (answer: Uint8Array) =>
      new TextDecoder().decode(answer.subarray(2)) === text;
    const both = Promise.all([
      ask(pipeline, 7, undefined, isText('a')),
      ask(pipeline, 7, undefined, isText('b')),
    ]);
    await heard(2 * octets);
    sockets[0]!.write(Buffer.concat([framed(7, 'b'), framed(7, 'a')]));
    expect(await both).toEqual(['a', 'b']);
  });

  test('that answers no question with its id goes to the first of them', async () => {
    const { pipeline, heard, sockets } = await start();
    const one = ask(pipeline, 7, undefined, () => false);
    await heard(octets);
    sockets[0]!.write(framed(7, 'something else'));
    expect(await one).toBe('something else');
  });
});

describe('giving up', () => {
  test('on one of two questions leaves the connection to the other', async () => {
    const { pipeline, heard, sockets } = await start();
    const abort = new AbortController();
    const [given, kept] = [ask(pipeline, 1, abort.signal), ask(pipeline, 2)];
    await heard(2 * octets);
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    sockets[0]!.write(framed(2, 'late'));
    expect(await kept).toBe('late');
  });

  test('on the only question closes the connection, and the next one opens another', async () => {
    const { pipeline, heard, sockets } = await start();
    const abort = new AbortController();
    const given = ask(pipeline, 1, abort.signal);
    await heard(octets);
    const closed = once(sockets[0]!, 'close');
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await closed;
    const next = ask(pipeline, 2);
    await heard(2 * octets);
    sockets[1]!.write(framed(2, 'answer'));
    expect(await next).toBe('answer');
  });

  test('before asking asks nothing', async () => {
    const { pipeline, sockets } = await start();
    await expect(ask(pipeline, 1, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(sockets).toEqual([]);
  });
});

describe('a connection that is closed', () => {
  test('before it ever answered fails its questions', async () => {
    const { pipeline, heard, sockets } = await start();
    const one = ask(pipeline, 1);
    await heard(octets);
    sockets[0]!.destroy();
    await expect(one).rejects.toThrow();
    expect(sockets).toHaveLength(1);
  });

  test('after answers has its questions asked once more on another', async () => {
    const { pipeline, heard, sockets } = await start();
    const first = ask(pipeline, 1);
    await heard(octets);
    sockets[0]!.write(framed(1, 'one'));
    expect(await first).toBe('one');

    const second = ask(pipeline, 2);
    await heard(2 * octets);
    sockets[0]!.destroy();
    await heard(3 * octets);
    sockets[1]!.write(framed(2, 'two'));
    expect(await second).toBe('two');

    const third = ask(pipeline, 3);
    await heard(4 * octets);
    sockets[1]!.destroy();
    await heard(5 * octets);
    sockets[2]!.destroy();
    await expect(third).rejects.toThrow();
    expect(sockets).toHaveLength(3);
  });
});
