// Header blocks, against those of nghttp2 in node:http2, and broken ones.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createHeaderReader, encodeRequest } from '../../src/dns/transport/hpack.ts';
import {
  createFrameReader,
  frameFlag,
  frameType,
  settingsPayload,
  writeFrame,
} from '../../src/dns/transport/http2-frames.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** What nghttp2 sends for each of `responses` on one connection, and what it read in our requests. */
async function exchange(responses: readonly OutgoingHttpHeaders[]) {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer().on('stream', (stream, headers) => {
    asked.push(headers);
    stream.respond(responses[asked.length - 1], { endStream: true });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  const blocks: Buffer[] = [];
  const read = createFrameReader();
  const request = encodeRequest('POST', 'localhost:8443', `/dns-query?${'x'.repeat(300)}`, {
    accept: 'application/dns-message',
    'content-length': '0',
  });
  const ask = (id: number) =>
    socket.write(writeFrame(frameType.headers, frameFlag.endHeaders | frameFlag.endStream, id, request));
  socket.write(Buffer.concat([preface, writeFrame(frameType.settings, 0, 0, settingsPayload([]))]));
  let sent = 1;
  ask(1);
  for await (const piece of socket) {
    for (const { type, payload } of read(piece)!) if (type === frameType.headers) blocks.push(payload);
    if (blocks.length === responses.length) break;
    if (sent > blocks.length) continue;
    ask(1 + 2 * sent);
    sent++;
  }
  return { blocks, asked };
}

/** Every character that node:http2 lets into a value. */
const characters = Array.from({ length: 0x100 - 0x20 }, (_, index) =>
  String.fromCharCode(index + 0x20),
).filter((character) => character !== '\x7f');

test('what nghttp2 sends is read: codes of every length, its table, and entries that fall out of it', async () => {
  const responses = Array.from({ length: 60 }, (_, index) => ({
    ':status': [200, 206, 404, 418, 503][index % 5]!,
    'content-type': 'application/dns-message',
    age: String(index % 7),
    'x-all': `${characters.slice((index * 5) % 100, 150).join('')}.`,
    [`x-name-${index % 9}`]: 'y'.repeat(index * 10),
  }));
  const { blocks } = await exchange(responses);
  const read = createHeaderReader();
  for (const [index, block] of blocks.entries()) {
    const headers = read(block)!;
    for (const [name, value] of Object.entries(responses[index]!))
      expect(headers.get(name), `${index} ${name}`).toBe(String(value));
  }
});

test('nghttp2 reads what is written', async () => {
  const { asked } = await exchange([{ ':status': 200 }]);
  expect(asked[0]).toMatchObject({
    ':method': 'POST',
    ':scheme': 'https',
    ':authority': 'localhost:8443',
    ':path': `/dns-query?${'x'.repeat(300)}`,
    accept: 'application/dns-message',
    'content-length': '0',
  });
});

test.each([
  ['the index 0', [0x80]],
  ['an index beyond the table', [0xbe]],
  ['a name beyond the table', [0x7f, 0x00, 0x01, 0x61]],
  ['a name that is cut off', [0x40, 0x05, 0x61]],
  ['a value that is missing', [0x48]],
  ['an integer without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['a table larger than was agreed', [0x3f, 0xe2, 0x1f]],
  ['padding of a whole octet', [0x48, 0x82, 0x07, 0xff]],
  ['padding of zeros', [0x48, 0x81, 0x00]],
  ['the end of the string within it', [0x48, 0x84, 0xff, 0xff, 0xff, 0xff]],
])('%s cannot be read, nor what follows', (_, octets) => {
  const read = createHeaderReader();
  expect(read(Buffer.from(octets))).toBeNull();
  expect(read(Buffer.from([0x88]))).toBeNull();
});

test('a status of the static table', () => {
  expect(createHeaderReader()(Buffer.from([0x88]))).toEqual(new Map([[':status', '200']]));
});

test('any octets are headers or null', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
      const read = createHeaderReader();
      for (const block of blocks) {
        const headers = read(Buffer.from(block));
        expect(headers === null || headers instanceof Map).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
