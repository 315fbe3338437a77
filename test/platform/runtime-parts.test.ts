// Small parts of a runtime: the platform's rate limit, the log, the control questions, and the runner of jobs.

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import { tokenBuckets } from '../../src/http/middleware/token-buckets.ts';
import type { Jobs } from '../../src/jobs/job-service.ts';
import { callbackNames, resolversAnswer } from '../../src/platform/control-questions.ts';
import { startJobRunner } from '../../src/platform/job-runner.ts';
import { lineLog } from '../../src/platform/log-lines.ts';
import { limitAlsoBy } from '../../src/platform/platform-limit.ts';

describe('the rate limit of the platform', () => {
  const bucket = () => tokenBuckets({ quota: 2, windowMs: 1000 }, () => 0);

  test('without one the bucket decides alone', () => {
    const alone = bucket();
    expect(limitAlsoBy(undefined, alone)).toBe(alone);
  });

  test('a request needs both, and the platform is not asked about one that the bucket refuses', async () => {
    const keys: string[] = [];
    const answers = [true, false];
    const limit = async ({ key }: { readonly key: string }) => {
      keys.push(key);
      return { success: answers.shift()! };
    };
    const limiter = limitAlsoBy({ limit }, bucket());
    expect(await limiter.take('a', 1)).toMatchObject({ allowed: true, remaining: 1 });
    expect(await limiter.take('a', 1)).toEqual({
      allowed: false,
      remaining: 0,
      fullInMs: 1000,
      retryInMs: 1000,
    });
    expect(await limiter.take('a', 1)).toMatchObject({ allowed: false, retryInMs: 500 });
    expect(keys).toEqual(['a', 'a']);
  });

  test('if it fails, the bucket decides', async () => {
    const limiter = limitAlsoBy({ limit: () => Promise.reject(new Error('out')) }, bucket());
    expect(await limiter.take('a', 1)).toMatchObject({ allowed: true });
  });
});

test('lines in quick succession are one write', async () => {
  const before = process.listeners('exit');
  onTestFinished(() => {
    for (const listener of process.listeners('exit'))
      if (!before.includes(listener)) process.removeListener('exit', listener);
  });
  const written: string[] = [];
  const log = lineLog((text) => written.push(text));
  const turn = () => new Promise(setImmediate);
  log('one');
  log('two');
  expect(written).toEqual([]);
  await turn();
  await turn();
  expect(written.splice(0)).toEqual(['one\ntwo\n']);

  // A flow of lines does not wait for its end.
  const line = 'x'.repeat(999);
  for (let lines = 0; lines < 20; lines++) {
    log(line);
    await turn();
  }
  expect(written.length).toBeGreaterThan(1);
  expect(written[0]!.length).toBeLessThan(10_000);
  await turn();
  expect(written.splice(0).join('')).toBe(`${line}\n`.repeat(20));
  log('three');
  const atExit = process.listeners('exit').find((listener) => !before.includes(listener))!;
  atExit(0);
  expect(written).toEqual(['three\n']);
  // Nothing is left for the end of the turn.
  await turn();
  expect(written).toHaveLength(1);
});

describe('control questions', () => {
  const resolver = (outcomes: Readonly<Record<string, DnsOutcome>>): Resolver =>
    ({ resolve: async ({ type }: { readonly type: string }) => outcomes[type]! }) as unknown as Resolver;
  const failure = (cause: string) => ({ kind: 'failure', cause }) as unknown as DnsOutcome;
  const addresses = (...list: string[]) =>
    ({ kind: 'addresses', addresses: list, ttl: 1 }) as unknown as DnsOutcome;
  const noData = { kind: 'no_data', ttl: 1 } as unknown as DnsOutcome;

  test.each([
    ['an answer', noData, true],
    ['SERVFAIL, which a working resolver says of a name', failure('servfail'), true],
    ['a timeout', failure('timeout'), false],
  ])('%s: resolvers answer %s', async (_, outcome, expected) => {
    expect(await resolversAnswer(resolver({ MX: outcome }))).toBe(expected);
  });

  test('the host of a callback has the addresses of both families', async () => {
    const of = (A: DnsOutcome, AAAA: DnsOutcome) =>
      callbackNames(resolver({ A, AAAA })).addressesOf('hooks.example');
    expect(await of(addresses('198.41.0.4'), addresses('2606:4700::1'))).toEqual([
      '198.41.0.4',
      '2606:4700::1',
    ]);
    expect(await of(addresses('198.41.0.4'), failure('timeout'))).toEqual(['198.41.0.4']);
    expect(await of(noData, noData)).toEqual([]);
    expect(await of(failure('timeout'), failure('timeout'))).toBeNull();
  });
});

describe('the runner of jobs', () => {
  function start(doOne: () => Promise<boolean>, more: Partial<Jobs> = {}) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const errors: unknown[] = [];
    const calls = { doOne: 0, maintain: 0 };
    const jobs = {
      doOne: () => {
        calls.doOne++;
        return doOne();
      },
      maintain: async () => {
        calls.maintain++;
      },
      endAllLeases: async () => {},
      proveOne: async () => false,
      ...more,
    } as unknown as Jobs;
    const runner = startJobRunner(jobs, { lanes: 2, onError: (error) => errors.push(error) });
    return { runner, errors, calls };
  }
  const settled = () => new Promise(setImmediate);

  test('works in as many lanes as it has, until nothing is left', async () => {
    let left = 5;
    let atOnce = 0;
    let most = 0;
    const { runner, calls } = start(async () => {
      most = Math.max(most, ++atOnce);
      await settled();
      atOnce--;
      return left-- > 0;
    });
    runner.wake();
    runner.wake();
    await runner.stop();
    left = 5;
    expect(most).toBe(2);
    const done = calls.doOne;
    runner.wake();
    expect(calls.doOne).toBe(done);
  });

  test('looks for work that nobody announced, and not while it works', async () => {
    let finish = (_: boolean) => {};
    const { runner, calls } = start(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    vi.advanceTimersByTime(499);
    expect(calls.doOne).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls.doOne).toBe(1);
    vi.advanceTimersByTime(2000);
    expect(calls.doOne).toBe(1);
    finish(false);
    await settled();
    vi.advanceTimersByTime(500);
    expect(calls.doOne).toBe(2);
    finish(false);
    await runner.stop();
    vi.advanceTimersByTime(5000);
    expect(calls.doOne).toBe(2);
  });

  test('ends the leases of the dead at the start, then maintains, and every five minutes', async () => {
    const { runner, calls } = start(async () => false);
    await settled();
    expect(calls.maintain).toBe(1);
    vi.advanceTimersByTime(5 * 60_000);
    await settled();
    expect(calls.maintain).toBe(2);
    await runner.stop();
  });

  test('a failure is told and ends its lane alone', async () => {
    const failing = start(() => Promise.reject(new Error('locked')), {
      endAllLeases: () => Promise.reject(new Error('no storage')),
    });
    failing.runner.wake();
    await failing.runner.stop();
    await settled();
    expect(failing.errors.map((error) => (error as Error).message).toSorted()).toEqual([
      'locked',
      'locked',
      'no storage',
    ]);
    expect(failing.calls.maintain).toBe(0);
  });
});
