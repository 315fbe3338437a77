#!/usr/bin/env node
// The command line: `presend check`, `presend clean`, `presend serve`, `presend keys` …

import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import {
  type DomainList,
  emptyDomainList,
  joined,
  type OwnLists,
  parseDomainList,
} from '../domain/own-lists.ts';
import type { SuppressionReason } from '../suppression/suppressions.ts';
import { smallHeap } from './small-heap.ts';
import { UsageError } from './usage-error.ts';

// Halves the start in a checkout, where Node would strip the types of every module anew.
enableCompileCache();

const usage = `Usage:
  presend check [--json] [--allow FILE] [--deny FILE] ADDRESS…
                                    the verdict on each address; without one, addresses are read from standard input;
                                    the files name domains, one a line, *.example.com for all beneath it too
  presend clean LIST -o RESULT [--max-age-days 90] [--only ACTION] [--report FILE.html] [--resume] [--json]
                                    a CSV or NDJSON list with the verdicts beside its rows, and what it will bounce;
                                    - is standard input or output; docs/lists.md has the other options
  presend bounce [--json] FILE      what a bounce or a complaint says, as it came (message/rfc822); - is standard input
  presend reply [--json] TEXT       what an SMTP reply says, such as "550 5.1.1 No such user"
  presend suppressions import [--format csv|ndjson] [--reason REASON] [--source NAME] FILE
                                    puts another provider's list, or another instance's export, on the suppression list
  presend suppressions export [--format csv|ndjson]
                                    writes the suppression list, hashed
  presend erase [--lift-suppression] ADDRESS
                                    erases what is stored about an address; its entry on the suppression list stays
  presend serve                     the HTTP service; docs/settings.md lists its settings
  presend keys create --name NAME [--scopes SCOPE,…]    a secret key, for everything or for some scopes
  presend keys create --name NAME --origins ORIGIN,…    a publishable key, for pages of those origins
  presend keys list                                     all keys, without their texts
  presend keys rotate [--overlap SECONDS] ID            a key in the place of another, which ends a day later
  presend keys revoke ID                                ends a key at once

Exit status of clean: 0 done, 1 the file is no list, 4 the DNS was out for too long (--resume goes on).
Of bounce and reply: 1 when somebody should not be mailed again, else 0.
Of suppressions import: 1 when a row was rejected, else 0. Of check:
  0  every address is deliverable
  1  at least one is undeliverable
  3  none is undeliverable, at least one is risky or unknown
  2  the command was not understood
Exit status of keys: 1 where there is no key of that id, or it cannot be rotated.
`;

/** The same command in the same process, on a heap of the size that a list needs, where the system can do that. */
function beginAgainWithSmallHeap(): void {
  if (process.platform === 'win32' || smallHeap.some((flag) => process.execArgv.includes(flag))) return;
  const [program, ...args] = process.argv;
  process.execve?.(program!, [program!, ...process.execArgv, ...smallHeap, ...args], process.env);
}

const jsonOption = { json: { type: 'boolean', default: false } } as const;

const output = (json: boolean) => ({ json, write: (text: string) => process.stdout.write(text) });

