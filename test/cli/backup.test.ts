// `presend backup` and `presend restore`: what is in a backup, that it is whole, and that nothing is lost by restoring it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyFolder, presend, presendServe } from './program.ts';

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;
// Each test starts several processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

/** No DNS is needed: nothing listens there. */
const environment = { DOH_URLS: 'http://127.0.0.1:9/dns-query' };

let cwd: string;
beforeEach(() => {
  cwd = emptyFolder();
});
const path = (name: string) => join(cwd, name);
const text = (name: string) => readFileSync(path(name), 'utf8');

const run = (args: readonly string[], settings: Record<string, string> = {}) =>
  presend(args, { cwd, environment: { ...environment, ...settings } });
const suppress = (email: string) => run(['suppressions', 'add', '--reason', 'manual', email]);
const isSuppressed = async (email: string, settings: Record<string, string> = {}) =>
  (await run(['suppressions', 'check', email], settings)).status === 1;

describe('a backup', () => {
  test('holds the database, the key and the files, with their checksums', async () => {
    await suppress('jane@example.com');
    mkdirSync(path('var/files/jobs/one'), { recursive: true });
    writeFileSync(path('var/files/jobs/one/upload'), 'email\njane@example.com\n');
    writeFileSync(path('var/files/jobs/one/sheet.7-0.draft'), 'half');
    const { status, stdout } = await run(['backup', 'copies/monday']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^copies\/monday: 3 files, \d+ bytes, made at /),
    ]);
    const manifest = JSON.parse(text('copies/monday/manifest.json'));
    expect(manifest).toMatchObject({
      format: 1,
      presend: expect.any(String),
      created_at: expect.any(String),
    });
    expect(manifest.files.map((file: { path: string }) => file.path)).toEqual([
      'address-hash-key',
      'files/jobs/one/upload',
      'presend.db',
    ]);
    expect(text('copies/monday/files/jobs/one/upload')).toBe('email\njane@example.com\n');
    expect(readdirSync(path('copies'))).toEqual(['monday']);
    expect((await run(['restore', 'copies/monday', '--check'])).status).toBe(0);
  });

  test('leaves out the key and the files, if it is told to', async () => {
    await suppress('jane@example.com');
    mkdirSync(path('var/files'));
    writeFileSync(path('var/files/list'), 'jane@example.com');
    await run(['backup', 'copy', '--without-key', '--without-files']);
    expect(readdirSync(path('copy')).sort()).toEqual(['manifest.json', 'presend.db']);
  });

  test('has the files with older events that the database names, even without the uploaded lists', async () => {
    await suppress('jane@example.com');
    const database = new DatabaseSync(path('var/presend.db'));
    const record = database.prepare(
      `INSERT INTO cold_files (name, first_at, last_at, events, bytes, digest, erased_through)
       VALUES (?, 0, 0, 1, 1, '', 0)`,
    );
    for (const name of ['events/2026-09-01/a', 'events/2026-09-01/gone']) record.run(name);
    database.close();
    mkdirSync(path('var/files/events/2026-09-01'), { recursive: true });
    for (const name of ['a', 'unknown']) writeFileSync(path(`var/files/events/2026-09-01/${name}`), name);
    mkdirSync(path('var/files/jobs'));
    writeFileSync(path('var/files/jobs/list'), 'jane@example.com');
    await run(['backup', 'small', '--without-files', '--without-key']);
    await run(['backup', 'whole']);
    const filesOf = (name: string) =>
      JSON.parse(text(`${name}/manifest.json`)).files.map((file: { path: string }) => file.path);
    expect(filesOf('small')).toEqual(['files/events/2026-09-01/a', 'presend.db']);
    expect(filesOf('whole')).toEqual([
      'address-hash-key',
      'files/events/2026-09-01/a',
      'files/jobs/list',
      'presend.db',
    ]);
    rmSync(path('var'), { recursive: true });
    expect((await run(['restore', 'whole'])).status).toBe(0);
    expect(text('var/files/events/2026-09-01/a')).toBe('a');
    expect(existsSync(path('var/files/events/2026-09-01/unknown'))).toBe(false);
  });

  test('replaces no folder', async () => {
    await suppress('jane@example.com');
    mkdirSync(path('copy'));
    const { status, stderr } = await run(['backup', 'copy']);
    expect([status, stderr]).toEqual([1, 'presend: copy exists already. Name a new folder.\n']);
  });

  test.each([
    [['backup'], 'backup needs one folder'],
    [['restore', 'a', 'b'], 'restore needs one folder'],
  ])('%j is a mistake', async (args, message) => {
    const { status, stderr } = await run(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('of a database that is not there, or in memory, is refused', async () => {
    expect(await run(['backup', 'copy'])).toMatchObject({
      status: 1,
      stderr: 'presend: There is no database at var/presend.db.\n',
    });
    expect(await run(['backup', 'copy'], { DATABASE_PATH: ':memory:' })).toMatchObject({ status: 2 });
    expect(existsSync(path('var'))).toBe(false);
  });

  test('of a damaged database is refused, and leaves nothing', async () => {
    await suppress('jane@example.com');
    const database = readFileSync(path('var/presend.db'));
    database.fill(0x55, 4096 * 3);
    writeFileSync(path('var/presend.db'), database);
    const { status } = await run(['backup', 'copy']);
    expect(status).not.toBe(0);
    expect(readdirSync(cwd)).toEqual(['var']);
  });
});

test('while the service writes, a backup has the state of one moment', async () => {
  const service = await presendServe(cwd, environment);
  let added = 0;
  let isOver = false;
  // Each request adds two addresses in one transaction: a backup has both or neither.
  const writing = (async () => {
    while (!isOver) {
      const rows = ['a', 'b'].map((half) => `${half}${added}@example.com,manual`).join('\n');
      const response = await fetch(`${service.url}/v1/suppressions/import`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: `email,reason\n${rows}\n`,
      });
      expect(response.status).toBe(200);
      added++;
    }
  })();
  const counts: number[] = [];
  for (const name of ['one', 'two', 'three']) {
    await expect.poll(() => added, { timeout: 60_000 }).toBeGreaterThan((counts.at(-1) ?? 0) / 2);
    const { status, stderr } = await run(['backup', name]);
    expect([status, stderr]).toEqual([0, '']);
    const database = new DatabaseSync(path(`${name}/presend.db`), { readOnly: true });
    const { rows } = database.prepare('SELECT count(*) AS rows FROM suppressions').get() as { rows: number };
    database.close();
    expect(rows % 2).toBe(0);
    counts.push(rows);
  }
  isOver = true;
  await writing;
  expect(await service.stop('SIGTERM')).toBe(0);
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts[2]).toBeGreaterThan(counts[0]!);
});

