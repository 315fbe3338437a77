// What an address with noise around it was meant to be: a suggestion, made only where it can mean one thing.

import { describe, expect, test } from 'vitest';
import { cleanAddress, splitAtSign } from '../../src/address/clean.ts';

describe('removes noise around an address', () => {
  const cases: [what: string, text: string][] = [
    ['a link', 'mailto:jane@example.com'],
    ['a link with header fields', 'mailto:jane@example.com?subject=Hello%20there'],
    ['a percent-encoded link', 'MAILTO:%20jane%40example.com'],
    ['angle brackets', '<jane@example.com>'],
    ['an angle bracket that is not closed', '<jane@example.com'],
    ['an angle bracket that was not opened', 'jane@example.com>'],
    ['a display name', 'Jane Doe <jane@example.com>'],
    ['a quoted display name', '"Doe, Jane" <jane@example.com>'],
    ['a link with slashes', 'mailto://jane@example.com'],
    ['an at sign that was encoded for a link', 'jane%40example.com'],
    ['an at sign that was encoded for HTML', 'jane&#64;example.com'],
    ['a link behind the address', 'jane@example.com <mailto:jane@example.com>'],
    ['full-width brackets', '＜jane@example.com＞'],
    ['spaces around', '  jane@example.com\t'],
    ['a line end', 'jane@example.com\r\n'],
    ['a no-break space', '\u00a0jane@example.com'],
    ['spaces around the at sign', 'jane @ example.com'],
    ['a space beside a dot', 'jane@example. com'],
    ['a full stop behind', 'jane@example.com.'],
    ['a comma behind', 'jane@example.com,'],
    ['a semicolon behind', 'jane@example.com; '],
    ['quotation marks', '"jane@example.com"'],
    ['apostrophes', "'jane@example.com'"],
    ['typographic quotation marks', '“jane@example.com”'],
    ['acute accents as quotation marks', '´jane@example.com´'],
    ['corner brackets', '【jane@example.com】'],
    ['an Arabic comma behind', 'jane@example.com،'],
    ['a braille blank', 'jane@example.com\u2800'],
    ['a filler of Hangul', 'jane@example.com\u3164'],
    ['guillemets', '« jane@example.com »'],
    ['parentheses', '(jane@example.com)'],
    ['a full-width at sign', 'jane＠example.com'],
    ['a small at sign', 'jane﹫example.com'],
    ['full-width letters', 'ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ'],
    ['an ideographic full stop', 'jane@example。com'],
    ['a zero-width space', 'jane@exam\u200bple.com'],
    ['a byte order mark', '\ufeffjane@example.com'],
    ['marks of direction', '\u202ajane@example.com\u202c'],
    ['an at sign typed twice', 'jane@@example.com'],
    ['a spelled-out at sign', 'jane at example.com'],
    ['a spelled-out at sign in parentheses', 'jane(at)example.com'],
    ['spelled-out dots', 'jane [at] example [dot] com'],
  ];
  for (const [what, text] of cases) test(what, () => expect(cleanAddress(text)).toBe('jane@example.com'));

  test('keeps the case and the script of letters', () => {
    expect(cleanAddress(' Jane@Bücher.Example.')).toBe('Jane@Bücher.Example');
  });

  test('keeps quoted local parts and address literals', () => {
    expect(cleanAddress(' "jane . doe"@example.com.')).toBe('"jane . doe"@example.com');
    expect(cleanAddress('jane@[192.0.2.1],')).toBe('jane@[192.0.2.1]');
  });
});

describe('no suggestion', () => {
  const none: [what: string, text: string][] = [
    ['for what is valid already', 'jane@example.com'],
    ['for nothing', ''],
    ['for a word', 'jane'],
    ['where a space parts two words', 'jane doe@example.com'],
    ['for two addresses', 'jane@example.com, john@example.com'],
    ['for an address and a word after a closing bracket', 'jane@example.com> Jane'],
    ['for two addresses in a link', 'mailto:jane@example.com,john@example.com'],
    ['where `at` is a word', 'meet me at noon'],
    ['where `at` stands before no domain', 'jane at example'],
    ['where `at` stands twice', 'jane at work at example.com'],
    ['for a broken percent-encoding', 'mailto:jane%4'],
    ['where the domain is misspelt', 'jane@example,com'],
    ['where nothing is left', '<>'],
  ];
  for (const [what, text] of none) test(what, () => expect(cleanAddress(text)).toBeNull());
});

describe('splits a text at the at sign even if its domain is invalid', () => {
  const cases: [text: string, localPart: string, domain: string][] = [
    ['jane@gmail,com', 'jane', 'gmail,com'],
    [' Jane Doe <jane@gmail,com>', 'jane', 'gmail,com'],
    ['jane@gmail com', 'jane', 'gmail com'],
    ['jane@gmail..com', 'jane', 'gmail..com'],
    ['jane＠gmail_com', 'jane', 'gmail_com'],
    ['mailto:jane@-gmail.com', 'jane', '-gmail.com'],
    ['"a@b"@gmail,com', '"a@b"', 'gmail,com'],
  ];
  for (const [text, localPart, domain] of cases)
    test(text, () => expect(splitAtSign(text)).toEqual({ localPart, domain }));

  for (const text of ['jane', 'jane@', '@gmail,com', 'jane doe@gmail,com', 'a@b@gmail,com', ''])
    test(`none in ${JSON.stringify(text)}`, () => expect(splitAtSign(text)).toBeNull());
});
