// `presend events export|find`: the log of delivery events in the database of the service.

import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { coldBefore } from '../events/cold/cold-events.ts';
import {
  bounceClassNames,
  bounceReasonNames,
  type EventFilter,
  type EventFilterName,
  eventFilterNames,
  eventKindNames,
  readEventFilter,
  storedFilter,
} from '../events/event-filter.ts';
import { createEventLog, mostOnLogPage } from '../events/event-log.ts';
import type { StoredEvent } from '../events/event-repository.ts';
import { loggedEvent } from '../events/logged-event.ts';
import { createSeenAddresses } from '../lists/duplicates.ts';
import { joinEvents } from '../lists/joined-events.ts';
import { openListIn } from '../lists/spreadsheet.ts';
import { counted } from '../number-text.ts';
import { hashKey } from '../platform/hash-key-file.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createColdRepository } from '../storage/sqlite/cold-repository.ts';
import { createEventLogRepository } from '../storage/sqlite/event-log-repository.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { requireFile, requireWritableFile, settingsOfEnvironment } from './arguments.ts';
import { type CommandGroup, type CommandOptions, defineCommand, type OptionValues } from './command.ts';
import { requireDifferentFiles } from './different-files.ts';
import { CommandFailure } from './failure.ts';
import { openInput } from './list-input.ts';
import { noteCommand, openServiceDatabase } from './service-database.ts';
import { type TemporaryFile, temporaryFile } from './temporary-file.ts';
import { printable } from './terminal.ts';

const text = { type: 'string' } as const;

const periodOptions = {
  from: { ...text, value: 'TIME', help: 'only events at or after this time, such as 2026-11-20' },
  to: { ...text, value: 'TIME', help: 'only events before this time; a day counts to its end' },
} as const satisfies CommandOptions;

const filterOptions = {
  campaign: { ...text, value: 'NAME', help: 'only events of this campaign' },
  list: { ...text, value: 'NAME', help: 'only events of mail to this mailing list' },
  source: { ...text, value: 'NAME', help: 'only events of addresses that were acquired from this source' },
  provider: { ...text, value: 'NAME', help: 'only events at this mailbox provider, such as gmail' },
  'mail-host': {
    ...text,
    value: 'DOMAIN',
    help: 'only bounces at domains with this mail host, such as google.com',
  },
  class: {
    ...text,
    value: 'CLASS',
    choices: bounceClassNames,
    help: 'only events of this class, such as hard',
  },
  reason: { ...text, value: 'REASON', choices: bounceReasonNames, help: 'only events with this reason' },
  status: { ...text, value: 'STATUS', help: 'only events with this enhanced status code, such as 5.1.1' },
  kind: { ...text, value: 'KIND', choices: eventKindNames, help: 'only events of this kind, such as bounce' },
  'reported-by': { ...text, value: 'NAME', help: 'only events that this provider or CRM reported' },
  ...periodOptions,
} as const satisfies CommandOptions;

const exportOptions = {
  with: { ...text, value: 'LIST', help: 'your list (CSV, XLSX or NDJSON); "-" is standard input; required' },
  ...filterOptions,
  'email-column': {
    ...text,
    value: 'COLUMN',
    help: 'the address column of the list: a name, a number from 1 or an NDJSON path; detected by default',
  },
  sheet: { ...text, value: 'SHEET', help: 'the sheet of a workbook: its name or number' },
  output: { ...text, short: 'o', value: 'FILE', help: 'the file; standard output by default' },
  json: { type: 'boolean', help: 'print the counts as JSON' },
} as const satisfies CommandOptions;

type ExportValues = OptionValues<typeof exportOptions>;

const findOptions = {
  ...periodOptions,
  json: { type: 'boolean', help: 'print one JSON object per event, as POST /v1/events/find returns it' },
} as const satisfies CommandOptions;

export const command: CommandGroup = {
  name: 'events',
  summary: 'write the bounce log of a campaign, or show the events of an address',
  about:
    'Reads the log of delivery events in the database of the service (DATABASE_PATH). The log contains hashes of addresses, not the addresses.',
  actions: [
    defineCommand({
      name: 'events export',
      summary: 'write the events of the addresses in your list, as CSV',
      about:
        'Writes the events of the addresses in your list as CSV: one row per event, with its address and the columns of the list. An address that occurs several times in the list is joined with its first row. At the end, prints how many events belong to addresses that are not in the list.',
      options: exportOptions,
      printsResult: ({ output }) => output === undefined || output === '-',
      exit: '0 done, 1 the list cannot be read.',
      examples: [
        'presend events export --with contacts.csv --campaign spring -o bounces.csv --class hard',
        'presend events export --with contacts.csv --from 2026-11-01 --to 2026-11-30 > events.csv',
      ],
      run: ({ values }) => runExport(values),
    }),
    defineCommand({
      name: 'events find',
      operands: 'ADDRESS',
      summary: 'show the events of an address',
      about: 'Shows the events of an address, the latest first.',
      options: findOptions,
      exit: '1 if the log has no event of the address, else 0.',
      examples: ['presend events find jane@example.com'],
      run: ({ operands, values }) => runFind(operands, values),
    }),
  ],
  examples: [
    'presend events export --with contacts.csv --campaign spring -o bounces.csv',
    'presend events find jane@example.com',
  ],
};

