// `presend erase`: what it is called with.

import { parseArgs } from 'node:util';
import { UsageError } from '../../platform/usage-error.ts';
import { eraseAddress } from '../erase.ts';
import { settingsOfEnvironment } from './arguments.ts';

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'lift-suppression': { type: 'boolean', default: false } },
  });
  const [address] = positionals;
  if (address === undefined || positionals.length > 1) throw new UsageError('erase needs one address');
  const { settings } = await settingsOfEnvironment();
  await eraseAddress(settings, {
    address,
    keepSuppression: !values['lift-suppression'],
    write: (text) => process.stdout.write(text),
  });
}
