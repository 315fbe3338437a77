// Signature checks.

import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  fromBase64,
  fromHex,
  isEd25519Signature,
  isHmac,
  isOneOf,
  isPublicKeySignature,
  md5Hex,
  toHex,
} from '../../src/webhooks/crypto.ts';
import { derSignature } from '../esp/signing.ts';

test('base64 and hexadecimal decode, and any other text is null', () => {
  expect(fromBase64('AP8=')).toEqual(Uint8Array.of(0, 255));
  expect(fromBase64('***')).toBeNull();
  expect(fromHex('00fF')).toEqual(Uint8Array.of(0, 255));
  for (const text of ['0g', 'abc', '', 'zz00']) expect(fromHex(text), text).toBeNull();
  expect(toHex(Uint8Array.of(0, 10, 255))).toBe('000aff');
});

test('MD5 of the empty text and of a message (RFC 1321, A.5)', () => {
  expect(md5Hex(bytesOf(''))).toBe('d41d8cd98f00b204e9800998ecf8427e');
  expect(md5Hex(bytesOf('message digest'))).toBe('f96b697d7cb7938d525a2f31aaf161d0');
});

describe('HMAC', () => {
  // RFC 4231, 4.3.
  const key = bytesOf('Jefe');
  const data = bytesOf('what do ya want for nothing?');
  const signature = fromHex('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')!;
  const other = new Uint8Array(32);

  test('any of several keys and any of several signatures may match', async () => {
    expect(await isHmac('SHA-256', [key], [signature], data)).toBe(true);
    expect(await isHmac('SHA-256', [bytesOf('old'), key], [other, signature], data)).toBe(true);
  });

  test.each([
    ['another key', [bytesOf('old')], [signature]],
    ['another signature', [key], [other]],
    ['a shorter signature', [key], [signature.slice(0, 31)]],
    ['no key', [], [signature]],
    ['no signature', [key], []],
  ])('%s does not match', async (_, keys, signatures) => {
    expect(await isHmac('SHA-256', keys, signatures, data)).toBe(false);
  });

  test('an empty key matches nothing', async () => {
    const empty = fromHex('b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad')!;
    expect(await isHmac('SHA-256', [new Uint8Array(0)], [empty], new Uint8Array(0))).toBe(false);
  });
});

test('a secret is one of several, and an empty one is never', async () => {
  expect(await isOneOf(['old', 'new'], 'new')).toBe(true);
  expect(await isOneOf(['old', 'new'], 'ne')).toBe(false);
  expect(await isOneOf([''], '')).toBe(false);
  expect(await isOneOf([], 'new')).toBe(false);
});

describe('a public key', () => {
  test('ECDSA signatures whose numbers have any length are right', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('not a pair of keys');
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
    for (let i = 0; i < 100; i++) {
      const data = bytesOf(`message ${i}`);
      const raw = new Uint8Array(
        await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, data),
      );
      expect(isPublicKeySignature('SHA-256', spki, derSignature(raw), data)).toBe(true);
      expect(isPublicKeySignature('SHA-256', spki, derSignature(raw), bytesOf('another'))).toBe(false);
      expect(isPublicKeySignature('SHA-1', spki, derSignature(raw), data)).toBe(false);
    }
  });

  test('bytes that are not a key verify nothing', async () => {
    const some = bytesOf('some bytes');
    expect(isPublicKeySignature('SHA-256', some, some, some)).toBe(false);
    expect(await isEd25519Signature(some, some, some)).toBe(false);
  });
});
