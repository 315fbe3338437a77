// A restore where something happens during the copy, or where a folder cannot be renamed. The system is a stand-in for that.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as system from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type DataPlaces, makeBackup, restoreBackup } from '../../src/platform/backup.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { emptyFolder } from '../cli/program.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof system>();
  return {
    ...real,
    copyFile: vi.fn(real.copyFile),
    rename: vi.fn(real.rename),
    rmdir: vi.fn(real.rmdir),
  };
});
const real = await vi.importActual<typeof system>('node:fs/promises');
beforeEach(() => {
  vi.mocked(system.copyFile).mockImplementation(real.copyFile);
  vi.mocked(system.rename).mockImplementation(real.rename);
  vi.mocked(system.rmdir).mockImplementation(real.rmdir);
});

const now = Date.UTC(2026, 10, 27);

const placesIn = (folder: string): DataPlaces => ({
  database: join(folder, 'presend.db'),
  key: null,
  files: join(folder, 'files'),
});

function makeData(places: DataPlaces, upload: string): void {
  mkdirSync(join(places.files, 'jobs'), { recursive: true });
  writeFileSync(join(places.files, 'jobs/upload'), upload);
  openDatabase(places.database).sqlite.close();
}

/** A backup whose only upload is the text `then`. */
async function backup(): Promise<string> {
  const folder = emptyFolder();
  const places = placesIn(join(folder, 'var'));
  makeData(places, 'then');
  const made = await makeBackup(places, join(folder, 'copy'), { withKey: true, withFiles: true, now });
  expect(made.ok).toBe(true);
  return join(folder, 'copy');
}

const uploadOf = ({ files }: DataPlaces) => readFileSync(join(files, 'jobs/upload'), 'utf8');

const restored = (copy: string, places: DataPlaces, force: boolean) =>
  restoreBackup(copy, places, { force, environmentKey: null, now });

describe('a service that is started during the copy', () => {
  /** Starts it when the first file is copied. */
  function startedMeanwhile(database: string): void {
    vi.mocked(system.copyFile).mockImplementationOnce(async (...args) => {
      const { sqlite } = openDatabase(database);
      onTestFinished(() => sqlite.close());
      await real.copyFile(...args);
    });
  }

  test.each([true, false])('keeps its database (--force: %s)', async (force) => {
    const copy = await backup();
    const folder = emptyFolder();
    const places = placesIn(folder);
    if (force) makeData(places, 'now');
    startedMeanwhile(places.database);
    expect(await restored(copy, places, force)).toEqual({
      ok: false,
      why: `Another process uses ${places.database}. Stop the service first.`,
    });
    expect(readdirSync(folder).filter((name) => /^(\.|replaced)/.test(name))).toEqual([]);
    expect(existsSync(places.database)).toBe(true);
    if (force) expect(uploadOf(places)).toBe('now');
  });

  test('keeps its data without --force even if it has ended again', async () => {
    const copy = await backup();
    const places = placesIn(emptyFolder());
    vi.mocked(system.copyFile).mockImplementationOnce(async (...args) => {
      makeData(places, 'now');
      await real.copyFile(...args);
    });
    expect(await restored(copy, places, false)).toEqual({
      ok: false,
      why: `${places.database} was created while the backup was being copied. Stop the service, and try again.`,
    });
    expect(uploadOf(places)).toBe('now');
  });
});

describe('the folder of uploaded lists', () => {
  const failure = (code: string) => Object.assign(new Error(code), { code });

  /** Makes `path` a place that cannot be renamed or replaced. A mount point cannot be removed either. */
  function cannotMove(path: string, code: 'EXDEV' | 'EBUSY'): void {
    vi.mocked(system.rename).mockImplementation(async (from, to) => {
      if (from === path || to === path) throw failure(code);
      await real.rename(from, to);
    });
    vi.mocked(system.rmdir).mockImplementation(async (folder) => {
      if (folder === path && code === 'EBUSY') throw failure(code);
      await real.rmdir(folder);
    });
  }

  test.each(['EXDEV', 'EBUSY'] as const)('is copied where a rename fails with %s', async (code) => {
    const copy = await backup();
    const places = placesIn(emptyFolder());
    makeData(places, 'now');
    cannotMove(places.files, code);
    const outcome = await restored(copy, places, true);
    if (!outcome.ok) throw new Error(outcome.why);
    expect(uploadOf(places)).toBe('then');
    expect(readFileSync(join(outcome.value.replaced!, 'files/jobs/upload'), 'utf8')).toBe('now');
  });

  test.each(['EXDEV', 'EBUSY'] as const)('without entries is no data (%s)', async (code) => {
    const copy = await backup();
    const places = placesIn(emptyFolder());
    mkdirSync(places.files);
    cannotMove(places.files, code);
    expect(await restored(copy, places, false)).toMatchObject({ ok: true, value: { replaced: null } });
    expect(uploadOf(places)).toBe('then');
  });

  test('is as before if the copy of the backup fails half-way', async () => {
    const copy = await backup();
    const places = placesIn(emptyFolder());
    makeData(places, 'now');
    cannotMove(places.files, 'EBUSY');
    let isFull = true;
    vi.mocked(system.copyFile).mockImplementation(async (from, to, mode) => {
      await real.copyFile(from, to, mode);
      if (isFull && dirname(String(to)).startsWith(places.files)) {
        isFull = false;
        throw failure('ENOSPC');
      }
    });
    await expect(restored(copy, places, true)).rejects.toThrow('ENOSPC');
    expect(uploadOf(places)).toBe('now');
    expect(existsSync(places.database)).toBe(true);
  });
});

test.each(['files', 'files/copies/monday'])('a backup into %s would copy itself', async (target) => {
  const folder = emptyFolder();
  const places = placesIn(folder);
  openDatabase(places.database).sqlite.close();
  const outcome = await makeBackup(places, join(folder, target), { withKey: true, withFiles: true, now });
  expect(outcome).toEqual({
    ok: false,
    why: `${join(folder, target)} is in the folder of the uploaded lists, ${places.files}. Name a folder elsewhere.`,
  });
  expect(existsSync(places.files)).toBe(false);
});
