// Databases of earlier versions, migrated on D1 as wrangler does it.

import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { isBeforeScopes, isUpToScopes, scopeMigrationBattery } from '../contract/suppression-scopes.ts';
import { isBeforeWorkspaces, isUpToWorkspaces, workspaceMigrationBattery } from '../contract/workspaces.ts';
import { emptyD1 } from './fresh-d1.ts';

interface Migration {
  readonly name: string;
}

const migrations = env['TEST_MIGRATIONS'] as Migration[];

const opening =
  (isBefore: (migration: Migration) => boolean, isUpTo: (migration: Migration) => boolean) => async () => {
    const database = await emptyD1();
    await applyD1Migrations(env['DB'], migrations.filter(isBefore));
    return { database, migrate: () => applyD1Migrations(env['DB'], migrations.filter(isUpTo)) };
  };

workspaceMigrationBattery('D1', opening(isBeforeWorkspaces, isUpToWorkspaces));
scopeMigrationBattery('D1', opening(isBeforeScopes, isUpToScopes));
