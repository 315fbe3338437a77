// A database of the version before workspaces, migrated on node:sqlite.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { isBeforeWorkspaces, isUpToWorkspaces, workspaceMigrationBattery } from '../contract/workspaces.ts';

const folder = new URL('../../migrations/', import.meta.url);
const migrations = readdirSync(folder).map((name) => ({
  name,
  sql: readFileSync(new URL(name, folder), 'utf8'),
}));

workspaceMigrationBattery('node:sqlite', async () => {
  const sqlite = new DatabaseSync(':memory:');
  const database = nodeSqliteDatabase(sqlite);
  migrate(sqlite, migrations.filter(isBeforeWorkspaces));
  return {
    database,
    migrate: async () => {
      migrate(sqlite, migrations.filter(isUpToWorkspaces));
    },
  };
});
