// RFC 3492, against the encoder of the platform.

import { domainToASCII, domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLabel } from '../../src/address/punycode.ts';

test.each(['münchen', 'почта', '例え', 'ελ', 'a-ü-b', 'ไทย', '😀'])('%s comes back', (label) => {
  expect(decodeLabel(domainToASCII(label))).toBe(domainToUnicode(domainToASCII(label)));
});

test('a plain label is itself', () => {
  expect(decodeLabel('gmail')).toBe('gmail');
});

// RFC 3492 section 6.2: a delimiter before which there is no basic code point is no delimiter.
test.each(['xn---k9m', 'xn--é', 'xn--a!', 'xn--9999999999', 'xn--zzzzzzzzzzzzz9'])(
  '%s is broken',
  (label) => {
    expect(decodeLabel(label)).toBeNull();
  },
);

test('decodes any label without throwing', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{0,59}$/), (tail) => {
      const decoded = decodeLabel(`xn--${tail}`);
      expect(decoded === null || typeof decoded === 'string').toBe(true);
    }),
  );
});

test('every label that the platform encodes decodes to what it encoded', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'aбλü例ñזก7'), minLength: 1, maxLength: 12 }),
      (label) => {
        const ascii = domainToASCII(label);
        fc.pre(ascii !== '');
        expect(decodeLabel(ascii)).toBe(domainToUnicode(ascii));
      },
    ),
  );
});
