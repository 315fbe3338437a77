// Addresses are stored as HMAC-SHA-256 (RFC 2104) under a key that is not in the database.

import { samePerson, sharesMailboxes } from '../address/same-person.ts';

export interface AddressHasher {
  /** Identifies the key without revealing it: the first 8 hex digits of HMAC(key, "presend key id"). */
  readonly keyId: string;
  /** Returns the lower-case hex HMAC-SHA-256 of each text as UTF-8, in order. */
  hashAll(texts: readonly string[]): string[] | Promise<string[]>;
}

export const keyIdText = 'presend key id';
export const keyIdLength = 8;

/** 128 bits. Anyone who can guess the key can test which addresses are in the database. */
const leastKeyBytes = 16;

/**
 * Returns the bytes of ADDRESS_HASH_KEY: its text as UTF-8.
 * @throws RangeError if it has fewer than 16 bytes. The message does not contain the key.
 */
export function addressHashKey(text: string): Uint8Array<ArrayBuffer> {
  const key = new TextEncoder().encode(text);
  if (key.length < leastKeyBytes)
    throw new RangeError(
      `ADDRESS_HASH_KEY has ${key.length} bytes and needs at least ${leastKeyBytes}. Generate one with: openssl rand -hex 32`,
    );
  return key;
}

/**
 * Returns the text that is hashed for a canonical address: the local part in lower case, without needless quoting.
 *
 * RFC 5321 section 2.4 lets a host distinguish `Jane` from `jane`, but hardly any host does. People and exports change
 * case freely, so exact matching would miss complaints. Quotes and backslashes are not part of the mailbox name (section
 * 4.1.2): `"jane"@example.com` is `jane@example.com`. `personKey` handles dots and tags.
 */
export function suppressionKey(address: string): string {
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, at).toLowerCase();
  const name = localPart.startsWith('"') ? localPart.slice(1, -1).replace(/\\(.)/gsu, '$1') : localPart;
  return name + address.slice(at);
}

/**
 * Returns the text that all spellings of one mailbox share, where the provider documents that it ignores dots or tags;
 * null for every other provider, and for quoted local parts.
 */
export function personKey(address: string): string | null {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (address.startsWith('"') || !sharesMailboxes(domain)) return null;
  return samePerson({ localPart: address.slice(0, at), domain, quoted: false });
}
