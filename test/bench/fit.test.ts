// The generated slips, and the fit of the typing-error model on them.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateSlips, knownDomains } from '../../bench/fit/slips.ts';
import { constantsIn, fitnessOf, halves, withValues } from '../../bench/fit/typos.ts';
import { constants } from '../../src/domain/typo/constants.ts';
import { suggestDomain, suggestForUnused } from '../../src/domain/typo/suggest.ts';

describe('generated slips', () => {
  const slips = generateSlips();

  test('are many, each of another text than its domain, and the same each time', () => {
    expect(slips.length).toBeGreaterThan(4000);
    expect(slips.filter(({ written, meant }) => written === meant)).toEqual([]);
    expect(generateSlips()).toEqual(slips);
  });

  test('of a domain weigh less than those of a more popular one', () => {
    const total = (domain: string) =>
      slips.filter(({ meant }) => meant === domain).reduce((sum, { weight }) => sum + weight, 0);
    expect(total('gmail.com')).toBeGreaterThan(total('web.de'));
  });

  test.each([
    ['dropped', 'gmal.com'],
    ['doubled', 'gmmail.com'],
    ['swapped', 'gmial.com'],
    ['beside the right key', 'gmaul.com'],
    ['glued', 'gmailcom'],
    ['in the wrong order', 'com.gmail'],
    ['written by its sound', 'gmeil.com'],
    ['another vowel', 'gmoil.com'],
    ['exchanged with a distant one', 'lmaig.com'],
    ['repeated as a whole', 'gmail.com.com'],
  ])('a letter or label that is %s', (_, written) => {
    expect(slips.find((slip) => slip.written === written)?.meant).toBe('gmail.com');
  });
});

test('slips of a national ending', () => {
  const written = generateSlips()
    .filter(({ meant }) => meant === 'yahoo.co.uk')
    .map((slip) => slip.written);
  expect(written).toEqual(
    expect.arrayContaining([
      'yahoo.uk.co',
      'yahoo.couk',
      'yahoo.co.co.uk',
      'yahoo.co.uk.uk',
      'yahoo.co.u',
      'yahoo.net.uk',
    ]),
  );
});

test('the halves have no item in common, are nearly equal, and are the same each time', () => {
  const texts = generateSlips().map(({ written }) => written);
  const [fitted, heldOut] = halves(texts, (text) => text);
  expect([...fitted, ...heldOut].sort()).toEqual(texts.toSorted());
  expect(fitted.filter((text) => heldOut.includes(text))).toEqual([]);
  expect(Math.abs(fitted.length - heldOut.length)).toBeLessThan(texts.length / 10);
  expect(halves(texts, (text) => text)).toEqual([fitted, heldOut]);
});

describe('the fitness of an engine', () => {
  const slips = [
    { written: 'a', meant: 'x', weight: 3 },
    { written: 'b', meant: 'x', weight: 1 },
  ];
  const engine = (answers: Record<string, string>, known: string[] = []) => ({
    suggestDomain: (text: string) => (answers[text] === undefined ? null : { domain: answers[text] }),
    suggestForUnused: (text: string) => (known.includes(text) ? { domain: 'x' } : null),
  });

  test('counts slips by their weight, wrong ones five times', () => {
    expect(fitnessOf(engine({ a: 'x', b: 'y' }), slips, ['k'])).toEqual({
      right: 0.75,
      wrong: 0.25,
      corrected: 0,
      loss: 1.25,
    });
    expect(fitnessOf(engine({}), slips, ['k']).loss).toBe(1);
  });

  test('counts real domains that it would correct', () => {
    const fitness = fitnessOf(engine({ a: 'x', b: 'x' }, ['k']), slips, ['k', 'l']);
    expect(fitness).toEqual({ right: 1, wrong: 0, corrected: 0.5, loss: 0.25 });
  });

  test('of the present constants is at least this', () => {
    const fitness = fitnessOf({ suggestDomain, suggestForUnused }, generateSlips(), knownDomains());
    expect(fitness.right).toBeGreaterThan(0.9);
    expect(fitness.wrong).toBeLessThan(0.01);
  });
});

test('the constants are read from their file, and written back', () => {
  const text = readFileSync(new URL('../../src/domain/typo/constants.ts', import.meta.url), 'utf8');
  const found = constantsIn(text);
  expect(found.map(({ name, value }) => [name, value])).toEqual(
    Object.values(constants).flatMap((group) => Object.entries(group)),
  );
  expect(
    withValues(
      text,
      found.map(({ value }) => value),
    ),
  ).toBe(text);
  expect(
    constantsIn(
      withValues(
        text,
        found.map((_, index) => index),
      ),
    ).map(({ value }) => value),
  ).toEqual([...found.keys()]);
});
