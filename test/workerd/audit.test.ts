// The audit and the uses of keys pass their battery on D1.

import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { auditBattery } from '../contract/audit.ts';
import { freshD1 } from './fresh-d1.ts';

auditBattery('D1', async () => ({
  database: await freshD1(),
  hasher: await webCryptoHasher(addressHashKey('a key for tests that has 32 bytes')),
}));
