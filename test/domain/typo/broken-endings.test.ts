// Broken national endings, generated from the endings that providers have.

import { expect, test } from 'vitest';
import { mailDomains } from '../../../data/packed/typo.js';
import { suggestDomain } from '../../../src/domain/typo/suggest.ts';

const providers = ['yahoo', 'hotmail', 'outlook', 'live', 'docomo', 'ezweb', 'uol', 'bol', 'terra'];
/** Lighter domains have too few users to be a suggestion. */
const lightest = 8;

const domains = mailDomains.split('\n').map((line) => line.split(' '));
const real = new Set(domains.map(([domain]) => domain!));
const national = domains.flatMap(([domain, weight]) => {
  const [name, secondLevel, country, ...rest] = domain!.split('.');
  const isMeant = providers.includes(name!) && country !== undefined && rest.length === 0;
  return isMeant && Number(weight) >= lightest ? [{ name: name!, secondLevel: secondLevel!, country }] : [];
});

const slips: readonly ((secondLevel: string, country: string) => string)[] = [
  (level, country) => `${level}${country}`, // the dot dropped
  (level, country) => `${level}.${country}${country.at(-1)}`, // the last letter doubled
  (level, country) => `${level}.${country}.${country}`, // the country twice
  (level, country) => `${level}.${country[1]}${country[0]}`, // its letters swapped
  (level, country) => `${level}${level.at(-1)}.${country}`, // a letter of the second level doubled
  (level, country) => `${level}.${level}.${country}`, // the second level twice
  (level, country) => `${level === 'co' ? 'com' : 'co'}.${country}`, // another second level
  (level, country) => `${level.replace('m', 'n').replace('co', 'xo')}.${country}`, // a neighboring key
  (level, country) => `${level}.${country[0]}`, // a letter of the country dropped
  (level, country) => `${country}.${level}`, // the labels swapped
  (level, country) => `${level}.${level[0]}.${country}`, // a part of the second level again
  (level, country) => `${level}r${country}`, // a key beside the dot's place
];

const cases = [
  ...new Map(
    national.flatMap(({ name, secondLevel, country }) =>
      slips.map(
        (slip) => [`${name}.${slip(secondLevel, country)}`, `${name}.${secondLevel}.${country}`] as const,
      ),
    ),
  ),
].filter(([written]) => !real.has(written));

test('at least 170 cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(170);
});

test('four of five lead to the ending that was meant, the rest to nothing, none to another domain', () => {
  const outcomes = cases.map(([written, meant]) => ({
    written,
    meant,
    given: suggestDomain(written)?.domain ?? null,
  }));
  expect(outcomes.filter(({ meant, given }) => given !== null && given !== meant)).toEqual([]);
  const right = outcomes.filter(({ meant, given }) => given === meant);
  expect(right.length / cases.length).toBeGreaterThanOrEqual(0.8);
});
