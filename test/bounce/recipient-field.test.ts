// A recipient field is one address as a whole, or it names nobody.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipientField, recipientList } from '../../src/bounce/recipient-field.ts';

describe('a field that is one address', () => {
  test.each([
    ['rfc822; jane@Example.org', 'jane@example.org'],
    ['RFC822;<jane@example.org>', 'jane@example.org'],
    ['jane@example.org', 'jane@example.org'],
    ['rfc822; jane@example.org.', 'jane@example.org'],
    ['rfc822; mailto:jane@example.org', 'jane@example.org'],
    ['rfc822; "jane doe"@example.org', '"jane doe"@example.org'],
    ['rfc822; "a@b.example"@example.org', '"a@b.example"@example.org'],
    ['rfc822; jane@[192.0.2.7]', 'jane@[192.0.2.7]'],
    ['utf-8; jäne@exämple.org', 'jäne@exämple.org'],
    ['utf-8; j\\x{F6}hn@example.org', 'jöhn@example.org'],
    ['rfc822; abc..def.@docomo.example', 'abc..def.@docomo.example'],
    ['rfc822; jane@example.org (Jane Doe)', 'jane@example.org'],
    ['(see bob@other.example) jane@example.org', 'jane@example.org'],
  ])('%j is %j', (field, address) => {
    expect(recipientField(field)).toBe(address);
  });

  test.each([...`!#$%&'*+-/=?^_\`{|}~`])('the local part may begin with %s (RFC 5322 atext)', (character) => {
    expect(recipientField(`rfc822; ${character}tick@example.org`)).toBe(`${character}tick@example.org`);
  });
});

describe('a field that is not exactly one address names no recipient', () => {
  test.each([
    '',
    'x-unknown; jane',
    'rfc822; john doe@example.org',
    'rfc822; jane@example.org, joe@example.org',
    'rfc822; jane@example.org joe@example.org',
    'rfc822; jane at example.org',
    'rfc822; <jane@example.org> or joe@example.org',
    'rfc822; jane@@example.org',
    'rfc822; @example.org',
    'rfc822; jane@',
    'rfc822; Jane Doe <jane@example.org>',
    'x400; /c=us/s=jane@example.org/',
    'fax; +1-555@example.org',
    'rfc822; (jane@example.org)',
    'rfc822; "jane@example.org',
  ])('%j', (field) => {
    expect(recipientField(field)).toBeNull();
  });

  test('whatever the text, the address is all of it but type, brackets, comments and case', () => {
    const unit = fc.constantFrom('a', 'b.example', '@', ' ', '"', '<', '>', ';', '(', ')', '.', '+2B', ',');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 14 }), (text) => {
        const address = recipientField(text);
        if (address === null) return;
        const rest = text.toLowerCase().replace(address.toLowerCase(), '');
        expect(rest.split('@').length).toBeLessThanOrEqual(address.startsWith('"') ? 9 : 9);
        expect(rest.replace(/\([^()]*\)/g, '').replace(/[\s<>;,.]/g, '')).toMatch(
          /^(?:[a-z0-9-]{0,20}|.*mailto:)$/,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

test('Original-Recipient is decoded where an encoder wrote it (RFC 3461 section 4)', () => {
  const original = (field: string) => recipientField(field, { xtext: true });
  expect(original('rfc822; jane+2Bnews@example.org')).toBe('jane+news@example.org');
  expect(original('rfc822; bounce+3Djane@example.org')).toBe('bounce=jane@example.org');
  expect(original('rfc822; jane+20@example.org')).toBe('jane+20@example.org');
  expect(original('rfc822; jane+news@example.org')).toBe('jane+news@example.org');
  expect(recipientField('rfc822; jane+2Bnews@example.org')).toBe('jane+2Bnews@example.org');
});

test('a list keeps the items that are one address', () => {
  expect(recipientList('jane@example.org, joe doe@example.org,\r\n ann@example.org')).toEqual([
    'jane@example.org',
    'ann@example.org',
  ]);
});
