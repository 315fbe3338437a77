// The text of a key: `sk_` or `pk_`, 32 random characters, and a checksum of 6.

import type { KeyKind } from './key.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^32 is 190 bits. */
const randomLength = 32;
/** 62^6 is more than the 2^32 values of a CRC-32. */
const checksumLength = 6;

const prefixes: Readonly<Record<KeyKind, string>> = { secret: 'sk_', publishable: 'pk_' };

/** The pattern for secret scanners; `isKeyText` then checks whether it is a real key. */
const form = new RegExp(`^[ps]k_[0-9A-Za-z]{${randomLength + checksumLength}}$`);

/** Characters of a key that may be shown: the prefix and the first 5, which leave 160 bits unknown. */
const shownLength = 8;

/** A new random key. */
export function makeKeyText(kind: KeyKind): string {
  const text = prefixes[kind] + randomText(randomLength);
  return text + checksum(text);
}

/** Whether the form and checksum are those of a key: rejects typos without asking storage. */
export const isKeyText = (text: string): boolean =>
  form.test(text) && checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

export const isPublishableText = (text: string): boolean => text.startsWith(prefixes.publishable);

export const shownPrefix = (text: string): string => text.slice(0, shownLength);

/** An identifier that may appear in a URL and in a log: 10 random characters, 59 bits. */
export const makeKeyId = (): string => `key_${randomText(10)}`;

function randomText(length: number): string {
  // Skip higher bytes, because they would make the first characters of the alphabet more likely.
  const bound = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length)))
      if (byte < bound && text.length < length) text += alphabet[byte % alphabet.length];
  return text;
}

/** CRC-32 (ISO 3309) of ASCII text, in base 62. */
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
