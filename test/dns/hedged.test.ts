// Two resolvers as one: who is asked when, whose answer counts, and who rests.

import { expect, test } from 'vitest';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createPlaces } from '../../src/dns/places.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import { manualTimers } from './manual-timers.ts';

const answer: DnsOutcome = { kind: 'addresses', addresses: ['198.41.0.4'], ttl: 60 };
const failed = (cause: 'servfail' | 'refused' | 'network' | 'bad_response' | 'timeout'): DnsOutcome => ({
  kind: 'failure',
  cause,
});
const question = { name: 'one.example', type: 'A' } as const;

/** Lets everything happen that waits for no clock. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A resolver that the test answers for. */
function puppet(name: string) {
  const open: { answer: (outcome: DnsOutcome) => void; signal: AbortSignal }[] = [];
  const resolver: Resolver = {
    name,
    resolve: (_, signal) =>
      new Promise((resolve) => {
        open.push({ answer: resolve, signal });
        signal.addEventListener('abort', () => resolve(failed('timeout')));
      }),
  };
  return { resolver, open };
}

function pair(options = {}) {
  const timers = manualTimers();
  const [first, second] = [puppet('first'), puppet('second')];
  const hedged = createHedgedResolver([first.resolver, second.resolver], { timers, ...options });
  const resolve = (signal = new AbortController().signal) => hedged.resolve(question, signal);
  return { timers, first, second, hedged, resolve };
}

test('the first resolver alone is asked while it is quick', async () => {
  const { timers, first, second, resolve } = pair();
  const outcome = resolve();
  timers.advance(149);
  first.open[0]!.answer(answer);
  expect(await outcome).toEqual(answer);
  expect(second.open).toHaveLength(0);
  expect(timers.pending()).toBe(0);
});

test('after 150 ms the second is asked as well, and the one that loses is aborted', async () => {
  const { timers, first, second, resolve } = pair();
  const outcome = resolve();
  timers.advance(150);
  second.open[0]!.answer(answer);
  expect(await outcome).toEqual(answer);
  expect(first.open[0]!.signal.aborted).toBe(true);
  expect(timers.pending()).toBe(0);
});

test('the first may still win after the second was asked', async () => {
  const { timers, first, second, resolve } = pair();
  const outcome = resolve();
  timers.advance(200);
  first.open[0]!.answer({ kind: 'nxdomain', ttl: 5 });
  expect(await outcome).toEqual({ kind: 'nxdomain', ttl: 5 });
  expect(second.open[0]!.signal.aborted).toBe(true);
});

test.each(['servfail', 'refused', 'network', 'bad_response'] as const)(
  'after %s the second is asked at once',
  async (cause) => {
    const { timers, first, second, resolve } = pair();
    const outcome = resolve();
    first.open[0]!.answer(failed(cause));
    await settled();
    second.open[0]!.answer(answer);
    expect(await outcome).toEqual(answer);
    expect(timers.pending()).toBe(0);
  },
);

test('an error of the second leaves the first its chance', async () => {
  const { timers, first, second, resolve } = pair();
  const outcome = resolve();
  timers.advance(150);
  second.open[0]!.answer(failed('network'));
  await settled();
  first.open[0]!.answer(answer);
  expect(await outcome).toEqual(answer);
});

test.each([
  ['servfail', 'network', 'servfail'],
  ['network', 'servfail', 'servfail'],
  ['refused', 'network', 'refused'],
  ['network', 'bad_response', 'bad_response'],
  ['network', 'network', 'network'],
] as const)('%s and %s: %s tells most', async (one, two, most) => {
  const { first, second, resolve } = pair();
  const outcome = resolve();
  first.open[0]!.answer(failed(one));
  await settled();
  second.open[0]!.answer(failed(two));
  expect(await outcome).toEqual(failed(most));
});

test('when the caller aborts, everybody is aborted and no timer stays', async () => {
  const { timers, first, second, resolve } = pair();
  const controller = new AbortController();
  const outcome = resolve(controller.signal);
  timers.advance(150);
  controller.abort();
  expect(await outcome).toEqual(failed('timeout'));
  expect([first.open[0]!.signal.aborted, second.open[0]!.signal.aborted]).toEqual([true, true]);
  expect(timers.pending()).toBe(0);
});

