// `presend suppressions`: what it is called with.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { UsageError } from '../../platform/usage-error.ts';
import type { SuppressionReason } from '../../suppression/suppressions.ts';
import { exportFile, importFile } from '../suppression-files.ts';
import { needFile, settingsOfEnvironment } from './arguments.ts';

export async function run([command, ...rest]: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { format: { type: 'string' }, reason: { type: 'string' }, source: { type: 'string' } },
  });
  const [file] = positionals;
  const format = values.format ?? (/\.(ndjson|jsonl)$/i.test(file ?? '') ? 'ndjson' : 'csv');
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError('the format is csv or ndjson');
  const { settings } = await settingsOfEnvironment();

  if (command === 'import' && file !== undefined && positionals.length === 1) {
    needFile(file);
    const { source = 'import', reason } = values;
    if (reason !== undefined && !isReason(reason)) throw new UsageError(`a reason is ${reasons.join(', ')}`);
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
}

const reasons = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const satisfies SuppressionReason[];
const isReason = (text: string): text is SuppressionReason => (reasons as readonly string[]).includes(text);
