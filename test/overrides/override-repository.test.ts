// The operator's lists in storage: each workspace has its own, and none grows beyond its limit.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/node.ts';
import { createOverrideRepository } from '../../src/storage/sqlite/override-repository.ts';

const entry = {
  domain: 'example.com',
  includesSubdomains: false,
  kind: 'deny',
  note: null,
  since: 1,
} as const;

test('an entry is added, changed and removed; a domain and its subdomains are two entries', async () => {
  const repository = createOverrideRepository(openDatabase(':memory:').database);
  expect(await repository.put(entry, 10)).toBe('added');
  expect(await repository.put({ ...entry, kind: 'allow', note: 'ours', since: 2 }, 10)).toBe('changed');
  expect(await repository.put({ ...entry, includesSubdomains: true }, 10)).toBe('added');
  expect(await repository.all()).toEqual([
    { ...entry, kind: 'allow', note: 'ours', since: 2 },
    { ...entry, includesSubdomains: true },
  ]);
  expect(await repository.remove(entry)).toBe(true);
  expect(await repository.remove(entry)).toBe(false);
  expect(await repository.all()).toEqual([{ ...entry, includesSubdomains: true }]);
});

test('a full list takes changes and no more entries', async () => {
  const repository = createOverrideRepository(openDatabase(':memory:').database);
  await repository.put(entry, 1);
  expect(await repository.put({ ...entry, domain: 'example.org' }, 1)).toBe('full');
  expect(await repository.put({ ...entry, kind: 'allow' }, 1)).toBe('changed');
});

test('another workspace shares nothing', async () => {
  const { database } = openDatabase(':memory:');
  const [ours, agency] = [createOverrideRepository(database), createOverrideRepository(database, 'agency')];
  await ours.put(entry, 1);
  expect(await agency.all()).toEqual([]);
  expect(await agency.put(entry, 1)).toBe('added');
  expect(await ours.remove(entry)).toBe(true);
  expect(await agency.all()).toEqual([entry]);
});
