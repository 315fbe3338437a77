// The suppression list passes its battery on the SQLite of Node with WebCrypto.

import { openDatabase } from '../../src/platform/node.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { suppressionsBattery } from '../contract/suppressions.ts';

const key = addressHashKey('a key for tests that has 32 bytes');
const otherKey = addressHashKey('another key for tests, also long enough');

suppressionsBattery('node:sqlite with WebCrypto', async () => ({
  database: openDatabase(':memory:').database,
  hasher: await webCryptoHasher(key),
  otherHasher: await webCryptoHasher(otherKey),
}));
