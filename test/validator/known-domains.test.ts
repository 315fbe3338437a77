// The cache of looked-up domains: it keeps what was used recently.

import { expect, test } from 'vitest';
import { rememberDomains } from '../../src/validator/known-domains.ts';

const fact = (name: string) => ({ name });

test('a name is found with its facts, another is not', () => {
  const domains = rememberDomains<{ name: string }>(4);
  domains.set('a.example', fact('a'));
  expect(domains.get('a.example')).toEqual(fact('a'));
  expect(domains.get('b.example')).toBeUndefined();
});

test.each(['a', 'b', 'c', 'd'])('%s is one of as many as the maximum', (one) => {
  const domains = rememberDomains<{ name: string }>(4);
  for (const name of ['a', 'b', 'c', 'd']) domains.set(name, fact(name));
  expect(domains.get(one)).toEqual(fact(one));
});

test('what was not used recently goes first', () => {
  const domains = rememberDomains<{ name: string }>(4);
  for (const name of ['a', 'b', 'c', 'd', 'e']) domains.set(name, fact(name));
  expect(['a', 'b'].map((name) => domains.get(name))).toEqual([undefined, undefined]);
  expect(['c', 'd', 'e'].map((name) => domains.get(name)?.name)).toEqual(['c', 'd', 'e']);
});

test('a name that is read stays', () => {
  const domains = rememberDomains<{ name: string }>(4);
  domains.set('a', fact('a'));
  domains.set('b', fact('b'));
  for (const name of ['c', 'd', 'e', 'f', 'g']) {
    domains.set(name, fact(name));
    expect(domains.get('a')).toEqual(fact('a'));
  }
  expect(domains.get('b')).toBeUndefined();
});

test('facts that are set again replace the earlier ones and drop nothing', () => {
  const domains = rememberDomains<{ name: string }>(4);
  domains.set('a', fact('a'));
  domains.set('b', fact('b'));
  for (const version of ['1', '2', '3']) domains.set('b', fact(version));
  expect(domains.get('a')).toEqual(fact('a'));
  expect(domains.get('b')).toEqual(fact('3'));
});
