#!/usr/bin/env node
// The command line: `presend check`, `presend serve`.

import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import {
  type DomainList,
  emptyDomainList,
  joined,
  type OwnLists,
  parseDomainList,
} from '../domain/own-lists.ts';

const usage = `Usage:
  presend check [--json] [--allow FILE] [--deny FILE] ADDRESS…
                                    the verdict on each address; without one, addresses are read from standard input;
                                    the files name domains, one a line, *.example.com for all beneath it too
  presend bounce [--json] FILE      what a bounce or a complaint says, as it came (message/rfc822); - is standard input
  presend reply [--json] TEXT       what an SMTP reply says, such as "550 5.1.1 No such user"
  presend serve                     the HTTP service; docs/settings.md lists its settings

Exit status of bounce and reply: 1 when somebody should not be mailed again, else 0. Of check:
  0  every address is deliverable
  1  at least one is undeliverable
  3  none is undeliverable, at least one is risky or unknown
  2  the command was not understood
`;

class UsageError extends Error {}

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

  async bounce(args) {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new UsageError('bounce needs one file');
    if (file !== '-' && !existsSync(file)) throw new UsageError(`there is no file ${file}`);
    const { explainReport } = await import('./returned.ts');
    process.exitCode = await explainReport(readFileSync(file === '-' ? 0 : file), output(values.json));
  },

  async reply(args) {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
    if (positionals.length === 0) throw new UsageError('reply needs the text of a reply');
    const { explainReply } = await import('./returned.ts');
    process.exitCode = explainReply(positionals.join(' '), output(values.json));
  },

  async serve(args) {
    parseArgs({ args });
    const { serve } = await import('./node.ts');
    serve(process.env);
  },
};

function readDomainList(file: string | undefined): DomainList {
  if (file === undefined) return emptyDomainList;
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const parsed = parseDomainList(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new UsageError(`line ${parsed.line} of ${file} is no domain`);
  return parsed.list;
}

/** The suppression list and the own domains count where there are any: in a database that `serve` made. */
async function openValidator(given: OwnLists) {
  const { readSettings } = await import('./settings.ts');
  const { createValidator } = await import('../index.ts');
  const { fetchTransport } = await import('../dns/doh-transport.ts');
  const { createHttp2Transport } = await import('./http2-transport.ts');
  const outcome = readSettings(process.env);
  if (!outcome.ok) throw new UsageError(outcome.mistakes.join('\n'));
  const { settings } = outcome;
  const options = {
    dohUrls: settings.dohUrls,
    timeoutMs: settings.validateTimeoutMs,
    batchTimeoutMs: settings.batchTimeoutMs,
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
