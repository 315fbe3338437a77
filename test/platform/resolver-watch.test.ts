// The watch over DNS resolvers: when they count as working, when they are probed again, and what the log says.

import { describe, expect, test } from 'vitest';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import { nodeResolverAdvice } from '../../src/platform/resolver-advice.ts';
import { createResolverWatch } from '../../src/platform/resolver-watch.ts';
import { manualTimers } from '../dns/manual-timers.ts';

/** Lets all promises that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

type Behavior = 'answers' | 'lies' | 'refuses' | 'servfail' | 'refuses the probe';

/** A resolver whose behavior can change. */
function standIn(name: string, first: Behavior) {
  const state = { behavior: first, questions: 0 };
  const resolver: Resolver = {
    name,
    async resolve({ name: asked }): Promise<DnsOutcome> {
      state.questions++;
      const isProbe = asked === 'example.com' || asked.endsWith('.invalid');
      if (state.behavior === 'refuses' || (state.behavior === 'refuses the probe' && isProbe))
        return { kind: 'failure', cause: 'network' };
      if (state.behavior === 'servfail') return { kind: 'failure', cause: 'servfail' };
      if (state.behavior === 'lies' || asked.endsWith('.invalid')) return { kind: 'nxdomain' };
      return { kind: 'mx', exchanges: [{ preference: 0, host: '' }], ttl: 60 };
    },
  };
  return { state, resolver };
}

