// A database of the version before workspaces, migrated on D1 as wrangler does it.

import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { isBeforeWorkspaces, isUpToWorkspaces, workspaceMigrationBattery } from '../contract/workspaces.ts';
import { emptyD1 } from './fresh-d1.ts';

const migrations = env['TEST_MIGRATIONS'] as { readonly name: string }[];

workspaceMigrationBattery('D1', async () => {
  const database = await emptyD1();
  await applyD1Migrations(env['DB'], migrations.filter(isBeforeWorkspaces));
  return {
    database,
    migrate: () => applyD1Migrations(env['DB'], migrations.filter(isUpToWorkspaces)),
  };
});
