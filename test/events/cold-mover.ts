// A process that moves old events to files until none is left: node cold-mover.ts FOLDER NOW. It exists to be killed.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createColdEvents, defaultColdLimits } from '../../src/events/cold/cold-events.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { createColdRepository } from '../../src/storage/sqlite/cold-repository.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';

const [folder, now] = [process.argv[2]!, Number(process.argv[3])];
const day = 86_400_000;
const sqlite = new DatabaseSync(join(folder, 'presend.db'));
const database = nodeSqliteDatabase(sqlite);
const repository = createColdRepository(database);
const events = createColdEvents({
  repository,
  files: nodeFiles(join(folder, 'files')),
  now: () => now,
  newId: () => crypto.randomUUID(),
  hotMs: 60 * day,
  retentionMs: 400 * day,
  limits: { ...defaultColdLimits, eventsPerFile: 50, written: 3, read: 10 },
  onFailure(error) {
    throw error;
  },
});

process.stdout.write('started\n');
const due = { moveBefore: now - 60 * day, expiredBefore: 0, draftsBefore: now - 3_600_000, now };
// An erasure waits for an hour if a killed process left a draft, so there may be work that cannot be done yet.
for (let round = 0; round < 60 && (await repository.hasWork(due)); round++) await events.maintain();
sqlite.close();
process.stdout.write('finished\n');
