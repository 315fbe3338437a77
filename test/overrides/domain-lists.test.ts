// An operator's own lists: how they are written, and that their word wins.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DomainFacts } from '../../src/domain/facts.ts';
import {
  allowedFacts,
  emptyDomainList,
  formatDomainEntry,
  mergeDomainLists,
  overrideFor,
  parseDomainEntry,
  parseDomainList,
} from '../../src/overrides/domain-lists.ts';

const list = (text: string) => {
  const parsed = parseDomainList(text);
  if (!parsed.ok) throw new Error(`line ${parsed.line}`);
  return parsed.list;
};

const facts: DomainFacts = {
  registrable: 'example.com',
  specialUse: null,
  typo: { domain: 'gmail.com', confidence: 'likely' },
  disposable: true,
  relay: false,
  free: false,
  provider: null,
  confusable: 'gmail.com',
};

test('one domain a line, comments, empty lines, upper case, U-labels and either line end', () => {
  expect(list('# ours\r\nExample.COM\n\n  partner.example  # since 2024\n*.münchen.de\n.acme.io')).toEqual({
    exact: new Set(['example.com', 'partner.example']),
    includingSubdomains: new Set(['xn--mnchen-3ya.de', 'acme.io']),
  });
});

test.each([
  ['example.com\njane@example.com', 2],
  ['two words.com', 1],
  ['a.com\n\n# fine\nhttp://b.com/', 4],
  ['a..com', 1],
  ['*', 1],
  ['-a-.com', 1],
  ['x.com:25', 1],
])('%j fails with the number of its line, %d', (text, line) => {
  expect(parseDomainList(text)).toEqual({ ok: false, line, problem: 'not_a_domain' });
});

test('reading never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(typeof parseDomainList(text).ok).toBe('boolean');
    }),
  );
});

test('an entry is that domain alone; with a star or a leading dot, everything beneath it too', () => {
  const deny = list('one.com\n*.two.com');
  const word = (domain: string) => overrideFor(domain, { allow: emptyDomainList, deny });
  expect(word('one.com')).toBe('deny');
  expect(word('a.one.com')).toBeNull();
  expect(word('two.com')).toBe('deny');
  expect(word('a.b.two.com')).toBe('deny');
  expect(word('nottwo.com')).toBeNull();
});

test('the longest entry decides, and of two as long, deny', () => {
  const lists = { allow: list('good.bad.com\nboth.com'), deny: list('*.bad.com\nboth.com') };
  expect(overrideFor('good.bad.com', lists)).toBe('allow');
  expect(overrideFor('other.bad.com', lists)).toBe('deny');
  expect(overrideFor('both.com', lists)).toBe('deny');
});

test('allow clears what the data holds against the name', () => {
  expect(allowedFacts(facts)).toEqual({
    ...facts,
    retired: null,
    typo: null,
    typoIfUnused: null,
    disposable: false,
    confusable: null,
  });
});

test('an entry is read and written in one form', () => {
  const written = (text: string) => {
    const entry = parseDomainEntry(text);
    return entry === null ? null : formatDomainEntry(entry);
  };
  expect(['Example.COM', '*.Bücher.de', '.acme.io', 'a b', ''].map(written)).toEqual([
    'example.com',
    '*.xn--bcher-kva.de',
    '*.acme.io',
    null,
    null,
  ]);
});

test('two lists joined speak for the entries of both', () => {
  const lists = { allow: emptyDomainList, deny: mergeDomainLists(list('one.com'), list('*.two.com')) };
  expect(['one.com', 'a.two.com', 'three.com'].map((domain) => overrideFor(domain, lists))).toEqual([
    'deny',
    'deny',
    null,
  ]);
});
