// `presend restore`: put the data of a backup in its place.

import { parseArgs } from 'node:util';
import { settingsOfEnvironment } from './arguments.ts';
import { dataPlaces, describeManifest, failBackup, oneFolder } from './backup.ts';

export const help = `Usage: presend restore FOLDER [--force]
       presend restore FOLDER --check

Checks a backup that "presend backup" made, and puts its data where the settings say (DATABASE_PATH, FILES_PATH). Stop the
service first.

  --check   only check that the backup is complete and unchanged
  --force   replace present data; it is moved to a folder beside the database, not deleted

Exit status: 1 if the backup is refused, or if there is data and no --force, else 0.

Examples:
  presend restore /backup/presend-2026-11-27 --check
  presend restore /backup/presend-2026-11-27
`;

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { force: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
  });
  const folder = oneFolder('restore', positionals);
  const { restoreBackup, verifyBackup } = await import('../platform/backup.ts');
  if (values.check) {
    const verified = await verifyBackup(folder);
    if (!verified.ok) return failBackup(verified.why);
    process.stdout.write(`${folder} is complete: ${describeManifest(verified.value)}\n`);
    return;
  }
  const { settings } = await settingsOfEnvironment();
  const outcome = await restoreBackup(folder, dataPlaces(settings), {
    force: values.force,
    environmentKey: process.env['ADDRESS_HASH_KEY'] || null,
    now: Date.now(),
  });
  if (!outcome.ok) return failBackup(outcome.why);
  const { manifest, replaced } = outcome.value;
  process.stdout.write(`Restored to ${settings.databasePath}: ${describeManifest(manifest)}\n`);
  if (replaced !== null) process.stdout.write(`The earlier data is in ${replaced}\n`);
}
