// `presend suppressions add|check|lift|import|export`: changes, searches and prints the suppression list.

import { once } from 'node:events';
import { type AuditAction, commandLineActor } from '../audit/audit.ts';
import { enhancedStatusPattern } from '../bounce/bounce.ts';
import { coldBefore } from '../events/cold/cold-events.ts';
import { hashKey } from '../platform/hash-key-file.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { exportSuppressions } from '../suppression/export.ts';
import { type ImportFormat, importSuppressions } from '../suppression/import.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import {
  defaultScope,
  type MailPurpose,
  mailPurposes,
  parseScope,
  type SuppressionReason,
  suppressionReasons,
} from '../suppression/scope.ts';
import {
  type Incident,
  isFoundByEvents,
  type SuppressionList,
  type SuppressionMatch,
} from '../suppression/suppressions.ts';
import { parseWrittenDate } from '../written-dates.ts';
import { readMailQuestion, requireFile, settingsOfEnvironment } from './arguments.ts';
import { type CommandGroup, defineCommand, jsonOption } from './command.ts';
import { openImport } from './import-input.ts';
import { noteCommand, openOrCreateDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

const formats = ['csv', 'ndjson'] as const satisfies ImportFormat[];
const text = { type: 'string' } as const;
const reason = { ...text, value: 'REASON', choices: suppressionReasons } as const;
const address = 'ADDRESS…';

export const command: CommandGroup = {
  name: 'suppressions',
  summary: 'add, check or lift suppressions; import or export the list',
  about:
    'Changes the suppression list, the addresses that must not be mailed, in the database of the service (DATABASE_PATH). The list contains hashes of addresses, not the addresses.',
  actions: [
    defineCommand({
      name: 'suppressions add',
      operands: address,
      summary: 'put addresses on the list',
      about: 'Puts addresses on the list. --reason is required.',
      options: {
        reason: { ...reason, help: 'the reason' },
        scope: {
          ...text,
          value: 'SCOPE',
          help: 'all, marketing or list:NAME; by default marketing for an unsubscribe, else all',
        },
        status: { ...text, value: 'STATUS', help: 'the enhanced status code of the bounce, such as 5.1.1' },
        source: { ...text, value: 'NAME', help: 'where the entries come from' },
        ...jsonOption,
      },
      examples: ['presend suppressions add --reason manual jane@example.com'],
      run: ({ operands, values }) => runAdd(operands, values),
    }),
    defineCommand({
      name: 'suppressions check',
      operands: address,
      summary: 'print whether the list stops mail to addresses',
      about: 'Prints for each address whether the list stops mail to it.',
      options: {
        purpose: {
          ...text,
          choices: mailPurposes,
          value: 'PURPOSE',
          help: 'the kind of mail, marketing by default',
        },
        list: { ...text, value: 'NAME', help: 'the mailing list that the mail is sent to' },
        json: { type: 'boolean', help: 'print one JSON object per address' },
      },
      exit: '1 if the list blocks mail to an address, else 0.',
      examples: ['presend suppressions check --purpose transactional jane@example.com'],
      run: ({ operands, values }) => runCheck(operands, values),
    }),
    defineCommand({
      name: 'suppressions lift',
      summary: 'remove the bounces of a period, after an incident at a provider',
      about:
        'Counts the suppressions for bounces that are dated in a period and match the options. With --yes, removes them. Use it after an incident, such as a mailbox provider that refused live mailboxes, and narrow it with options such as --provider: genuine bounces of the period match too. --from and --to are required.',
      options: {
        from: { ...text, value: 'TIME', help: 'the start of the period, such as 2026-11-20T12:00:00Z' },
        to: { ...text, value: 'TIME', help: 'the end of the period' },
        provider: { ...text, value: 'NAME', help: 'only bounces of this mailbox provider, such as gmail' },
        'mail-host': {
          ...text,
          value: 'DOMAIN',
          help: 'only bounces at domains with this mail host, such as google.com',
        },
        source: { ...text, value: 'NAME', help: 'only addresses that were acquired from this source' },
        campaign: { ...text, value: 'NAME', help: 'only bounces of this campaign' },
        status: { ...text, value: 'STATUS', help: 'only bounces with this enhanced status code' },
        yes: { type: 'boolean', help: 'remove the entries; without --yes they are only counted' },
        ...jsonOption,
      },
      examples: [
        'presend suppressions lift --from 2026-11-20T12:00:00Z --to 2026-11-20T18:00:00Z --provider gmail',
      ],
      run: ({ values }) => runLift(values),
    }),
    defineCommand({
      name: 'suppressions import',
      operands: 'FILE',
      takesFiles: true,
      summary: "add the entries of a file: a provider's list, or the export of another presend instance",
      about:
        'Adds the entries of a file: a provider\'s list (CSV, JSON or XLSX), or the export of another presend instance. "-" is standard input.',
      options: {
        format: {
          ...text,
          choices: formats,
          help: 'the format of the file; by default ndjson if its name ends in .ndjson, .jsonl or .json, else csv. An array of objects is read as ndjson too',
        },
        reason: { ...reason, help: 'the reason for rows without one' },
        source: { ...text, value: 'NAME', default: 'import', help: 'where the entries come from' },
        ...jsonOption,
      },
      exit: '1 if a row was rejected, else 0.',
      examples: ['presend suppressions import --reason bounce mailgun-bounces.csv'],
      run: ({ operands, values }) => runImport(operands, values),
    }),
    defineCommand({
      name: 'suppressions export',
      summary: 'print the list, with hashes instead of addresses',
      about: 'Prints the list, with hashes instead of addresses.',
      options: {
        format: { ...text, choices: formats, help: 'the format of the output; csv by default' },
        json: { type: 'boolean', help: 'the same as --format ndjson' },
      },
      examples: ['presend suppressions export > suppressions.csv'],
      async run({ values }) {
        const { settings } = await settingsOfEnvironment();
        await exportFile(settings, values.json ? 'ndjson' : (values.format ?? 'csv'), async (output) => {
          if (!write(output)) await once(process.stdout, 'drain');
        });
      },
    }),
  ],
  examples: [
    'presend suppressions add --reason manual jane@example.com',
    'presend suppressions import --reason bounce mailgun-bounces.csv',
  ],
};

const write = (output: string) => process.stdout.write(output);
const writeJson = (value: object) => write(`${JSON.stringify(value)}\n`);

interface AddValues {
  readonly reason: SuppressionReason | undefined;
  readonly scope: string | undefined;
  readonly status: string | undefined;
  readonly source: string | undefined;
  readonly json: boolean;
}

async function runAdd(texts: readonly string[], values: AddValues): Promise<void> {
  const addresses = addressesIn(texts);
  const { reason } = values;
  if (reason === undefined)
    throw new UsageError('suppressions add needs --reason with bounce, complaint, unsubscribe or manual');
  const scope = values.scope === undefined ? defaultScope(reason) : parseScope(values.scope);
  if (scope === null) throw new UsageError('--scope must be all, marketing or list:NAME');
  const status = statusOf(values.status) ?? null;
  const source = values.source ?? null;
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    const counts = await list.addMany(
      addresses.map((address) => ({ address, reason, scope, status, source })),
    );
    const { added, updated, unchanged } = counts;
    if (values.json) writeJson({ added, updated, unchanged });
    else write(`${added} added, ${updated} updated, ${unchanged} unchanged\n`);
  });
}

