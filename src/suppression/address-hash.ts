// How an address stands in the database: as HMAC-SHA-256 (RFC 2104) under a key that the database does not hold.

export interface AddressHasher {
  /** Names the key, never tells it: the first 8 hex digits of HMAC(key, "presend key id"). */
  readonly keyId: string;
  /** Lower-case hex of HMAC-SHA-256 of each text as UTF-8, in order. */
  hashAll(texts: readonly string[]): string[] | Promise<string[]>;
}

export const keyIdText = 'presend key id';
export const keyIdLength = 8;

/** 128 bits: with a key that can be guessed, so can the addresses. */
const leastKeyBytes = 16;

/**
 * The bytes of ADDRESS_HASH_KEY: its text as UTF-8.
 * @throws RangeError when it has fewer than 16 bytes. The message does not hold the key.
 */
export function addressHashKey(text: string): Uint8Array<ArrayBuffer> {
  const key = new TextEncoder().encode(text);
  if (key.length < leastKeyBytes)
    throw new RangeError(
      `ADDRESS_HASH_KEY has ${key.length} bytes and needs at least ${leastKeyBytes}. Make one with: openssl rand -hex 32`,
    );
  return key;
}

/**
 * The text that is hashed for a canonical address: its local part in lower case and without needless quoting.
 *
 * RFC 5321 section 2.4 lets a host tell `Jane` from `jane`, but hardly any does, while people and exports change the
 * case freely: to miss a complaint because of a capital letter is the likelier harm. Quotes and backslashes are no
 * part of the mailbox's name (section 4.1.2): `"jane"@example.com` is `jane@example.com`. Dots and plus tags stay,
 * since they do name different mailboxes at most hosts.
 */
export function suppressionKey(address: string): string {
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, at).toLowerCase();
  const name = localPart.startsWith('"') ? localPart.slice(1, -1).replace(/\\(.)/gsu, '$1') : localPart;
  return name + address.slice(at);
}
