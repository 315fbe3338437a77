// Databases of earlier versions, migrated on node:sqlite.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Migration, migrate } from '../../src/storage/sqlite/migrate.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { isBeforeScopes, isUpToScopes, scopeMigrationBattery } from '../contract/suppression-scopes.ts';
import { isBeforeWorkspaces, isUpToWorkspaces, workspaceMigrationBattery } from '../contract/workspaces.ts';

const folder = new URL('../../migrations/', import.meta.url);
const migrations = readdirSync(folder).map((name) => ({
  name,
  sql: readFileSync(new URL(name, folder), 'utf8'),
}));

const opening =
  (isBefore: (migration: Migration) => boolean, isUpTo: (migration: Migration) => boolean) => async () => {
    const sqlite = new DatabaseSync(':memory:');
    const database = nodeSqliteDatabase(sqlite);
    migrate(sqlite, migrations.filter(isBefore));
    return {
      database,
      migrate: async () => {
        migrate(sqlite, migrations.filter(isUpTo));
      },
    };
  };

workspaceMigrationBattery('node:sqlite', opening(isBeforeWorkspaces, isUpToWorkspaces));
scopeMigrationBattery('node:sqlite', opening(isBeforeScopes, isUpToScopes));
