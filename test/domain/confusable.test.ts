// Names that look like a well-known one.

import { domainToASCII } from 'node:url';
import { expect, test } from 'vitest';
import { findImitated } from '../../src/domain/confusable.ts';
import { describeDomain } from '../../src/domain/describe.ts';

test.each([
  ['gmаil.com', 'gmail.com', 'Cyrillic а'],
  ['gmaıl.com', 'gmail.com', 'dotless i'],
  ['gmàil.com', 'gmail.com', 'an accent'],
  ['ɡmail.com', 'gmail.com', 'Latin script g'],
  ['gmaiӏ.com', 'gmail.com', 'Cyrillic palochka'],
  ['yаh00.com', 'yahoo.com', 'Cyrillic а and zeros'],
  ['раураl.com', 'paypal.com', 'five Cyrillic letters'],
  ['οutlook.com', 'outlook.com', 'Greek omicron'],
  ['hօtmail.com', 'hotmail.com', 'Armenian օ'],
  ['gmail.сом', 'gmail.com', 'a Cyrillic top-level domain'],
])('%s imitates %s: %s', (name, known) => {
  expect(findImitated(domainToASCII(name))).toBe(known);
});

test.each(['münchen.de', 'почта.рф', 'пример.com', 'café.fr', '例え.jp', 'ελλάδα.gr'])(
  '%s is an honest international name',
  (name) => {
    expect(findImitated(domainToASCII(name))).toBeNull();
  },
);

test.each(['gmail.com', 'grnail.com', 'gmai1.com', 'paypa1.com'])(
  '%s is ASCII and imitates nothing',
  (name) => {
    expect(findImitated(name)).toBeNull();
  },
);

test('a broken A-label imitates nothing', () => {
  expect(findImitated('xn--99999999.com')).toBeNull();
});

test.each([
  ['gmаil.com', 'gmail.com'],
  ['ɢmail.com', 'gmail.com'],
  ['icłoud.com', 'icloud.com'],
  ['yahøo.com', 'yahoo.com'],
  ['gmàil.com', 'gmail.com'],
  ['раураl.com', 'paypal.com'],
])('the domain that %s looks like is offered: %s', (name, known) => {
  const facts = describeDomain(domainToASCII(name));
  expect(facts.confusable).toBe(known);
  expect(facts.typo?.domain).toBe(known);
});
