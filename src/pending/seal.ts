// Encrypts what is kept about a pending verdict, because it contains an address and the database must reveal none.

import type { AddressHasher } from '../suppression/address-hash.ts';
import { fromBase64, toBase64 } from '../webhooks/crypto.ts';

/** The key is the keyed hash of this text. It contains spaces and is no address, so no hash in the database equals the key. */
const sealKeyText = 'presend pending proof key';

const ivBytes = 12;
const encoder = new TextEncoder();

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export interface Seal {
  /** `id` is bound to the text: a sealed text opens only with the same one. */
  close(id: string, text: string): Promise<string>;
  /** Null if the text was sealed with another key or for another id. */
  open(id: string, sealed: string): Promise<string | null>;
}

/** Seals with AES-256-GCM. The key follows from ADDRESS_HASH_KEY. */
export function createSeal(hasher: AddressHasher): Seal {
  // On Workers a request must not await a promise of another one, so the key is kept and not its promise.
  let known: Key | null = null;
  async function key(): Promise<Key> {
    if (known !== null) return known;
    const [hash] = await hasher.hashAll([sealKeyText]);
    const raw = Uint8Array.from(hash!.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    known = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return known;
  }
  const algorithm = (id: string, iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encoder.encode(id),
  });
  return {
    async close(id, text) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const secret = await crypto.subtle.encrypt(algorithm(id, iv), await key(), encoder.encode(text));
      const bytes = new Uint8Array(ivBytes + secret.byteLength);
      bytes.set(iv);
      bytes.set(new Uint8Array(secret), ivBytes);
      return toBase64(bytes);
    },
    async open(id, sealed) {
      try {
        const bytes = fromBase64(sealed);
        if (bytes === null) return null;
        const iv = bytes.subarray(0, ivBytes);
        const text = await crypto.subtle.decrypt(algorithm(id, iv), await key(), bytes.subarray(ivBytes));
        return new TextDecoder().decode(text);
      } catch {
        return null;
      }
    },
  };
}
