// The connection to another presend: a host of the operator's own network is reached, and a redirect is not followed.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { nodeProbeTransport } from '../../src/platform/probe-transport.ts';

async function server(status: number, location?: string) {
  const paths: string[] = [];
  const running = createServer((request, response) => {
    paths.push(request.url!);
    response.writeHead(status, location === undefined ? {} : { location }).end('{"results":[]}');
  });
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void running.close());
  return { port: (running.address() as AddressInfo).port, paths };
}

const post = (url: string) =>
  nodeProbeTransport({
    ...{ url: new URL(url), headers: {}, body: '{}', timeoutMs: 20_000, maxBytes: 1000 },
  });

test.each(['127.0.0.1', 'localhost'])('%s is reached over plain http', async (host) => {
  const { port } = await server(200);
  expect(await post(`http://${host}:${port}/v1/probes`)).toMatchObject({ kind: 'answer', status: 200 });
});

test('a redirect is an answer, and its target gets nothing', async () => {
  const target = await server(200);
  const { port, paths } = await server(307, `http://127.0.0.1:${target.port}/v1/probes`);
  expect(await post(`http://127.0.0.1:${port}/v1/probes`)).toMatchObject({ kind: 'answer', status: 307 });
  expect([paths, target.paths]).toEqual([['/v1/probes'], []]);
});
