// The table of names that providers give out.

import { expect, test } from 'vitest';
import { readData, rows } from '../../data/packer/tsv.ts';
import { nameRuleOf } from '../../src/address/name-rules.ts';
import { describeDomain } from '../../src/domain/describe.ts';

test('a row names known providers by their registrable domains, bounds, and a page or `guess`', () => {
  for (const [domains, characters, shortest, longest, basis, source] of rows(
    readData('provider-rules.tsv'),
  )) {
    for (const domain of domains!.split(' ')) {
      const { provider, registrable } = describeDomain(domain);
      expect({ domain, registrable, isKnown: provider !== null }).toEqual({
        domain,
        registrable: domain,
        isKnown: true,
      });
    }
    expect(characters).toMatch(/^[!-/:-@[-`{-~]+$/);
    expect(Number(shortest)).toBeGreaterThanOrEqual(1);
    expect(Number(longest)).toBeLessThanOrEqual(64);
    expect(['own', 'press', 'guess']).toContain(basis);
    expect(basis === 'guess' ? source : URL.canParse(source!)).toBe(basis === 'guess' ? 'guess' : true);
  }
});

test('25 rows name a page', () => {
  const bases = rows(readData('provider-rules.tsv')).map(([, , , , basis]) => basis);
  expect(bases.filter((basis) => basis !== 'guess').length).toBeGreaterThanOrEqual(25);
});

test('a provider that gave out nonstandard names has a rule', () => {
  for (const [domain] of rows(readData('nonstandard-names.tsv'))) {
    expect(nameRuleOf(domain!), domain).not.toBeNull();
    expect(describeDomain(domain!).provider, domain).not.toBeNull();
  }
});
