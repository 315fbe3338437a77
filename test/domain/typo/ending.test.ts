// An ending as written, and what it costs to assume that another was meant.

import { describe, expect, test } from 'vitest';
import { endingCost, endingOf, mayReplace } from '../../../src/domain/typo/ending.ts';
import type { Name, Target } from '../../../src/domain/typo/model.ts';

const target = (suffix: string, weight = 50): Target => ({
  domain: `acme.${suffix}`,
  suffix,
  lastLabel: suffix.slice(suffix.lastIndexOf('.') + 1),
  weight,
  bonus: 0,
});

/** A provider with one domain and a plain name, but for the differences. */
const provider = (suffix: string, differences: Partial<Name> = {}): Name => ({
  name: 'acme',
  targets: [target(suffix)],
  bonus: 0.1,
  brand: false,
  international: false,
  listed: false,
  company: false,
  sounds: null,
  isp: false,
  endings: [{ suffix, weight: 50 }],
  ...differences,
});

/** The cost of `written` for the main domain of the provider. */
const cost = (written: string, name: Name, exact = true) =>
  endingCost(endingOf(written), name.targets[0]!, name, exact);

const never = Number.POSITIVE_INFINITY;
const brand = { brand: true };

test.each([
  ['com', 'real'],
  ['co.uk', 'real'],
  ['foo.com', 'below'],
  ['con', 'broken'],
  ['com.con', 'broken'],
])('the ending %s is %s', (text, kind) => {
  expect(endingOf(text).kind).toBe(kind);
});

describe('an ending that exists', () => {
  test.each<[string, string, Name, boolean, number]>([
    ['and is the one that was meant costs nothing', 'com', provider('com'), true, 0],
    ['but is mostly a slip of the one that was meant', 'co', provider('com'), true, 0.7],
    ['and is mostly a slip of an ending that the provider lacks', 'co', provider('de'), true, 1.2],
    [
      'and is mostly a slip of another ending of the provider',
      'co',
      provider('de', { targets: [target('de'), target('com')] }),
      true,
      never,
    ],
    [
      'and is mostly a slip, for a rare provider',
      'co',
      provider('de', { targets: [target('de', 29)] }),
      true,
      never,
    ],
    ['after a plain word is another company', 'org', provider('com'), true, never],
    ['after a brand is another ending', 'org', provider('com', brand), true, 1.2],
    ['after a misspelled brand costs more', 'org', provider('com', brand), false, 1.7],
    [
      'as .com of an access provider is its company',
      'com',
      provider('net', { ...brand, isp: true }),
      true,
      never,
    ],
    ['as .com of a misspelled access provider', 'com', provider('net', { ...brand, isp: true }), false, 1.7],
    ['as .com of a brand that gives no access', 'com', provider('net', brand), true, 1.2],
    ['of a country after a brand', 'fr', provider('com', brand), true, 1.3],
    ['of a country after a misspelled brand', 'fr', provider('com', brand), false, 1.8],
    [
      'of a country after a brand of many countries may be real',
      'fr',
      provider('com', { ...brand, international: true }),
      true,
      never,
    ],
    [
      'of a country after a brand that everybody knows',
      'fr',
      provider('com', { ...brand, bonus: 0.5 }),
      true,
      0.9,
    ],
    ['with a country after the one that was meant', 'com.fr', provider('com', brand), true, 0.6],
    ['of the same country after a plain word', 'de', provider('co.de'), true, never],
    ['of the same country after a brand', 'uk', provider('co.uk', brand), true, 0.3],
    [
      'of the same country after a brand of many countries may be real',
      'br',
      provider('net.br', { ...brand, international: true }),
      true,
      never,
    ],
    ['of the same country and one key off', 'cp.uk', provider('co.uk', brand), true, 0.3],
  ])('%s', (_, written, name, exact, expected) => {
    expect(cost(written, name, exact)).toBeCloseTo(expected, 10);
  });

  test('is never meant as a lesser domain of the provider', () => {
    const name = provider('com', { ...brand, targets: [target('com'), target('net')] });
    expect(endingCost(endingOf('org'), name.targets[1]!, name, true)).toBe(never);
  });
});

describe('an ending that does not exist', () => {
  test.each<[string, string, Name, boolean, number]>([
    ['is a slip of the one that was meant', 'con', provider('com'), true, 0.9],
    [
      'is the one that was meant, and a letter',
      'comz',
      provider('com', { targets: [target('com', 9)] }),
      true,
      0.8,
    ],
    ['far from every other, after a popular name', 'qqqq', provider('com'), true, 1.9],
    ['far from every other, after a brand', 'qqqq', provider('com', brand), false, 1.9],
    ['far from every other, after a misspelled plain word', 'qqqq', provider('com'), false, never],
    [
      'far from every other, after the name of a rare provider',
      'qqqq',
      provider('com', { targets: [target('com', 29)] }),
      true,
      never,
    ],
  ])('%s', (_, written, name, exact, expected) => {
    expect(cost(written, name, exact)).toBeCloseTo(expected, 10);
  });

  test('far from every other is not taken for a lesser domain of the provider', () => {
    const name = provider('com', { ...brand, targets: [target('com'), target('net')] });
    expect(endingCost(endingOf('qqqq'), name.targets[1]!, name, true)).toBe(never);
  });
});

describe('more labels under an ending that exists', () => {
  test.each<[string, string, Name, boolean, number]>([
    ['are the ending twice', 'com.com', provider('com'), true, 0.6],
    ['are a mail word before it, after a brand', 'mail.com', provider('com', brand), true, 0.6],
    ['are a mail word before it, after a plain word', 'mail.com', provider('com'), true, never],
    ['are something else, after a plain word', 'foo.com', provider('com'), true, never],
  ])('%s', (_, written, name, exact, expected) => {
    expect(cost(written, name, exact)).toBeCloseTo(expected, 10);
  });
});

test('an existing ending may stand for another of its country, for itself, and for its usual intent', () => {
  expect(mayReplace(endingOf('uk'), target('co.uk'))).toBe(true);
  expect(mayReplace(endingOf('net'), target('net'))).toBe(true);
  expect(mayReplace(endingOf('co'), target('com'))).toBe(true);
  expect(mayReplace(endingOf('co'), target('net'))).toBe(false);
});
