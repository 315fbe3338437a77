// Tokens that a sender puts into its return path or Message-ID to prove that a bounce is about its own message.

import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';

export interface BounceTokens {
  /**
   * Returns a token for each canonical address, in order. A token consists of 24 lower-case letters and digits, so it can be
   * used in the local part of a return path.
   */
  tokensFor(addresses: readonly string[]): Promise<string[]>;
}

/**
 * Number of hexadecimal digits in a token, after `bt`. 22 digits are 88 bits. That is too much to guess a token by trying,
 * since an attacker has to send one message for each attempt.
 */
const hexDigits = 22;

/** Derives tokens from keyed hashes (`mac`). An address keeps its token as long as the key of `mac` stays the same. */
export const createBounceTokens = (mac: Pick<AddressHasher, 'hashAll'>): BounceTokens => ({
  async tokensFor(addresses) {
    const hashes = await mac.hashAll(addresses.map((address) => `bounce\n${suppressionKey(address)}`));
    return hashes.map((hash) => `bt${hash.slice(0, hexDigits)}`);
  },
});

const tokenPattern = new RegExp(`bt[0-9a-f]{${hexDigits}}`, 'g');

/**
 * Finds every text in a raw report that has the form of a token. A token may be in the address to which the report was sent, or
 * in the returned message. Quoted-printable (RFC 2045 section 6.7) may break a token over two lines, so the text is also
 * searched with such lines joined.
 */
export function tokensIn(raw: Uint8Array): Set<string> {
  const text = new TextDecoder('latin1').decode(raw).toLowerCase();
  return new Set([text, text.replace(/=\r?\n/g, '')].flatMap((one) => one.match(tokenPattern) ?? []));
}
