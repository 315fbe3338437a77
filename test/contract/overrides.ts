// What the operator's lists must do on every engine: each workspace has its own, and none grows beyond its limit.

import { beforeEach, describe, expect, test } from 'vitest';
import type { OverrideRepository } from '../../src/overrides/override-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createOverrideRepository } from '../../src/storage/sqlite/override-repository.ts';

const entry = {
  domain: 'example.com',
  includesSubdomains: false,
  kind: 'deny',
  note: null,
  since: 1,
} as const;

/** `open` gives a database with the migrations applied and nothing in it. */
export function overridesBattery(name: string, open: () => Promise<Database>): void {
  describe(`OverrideRepository on ${name}`, () => {
    let database: Database;
    let repository: OverrideRepository;
    beforeEach(async () => {
      database = await open();
      repository = createOverrideRepository(database);
    });

    test('an entry is added, changed and removed; a domain and its subdomains are two entries', async () => {
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
      expect(await repository.remove({ ...entry, includesSubdomains: true })).toBe(true);
      expect(await repository.all()).toEqual([]);
    });

    test('entries are in the order of their names', async () => {
      for (const domain of ['b.example', 'c.example', 'a.example'])
        await repository.put({ ...entry, domain }, 10);
      expect((await repository.all()).map(({ domain }) => domain)).toEqual([
        'a.example',
        'b.example',
        'c.example',
      ]);
    });

    test('a full list accepts changes but no new entries until one is removed', async () => {
      await repository.put(entry, 1);
      const second = { ...entry, domain: 'example.org' };
      expect(await repository.put(second, 1)).toBe('full');
      expect(await repository.put({ ...entry, kind: 'allow' }, 1)).toBe('changed');
      expect(await repository.all()).toEqual([{ ...entry, kind: 'allow' }]);
      await repository.remove(entry);
      expect(await repository.put(second, 1)).toBe('added');
    });

    test('two concurrent additions do not exceed the limit', async () => {
      const outcomes = await Promise.all(
        ['a.example', 'b.example'].map((domain) => repository.put({ ...entry, domain }, 1)),
      );
      expect(outcomes.toSorted()).toEqual(['added', 'full']);
      expect(await repository.all()).toHaveLength(1);
    });

    test('another workspace shares neither entries nor the limit', async () => {
      const agency = createOverrideRepository(database, 'agency');
      await repository.put(entry, 1);
      expect(await agency.all()).toEqual([]);
      expect(await agency.remove(entry)).toBe(false);
      expect(await agency.put({ ...entry, kind: 'allow' }, 1)).toBe('added');
      expect(await repository.all()).toEqual([entry]);
      expect(await repository.remove(entry)).toBe(true);
      expect(await agency.all()).toEqual([{ ...entry, kind: 'allow' }]);
    });
  });
}
