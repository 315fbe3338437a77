// `presend backup`: copy the data of the service to a folder, while the service runs.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BackupManifest, DataPlaces } from '../platform/backup.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { settingsOfEnvironment } from './arguments.ts';

export const help = `Usage: presend backup FOLDER [--without-key] [--without-files]

Copies the database, the key of its hashes and the uploaded lists to a new folder, with a manifest that has their
checksums. The service may run. FOLDER gets its name when it is complete.

  --without-key     leave out the file address-hash-key: keep it elsewhere, or nobody can use the suppression list
  --without-files   leave out uploaded lists and their results, which contain addresses

Exit status: 1 if the backup could not be made, else 0.

Examples:
  presend backup /backup/presend-$(date +%F)
  presend restore /backup/presend-2026-11-27
`;

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'without-key': { type: 'boolean', default: false },
      'without-files': { type: 'boolean', default: false },
    },
  });
  const folder = oneFolder('backup', positionals);
  const { settings } = await settingsOfEnvironment();
  const { makeBackup } = await import('../platform/backup.ts');
  const outcome = await makeBackup(dataPlaces(settings), folder, {
    withKey: !values['without-key'],
    withFiles: !values['without-files'],
    now: Date.now(),
  });
  if (!outcome.ok) return failBackup(outcome.why);
  process.stdout.write(`${folder}: ${describeManifest(outcome.value)}\n`);
}

/** Where the service keeps its data, by the settings. @throws UsageError if the database is in memory. */
export function dataPlaces({ databasePath, jobs, addressHashKey }: Settings): DataPlaces {
  if (databasePath === ':memory:')
    throw new UsageError('there is nothing to copy or to restore, because DATABASE_PATH is :memory:');
  const key = join(dirname(databasePath), 'address-hash-key');
  return {
    database: databasePath,
    key: addressHashKey === null && existsSync(key) ? key : null,
    files: jobs.filesPath ?? join(dirname(databasePath), 'files'),
  };
}

/** @throws UsageError unless there is exactly one argument. */
export function oneFolder(command: string, positionals: readonly string[]): string {
  const [folder] = positionals;
  if (folder === undefined || folder === '' || positionals.length > 1)
    throw new UsageError(`${command} needs one folder`);
  return folder.length > 1 ? folder.replace(/\/+$/, '') : folder;
}

export function failBackup(why: string): void {
  process.stderr.write(`presend: ${why}\n`);
  process.exitCode = 1;
}

export function describeManifest({ files, created_at, presend }: BackupManifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes} bytes, made at ${created_at} by presend ${presend}`;
}
