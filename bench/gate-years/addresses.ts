// Which addresses of a campaign do not exist. They are drawn before anything is sent, so they do not depend on what the gate
// answers: both senders of a year have the same ones.

import { randomFrom } from '../simulate/random.ts';
import type { Campaign } from './types.ts';

const drawn = new WeakMap<Campaign, Uint8Array>();

/** One item for each message, in the order of sending: 1 if the address does not exist. */
export function addressesOf(campaign: Campaign): Uint8Array {
  let addresses = drawn.get(campaign);
  if (addresses === undefined) {
    const { seed, messages, hard, isSorted } = campaign;
    const random = randomFrom(seed ^ 0xadd2e55);
    addresses = Uint8Array.from({ length: messages }, (_, index) =>
      random.unit() < Math.min(hard * (isSorted ? 2 - (2 * index) / messages : 1), 0.9) ? 1 : 0,
    );
    drawn.set(campaign, addresses);
  }
  return addresses;
}

/** The share of addresses that do not exist: what a campaign bounces hard if all of it is sent. */
export function badShare(campaign: Campaign): number {
  const addresses = addressesOf(campaign);
  return addresses.reduce((sum, one) => sum + one, 0) / addresses.length;
}