/** @throws UsageError about the first invalid option. */
function filterOf(values: Readonly<Record<string, unknown>>): EventFilter {
  const given = eventFilterNames.map((name) => [name, values[optionOf(name)]]);
  const read = readEventFilter(Object.fromEntries(given) as Partial<Record<EventFilterName, string>>);
  if (!read.ok) throw new UsageError(`--${optionOf(read.name)} ${read.detail.replace('"from"', '--from')}`);
  return read.filter;
}

const optionOf = (name: EventFilterName): string => name.replace('_', '-');

async function openLog() {
  const { settings } = await settingsOfEnvironment();
  const { sqlite, database } = await openServiceDatabase(settings.databasePath);
  const now = Date.now();
  return {
    repository: createEventLogRepository(database),
    hasher: nodeHasher(hashKey(settings, sqlite)),
    now: () => now,
    movedBefore: () =>
      coldBefore({ hotMs: settings.eventHotMs, retentionMs: settings.eventRetentionMs }, now),
    /** Prints on standard error that older events of the period are in files, which this command does not search. */
    async noteMoved({ from = 0, to = now }: Pick<EventFilter, 'from' | 'to'>): Promise<void> {
      const files = await createColdRepository(database).filesBetween(from, to);
      if (files.length === 0) return;
      const last = Math.max(...files.map(({ lastAt }) => lastAt));
      process.stderr.write(
        `presend: events up to ${new Date(last).toISOString()} are in files (EVENT_HOT_DAYS), which this command does not search\n`,
      );
    },
    /** Records the export in the audit. */
    noteExport: (amount: number) => noteCommand(database, 'events_exported', { amount }),
    close: () => sqlite.close(),
  };
}

async function runFind(operands: readonly string[], values: OptionValues<typeof findOptions>): Promise<void> {
  const [given, ...others] = operands;
  if (given === undefined || others.length > 0)
    throw new UsageError('events find needs one address, such as jane@example.com');
  const address = recipientAddress(given);
  if (address === null) throw new UsageError(`${printable(given)} is not a valid e-mail address`);
  const period = filterOf(values);
  const { close, noteMoved, ...log } = await openLog();
  try {
    const eventLog = createEventLog(log);
    let found = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await eventLog.find(address, period, { cursor, limit: mostOnLogPage });
      if (page.kind === 'bad_cursor')
        throw new Error(
          'the log did not return all events, because of a fault of presend. Run the command again',
        );
      found += page.events.length;
      for (const event of page.events)
        process.stdout.write(values.json ? `${JSON.stringify(loggedEvent(event))}\n` : lineOf(event));
      if (page.next !== null) {
        cursor = page.next;
        continue;
      }
      if (found === 0) process.stderr.write('presend: the log has no event of this address\n');
      await noteMoved(period);
      if (page.otherKeyIds.length > 0)
        process.stderr.write(
          `presend: the log also has events whose addresses were hashed with earlier keys (ADDRESS_HASH_KEY). Events of this address among them cannot be found. Ids of these keys: ${page.otherKeyIds.join(', ')}\n`,
        );
      process.exitCode = found === 0 ? 1 : 0;
      return;
    }
  } finally {
    close();
  }
}

function lineOf(event: StoredEvent): string {
  const { kind, reason, status, campaign, reportedBy, proof } = event;
  const about = event.class === 'none' ? [kind] : [kind, event.class, reason, ...(status ? [status] : [])];
  const more = [
    ...(campaign === null ? [] : [`campaign ${printable(campaign)}`]),
    `reported by ${reportedBy}`,
    ...(proof === 'unproven' ? ['unproven'] : []),
  ];
  return `${new Date(event.at).toISOString()}  ${about.join(' ')}  (${more.join(', ')})\n`;
}

/** Number of addresses of the list that are kept in memory. The others are in a temporary file. */
const addressesInMemory = 5_000_000;

async function runExport(values: ExportValues): Promise<void> {
  const { with: list, output } = values;
  if (list === undefined)
    throw new UsageError('events export needs --with LIST, such as --with contacts.csv');
  requireFile(list);
  const filter = filterOf(values);
  const file = output === undefined || output === '-' ? null : output;
  requireDifferentFiles([
    ['the list', list],
    ['-o', file],
  ]);
  if (file !== null) requireWritableFile(file);
  const folder = file === null ? tmpdir() : dirname(file);
  const scratch = { digests: temporaryFile(folder), input: temporaryFile(folder) };
  const log = await openLog();
  try {
    const counts = await exportTo(openOutput(file), { list, filter, values, scratch, log });
    await log.noteExport(counts.events);
    const say = file === null ? process.stderr : process.stdout;
    say.write(values.json ? `${JSON.stringify(counts)}\n` : countsText(counts));
    await log.noteMoved(filter);
  } finally {
    log.close();
    for (const each of Object.values(scratch)) each.close();
  }
}

