// The D1 binding outlives a test; its tables are dropped between tests.

import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Database } from '../../src/storage/database.ts';
import { type D1Like, d1Database } from '../../src/storage/sqlite/d1.ts';

const ownTables = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'`;

/** D1 without tables. */
export async function emptyD1(): Promise<Database> {
  const database = d1Database(env['DB'] as D1Like);
  const tables = await database.all<{ name: string }>(ownTables);
  if (tables.length > 0)
    await database.batch(tables.map(({ name }) => ({ sql: `DROP TABLE IF EXISTS "${name}"` })));
  return database;
}

/** D1 with all migrations and no data. */
export async function freshD1(): Promise<Database> {
  const database = await emptyD1();
  await applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']);
  return database;
}
