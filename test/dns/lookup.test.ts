// Given these DNS answers, that mail host.

import { expect, test } from 'vitest';
import { createMailHosts } from '../../src/dns/lookup.ts';
import type { DnsQuestion, Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { mailHostIn } from './mail-host-in.ts';
import { type ManualTimers, manualTimers } from './manual-timers.ts';
import { createResponder, fetchFrom, type Zone } from './zone.ts';

const publicV4 = '198.41.0.4';
const publicV6 = '2001:503:ba3e::2:30';

function world(zone: Zone, { shareInFlight = true } = {}) {
  const timers: ManualTimers = manualTimers();
  const doh = createDohResolver({
    url: 'https://resolver.example/',
    fetch: fetchFrom(createResponder(zone)),
  });
  const asked: string[] = [];
  const resolver: Resolver = {
    name: 'counted',
    resolve: (question: DnsQuestion, signal) => {
      asked.push(`${question.type} ${question.name}`);
      return doh.resolve(question, signal);
    },
  };
  const mailHosts = createMailHosts({ resolver, timers, shareInFlight });
  const lookUp = (domain: string, within = 1500, together?: object) =>
    mailHostIn(mailHosts.lookup(domain, timers.now() + within, together));
  return { timers, asked, lookUp };
}

const find = (zone: Zone, domain = 'one.example'): MailHost | Promise<MailHost> => world(zone).lookUp(domain);

const mx = (...hosts: string[]) => hosts.map((host, index) => [index, host] as const);

test('an MX host with a public address', async () => {
  const zone: Zone = { 'one.example': { MX: mx('a.example') }, 'a.example': { A: [publicV4] } };
  expect(await find(zone)).toEqual({ kind: 'mx', exchanges: [{ preference: 0, host: 'a.example' }] });
});

test('an MX host with a public IPv6 address alone', async () => {
  const zone: Zone = { 'one.example': { MX: mx('a.example') }, 'a.example': { AAAA: [publicV6] } };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('an MX host that is an alias', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('a.example') },
    'a.example': { CNAME: 'b.example' },
    'b.example': { A: [publicV4] },
  };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('the second MX host is enough', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('gone.example', 'private.example', 'a.example') },
    'private.example': { A: ['10.0.0.1'] },
    'a.example': { A: [publicV4] },
  };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('the null MX', async () => {
  expect(await find({ 'one.example': { MX: [[0, '.']] } })).toEqual({ kind: 'null_mx' });
});

test('once an MX host is known to be public, nobody waits for the others', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('gone.example', 'a.example', 'hangs.example') },
    'a.example': { A: [publicV4] },
    'hangs.example': { fault: 'hang' },
  };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('a null MX beside another MX does not count', async () => {
  const zone: Zone = {
    'one.example': {
      MX: [
        [0, '.'],
        [5, 'a.example'],
      ],
    },
    'a.example': { A: [publicV4] },
  };
  expect(await find(zone)).toEqual({ kind: 'mx', exchanges: [{ preference: 5, host: 'a.example' }] });
});

test('no MX, but an address', async () => {
  expect(await find({ 'one.example': { A: [publicV4] } })).toEqual({ kind: 'implicit_mx', via: 'A' });
  expect(await find({ 'one.example': { AAAA: [publicV6] } })).toEqual({ kind: 'implicit_mx', via: 'AAAA' });
});

test('an alias of a domain with MX', async () => {
  const zone: Zone = {
    'one.example': { CNAME: 'two.example' },
    'two.example': { MX: mx('a.example') },
    'a.example': { A: [publicV4] },
  };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('neither MX nor address', async () => {
  expect(await find({ 'one.example': {} })).toEqual({ kind: 'no_mail_host' });
});

test('NXDOMAIN is final: nothing else is asked', async () => {
  const { lookUp, asked } = world({});
  expect(await lookUp('one.example')).toEqual({ kind: 'nxdomain' });
  expect(asked).toEqual(['MX one.example']);
});

test.each([
  ['does not exist', {}],
  ['has no address', { 'a.example': {} }],
  ['has a private address', { 'a.example': { A: ['192.168.1.1'], AAAA: ['fd00::1'] } }],
  ['is loopback', { 'a.example': { A: ['127.0.0.1'] } }],
])('every MX host %s: unroutable', async (_, hosts: Zone) => {
  expect(await find({ 'one.example': { MX: mx('a.example') }, ...hosts })).toEqual({
    kind: 'unroutable',
    exchanges: [{ preference: 0, host: 'a.example' }],
  });
});

test('an MX that is a bare IP address or localhost is unroutable, and nobody is asked for it', async () => {
  const { lookUp, asked } = world({ 'one.example': { MX: mx('198.41.0.4', 'localhost') } });
  expect(await lookUp('one.example')).toMatchObject({ kind: 'unroutable' });
  expect(asked).toEqual(['MX one.example']);
});

test('a domain whose own address is private is unroutable', async () => {
  expect(await find({ 'one.example': { A: ['10.1.2.3'] } })).toEqual({
    kind: 'unroutable',
    exchanges: [{ preference: 0, host: 'one.example' }],
  });
});

test('one MX host that could not be looked up keeps a domain alive', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('gone.example', 'broken.example') },
    'broken.example': { fault: 'servfail' },
  };
  expect(await find(zone)).toMatchObject({ kind: 'mx' });
});

