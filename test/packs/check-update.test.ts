// Which data packs may replace the data: newer ones, with no more changes than updates usually have.

import { expect, test } from 'vitest';
import { checkUpdate, type UpdateQuestion } from '../../src/packs/check-update.ts';
import { dataParts } from '../../src/packs/data-parts.ts';
import { builtInPart, onlyDisposable, packWith } from './packs.ts';

const question: UpdateQuestion = {
  present: '2026-11-20',
  builtIn: '2026-11-01',
  now: Date.parse('2026-11-27T12:00:00Z'),
  force: false,
};

const check = (
  changed: Record<string, string>,
  version = '2026-11-26',
  asked: Partial<UpdateQuestion> = {},
) => checkUpdate(packWith(changed, version), { ...question, ...asked });

const lines = (name: string): string[] => builtInPart(name).split('\n');
const retired = lines('retired-providers').length;
const withoutRetired = (count: number) => ({
  'retired-providers': lines('retired-providers').slice(count).join('\n'),
});
const withMoreRetired = (count: number) => ({
  'retired-providers': [
    ...lines('retired-providers'),
    ...Array.from({ length: count }, (_, i) => `closed-${i}.com closed`),
  ].join('\n'),
});
const most = Math.max(3, Math.floor(retired * 0.05));

test('a newer version is accepted, and every part is compared', async () => {
  const decision = await check(withMoreRetired(2));
  expect(decision.kind).toBe('accepted');
  expect(decision.changes.map(({ name }) => name)).toEqual(dataParts.map(({ name }) => name));
  expect(decision.changes.find(({ name }) => name === 'retired-providers')).toEqual({
    name: 'retired-providers',
    before: retired,
    added: 2,
    removed: 0,
    tooMuch: false,
  });
});

test.each([
  ['2026-11-19', {}, 'Version 2026-11-19 is older than the data in use (2026-11-20).'],
  ['2026-10-31', {}, 'Version 2026-10-31 is older than the data of this release (2026-11-01).'],
  ['2026-10-31', { force: true }, 'Version 2026-10-31 is older than the data of this release (2026-11-01).'],
  ['2026-11-30', {}, 'Version 2026-11-30 is dated in the future. Check the clock of this computer.'],
  [
    '2026-11-30',
    { force: true },
    'Version 2026-11-30 is dated in the future. Check the clock of this computer.',
  ],
])('version %s with %j is refused', async (version, asked, why) => {
  expect(await check({}, version, asked)).toEqual({ kind: 'refused', why, changes: [] });
});

test('with --force an older version is accepted; a day ahead needs none', async () => {
  expect((await check({}, '2026-11-19', { force: true })).kind).toBe('accepted');
  expect((await check({}, '2026-11-01', { force: true })).kind).toBe('accepted');
  expect((await check({}, '2026-11-29')).kind).toBe('accepted');
});

test('the version in use is current if its entries are the same, else it is refused', async () => {
  expect((await check({}, '2026-11-20')).kind).toBe('current');
  expect(await check(withMoreRetired(1), '2026-11-20')).toMatchObject({
    kind: 'refused',
    why: 'Version 2026-11-20 is already in use, but this data pack has different entries.',
  });
  expect((await check(withoutRetired(1), '2026-11-20')).kind).toBe('refused');
  expect((await check(withMoreRetired(1), '2026-11-20', { force: true })).kind).toBe('accepted');
});

test('up to 5% of a list may be added, and removed; more needs --force', async () => {
  expect((await check(withMoreRetired(most))).kind).toBe('accepted');
  expect((await check(withoutRetired(most))).kind).toBe('accepted');
  for (const changed of [withMoreRetired(most + 1), withoutRetired(most + 1)]) {
    expect(await check(changed)).toMatchObject({
      kind: 'refused',
      why: 'More than 5% of the entries would change in: retired-providers.',
    });
    expect((await check(changed, '2026-11-26', { force: true })).kind).toBe('accepted');
  }
});

test('a list of the same length with other entries is refused', async () => {
  const changed = lines('relays').map((line, index) => (index % 2 === 0 ? line.replace(/^/, 'x') : line));
  expect(await check({ relays: changed.join('\n') })).toMatchObject({
    kind: 'refused',
    why: 'More than 5% of the entries would change in: relays.',
  });
});

test('three entries of a short list may always change', async () => {
  const names = builtInPart('nonstandard-names').split(' ');
  const more = (count: number) => ({
    'nonstandard-names': [...names, ...Array.from({ length: count }, (_, i) => `old-${i}.ne.jp`)].join(' '),
  });
  expect((await check(more(3))).kind).toBe('accepted');
  expect((await check(more(4))).kind).toBe('refused');
});

test('disposable domains are compared by their hashes', async () => {
  const { changes, kind } = await check(onlyDisposable('brisk-otter.com'));
  expect(kind).toBe('refused');
  const { before, added, removed, tooMuch } = changes.find(({ name }) => name === 'disposable-domains')!;
  expect(before).toBeGreaterThan(100_000);
  expect({ added, removed, tooMuch }).toEqual({ added: 1, removed: before, tooMuch: true });
});

test('a harmful pack is refused even with --force', async () => {
  const changed = { 'retired-providers': `${builtInPart('retired-providers')}\ngmail.com closed` };
  expect(await check(changed, '2026-11-26', { force: true })).toEqual({
    kind: 'refused',
    why: 'The data pack says that gmail.com closed.',
    changes: [],
  });
});
