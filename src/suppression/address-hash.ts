// Hashes addresses. The database contains no address, only its HMAC-SHA-256 (RFC 2104). The key of the HMAC is not in
// the database.

import { samePerson, sharesMailboxes } from '../address/same-person.ts';

export interface AddressHasher {
  /** The id of the key, which does not reveal the key: the first 8 hex digits of HMAC(key, "presend key id"). */
  readonly keyId: string;
  /** Returns the HMAC-SHA-256 of each text (as UTF-8) in lower-case hex, in the order of the texts. */
  hashAll(texts: readonly string[]): string[] | Promise<string[]>;
}

export const keyIdText = 'presend key id';
export const keyIdLength = 8;

/**
 * Minimum length of the key in bytes. 16 bytes are 128 bits. A shorter key might be guessed, and with the key anyone who
 * has the database could test which addresses are in it.
 */
const leastKeyBytes = 16;

/**
 * Returns the key in ADDRESS_HASH_KEY: its text as UTF-8.
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
 * Returns the text that is hashed for an address in canonical form: the local part in lower case and without quotation
 * marks, and the domain.
 *
 * RFC 5321 section 2.4 lets a host distinguish `Jane` from `jane`, but hardly any host does. People and exports change
 * the case of an address, so an exact comparison would miss complaints. Quotation marks and backslashes are not part of
 * the name of a mailbox (section 4.1.2): `"jane"@example.com` is `jane@example.com`. Dots and tags stay here;
 * `personKey` handles them.
 */
export function suppressionKey(address: string): string {
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, at).toLowerCase();
  const name = localPart.startsWith('"') ? localPart.slice(1, -1).replace(/\\(.)/gsu, '$1') : localPart;
  return name + address.slice(at);
}

/**
 * Returns a text that is the same for all spellings of one mailbox, if the provider documents that it ignores dots or
 * tags: `j.doe+news@gmail.com` and `jdoe@gmail.com` give the same text. Null for other providers and for quoted local
 * parts.
 */
export function personKey(address: string): string | null {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (address.startsWith('"') || !sharesMailboxes(domain)) return null;
  return samePerson({ localPart: address.slice(0, at), domain, quoted: false });
}
