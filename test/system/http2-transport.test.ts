// DoH over HTTP/2 on Node: the battery of the Resolver port, dnsdist, and what happens to connections.

import { once } from 'node:events';
import { constants, createServer as createHttp2Server } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
} from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTimers, type Timers } from '../../src/clock.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { contractZone, resolverContract } from '../contract/resolver.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { manualTimers } from '../dns/manual-timers.ts';
import { type DnsServers, skipWithoutDnsServers, startDnsServers } from './dns-servers.ts';

describe.skipIf(skipWithoutDnsServers('the system tests of DoH over HTTP/2'))('HTTP/2', () => {
  const trusted = getCACertificates('default');
  let servers: DnsServers;
  let server: DohServer;
  let post: Resolver;
  let get: Resolver;
  const over = (url: string, method: 'POST' | 'GET' = 'POST', timers: Timers = systemTimers) =>
    createDohResolver({ url, method, transport: createHttp2Transport(fetchTransport(fetch), timers) });
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

  /** A server that speaks HTTP/2 by `onHttp2` and, unless null, answers 429 over HTTP/1.1. */
  async function startServer(onHttp2: (socket: TLSSocket) => void, http1 = true) {
    const greeted = { http1: 0, http2: 0 };
    const fallback = createServer((_, response) => response.writeHead(429).end());
    const tls = createTlsServer(
      {
        key: servers.key,
        cert: servers.certificate,
        ALPNProtocols: http1 ? ['h2', 'http/1.1'] : ['h2'],
      },
      (socket) => {
        socket.on('error', () => {});
        if (socket.alpnProtocol === 'h2') {
          greeted.http2++;
          onHttp2(socket);
        } else {
          greeted.http1++;
          fallback.emit('secureConnection', socket);
        }
      },
    );
    tls.on('tlsClientError', () => {});
    await once(tls.listen(0, '127.0.0.1'), 'listening');
    return {
      url: `https://localhost:${(tls.address() as AddressInfo).port}/`,
      greeted,
      close: () => {
        fallback.closeAllConnections();
        tls.close();
      },
    };
  }

  const refused = { kind: 'failure', cause: 'refused' };
  const network = { kind: 'failure', cause: 'network' };
  const notHttp2 = (socket: TLSSocket) => socket.resume().write('HTTP/1.1 400 Bad Request\r\n\r\n');

  test('after malformed HTTP/2 the questions of the next seconds go over HTTP/1.1, then HTTP/2 is tried again', async () => {
    const timers = manualTimers();
    const peer = await startServer(notHttp2);
    const resolver = over(peer.url, 'POST', timers);
    try {
      expect([await ask(resolver, 'one.example'), await ask(resolver, 'two.example')]).toEqual([
        refused,
        refused,
      ]);
      expect(peer.greeted.http2).toBe(1);
      timers.advance(5000);
      expect(await ask(resolver, 'three.example')).toEqual(refused);
      expect(peer.greeted.http2).toBe(2);
    } finally {
      peer.close();
    }
  });

  test('a resolver with HTTP/2 alone is asked on a new connection after a malformed frame', async () => {
    let broken = true;
    const sound = createHttp2Server().on('stream', (stream) =>
      stream.respond({ ':status': 429 }, { endStream: true }),
    );
    const peer = await startServer((socket) => {
      if (broken) notHttp2(socket);
      else sound.emit('connection', socket);
    }, false);
    const resolver = over(peer.url);
    try {
      expect(await ask(resolver, 'one.example')).toEqual(network);
      broken = false;
      expect(await ask(resolver, 'two.example')).toEqual(refused);
      expect(peer.greeted).toEqual({ http1: 0, http2: 2 });
    } finally {
      peer.close();
    }
  });

  test('after a reset stream the next question opens a new connection', async () => {
    const server = createHttp2Server().on('stream', (stream) => {
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    const peer = await startServer((socket) => server.emit('connection', socket));
    const resolver = over(peer.url);
    try {
      expect(await ask(resolver, 'one.example')).toEqual(network);
      expect(await ask(resolver, 'two.example')).toEqual(network);
      expect(peer.greeted.http2).toBe(2);
    } finally {
      peer.close();
    }
  });

  test('a question that the server did not process is repeated once, on a new connection', async () => {
    let connections = 0;
    const peer = await startServer((socket) => {
      const refuses = ++connections === 1;
      createHttp2Server()
        .on('stream', (stream) => {
          stream.on('error', () => {});
          if (refuses) stream.close(constants.NGHTTP2_REFUSED_STREAM);
          else stream.respond({ ':status': 429 }, { endStream: true });
        })
        .emit('connection', socket);
    });
    try {
      expect(await ask(over(peer.url), 'one.example')).toEqual(refused);
      expect(peer.greeted).toEqual({ http1: 0, http2: 2 });
    } finally {
      peer.close();
    }
  });

  test('a connection on which a question was canceled is closed when it answers no ping', async () => {
    const timers = manualTimers();
    const { promise: heard, resolve: hear } = Promise.withResolvers<TLSSocket>();
    const peer = await startServer((socket) => socket.once('data', () => hear(socket)).resume());
    const resolver = over(peer.url, 'POST', timers);
    const controller = new AbortController();
    const outcome = resolver.resolve({ name: 'one.example', type: 'MX' }, controller.signal);
    try {
      const socket = await heard;
      const closed = once(socket, 'close');
      controller.abort();
      expect(await outcome).toEqual({ kind: 'failure', cause: 'timeout' });
      expect(timers.pending()).toBe(1);
      timers.advance(2000);
      await closed;
    } finally {
      peer.close();
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
