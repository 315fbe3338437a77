// The hash under which API keys are stored, and the key that signs verdict tokens.

import { hash } from 'node:crypto';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { Settings } from './settings.ts';

/** Lower-case hex. Keys are random, so one round of a fast hash is enough. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');

/** No address contains an unquoted space, so this text cannot be an address. */
const tokenKeyText = 'presend verdict token key';

/** The bytes of the key that signs verdict tokens: TOKEN_KEY, or one derived from the address hash key. */
export const tokenKeyOf = async (
  { tokenKey }: Settings,
  hasher: AddressHasher,
): Promise<Uint8Array<ArrayBuffer>> =>
  tokenKey ?? new TextEncoder().encode((await hasher.hashAll([tokenKeyText]))[0]);
