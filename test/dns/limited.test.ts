// So many questions at once and no more.

import { expect, test } from 'vitest';
import { createLimitedResolver } from '../../src/dns/limited.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';

const answer: DnsOutcome = { kind: 'nxdomain', ttl: 60 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function counted() {
  const open: { name: string; answer: () => void }[] = [];
  const resolver: Resolver = {
    name: 'counted',
    resolve: ({ name }) =>
      new Promise((resolve) => {
        open.push({ name, answer: () => resolve(answer) });
      }),
  };
  return { open, limited: createLimitedResolver(resolver, 2) };
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
