// `presend keys`: run on the keys in the database.

import { createKeyStore } from '../../keys/key-store.ts';
import { sha256 } from '../../platform/key-material.ts';
import { readKeysCommand, runKeysCommand } from '../keys.ts';
import { settingsOfEnvironment } from './arguments.ts';

export async function run(args: string[]): Promise<void> {
  const command = readKeysCommand(args);
  const { settings } = await settingsOfEnvironment();
  const { openDatabase } = await import('../../platform/node.ts');
  const { sqlite, database } = openDatabase(settings.databasePath);
  const store = createKeyStore({ database, sha256, now: Date.now });
  process.exitCode = await runKeysCommand(command, store, Date.now(), {
    write: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
  });
  sqlite.close();
}
