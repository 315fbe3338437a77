// `presend suppressions add|check|lift|import|export`: changes, searches and prints the suppression list.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { enhancedStatusPattern } from '../bounce/bounce.ts';
import { hashKey, openDatabase } from '../platform/node.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { exportSuppressions } from '../suppression/export.ts';
import { type ImportFormat, importSuppressions } from '../suppression/import.ts';
import { parseImportDate } from '../suppression/import-rows.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { defaultScope, parseScope, suppressionReasons } from '../suppression/scope.ts';
import type { Incident, SuppressionList, SuppressionReason } from '../suppression/suppressions.ts';
import { fileStream, oneOf, readMailQuestion, requireFile, settingsOfEnvironment } from './arguments.ts';
import { printable } from './terminal.ts';

export const help = `Usage: presend suppressions add [OPTION…] --reason REASON ADDRESS…
       presend suppressions check [--purpose PURPOSE] [--list NAME] ADDRESS…
       presend suppressions lift --from TIME --to TIME [OPTION…] [--yes]
       presend suppressions import [OPTION…] FILE
       presend suppressions export [--format csv|ndjson]

Changes the suppression list, the addresses that must not be mailed. "-" is standard input.

  add      put addresses on the list
  check    print whether addresses are on the list
  lift     remove the bounces that a provider caused by mistake in a period
  import   add the entries of a file: a provider's list, or the export of another presend instance
  export   print the list, with hashes instead of addresses

  --format csv|ndjson   import, export: the format of the file; by default from its name, else csv
  --reason REASON       add: the reason; import: the reason for rows without one:
                        bounce, complaint, unsubscribe or manual
  --scope SCOPE         add: all, marketing or list:NAME; by default marketing for an unsubscribe, else all
  --status STATUS       add: the enhanced status code of the bounce, such as 5.1.1; lift: only bounces with it
  --source NAME         add, import: where the entries come from; "import" by default for import;
                        lift: only addresses that were acquired from this source
  --purpose PURPOSE     check: marketing (the default), transactional or signup
  --list NAME           check: the mailing list that the mail is sent to
  --from, --to TIME     lift: the period in which the entries were made, such as 2026-11-20T12:00:00Z
  --provider NAME       lift: only bounces of this mailbox provider, such as gmail
  --mail-host DOMAIN    lift: only bounces at domains with this mail host, such as google.com
  --campaign NAME       lift: only bounces of this campaign
  --yes                 lift: lift the entries; without --yes they are only counted

Exit status: import: 1 if a row was rejected; check: 1 if an address is suppressed; else 0.

Examples:
  presend suppressions add --reason manual jane@example.com
  presend suppressions check --purpose transactional jane@example.com
  presend suppressions lift --from 2026-11-20T12:00:00Z --to 2026-11-20T18:00:00Z --provider gmail
  presend suppressions import --reason bounce mailgun-bounces.csv
  presend suppressions export > suppressions.csv
`;

const text = { type: 'string' } as const;

const optionsOf = {
  add: { reason: text, scope: text, status: text, source: text },
  check: { purpose: text, list: text },
  lift: {
    from: text,
    to: text,
    provider: text,
    'mail-host': text,
    source: text,
    campaign: text,
    status: text,
    yes: { type: 'boolean', default: false },
  },
  import: { format: text, reason: text, source: text },
  export: { format: text },
} as const;

const write = (output: string) => process.stdout.write(output);

export async function run([command, ...args]: string[]): Promise<void> {
  switch (command) {
    case 'add': {
      const { positionals, values } = parseArgs({ args, allowPositionals: true, options: optionsOf.add });
      return runAdd(positionals, values);
    }
    case 'check': {
      const { positionals, values } = parseArgs({ args, allowPositionals: true, options: optionsOf.check });
      return runCheck(positionals, values);
    }
    case 'lift': {
      const { yes, ...values } = parseArgs({ args, options: optionsOf.lift }).values;
      return runLift(values, yes);
    }
    case 'import': {
      const { positionals, values } = parseArgs({ args, allowPositionals: true, options: optionsOf.import });
      return runImport(positionals, values);
    }
    case 'export': {
      const { values } = parseArgs({ args, options: optionsOf.export });
      const format = oneOf('--format', values.format, formats) ?? 'csv';
      const { settings } = await settingsOfEnvironment();
      return exportFile(settings, format, async (output) => {
        if (!write(output)) await once(process.stdout, 'drain');
      });
    }
    default:
      throw new UsageError('suppressions needs one of: add, check, lift, import, export');
  }
}

type Values = Readonly<Partial<Record<string, string>>>;