const commands: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
  async check(args) {
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
    const { check } = await import('./check.ts');
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
  },

  async clean(args) {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        output: { type: 'string', short: 'o', default: '-' },
        'max-age-days': { type: 'string', default: '90' },
        only: { type: 'string', multiple: true },
        report: { type: 'string' },
        resume: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        format: { type: 'string' },
        encoding: { type: 'string' },
        delimiter: { type: 'string' },
        header: { type: 'boolean' },
        'email-column': { type: 'string' },
        'last-verified-column': { type: 'string' },
        'source-column': { type: 'string' },
        patience: { type: 'string', default: '300' },
      },
      allowNegative: true,
    });
    const [input] = positionals;
    if (input === undefined || positionals.length > 1) throw new UsageError('clean needs one list');
    needFile(input);
    beginAgainWithSmallHeap();
    const { output: result, json, report, resume } = values;
    if (resume && (input === '-' || result === '-'))
      throw new UsageError('--resume needs the list and the result in files');
    const { clean } = await import('./clean.ts');
    const { noProgress, progressLine } = await import('./clean-output.ts');
    const encoding = oneOf('--encoding', values.encoding, encodings);
    const format = oneOf('--format', values.format, ['csv', 'ndjson'] as const);
    const only = values.only
      ?.flatMap((text) => text.split(','))
      .map((text) => oneOf('--only', text, ['accept', 'confirm', 'reject', 'retry'] as const)!);
    const { validator, close } = await openValidator(
      { allow: emptyDomainList, deny: emptyDomainList },
      // What a list needs of its domains it keeps itself.
      { leastTimeoutMs: 5000, batchTimeoutMs: 86_400_000, maxKept: 5000 },
    );
    process.exitCode = await clean(
      {
        input,
        output: result,
        list: {
          ...(format && { format }),
          ...(encoding && { encoding }),
          ...(values.delimiter !== undefined && { delimiter: values.delimiter.replace('\\t', '\t') }),
          ...(values.header !== undefined && { header: values.header }),
          ...(values['email-column'] !== undefined && { emailColumn: values['email-column'] }),
          ...(values['last-verified-column'] !== undefined && {
            lastVerifiedColumn: values['last-verified-column'],
          }),
          ...(values['source-column'] !== undefined && { sourceColumn: values['source-column'] }),
        },
        maxAgeDays: wholeNumber('--max-age-days', values['max-age-days']),
        ...(only && { only }),
        ...(report !== undefined && { report }),
        resume,
        json,
        patience: wholeNumber('--patience', values.patience),
      },
      {
        validator,
        now: Date.now,
        progress: process.stderr.isTTY
          ? progressLine(
              (text) => process.stderr.write(text),
              () => performance.now(),
            )
          : noProgress,
        say: (text) => (result === '-' ? process.stderr : process.stdout).write(text),
        warn: (text) => process.stderr.write(text),
      },
    );
    close();
    process.stdout.write('', () => process.exit());
  },

  async bounce(args) {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new UsageError('bounce needs one file');
    needFile(file);
    const { explainReport } = await import('./returned.ts');
    process.exitCode = await explainReport(readFileSync(file === '-' ? 0 : file), output(values.json));
  },

  async reply(args) {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
    if (positionals.length === 0) throw new UsageError('reply needs the text of a reply');
    const { explainReply } = await import('./returned.ts');
    process.exitCode = explainReply(positionals.join(' '), output(values.json));
  },

  async suppressions([command, ...rest]) {
    const { positionals, values } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { format: { type: 'string' }, reason: { type: 'string' }, source: { type: 'string' } },
    });
    const [file] = positionals;
    const format = values.format ?? (/\.(ndjson|jsonl)$/i.test(file ?? '') ? 'ndjson' : 'csv');
    if (format !== 'csv' && format !== 'ndjson') throw new UsageError('the format is csv or ndjson');
    const { exportFile, importFile } = await import('./suppression-files.ts');
    const { settings } = await settingsOfEnvironment();

    if (command === 'import' && file !== undefined && positionals.length === 1) {
      needFile(file);
      const { source = 'import', reason } = values;
      if (reason !== undefined && !isReason(reason))
        throw new UsageError(`a reason is ${reasons.join(', ')}`);
      const write = (text: string) => process.stdout.write(text);
      process.exitCode = await importFile(settings, {
        file,
        format,
        source,
        ...(reason !== undefined && { reason }),
        write,
      });
    } else if (command === 'export' && file === undefined) {
      await exportFile(settings, format, async (text) => {
        if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      });
    } else throw new UsageError('suppressions needs import and one file, or export');
  },

  async erase(args) {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { 'lift-suppression': { type: 'boolean', default: false } },
    });
    const [address] = positionals;
    if (address === undefined || positionals.length > 1) throw new UsageError('erase needs one address');
    const { eraseAddress } = await import('./erase.ts');
    const { settings } = await settingsOfEnvironment();
    await eraseAddress(settings, {
      address,
      keepSuppression: !values['lift-suppression'],
      write: (text) => process.stdout.write(text),
    });
  },

  async keys(args) {
    const { readKeysCommand, runKeysCommand } = await import('./keys.ts');
    const command = readKeysCommand(args);
    const { settings } = await settingsOfEnvironment();
    const { openDatabase } = await import('./node.ts');
    const { sha256 } = await import('./key-material.ts');
    const { createKeyStore } = await import('../keys/key-store.ts');
    const { sqlite, database } = openDatabase(settings.databasePath);
    const store = createKeyStore({ database, sha256, now: Date.now });
    process.exitCode = await runKeysCommand(command, store, Date.now(), {
      write: (text) => process.stdout.write(text),
      note: (text) => process.stderr.write(text),
    });
    sqlite.close();
  },

  async serve(args) {
    parseArgs({ args });
    const { serve } = await import('./node.ts');
    await serve(process.env);
  },
};

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;

