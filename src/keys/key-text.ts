// The text of an API key: `sk_` or `pk_`, then 32 random characters, then 6 characters of checksum.

import type { KeyKind } from './key.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Number of random characters. 32 characters from an alphabet of 62 have 190 bits of entropy. */
const randomLength = 32;
/** Number of characters of the checksum. 6 characters from an alphabet of 62 can hold all 2^32 values of a CRC-32. */
const checksumLength = 6;

const prefixes: Readonly<Record<KeyKind, string>> = { secret: 'sk_', publishable: 'pk_' };

/** The pattern of a key. `isKeyText` also checks the checksum. */
const form = new RegExp(`^[ps]k_[0-9A-Za-z]{${randomLength + checksumLength}}$`);

/**
 * Number of characters at the start of a key that may be shown: the prefix and 5 random characters. The other 27 random
 * characters stay secret and have 160 bits of entropy.
 */
const shownLength = 8;

/** A new random key. */
export function makeKeyText(kind: KeyKind): string {
  const text = prefixes[kind] + randomText(randomLength);
  return text + checksum(text);
}

/** Whether a text has the pattern and the checksum of a key. A mistyped key is rejected without asking storage. */
export const isKeyText = (text: string): boolean =>
  form.test(text) && checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

export const isPublishableText = (text: string): boolean => text.startsWith(prefixes.publishable);

export const shownPrefix = (text: string): string => text.slice(0, shownLength);

/** Creates an id for a key. Unlike the key's text, it may appear in URLs and logs. It has 10 random characters (59 bits). */
export const makeKeyId = (): string => `key_${randomText(10)}`;

/** A new random text for the cookie of a session of the console. It has 238 bits of entropy. */
export const makeSessionText = (): string => `ses_${randomText(40)}`;

function randomText(length: number): string {
  // Skip bytes from `bound` on. With them, `byte % alphabet.length` would favor the first characters of the alphabet.
  const bound = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length)))
      if (byte < bound && text.length < length) text += alphabet[byte % alphabet.length];
  return text;
}

/** The CRC-32 (ISO 3309) of ASCII text, in base 62. */
function checksum(text: string): string {
  let crc = 0xffff_ffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  let rest = (crc ^ 0xffff_ffff) >>> 0;
  let digits = '';
  for (let digit = 0; digit < checksumLength; digit++) {
    digits = alphabet[rest % alphabet.length] + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
