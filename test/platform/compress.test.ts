// Compressed responses: what is compressed and what is not, and that it arrives as it was.

import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedEncoding, compressing } from '../../src/platform/compress.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

const text = 'name,email\r\n'.repeat(500);
const adminKey = 'an-admin-key-for-tests';

interface Given {
  readonly path?: string;
  readonly method?: string;
  readonly request?: Record<string, string>;
  readonly response?: Record<string, string>;
  readonly body?: string | ReadableStream<Uint8Array> | null;
  readonly status?: number;
}

/** The response to a request with a bearer token, of a handler that always says the same. */
async function answer({
  path = '/v1/jobs',
  method = 'GET',
  request = {},
  response = {},
  body = text,
  status = 200,
}: Given) {
  const handler = compressing<object>(
    () => new Response(body, { status, headers: { 'content-type': 'text/csv; charset=utf-8', ...response } }),
  );
  const headers = { 'accept-encoding': 'gzip, br', authorization: 'Bearer key', ...request };
  return handler(new Request(`http://localhost${path}`, { method, headers }), {});
}

const encodingOf = async (given: Given) => (await answer(given)).headers.get('content-encoding');

describe('what is compressed', () => {
  test.each<[string, Given, string | null]>([
    ['a text', {}, 'br'],
    ['gzip, if only that is accepted', { request: { 'accept-encoding': 'gzip' } }, 'gzip'],
    ['a client that accepts nothing', { request: { 'accept-encoding': '' } }, null],
    ['a short text', { body: 'x'.repeat(1023) }, null],
    ['a text that is just long enough', { body: 'x'.repeat(1024) }, 'br'],
    ['no body', { body: null }, null],
    ['JSON', { response: { 'content-type': 'application/json' } }, 'br'],
    ['a problem', { status: 400, response: { 'content-type': 'application/problem+json' } }, 'br'],
    ['an event stream', { response: { 'content-type': 'text/event-stream' } }, null],
    ['NDJSON', { response: { 'content-type': 'application/x-ndjson' } }, null],
    [
      'a workbook',
      { response: { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } },
      null,
    ],
    ['what is encoded already', { response: { 'content-encoding': 'zstd' } }, 'zstd'],
    ['what must not be transformed', { response: { 'cache-control': 'no-store, no-transform' } }, null],
    ['HEAD', { method: 'HEAD', body: null }, null],
    ['a single verdict', { path: '/v1/validate', method: 'POST' }, null],
    ['a batch', { path: '/v1/validate/batch', method: 'POST' }, 'br'],
    ['a new key', { path: '/v1/keys', method: 'POST' }, null],
    ['a rotated key', { path: '/v1/keys/key_1/rotate', method: 'POST' }, null],
    ['a token', { path: '/v1/tokens/confirm', method: 'POST' }, null],
    ['a page for everyone', { path: '/docs?a=b', request: { authorization: '' } }, 'br'],
    ['the widget', { path: '/presend.js', request: { authorization: '' } }, 'br'],
    // BREACH: browsers send these by themselves.
    ['an answer to a password', { path: '/reports', request: { authorization: 'Basic eDp5' } }, null],
    ['an answer to a cookie', { request: { authorization: '', cookie: 'session=1' } }, null],
  ])('%s', async (_, given, encoding) => {
    expect(await encodingOf(given)).toBe(encoding);
  });

  test('Vary names the request header, also where nothing was compressed', async () => {
    const varyOf = async (given: Given) => (await answer(given)).headers.get('vary');
    expect(await varyOf({})).toBe('Accept-Encoding');
    expect(await varyOf({ request: { 'accept-encoding': 'identity' } })).toBe('Accept-Encoding');
    expect(await varyOf({ response: { vary: 'accept' } })).toBe('accept, Accept-Encoding');
    expect(await varyOf({ status: 304, body: null, path: '/presend.js' })).toBe('Accept-Encoding');
    expect(await varyOf({ response: { 'content-type': 'text/event-stream' } })).toBeNull();
  });

  test('the entity tag is weak for a client that accepts compression, also in a 304, and strong for others', async () => {
    const etagOf = async (given: Given) => (await answer(given)).headers.get('etag');
    expect(await etagOf({ response: { etag: '"a"' } })).toBe('W/"a"');
    expect(await etagOf({ response: { etag: 'W/"a"' } })).toBe('W/"a"');
    expect(await etagOf({ response: { etag: '"a"' }, body: null, status: 304, path: '/presend.js' })).toBe(
      'W/"a"',
    );
    expect(await etagOf({ response: { etag: '"a"' }, request: { 'accept-encoding': 'identity' } })).toBe(
      '"a"',
    );
  });
});

