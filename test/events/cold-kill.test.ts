// The process that moves old events to files is killed again and again, and persons are erased meanwhile: no event is lost, none is
// in two places, and no file is left that nobody knows.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createColdReader } from '../../src/events/cold/cold-reader.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { createColdRepository } from '../../src/storage/sqlite/cold-repository.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { emptyFolder } from '../cli/program.ts';

/** How often the process is killed. */
const kills = Number(process.env['KILLS'] ?? 3);
const day = 86_400_000;
const minute = 60_000;
const today = 20_000 * day;
const people = 40;
const program = new URL('cold-mover.ts', import.meta.url).pathname;

const eventOf = (number: number): StoredEvent => ({
  id: String(number).padStart(16, '0').padEnd(32, 'f'),
  at: today - 200 * day + (number % 100) * day + number,
  receivedAt: today - 100 * day,
  reportedBy: 'ses',
  kind: 'delivered',
  class: 'none',
  reason: 'delivered',
  status: null,
  echo: false,
  keyId: 'key',
  addressHash: `person ${number % people}`,
  mailboxProvider: null,
  message: null,
  campaign: 'spring',
  source: null,
  list: null,
  proof: 'proven',
  mailHost: null,
  gateway: null,
});

test('killed at any time, nothing is lost and nothing is doubled', { timeout: 600_000 }, async () => {
  const folder = emptyFolder();
  const { sqlite, database } = openDatabase(join(folder, 'presend.db'));
  const expected = new Map(Array.from({ length: 4000 }, (_, number) => [number, eventOf(number)]));
  await createEventRepository(database).store([...expected.values()], 'key', {
    outcomes: [],
    deliveries: new Map(),
  });
  const files = nodeFiles(join(folder, 'files'));
  const repository = createColdRepository(database);
  const failures: unknown[] = [];

  const placesOf = async () => {
    const hot = await database.all<{ id: string }>('SELECT id FROM delivery_events');
    const ids = hot.map(({ id }) => id);
    const reader = createColdReader({ repository, files, onFailure: (error) => failures.push(error) });
    for await (const events of reader.read({ from: 0, to: today })) ids.push(...events.map(({ id }) => id));
    return ids.toSorted();
  };
  const wanted = () => [...expected.values()].map(({ id }) => id).toSorted();

  let now = today;
  const start = async () => {
    const child = spawn(process.execPath, [program, folder, String(now)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    await once(child.stdout, 'data');
    return { child, ended };
  };
  let killedAtWork = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { child, ended } = await start();
    await wait(5 + Math.random() * 250);
    child.kill('SIGKILL');
    if ((await ended)[0] !== 0) killedAtWork += 1;
    expect(await placesOf()).toEqual(wanted());
    const person = kill % people;
    await createErasureRepository(database).erase({
      keyId: 'key',
      addressHash: `person ${person}`,
      keepSuppression: true,
      now,
    });
    for (const [number] of expected) if (number % people === person) expected.delete(number);
    expect(await placesOf()).toEqual(wanted());
    // The next process waits for the lease of the one that was killed.
    now += 11 * minute;
  }
  expect(killedAtWork).toBeGreaterThan(0);

  for (let run = 0; run < 3; run++) {
    const { ended } = await start();
    expect((await ended)[0]).toBe(0);
    now += 61 * minute;
  }
  expect(await placesOf()).toEqual(wanted());
  expect(await database.all('SELECT * FROM delivery_events')).toEqual([]);
  for (const table of ['cold_erasures', 'cold_drafts'])
    expect(await database.all(`SELECT * FROM ${table}`)).toEqual([]);
  const ids = await database.all('SELECT id FROM cold_ids');
  expect(ids).toHaveLength(expected.size);
  const known = await database.all<{ name: string }>('SELECT name FROM cold_files ORDER BY name');
  const present = readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'files').length + 1));
  expect(present.toSorted()).toEqual(known.map(({ name }) => name).toSorted());
  expect(failures).toEqual([]);
  sqlite.close();
});
