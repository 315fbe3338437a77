// A process that moves old events to files until none is left: node cold-mover.ts FOLDER NOW. It exists to be killed.

import { join } from 'node:path';
import { createColdEvents, defaultColdLimits } from '../../src/events/cold/cold-events.ts';
import { openDatabase } from '../../src/platform/node.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { createColdRepository } from '../../src/storage/sqlite/cold-repository.ts';

const [folder, now] = [process.argv[2]!, Number(process.argv[3])];
const day = 86_400_000;
const { sqlite, database } = openDatabase(join(folder, 'presend.db'));
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
do await events.maintain();
while (await repository.hasWork(due));
sqlite.close();
process.stdout.write('finished\n');
