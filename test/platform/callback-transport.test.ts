// One callback over the network: to the address that was vetted, without redirects, and no longer than it takes.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { nodeCallbackTransport } from '../../src/platform/callback-transport.ts';

async function receiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const send = (url: string, addresses = ['127.0.0.1']) =>
  nodeCallbackTransport({ url: new URL(url), addresses, headers: { 'webhook-id': 'm' }, body: '{"ü":1}' });

test('the body and the headers arrive, whatever the name of the host says elsewhere', async () => {
  const arrived: unknown[] = [];
  const port = await receiver(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { host, 'webhook-id': id, 'content-length': length } = request.headers;
    arrived.push([request.method, request.url, host, id, length, body]);
    response.writeHead(204).end();
  });
  expect(await send(`http://hooks.example.com:${port}/a?b=c`)).toEqual({ kind: 'status', status: 204 });
  expect(arrived).toEqual([['POST', '/a?b=c', `hooks.example.com:${port}`, 'm', '8', '{"ü":1}']]);
});

test('a redirect is not followed', async () => {
  let requests = 0;
  const port = await receiver((_, response) => {
    requests++;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'status', status: 307 });
  expect(requests).toBe(1);
});

test('the Retry-After of a receiver is read', async () => {
  const port = await receiver((_, response) => {
    response.writeHead(429, { 'retry-after': '30' }).end();
  });
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'status', status: 429, retryAfter: '30' });
});

test('an answer without end is not waited for', async () => {
  const port = await receiver((_, response) => {
    response.writeHead(200);
    response.write('more and more');
  });
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'status', status: 200 });
});

test('an unreachable or disconnecting receiver is a failure, not an exception', async () => {
  const port = await receiver((request) => request.socket.destroy());
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'failed', cause: 'ECONNRESET' });
  expect(await send('http://127.0.0.1:1/')).toEqual({ kind: 'failed', cause: 'ECONNREFUSED' });
});
