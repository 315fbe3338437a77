// Opens the database of the service for commands that write into it.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { printable } from './terminal.ts';

/**
 * Opens the database and migrates it. If there is none yet, one is made, and standard error says where: a command that runs in the
 * wrong folder would otherwise change a database that no service uses.
 * @throws UsageError if the database cannot be used.
 */
export async function openOrCreateDatabase(databasePath: string) {
  const isNew = databasePath !== ':memory:' && !existsSync(databasePath);
  const { openDatabase } = await import('../platform/node.ts');
  const opened = openDatabase(databasePath);
  if (isNew)
    process.stderr.write(
      `Created a new database: ${printable(resolve(databasePath))}. If the service uses another one, set DATABASE_PATH, or run the command in the folder of the service.\n`,
    );
  return opened;
}
