// `presend erase` beside the service.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { emptyFolder, presend } from './program.ts';

test('keeps or lifts the suppression entry as requested and never prints the address', async () => {
  const cwd = emptyFolder();
  await presend(['suppressions', 'import', '-'], { cwd, input: 'jane@example.com,BOUNCE\n' });
  const erase = async (...options: string[]) =>
    (await presend(['erase', ...options, 'jane@example.com'], { cwd })).stdout;
  expect(await erase()).toBe('erased: events 0, predictions 0; suppression entry: kept\n');
  expect(await erase('--lift-suppression')).toBe(
    'erased: events 0, predictions 0; suppression entry: removed\n',
  );
  expect(await erase()).toBe('erased: events 0, predictions 0; suppression entry: none\n');
});

test('tells how many files the service still searches', async () => {
  const cwd = emptyFolder();
  await presend(['erase', 'jane@example.com'], { cwd });
  const database = new DatabaseSync(join(cwd, 'var/presend.db'));
  database.exec(`INSERT INTO cold_files (name, first_at, last_at, events, bytes, digest, erased_through)
    VALUES ('events/2026-09-01/a', 0, 0, 1, 1, '', 0)`);
  database.close();
  const erase = async (...options: string[]) =>
    (await presend(['erase', ...options, 'jane@example.com'], { cwd })).stdout;
  expect(await erase()).toBe(
    'erased: events 0, predictions 0; suppression entry: none; files that the service still searches: 1\n',
  );
  expect(JSON.parse(await erase('--json'))).toEqual({
    events: 0,
    predictions: 0,
    suppression: 'none',
    pending_files: 1,
  });
});

test.each([
  ['no address', ['erase']],
  ['two', ['erase', 'jane@example.com', 'john@example.com']],
  ['what is no address', ['erase', 'jane']],
])('%s is not understood', async (_, args) => {
  expect((await presend(args)).status).toBe(2);
});
