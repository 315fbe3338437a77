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
