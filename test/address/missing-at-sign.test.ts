// A text whose at sign was mistyped, repeated or left out → its possible readings.

import { describe, expect, test } from 'vitest';
import {
  readGlued,
  readWithoutAtSign,
  withDots,
  withoutExtraDots,
  withoutRepetition,
} from '../../src/address/missing-at-sign.ts';

describe('another character typed instead of the at sign', () => {
  test.each([
    ['a key beside it', 'jane2gmail.com', ['jane|gmail.com']],
    ['a word in brackets', 'jane(at)gmail.com', ['jane|gmail.com']],
    ['a word between hyphens, and a spelled dot', ' Jane-at-Gmail[dot]com ', ['Jane|gmail.com']],
    ['a sign that stands twice', 'jane2doe#gmail.com', ['jane|doe#gmail.com', 'jane2doe|gmail.com']],
    ['a sign without a name before it', '#gmail.com', []],
    ['a sign without a domain after it', 'gmail.com#jane', []],
    ['a text with an at sign', 'jane#doe@gmail.com', []],
    ['a text without any sign', 'gmail.com', []],
  ])('%s', (_, text, readings) => {
    expect(readWithoutAtSign(text).map(({ localPart, domain }) => `${localPart}|${domain}`)).toEqual(
      readings,
    );
  });
});

describe('a missing at sign', () => {
  test('tries every position with two characters before it and a dot in the domain', () => {
    expect(readGlued(' Ja.x.de').map(({ localPart, domain }) => `${localPart}|${domain}`)).toEqual([
      'Ja|.x.de',
      'Ja|x.de',
      'Ja.x|.de',
    ]);
  });

  test.each(['jane', 'jane gmail.com', 'jane@gmail.com', 'jané.x.de'])('%s has none', (text) => {
    expect(readGlued(text)).toEqual([]);
  });
});

describe('a repeated domain or address', () => {
  test.each([
    ['of the address', 'jane@x.orgjane@x.org', 'jane@x.org'],
    ['of the domain', 'jane@x.org@x.org', 'jane@x.org'],
    ['of the domain in other letters', 'jane@X.org@x.ORG', 'jane@x.ORG'],
    ['of the first label', 'jane@Gmail@gmail.com', 'jane@gmail.com'],
    ['of the at sign is none', 'jane@@x.org', null],
    ['of two domains is none', 'jane@x.org@y.org', null],
    ['of a beginning that is no label is none', 'jane@gma@gmail.com', null],
    ['of three domains is none', 'jane@x.org@x.org@x.org', null],
    ['of a text without an at sign is none', 'jane.jane.', null],
    ['does not occur in an address', 'jane@x.org', null],
  ])('%s', (_, text, once) => {
    expect(withoutRepetition(text)).toBe(once);
  });
});

describe('extra dots', () => {
  test.each([
    ['.jane..doe.@x.org', 'jane.doe@x.org'],
    ['jane.doe@x.org', null],
    ['jane@x..org', null],
    ['"jane..doe"@x.org', null],
    ['...@x.org', null],
    ['@x.org', null],
    ['jane..doe', null],
  ])('%s', (text, plain) => {
    expect(withoutExtraDots(text)).toBe(plain);
  });
});

describe('spelled dots', () => {
  test.each([
    ['jane@gmail dot com', 'jane@gmail.com'],
    ['jane@gmail punkt com', 'jane@gmail.com'],
    ['jane@gmail Punto com', 'jane@gmail.com'],
    ['jane@yahoo точка co точка uk', 'jane@yahoo.co.uk'],
    ['jane@gmail pint com', null],
    ['jane@mail[dot]gmail(.)com', 'jane@mail.gmail.com'],
    ['jane@gmail.com', null],
    ['@gmail dot com', null],
    ['jane dot doe', null],
  ])('%s', (text, dotted) => {
    expect(withDots(text)).toBe(dotted);
  });
});
