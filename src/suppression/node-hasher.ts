// Address hashing on Node. Computes each HMAC as two calls of `hash` from node:crypto, which is several times faster than
// createHmac or WebCrypto.

import { Buffer } from 'node:buffer';
import { type BinaryToTextEncoding, hash } from 'node:crypto';
import { type AddressHasher, keyIdLength, keyIdText } from './address-hash.ts';

/** Bytes that SHA-256 processes at a time. */
const blockBytes = 64;
/** Bytes of a SHA-256 digest. */
const digestBytes = 32;
/**
 * Bytes that the reused buffer `inner` reserves for the text. They are enough for any text of up to 170 UTF-16 code units,
 * and so for nearly every address. A longer text gets a new buffer.
 */
const inputBytes = 512;

/** Creates a hasher from the bytes of the secret key (see `addressHashKey`). */
export function nodeHasher(key: Uint8Array): AddressHasher {
  const block = Buffer.alloc(blockBytes);
  block.set(key.length > blockBytes ? hash('sha256', key, 'buffer') : key);

  // RFC 2104: HMAC = H(K xor opad, H(K xor ipad, text)). `inner` begins with K xor ipad and `outer` with K xor opad. Both
  // buffers are reused for every text.
  const inner = Buffer.alloc(blockBytes + inputBytes);
  inner.set(block.map((byte) => byte ^ 0x36));
  const outer = Buffer.alloc(blockBytes + digestBytes);
  outer.set(block.map((byte) => byte ^ 0x5c));

  function hashOne(text: string): string {
    // UTF-8 takes at most three bytes for one UTF-16 code unit.
    const input =
      text.length * 3 <= inputBytes
        ? inner.subarray(0, blockBytes + inner.write(text, blockBytes, 'utf8'))
        : Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(text, 'utf8')]);
    // Latin-1 carries each byte of the digest as one character, and is read and written faster than hexadecimal.
    outer.write(hash('sha256', input, 'latin1' as BinaryToTextEncoding), blockBytes, 'latin1');
    return hash('sha256', outer, 'hex');
  }

  return {
    keyId: hashOne(keyIdText).slice(0, keyIdLength),
    hashAll: (texts) => texts.map(hashOne),
  };
}
