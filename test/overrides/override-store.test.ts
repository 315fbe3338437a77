// The operator's lists in memory: read at most every half minute, at once after a change here, and kept when storage fails.

import { beforeEach, describe, expect, test } from 'vitest';
import { overrideFor } from '../../src/overrides/domain-lists.ts';
import {
  createOverrideStore,
  type DomainOverride,
  maxOverrides,
  type OverrideRepository,
  type OverrideStore,
} from '../../src/overrides/override-store.ts';

const denied = {
  domain: 'example.com',
  includesSubdomains: false,
  kind: 'deny',
  note: 'spam',
  since: 1,
} as const;

let entries: DomainOverride[];
let reads: number;
let isOut: boolean;
let limits: number[];
let failures: unknown[];
let now: number;
let ownDomains: OverrideStore;

beforeEach(() => {
  [entries, reads, isOut, limits, failures, now] = [[denied], 0, false, [], [], 0];
  const repository: OverrideRepository = {
    async all() {
      reads++;
      if (isOut) throw new Error('out of reach');
      return entries;
    },
    async put(entry, limit) {
      limits.push(limit);
      entries = [...entries, entry];
      return 'added';
    },
    async remove({ domain }) {
      const before = entries.length;
      entries = entries.filter((entry) => entry.domain !== domain);
      return entries.length < before;
    },
  };
  ownDomains = createOverrideStore({
    repository,
    now: () => now,
    onFailure: (error) => failures.push(error),
  });
});

const wordOn = async (domain: string) => overrideFor(domain, await ownDomains.lists());

test('entries are on the list of their word', async () => {
  entries = [denied, { ...denied, domain: 'partner.example', includesSubdomains: true, kind: 'allow' }];
  expect([
    await wordOn('example.com'),
    await wordOn('a.partner.example'),
    await wordOn('other.example'),
  ]).toEqual(['deny', 'allow', null]);
  expect(await ownDomains.all()).toEqual(entries);
});

test('the change of another process is seen after half a minute, and nothing is read before', async () => {
  expect(await wordOn('example.com')).toBe('deny');
  entries = [];
  now = 29_999;
  expect(ownDomains.lists()).not.toBeInstanceOf(Promise);
  expect([await wordOn('example.com'), reads]).toEqual(['deny', 1]);
  now = 30_000;
  expect([await wordOn('example.com'), reads]).toEqual([null, 2]);
});

test('a change here is seen at once, with its time', async () => {
  expect(await wordOn('example.org')).toBeNull();
  now = 7;
  expect(
    await ownDomains.put({ domain: 'example.org', includesSubdomains: false, kind: 'deny', note: null }),
  ).toBe('added');
  expect(limits).toEqual([maxOverrides]);
  expect(await wordOn('example.org')).toBe('deny');
  expect(entries.at(-1)).toEqual({
    domain: 'example.org',
    includesSubdomains: false,
    kind: 'deny',
    note: null,
    since: 7,
  });
  expect(await ownDomains.remove({ domain: 'example.org', includesSubdomains: false })).toBe(true);
  expect(await wordOn('example.org')).toBeNull();
  expect(await ownDomains.remove({ domain: 'example.org', includesSubdomains: false })).toBe(false);
});

describe('while storage fails', () => {
  test('the lists of before stay in use, and storage is asked no more often than otherwise', async () => {
    await ownDomains.lists();
    isOut = true;
    now = 30_000;
    expect(await wordOn('example.com')).toBe('deny');
    now = 59_999;
    expect(await wordOn('example.com')).toBe('deny');
    expect([reads, failures.length]).toEqual([2, 1]);
    isOut = false;
    entries = [];
    now = 60_000;
    expect(await wordOn('example.com')).toBeNull();
  });

  test('a start without storage has empty lists', async () => {
    isOut = true;
    expect(await wordOn('example.com')).toBeNull();
    expect(failures).toHaveLength(1);
  });
});
