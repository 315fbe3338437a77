// Learning on SQLite: the battery.

import { openDatabase } from '../../src/platform/database-file.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { learningBattery } from '../contract/learning.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

learningBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));
