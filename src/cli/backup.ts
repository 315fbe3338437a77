// `presend backup`: copy the data of the service to a folder, while the service runs.

import { existsSync } from 'node:fs';
import type { BackupManifest, DataPlaces } from '../platform/backup.ts';
import { filesFolder, hashKeyPath } from '../platform/data-places.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';

export const command = defineCommand({
  name: 'backup',
  operands: 'FOLDER',
  takesFiles: true,
  summary: 'copy the data of the service to a folder, while it runs',
  about:
    'Copies the database, the file with the key of its hashes, and the uploaded lists to a new folder, with a manifest that has their checksums. A key in ADDRESS_HASH_KEY is not copied: keep it elsewhere. The service may keep running. FOLDER exists only once the backup is complete.',
  options: {
    'without-key': {
      type: 'boolean',
      help: 'leave out the file address-hash-key. Keep a copy of it elsewhere: without this file the suppression list cannot be used',
    },
    'without-files': {
      type: 'boolean',
      help: 'leave out uploaded lists and their results, which contain addresses',
    },
    ...jsonOption,
  },
  exit: '0 done, 1 the backup could not be made.',
  examples: ['presend backup backup-2026-11-27'],
  async run({ operands, values }) {
    const folder = oneFolder('backup', operands);
    const { settings } = await settingsOfEnvironment();
    const { makeBackup } = await import('../platform/backup.ts');
    const outcome = await makeBackup(dataPlaces(settings), folder, {
      withKey: !values['without-key'],
      withFiles: !values['without-files'],
      now: Date.now(),
    });
    if (!outcome.ok) throw new CommandFailure('backup_failed', outcome.why);
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ folder, ...outcome.value })}\n`
        : `${folder}: ${describeManifest(outcome.value)}\n`,
    );
  },
});

/** Where the service keeps its data, by the settings. @throws UsageError if the database is in memory. */
export function dataPlaces(settings: Settings): DataPlaces {
  const { databasePath, addressHashKey } = settings;
  if (databasePath === ':memory:')
    throw new UsageError('there is nothing to copy or to restore, because DATABASE_PATH is :memory:');
  const key = hashKeyPath(databasePath);
  return {
    database: databasePath,
    key: addressHashKey === null && existsSync(key) ? key : null,
    files: filesFolder(settings),
  };
}

/** @throws UsageError unless there is exactly one argument. */
export function oneFolder(command: string, positionals: readonly string[]): string {
  const [folder] = positionals;
  if (folder === undefined || folder === '' || positionals.length > 1)
    throw new UsageError(`${command} needs one folder`);
  return folder.length > 1 ? folder.replace(/\/+$/, '') : folder;
}

export function describeManifest({ files, created_at, presend }: BackupManifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes} bytes, made at ${created_at} by presend ${presend}`;
}
