// `presend erase`: erase what is stored about one address.

import { commandLineActor } from '../audit/audit.ts';
import { createErasure } from '../events/erase.ts';
import { hashKey } from '../platform/hash-key-file.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createErasureRepository } from '../storage/sqlite/erasure-repository.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { openOrCreateDatabase } from './service-database.ts';

export const command = defineCommand({
  name: 'erase',
  operands: 'ADDRESS',
  summary: 'erase the events and predictions of an address',
  about:
    'Erases the delivery events and predictions of an address. Older events of the address are in files (EVENT_HOT_DAYS); the service erases them within hours. The suppression entry of the address stays; --lift-suppression erases it too, unless it is a complaint or an unsubscribe. Uploaded lists and their results stay: delete them with "presend jobs delete".',
  options: {
    'lift-suppression': {
      type: 'boolean',
      help: 'also erase its suppression entry, unless it is a complaint or an unsubscribe',
    },
    ...jsonOption,
  },
  examples: ['presend erase jane@example.com'],
  async run({ operands: [address, ...others], values }) {
    if (address === undefined || others.length > 0)
      throw new UsageError('erase needs one address, such as jane@example.com');
    const { settings } = await settingsOfEnvironment();
    await eraseAddress(settings, {
      address,
      keepSuppression: !values['lift-suppression'],
      json: values.json,
      write: (text) => process.stdout.write(text),
    });
  },
});

export interface EraseCommand {
  readonly address: string;
  readonly keepSuppression: boolean;
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/**
 * Erases what is stored about the address, and prints the outcome in one line, as text or JSON. The line does not contain the
 * address.
 * @throws UsageError if the text is not an address.
 */
async function eraseAddress(
  settings: Settings,
  { address: text, keepSuppression, json, write }: EraseCommand,
): Promise<void> {
  const address = recipientAddress(text);
  if (address === null) throw new UsageError('erase needs a valid e-mail address, such as jane@example.com');
  const { sqlite, database } = await openOrCreateDatabase(settings.databasePath);
  try {
    const ports = { database, hasher: nodeHasher(hashKey(settings, sqlite)), now: Date.now };
    const erasure = createErasure({
      ...ports,
      repository: createErasureRepository(database),
      suppressionList: createSuppressionList({ ...ports, repository: createSuppressionRepository(database) }),
    });
    const { events, predictions, suppression, pendingFiles } = await erasure.erase({
      address,
      keepSuppression,
      by: commandLineActor,
    });
    if (json) write(`${JSON.stringify({ events, predictions, suppression, pending_files: pendingFiles })}\n`);
    else {
      const pending = pendingFiles > 0 ? `; files that the service still searches: ${pendingFiles}` : '';
      write(
        `erased: events ${events}, predictions ${predictions}; suppression entry: ${suppression}${pending}\n`,
      );
    }
  } finally {
    sqlite.close();
  }
}
