// The key that signs verdict tokens.

import type { AddressHasher } from '../suppression/address-hash.ts';
import type { Settings } from './settings.ts';

/**
 * The default key for signing verdict tokens is the keyed hash of this text. The text contains spaces and is not an
 * address, so the hash of an address in the database never equals the key.
 */
const tokenKeyText = 'presend verdict token key';

/** Returns the key that signs verdict tokens: TOKEN_KEY, or by default a key derived from the address hash key. */
export const tokenKeyOf = async (
  { tokenKey }: Settings,
  hasher: AddressHasher,
): Promise<Uint8Array<ArrayBuffer>> =>
  tokenKey ?? new TextEncoder().encode((await hasher.hashAll([tokenKeyText]))[0]);
