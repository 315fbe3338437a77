// The suppression list passes its battery on D1, and both hashers theirs, in workerd.

import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { addressHasherBattery } from '../contract/address-hasher.ts';
import { suppressionsBattery } from '../contract/suppressions.ts';
import { freshD1 } from './fresh-d1.ts';

addressHasherBattery('two one-shot hashes of Node', nodeHasher);
addressHasherBattery('WebCrypto', webCryptoHasher);

const key = addressHashKey('a key for tests that has 32 bytes');
const otherKey = addressHashKey('another key for tests, also long enough');

suppressionsBattery('D1 with WebCrypto', async () => {
  const database = await freshD1();
  return {
    database,
    hasher: await webCryptoHasher(key),
    otherHasher: await webCryptoHasher(otherKey),
  };
});
