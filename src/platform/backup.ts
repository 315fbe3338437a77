// Backups on Node: a folder with a copy of the database, the key of its hashes and the uploaded lists, and a manifest with the
// checksum of each file. The folder has a temporary name until it is complete.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, lstatSync, readdirSync } from 'node:fs';
import {
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { coldFolder } from '../events/cold/cold-events.ts';
import {
  coldFileNames,
  isDatabaseInUse,
  isSoundDatabase,
  snapshotDatabase,
} from '../storage/sqlite/snapshot.ts';
import { version } from '../version.ts';
import { hashKeyName, hashKeyPath } from './data-places.ts';

/** Where the service keeps its data. */
export interface DataPlaces {
  readonly database: string;
  /** The file with the key of the hashes; null if the key is in ADDRESS_HASH_KEY. */
  readonly key: string | null;
  /** The folder of uploaded lists and their results, and of older events. */
  readonly files: string;
}

/** What a backup leaves out. It always has the files with older events. */
export interface BackupOptions {
  readonly withKey: boolean;
  readonly withFiles: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface BackupManifest {
  readonly format: 1;
  /** The version of presend that made the backup. */
  readonly presend: string;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  /** All files but the manifest. Paths are relative to the backup, with slashes. */
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** `why` is a sentence for the operator. */
export type BackupOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

const refused = (why: string): { ok: false; why: string } => ({ ok: false, why });

const manifestName = 'manifest.json';
const databaseName = 'presend.db';
const filesName = 'files';

/** Names of folders that are not complete yet. */
const draftPrefix = '.presend-backup-';
/** A draft that is older than this (milliseconds) belongs to a backup that was killed. */
const leftoverMs = 24 * 60 * 60_000;

/**
 * Makes the backup `target`, a folder that must not exist. The service may run. Files of jobs that are deleted in the meantime
 * are left out.
 */
export async function makeBackup(
  places: DataPlaces,
  target: string,
  { withKey, withFiles, now }: BackupOptions,
): Promise<BackupOutcome<BackupManifest>> {
  if (existsSync(target)) return refused(`${target} exists already. Name a new folder.`);
  if (!existsSync(places.database)) return refused(`There is no database at ${places.database}.`);
  if (isWithin(places.files, target))
    return refused(
      `${target} is in the folder of the uploaded lists, ${places.files}. Name a folder elsewhere.`,
    );
  const parent = dirname(resolve(target));
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, now);
  const draft = join(parent, `${draftPrefix}${randomUUID()}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    // Copy the database first. Every file to which this copy refers exists already. If the files were copied first, newer ones
    // could be missing.
    const database = join(draft, databaseName);
    snapshotDatabase(places.database, database);
    await chmod(database, 0o600);
    if (!isSoundDatabase(database))
      return refused(`The database ${places.database} is damaged: SQLite finds errors in its copy.`);
    if (withKey && places.key !== null) await copyFile(places.key, join(draft, hashKeyName));
    // The service keeps the files to which this copy refers for an hour, even if it replaces them.
    for (const name of coldFileNames(database))
      await copyIfPresent(join(places.files, name), join(draft, filesName, name));
    if (withFiles) await copyFolder(places.files, join(draft, filesName), coldFolder);
    const manifest: BackupManifest = {
      format: 1,
      presend: version,
      created_at: new Date(now).toISOString(),
      files: await describeFiles(draft),
    };
    await writeFile(join(draft, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    await syncAll(draft);
    await rename(draft, target);
    await sync(parent);
    return { ok: true, value: manifest };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whether `path` is `folder`, or in it. */
const isWithin = (folder: string, path: string): boolean =>
  `${resolve(path)}${sep}`.startsWith(`${resolve(folder)}${sep}`);

/** Reads the backup at `folder` and checks that it is complete and unchanged. */
export async function verifyBackup(folder: string): Promise<BackupOutcome<BackupManifest>> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => null);
  if (text === null)
    return refused(`${folder} is not a backup, or cannot be read: ${manifestName} could not be opened.`);
  const manifest = readManifest(text);
  if (manifest === null)
    return refused(
      `${join(folder, manifestName)} cannot be understood. It is damaged, or a newer version of presend made it.`,
    );
  for (const { path, bytes, sha256 } of manifest.files) {
    const found = await digest(join(folder, path)).catch(() => null);
    if (found === null)
      return refused(`The backup cannot be restored: ${path} is missing or cannot be read.`);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      return refused(
        `The backup is damaged: the checksum of ${path} is not the one in ${manifestName}. Use another backup.`,
      );
  }
  if (!isSoundDatabase(join(folder, databaseName)))
    return refused(`The backup is damaged: SQLite finds errors in ${databaseName}.`);
  return { ok: true, value: manifest };
}

export interface RestoreOptions {
  /** Whether present data may be replaced. It is moved to another folder, not deleted. */
  readonly force: boolean;
  /** The text of ADDRESS_HASH_KEY in the environment; null if it is not set. */
  readonly environmentKey: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** The folder that the earlier data was moved to; null if there was none. */
  readonly replaced: string | null;
}

/** Restores the backup at `folder` to the places of the data. The service must not run. */
export async function restoreBackup(
  folder: string,
  places: DataPlaces,
  { force, environmentKey, now }: RestoreOptions,
): Promise<BackupOutcome<Restored>> {
  const verified = await verifyBackup(folder);
  if (!verified.ok) return verified;
  const manifest = verified.value;
  const root = dirname(resolve(places.database));
  const keyTarget = hashKeyPath(resolve(places.database));
  const hasKey = manifest.files.some(({ path }) => path === hashKeyName);
  if (hasKey && environmentKey !== null) {
    const key = (await readFile(join(folder, hashKeyName), 'utf8')).trim();
    if (key !== environmentKey)
      return refused(
        'ADDRESS_HASH_KEY is not the key of this backup, so the suppression list would match no address. Set ADDRESS_HASH_KEY to the key that the service had at the time of the backup, or unset it to use the key file of the backup.',
      );
  }
  const present = (): string[] =>
    [
      places.database,
      `${places.database}-wal`,
      `${places.database}-shm`,
      ...(hasKey ? [keyTarget] : []),
      places.files,
    ].filter((path) => existsSync(path) && !isEmptyFolder(path));
  const [first] = present();
  if (first !== undefined && !force)
    return refused(`${first} exists. --force replaces it, and moves it to a folder beside the database.`);
  const inUse = `Another process uses ${places.database}. Stop the service first.`;
  if (existsSync(places.database) && isDatabaseInUse(places.database)) return refused(inUse);

  await mkdir(root, { recursive: true, mode: 0o700 });
  const draft = join(root, `${draftPrefix}${randomUUID()}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    for (const { path } of manifest.files) {
      await mkdir(dirname(join(draft, path)), { recursive: true, mode: 0o700 });
      await copyFile(join(folder, path), join(draft, path));
    }
    // Check the copy and not the backup, because the service will read the copy.
    const copied = new Map((await describeFiles(draft)).map(({ path, sha256 }) => [path, sha256]));
    if (manifest.files.some(({ path, sha256 }) => copied.get(path) !== sha256))
      return refused(
        'The files that were copied from the backup differ from it. The existing data was not replaced. Check the disks, and try again.',
      );
    await syncAll(draft);
    const day = new Date(now).toISOString().slice(0, 10);
    const aside = join(root, `replaced-${day}-${randomUUID().slice(0, 8)}`);
    // The copy can take minutes, in which a service may have been started.
    if (existsSync(places.database) && isDatabaseInUse(places.database)) return refused(inUse);
    const replaced = present();
    if (replaced.length > 0 && !force)
      return refused(
        `${replaced[0]} was created while the backup was being copied. Stop the service, and try again.`,
      );
    if (replaced.length > 0) await mkdir(aside, { mode: 0o700 });
    // On Windows, a folder cannot replace an empty one by renaming, so remove the empty folder. This fails for a mount point,
    // which then stays.
    if (isEmptyFolder(places.files)) await rmdir(places.files).catch(() => {});
    await moveAll([
      ...replaced.map((path): Move => [path, join(aside, basename(path))]),
      ...(existsSync(join(draft, filesName)) ? [[join(draft, filesName), places.files] as const] : []),
      ...(hasKey ? [[join(draft, hashKeyName), keyTarget] as const] : []),
      [join(draft, databaseName), places.database],
    ]);
    await sync(root);
    return { ok: true, value: { manifest, replaced: replaced.length > 0 ? aside : null } };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

type Move = readonly [from: string, to: string];

/** Moves files and folders. If one cannot be moved, moves those before it back and throws. */
async function moveAll(moves: readonly Move[]): Promise<void> {
  const done: Move[] = [];
  try {
    for (const [from, to] of moves) {
      await move(from, to);
      done.unshift([to, from]);
    }
  } catch (error) {
    for (const [from, to] of done) await move(from, to);
    throw error;
  }
}

/** Reads a manifest. Returns null if it has another form, or if a path leads out of the backup. */
function readManifest(text: string): BackupManifest | null {
  try {
    const manifest = JSON.parse(text) as BackupManifest;
    const isSound = ({ path, bytes, sha256 }: BackupFile): boolean =>
      (path === databaseName || path === hashKeyName || path.startsWith(`${filesName}/`)) &&
      posix.normalize(path) === path &&
      !path.includes('\\') &&
      Number.isSafeInteger(bytes) &&
      /^[\da-f]{64}$/.test(sha256);
    const isWhole =
      manifest.format === 1 &&
      manifest.files.every(isSound) &&
      manifest.files.some(({ path }) => path === databaseName);
    return isWhole ? manifest : null;
  } catch {
    return null;
  }
}

/**
 * Moves a file or a folder: renames it, or copies it if `to` is on another file system, or if one of the two is a mount point.
 */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'EXDEV') && !isBusy(error)) throw error;
    try {
      if ((await stat(from)).isDirectory()) {
        await mkdir(to, { recursive: true, mode: 0o700 });
        await copyFolder(from, to);
      } else await copyFile(from, to);
      await syncAll(to);
    } catch (failure) {
      await remove(to);
      throw failure;
    }
    await remove(from);
  }
}

