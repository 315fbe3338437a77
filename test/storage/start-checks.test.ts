// What a process asks of its database file before it serves.

import { expect, test } from 'vitest';
import { createKeyStore } from '../../src/keys/key-store.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { holdsKeys, holdsSuppressions } from '../../src/storage/sqlite/start-checks.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { sha256Hex } from '../../src/webhooks/crypto.ts';

test('whether the suppression list has an entry', async () => {
  const { sqlite, database } = openDatabase(':memory:');
  expect(holdsSuppressions(sqlite)).toBe(false);
  const entry = {
    keyId: '01234567',
    addressHash: 'aa',
    personHash: null,
    scope: 'all',
    reason: 'manual',
  } as const;
  const rest = { status: null, source: null, since: 1, expiresAt: null };
  await createSuppressionRepository(database).add([{ ...entry, ...rest }], 1);
  expect(holdsSuppressions(sqlite)).toBe(true);
});

test('whether a key was ever made', async () => {
  const { sqlite, database } = openDatabase(':memory:');
  expect(holdsKeys(sqlite)).toBe(false);
  const store = createKeyStore({
    repository: createKeyRepository(database),
    sha256: sha256Hex,
    now: () => 1,
  });
  await store.revoke((await store.create({ kind: 'secret', name: 'crm', scopes: null })).key.id);
  expect(holdsKeys(sqlite)).toBe(true);
});
