// Erasure passes its battery on SQLite, and finds its rows by an index.

import { expect, test } from 'vitest';
import { createErasure } from '../../src/events/erase.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { readSettings } from '../../src/platform/settings.ts';
import type { Statement } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { erasureBattery } from '../contract/erasure.ts';
import { startNodeService } from '../http/node-service.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

erasureBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('no statement reads a table from end to end', async () => {
  const { database } = openDatabase(':memory:');
  const ports = { hasher, now: () => 0 };
  let asked: readonly Statement[] = [];
  const spying = {
    ...database,
    batch: (statements: readonly Statement[]) => {
      asked = statements;
      return database.batch(statements);
    },
  };
  const suppressionList = createSuppressionList({
    ...ports,
    repository: createSuppressionRepository(database),
  });
  const erasure = createErasure({ ...ports, repository: createErasureRepository(spying), suppressionList });
  await erasure.erase({ address: 'jane@example.org', keepSuppression: false });
  expect(asked).toHaveLength(12);
  for (const { sql, params } of asked) {
    const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    const details = plan.map(({ detail }) => detail).join();
    if (sql.includes('INSERT INTO cold_erasures')) expect(details).not.toMatch(/SCAN cold_files/);
    else if (sql.includes('FROM strata')) expect(details).toMatch(/^SEARCH strata USING INDEX strata_domain/);
    else expect(details).toMatch(/^SEARCH .*key_id=\? AND address_hash=\?/);
  }
});

test('a service that starts deletes the events that have had their time', async () => {
  const insert = `
    INSERT INTO delivery_events (id, at, received_at, teller, kind, class, reason, echo, key_id)
    VALUES (?, ?, 0, 'report', 'bounce', 'hard', 'mailbox_unknown', 0, 'key')`;
  const day = 86_400_000;
  const service = await startNodeService({
    zone: {},
    settings: { EVENT_RETENTION_DAYS: '30' },
    database(real) {
      for (const days of [29, 31]) void real.run(insert, [`of ${days} days`, Date.now() - days * day]);
      return real;
    },
  });
  await expect
    .poll(() => service.database.all('SELECT id FROM delivery_events'))
    .toEqual([{ id: 'of 29 days' }]);
  await service.stop();
});

test('events are not forgotten before the rule for soft bounces has seen them', () => {
  const read = (days: string) => readSettings({ EVENT_RETENTION_DAYS: days, SOFT_BOUNCE_DAYS: '14' });
  expect(read('14').ok).toBe(true);
  expect(read('13')).toEqual({ ok: false, mistakes: [expect.stringContaining('EVENT_RETENTION_DAYS')] });
});
