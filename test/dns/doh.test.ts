// What DoH says over HTTP beside the DNS message.

import { expect, test } from 'vitest';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { type DohReply, type DohRequest, fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createResponder } from './zone.ts';

const respond = createResponder({ 'one.example': { ttl: 300, A: ['198.41.0.4'] } });
const query = new Uint8Array([
  ...[0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
  ...[3, 111, 110, 101, 7, 101, 120, 97, 109, 112, 108, 101, 0, 0, 1, 0, 1],
  ...[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0],
]);

async function ask(options: { url: string; method?: 'GET' | 'POST' }, changes: Partial<DohReply> = {}) {
  const requests: DohRequest[] = [];
  const resolver = createDohResolver({
    ...options,
    transport: async (request) => {
      requests.push(request);
      return { ...respond(query)!, age: 0, ...changes };
    },
  });
  const outcome = await resolver.resolve({ name: 'one.example', type: 'A' }, new AbortController().signal);
  return { outcome, request: requests[0]! };
}

test('by POST the message is the body', async () => {
  const { request } = await ask({ url: 'https://dns.example/dns-query' });
  expect(request).toEqual({
    url: 'https://dns.example/dns-query',
    method: 'POST',
    headers: { accept: 'application/dns-message', 'content-type': 'application/dns-message' },
    body: query,
  });
});

test('by GET the message is a parameter in base64url without padding', async () => {
  const dns = 'AAABAAABAAAAAAABA29uZQdleGFtcGxlAAABAAEAACkE0AAAAAAAAA';
  const { request } = await ask({ url: 'https://dns.example/dns-query', method: 'GET' });
  expect(request.url).toBe(`https://dns.example/dns-query?dns=${dns}`);
  expect(request.body).toBeNull();
  const { request: withParameter } = await ask({ url: 'https://dns.example/?ct', method: 'GET' });
  expect(withParameter.url).toBe(`https://dns.example/?ct&dns=${dns}`);
});

test('the time that a reply spent in an HTTP cache counts against its TTL', async () => {
  expect((await ask({ url: 'https://dns.example/' }, { age: 100 })).outcome).toMatchObject({ ttl: 200 });
  expect((await ask({ url: 'https://dns.example/' }, { age: 1000 })).outcome).toMatchObject({ ttl: 0 });
});

test('a media type may have parameters', async () => {
  const { outcome } = await ask(
    { url: 'https://dns.example/' },
    { contentType: 'Application/DNS-Message; charset=binary' },
  );
  expect(outcome).toMatchObject({ kind: 'addresses' });
});

test('a reply without a media type, or without a body, is a failure', async () => {
  for (const change of [{ contentType: null }, { body: null }])
    expect((await ask({ url: 'https://dns.example/' }, change)).outcome).toMatchObject({ kind: 'failure' });
});

test('a transport that ignores an abort does not delay the caller', async () => {
  const resolver = createDohResolver({ url: 'https://dns.example/', transport: () => new Promise(() => {}) });
  const controller = new AbortController();
  const outcome = resolver.resolve({ name: 'one.example', type: 'A' }, controller.signal);
  controller.abort();
  expect(await outcome).toEqual({ kind: 'failure', cause: 'timeout' });
});

/** A body that never ends, and whether somebody still reads it. */
function endless() {
  const state = { cancelled: false };
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => {
      state.cancelled = true;
    },
  });
  return { body, state };
}

test.each([200, 500])('an endless body with status %i is discarded', async (status) => {
  const { body, state } = endless();
  const transport = fetchTransport(async () => new Response(body, { status }));
  const request: DohRequest = { url: 'https://dns.example/', method: 'POST', headers: {}, body: query };
  const reply = await transport(request, 65_535, new AbortController().signal);
  expect(reply).toEqual({ status, contentType: null, age: 0, body: null });
  expect(state.cancelled).toBe(true);
});
