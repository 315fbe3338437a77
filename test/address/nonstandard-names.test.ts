// Addresses with extra dots, at providers that gave out such names.

import { describe, expect, test } from 'vitest';
import { nameFindingOf, nameRuleOf } from '../../src/address/name-rules.ts';
import { addressToSend, readMailbox } from '../../src/address/nonstandard-names.ts';
import { parseMailbox } from '../../src/address/parse.ts';

describe('a name with extra dots is read as it is written', () => {
  test.each([
    'abc..def@docomo.ne.jp',
    'abc.@docomo.ne.jp',
    '.abc@docomo.ne.jp',
    'a...b@docomo.ne.jp',
    '..abc..@docomo.ne.jp',
    'hana-ko..1990@docomo.ne.jp',
    'taro_.@docomo.ne.jp',
    'abc..def@ezweb.ne.jp',
    'abc.@ezweb.ne.jp',
    '.abc@ezweb.ne.jp',
    'x....y@ezweb.ne.jp',
    'love.-.love..@ezweb.ne.jp',
    'abc..def@au.com',
    'abc.@au.com',
    '.abc@au.com',
    'Taro..Yamada@au.com',
    '..x@au.com',
    '-.-..@au.com',
    `${'a.'.repeat(31)}.b@docomo.ne.jp`,
    'abc.@DoCoMo.ne.jp',
  ])('%s', (text) => {
    const [localPart, domain] = text.split('@') as [string, string];
    const address = `${localPart}@${domain.toLowerCase()}`;
    const parsed = readMailbox(text);
    expect(parsed).toEqual({
      ok: true,
      mailbox: { localPart, domain: domain.toLowerCase(), address, smtputf8: false, quoted: false },
    });
    if (parsed.ok)
      expect(nameFindingOf(parsed.mailbox, nameRuleOf(parsed.mailbox.domain))).toBe('nonstandard');
  });
});

test.each([
  ['another provider', 'abc..def@gmail.com'],
  ['nothing but dots', '...@docomo.ne.jp'],
  ['nothing at all', '@docomo.ne.jp'],
  ['a space', 'abc.. def@docomo.ne.jp'],
  ['a second at sign', 'abc..def@x@docomo.ne.jp'],
  ['letters outside ASCII', 'ábc..def@docomo.ne.jp'],
  ['65 octets', `${'a.'.repeat(31)}.bc@docomo.ne.jp`],
  ['dots in the domain', 'abc..def@docomo..ne.jp'],
  ['a control character', 'abc..d\u0007ef@docomo.ne.jp'],
])('%s is refused as by the grammar', (_, text) => {
  expect(parseMailbox(text).ok).toBe(false);
  expect(readMailbox(text)).toEqual(parseMailbox(text));
});

test('an ordinary address is read as by the grammar, and its name is standard', () => {
  const parsed = readMailbox('a.b-c_d.e@docomo.ne.jp');
  expect(parsed).toEqual(parseMailbox('a.b-c_d.e@docomo.ne.jp'));
  if (parsed.ok) expect(nameFindingOf(parsed.mailbox, nameRuleOf('docomo.ne.jp'))).toBeNull();
});

describe('mail is sent to a quoted string if the name has extra dots', () => {
  test.each([
    ['abc..def@docomo.ne.jp', '"abc..def"@docomo.ne.jp'],
    ['abc.@ezweb.ne.jp', '"abc."@ezweb.ne.jp'],
    ['.abc@AU.com', '".abc"@au.com'],
    ['a.b.c@docomo.ne.jp', 'a.b.c@docomo.ne.jp'],
    ['jane@gmail.com', 'jane@gmail.com'],
    ['"a b"@example.org', '"a b"@example.org'],
    ['"a..b"@example.org', '"a..b"@example.org'],
  ])('%s: %s', (text, sendTo) => {
    const parsed = readMailbox(text);
    expect(parsed.ok && addressToSend(parsed.mailbox)).toBe(sendTo);
    // What is sent to is an address of RFC 5321, and means the same mailbox.
    expect(parseMailbox(sendTo).ok).toBe(true);
    expect(readMailbox(sendTo)).toEqual(parsed);
  });
});

test.each([
  ['"abc..def"@docomo.ne.jp', 'abc..def@docomo.ne.jp'],
  ['"abc"@DOCOMO.ne.jp', 'abc@docomo.ne.jp'],
  ['"abc..def"@example.org', '"abc..def"@example.org'],
  ['"abc def"@docomo.ne.jp', '"abc def"@docomo.ne.jp'],
  ['"..."@docomo.ne.jp', '"..."@docomo.ne.jp'],
  ['"a\\"..b"@docomo.ne.jp', '"a\\"..b"@docomo.ne.jp'],
])('%s is the mailbox %s', (text, address) => {
  const parsed = readMailbox(text);
  expect(parsed.ok && parsed.mailbox.address).toBe(address);
  expect(parsed.ok && parsed.mailbox.quoted).toBe(address.startsWith('"'));
});
