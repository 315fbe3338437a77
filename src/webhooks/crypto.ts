// Functions that check the signatures of webhooks. They use WebCrypto, and from node:crypto only what Cloudflare Workers
// supports, so they run on Node and on Workers.

import { createHash, hash, timingSafeEqual, verify } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

export type SignatureHash = 'SHA-1' | 'SHA-256';

const encoder = new TextEncoder();

/** Encodes a text as UTF-8. */
export const bytesOf = (text: string): Bytes => encoder.encode(text);

/** Decodes base64, with or without padding and line breaks. Null if the text is not base64. */
export function fromBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Decodes hexadecimal digits of either case. Null if the text is empty or not hexadecimal. */
export function fromHex(text: string): Bytes | null {
  return /^([0-9a-f]{2})+$/i.test(text)
    ? Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    : null;
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** The SHA-256 of a short text, as UTF-8, in lower-case hexadecimal. Much faster than `sha256` for a text of a few hundred bytes. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
}

/** MD5 (RFC 1321) in lower-case hexadecimal. MD5 is weak: use it only for a vendor that offers no other signature. */
export const md5Hex = (data: Uint8Array): string => createHash('md5').update(data).digest('hex');

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The HMAC (RFC 2104) of the data. The key must not be empty. */
export async function hmacOf(hash: SignatureHash, raw: Bytes, data: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, data));
}

/**
 * Whether one of the signatures is the HMAC (RFC 2104) of the data with one of the keys. Hashes the data only once for each
 * key. Compares in constant time. An empty key never matches.
 */
export async function isHmac(
  hash: SignatureHash,
  keys: readonly Bytes[],
  signatures: readonly Bytes[],
  data: Bytes,
): Promise<boolean> {
  for (const raw of keys) {
    if (raw.length === 0) continue;
    const expected = await hmacOf(hash, raw, data);
    if (signatures.some((signature) => isEqual(expected, signature))) return true;
  }
  return false;
}

const isEqual = (expected: Uint8Array, offered: Uint8Array): boolean =>
  expected.length === offered.length && timingSafeEqual(expected, offered);

/**
 * Whether the offered text is one of the secrets. Compares SHA-256 digests, so the time of the comparison reveals neither
 * the content nor the length of a secret. An empty secret never matches.
 */
export async function isOneOf(secrets: readonly string[], offered: string): Promise<boolean> {
  const digest = await sha256(bytesOf(offered));
  let isFound = false;
  for (const secret of secrets)
    if (secret !== '' && isEqual(await sha256(bytesOf(secret)), digest)) isFound = true;
  return isFound;
}

/**
 * Whether a signature is valid under a public key. The key `spki` is a SubjectPublicKeyInfo in DER. An RSA key is used with
 * RSASSA-PKCS1-v1_5 (RFC 8017), an elliptic-curve key with ECDSA and a signature in ASN.1 (RFC 3279). False if the key is
 * invalid.
 */
export function isPublicKeySignature(
  hash: SignatureHash,
  spki: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): boolean {
  try {
    return verify(
      hash.replace('-', ''),
      data,
      { key: Buffer.from(spki), format: 'der', type: 'spki' },
      signature,
    );
  } catch {
    return false;
  }
}

/** Whether an Ed25519 signature (RFC 8032) is valid under a raw key of 32 bytes. False if the key is invalid. */
export async function isEd25519Signature(key: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, data);
  } catch {
    return false;
  }
}
