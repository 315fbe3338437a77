// Opens the database of the service.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AuditAction, commandLineActor } from '../audit/audit.ts';
import { UsageError } from '../platform/usage-error.ts';
import type { Database } from '../storage/database.ts';
import { createAuditRepository } from '../storage/sqlite/audit-repository.ts';
import { printable } from './terminal.ts';

/**
 * Opens the database that the service has written, and migrates it.
 * @throws UsageError if it cannot be used, or is in the memory of the service.
 */
export async function openServiceDatabase(databasePath: string) {
  if (databasePath === ':memory:')
    throw new UsageError('DATABASE_PATH is :memory:, which only the service itself can read');
  const { openDatabase } = await import('../platform/database-file.ts');
  return openDatabase(databasePath);
}

/**
 * Opens the database for a command that writes into it, and migrates it. If there is none yet, one is made, and standard error
 * says where: a command that runs in the wrong folder would otherwise change a database that no service uses.
 * @throws UsageError if the database cannot be used.
 */
export async function openOrCreateDatabase(databasePath: string) {
  const isNew = databasePath !== ':memory:' && !existsSync(databasePath);
  const { openDatabase } = await import('../platform/database-file.ts');
  const opened = openDatabase(databasePath);
  if (isNew)
    process.stderr.write(
      `Created a new database: ${printable(resolve(databasePath))}. If the service uses another one, set DATABASE_PATH, or run the command in the folder of the service.\n`,
    );
  return opened;
}

/** Records in the audit what a command does. */
export const noteCommand = (
  database: Database,
  action: AuditAction,
  {
    subject = null,
    amount = null,
  }: { readonly subject?: string | null; readonly amount?: number | null } = {},
): Promise<void> =>
  createAuditRepository(database).add({ at: Date.now(), actor: commandLineActor, action, subject, amount });