function watched(stands: readonly ReturnType<typeof standIn>[], system: readonly Resolver[] = []) {
  const timers = manualTimers();
  const pool = createHedgedResolver(
    stands.map(({ resolver }) => resolver),
    { timers },
  );
  const log: Record<string, unknown>[] = [];
  const watch = createResolverWatch({
    resolvers: pool.alone(),
    health: () => pool.health(),
    advice: {
      example: 'DNS_SERVERS=192.0.2.53',
      system,
      setting: (names) => `DNS_SERVERS=${names.join(',')}`,
    },
    shareInFlight: true,
    timers,
    log: (line) => log.push(line),
  });
  /** Lets `ms` milliseconds pass, with a call of `tend` each second. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      timers.advance(1000);
      watch.tend();
      await settled();
    }
  };
  const isReady = async () => (await watch.check()).some(({ ok }) => ok);
  return { pool, watch, log, timers, pass, isReady };
}

describe('at the start', () => {
  test('nothing works before a resolver was asked, and then what answers works', async () => {
    const { watch, log } = watched([standIn('one', 'answers')]);
    watch.tend();
    const before = watch.check();
    expect(watch.areDown()).toBe(false);
    expect(await before).toEqual([{ name: 'one', ok: false, detail: 'presend has not asked it yet' }]);
    await settled();
    expect(await watch.check()).toEqual([{ name: 'one', ok: true }]);
    expect(log).toEqual([]);
  });

  test.each(['refuses', 'servfail'] as const)('a single probe is enough if all %s', async (behavior) => {
    const { watch, log, pass } = watched([standIn('one', behavior), standIn('two', behavior)]);
    watch.tend();
    await pass(1000);
    expect(watch.areDown()).toBe(true);
    expect((await watch.check()).map(({ ok }) => ok)).toEqual([false, false]);
    expect((await watch.check())[0]!.detail).toMatch(/SERVFAIL|cannot be reached/);
    expect(log).toEqual([
      {
        level: 'error',
        event: 'no_resolver_answers',
        resolvers: { one: expect.any(String), two: expect.any(String) },
        example: 'DNS_SERVERS=192.0.2.53',
      },
    ]);
  });

  test("the system's own resolvers are named, those that answer", async () => {
    const system = [
      standIn('10.0.0.1', 'refuses').resolver,
      standIn('10.0.0.2', 'answers').resolver,
      standIn('10.0.0.3', 'answers').resolver,
      standIn('10.0.0.4', 'lies').resolver,
      standIn('one', 'answers').resolver,
    ];
    const { watch, log, pass } = watched([standIn('one', 'refuses')], system);
    watch.tend();
    await pass(1000);
    expect(log[0]).toMatchObject({ event: 'no_resolver_answers', set: 'DNS_SERVERS=10.0.0.2,10.0.0.3' });
    expect(log[0]).not.toHaveProperty('example');
  });

  test('one that fails beside others gets a line, and is no reason to be down', async () => {
    const { watch, log, pass, isReady } = watched([standIn('one', 'refuses'), standIn('two', 'answers')]);
    watch.tend();
    await pass(2000);
    expect(await isReady()).toBe(true);
    expect(watch.areDown()).toBe(false);
    expect(log).toEqual([
      { level: 'warning', event: 'resolver_fails', resolver: 'one', seen: 'cannot be reached' },
    ]);
  });

  test('one that lies gets a line', async () => {
    const { watch, log, pass, isReady } = watched([standIn('one', 'lies')]);
    watch.tend();
    await pass(200_000);
    expect(await isReady()).toBe(true);
    expect(log).toEqual([
      {
        level: 'warning',
        event: 'resolver_wrong',
        resolver: 'one',
        seen: 'says that example.com does not exist',
      },
    ]);
  });
});

describe('afterwards', () => {
  test('it recovers by itself, and says so once', async () => {
    const one = standIn('one', 'refuses');
    const { watch, log, pass, isReady } = watched([one]);
    watch.tend();
    await pass(60_000);
    expect(await isReady()).toBe(false);
    expect(log.length).toBe(1);
    one.state.behavior = 'answers';
    await pass(16_000);
    expect(await isReady()).toBe(true);
    expect(watch.areDown()).toBe(false);
    await pass(120_000);
    expect(log.map(({ event }) => event)).toEqual(['no_resolver_answers', 'resolvers_answer']);
  });

  test('while nothing works the waits grow to 15 seconds, and the line comes again after ten minutes', async () => {
    const one = standIn('one', 'refuses');
    const { watch, log, pass } = watched([one]);
    watch.tend();
    await pass(10_000);
    // Two questions each: after 0, 1, 3, 7 and, not yet, 15 seconds.
    expect(one.state.questions).toBe(8);
    await pass(580_000);
    expect(log.length).toBe(1);
    await pass(30_000);
    expect(log.length).toBe(2);
    const before = one.state.questions;
    await pass(60_000);
    expect(one.state.questions - before).toBe(8);
  });

  test('one that works is not probed again, one that does not each minute', async () => {
    const [one, two] = [standIn('one', 'answers'), standIn('two', 'refuses')];
    const { watch, pass, log } = watched([one, two]);
    watch.tend();
    await pass(130_000);
    expect(one.state.questions).toBe(2);
    expect(two.state.questions).toBe(6);
    two.state.behavior = 'answers';
    await pass(60_000);
    expect(await watch.check()).toEqual([
      { name: 'one', ok: true },
      { name: 'two', ok: true },
    ]);
    expect(log.length).toBe(1);
  });

  test('a network that refuses the names of the probe alone is ready once real questions are answered', async () => {
    const { watch, pool, pass, isReady } = watched([standIn('one', 'refuses the probe')]);
    watch.tend();
    await pass(1000);
    expect(await isReady()).toBe(false);
    for (let asked = 0; asked < 20; asked++)
      await pool.resolve({ name: `host${asked}.example`, type: 'MX' }, new AbortController().signal);
    expect(await isReady()).toBe(true);
  });

  test('if all fail later, after five failures each, it probes until one answers', async () => {
    const one = standIn('one', 'answers');
    const { watch, pool, pass, isReady, log } = watched([one]);
    watch.tend();
    await pass(1000);
    expect(await isReady()).toBe(true);
    one.state.behavior = 'refuses';
    for (let asked = 0; asked < 5; asked++)
      await pool.resolve({ name: 'brisk-otter.com', type: 'MX' }, new AbortController().signal);
    expect(await watch.check()).toEqual([
      {
        name: 'one',
        ok: false,
        detail: 'its answers failed several times in a row, or other resolvers contradicted it',
      },
    ]);
    await pass(1000);
    expect(log.map(({ event }) => event)).toEqual(['no_resolver_answers']);
    expect(watch.areDown()).toBe(true);
    one.state.behavior = 'answers';
    await pass(20_000);
    expect(await isReady()).toBe(true);
  });
});

describe('on a runtime without timers', () => {
  test('the check probes, and not again within a second', async () => {
    const one = standIn('one', 'refuses');
    const { watch, timers } = watched([one]);
    expect(await watch.check()).toMatchObject([{ ok: false, detail: 'cannot be reached' }]);
    await watch.check();
    expect(one.state.questions).toBe(2);
    one.state.behavior = 'answers';
    timers.advance(3000);
    expect(await watch.check()).toEqual([{ name: 'one', ok: true }]);
    await watch.check();
    expect(one.state.questions).toBe(4);
  });
});

test("the system's resolvers are read as Node names them", () => {
  const { system, setting } = nodeResolverAdvice(() => [
    '10.0.0.2',
    '[::1]:5353',
    'fe80::1%eth0',
    '127.0.0.53',
  ]);
  const names = system.map(({ name }) => name);
  expect(names).toEqual(['10.0.0.2', '[::1]:5353', '127.0.0.53']);
  expect(setting(names)).toBe('DNS_SERVERS=10.0.0.2,[::1]:5353,127.0.0.53');
});