test('killed at any moment, it leaves no folder that looks like a backup', async () => {
  await suppress('jane@example.com');
  mkdirSync(path('var/files'));
  for (let file = 0; file < 40; file++) writeFileSync(path(`var/files/${file}`), Buffer.alloc(500_000, file));
  const started = performance.now();
  await run(['backup', 'whole']);
  const longest = performance.now() - started;
  for (let kill = 1; kill <= 8; kill++) {
    const child = spawn(process.execPath, [cli, 'backup', `copy-${kill}`], {
      cwd,
      env: environment,
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await wait((longest * kill) / 9);
    child.kill('SIGKILL');
    await ended;
    if (!existsSync(path(`copy-${kill}`))) continue;
    expect((await run(['restore', `copy-${kill}`, '--check'])).status).toBe(0);
  }
  // What a killed backup left behind goes with a later one, when it is a day old.
  const drafts = () => readdirSync(cwd).filter((name) => name.startsWith('.presend-backup-'));
  for (const name of drafts()) makeOld(path(name));
  await run(['backup', 'last']);
  expect(drafts()).toEqual([]);
});

/** Makes a folder look two days old. */
function makeOld(folder: string): void {
  const then = Date.now() / 1000 - 2 * 24 * 60 * 60;
  utimesSync(folder, then, then);
}

describe('restored', () => {
  test('to an empty place, all is there again', async () => {
    await suppress('jane@example.com');
    mkdirSync(path('var/files/jobs'), { recursive: true });
    writeFileSync(path('var/files/jobs/upload'), 'jane@example.com');
    await run(['backup', 'copy']);
    rmSync(path('var'), { recursive: true });
    const { status, stdout } = await run(['restore', 'copy']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^Restored to var\/presend\.db: 3 files, /)]);
    expect(await isSuppressed('jane@example.com')).toBe(true);
    expect(text('var/files/jobs/upload')).toBe('jane@example.com');
    expect(readdirSync(path('var')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('it replaces nothing without --force, and with it keeps what was there', async () => {
    await suppress('jane@example.com');
    await run(['backup', 'copy']);
    await suppress('later@example.com');
    const refused = await run(['restore', 'copy']);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('var/presend.db exists. --force'),
    });
    expect(await isSuppressed('later@example.com')).toBe(true);

    const { status, stdout } = await run(['restore', 'copy', '--force']);
    expect(status).toBe(0);
    expect(await isSuppressed('jane@example.com')).toBe(true);
    expect(await isSuppressed('later@example.com')).toBe(false);
    const [, replaced] = /The earlier data is in (.*)\n/.exec(stdout)!;
    const settings = { DATABASE_PATH: join(replaced!, 'presend.db') };
    expect(await isSuppressed('later@example.com', settings)).toBe(true);
  });

  test('if a part cannot be put in its place, all is as before', async () => {
    await suppress('jane@example.com');
    mkdirSync(path('var/files'));
    writeFileSync(path('var/files/list'), 'now');
    await run(['backup', 'copy']);
    await suppress('later@example.com');
    // No folder can replace this file: the place of the uploaded lists is below it.
    writeFileSync(path('blocked'), '');
    const { status } = await run(['restore', 'copy', '--force'], { FILES_PATH: 'blocked/files' });
    expect(status).toBe(5);
    expect(await isSuppressed('later@example.com')).toBe(true);
    expect(text('var/files/list')).toBe('now');
  });

  test('it is refused while the service runs', async () => {
    const service = await presendServe(cwd, environment);
    await run(['backup', 'copy']);
    const { status, stderr } = await run(['restore', 'copy', '--force']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Stop the service first')]);
    await service.stop('SIGTERM');
    expect((await run(['restore', 'copy', '--force'])).status).toBe(0);
  });

  test('under another ADDRESS_HASH_KEY than its own it is refused', async () => {
    await suppress('jane@example.com');
    await run(['backup', 'copy']);
    rmSync(path('var'), { recursive: true });
    const other = await run(['restore', 'copy'], { ADDRESS_HASH_KEY: 'another key, of enough bytes' });
    expect(other).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ADDRESS_HASH_KEY is not the key'),
    });
    // The file ends with a line break. Space around a setting is no part of it.
    const same = await run(['restore', 'copy'], { ADDRESS_HASH_KEY: text('copy/address-hash-key') });
    expect(same.status).toBe(0);
  });

  const damages: [string, (folder: string) => void, string][] = [
    ['a folder without a manifest', (copy) => rmSync(join(copy, 'manifest.json')), 'is not a backup'],
    [
      'a changed file',
      (copy) => appendFileSync(join(copy, 'address-hash-key'), 'x'),
      'is damaged: the checksum of address-hash-key',
    ],
    [
      'a missing file',
      (copy) => rmSync(join(copy, 'presend.db')),
      'cannot be restored: presend.db is missing',
    ],
    [
      'a manifest that leads elsewhere',
      (copy) => {
        const manifest = readFileSync(join(copy, 'manifest.json'), 'utf8');
        writeFileSync(
          join(copy, 'manifest.json'),
          manifest.replace('address-hash-key', 'files/../../../etc/x'),
        );
      },
      'is damaged, or a newer version of presend made it',
    ],
    [
      'a later format',
      (copy) => {
        const manifest = readFileSync(join(copy, 'manifest.json'), 'utf8');
        writeFileSync(join(copy, 'manifest.json'), manifest.replace('"format": 1', '"format": 2'));
      },
      'is damaged, or a newer version of presend made it',
    ],
    [
      'half a manifest',
      (copy) => writeFileSync(join(copy, 'manifest.json'), '{"format": 1, "files": ['),
      'is damaged, or a newer version of presend made it',
    ],
  ];

  test('what is damaged is refused, and nothing changes', async () => {
    await suppress('jane@example.com');
    await run(['backup', 'whole']);
    const before = readFileSync(path('var/presend.db'));
    for (const [name, damage, message] of damages) {
      cpSync(path('whole'), path(name), { recursive: true });
      damage(path(name));
      for (const option of ['--check', '--force'])
        expect(await run(['restore', name, option]), name).toMatchObject({
          status: 1,
          stderr: expect.stringContaining(message),
        });
    }
    expect(readFileSync(path('var/presend.db'))).toEqual(before);
  });
});
