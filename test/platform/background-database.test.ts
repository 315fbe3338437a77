// Work that no request waits for is stored through a database of its own, so that requests wait neither for it nor for the disk.

import { expect, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

interface Heard {
  readonly sql: string;
  readonly writes: boolean;
}

/** Keeps each statement. */
const listening =
  (statements: Heard[]) =>
  (real: Database): Database => {
    const heard = (writes: boolean, ...asked: readonly string[]) =>
      void statements.push(...asked.map((sql) => ({ sql, writes })));
    return {
      all(sql, params) {
        heard(false, sql);
        return real.all(sql, params);
      },
      first(sql, params) {
        heard(false, sql);
        return real.first(sql, params);
      },
      run(sql, params) {
        heard(true, sql);
        return real.run(sql, params);
      },
      batch(given) {
        heard(true, ...given.map(({ sql }) => sql));
        return real.batch(given);
      },
    };
  };

/** The tables that the statements write. */
const written = (statements: readonly Heard[]): string[] =>
  statements.filter(({ writes }) => writes).map(({ sql }) => /(?:INTO|UPDATE|FROM)\s+(\w+)/.exec(sql)![1]!);

const proofTables = /mailbox_proofs|probed_|domain_signs|pending_proofs/;

test('a verdict writes nothing; what is learned from it is stored in the background', async () => {
  const statements: Heard[] = [];
  const inBackground: Heard[] = [];
  const service = await startNodeService({
    zone,
    database: listening(statements),
    backgroundDatabase: listening(inBackground),
  });
  statements.length = 0;
  const response = await fetch(`${service.url}/v1/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'jane.doe@brisk-otter.com' }),
  });
  expect(response.status).toBe(200);
  await service.tend();
  expect(written(inBackground)).toContain('predictions');
  expect(written(statements)).toEqual([]);
  await service.stop();
});

test.each([
  ['nothing', {}, false],
  ['smtp', { MAILBOX_PROOF: 'smtp' }, true],
])('verdicts read the tables of proof only if MAILBOX_PROOF is set: %s', async (_, settings, asks) => {
  const statements: Heard[] = [];
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
  expect(statements.some(({ sql }) => proofTables.test(sql))).toBe(asks);
  await service.stop();
});
