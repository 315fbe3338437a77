// An MTA-STS policy over the network: from the address that was vetted, without redirects, and not without end.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { nodePolicyTransport } from '../../src/platform/policy-transport.ts';
import { maxPolicyBytes } from '../../src/preflight/mta-sts.ts';

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const host = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  listen(createServer(answer));

const fetched = (url: string, signal = new AbortController().signal) =>
  nodePolicyTransport({ url: new URL(url), addresses: ['127.0.0.1'], signal });

test('the text comes from the vetted address, whatever the name of the host says elsewhere', async () => {
  const asked: unknown[] = [];
  const port = await host(({ method, url, headers }, response) => {
    asked.push([method, url, headers.host]);
    response.end('version: STSv1\nmode: none\n');
  });
  const url = `http://mta-sts.example.com:${port}/.well-known/mta-sts.txt`;
  expect(await fetched(url)).toEqual({ kind: 'text', text: 'version: STSv1\nmode: none\n' });
  expect(asked).toEqual([['GET', '/.well-known/mta-sts.txt', `mta-sts.example.com:${port}`]]);
});

test('a redirect is not followed, and every other status is told', async () => {
  let requests = 0;
  const port = await host(({ url }, response) => {
    requests++;
    response.writeHead(url === '/gone' ? 404 : 301, { location: '/elsewhere' }).end();
  });
  const moved = { kind: 'failed', why: 'the server redirects (status 301), which is not allowed' };
  expect(await fetched(`http://example.com:${port}/`)).toEqual(moved);
  expect(await fetched(`http://example.com:${port}/gone`)).toEqual({
    kind: 'failed',
    why: 'the server answers with status 404',
  });
  expect(requests).toBe(2);
});

test('a text without end is not read to its end', async () => {
  const port = await host((_, response) => {
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  expect(await fetched(`http://example.com:${port}/`)).toEqual({ kind: 'failed', why: 'it is too long' });
});

test('a text of the greatest length is read', async () => {
  const port = await host((_, response) => response.end('x'.repeat(maxPolicyBytes)));
  expect(await fetched(`http://example.com:${port}/`)).toMatchObject({ kind: 'text' });
});

test('a server that hangs up, is not there or never answers', async () => {
  const port = await host((request) => request.socket.destroy());
  expect(await fetched(`http://example.com:${port}/`)).toMatchObject({
    why: 'the server cannot be reached (ECONNRESET)',
  });
  expect(await fetched('http://example.com:1/')).toMatchObject({
    why: 'the server cannot be reached (ECONNREFUSED)',
  });
  expect(await fetched(`http://example.com:${port}/`, AbortSignal.abort())).toMatchObject({
    why: 'the server does not answer in time',
  });
});

test('a server without a valid certificate', async () => {
  const port = await listen(createTlsServer());
  const outcome = await fetched(`https://example.com:${port}/`);
  expect(outcome).toMatchObject({ kind: 'failed' });
});
