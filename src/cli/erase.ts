// `presend erase`: erase what is stored about one address.

import { parseArgs } from 'node:util';
import { createErasure } from '../events/erase.ts';
import { hashKey, openDatabase } from '../platform/node.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createErasureRepository } from '../storage/sqlite/erasure-repository.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { settingsOfEnvironment } from './arguments.ts';

export const help = `Usage: presend erase [--lift-suppression] ADDRESS

Erases the delivery events and predictions of an address. Its entry on the suppression list stays; with
--lift-suppression it is erased too, unless it is a complaint or an unsubscribe.

Example:
  presend erase jane@example.com
`;

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'lift-suppression': { type: 'boolean', default: false } },
  });
  const [address] = positionals;
  if (address === undefined || positionals.length > 1)
    throw new UsageError('erase needs one address, such as jane@example.com');
  const { settings } = await settingsOfEnvironment();
  await eraseAddress(settings, {
    address,
    keepSuppression: !values['lift-suppression'],
    write: (text) => process.stdout.write(text),
  });
}

export interface EraseCommand {
  readonly address: string;
  readonly keepSuppression: boolean;
  readonly write: (text: string) => void;
}

/**
 * Erases what is stored about the address, and prints the outcome in one line. The line does not contain the address.
 * @throws UsageError if the text is not an address.
 */
export async function eraseAddress(
  settings: Settings,
  { address: text, keepSuppression, write }: EraseCommand,
): Promise<void> {
  const address = recipientAddress(text);
  if (address === null) throw new UsageError('erase needs a valid e-mail address, such as jane@example.com');
  const { sqlite, database } = openDatabase(settings.databasePath);
  try {
    const ports = { database, hasher: nodeHasher(hashKey(settings, sqlite)), now: Date.now };
    const erasure = createErasure({
      ...ports,
      repository: createErasureRepository(database),
      suppressionList: createSuppressionList({ ...ports, repository: createSuppressionRepository(database) }),
    });
    const { events, predictions, suppression } = await erasure.erase({ address, keepSuppression });
    write(`erased: events ${events}, predictions ${predictions}; suppression entry: ${suppression}\n`);
  } finally {
    sqlite.close();
  }
}
