// The table of confusable letters says what it means.

import { domainToASCII } from 'node:url';
import { expect, test } from 'vitest';
import { readData, rows } from '../../data/packer/tsv.ts';
import { findImitated } from '../../src/domain/confusable.ts';

const table = rows(readData('confusables.tsv'));

test('every row has its own code point, an ASCII letter and a known source', () => {
  for (const [character, point, letter, source] of table) {
    expect(character!.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')).toBe(point);
    expect(letter, point!).toMatch(/^[a-z]$/);
    expect(['uts39', 'look'], point!).toContain(source);
  }
});

test('no letter is there twice', () => {
  const points = table.map(([, point]) => point);
  expect(new Set(points).size).toBe(points.length);
});

test('each letter that a domain may have betrays an imitation of a well-known name', () => {
  const known: Record<string, string> = {
    g: 'gmail.com',
    m: 'gmail.com',
    a: 'gmail.com',
    i: 'gmail.com',
    o: 'outlook.com',
  };
  let tried = 0;
  for (const [character, point, letter] of table) {
    const domain = known[letter!];
    const ascii = domain && domainToASCII(domain.replace(letter!, character!));
    if (!ascii?.startsWith('xn--')) continue;
    tried++;
    expect(findImitated(ascii), point!).toBe(domain);
  }
  expect(tried).toBeGreaterThan(20);
});