test.each([
  [null, null],
  ['', null],
  ['identity', null],
  ['gzip', 'gzip'],
  ['BR', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['br;q=0.5, gzip', 'gzip'],
  ['br;q=0, gzip;q=0', null],
  ['*', 'br'],
  ['*, br;q=0', 'gzip'],
  ['gzip;q=0, *;q=0.1', 'br'],
] as const)('Accept-Encoding %j is %j', (header, encoding) => {
  expect(acceptedEncoding(header)).toBe(encoding);
});

describe('what arrives', () => {
  const pieces = (count: number) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (count-- === 0) controller.close();
        else controller.enqueue(Buffer.from(`row ${count}\r\n`));
      },
    });

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('%s: a stream of many pieces', async (encoding, decompress) => {
    const response = await answer({ body: pieces(20_000), request: { 'accept-encoding': encoding } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const whole = await new Response(pieces(20_000)).text();
    expect(bytes.length).toBeLessThan(whole.length / 4);
    expect(decompress(bytes).toString()).toBe(whole);
  });

  test('a short stream is whole', async () => {
    expect(await (await answer({ body: pieces(3) })).text()).toBe('row 2\r\nrow 1\r\nrow 0\r\n');
  });

  test('a stream that fails does not end as if it were whole', async () => {
    let count = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (++count > 5) controller.error(new Error('out'));
        else controller.enqueue(Buffer.alloc(2000, count));
      },
    });
    await expect((await answer({ body })).arrayBuffer()).rejects.toThrow('out');
  });

  test('if the client goes, the source ends', async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(crypto.getRandomValues(new Uint8Array(60_000))),
      cancel() {
        isCancelled = true;
      },
    });
    const reader = (await answer({ body })).body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => isCancelled, { timeout: 20_000 }).toBe(true);
  });
});

describe('the service', () => {
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({ zone, settings: { ADMIN_KEY: adminKey } });
  });
  afterAll(() => service.stop());

  /** Sends a request that leaves the encoding to the caller, unlike `fetch`. */
  async function get(path: string, headers: Record<string, string>) {
    const [response] = (await once(httpGet(`${service.url}${path}`, { headers }), 'response')) as [
      import('node:http').IncomingMessage,
    ];
    const body = Buffer.concat(await response.toArray());
    return { status: response.statusCode, headers: response.headers, body };
  }

  test('/docs is a fraction, and the same', async () => {
    const plain = await get('/docs', {});
    const packed = await get('/docs', { 'accept-encoding': 'br' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.body.length).toBeLessThan(plain.body.length / 4);
    expect(brotliDecompressSync(packed.body)).toEqual(plain.body);
  });

  test('the entity tag of a compressed file brings 304', async () => {
    const first = await get('/presend.js', { 'accept-encoding': 'gzip' });
    const { etag } = first.headers;
    expect(etag).toMatch(/^W\/"/);
    const second = await get('/presend.js', { 'accept-encoding': 'gzip', 'if-none-match': etag! });
    expect([second.status, second.body.length]).toEqual([304, 0]);
    expect(second.headers.vary).toBe('Accept-Encoding');
  });

  test('a batch is compressed, and all its headers are there', async () => {
    const response = await fetch(`${service.url}/v1/validate/batch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${adminKey}`,
        'content-type': 'application/json',
        'accept-encoding': 'br',
      },
      body: JSON.stringify({ emails: Array.from({ length: 50 }, (_, n) => `jane${n}@brisk-otter.com`) }),
    });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(response.headers.get('server-timing')).toContain('total');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(((await response.json()) as { results: object[] }).results.length).toBe(50);
  });
});
