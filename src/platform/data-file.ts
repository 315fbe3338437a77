// The data pack on disk: loading it, replacing it, and watching it while the service runs.

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { dataDate, dataVersion } from '../domain/data-date.ts';
import { packRefusals } from '../packs/check-update.ts';
import { compareDataVersions } from '../packs/data-version.ts';
import { maxPackBytes, readPack } from '../packs/pack-format.ts';
import { preparePack, restoreBuiltInData } from '../packs/use-pack.ts';
import type { LogFields } from './log-messages.ts';
import type { Settings } from './settings.ts';

const fileName = 'presend-data.pack';

/** The path of the data pack. Null if the database is in memory and DATA_DIR is not set. */
export function dataFilePath({ data, databasePath }: Pick<Settings, 'data' | 'databasePath'>): string | null {
  if (data.directory === null && databasePath === ':memory:') return null;
  return join(data.directory ?? dirname(databasePath), fileName);
}

/** `unusable`: `why` is a sentence. In all cases but `used`, the data in use does not change. */
export type DataLoading =
  | { readonly kind: 'used'; readonly version: string }
  | { readonly kind: 'absent' }
  /** This release has newer data built in, so the pack has no use. */
  | { readonly kind: 'outdated'; readonly version: string }
  | { readonly kind: 'unusable'; readonly why: string };

/** Loads the data pack at `path`, and makes presend use its lists. Never rejects. */
export async function loadDataFile(path: string, keys: Settings['data']['publicKeys']): Promise<DataLoading> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const { size } = await stat(path);
    if (size > maxPackBytes) return { kind: 'unusable', why: packRefusals.not_a_pack };
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unusable', why: `${path}: ${message}.` };
  }
  if (keys.length === 0)
    return {
      kind: 'unusable',
      why: 'DATA_PUBLIC_KEY is not set. Set it to the public key that verifies the data pack.',
    };
  const reading = await readPack(bytes, keys);
  if (!reading.ok) return { kind: 'unusable', why: packRefusals[reading.why] };
  const { version } = reading.pack;
  if (compareDataVersions(version, dataDate) < 0) return { kind: 'outdated', version };
  const prepared = await preparePack(reading.pack, async () => void (await turn()));
  if (!prepared.ok) return { kind: 'unusable', why: `The data pack ${prepared.problem}.` };
  prepared.use();
  return { kind: 'used', version };
}

/**
 * Replaces the data pack at `path`. A reader, or a crash at any moment, finds the old file or the new one, never a part of
 * it: the bytes reach the disk under another name, which is then renamed.
 */
export async function replaceDataFile(path: string, bytes: Uint8Array): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeLeftovers(directory);
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes sure that the new name of the file is on disk. Some file systems cannot sync a directory; these write in the right order
 * by themselves.
 */
async function syncDirectory(directory: string): Promise<void> {
  const file = await open(directory, constants.O_RDONLY).catch(() => null);
  await file?.sync().catch(() => {});
  await file?.close();
}

/** Milliseconds after which a temporary file cannot belong to an update that still runs. */
const leftoverMs = 10 * 60_000;

/** Removes the temporary files of updates that were killed. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${fileName}.`) || !name.endsWith('.new')) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
  }
}

export interface DataWatch {
  /** Loads the data pack if the file changed. If it was deleted, presend uses the built-in data again. Never rejects. */
  refresh(): Promise<void>;
}

/** Watches the data pack at `path`. `log` gets the fields of each event. */
export function watchDataFile(
  path: string,
  keys: Settings['data']['publicKeys'],
  log: (line: LogFields) => void,
): DataWatch {
  let seen = '';
  let running: Promise<void> | null = null;

  async function load(): Promise<void> {
    const state = await stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? '' : `error ${error.code}`),
    );
    if (state === seen) return;
    seen = state;
    const before = dataVersion();
    const loading = await loadDataFile(path, keys);
    if (loading.kind === 'used')
      log({ level: 'info', event: 'data_pack_used', version: loading.version, before });
    else if (loading.kind === 'unusable')
      log({ level: 'error', event: 'data_pack_failed', why: loading.why, version: before });
    else {
      restoreBuiltInData();
      if (loading.kind === 'outdated')
        log({ level: 'info', event: 'data_pack_outdated', version: loading.version, built_in: dataDate });
    }
  }

  return {
    refresh() {
      running ??= load().finally(() => {
        running = null;
      });
      return running;
    },
  };
}
