// DoH over HTTP/2 on Node: the battery of the Resolver port, dnsdist, and what happens to connections.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDohResolver } from '../../src/dns/doh.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { contractZone, resolverContract } from '../contract/resolver.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { type DnsServers, skipWithoutDnsServers, startDnsServers } from './dns-servers.ts';

describe.skipIf(skipWithoutDnsServers('the system tests of DoH over HTTP/2'))('HTTP/2', () => {
  const trusted = getCACertificates('default');
  let servers: DnsServers;
  let server: DohServer;
  let post: Resolver;
  let get: Resolver;
  const over = (url: string, method: 'POST' | 'GET' = 'POST') =>
    createDohResolver({ url, method, transport: createHttp2Transport(fetchTransport(fetch)) });
  const ask = (resolver: Resolver, name: string) =>
    resolver.resolve({ name, type: 'MX' }, AbortSignal.timeout(5000));

  beforeAll(async () => {
    servers = await startDnsServers();
    setDefaultCACertificates([...trusted, servers.certificate]);
    server = await startDohServer(contractZone, { key: servers.key, cert: servers.certificate });
    post = over(server.url);
    get = over(server.url, 'GET');
  }, 20_000);
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await Promise.all([server?.close(), servers?.close()]);
  });

  describe('by POST', () => resolverContract(() => post));

  describe('by GET', () => resolverContract(() => get));

  test('many questions at once share one connection, also when one of them is given up', async () => {
    const before = server.connections.count;
    const resolver = over(server.url);
    const controller = new AbortController();
    const hangs = resolver.resolve({ name: 'hang.example', type: 'MX' }, controller.signal);
    await Promise.all(Array.from({ length: 50 }, () => ask(resolver, 'mx.example')));
    controller.abort();
    expect(await hangs).toEqual({ kind: 'failure', cause: 'timeout' });
    expect(await ask(resolver, 'mx.example')).toMatchObject({ kind: 'mx' });
    expect(server.connections.count - before).toBe(1);
  });

  test('a connection that was lost is a failure for its questions; the next question makes another', async () => {
    const resolver = over(server.url);
    const hangs = ask(resolver, 'hang.example');
    await ask(resolver, 'mx.example');
    server.hangUp();
    expect(await hangs).toEqual({ kind: 'failure', cause: 'network' });
    expect(await ask(resolver, 'mx.example')).toMatchObject({ kind: 'mx' });
  });

  test('dnsdist answers over HTTP/2', async () => {
    const resolver = over(servers.tlsUrl);
    expect(await ask(resolver, 'null-mx.net')).toMatchObject({ kind: 'mx', exchanges: [{ host: '' }] });
    expect(await ask(resolver, 'missing.net')).toMatchObject({ kind: 'nxdomain' });
  });

  test('a certificate that nobody vouches for is a failure', async () => {
    setDefaultCACertificates(trusted);
    try {
      expect(await ask(over(servers.tlsUrl), 'null-mx.net')).toEqual({ kind: 'failure', cause: 'network' });
    } finally {
      setDefaultCACertificates([...trusted, servers.certificate]);
    }
  });

  test('where TLS is not spoken the question goes another way', async () => {
    expect(await ask(over(servers.url), 'null-mx.net')).toMatchObject({ kind: 'mx' });
  });

  test('where HTTP/2 is spoken that is not understood the question goes another way, and so do those after it', async () => {
    let greeted = 0;
    const http1 = createServer((_, response) => response.writeHead(429).end());
    const tls = createTlsServer(
      { key: servers.key, cert: servers.certificate, ALPNProtocols: ['h2', 'http/1.1'] },
      (socket) => {
        if (socket.alpnProtocol !== 'h2') return http1.emit('secureConnection', socket);
        greeted++;
        socket.on('error', () => {}).resume();
        return socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      },
    );
    await once(tls.listen(0, '127.0.0.1'), 'listening');
    const resolver = over(`https://localhost:${(tls.address() as AddressInfo).port}/`);
    try {
      const refused = { kind: 'failure', cause: 'refused' };
      expect([await ask(resolver, 'one.example'), await ask(resolver, 'two.example')]).toEqual([
        refused,
        refused,
      ]);
      expect(greeted).toBe(1);
    } finally {
      http1.closeAllConnections();
      tls.close();
    }
  });

  test('where TLS, but not HTTP/2 is spoken the question goes another way', async () => {
    const http1 = createServer({ key: servers.key, cert: servers.certificate }, (_, response) => {
      response.writeHead(429).end();
    });
    await once(http1.listen(0, '127.0.0.1'), 'listening');
    const resolver = over(`https://localhost:${(http1.address() as AddressInfo).port}/`);
    try {
      expect(await ask(resolver, 'null-mx.net')).toEqual({ kind: 'failure', cause: 'refused' });
    } finally {
      http1.closeAllConnections();
      http1.close();
    }
  });
});
