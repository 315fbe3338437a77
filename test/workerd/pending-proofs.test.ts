// Verdicts with a pending proof pass their battery on D1.

import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { pendingProofsBattery } from '../contract/pending-proofs.ts';
import { freshD1 } from './fresh-d1.ts';

const hasherOf = (key: string) => webCryptoHasher(addressHashKey(key));

pendingProofsBattery('D1', async () => ({
  database: await freshD1(),
  hasher: await hasherOf('a key for tests that has 32 bytes'),
  otherHasher: await hasherOf('another key for tests of 32 bytes'),
}));
