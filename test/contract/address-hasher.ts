// What every implementation of the AddressHasher port must do.

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';

const bytes = (hex: string) => new Uint8Array(hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16)));
const repeated = (byte: number, times: number) => new Uint8Array(times).fill(byte);

/** RFC 4231 section 4, the cases whose data is text. */
const vectors = [
  {
    test: 1,
    key: repeated(0x0b, 20),
    data: 'Hi There',
    hmac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    test: 2,
    key: new TextEncoder().encode('Jefe'),
    data: 'what do ya want for nothing?',
    hmac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    test: 6,
    key: repeated(0xaa, 131),
    data: 'Test Using Larger Than Block-Size Key - Hash Key First',
    hmac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
  {
    test: 7,
    key: repeated(0xaa, 131),
    data:
      'This is a test using a larger than block-size key and a larger than block-size data. ' +
      'The key needs to be hashed before being used by the HMAC algorithm.',
    hmac: '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  },
];

export function addressHasherBattery(
  name: string,
  make: (key: Uint8Array<ArrayBuffer>) => AddressHasher | Promise<AddressHasher>,
): void {
  describe(`AddressHasher: ${name}`, () => {
    const key = bytes('00ff'.repeat(16));
    const reference = (text: string, secret: Uint8Array = key) =>
      createHmac('sha256', secret).update(text, 'utf8').digest('hex');

    test.each(vectors)('RFC 4231 test case $test', async ({ key: secret, data, hmac }) => {
      expect(await (await make(secret)).hashAll([data])).toEqual([hmac]);
    });

    test('any text, of any length, hashes as HMAC-SHA-256 of its UTF-8', async () => {
      const hasher = await make(key);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 400 })), async (texts) => {
          expect(await hasher.hashAll(texts)).toEqual(texts.map((text) => reference(text)));
        }),
      );
    });

    test('any key hashes as HMAC-SHA-256', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 200 }), async (secret) => {
          const hasher = await make(new Uint8Array(secret));
          expect(await hasher.hashAll(['jane@example.com'])).toEqual([reference('jane@example.com', secret)]);
        }),
        { numRuns: 50 },
      );
    });

    test.each([
      ['a short text after a long one', ['x'.repeat(300), 'x']],
      ['the empty text', ['']],
      [
        'a text at the edge of the block',
        ['x'.repeat(170), 'x'.repeat(171), 'x'.repeat(512), 'x'.repeat(513)],
      ],
      ['a lone surrogate', ['\ud800@example.com']],
      ['no text at all', []],
    ])('%s', async (_, texts) => {
      expect(await (await make(key)).hashAll(texts)).toEqual(texts.map((text) => reference(text)));
    });

    test('the key id is eight hex digits derived from the key', async () => {
      const { keyId } = await make(key);
      expect(keyId).toBe(reference('presend key id').slice(0, 8));
      expect((await make(repeated(1, 32))).keyId).not.toBe(keyId);
    });
  });
}