interface ExportRequest {
  readonly list: string;
  readonly filter: EventFilter;
  readonly values: ExportValues;
  readonly scratch: { readonly digests: TemporaryFile; readonly input: TemporaryFile };
  readonly log: Awaited<ReturnType<typeof openLog>>;
}

interface ExportCounts {
  /** Rows of the list, and distinct addresses among them that have events. */
  rows: number;
  addresses: number;
  /** Events that were written. */
  events: number;
  /** Events that match the options and were not written, by the cause. */
  not_in_list: number;
  no_address: number;
  other_key: number;
}

async function exportTo(output: Output, request: ExportRequest): Promise<ExportCounts> {
  const { list, filter: given, values, scratch, log } = request;
  const options = {
    ...(values['email-column'] !== undefined && { emailColumn: values['email-column'] }),
    ...(values.sheet !== undefined && { sheet: values.sheet }),
  };
  try {
    const input = await openInput(list, options, scratch.input, false);
    const opened = input.ok ? await openListIn(input.file, options) : input;
    if (!opened.ok) throw unreadable(list, opened.error);
    const size = input.ok && Number.isFinite(input.file.size) ? input.file.size : 0;
    const counts = { rows: 0, addresses: 0, events: 0 };
    // A filter with an address in a name matches nothing, because presend never stores such names.
    const filter = storedFilter(given);
    const parts = joinEvents({
      list: opened,
      repository: filter === null ? { matching: async () => [] } : log.repository,
      hasher: log.hasher,
      filter: filter ?? {},
      seen: createSeenAddresses({ file: scratch.digests, mostInMemory: addressesInMemory }, size),
    });
    for await (const part of parts) {
      if (part.kind === 'error') throw unreadable(list, part.error);
      counts.rows += part.rows;
      counts.addresses += part.addresses;
      counts.events += part.events;
      await output.write(part.csv);
    }
    const all =
      filter === null
        ? { events: 0, unnamed: 0, otherKey: 0 }
        : await log.repository.count(log.hasher.keyId, filter);
    await output.finish();
    const { unnamed, otherKey } = all;
    return {
      ...counts,
      not_in_list: Math.max(0, all.events - unnamed - otherKey - counts.events),
      no_address: unnamed,
      other_key: otherKey,
    };
  } catch (error) {
    output.discard();
    throw error;
  }
}

const unreadable = (list: string, { code, message }: { readonly code: string; readonly message: string }) =>
  new CommandFailure(code, `${list === '-' ? 'standard input' : list}: ${message} (${code})`);

function countsText(counts: ExportCounts): string {
  const { events, addresses, rows, not_in_list, no_address, other_key } = counts;
  const lines = [
    `${counted(events, 'event')} of ${counted(addresses, 'address', 'addresses')}, in a list of ${counted(rows, 'row')}`,
  ];
  const left = [
    [not_in_list, 'whose addresses are not in the list'],
    [no_address, 'without an address'],
    [other_key, 'whose addresses were hashed with another key (ADDRESS_HASH_KEY)'],
  ] as const;
  for (const [count, which] of left)
    if (count > 0) lines.push(`not written: ${counted(count, 'event')} ${which}`);
  return `${lines.join('\n')}\n`;
}

interface Output {
  /** Resolves when more can be written. */
  write(csv: string): Promise<void>;
  finish(): Promise<void>;
  /** Removes what was written to a file. */
  discard(): void;
}

/** Opens the result. A file has a temporary name until it is complete. */
function openOutput(file: string | null): Output {
  if (file === null)
    return {
      async write(csv) {
        if (csv !== '' && !process.stdout.write(csv)) await once(process.stdout, 'drain');
      },
      finish: async () => {},
      discard: () => {},
    };
  const partial = `${file}.partial`;
  let stream: WriteStream | null = null;
  let failure: Error | null = null;
  const opened = (): WriteStream => {
    stream ??= createWriteStream(partial).on('error', (error) => {
      failure = error;
    });
    return stream;
  };
  return {
    async write(csv) {
      if (failure !== null) throw failure;
      if (csv !== '' && !opened().write(csv)) await once(opened(), 'drain');
    },
    async finish() {
      opened().end();
      await once(opened(), 'close');
      if (failure !== null) throw failure;
      renameSync(partial, file);
    },
    discard() {
      stream?.destroy();
      rmSync(partial, { force: true });
    },
  };
}