/** Removes a file, or a folder and what is in it. A folder that is a mount point stays, without entries. */
async function remove(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (!found?.isDirectory()) return rm(path, { force: true });
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true });
  await rmdir(path).catch((error: unknown) => {
    if (!isBusy(error)) throw error;
  });
}

const isEmptyFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(path).length === 0;

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT');
/** Whether the error is that of the system for a mount point that is renamed, replaced or removed. */
const isBusy = (error: unknown): boolean => hasCode(error, 'EBUSY');

/**
 * Copies a folder, which may change in the meantime. Leaves out files that are not complete yet, those that disappear, and the
 * entry `leftOut`.
 */
async function copyFolder(from: string, to: string, leftOut: string | null = null): Promise<void> {
  const found = await readdir(from, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const entries = found.filter(({ name }) => name !== leftOut);
  if (entries.length > 0) await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.draft')) await copyIfPresent(source, target);
  }
}

async function copyIfPresent(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await copyFile(source, target, constants.COPYFILE_FICLONE).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

async function describeFiles(folder: string): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const path of await filesIn(folder))
    files.push({ path: relative(folder, path).replaceAll(sep, '/'), ...(await digest(path)) });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function digest(path: string): Promise<Pick<BackupFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Waits until everything in `path` is on disk. */
async function syncAll(path: string): Promise<void> {
  if ((await stat(path)).isDirectory())
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
      await sync(join(entry.parentPath, entry.name));
  await sync(path);
}

/** Waits until a file, or the names in a folder, are on disk. Some file systems cannot sync folders. */
async function sync(path: string): Promise<void> {
  // Windows syncs only files that are open for writing.
  const flags = process.platform === 'win32' && (await stat(path)).isFile() ? 'r+' : 'r';
  const file = await open(path, flags);
  try {
    await file.sync();
  } catch (error) {
    if (!(await file.stat()).isDirectory()) throw error;
  } finally {
    await file.close();
  }
}

/** Removes the drafts of backups that were killed. */
async function removeLeftovers(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(draftPrefix)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && now - found.mtimeMs > leftoverMs) await rm(path, { recursive: true, force: true });
  }
}
