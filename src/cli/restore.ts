// `presend restore`: restore the data of a backup.

import { settingsOfEnvironment } from './arguments.ts';
import { dataPlaces, describeManifest, oneFolder } from './backup.ts';
import { defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';

export const command = defineCommand({
  name: 'restore',
  operands: 'FOLDER',
  takesFiles: true,
  summary: 'restore the data of a backup',
  about:
    'Checks a backup that "presend backup" made, and puts its data where the settings say (DATABASE_PATH, FILES_PATH). Stop the service first. Entries of the suppression list that are newer than the backup are lost: export the list first and import it afterwards.',
  options: {
    check: { type: 'boolean', help: 'only check that the backup is complete and unchanged' },
    force: {
      type: 'boolean',
      help: 'replace the existing data, which is moved to a folder beside the database and not deleted',
    },
    ...jsonOption,
  },
  exit: '0 done, 1 the backup is refused, or there is data already and --force is missing.',
  examples: ['presend restore backup-2026-11-27 --check', 'presend restore backup-2026-11-27 --force'],
  async run({ operands, values: { check, force, json } }) {
    const folder = oneFolder('restore', operands);
    const { restoreBackup, verifyBackup } = await import('../platform/backup.ts');
    if (check) {
      const verified = await verifyBackup(folder);
      if (!verified.ok) throw new CommandFailure('backup_refused', verified.why);
      process.stdout.write(
        json
          ? `${JSON.stringify({ folder, ...verified.value })}\n`
          : `${folder} is complete: ${describeManifest(verified.value)}\n`,
      );
      return;
    }
    const { settings } = await settingsOfEnvironment();
    const outcome = await restoreBackup(folder, dataPlaces(settings), {
      force,
      environmentKey: process.env['ADDRESS_HASH_KEY']?.trim() || null,
      now: Date.now(),
    });
    if (!outcome.ok) throw new CommandFailure('backup_refused', outcome.why);
    const { manifest, replaced } = outcome.value;
    if (json) process.stdout.write(`${JSON.stringify({ folder, ...manifest, replaced })}\n`);
    else {
      process.stdout.write(`Restored to ${settings.databasePath}: ${describeManifest(manifest)}\n`);
      if (replaced !== null) process.stdout.write(`The earlier data is in ${replaced}\n`);
    }
  },
});
