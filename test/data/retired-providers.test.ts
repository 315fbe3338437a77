// The table of providers that closed.

import { expect, test } from 'vitest';
import { mailDomains } from '../../data/packed/typo.js';
import { readData, rows } from '../../data/packer/tsv.ts';
import { describeDomain } from '../../src/domain/describe.ts';
import { suggestDomain } from '../../src/domain/typo/suggest.ts';

const table = rows(readData('retired-providers.tsv'));

test('every row has a domain, a class, a date and a page or `guess`, each domain once', () => {
  for (const [domain, kind, date, source, host] of table) {
    expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    expect(['closed', 'pruned', 'moved']).toContain(kind);
    expect(host === undefined).toBe(kind !== 'moved');
    expect(date).toMatch(/^20\d\d(-[01]\d)?$/);
    expect(source).toMatch(/^(https?:\/\/\S+|guess)$/);
  }
  expect(new Set(table.map(([domain]) => domain)).size).toBe(table.length);
});

test('a closed provider is known, is not corrected and is never suggested', () => {
  const weights = new Map(mailDomains.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const [domain, kind, , source] of table.filter(([, kind]) => kind !== 'moved')) {
    const isCertain = source !== 'guess' && kind === 'closed';
    expect(describeDomain(domain!).retired).toBe(isCertain ? 'verified' : 'unverified');
    if (weights.has(domain!)) {
      expect(weights.get(domain!)).toBe('0');
      expect(suggestDomain(domain!)).toBeNull();
    }
  }
  expect(suggestDomain('paradise.net.nx')?.domain).not.toBe('paradise.net.nz');
  expect(describeDomain('gmail.com').retired).toBeNull();
});

test('a domain that moved is alive, may be suggested and has its new host as provider', () => {
  const moved = table.filter(([, kind]) => kind === 'moved');
  expect(moved.length).toBeGreaterThan(0);
  const weights = new Map(mailDomains.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const [domain, , , source, host] of moved) {
    const { retired, provider } = describeDomain(domain!);
    expect({ domain, retired, provider }).toEqual({ domain, retired: null, provider: host });
    expect(Number(weights.get(domain!)), domain).toBeGreaterThan(0);
    expect(URL.canParse(source!), domain).toBe(true);
  }
  expect(suggestDomain('verizn.net')?.domain).toBe('verizon.net');
});

test('at least 80 rows have a page', () => {
  expect(table.filter(([, , , source]) => source !== 'guess').length).toBeGreaterThanOrEqual(80);
});
