// Token buckets: so much at once, so much over time, and no more memory than was allowed.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Taken, tokenBuckets } from '../../src/http/middleware/token-buckets.ts';

const clock = () => {
  let now = Date.UTC(2026, 10, 20);
  return {
    now: () => now,
    pass(ms: number) {
      now += ms;
    },
  };
};

const take = (buckets: ReturnType<typeof tokenBuckets>, caller: string, cost = 1) =>
  buckets.take(caller, cost) as Taken;

test('the whole quota can be had at once, and then what time gives back', () => {
  const { now, pass } = clock();
  const buckets = tokenBuckets({ quota: 3, windowMs: 3000 }, now);
  expect([1, 2, 3].map(() => take(buckets, 'a').remaining)).toEqual([2, 1, 0]);
  expect(take(buckets, 'a')).toEqual({ allowed: false, remaining: 0, fullInMs: 3000, retryInMs: 1000 });
  pass(999);
  expect(take(buckets, 'a').allowed).toBe(false);
  pass(1);
  expect(take(buckets, 'a')).toMatchObject({ allowed: true, remaining: 0 });
  pass(60_000);
  expect(take(buckets, 'a').remaining).toBe(2);
});

test('each caller has a bucket', () => {
  const { now } = clock();
  const buckets = tokenBuckets({ quota: 1, windowMs: 1000 }, now);
  expect(['a', 'b', 'a'].map((caller) => take(buckets, caller).allowed)).toEqual([true, true, false]);
});

test('what is refused costs nothing', () => {
  const { now } = clock();
  const buckets = tokenBuckets({ quota: 10, windowMs: 1000 }, now);
  take(buckets, 'a', 4);
  expect(take(buckets, 'a', 7).allowed).toBe(false);
  expect(take(buckets, 'a', 6).allowed).toBe(true);
});

test('a batch beyond the quota takes a full bucket, since it would never pass otherwise', () => {
  const { now } = clock();
  const buckets = tokenBuckets({ quota: 10, windowMs: 1000 }, now);
  expect(take(buckets, 'a', 1000)).toMatchObject({ allowed: true, remaining: 0 });
  expect(take(buckets, 'a', 1000)).toMatchObject({ allowed: false, retryInMs: 1000 });
});

test('a clock that is set back takes nothing away', () => {
  const { now, pass } = clock();
  const buckets = tokenBuckets({ quota: 2, windowMs: 1000 }, now);
  take(buckets, 'a');
  pass(-3_600_000);
  expect(take(buckets, 'a').allowed).toBe(true);
});

test('with too many callers, the least recent one is forgotten', () => {
  const { now } = clock();
  const buckets = tokenBuckets({ quota: 1, windowMs: 1000 }, now, { max: 2 });
  for (const caller of ['a', 'b', 'c']) take(buckets, caller);
  expect(['c', 'b', 'a'].map((caller) => take(buckets, caller).allowed)).toEqual([false, false, true]);
});

test('a caller never gets more than the quota plus the refill, and succeeds after the stated wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 1200 })), { maxLength: 50 }),
      (quota, seconds, calls) => {
        const { now, pass } = clock();
        const buckets = tokenBuckets({ quota, windowMs: seconds * 1000 }, now);
        const started = now();
        let given = 0;
        for (const [wait, cost] of calls) {
          pass(wait);
          const { allowed, retryInMs } = take(buckets, 'a', cost);
          if (!allowed) {
            pass(Math.ceil(retryInMs / 1000) * 1000);
            expect(take(buckets, 'a', cost).allowed).toBe(true);
          }
          given += Math.min(cost, quota);
          expect(given).toBeLessThanOrEqual(quota + ((now() - started) / (seconds * 1000)) * quota + 0.01);
        }
      },
    ),
  );
});
