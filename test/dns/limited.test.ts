// So many questions at once and no more.

import { expect, test } from 'vitest';
import { createLimitedResolver } from '../../src/dns/limited.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import { manualTimers } from './manual-timers.ts';

const answer: DnsOutcome = { kind: 'nxdomain', ttl: 60 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function counted() {
  const open: { name: string; answer: () => void }[] = [];
  const timers = manualTimers();
  const resolver: Resolver = {
    name: 'counted',
    resolve: ({ name }, signal) =>
      new Promise((resolve) => {
        open.push({ name, answer: () => resolve(answer) });
        signal.addEventListener('abort', () => resolve({ kind: 'failure', cause: 'timeout' }));
      }),
  };
  return { open, timers, limited: createLimitedResolver(resolver, 2, timers) };
}

const live = () => new AbortController().signal;

test('the third of two waits until one has its answer, and each is sent in its turn', async () => {
  const { open, limited } = counted();
  const names = ['one.example', 'two.example', 'three.example', 'four.example'];
  const outcomes = names.map((name) => limited.resolve({ name, type: 'MX' }, live()));
  expect(open.map(({ name }) => name)).toEqual(names.slice(0, 2));
  for (let index = 0; index < names.length; index++) {
    open[index]!.answer();
    await settled();
    expect(open).toHaveLength(Math.min(names.length, index + 3));
  }
  expect(open.map(({ name }) => name)).toEqual(names);
  expect(await Promise.all(outcomes)).toEqual(names.map(() => answer));
});

test('one that waits and is aborted is a timeout at once, and never sent', async () => {
  const { open, limited } = counted();
  for (const name of ['one.example', 'two.example']) void limited.resolve({ name, type: 'MX' }, live());
  const controller = new AbortController();
  const outcome = limited.resolve({ name: 'three.example', type: 'MX' }, controller.signal);
  controller.abort();
  expect(await outcome).toEqual({ kind: 'failure', cause: 'timeout' });
  open[0]!.answer();
  await settled();
  expect(open).toHaveLength(2);
});

test('when all run out of time at once, those that waited are not sent on the way', async () => {
  const { open, timers, limited } = counted();
  const controllers = Array.from({ length: 5 }, () => new AbortController());
  const outcomes = controllers.map(({ signal }, index) =>
    limited.resolve({ name: `d${index}.example`, type: 'MX' }, signal),
  );
  for (const controller of controllers) {
    controller.abort();
    await settled();
  }
  await Promise.all(outcomes);
  timers.advance(1);
  expect(open).toHaveLength(2);
  void limited.resolve({ name: 'next.example', type: 'MX' }, live());
  expect(open).toHaveLength(3);
});
