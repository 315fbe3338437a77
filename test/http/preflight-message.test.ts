// POST /v1/preflight/message: limits, refusals, costs and logs. What it finds is the affair of test/preflight/message.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';

const adminKey = 'an-admin-key-for-tests';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone: { net: {}, '_dmarc.example.net': { TXT: ['v=DMARC1; p=none'] } },
    settings: { ADMIN_KEY: adminKey, LIMITS: 'secret_key=50/3600' },
  });
});
afterAll(() => service.stop());

const message = 'From: a@example.net\r\nSubject: Spring\r\n\r\nNew shoes\r\n';

const send = (body: string | Uint8Array | ReadableStream, query = '', headers: Record<string, string> = {}) =>
  fetch(`${service.url}/v1/preflight/message${query}`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${adminKey}`, ...headers },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  } as RequestInit);

const stream = (size: number) =>
  new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < size; sent += 65_536) controller.enqueue(new Uint8Array(65_536).fill(97));
      controller.close();
    },
  });

test('the findings are of the purpose, and nothing is cached', async () => {
  const codes = async (query: string) => {
    const response = await send(message, query);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { findings } = (await response.json()) as { findings: { code: string }[] };
    return findings.map(({ code }) => code);
  };
  expect(await codes('')).toContain('list_unsubscribe_missing');
  expect(await codes('?purpose=transactional')).not.toContain('list_unsubscribe_missing');
});

test.each([
  ['another media type', message, '', { 'content-type': 'application/json' }, 415],
  ['another purpose', message, '?purpose=spam', {}, 422],
  ['a bounce domain that is none', message, '?bounce_domain=nonsense', {}, 422],
  ['a key that is unknown', message, '', { authorization: 'Bearer sk_1' }, 401],
  ['more than 4 MiB', new Uint8Array(4 * 1024 * 1024 + 1), '', {}, 413],
] as const)('%s is refused', async (_, body, query, headers, status) => {
  expect((await send(body, query, headers)).status).toBe(status);
});

test('a stream of more than 4 MiB is refused, and one of less is answered', async () => {
  expect((await send(stream(5 * 1024 * 1024))).status).toBe(413);
  expect((await send(stream(1024 * 1024))).status).toBe(200);
});

const newKey = async (): Promise<string> => {
  const made = await fetch(`${service.url}/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ kind: 'secret', name: 'one', scopes: ['preflight'] }),
  });
  return `Bearer ${((await made.json()) as { key: string }).key}`;
};

test('it costs 20 units, and one for each 64 KiB', async () => {
  const authorization = await newKey();
  const statusOf = async () => (await send(message, '', { authorization })).status;
  // 50 units are enough for two messages of 21 units.
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
});

test('what it asks for many signatures is charged too', async () => {
  const authorization = await newKey();
  const signatures = ['a', 'b', 'c', 'd', 'e'].map(
    (name) => `DKIM-Signature: v=1; a=rsa-sha256; d=1.2.3.4.5.${name}.net; s=s1; h=from; bh=AA==; b=AA==\r\n`,
  );
  const first = await send(signatures.join('') + message, '', { authorization });
  expect(first.status).toBe(200);
  const { facts } = (await first.json()) as { facts: { queries: number } };
  expect(facts.queries).toBeGreaterThan(29);
  // 50 units are enough for two messages that ask little.
  expect(first.headers.get('ratelimit')).toContain(`r=${Math.max(0, 50 - facts.queries - 1)};`);
  expect((await send(message, '', { authorization })).status).toBe(429);
});
