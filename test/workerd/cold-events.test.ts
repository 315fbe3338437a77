// Older events pass their battery on D1 and R2.

import { env } from 'cloudflare:workers';
import { type R2Like, r2Files } from '../../src/storage/files/r2.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { coldEventsBattery } from '../contract/cold-events.ts';
import { freshD1 } from './fresh-d1.ts';

/** Fewer random operations than on Node, because each statement takes longer. */
const steps = 30;

coldEventsBattery(
  'D1',
  async () => ({
    database: await freshD1(),
    files: r2Files(env['FILES'] as R2Like),
    hasher: await webCryptoHasher(addressHashKey('a key for tests that has 32 bytes')),
  }),
  steps,
);
