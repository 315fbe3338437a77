// A local part, and what it tells about the mailbox at its provider.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { providerRules } from '../../data/packed/provider-rules.js';
import {
  foldedLocalPart,
  nameFindingOf,
  nameRuleOf,
  type Smtputf8Policy,
} from '../../src/address/name-rules.ts';
import { parseMailbox } from '../../src/address/parse.ts';

const finding = (address: string) => {
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(`${address} is no address`);
  return nameFindingOf(parsed.mailbox, nameRuleOf(parsed.mailbox.domain));
};

describe('names that the documentation of the provider excludes', () => {
  test.each([
    'john_doe@gmail.com',
    'john-doe@gmail.com',
    "tim.o'connor@gmail.com",
    'jane&john@gmail.com',
    'jane=doe@googlemail.com',
    'a_b_c_d_e_f@gmail.com',
    'jane!@gmail.com',
    '+jane.doe@gmail.com',
    'jane*doe@gmail.com',
    'jane/doe@googlemail.com',
    "o'neill@mail.ru",
    'jane&co@bk.ru',
    'jane#doe@list.ru',
    'jane=doe@inbox.ru',
    'jane~doe@mail.ru',
    'jane$@ok.de',
    "d'arc.jeanne@ok.de",
    'jane%doe@ok.de',
    'jane&doe@ik.me',
    "o'hara@ik.me",
    "jane'doe@kitty.jp",
    'jane=doe@kitty.jp',
  ])('%s', (address) => expect(finding(address)).toBe('impossible'));
});

describe('names of a length that has old exceptions, or against a rule that nobody documents', () => {
  test.each([
    'jane-doe@fastmail.com',
    'a@gmail.com',
    'joe@gmail.com',
    'jo@googlemail.com',
    `${'x'.repeat(33)}@gmail.com`,
    'a@mail.ru',
    `${'x'.repeat(34)}@mail.ru`,
    'jo@ok.de',
    "o'connor@yahoo.com",
    'jane&joe@hotmail.com',
    'jane!@outlook.com',
    'jane#1@icloud.com',
    "o'brien@web.de",
    'jane/doe@gmx.de',
    'jane=doe@orange.fr',
    "l'amour@free.fr",
    'jane*@seznam.cz',
    'jane$@wp.pl',
    'jane~@163.com',
    'jane{1}@qq.com',
    'jane^2@naver.com',
    'jane&co@sohu.com',
    `${'x'.repeat(33)}@kitty.jp`,
  ])('%s', (address) => expect(finding(address)).toBe('improbable'));
});

describe('ordinary names', () => {
  test.each([
    'jane.doe@gmail.com',
    'j.a.n.e.d@gmail.com',
    'janedo@gmail.com',
    'jane.doe+any_thing=here@gmail.com',
    'JANE.DOE99@googlemail.com',
    `${'x.'.repeat(31)}x@gmail.com`,
    'jane_doe-1@mail.ru',
    'jane@gmail.com',
    'ab@mail.ru',
    'jane_doe@yahoo.com',
    'jane-shop@yahoo.com',
    'jane__doe@hotmail.com',
    'j@web.de',
    'jane.doe_2-x@kitty.jp',
    "o'connor@example.com",
    'john_doe@mail.gmail.com',
    '"john doe"@gmail.com',
    'a@example.com',
  ])('%s', (address) => expect(finding(address)).toBeNull());

  test('none of 2,000 that have the shape of real names is refused', () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/);
    const separators = {
      'gmail.com': '.',
      'mail.ru': '._-',
      'ok.de': '._-',
      'ik.me': '._-',
      'yahoo.com': '._',
    };
    const name = fc
      .tuple(
        fc.constantFrom(...Object.entries(separators)),
        word,
        word,
        fc.integer({ min: 0, max: 2030 }),
        fc.nat(9),
      )
      .map(([[domain, characters], first, last, year, pick]) => {
        const separator = characters[pick % characters.length]!;
        return `${first}${separator}${last}${pick < 5 ? year : ''}${pick === 9 ? '+news' : ''}@${domain}`;
      });
    fc.assert(
      fc.property(name, (address) => finding(address) === null),
      { numRuns: 2000 },
    );
  });
});

describe('characters that were entered by mistake', () => {
  test.each([
    ['tim.o’connor@example.com', "tim.o'connor"],
    ['tim.o‘connor@example.com', "tim.o'connor"],
    ['‘jane’@example.com', 'jane'],
    ['“jane”@example.com', 'jane'],
    ['ｊａｎｅ@example.com', 'jane'],
    ['jane．doe@example.com', 'jane.doe'],
    ['jаne@example.com', 'jane'],
    ['jаnе.dоe@example.com', 'jane.doe'],
    ['jαne@example.com', 'jane'],
    ['josÃ©@example.com', 'jose'],
    ['mÃ¼ller@example.com', 'muller'],
    ['jane–doe@example.com', 'jane-doe'],
    ['jane—doe@example.com', 'jane-doe'],
    ['jane‑doe@example.com', 'jane-doe'],
    ['jösé@gmail.com', 'jose'],
    ['müller@mail.ru', 'muller'],
    ['renée@yahoo.com', 'renee'],
    ['jane😀@example.com', null],
    ['jane�@example.com', null],
    ['jane™@example.com', 'janeTM'],
    ['jane…doe@example.com', null],
    ['¿jane@example.com', null],
    ['джейн@gmail.com', null],
  ])('%s', (address, folded) => {
    expect(finding(address)).toBe('unlikely_characters');
    expect(foldedLocalPart(address.slice(0, address.lastIndexOf('@')))).toBe(folded);
  });

  test.each([
    '用户@example.com',
    'джейн@example.com',
    'josé@example.com',
    'müller@example.com',
    'δοκιμή@example.com',
  ])('a name in one script is meant: %s', (address) => expect(finding(address)).toBeNull());

  test('plain names are not changed', () => {
    expect(foldedLocalPart('jane.doe')).toBeNull();
    expect(foldedLocalPart('')).toBeNull();
  });
});

test('25 providers have a rule, each for a domain once', () => {
  const domains = providerRules.split('\n').flatMap((line) => line.split(' ').slice(4));
  expect(providerRules.split('\n').length).toBeGreaterThanOrEqual(25);
  expect(new Set(domains).size).toBe(domains.length);
  expect(nameRuleOf('example.com')).toBeNull();
});

describe('an address that needs SMTPUTF8', () => {
  const found = (address: string, policy: Smtputf8Policy) => {
    const parsed = parseMailbox(address);
    return parsed.ok
      ? nameFindingOf(parsed.mailbox, nameRuleOf(parsed.mailbox.domain), policy)
      : 'no address';
  };

  test.each([
    ['refuse', '用户@example.com', 'non_ascii_refused'],
    ['refuse', 'josé@gmail.com', 'non_ascii_refused'],
    ['confirm', '用户@example.com', 'non_ascii_doubtful'],
    ['confirm', 'josé@gmail.com', 'unlikely_characters'],
    ['accept', '用户@example.com', null],
    ['accept', 'josé@gmail.com', 'unlikely_characters'],
    ['refuse', 'jane@bücher.example', null],
    ['refuse', 'jane@example.com', null],
    ['confirm', 'john_doe@gmail.com', 'impossible'],
  ] as const)('%s: %s', (policy, address, finding) => {
    expect(found(address, policy)).toBe(finding);
  });
});
