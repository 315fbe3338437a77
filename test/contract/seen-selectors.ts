// What the store of seen DKIM selectors promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  createSeenSelectors,
  type SeenSelectors,
  type SelectorRepository,
} from '../../src/preflight/seen-selectors.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSelectorRepository } from '../../src/storage/sqlite/selector-repository.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;

/** `start` gives a database with the schema and nothing in it. */
export function seenSelectorsBattery(name: string, start: () => Promise<{ database: Database }>): void {
  describe(`Seen selectors on ${name}`, () => {
    let now: number;
    let repository: SelectorRepository;
    let selectors: SeenSelectors;
    let database: Database;

    beforeEach(async () => {
      now = noon;
      database = (await start()).database;
      repository = createSelectorRepository(database);
      selectors = createSeenSelectors(repository, () => now);
    });

    const see = (selector: string, from = 'example.net', domain = 'example.net') =>
      selectors.see([{ from, domain, selector }]);

    test('nothing is known at first', async () => {
      await selectors.see([]);
      expect(await selectors.currentOf('example.net')).toEqual([]);
    });

    test('the selectors of the domain in From, the latest first', async () => {
      await see('s1');
      now += 1000;
      await see('k1', 'example.net', 'mail.example.net');
      await see('other', 'example.org', 'example.org');
      expect(await selectors.currentOf('example.net')).toEqual([
        'k1._domainkey.mail.example.net',
        's1._domainkey.example.net',
      ]);
    });

    test('a selector that was replaced by another two days ago no longer counts', async () => {
      await see('old');
      now += 2 * day;
      await see('new');
      expect(await selectors.currentOf('example.net')).toHaveLength(2);
      now += 1;
      await see('new');
      expect(await selectors.currentOf('example.net')).toEqual(['new._domainkey.example.net']);
    });

    test('a selector that was not seen for a week no longer counts, and is deleted with the next one', async () => {
      await see('s1');
      now += 7 * day;
      expect(await selectors.currentOf('example.net')).toHaveLength(1);
      now += 1;
      expect(await selectors.currentOf('example.net')).toEqual([]);
      expect(await repository.of('example.net', 0)).toHaveLength(1);
      await see('s2', 'example.org', 'example.org');
      expect(await repository.of('example.net', 0)).toEqual([]);
    });

    test('a time before the stored one changes nothing', async () => {
      const one = { domain: 'example.net', name: 's1._domainkey.example.net', seenAt: noon };
      await repository.add([one], 0);
      await repository.add([{ ...one, seenAt: noon - day }], 0);
      expect(await repository.of('example.net', 0)).toEqual([one]);
    });

    test('a domain has at most five', async () => {
      for (const selector of ['a', 'b', 'c', 'd', 'e', 'f']) await see(selector);
      expect(await selectors.currentOf('example.net')).toHaveLength(5);
    });

    test('another workspace has its own', async () => {
      await see('s1');
      const other = createSelectorRepository(database, 'other');
      expect(await other.of('example.net', 0)).toEqual([]);
      await other.add([], noon + day);
      expect(await repository.of('example.net', 0)).toHaveLength(1);
    });
  });
}