function oneOf<Value extends string>(
  option: string,
  text: string | undefined,
  values: readonly Value[],
): Value | undefined {
  const value = values.find((each) => each === text);
  if (text !== undefined && value === undefined)
    throw new UsageError(`${option} must be one of ${values.join(', ')}`);
  return value;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} must be a whole number`);
  return Number(text);
}

/** Standard input (`-`) is there always. */
function needFile(path: string): void {
  const found = path === '-' || statSync(path, { throwIfNoEntry: false });
  if (!found || (found !== true && found.isDirectory())) throw new UsageError(`there is no file ${path}`);
}

function readDomainList(file: string | undefined): DomainList {
  if (file === undefined) return emptyDomainList;
  needFile(file);
  const parsed = parseDomainList(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new UsageError(`line ${parsed.line} of ${file} is no domain`);
  return parsed.list;
}

const reasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const satisfies SuppressionReason[];
const isReason = (text: string): text is SuppressionReason => (reasons as readonly string[]).includes(text);

async function settingsOfEnvironment() {
  const { readSettings } = await import('./settings.ts');
  const outcome = readSettings(process.env);
  if (!outcome.ok) throw new UsageError(outcome.mistakes.join('\n'));
  return outcome;
}

interface ListPatience {
  readonly leastTimeoutMs: number;
  readonly batchTimeoutMs: number;
  readonly maxKept: number;
}

/**
 * The suppression list and the own domains count where there are any: in a database that `serve` made. `list`: nobody
 * waits for one address of a list, so that its look-ups may take longer.
 */
async function openValidator(given: OwnLists, list?: ListPatience) {
  const { createValidator } = await import('../index.ts');
  const { fetchTransport } = await import('../dns/doh-transport.ts');
  const { createHttp2Transport } = await import('./http2-transport.ts');
  const { settings } = await settingsOfEnvironment();
  const options = {
    dohUrls: settings.dohUrls,
    timeoutMs: Math.max(settings.validateTimeoutMs, list?.leastTimeoutMs ?? 0),
    batchTimeoutMs: list?.batchTimeoutMs ?? settings.batchTimeoutMs,
    ...(list && { maxKept: list.maxKept }),
    transport: createHttp2Transport(fetchTransport(fetch)),
  };
  if (!existsSync(settings.databasePath))
    return { validator: createValidator({ ...options, ownLists: () => given }), close: () => {} };

  const { hashKey, openDatabase } = await import('./node.ts');
  const { nodeHasher } = await import('./node-hasher.ts');
  const { createOwnDomains } = await import('../operator/own-domains.ts');
  const { createSuppressionList } = await import('../suppression/list.ts');
  const { sqlite, database } = openDatabase(settings.databasePath);
  const suppressions = createSuppressionList({
    database,
    hasher: nodeHasher(hashKey(settings)),
    now: Date.now,
  });
  const kept = await createOwnDomains({
    database,
    now: Date.now,
    onFailure: (error) => {
      throw error;
    },
  }).lists();
  const ownLists = { allow: joined(kept.allow, given.allow), deny: joined(kept.deny, given.deny) };
  return {
    validator: createValidator({ ...options, suppressions, ownLists: () => ownLists }),
    close: () => sqlite.close(),
  };
}

async function* standardInput(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin }))
    if (line.trim() !== '') yield line.replace(/\r$/, '');
}

const [name = '', ...args] = process.argv.slice(2);
// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
try {
  if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(usage);
  else if (Object.hasOwn(commands, name)) await commands[name]!(args);
  else throw new UsageError(name === '' ? 'a command is needed' : 'there is no such command');
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage) throw error;
  process.stderr.write(`presend: ${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
