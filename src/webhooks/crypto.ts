// The checks of authenticity that providers use, on WebCrypto, which Node and workerd share.

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const bytesOf = (text: string): Bytes => encoder.encode(text);

/** The bytes of base64 text, with or without padding and line breaks; null when it is not base64. */
export function fromBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The bytes of hexadecimal text; null when it is not that. */
export function fromHex(text: string): Bytes | null {
  return /^([0-9a-f]{2})+$/i.test(text)
    ? Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    : null;
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
}

export function join(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Is this the HMAC (RFC 2104) of the data under one of the keys? Compared in constant time. */
export async function isHmac(
  hash: 'SHA-1' | 'SHA-256',
  keys: readonly Bytes[],
  signature: Bytes,
  data: Bytes,
): Promise<boolean> {
  for (const raw of keys) {
    if (raw.length === 0) continue;
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['verify']);
    if (await crypto.subtle.verify('HMAC', key, signature, data)) return true;
  }
  return false;
}

/** Is this text one of the secrets? Digests are compared, so that neither content nor length shows in the time. */
export async function isOneOf(secrets: readonly string[], offered: string): Promise<boolean> {
  const digest = await sha256(bytesOf(offered));
  let found = false;
  for (const secret of secrets) {
    if (secret === '') continue;
    const expected = await sha256(bytesOf(secret));
    let difference = 0;
    for (let i = 0; i < digest.length; i++) difference |= digest[i]! ^ expected[i]!;
    if (difference === 0) found = true;
  }
  return found;
}

/** Is this an RSASSA-PKCS1-v1_5 signature (RFC 8017) by the key, given as SubjectPublicKeyInfo (RFC 5280)? */
export async function isRsaSignature(
  hash: 'SHA-1' | 'SHA-256',
  spki: Bytes,
  signature: Bytes,
  data: Bytes,
): Promise<boolean> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const key = await publicKey('spki', spki, algorithm);
  return key !== null && (await crypto.subtle.verify(algorithm, key, signature, data));
}

/** Is this an Ed25519 signature (RFC 8032) by the key, given as its 32 bytes? */
export async function isEd25519Signature(key: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  const imported = await publicKey('raw', key, { name: 'Ed25519' });
  return imported !== null && (await crypto.subtle.verify('Ed25519', imported, signature, data));
}

/** Null when the bytes are no key of this kind: what it would have to vouch for is then not vouched for. */
async function publicKey(
  form: 'raw' | 'spki',
  key: Bytes,
  algorithm: { name: string; hash?: string; namedCurve?: string },
) {
  try {
    return await crypto.subtle.importKey(form, key, algorithm, false, ['verify']);
  } catch {
    return null;
  }
}

/**
 * Is this an ECDSA signature on P-256 with SHA-256 by the key, given as SubjectPublicKeyInfo? The signature comes
 * as the ASN.1 sequence of RFC 3279; WebCrypto wants the two numbers side by side.
 */
export async function isEcdsaSignature(spki: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  const raw = rawEcdsaSignature(signature);
  if (raw === null) return false;
  const key = await publicKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' });
  return key !== null && (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, raw, data));
}

function rawEcdsaSignature(der: Bytes): Bytes | null {
  // SEQUENCE { INTEGER r, INTEGER s }: on P-256 every length fits one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const raw = new Uint8Array(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1];
    if (der[offset] !== 0x02 || length === undefined || offset + 2 + length > der.length) return null;
    let number = der.subarray(offset + 2, offset + 2 + length);
    // A number is padded with a zero where its first bit would read as a sign, and sheds other leading zeros.
    while (number.length > 32 && number[0] === 0) number = number.subarray(1);
    if (number.length > 32) return null;
    raw.set(number, end - number.length);
    offset += 2 + length;
  }
  return offset === der.length ? raw : null;
}