test('the delay is half again as long as the 95th percentile of what the resolver takes', async () => {
  const { timers, first, second, hedged, resolve } = pair();
  for (let count = 0; count < 16; count++) {
    const outcome = resolve();
    timers.advance(40);
    first.open[count]!.answer(answer);
    await outcome;
  }
  expect(hedged.health()[0]).toMatchObject({ state: 'up', p95Ms: 40, failures: 0 });
  void resolve();
  timers.advance(59);
  expect(second.open).toHaveLength(0);
  timers.advance(1);
  expect(second.open).toHaveLength(1);
});

test.each([
  ['never below its least', 1, 20],
  ['never above its most', 1000, 300],
])('the delay is %s', async (_, takes, delay) => {
  const timers = manualTimers();
  const [first, second] = [puppet('first'), puppet('second')];
  const hedged = createHedgedResolver([first.resolver, second.resolver], { timers, failuresToRest: 1000 });
  for (let count = 0; count < 16; count++) {
    const outcome = hedged.resolve(question, new AbortController().signal);
    timers.advance(takes);
    first.open[count]!.answer(answer);
    await outcome;
  }
  const asked = second.open.length;
  void hedged.resolve(question, new AbortController().signal);
  timers.advance(delay - 1);
  expect(second.open).toHaveLength(asked);
  timers.advance(1);
  expect(second.open).toHaveLength(asked + 1);
});

/** Has the first resolver fail `times` times, at once. */
async function fail({ first, second, resolve }: ReturnType<typeof pair>, times: number) {
  for (let count = 0; count < times; count++) {
    const outcome = resolve();
    first.open.at(-1)!.answer(failed('network'));
    await settled();
    second.open.at(-1)!.answer(answer);
    await outcome;
  }
}

test('after five failures in a row a resolver rests: the other is asked first', async () => {
  const both = pair();
  await fail(both, 5);
  expect(both.hedged.health()[0]).toMatchObject({ name: 'first', state: 'resting', failures: 5 });
  const outcome = both.resolve();
  both.second.open.at(-1)!.answer(answer);
  expect(await outcome).toEqual(answer);
  expect(both.first.open).toHaveLength(5);
});

test('a resolver that hangs comes to rest as well', async () => {
  const { timers, first, second, hedged, resolve } = pair();
  for (let count = 0; count < 5; count++) {
    const outcome = resolve();
    timers.advance(150);
    second.open.at(-1)!.answer(answer);
    await outcome;
  }
  expect(hedged.health()[0]).toMatchObject({ state: 'resting' });
  void resolve();
  expect(first.open).toHaveLength(5);
});

test('a resting resolver is still asked when the others fail', async () => {
  const both = pair();
  await fail(both, 5);
  const outcome = both.resolve();
  both.second.open.at(-1)!.answer(failed('refused'));
  await settled();
  both.first.open.at(-1)!.answer(answer);
  expect(await outcome).toEqual(answer);
  expect(both.hedged.health()[0]).toMatchObject({ state: 'up', failures: 0 });
});

test('SERVFAIL is about the domain: the resolver does not rest for it', async () => {
  const { first, second, hedged, resolve } = pair();
  for (let count = 0; count < 10; count++) {
    const outcome = resolve();
    first.open.at(-1)!.answer(failed('servfail'));
    await settled();
    second.open.at(-1)!.answer(failed('servfail'));
    await outcome;
  }
  expect(hedged.health()).toMatchObject([{ state: 'up' }, { state: 'up' }]);
});

test('after its rest one question finds out; an answer ends the rest', async () => {
  const both = pair();
  await fail(both, 5);
  both.timers.advance(1000);
  const probe = both.resolve();
  expect(both.first.open).toHaveLength(6);
  void both.resolve();
  expect(both.first.open).toHaveLength(6);
  both.first.open.at(-1)!.answer(answer);
  await probe;
  expect(both.hedged.health()[0]).toMatchObject({ state: 'up', failures: 0 });
});

test('a probe that fails doubles the rest', async () => {
  const both = pair();
  await fail(both, 5);
  both.timers.advance(1000);
  await fail(both, 1);
  both.timers.advance(1999);
  void both.resolve();
  expect(both.first.open).toHaveLength(6);
  both.timers.advance(1);
  void both.resolve();
  expect(both.first.open).toHaveLength(7);
});

