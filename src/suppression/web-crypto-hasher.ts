// Address hashing with WebCrypto, used on Workers. Node uses the faster `nodeHasher`.

import { type AddressHasher, keyIdLength, keyIdText } from './address-hash.ts';

const algorithm = { name: 'HMAC', hash: 'SHA-256' };

/**
 * Creates a hasher from the bytes of the secret key (see `addressHashKey`). The hasher keeps no pending promise, so on
 * Workers later requests may use it too.
 */
export async function webCryptoHasher(key: Uint8Array<ArrayBuffer>): Promise<AddressHasher> {
  const cryptoKey = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  const encoder = new TextEncoder();

  const hash = async (text: string) =>
    hex(new Uint8Array(await crypto.subtle.sign('HMAC', cryptoKey, encoder.encode(text))));

  return {
    keyId: (await hash(keyIdText)).slice(0, keyIdLength),
    hashAll: (texts) => Promise.all(texts.map(hash)),
  };
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexOfByte[byte];
  return text;
}
