// An MTA-STS policy over the network: from the address that was vetted, without redirects, and not without end.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { nodePolicyTransport } from '../../src/platform/policy-transport.ts';
import { maxPolicyBytes } from '../../src/preflight/mta-sts.ts';
import { type Authority, authority, certificateFor } from './certificates.ts';

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
  expect(await fetched(`http://example.com:${port}/`)).toEqual({
    kind: 'failed',
    why: 'the policy is longer than 64 KiB',
  });
});

test('a text of the greatest length is read', async () => {
  const port = await host((_, response) => response.end('x'.repeat(maxPolicyBytes)));
  expect(await fetched(`http://example.com:${port}/`)).toMatchObject({ kind: 'text' });
});

test.each([429, 503, 408])('status %i says nothing about the policy', async (status) => {
  const port = await host((_, response) => response.writeHead(status).end());
  expect(await fetched(`http://example.com:${port}/`)).toEqual({ kind: 'no_answer', cause: 'refused' });
});

test('a connection that is refused, breaks off or ends by the deadline says nothing about the host', async () => {
  const port = await host((request) => request.socket.destroy());
  const halfway = await host((request, response) => {
    response
      .writeHead(200, { 'content-length': '100' })
      .write('version: STSv1', () => request.socket.destroy());
  });
  const network = { kind: 'no_answer', cause: 'network' };
  expect(await fetched(`http://example.com:${port}/`)).toEqual(network);
  expect(await fetched(`http://example.com:${halfway}/`)).toEqual(network);
  expect(await fetched('http://example.com:1/')).toEqual(network);
  expect(await fetched(`http://example.com:${port}/`, AbortSignal.abort())).toEqual({
    kind: 'no_answer',
    cause: 'timeout',
  });
});

test('TLS that fails before there is a certificate says nothing about the host', async () => {
  const port = await listen(createTlsServer());
  expect(await fetched(`https://example.com:${port}/`)).toEqual({ kind: 'no_answer', cause: 'bad_response' });
});

/** A server with a certificate for `name`, which `authority` has signed; without one, it has signed itself. */
async function secureHost(name: string, authority?: Authority): Promise<number> {
  const { key, cert } = certificateFor(name, authority);
  return listen(createTlsServer({ key, cert }, (_, response) => response.end('text')));
}

test('a certificate that no receiver accepts is told; one of an unknown authority is not', async () => {
  const itself = await secureHost('example.com');
  expect(await fetched(`https://example.com:${itself}/`)).toEqual({
    kind: 'failed',
    why: 'the certificate of the server is self-signed',
  });
  const unknown = await secureHost('example.com', authority());
  expect(await fetched(`https://example.com:${unknown}/`)).toEqual({
    kind: 'no_answer',
    cause: 'bad_response',
  });
});

test('a certificate for another name is told', async () => {
  const known = authority();
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, known.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
  const right = await secureHost('example.com', known);
  expect(await fetched(`https://example.com:${right}/`)).toEqual({ kind: 'text', text: 'text' });
  const other = await secureHost('example.org', known);
  expect(await fetched(`https://example.com:${other}/`)).toEqual({
    kind: 'failed',
    why: 'the certificate of the server is for another host name',
  });
});