test('there is no resolver out of none', () => {
  expect(() => createHedgedResolver([], { timers: manualTimers() })).toThrow(RangeError);
});

test('where no place is free, the next resolver gets the place of the one that is slow', async () => {
  const timers = manualTimers();
  const [first, second] = [puppet('first'), puppet('second')];
  const pool = createHedgedResolver([first.resolver, second.resolver], { timers });
  const places = createPlaces({ max: 1 }, timers);
  const inquiry = pool.inquire(question, { until: Number.POSITIVE_INFINITY, places });
  timers.advance(150);
  expect(first.open[0]!.signal.aborted).toBe(true);
  second.open[0]!.answer(answer);
  expect(await inquiry.settled).toEqual({ outcome: answer, by: 1 });
  expect(pool.health()[0]).toMatchObject({ failures: 1 });
  expect(places.tryTake('form')).not.toBeNull();
});

test('the time that a question waits for a place does not count against a resolver', async () => {
  const timers = manualTimers();
  const [first, second] = [puppet('first'), puppet('second')];
  const pool = createHedgedResolver([first.resolver, second.resolver], { timers });
  const places = createPlaces({ max: 1 }, timers);
  const place = places.tryTake('form')!;
  const inquiry = pool.inquire(question, { until: Number.POSITIVE_INFINITY, places });
  timers.advance(1000);
  place.release();
  timers.advance(149);
  expect(second.open).toHaveLength(0);
  first.open[0]!.answer(answer);
  expect(await inquiry.settled).toEqual({ outcome: answer, by: 0 });
  expect(pool.health()[0]).toMatchObject({ failures: 0 });
});

test('at its deadline a question is a timeout, waiting for a place or not', async () => {
  const { timers, first, hedged } = pair();
  const places = createPlaces({ max: 1 }, timers);
  const until = timers.now() + 100;
  const inquiries = [0, 1].map(() => hedged.inquire(question, { until, places }));
  expect(first.open).toHaveLength(1);
  timers.advance(100);
  for (const { settled: outcome } of inquiries)
    expect(await outcome).toEqual({ outcome: failed('timeout'), by: null });
  expect(first.open[0]!.signal.aborted).toBe(true);
  expect(timers.pending()).toBe(0);
});

test('an abandoned question goes on in the background, and to further resolvers one at a time', async () => {
  const { timers, first, second, hedged } = pair();
  const places = createPlaces({ max: 1, background: 1 }, timers);
  const terms = { until: Number.POSITIVE_INFINITY, places };
  const [one, two] = [hedged.inquire(question, terms), hedged.inquire(question, terms)];
  expect(first.open).toHaveLength(1);
  one!.abandon();
  expect(first.open).toHaveLength(2);
  two!.abandon();
  expect(await two!.settled).toEqual({ outcome: failed('timeout'), by: null });
  timers.advance(150);
  expect(first.open[0]!.signal.aborted).toBe(true);
  second.open[0]!.answer(answer);
  expect(await one!.settled).toEqual({ outcome: answer, by: 1 });
});

test('an abandoned question that waits for a place ends', async () => {
  const { timers, hedged } = pair();
  const places = createPlaces({ max: 0, background: 9 }, timers);
  const inquiry = hedged.inquire(question, { until: Number.POSITIVE_INFINITY, places });
  inquiry.abandon();
  expect(await inquiry.settled).toEqual({ outcome: failed('timeout'), by: null });
});

test('one member alone can be asked', async () => {
  const { timers, first, second, hedged } = pair();
  const inquiry = hedged.inquire(question, { until: Number.POSITIVE_INFINITY, only: 1 });
  timers.advance(1000);
  expect(first.open).toHaveLength(0);
  second.open[0]!.answer(failed('servfail'));
  expect(await inquiry.settled).toEqual({ outcome: failed('servfail'), by: null });
});

test('names that are slow do not make a resolver rest that answers others meanwhile', async () => {
  const { timers, first, hedged, resolve } = pair();
  for (let count = 0; count < 10; count++) {
    const controller = new AbortController();
    const slow = resolve(controller.signal);
    timers.advance(1);
    const quick = resolve();
    timers.advance(1);
    first.open.at(-1)!.answer(answer);
    await quick;
    timers.advance(1000);
    controller.abort();
    await slow;
  }
  expect(hedged.health()[0]).toMatchObject({ state: 'up' });
});
