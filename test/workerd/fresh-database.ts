// D1 with the schema made again: the binding outlives a test.

import { applyD1Migrations, env } from 'cloudflare:test';
import { type D1Like, d1Database } from '../../src/store/d1.ts';
import type { Database } from '../../src/store/database.ts';

/** The Database port over D1, with every table of the migrations and nothing in it. */
export async function freshDatabase(): Promise<Database> {
  const database = d1Database(env['DB'] as D1Like);
  const tables = await database.all<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
  );
  await database.batch(tables.map(({ name }) => ({ sql: `DROP TABLE "${name}"` })));
  await applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']);
  return database;
}
