// Tokens that a sender puts into its return path or Message-ID to prove that a bounce is about its own message.

import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';

export interface BounceTokens {
  /** One per canonical address, in order: 24 lower-case letters and digits, valid in a local part. */
  tokensFor(addresses: readonly string[]): Promise<string[]>;
}

/** 22 digits are 88 bits. They cannot be guessed, because each attempt costs a message. */
const hexDigits = 22;

/** Creates tokens with `mac`. An address has the same token as long as the key of `mac` is the same. */
export const createBounceTokens = (mac: Pick<AddressHasher, 'hashAll'>): BounceTokens => ({
  async tokensFor(addresses) {
    const hashes = await mac.hashAll(addresses.map((address) => `bounce\n${suppressionKey(address)}`));
    return hashes.map((hash) => `bt${hash.slice(0, hexDigits)}`);
  },
});

const tokenPattern = new RegExp(`bt[0-9a-f]{${hexDigits}}`, 'g');

/**
 * Every text in a report that has the form of a token. A token may be in the address of the report or in the returned
 * message. Joins the lines that quoted-printable breaks (RFC 2045 section 6.7).
 */
export function tokensIn(raw: Uint8Array): Set<string> {
  const text = new TextDecoder('latin1').decode(raw).toLowerCase();
  return new Set([text, text.replace(/=\r?\n/g, '')].flatMap((one) => one.match(tokenPattern) ?? []));
}
