// A body as text: what is UTF-8 is read as it is, and what is not is refused.

import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { type BodyVariables, readText } from '../../src/http/middleware/body.ts';
import { everyRequest } from '../../src/http/middleware/every-request.ts';

const serverLimits = { bodyBytes: null, hookBytes: null, batchRows: null, startTimeout: () => () => {} };

const app = new Hono<{ Variables: BodyVariables }>()
  .use(everyRequest({ now: () => 0, logAccess() {}, serverLimits, inRequest: (_, work) => work() }))
  .post('/', async (c) => {
    const text = await readText(c, 100);
    return typeof text === 'string' ? c.json(text) : text;
  });

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Sends a body whose length is announced, or as a stream without one. */
async function send(body: Uint8Array<ArrayBuffer>, isSized: boolean): Promise<unknown> {
  const headers: Record<string, string> = isSized ? { 'content-length': String(body.length) } : {};
  const response = await app.request('/', { method: 'POST', body, headers });
  return response.status === 200 ? response.json() : response.status;
}

describe.each([
  ['of an announced length', true],
  ['of unknown length', false],
])('a body %s', (_, isSized) => {
  test.each(['', 'jane', 'josé', 'a \ufffd that the sender wrote'])('%j is read as it is', async (text) => {
    expect(await send(utf8(text), isSized)).toBe(text);
    expect(await send(utf8(`\ufeff${text}`), isSized)).toBe(text);
  });

  test.each([
    ['of another encoding', [0x6a, 0x6f, 0x73, 0xe9]],
    ['with a byte that never occurs in UTF-8', [0xff]],
    ['with a character cut after its first byte', [0x6a, 0xc3]],
  ])('%s is refused', async (_what, bytes) => {
    expect(await send(Uint8Array.from(bytes), isSized)).toBe(400);
  });

  test('of more bytes than allowed is refused', async () => {
    expect(await send(utf8('a'.repeat(100)), isSized)).toHaveLength(100);
    expect(await send(utf8('a'.repeat(101)), isSized)).toBe(413);
  });
});