test('of sixty MX hosts the first is asked for, when it is public', async () => {
  const hosts = Array.from({ length: 60 }, (_, index) => `h${index}.example`);
  const { lookUp, asked } = world({ 'one.example': { MX: mx(...hosts) }, 'h0.example': { A: [publicV4] } });
  expect(await lookUp('one.example')).toMatchObject({ kind: 'mx' });
  expect(asked).toEqual(['MX one.example', 'A h0.example']);
});

test('of sixty MX hosts that do not exist eight are asked for, and the rest get the benefit of the doubt', async () => {
  const hosts = Array.from({ length: 60 }, (_, index) => `h${index}.example`);
  const { lookUp, asked } = world({ 'one.example': { MX: mx(...hosts) } });
  expect(await lookUp('one.example')).toMatchObject({ kind: 'mx' });
  expect(asked).toHaveLength(1 + 8 * 2);
});

test('an MX host that many domains share is looked up once', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('a.example') },
    'two.example': { MX: mx('a.example') },
    'a.example': { A: [publicV4] },
  };
  const { lookUp, asked } = world(zone);
  await Promise.all([lookUp('one.example'), lookUp('two.example')]);
  expect(asked.sort()).toEqual(['A a.example', 'MX one.example', 'MX two.example']);
});

test('what is known is answered without a promise', async () => {
  const { lookUp } = world({ 'one.example': { MX: [[0, '.']] } });
  expect(lookUp('one.example')).toBeInstanceOf(Promise);
  await lookUp('one.example');
  expect(lookUp('one.example')).toEqual({ kind: 'null_mx' });
});

test('what is known is known for as long as its TTL says', async () => {
  const { lookUp, asked, timers } = world({ 'one.example': { ttl: 120, MX: [[0, '.']] } });
  await lookUp('one.example');
  timers.advance(119_999);
  await lookUp('one.example');
  expect(asked).toHaveLength(1);
  timers.advance(1);
  await lookUp('one.example');
  expect(asked).toHaveLength(2);
});

test('a deadline that has passed leaves what memory knows', () => {
  const { lookUp, asked } = world({ 'one.example': { MX: [[0, '.']] } });
  expect(lookUp('one.example', 0)).toEqual({ kind: 'undetermined', cause: 'timeout' });
  expect(asked).toEqual([]);
});

for (const shareInFlight of [true, false])
  test(`at the deadline nobody waits any longer (${shareInFlight ? 'shared' : 'alone'})`, async () => {
    const { lookUp, timers } = world({ 'one.example': { fault: 'hang' } }, { shareInFlight });
    const found = lookUp('one.example', 1500);
    timers.advance(1500);
    expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
  });

test('at the deadline the MX records stand, though their hosts did not answer', async () => {
  const zone: Zone = { 'one.example': { MX: mx('a.example') }, 'a.example': { fault: 'hang' } };
  const { lookUp, timers, asked } = world(zone);
  const found = lookUp('one.example', 1500);
  await expect.poll(() => asked).toContain('A a.example');
  timers.advance(1500);
  expect(await found).toMatchObject({ kind: 'mx' });
});

test('a shared look-up ends some time after its callers have left, and leaves no timer behind', async () => {
  const { lookUp, timers } = world({ 'one.example': { fault: 'hang' } });
  const found = lookUp('one.example', 100);
  timers.advance(100);
  await found;
  expect(timers.pending()).toBeGreaterThan(0);
  timers.advance(5000);
  expect(timers.pending()).toBe(0);
});

test('alone, a look-up leaves nothing behind', async () => {
  const { lookUp, timers } = world({ 'one.example': { fault: 'hang' } }, { shareInFlight: false });
  const found = lookUp('one.example', 100);
  timers.advance(100);
  await found;
  expect(timers.pending()).toBe(0);
});

test('alone, look-ups of one domain at the same time each ask for themselves', async () => {
  const { lookUp, asked } = world({ 'one.example': { MX: [[0, '.']] } }, { shareInFlight: false });
  await Promise.all([lookUp('one.example'), lookUp('one.example')]);
  expect(asked).toEqual(['MX one.example', 'MX one.example']);
});

test('alone, look-ups of one request still share their questions', async () => {
  const zone: Zone = {
    'one.example': { MX: mx('a.example') },
    'two.example': { MX: mx('a.example') },
    'a.example': { A: [publicV4] },
  };
  const { lookUp, asked } = world(zone, { shareInFlight: false });
  const request = {};
  const domains = ['one.example', 'two.example', 'one.example'];
  const found = await Promise.all(domains.map((domain) => lookUp(domain, 1500, request)));
  expect(found).toMatchObject([{ kind: 'mx' }, { kind: 'mx' }, { kind: 'mx' }]);
  expect(asked.sort()).toEqual(['A a.example', 'MX one.example', 'MX two.example']);
});

test('ten thousand look-ups of a hundred domains at once are a hundred MX questions', async () => {
  const { lookUp, asked } = world({ 'a.example': { A: [publicV4] } });
  await Promise.all(Array.from({ length: 10_000 }, (_, index) => lookUp(`d${index % 100}.example`)));
  expect(asked.filter((question) => question.startsWith('MX '))).toHaveLength(100);
});

test('a caller in a hurry does not make a domain look broken to the next one', async () => {
  const { lookUp, timers, asked } = world({ 'one.example': { fault: 'hang' } }, { shareInFlight: false });
  const hurried = lookUp('one.example', 50);
  timers.advance(50);
  await hurried;
  void lookUp('one.example', 1500);
  expect(asked).toHaveLength(2);
});
