// A busy process: the time that it is late itself is neither the resolver's nor the domain's fault.

import { expect, test } from 'vitest';
import { createDns } from '../../src/dns/create-dns.ts';
import type { DohReply, DohTransport } from '../../src/dns/transport/fetch.ts';
import { busyTimers } from './busy-timers.ts';
import { mailHostIn } from './mail-host-in.ts';
import { createResponder, type Zone } from './zone.ts';

const zone: Zone = new Proxy({} as Zone, {
  get: (_, name: string) =>
    name === 'mx.net'
      ? { A: ['198.41.0.4'] }
      : name.startsWith('silent')
        ? { fault: 'hang' }
        : { MX: [[0, 'mx.net']] },
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Three resolvers. Each turn takes two seconds; replies are read in the turn after the one in which they arrived. */
function world(shareInFlight: boolean) {
  const timers = busyTimers();
  const respond = createResponder(zone);
  const asked: string[] = [];
  let arrived: (() => void)[] = [];
  const transport: DohTransport = ({ url, body }, _limit, signal) => {
    asked.push(new URL(url).host);
    const reply = respond(body!);
    return new Promise<DohReply>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (reply) arrived.push(() => resolve({ ...reply, age: 0 }));
    });
  };
  const dns = createDns({
    urls: ['https://one.example/', 'https://two.example/', 'https://three.example/'],
    shareInFlight,
    transport,
    timers,
  });
  return {
    dns,
    asked,
    lookup: (domain: string) => mailHostIn(dns.mailHosts.lookup(domain, timers.now() + 1500, {})),
    turns: async (count: number) => {
      for (let turn = 0; turn < count; turn++) {
        const readable = arrived;
        arrived = [];
        timers.turn(2000);
        await settled();
        for (const read of readable) read();
        await settled();
      }
    },
  };
}

for (const shareInFlight of [true, false])
  test(`replies that arrived are read before a look-up gives up (${shareInFlight ? 'shared' : 'alone'})`, async () => {
    const { dns, asked, lookup, turns } = world(shareInFlight);
    const found = Promise.all(Array.from({ length: 5 }, (_, index) => lookup(`good${index}.net`)));
    await turns(8);
    for (const mailHost of await found) expect(mailHost).toMatchObject({ kind: 'mx' });
    // Nobody asked a second resolver, and none is thought to be slow.
    expect(new Set(asked)).toEqual(new Set(['one.example']));
    expect(dns.health().map(({ state, failures }) => [state, failures])).toEqual([
      ['up', 0],
      ['up', 0],
      ['up', 0],
    ]);
  });

test('a domain that nobody answers for ends all the same', async () => {
  const { lookup, turns } = world(false);
  const found = lookup('silent.net');
  await turns(10);
  expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
});

test('alone, a look-up that its caller left asks nothing more', async () => {
  const { asked, lookup, turns } = world(false);
  const found = lookup('silent.net');
  await turns(10);
  await found;
  const count = asked.length;
  await turns(20);
  expect(asked.length).toBe(count);
});
