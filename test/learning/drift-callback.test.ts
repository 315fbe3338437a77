// A drift comes to its receiver as Standard Webhooks has it; what is not taken is not told.

import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { driftOf } from '../../src/learning/drift.ts';
import { nodeCallbackTransport } from '../../src/platform/callback-transport.ts';
import { sendDrift } from '../../src/platform/drift-callback.ts';

const secret = new Uint8Array(32).fill(7);
const noon = Date.UTC(2026, 10, 20, 12);
const drift = driftOf('source', { name: 'fair', outcomes: 200, bounces: 14, predicted: 0.02 })!;

async function receiver(status: number) {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/drift`, received };
}

const send = (url: string, targets: 'public' | 'loopback' = 'loopback') =>
  sendDrift(drift, {
    url,
    secret,
    targets,
    names: { addressesOf: async () => [], isPublic: () => false, isBareAddress: () => false },
    transport: nodeCallbackTransport,
    now: () => noon,
  });

test('it is signed, says what bounced and what was predicted, and has one id for all attempts', async () => {
  const { url, received } = await receiver(204);
  expect([await send(url), await send(url)]).toEqual([true, true]);
  const [first, second] = received;
  const id = first!.headers['webhook-id'] as string;
  const signed = `${id}.${first!.headers['webhook-timestamp']}.${first!.body}`;
  const signature = createHmac('sha256', secret).update(signed).digest('base64');
  expect(first!.headers['webhook-signature']).toBe(`v1,${signature}`);
  expect(second!.headers['webhook-id']).toBe(id);
  expect(JSON.parse(first!.body)).toEqual({
    type: 'drift.found',
    timestamp: '2026-11-20T12:00:00.000Z',
    data: {
      of: 'source',
      name: 'fair',
      outcomes: 200,
      observed: 0.07,
      predicted: 0.02,
      direction: 'worse',
      message: 'Source fair: 7% of the addresses bounced, but presend predicted 2%.',
    },
  });
});

test('a receiver that does not take it was not told', async () => {
  expect(await send((await receiver(500)).url)).toBe(false);
});

test('nothing is sent where callbacks may not go', async () => {
  const { url, received } = await receiver(204);
  expect(await send(url, 'public')).toBe(false);
  expect(received).toEqual([]);
});
