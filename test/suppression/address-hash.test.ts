// Which key is taken, which addresses are the same entry, and both hashers on Node.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { addressHasherBattery } from '../contract/address-hasher.ts';

addressHasherBattery('two one-shot hashes of Node', nodeHasher);
addressHasherBattery('WebCrypto', webCryptoHasher);

describe('the key', () => {
  test('is the UTF-8 of its text', () => {
    expect([...addressHashKey(`é${'k'.repeat(30)}`)]).toEqual([0xc3, 0xa9, ...Array(30).fill(0x6b)]);
  });

  test.each(['', 'short', 'k'.repeat(15)])('of fewer than 16 bytes is refused, and not shown: %j', (text) => {
    expect(() => addressHashKey(text)).toThrow(`has ${text.length} bytes and needs at least 16`);
    expect(() => addressHashKey(text)).not.toThrow(/kkkk|short\b/);
  });
});

describe('one entry stands for', () => {
  test.each([
    ['any case of the local part', 'Jane.Doe@example.com', 'jane.doe@example.com'],
    ['any case beyond ASCII', 'JÜRGEN@xn--bcher-kva.example', 'jürgen@xn--bcher-kva.example'],
    ['needless quotes', '"Jane"@example.com', 'jane@example.com'],
    ['needless backslashes', '"j\\a\\\\ne"@example.com', 'ja\\ne@example.com'],
    ['needed quotes', '"a@b c"@example.com', 'a@b c@example.com'],
    ['a domain literal', 'Jane@[IPv6:2001:db8::1]', 'jane@[IPv6:2001:db8::1]'],
  ])('%s', (_, address, key) => {
    expect(suppressionKey(address)).toBe(key);
  });

  test.each([
    ['dots', 'jane.doe@example.com', 'janedoe@example.com'],
    ['plus tags', 'jane+news@example.com', 'jane@example.com'],
    ['sharp s', 'strauß@example.com', 'strauss@example.com'],
    ['the domain', 'jane@example.com', 'jane@example.org'],
  ])('no other address: %s', (_, one, other) => {
    expect(suppressionKey(one)).not.toBe(suppressionKey(other));
  });

  test('itself: the domain stays as it is', () => {
    const domain = fc.stringMatching(/^[a-z0-9.-]{1,60}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), domain, (localPart, name) => {
        expect(suppressionKey(`${localPart}@${name}`).endsWith(`@${name}`)).toBe(true);
      }),
    );
  });
});
