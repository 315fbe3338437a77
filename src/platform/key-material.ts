// How keys are stored, and what signs verdict tokens.

import { hash } from 'node:crypto';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { Settings } from './settings.ts';

/** Lower-case hex. A key is random, so that one round of a fast hash keeps it. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** No address holds a space outside quotes, so that this can never be the hash of one. */
const tokenKeyText = 'presend verdict token key';

/** The bytes of the key that signs verdict tokens: TOKEN_KEY, or one derived from the address hash key. */
export const tokenKeyOf = async (
  { tokenKey }: Settings,
  hasher: AddressHasher,
): Promise<Uint8Array<ArrayBuffer>> =>
  tokenKey ?? new TextEncoder().encode((await hasher.hashAll([tokenKeyText]))[0]);
