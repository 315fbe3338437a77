// The command line: finds the command, runs it, and reports a failure in one line.

import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { UsageError } from '../platform/usage-error.ts';
import { version } from '../version.ts';
import {
  type Command,
  type CommandEntry,
  type CommandGroup,
  isGroup,
  lastWord,
  parseArguments,
} from './command.ts';
import { commands } from './commands.ts';
import { CommandFailure, failureJson, SettingsError } from './failure.ts';
import { helpText } from './help-text.ts';
import { meantName } from './meant-name.ts';
import { describeSystemError, isSystemError, systemErrorStatus } from './system-error.ts';
import { printable } from './terminal.ts';
import { usage } from './usage.ts';

// Keeps compiled code for the next start. This halves the startup time in a checkout, because Node does not need to
// strip the types of every module again.
enableCompileCache();

// Rows of a list die soon. But the first scavenges find most of them alive, so V8 would allocate all later rows in the old
// generation ("pretenuring"), which only slow collections free. That takes a third of the time of a long list.
setFlagsFromString('--no-allocation-site-pretenuring');

const usageStatus = 2;

const isHelp = (argument: string): boolean => argument === '--help' || argument === '-h';

const argv = process.argv.slice(2);
const beforeDashes = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;

/** Where JSON about a failure goes; null without `--json`. */
let jsonOutput: NodeJS.WriteStream | null = beforeDashes.includes('--json') ? process.stdout : null;

/** The command whose help is worth reading after a mistake, such as `keys create`; empty for the list of commands. */
let helpTopic = '';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A closed pipe, such as `| head`, is not an error.
  if (error.code === 'EPIPE') process.exit(0);
  jsonOutput = null;
  fail('system', `cannot write to standard output: ${describeSystemError(error)}`, systemErrorStatus);
});

try {
  await main(argv);
} catch (error) {
  if (error instanceof SettingsError)
    fail('settings', `${error.message}. Check all settings with: presend doctor`, usageStatus);
  if (error instanceof UsageError) fail('usage', withHint(error.message), usageStatus);
  if (error instanceof CommandFailure) fail(error.code, error.message, error.status);
  if (!isSystemError(error)) throw error;
  fail('system', describeSystemError(error), systemErrorStatus);
}

async function main([name = '', ...args]: string[]): Promise<void> {
  if (isHelp(name)) return print(usage);
  if (name === '--version' || name === '-v' || name === 'version') return print(`${version}\n`);
  if (name === 'help') {
    const topics = args.filter((argument) => !isHelp(argument));
    if (topics.length === 0) return print(usage);
    const { command } = await entryOf(topics[0]!).load();
    return print(helpText(isGroup(command) ? (actionNamed(command, topics[1]) ?? command) : command));
  }
  const entry = entryOf(name);
  helpTopic = name;
  const { command } = await entry.load();
  if (!isGroup(command)) return runCommand(command, args);
  const action = actionNamed(command, args[0]);
  if (action === undefined) {
    if (beforeDashes.some(isHelp)) return print(helpText(command));
    throw new UsageError(unknownAction(command, args[0]));
  }
  helpTopic = action.name;
  return runCommand(action, args.slice(1));
}

async function runCommand(command: Command, args: readonly string[]): Promise<void> {
  if (beforeDashes.some(isHelp)) return print(helpText(command));
  const given = parseArguments(command, args);
  if (jsonOutput !== null && command.printsResult?.(given.values)) jsonOutput = process.stderr;
  await command.run(given, commands);
}

function actionNamed(group: CommandGroup, word: string | undefined): Command | undefined {
  return group.actions.find((action) => lastWord(action) === word);
}

function unknownAction(group: CommandGroup, word: string | undefined): string {
  const names = group.actions.map(lastWord);
  const meant = word === undefined ? undefined : meantName(word, names);
  return `${group.name} needs one of: ${names.join(', ')}${meant === undefined ? '' : `. Did you mean ${meant}?`}`;
}

/** @throws UsageError if there is no such command. The message contains the text only if it cannot be an address. */
function entryOf(text: string): CommandEntry {
  const entry = Object.hasOwn(commands, text) ? commands[text] : undefined;
  if (entry !== undefined) return entry;
  if (text === '') throw new UsageError('a command is required, such as check or clean');
  if (/.@./.test(text)) throw new UsageError('a command is required before the address. Did you mean check?');
  if (text.startsWith('-'))
    throw new UsageError('a command is required before the options, such as check or clean');
  const meant = meantName(text, [...Object.keys(commands), 'help']);
  throw new UsageError(
    `there is no command ${printable(text.slice(0, 40))}${meant === undefined ? '' : `. Did you mean ${meant}?`}`,
  );
}

function withHint(message: string): string {
  const hint = `See: presend ${helpTopic === '' ? '' : `${helpTopic} `}--help`;
  return `${message}${/[.?]$/.test(message) ? '' : '.'} ${hint}`;
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Prints one line and, with `--json`, a document about the failure. Ends the process. */
function fail(code: string, message: string, status: number): never {
  // An address or a file name may contain a line break.
  const line = printable(message.replace(/\s*\n\s*/g, ' '));
  process.stderr.write(`presend: ${line}\n`);
  jsonOutput?.write(failureJson(code, line));
  process.exit(status);
}
