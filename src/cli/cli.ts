#!/usr/bin/env node
// The command line: finds the command and runs it.

import { enableCompileCache } from 'node:module';
import { UsageError } from '../platform/usage-error.ts';
import { usage } from './usage.ts';

// Halves the start in a checkout, where Node would strip the types of every module anew.
enableCompileCache();

interface Command {
  /** Throws a UsageError, or what parseArgs throws, where the arguments are not understood. */
  run(args: string[]): Promise<void>;
}

/** Each is loaded when it is called. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: () => import('./check.ts'),
  clean: () => import('./clean.ts'),
  bounce: () => import('./bounce.ts'),
  reply: () => import('./reply.ts'),
  suppressions: () => import('./suppressions.ts'),
  erase: () => import('./erase.ts'),
  serve: () => import('./serve.ts'),
  keys: () => import('./keys.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
try {
  if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(usage);
  else if (Object.hasOwn(commands, name)) await (await commands[name]!()).run(args);
  else throw new UsageError(name === '' ? 'a command is needed' : 'there is no such command');
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage) throw error;
  process.stderr.write(`presend: ${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
