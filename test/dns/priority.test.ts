// Lists must not make forms wait: look-ups of all kinds over one pool of resolvers.

import { expect, test } from 'vitest';
import { createDns, type DnsOptions } from '../../src/dns/create-dns.ts';
import type { DohTransport } from '../../src/dns/transport/fetch.ts';
import { mailHostIn } from './mail-host-in.ts';
import { manualTimers } from './manual-timers.ts';
import { createResponder, type Zone } from './zone.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const zone: Zone = new Proxy({} as Zone, {
  get: (_, name: string) => {
    if (name.startsWith('silent')) return { fault: 'hang' };
    return name === 'mx.net' ? { A: ['198.41.0.4'] } : { MX: [[0, 'mx.net']] };
  },
});

/** Three resolvers that hear every question, and answer those about names that are not silent. */
function world(options: Partial<DnsOptions> = {}) {
  const timers = manualTimers();
  const respond = createResponder(zone);
  const open = { now: 0, most: 0, asked: 0 };
  const transport: DohTransport = async ({ body }, _limit, signal) => {
    open.asked++;
    open.now++;
    open.most = Math.max(open.most, open.now);
    const reply = respond(body!);
    if (reply) {
      open.now--;
      return { ...reply, age: 0 };
    }
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        open.now--;
        reject(signal.reason);
      });
    });
  };
  const dns = createDns({
    urls: ['https://one.example/', 'https://two.example/', 'https://three.example/'],
    shareInFlight: true,
    transport,
    timers,
    ...options,
  });
  const jobs = dns.mailHostsForJobs(1000);
  const until = (milliseconds: number) => timers.now() + milliseconds;
  return {
    timers,
    open,
    dns,
    form: (domain: string, together?: object) =>
      mailHostIn(dns.mailHosts.lookup(domain, until(1500), together)),
    job: (domain: string) => mailHostIn(jobs.lookup(domain, until(5000))),
    /** Runs all timers for so long, letting everything happen in between. */
    pass: async (milliseconds: number, step = 50) => {
      for (let passed = 0; passed < milliseconds; passed += step) {
        timers.advance(step);
        await settled();
      }
    },
  };
}

test('while a list of silent domains runs, a form has its answer without any time passing', async () => {
  const { form, job, pass, timers } = world();
  for (let index = 0; index < 500; index++) void job(`silent${index}.net`);
  for (let index = 0; index < 100; index++) {
    await pass(50);
    const began = timers.now();
    expect(await form(`good${index}.net`)).toMatchObject({ kind: 'mx' });
    expect(timers.now()).toBe(began);
  }
});

test('a form finds room beside batches too', async () => {
  const { form, pass } = world();
  const batch = {};
  for (let index = 0; index < 500; index++) void form(`silent${index}.net`, batch);
  await pass(300);
  expect(await form('good.net')).toMatchObject({ kind: 'mx' });
});

test('look-ups that their callers left keep no place', async () => {
  const { form, open, pass } = world();
  const abandoned = Array.from({ length: 64 }, (_, index) => form(`silent${index}.net`));
  await pass(1500);
  await Promise.all(abandoned);
  // Sixteen go on in the background; each has one question or more under way.
  expect(open.now).toBeLessThanOrEqual(16 * 3);
  const asked = open.asked;
  for (let index = 0; index < 64; index++) void form(`silent${100 + index}.net`);
  expect(open.asked - asked).toBe(64);
});

test('a look-up of several callers keeps its place until the last of them has left', async () => {
  const { form, open, pass, timers } = world({ maxQuestions: 8 });
  const first = Array.from({ length: 8 }, (_, index) => form(`silent${index}.net`));
  timers.advance(1000);
  const second = Array.from({ length: 8 }, (_, index) => form(`silent${index}.net`));
  await pass(500);
  await Promise.all(first);
  const asked = open.asked;
  void form('good.net');
  expect(open.asked).toBe(asked);
  await pass(1000);
  await Promise.all(second);
  expect(await form('better.net')).toMatchObject({ kind: 'mx' });
});

test('a look-up that its caller left goes on in the background and fills the cache', async () => {
  const timers = manualTimers();
  const respond = createResponder(zone);
  const waiting: (() => void)[] = [];
  const transport: DohTransport = ({ body }) =>
    new Promise((resolve) => {
      waiting.push(() => resolve({ ...respond(body!)!, age: 0 }));
    });
  const dns = createDns({ urls: ['https://one.example/'], shareInFlight: true, transport, timers });
  const lookUp = () => mailHostIn(dns.mailHosts.lookup('slow.net', timers.now() + 1500));
  const found = lookUp();
  timers.advance(1500);
  expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
  waiting.shift()!();
  await settled();
  waiting.shift()!();
  await settled();
  expect(lookUp()).toMatchObject({ kind: 'mx' });
});

test('a form that wants what a batch waits for goes first', async () => {
  const { form, open } = world({ maxQuestions: 8 });
  const batch = {};
  for (let index = 0; index < 8; index++) void form(`silent${index}.net`, batch);
  const waits = form('good.net', batch);
  const asked = open.asked;
  expect(await form('good.net', {})).toMatchObject({ kind: 'mx' });
  expect(open.asked - asked).toBe(2);
  expect(await waits).toMatchObject({ kind: 'mx' });
});

test('a list has fewer look-ups under way than places, so that each starts at once', () => {
  const { dns } = world();
  expect(dns.mailHostsForJobs(100).concurrency).toBe(32);
  expect(dns.mailHosts.concurrency).toBe(48);
});

test('silent domains of a list leave no resolver resting while forms are answered', async () => {
  const { dns, form, job, pass } = world();
  for (let index = 0; index < 300; index++) void job(`silent${index}.net`);
  for (let index = 0; index < 60; index++) {
    await form(`good${index}.net`);
    await pass(50);
  }
  expect(dns.health()[0]).toMatchObject({ state: 'up' });
});

test('alone, one request has six questions under way at most', async () => {
  const { form, open, pass } = world({ shareInFlight: false });
  const request = {};
  const found = Array.from({ length: 100 }, (_, index) => form(`good${index}.net`, request));
  await pass(1000);
  await Promise.all(found);
  expect(open.most).toBeLessThanOrEqual(6);
});

test('alone, what one request waits for holds up no other', async () => {
  const { dns, form, open } = world({ shareInFlight: false });
  expect(dns.mailHosts.concurrency).toBe(6);
  const silent = {};
  for (let index = 0; index < 64; index++) void form(`silent${index}.net`, silent);
  expect(open.now).toBe(6);
  expect(await form('good.net', {})).toMatchObject({ kind: 'mx' });
  expect(await form('better.net')).toMatchObject({ kind: 'mx' });
});

test('alone, silent names hand their places on instead of asking further resolvers beside them', async () => {
  const { form, open, pass } = world({ shareInFlight: false });
  const request = {};
  for (let index = 0; index < 6; index++) void form(`silent${index}.net`, request);
  await pass(1400);
  expect(open.most).toBe(6);
  expect(open.asked).toBe(18);
});
