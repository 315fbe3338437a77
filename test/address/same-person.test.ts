// Which addresses are one person's, by the rules that the providers publish.

import { describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { samePerson } from '../../src/address/same-person.ts';
import { SUBADDRESSING } from '../../src/address/subaddressing.ts';

const form = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(parsed.failure.code);
  return samePerson(parsed.mailbox);
};

describe('spellings of one mailbox', () => {
  const same: [one: string, other: string][] = [
    ['Jane@example.com', 'jane@EXAMPLE.com'],
    ['j.a.n.e+news@gmail.com', 'jane@gmail.com'],
    ['jane.doe@googlemail.com', 'JaneDoe@gmail.com'],
    ['jane+shop@outlook.com', 'jane@outlook.com'],
    ['jane+shop@hotmail.co.uk', 'jane@hotmail.co.uk'],
    ['jane-shop@yahoo.com', 'jane@yahoo.com'],
    ['jane@me.com', 'jane+x@icloud.com'],
    ['jane_doe@pm.me', 'jane.doe@protonmail.com'],
    ['news@jane.fastmail.com', 'jane@fastmail.com'],
    ['jane+news@fastmail.com', 'jane@fastmail.com'],
    ['jane-doe@ya.ru', 'jane.doe+x@yandex.ru'],
  ];
  for (const [one, other] of same) test(`${one} and ${other}`, () => expect(form(one)).toBe(form(other)));
});

describe('addresses that may be different mailboxes', () => {
  const different: [one: string, other: string][] = [
    ['jane.doe@example.com', 'janedoe@example.com'],
    ['jane+news@example.com', 'jane@example.com'],
    ['jane.doe@outlook.com', 'janedoe@outlook.com'],
    ['jane@outlook.com', 'jane@hotmail.com'],
    ['jane@fastmail.com', 'jane@fastmail.fm'],
    ['jane+news@yahoo.com', 'jane@yahoo.com'],
    ['jane-doe@gmail.com', 'janedoe@gmail.com'],
    ['news@jane.gmail.com', 'jane@gmail.com'],
    ['"j.ane"@gmail.com', 'jane@gmail.com'],
  ];
  for (const [one, other] of different)
    test(`${one} and ${other}`, () => expect(form(one)).not.toBe(form(other)));
});

test('a local part of ignored characters stays as it is', () => {
  expect(form('+news@gmail.com')).toBe('+news@gmail.com');
  expect(form('-@proton.me')).toBe('-@proton.me');
});

test('no domain has two rules', () => {
  const domains = SUBADDRESSING.flatMap((rule) => rule.domains);
  expect(new Set(domains).size).toBe(domains.length);
});
