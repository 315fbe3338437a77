// What a sender writes into its return path or Message-ID, so that a bounce proves to be of a message of its own.

import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';

export interface BounceTokens {
  /** One for each canonical address, in order: 24 letters and digits in lower case, fit for a local part. */
  tokensFor(addresses: readonly string[]): Promise<string[]>;
}

/** 88 bits: nobody finds one by trying, since each try is a message. */
const hexDigits = 22;

/** Tokens of addresses under `mac`. The same address has the same token for as long as the key stays. */
export const createBounceTokens = (mac: Pick<AddressHasher, 'hashAll'>): BounceTokens => ({
  async tokensFor(addresses) {
    const hashes = await mac.hashAll(addresses.map((address) => `bounce\n${suppressionKey(address)}`));
    return hashes.map((hash) => `bt${hash.slice(0, hexDigits)}`);
  },
});

/** Whether the token stands anywhere in a report: in the address it was sent to, or in what it returns. */
export const carriesToken = (raw: Uint8Array, token: string): boolean =>
  new TextDecoder('latin1').decode(raw).toLowerCase().includes(token);