async function runAdd(texts: readonly string[], values: Values): Promise<void> {
  const addresses = addressesIn(texts);
  const reason = oneOf('--reason', values['reason'], suppressionReasons);
  if (reason === undefined)
    throw new UsageError('suppressions add needs --reason with bounce, complaint, unsubscribe or manual');
  const scope = values['scope'] === undefined ? defaultScope(reason) : parseScope(values['scope']);
  if (scope === null) throw new UsageError('--scope must be all, marketing or list:NAME');
  const status = statusOf(values['status']) ?? null;
  const source = values['source'] ?? null;
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    const counts = await list.addMany(
      addresses.map((address) => ({ address, reason, scope, status, source })),
    );
    write(`${counts.added} added, ${counts.updated} updated, ${counts.unchanged} unchanged\n`);
  });
}

async function runCheck(texts: readonly string[], values: Values): Promise<void> {
  const addresses = addressesIn(texts);
  const question = readMailQuestion(values['purpose'], '--list', values['list']);
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    const found = await list.find(addresses, question);
    for (const [index, entry] of found.entries()) {
      const words = entry === null ? 'clear' : `${entry.effect}  ${entry.scope} ${entry.reason}`;
      const since = entry === null ? '' : `  since ${new Date(entry.since).toISOString()}`;
      write(`${printable(texts[index]!)}  ${words}${since}\n`);
    }
    process.exitCode = found.some((entry) => entry?.effect === 'block') ? 1 : 0;
  });
}

async function runLift(values: Values, yes: boolean): Promise<void> {
  const { provider, source, campaign } = values;
  const incident: Incident = {
    from: timeOf('--from', values['from']),
    to: timeOf('--to', values['to']),
    provider,
    mailHost: values['mail-host']?.toLowerCase(),
    source,
    campaign,
    status: statusOf(values['status']),
  };
  if (incident.from >= incident.to) throw new UsageError('--to must be later than --from');
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    if (yes) write(`${await list.liftIncident(incident)} lifted\n`);
    else
      write(
        `${await list.countIncident(incident)} bounces on the suppression list match. Run the command again with --yes to lift them.\n`,
      );
  });
}

async function runImport(positionals: readonly string[], values: Values): Promise<void> {
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new UsageError('suppressions import needs one file, such as bounces.csv');
  const byName = /\.(ndjson|jsonl)$/i.test(file) ? 'ndjson' : 'csv';
  const format = oneOf('--format', values['format'], formats) ?? byName;
  const reason = oneOf('--reason', values['reason'], suppressionReasons);
  requireFile(file);
  const { settings } = await settingsOfEnvironment();
  const { source = 'import' } = values;
  process.exitCode = await importFile(settings, { file, format, source, ...(reason && { reason }), write });
}

/** @throws UsageError if a text is not an address. */
function addressesIn(texts: readonly string[]): string[] {
  if (texts.length === 0) throw new UsageError('an address is required, such as jane@example.com');
  return texts.map((one) => {
    const address = recipientAddress(one);
    if (address === null) throw new UsageError(`${printable(one)} is not a valid e-mail address`);
    return address;
  });
}

function timeOf(option: string, value: string | undefined): number {
  const time = value === undefined ? null : parseImportDate(value);
  if (time === null) throw new UsageError(`${option} must be a time such as 2026-11-20T12:00:00Z`);
  return time;
}

function statusOf(value: string | undefined): string | undefined {
  if (value !== undefined && !enhancedStatusPattern.test(value))
    throw new UsageError('--status must be an enhanced status code such as 5.1.1');
  return value;
}

const formats = ['csv', 'ndjson'] as const satisfies ImportFormat[];

export interface ImportCommand {
  /** Path of the file; `-` is standard input. */
  readonly file: string;
  readonly format: ImportFormat;
  readonly source: string;
  readonly reason?: SuppressionReason;
  readonly write: (text: string) => void;
}

/** Imports the file and prints the result. Returns the exit status: 1 if a row was rejected. */
export const importFile = (settings: Settings, { file, write, ...request }: ImportCommand): Promise<number> =>
  withList(settings, async (list) => {
    const report = await importSuppressions(list, fileStream(file), { ...request, now: Date.now() });
    const { added, updated, unchanged, rejected, errors } = report;
    write(`${added} added, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected\n`);
    for (const { row, column, message } of errors)
      write(`row ${row}${column === null ? '' : `, ${column}`}: ${message}\n`);
    if (rejected > errors.length) write(`… and ${rejected - errors.length} more rejected rows\n`);
    return rejected > 0 ? 1 : 0;
  });

/** Exports the whole suppression list as text. `write` resolves when it can accept more. */
export const exportFile = (
  settings: Settings,
  format: ImportFormat,
  write: (text: string) => Promise<void>,
): Promise<void> =>
  withList(settings, async (list) => {
    for await (const text of exportSuppressions(list, format)) await write(text);
  });

async function withList<T>(settings: Settings, work: (list: SuppressionList) => Promise<T>): Promise<T> {
  const { sqlite, database } = openDatabase(settings.databasePath);
  try {
    const hasher = nodeHasher(hashKey(settings, sqlite));
    return await work(
      createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: Date.now,
      }),
    );
  } finally {
    sqlite.close();
  }
}
