// Plain DNS: what UDP loses and anybody can forge, what only fits TCP, and how servers are named.

import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createDns } from '../../src/dns/create-dns.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import { createPlainResolver, dnsServerText, parseDnsServer } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { type Misbehaviour, type PlainDnsServer, startDnsServer } from './dns-server.ts';
import { mailHostIn } from './mail-host-in.ts';
import { manualTimers } from './manual-timers.ts';
import type { Fault, Zone } from './zone.ts';

const zone: Zone = {
  'good.example': { MX: [[0, 'mx.good.example']] },
  'mx.good.example': { A: ['198.41.0.4'] },
  'many.example': {
    MX: Array.from({ length: 60 }, (_, index) => [index, `mx${index}.many-mail-exchangers.example`] as const),
  },
  'hang.example': { fault: 'hang' },
  'null.example': { MX: [[0, '.']] },
};

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function start(how: Misbehaviour = {}, served = zone): Promise<PlainDnsServer> {
  const server = await startDnsServer(served, how);
  open.push(server);
  return server;
}

const ask = (
  server: PlainDnsServer,
  name: string,
  timers = systemTimers,
  signal = AbortSignal.timeout(5000),
) => createPlainResolver(server.at, createPlainTransport(timers)).resolve({ name, type: 'MX' }, signal);

describe('UDP', () => {
  test('a query that is lost is sent again after 400 ms, then after twice as long', async () => {
    const timers = manualTimers();
    const server = await start({ lost: 2 });
    const outcome = ask(server, 'good.example', timers);
    await server.heard(1);
    timers.advance(399);
    timers.advance(1);
    await server.heard(2);
    timers.advance(800);
    expect(await outcome).toMatchObject({ kind: 'mx' });
    expect(server.asked).toEqual(Array(3).fill('UDP MX good.example'));
    expect(new Set(server.senders.map(({ port, id }) => `${port} ${id}`)).size).toBe(1);
  });

  test('what is answered at once is asked once', async () => {
    const timers = manualTimers();
    const server = await start();
    await ask(server, 'good.example', timers);
    timers.advance(10_000);
    expect(server.asked).toEqual(['UDP MX good.example']);
  });

  test('each question has its own port and id', async () => {
    const server = await start();
    await Promise.all(Array.from({ length: 40 }, () => ask(server, 'good.example')));
    expect(new Set(server.senders.map(({ port }) => port)).size).toBe(40);
    expect(new Set(server.senders.map(({ id }) => id)).size).toBeGreaterThan(35);
  });

  test('a port where nobody listens is a failure at once', async () => {
    const server = await startDnsServer(zone);
    await server.close();
    expect(await ask(server, 'good.example')).toEqual({ kind: 'failure', cause: 'network' });
  });

  test('a server with an IPv6 address', async () => {
    const server = await start({ host: '::1' });
    expect(await ask(server, 'good.example')).toMatchObject({ kind: 'mx' });
  });
});

