// How long an answer is believed.

import { expect, test } from 'vitest';
import { createDnsCache } from '../../src/dns/cache.ts';
import type { DnsOutcome, DnsQuestion } from '../../src/dns/resolver.ts';

const question: DnsQuestion = { name: 'one.example', type: 'A' };
const answer = (ttl: number): DnsOutcome => ({ kind: 'addresses', addresses: ['198.41.0.4'], ttl });
const failure: DnsOutcome = { kind: 'failure', cause: 'servfail' };

/** Seconds that `outcome`, stored at 0, is found again. */
const life = (outcome: DnsOutcome): number => {
  const cache = createDnsCache();
  const { ttl } = cache.store(question, outcome, 0);
  expect(cache.peek(question, ttl * 1000 - 1)).toMatchObject({ kind: outcome.kind });
  expect(cache.peek(question, ttl * 1000)).toBeUndefined();
  return ttl;
};

test('records live by their TTL, at least 30 seconds, at most a day', () => {
  expect(life(answer(300))).toBe(300);
  expect(life(answer(0))).toBe(30);
  expect(life(answer(1_000_000))).toBe(86_400);
});

test('no data and NXDOMAIN live by their TTL, at least 5 seconds, at most 3 hours', () => {
  expect(life({ kind: 'nxdomain', ttl: 300 })).toBe(300);
  expect(life({ kind: 'no_data', ttl: 0 })).toBe(5);
  expect(life({ kind: 'nxdomain', ttl: 1_000_000 })).toBe(10_800);
});

test('no data without an SOA has the minimum TTL', () => {
  expect(life({ kind: 'no_data' })).toBe(5);
});

test('an answer has its remaining TTL', () => {
  const cache = createDnsCache();
  cache.store(question, answer(300), 0);
  expect(cache.peek(question, 100_000)).toMatchObject({ ttl: 200 });
});

test('a failure lives one second, then twice as long each time, at most 300', () => {
  const cache = createDnsCache();
  const lives: number[] = [];
  for (let now = 0; lives.length < 11; now += lives.at(-1)! * 1000)
    lives.push(cache.store(question, failure, now).ttl);
  expect(lives).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('after an answer, or a long time without failure, failures begin at one second again', () => {
  const cache = createDnsCache();
  cache.store(question, failure, 0);
  expect(cache.store(question, failure, 1000).ttl).toBe(2);
  expect(cache.store(question, failure, 3000 + 300_000).ttl).toBe(1);
  cache.store(question, answer(60), 400_000);
  expect(cache.store(question, failure, 500_000).ttl).toBe(1);
});

test('a failure does not hide an answer that is fresh, nor lose one that is stale', () => {
  const cache = createDnsCache();
  cache.store(question, answer(60), 0);
  cache.store(question, failure, 1000);
  expect(cache.peek(question, 1500)).toMatchObject({ kind: 'addresses' });
  cache.store(question, failure, 60_000);
  expect(cache.peek(question, 60_500)).toMatchObject({ kind: 'failure' });
  expect(cache.peekStale(question, 60_500)).toMatchObject({ kind: 'addresses', ttl: 30 });
});

test('a stale answer is kept for a day', () => {
  const cache = createDnsCache();
  cache.store(question, answer(60), 0);
  expect(cache.peekStale(question, 60_000 + 86_399_999)).toMatchObject({ kind: 'addresses' });
  expect(cache.peekStale(question, 60_000 + 86_400_000)).toBeUndefined();
});

test('each question has its own answer', () => {
  const cache = createDnsCache();
  cache.store(question, answer(60), 0);
  expect(cache.peek({ ...question, type: 'AAAA' }, 0)).toBeUndefined();
  expect(cache.peek({ ...question, name: 'two.example' }, 0)).toBeUndefined();
});

test('keeps only the most recently used questions, up to the limit', () => {
  const cache = createDnsCache({ max: 2 });
  for (const name of ['one.example', 'two.example']) cache.store({ name, type: 'A' }, answer(60), 0);
  cache.peek({ name: 'one.example', type: 'A' }, 0);
  cache.store({ name: 'three.example', type: 'A' }, answer(60), 0);
  const known = ['one.example', 'two.example', 'three.example'].filter((name) =>
    cache.peek({ name, type: 'A' }, 0),
  );
  expect(known).toEqual(['one.example', 'three.example']);
});