interface CheckValues {
  readonly purpose: MailPurpose | undefined;
  readonly list: string | undefined;
  readonly json: boolean;
}

async function runCheck(texts: readonly string[], values: CheckValues): Promise<void> {
  const addresses = addressesIn(texts);
  const question = readMailQuestion(values.purpose, '--list', values.list);
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    const found = await list.find(addresses, question);
    for (const [index, entry] of found.entries()) {
      if (values.json) {
        writeJson({ email: texts[index]!, suppression: entry && suppressionJson(entry) });
        continue;
      }
      const words = entry === null ? 'clear' : `${entry.effect}  ${entry.scope} ${entry.reason}`;
      const since = entry === null ? '' : `  since ${new Date(entry.since).toISOString()}`;
      write(`${printable(texts[index]!)}  ${words}${since}\n`);
    }
    process.exitCode = found.some((entry) => entry?.effect === 'block') ? 1 : 0;
  });
}

/** The entry as POST /v1/validate returns it. */
const suppressionJson = ({ effect, scope, reason: why, status, source, since }: SuppressionMatch) => ({
  effect,
  scope,
  reason: why,
  status,
  source,
  since: new Date(since).toISOString(),
});

interface LiftValues {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly provider: string | undefined;
  readonly 'mail-host': string | undefined;
  readonly source: string | undefined;
  readonly campaign: string | undefined;
  readonly status: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

async function runLift(values: LiftValues): Promise<void> {
  const { provider, source, campaign, yes, json } = values;
  const incident: Incident = {
    from: timeOf('--from', values.from),
    to: timeOf('--to', values.to),
    provider,
    mailHost: values['mail-host']?.toLowerCase(),
    source,
    campaign,
    status: statusOf(values.status),
  };
  if (incident.from >= incident.to) throw new UsageError('--to must be later than --from');
  const { settings } = await settingsOfEnvironment();
  await withList(settings, async (list) => {
    const count = yes
      ? await list.liftIncident(incident, commandLineActor)
      : await list.countIncident(incident);
    const before = isFoundByEvents(incident)
      ? coldBefore({ hotMs: settings.eventHotMs, retentionMs: settings.eventRetentionMs }, Date.now())
      : null;
    const eventsFrom = before !== null && incident.from < before ? new Date(before).toISOString() : null;
    if (eventsFrom !== null && !json)
      process.stderr.write(
        `presend: only the delivery events from ${eventsFrom} on were searched (EVENT_HOT_DAYS)\n`,
      );
    if (json) writeJson({ ...(yes ? { lifted: count } : { matches: count }), events_from: eventsFrom });
    else if (yes) write(`${count} lifted\n`);
    else
      write(
        `${count} bounces on the suppression list match. Run the command again with --yes to lift them.\n`,
      );
  });
}

interface ImportValues {
  readonly format: ImportFormat | undefined;
  readonly reason: SuppressionReason | undefined;
  readonly source: string;
  readonly json: boolean;
}

async function runImport(
  [file, ...others]: readonly string[],
  { format, reason: otherwise, source, json }: ImportValues,
): Promise<void> {
  if (file === undefined || others.length > 0)
    throw new UsageError('suppressions import needs one file, such as bounces.csv');
  const byName = /\.(ndjson|jsonl?)$/i.test(file) ? 'ndjson' : 'csv';
  requireFile(file);
  const { settings } = await settingsOfEnvironment();
  process.exitCode = await importFile(settings, {
    file,
    format: format ?? byName,
    source,
    ...(otherwise && { reason: otherwise }),
    json,
    write,
  });
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
  const time = value === undefined ? null : parseWrittenDate(value);
  if (time === null) throw new UsageError(`${option} must be a time such as 2026-11-20T12:00:00Z`);
  return time;
}

function statusOf(value: string | undefined): string | undefined {
  if (value !== undefined && !enhancedStatusPattern.test(value))
    throw new UsageError('--status must be an enhanced status code such as 5.1.1');
  return value;
}

export interface ImportCommand {
  /** Path of the file; `-` is standard input. */
  readonly file: string;
  readonly format: ImportFormat;
  readonly source: string;
  readonly reason?: SuppressionReason;
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/** Imports the file and prints the result. Returns the exit status: 1 if a row was rejected. */
export const importFile = (
  settings: Settings,
  { file, json, write, ...request }: ImportCommand,
): Promise<number> =>
  withList(settings, async (list, note) => {
    const input = await openImport(file, request.format);
    if (input.otherSheets.length > 0)
      process.stderr.write(
        `${file}: sheets that are not imported: ${input.otherSheets.map((name) => printable(name)).join(', ')}\n`,
      );
    const report = await importSuppressions(list, input.bytes, {
      ...request,
      format: input.format,
      now: Date.now(),
    });
    const { added, updated, unchanged, rejected, errors } = report;
    await note('suppressions_imported', added + updated);
    if (json) {
      write(`${JSON.stringify({ added, updated, unchanged, rejected, errors })}\n`);
      return rejected > 0 ? 1 : 0;
    }
    write(`${added} added, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected\n`);
    for (const { row, column, message } of errors)
      write(`row ${row}${column === null ? '' : `, ${column}`}: ${message}\n`);
    if (rejected > errors.length) write(`… and ${rejected - errors.length} more rejected rows\n`);
    return rejected > 0 ? 1 : 0;
  });

/** Exports the whole suppression list as text. `write` resolves when it can accept more. */
const exportFile = (
  settings: Settings,
  format: ImportFormat,
  write: (text: string) => Promise<void>,
): Promise<void> =>
  withList(settings, async (list, note) => {
    await note('suppressions_exported', null);
    for await (const text of exportSuppressions(list, format)) await write(text);
  });

/** Records an act in the audit. */
type Note = (action: AuditAction, amount: number | null) => Promise<void>;

async function withList<T>(
  settings: Settings,
  work: (list: SuppressionList, note: Note) => Promise<T>,
): Promise<T> {
  const { sqlite, database } = await openOrCreateDatabase(settings.databasePath);
  try {
    const hasher = nodeHasher(hashKey(settings, sqlite));
    return await work(
      createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: Date.now,
      }),
      (action, amount) => noteCommand(database, action, { amount }),
    );
  } finally {
    sqlite.close();
  }
}