describe('TCP', () => {
  test('is asked where the answer does not fit a datagram', async () => {
    const server = await start();
    expect(await ask(server, 'many.example')).toMatchObject({ kind: 'mx' });
    expect(server.asked).toEqual(['UDP MX many.example', 'TCP MX many.example']);
  });

  test('an answer may come in pieces, with more behind it', async () => {
    const inPieces = async (socket: Socket, message: Buffer) => {
      for (const piece of [message.subarray(0, 1), message.subarray(1, 700), message.subarray(700)]) {
        socket.write(piece);
        await new Promise(setImmediate);
      }
      socket.write('more');
    };
    const outcome = await ask(await start({ onTcp: inPieces }), 'many.example');
    expect(outcome.kind === 'mx' && outcome.exchanges.length).toBe(60);
  });

  const broken: readonly (readonly [string, (socket: Socket, message: Buffer) => void])[] = [
    ['closes without an answer', (socket) => socket.end()],
    ['closes in the middle of it', (socket, message) => socket.end(message.subarray(0, 500))],
    ['resets', (socket) => socket.resetAndDestroy()],
  ];
  test.each(broken)('a server that %s is a failure', async (_, onTcp) => {
    expect(await ask(await start({ onTcp }), 'many.example')).toEqual({ kind: 'failure', cause: 'network' });
  });

  test('a server that says nothing is left when the time is over', async () => {
    const controller = new AbortController();
    const left = new Promise<void>((resolve) => {
      void start({
        onTcp: (socket) => {
          socket.once('close', () => resolve());
          controller.abort();
        },
      }).then(async (server) => {
        const outcome = await ask(server, 'many.example', systemTimers, controller.signal);
        expect(outcome).toEqual({ kind: 'failure', cause: 'timeout' });
      });
    });
    await left;
  });

  test('a connection is used again, and opened again when the server has closed it', async () => {
    const sockets = new Set<Socket>();
    const server = await start({
      onTcp: (socket, message) => {
        sockets.add(socket);
        socket.write(message);
      },
    });
    const resolver = createPlainResolver(server.at, createPlainTransport());
    const askMany = () => resolver.resolve({ name: 'many.example', type: 'MX' }, AbortSignal.timeout(5000));
    await askMany();
    expect(await askMany()).toMatchObject({ kind: 'mx' });
    expect(sockets.size).toBe(1);
    for (const socket of sockets) socket.destroy();
    expect(await askMany()).toMatchObject({ kind: 'mx' });
    expect(sockets.size).toBe(2);
  });

  test('a question on a connection that the server closes is asked once more', async () => {
    let count = 0;
    const server = await start({
      onTcp: (socket, message) => {
        if (++count === 2) socket.destroy();
        else socket.write(message);
      },
    });
    const resolver = createPlainResolver(server.at, createPlainTransport());
    const askMany = () => resolver.resolve({ name: 'many.example', type: 'MX' }, AbortSignal.timeout(5000));
    await askMany();
    expect(await askMany()).toMatchObject({ kind: 'mx' });
    expect(count).toBe(3);
  });

  test('an answer to another question is a failure', async () => {
    const forged = (socket: Socket, message: Buffer) => {
      message[16] = message[16]! ^ 1;
      socket.end(message);
    };
    expect(await ask(await start({ onTcp: forged }), 'many.example')).toEqual({
      kind: 'failure',
      cause: 'bad_response',
    });
  });
});

describe('many questions at once', () => {
  const many: Zone = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `d${index}.example`,
      { MX: [[0, `mx${index}.example`]] as const },
    ]),
  );
  const askAll = (server: PlainDnsServer, timers = systemTimers) => {
    const resolver = createPlainResolver(server.at, createPlainTransport(timers));
    return () =>
      Promise.all(
        Object.keys(many).map((name) => resolver.resolve({ name, type: 'MX' }, AbortSignal.timeout(5000))),
      );
  };
  const expected = Object.keys(many).map((_, index) => ({
    kind: 'mx',
    exchanges: [{ preference: 0, host: `mx${index}.example` }],
    ttl: 300,
  }));
  const by = ({ asked }: PlainDnsServer, way: 'UDP' | 'TCP') =>
    asked.filter((question) => question.startsWith(way)).length;

  test('from the eighth on they share a TCP connection, and each gets its own answer', async () => {
    const sockets = new Set<Socket>();
    const server = await start(
      {
        onTcp: (socket, message) => {
          sockets.add(socket);
          socket.write(message);
        },
      },
      many,
    );
    expect(await askAll(server)()).toEqual(expected);
    expect([by(server, 'UDP'), by(server, 'TCP'), sockets.size]).toEqual([7, 33, 1]);
  });

  test('answers in another order', async () => {
    const held: Buffer[] = [];
    const server = await start(
      {
        onTcp: (socket, message) => {
          held.push(message);
          if (held.length === 33) socket.write(Buffer.concat(held.reverse()));
        },
      },
      many,
    );
    expect(await askAll(server)()).toEqual(expected);
  });

  test('where TCP is refused UDP answers, and TCP is left alone for a minute', async () => {
    const timers = manualTimers();
    const server = await start({ onTcp: (socket) => socket.resetAndDestroy() }, many);
    const ask = askAll(server, timers);
    expect(await ask()).toEqual(expected);
    const tried = by(server, 'TCP');
    expect(tried).toBeGreaterThan(0);
    timers.advance(59_999);
    expect(await ask()).toEqual(expected);
    expect(by(server, 'TCP')).toBe(tried);
    timers.advance(1);
    expect(await ask()).toEqual(expected);
    expect(by(server, 'TCP')).toBeGreaterThan(tried);
  });

  test('what TCP has not answered after 400 ms is asked by UDP too; TCP then rests', async () => {
    const timers = manualTimers();
    const server = await start({ onTcp: () => {} }, many);
    const ask = askAll(server, timers);
    const outcomes = ask();
    await server.heard(40);
    timers.advance(400);
    expect(await outcomes).toEqual(expected);
    expect(by(server, 'TCP')).toBe(33);
    expect(await ask()).toEqual(expected);
    expect(by(server, 'TCP')).toBe(33);
  });
});

