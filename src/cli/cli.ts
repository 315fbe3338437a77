#!/usr/bin/env node
// The command line: finds the command, runs it, and reports a failure in one line.

import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { UsageError } from '../platform/usage-error.ts';
import { version } from '../version.ts';
import { describeSystemError, isSystemError, systemErrorStatus } from './system-error.ts';
import { usage } from './usage.ts';

// Keeps compiled code for the next start. This halves the startup time in a checkout, because Node does not need to
// strip the types of every module again.
enableCompileCache();

// Rows of a list die soon. But the first scavenges find most of them alive, so V8 would allocate all later rows in the old
// generation ("pretenuring"), which only slow collections free. That takes a third of the time of a long list.
setFlagsFromString('--no-allocation-site-pretenuring');

interface Command {
  /** The text of `presend COMMAND --help`. */
  readonly help: string;
  /** @throws UsageError, or an error of parseArgs, for wrong arguments. */
  run(args: string[]): Promise<void>;
}

/** Loads the module of each command. Only the module of the given command is loaded, so the start is fast. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: () => import('./check.ts'),
  clean: () => import('./clean.ts'),
  backtest: () => import('./backtest.ts'),
  bounce: () => import('./bounce.ts'),
  reply: () => import('./reply.ts'),
  suppressions: () => import('./suppressions.ts'),
  erase: () => import('./erase.ts'),
  serve: () => import('./serve.ts'),
  keys: () => import('./keys.ts'),
  data: () => import('./data.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
};

function fail(message: string, status: number): never {
  process.stderr.write(`presend: ${message}\n`);
  process.exit(status);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A closed pipe, such as `| head`, is not an error.
  if (error.code === 'EPIPE') process.exit(0);
  fail(`cannot write to standard output: ${describeSystemError(error)}`, systemErrorStatus);
});

const isHelp = (argument: string): boolean => argument === '--help' || argument === '-h';

const [name = '', ...args] = process.argv.slice(2);
const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
try {
  if (isHelp(name) || (name === 'help' && args.length === 0)) process.stdout.write(usage);
  else if (name === '--version' || name === '-v') process.stdout.write(`${version}\n`);
  else if (name === 'help') process.stdout.write((await commandNamed(args[0]!)).help);
  else {
    const command = await commandNamed(name);
    if (options.some(isHelp)) process.stdout.write(command.help);
    else await command.run(args);
  }
} catch (error) {
  if (error instanceof UsageError) fail(`${error.message}. ${usageHint()}`, 2);
  const { code = '', message } = error as NodeJS.ErrnoException;
  // Keep only the first sentence. The rest explains how to pass arguments that begin with a dash.
  if (code.startsWith('ERR_PARSE_ARGS')) fail(`${message.split('. ')[0]}. ${usageHint()}`, 2);
  if (!isSystemError(error)) throw error;
  fail(describeSystemError(error), systemErrorStatus);
}

async function commandNamed(text: string): Promise<Command> {
  const load = Object.hasOwn(commands, text) ? commands[text] : undefined;
  if (load === undefined)
    throw new UsageError(
      text === '' ? 'a command is required, such as check or clean' : 'there is no such command',
    );
  return load();
}

function usageHint(): string {
  return `See: presend ${Object.hasOwn(commands, name) ? `${name} ` : ''}--help`;
}
