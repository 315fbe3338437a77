// The suppression list passes its battery on D1, and both hashers theirs, in workerd.

import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { nodeHasher } from '../../src/entry/node-hasher.ts';
import { type D1Like, d1Database } from '../../src/store/d1.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { addressHasherBattery } from '../contract/address-hasher.ts';
import { suppressionsBattery } from '../contract/suppressions.ts';

addressHasherBattery('two one-shot hashes of Node', nodeHasher);
addressHasherBattery('WebCrypto', webCryptoHasher);

const key = addressHashKey('a key for tests that has 32 bytes');
const otherKey = addressHashKey('another key for tests, also long enough');

suppressionsBattery('D1 with WebCrypto', async () => {
  const database = d1Database(env['DB'] as D1Like);
  // The binding outlives a test: each begins with the schema made again.
  await database.batch(
    ['suppressions', 'suppression_removals', 'd1_migrations'].map((table) => ({
      sql: `DROP TABLE IF EXISTS ${table}`,
    })),
  );
  await applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']);
  return {
    database,
    hasher: await webCryptoHasher(key),
    otherHasher: await webCryptoHasher(otherKey),
  };
});