describe('a look-up', () => {
  const faults: readonly Fault[] = ['servfail', 'refused', 'formerr', 'badvers', 'blocked', 'truncated body'];

  test.each([...faults, 'truncation bit', 'no question', 'referral', 'alias to nowhere'] as const)(
    '%s: undetermined, or still an MX',
    async (fault) => {
      const server = await start(
        {},
        {
          'broken.example': { MX: [[0, '.']], fault },
          'host.example': { MX: [[0, 'broken.example']] },
        },
      );
      const resolver = createPlainResolver(server.at, createPlainTransport());
      const hosts = createMailHosts({ resolver, timers: systemTimers, shareInFlight: true });
      const until = Date.now() + 5000;
      expect(await mailHostIn(hosts.lookup('broken.example', until))).toMatchObject({ kind: 'undetermined' });
      expect(await mailHostIn(hosts.lookup('host.example', until))).toMatchObject({ kind: 'mx' });
    },
  );

  test('with the first server silent, the second answers', async () => {
    const silent = await start({ lost: Number.POSITIVE_INFINITY });
    const server = await start();
    const { mailHosts, health } = createDns({
      urls: [],
      plain: { servers: [silent.at, server.at], transport: createPlainTransport() },
      shareInFlight: true,
    });
    expect(await mailHostIn(mailHosts.lookup('good.example', Date.now() + 5000))).toMatchObject({
      kind: 'mx',
    });
    expect(health().map(({ name }) => name)).toEqual([silent.at, server.at].map(dnsServerText));
  });

  test('at a deadline nothing is known, and nothing is sent any more', async () => {
    const timers = manualTimers();
    const server = await start();
    const { mailHosts } = createDns({
      urls: [],
      plain: { servers: [server.at], transport: createPlainTransport(timers) },
      shareInFlight: false,
      timers,
    });
    const found = mailHostIn(mailHosts.lookup('hang.example', timers.now() + 1500));
    await server.heard(1);
    timers.advance(1500);
    expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
    timers.advance(60_000);
    await server.heard(3);
    await ask(server, 'good.example');
    expect(server.asked).toEqual([...Array(3).fill('UDP MX hang.example'), 'UDP MX good.example']);
  });
});

describe('the name of a server', () => {
  test.each([
    ['192.0.2.1', { address: '192.0.2.1', port: 53 }],
    ['192.0.2.1:5353', { address: '192.0.2.1', port: 5353 }],
    ['2001:db8::1', { address: '2001:db8::1', port: 53 }],
    ['[2001:db8::1]:5353', { address: '2001:db8::1', port: 5353 }],
    ['::1', { address: '::1', port: 53 }],
  ])('%s', (text, server) => {
    expect(parseDnsServer(text)).toEqual(server);
    expect(dnsServerText(server)).toBe(text);
  });

  test.each([
    '',
    'dns.example',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.010',
    '192.0.2.1:',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '192.0.2.1:53x',
    '[192.0.2.1]:53',
    '[2001:db8::1',
    '2001:db8::1]:53',
    '[]:53',
    ':53',
    'udp://192.0.2.1',
  ])('%s is none', (text) => {
    expect(parseDnsServer(text)).toBeNull();
  });
});
