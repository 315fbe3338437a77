// The probable intent of a text that is not a mailbox.

import { describe, expect, test } from 'vitest';
import { meantAddress } from '../../src/verdict/meant.ts';

describe('a slip at the at sign', () => {
  test.each([
    'jane2gmail.com',
    'jane#gmail.com',
    'jane"gmail.com',
    "jane'gmail.com",
    'jane,gmail.com',
    'jane gmail.com',
    'jane(at)gmail.com',
    'jane_at_gmail.com',
    'jane[at]gmail[dot]com',
    'jane at gmail dot com',
    'jane@gmail dot com',
    'jane@@gmail.com',
    'jane@gmail.com@gmail.com',
    'jane@gmail@gmail.com',
    'jane@gmail.comjane@gmail.com',
    'janegmail.com',
    'jane.gmail.com',
    '.jane@gmail.com',
    'jane.@gmail.com',
    'jane@gmial,com',
    'mailto:jane@gmial.com',
  ])('%s is jane@gmail.com', (text) => expect(meantAddress(text)).toBe('jane@gmail.com'));

  test.each([
    ['jane..doe@gmail.com', 'jane.doe@gmail.com'],
    ['jane22gmail.com', 'jane2@gmail.com'],
    ['jane.doe.gmail.com', 'jane.doe@gmail.com'],
    ['jane:web.de', 'jane@web.de'],
    ['jane&hotmail.co.uk', 'jane@hotmail.co.uk'],
    ['jane#web.de@web.de', null],
    ['..jane..doe..@acme.com', 'jane.doe@acme.com'],
    ['jane@acme.com@acme.com', 'jane@acme.com'],
  ])('%s is %s', (text, meant) => expect(meantAddress(text)).toBe(meant));
});

describe('a pasted text with one address', () => {
  test.each([
    'E-mail: jane@gmail.com',
    'SMTP:jane@gmail.com',
    '• jane@gmail.com',
    '1. jane@gmail.com',
    '**jane@gmail.com**',
    '[jane@gmail.com](mailto:jane@gmail.com)',
    'jane@gmail.com (work)',
    'jane@gmail.com jane@gmail.com',
    'Jane Doe jane@gmail.com',
    'https://example.com/?to=jane@gmail.com',
    'Email: jane@gmial.com',
  ])('%s is jane@gmail.com', (text) => expect(meantAddress(text)).toBe('jane@gmail.com'));
});

describe('nothing is offered', () => {
  test.each([
    ['a comma that may stand for a dot', 'jane,doe@gmail.com'],
    ['a colon that may stand for a dot', 'jane:doe@gmail.com'],
    ['a quotation mark in the name', 'jane"doe@gmail.com'],
    ['two addresses', 'jane@gmail.com, doe@gmail.com'],
    ['two domains', 'jane@gmail.com@yahoo.com'],
    ['a part that may belong to the name', 'jane@doe@gmail.com'],
    ['no provider', 'jane2acme.com'],
    ['no provider', 'jane acme.com'],
    ['words', 'john smith gmail.com'],
    ['words', 'hello world'],
    ['a domain alone', 'hotmail.com'],
    ['a domain alone', 'mail.com'],
    ['a name alone', 'jane'],
    ['no name', '.@gmail.com'],
    ['a space inside the name', 'jane doe@gmail.com'],
    ['a provider that gave out such names', 'abc..def@docomo.ne.jp'],
    ['a provider that gave out such names', 'abc.@ezweb.ne.jp'],
    ['a provider that gave out such names', '.abc@au.com'],
    ['a valid address', 'jane@gmail.com'],
    ['a text longer than any address', `jane2gmail.com${' '.repeat(400)}`],
  ])('%s: %s', (_, text) => expect(meantAddress(text)).toBeNull());
});
