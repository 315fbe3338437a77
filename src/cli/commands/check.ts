// `presend check`: what it is called with.

import { parseArgs } from 'node:util';
import { UsageError } from '../../platform/usage-error.ts';
import { check } from '../check.ts';
import { readDomainList, standardInput } from './arguments.ts';
import { openValidator } from './validator.ts';

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      allow: { type: 'string' },
      deny: { type: 'string' },
    },
  });
  if (positionals.length === 0 && process.stdin.isTTY)
    throw new UsageError('check needs at least one address');
  const { validator, close } = await openValidator({
    allow: readDomainList(values.allow),
    deny: readDomainList(values.deny),
  });
  const addresses = positionals.length > 0 ? positionals : standardInput();
  process.exitCode = await check(validator, addresses, {
    json: values.json,
    colour: process.stdout.isTTY && !process.env['NO_COLOR'],
    write: (text) => process.stdout.write(text),
  });
  close();
  // Look-ups that nobody waits for any more would hold the process for some seconds.
  process.stdout.write('', () => process.exit());
}
