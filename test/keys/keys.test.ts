// Keys over SQLite.

import { onTestFinished } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { keysContract } from '../contract/keys.ts';

keysContract(async () => {
  const { sqlite, database } = openDatabase(':memory:');
  onTestFinished(() => sqlite.close());
  return database;
});
