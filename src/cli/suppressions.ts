// `presend suppressions import` and `presend suppressions export`.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { hashKey, openDatabase } from '../platform/node.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { exportSuppressions } from '../suppression/export.ts';
import { type ImportFormat, importSuppressions } from '../suppression/import.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import type { SuppressionList, SuppressionReason } from '../suppression/suppressions.ts';
import { requireFile, settingsOfEnvironment } from './arguments.ts';

export const help = `Usage: presend suppressions import [OPTION…] FILE
       presend suppressions export [--format csv|ndjson]

Imports another provider's list or another instance's export, or writes the suppression list as hashes.
"-" is standard input.

  --format csv|ndjson   the format; by file name, else csv
  --reason REASON       for rows without one: bounce, complaint, unsubscribe or manual
  --source NAME         for rows without one; "import" by default

Exit status of import: 1 if a row was rejected, else 0.

Examples:
  presend suppressions import --reason bounce mailgun-bounces.csv
  presend suppressions export > suppressions.csv
`;

export async function run([command, ...rest]: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { format: { type: 'string' }, reason: { type: 'string' }, source: { type: 'string' } },
  });
  const [file] = positionals;
  const format = values.format ?? (/\.(ndjson|jsonl)$/i.test(file ?? '') ? 'ndjson' : 'csv');
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError('--format must be csv or ndjson');
  const { settings } = await settingsOfEnvironment();

  if (command === 'import' && file !== undefined && positionals.length === 1) {
    requireFile(file);
    const { source = 'import', reason } = values;
    if (reason !== undefined && !isReason(reason))
      throw new UsageError(`--reason must be one of ${reasons.join(', ')}`);
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
  } else throw new UsageError('suppressions needs "import FILE" or "export"');
}

const reasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const satisfies SuppressionReason[];
const isReason = (text: string): text is SuppressionReason => (reasons as readonly string[]).includes(text);

export interface ImportCommand {
  /** `-` is standard input. */
  readonly file: string;
  readonly format: ImportFormat;
  readonly source: string;
  readonly reason?: SuppressionReason;
  readonly write: (text: string) => void;
}

/** Imports the file and prints the result. Returns the exit status: 1 if a row was rejected. */
export const importFile = (settings: Settings, { file, write, ...request }: ImportCommand): Promise<number> =>
  withList(settings, async (list) => {
    const chunks = file === '-' ? process.stdin : createReadStream(file);
    const report = await importSuppressions(list, chunks, { ...request, now: Date.now() });
    const { added, updated, unchanged, rejected, errors } = report;
    write(`${added} added, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected\n`);
    for (const { row, column, message } of errors)
      write(`row ${row}${column === null ? '' : `, ${column}`}: ${message}\n`);
    if (rejected > errors.length) write(`… and ${rejected - errors.length} more\n`);
    return rejected > 0 ? 1 : 0;
  });

/** Writes the whole list. `write` resolves when it can take more. */
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
