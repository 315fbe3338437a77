// Work that no request waits for is stored through a database of its own, so that requests wait neither for it nor for the disk.

import { expect, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

/** Keeps the first words of each statement that writes. */
const recording =
  (written: string[]) =>
  (real: Database): Database => ({
    ...real,
    run(sql, params) {
      written.push(tableOf(sql));
      return real.run(sql, params);
    },
    batch(statements) {
      written.push(...statements.map(({ sql }) => tableOf(sql)));
      return real.batch(statements);
    },
  });

/** Keeps each statement, whether it reads or writes. */
const listening =
  (statements: string[]) =>
  (real: Database): Database => {
    const heard = (sql: string) => void statements.push(sql);
    return {
      all: (sql, params) => {
        heard(sql);
        return real.all(sql, params);
      },
      first: (sql, params) => {
        heard(sql);
        return real.first(sql, params);
      },
      run: (sql, params) => {
        heard(sql);
        return real.run(sql, params);
      },
      batch: (given) => {
        for (const { sql } of given) heard(sql);
        return real.batch(given);
      },
    };
  };

const proofTables = /mailbox_proofs|probed_|domain_signs|pending_proofs/;

const tableOf = (sql: string): string => /(?:INTO|UPDATE|FROM)\s+(\w+)/.exec(sql)![1]!;

test('a verdict writes nothing; what is learned from it is stored in the background', async () => {
  const written: string[] = [];
  const inBackground: string[] = [];
  const service = await startNodeService({
    zone,
    database: recording(written),
    backgroundDatabase: recording(inBackground),
  });
  written.length = 0;
  const response = await fetch(`${service.url}/v1/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'jane.doe@brisk-otter.com' }),
  });
  expect(response.status).toBe(200);
  await service.tend();
  expect(inBackground).toContain('predictions');
  expect(written).toEqual([]);
  await service.stop();
});

test.each([
  ['nothing', {}, false],
  ['smtp', { MAILBOX_PROOF: 'smtp' }, true],
])('verdicts read the tables of proof only if MAILBOX_PROOF is set: %s', async (_, settings, asks) => {
  const statements: string[] = [];
  const service = await startNodeService({
    zone,
    settings,
    database: listening(statements),
    backgroundDatabase: listening(statements),
  });
  statements.length = 0;
  for (const email of ['jane.doe@brisk-otter.com', 'jim.doe@gmail.com']) {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email });
    const response = await fetch(`${service.url}/v1/validate`, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
  }
  await service.tend();
  expect(statements.some((sql) => proofTables.test(sql))).toBe(asks);
  await service.stop();
});
