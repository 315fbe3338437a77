// `presend backtest`: compares the verdicts on a list with the bounces of a campaign that was sent to it.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dayName } from '../calendar.ts';
import { createColdReader } from '../events/cold/cold-reader.ts';
import type { BounceSelection } from '../events/event-repository.ts';
import { backtestReportPage, shareText } from '../lists/backtest-report.ts';
import { type CampaignBounces, noBounces } from '../lists/bounce-file.ts';
import type { ListError } from '../lists/list-error.ts';
import type { ListOptions } from '../lists/record-format.ts';
import { bouncePeriod, recordedBounces } from '../lists/recorded-bounces.ts';
import { type BacktestResult, runBacktest } from '../lists/run-backtest.ts';
import type { ListFile } from '../lists/spreadsheet.ts';
import { counted, groupedCount } from '../number-text.ts';
import { emptyDomainList } from '../overrides/domain-lists.ts';
import { filesFolder } from '../platform/data-places.ts';
import { openDatabase } from '../platform/database-file.ts';
import { hashKey } from '../platform/hash-key-file.ts';
import { UsageError } from '../platform/usage-error.ts';
import { nodeFiles } from '../storage/files/disk.ts';
import { createColdRepository } from '../storage/sqlite/cold-repository.ts';
import { createEventRepository } from '../storage/sqlite/event-repository.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import type { ShareEstimate } from '../verdict/share-interval.ts';
import { parseCellDate } from '../written-dates.ts';
import { exitAfterOutput, requireFile, requireWritableFile, settingsOfEnvironment } from './arguments.ts';
import { type CommandOptions, defineCommand, type OptionValues } from './command.ts';
import { requireDifferentFiles } from './different-files.ts';
import { CommandFailure } from './failure.ts';
import { openInput } from './list-input.ts';
import { openValidator } from './open-validator.ts';
import { type TemporaryFile, temporaryFile } from './temporary-file.ts';

const backtestOptions = {
  report: { type: 'string', value: 'FILE', help: 'also write the result as a page, such as backtest.html' },
  sent: {
    type: 'string',
    value: 'DATE',
    help: 'the day on which the campaign was sent, such as 2026-11-20; verdicts use how old the addresses were on that day; by default the day of --from, or today',
  },
  events: { type: 'boolean', help: 'use the bounces that the service recorded in its database' },
  campaign: { type: 'string', value: 'NAME', help: 'with --events: only bounces of this campaign' },
  source: {
    type: 'string',
    value: 'NAME',
    help: 'with --events: only bounces of addresses that were acquired from this source',
  },
  from: {
    type: 'string',
    value: 'DATE',
    help: 'with --events: the first day of the bounces; by default the day of --sent, or 29 days before --to',
  },
  to: {
    type: 'string',
    value: 'DATE',
    help: 'with --events: the last day of the bounces; by default today, or 29 days after the first day if that is earlier',
  },
  'email-column': {
    type: 'string',
    value: 'COLUMN',
    help: 'the address column of the list: a name, a number from 1 or an NDJSON path; detected by default',
  },
  sheet: {
    type: 'string',
    value: 'SHEET',
    help: 'the sheet of LIST, if it is a workbook: its name or number; by default the first one with addresses',
  },
  json: { type: 'boolean', help: 'print the result as JSON' },
  patience: {
    type: 'integer',
    value: 'SECONDS',
    default: 300,
    help: 'how long to wait while DNS is unavailable',
  },
} as const satisfies CommandOptions;

type BacktestValues = OptionValues<typeof backtestOptions>;

export const command = defineCommand({
  name: 'backtest',
  operands: 'LIST [BOUNCES]',
  takesFiles: true,
  summary: 'compare the verdicts on a list with the bounces of a campaign',
  about: [
    'Compares a list, as it was before a campaign, with the bounces of the campaign: how many bounces presend would have prevented, how many good addresses it would have left out, and how accurate its probabilities are.',
    'LIST is a result of presend clean from before the campaign, or a list without verdicts, which is verified now. BOUNCES is the export of your email service provider or a file of addresses. Both are CSV, XLSX or NDJSON. Soft bounces and deliveries in it do not count. With --events, the bounces are those that the service recorded in its database (DATABASE_PATH). "-" is standard input.',
  ].join('\n'),
  options: backtestOptions,
  exit: '0 done, 1 a file cannot be read, 4 DNS was unavailable for too long.',
  examples: [
    'presend backtest clean.csv bounces.csv --report backtest.html',
    'presend backtest contacts.csv bounces.csv --sent 2026-11-20',
    'presend backtest contacts.csv --events --campaign autumn --sent 2026-11-20',
  ],
  run: ({ operands, values }) => runComparison(operands, values),
});

/** @throws UsageError if an argument is missing or invalid, or if two contradict each other. */
function readArguments(operands: readonly string[], values: BacktestValues) {
  const [list, file] = operands;
  if (list === undefined || (file === undefined) !== values.events || operands.length > 2)
    throw new UsageError(
      'backtest needs a list and its bounces, such as contacts.csv bounces.csv, or a list and --events',
    );
  requireFile(list);
  if (file !== undefined) requireFile(file);
  if (values.report !== undefined) {
    requireDifferentFiles([
      ['the list', list],
      ['the bounces', file],
      ['--report', values.report],
    ]);
    requireWritableFile(values.report);
  }
  if (list === '-' && file === '-') throw new UsageError('only one of the files can be standard input');
  const unused = (['campaign', 'source', 'from', 'to'] as const).find((name) => values[name] !== undefined);
  if (unused !== undefined && !values.events) throw new UsageError(`--${unused} needs --events`);
  const sent = dateIn('--sent', values.sent);
  const first = dateIn('--from', values.from);
  const period = bouncePeriod({ sentAt: sent, first, last: dateIn('--to', values.to) }, Date.now());
  if (period === null)
    throw new UsageError('the first day (--from or --sent) must not be after the last day (--to, or today)');
  const { campaign, source } = values;
  return {
    list,
    file,
    sentAt: sent ?? first ?? Date.now(),
    selection: { ...period, campaign, source },
  };
}

async function runComparison(operands: readonly string[], values: BacktestValues): Promise<void> {
  const { list, file, sentAt, selection } = readArguments(operands, values);
  const emailColumn = values['email-column'];
  const listOptions: ListOptions = {
    ...(emailColumn !== undefined && { emailColumn }),
    ...(values.sheet !== undefined && { sheet: values.sheet }),
  };
  const spool = temporaryFile(tmpdir());
  const opened = await openInput(list, listOptions, spool, false);
  if (!opened.ok) throw unreadable(list, opened.error);
  const bounces = file === undefined ? await openRecorded(selection) : await openBounces(file, spool);
  const { validator, close } = await openValidator(
    { allow: emptyDomainList, deny: emptyDomainList },
    { leastTimeoutMs: 5000, batchTimeoutMs: 86_400_000, maxKept: 3000, asksSuppressions: false },
  );
  const outcome = await runBacktest({
    list: opened.file,
    bounces,
    listOptions,
    sentAt,
    validator,
    patienceMs: values.patience * 1000,
    wait: (ms) => wait(ms),
  });
  close();
  spool.close();
  if (outcome.kind === 'outage')
    throw new CommandFailure(
      'dns_unreachable',
      'DNS is unreachable. Run the command again when DNS is available.',
      4,
    );
  if (outcome.kind !== 'done') {
    const { file: wrong, error } = outcome;
    throw unreadable(wrong === 'list' ? list : file!, error);
  }
  const { result } = outcome;
  if (values.report !== undefined) {
    const name = list === '-' ? null : basename(list);
    writeFileSync(values.report, backtestReportPage(result, dayName(sentAt), name));
  }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : backtestTable(result));
  exitAfterOutput();
}

const unreadable = (file: string, { code, message }: ListError): CommandFailure =>
  new CommandFailure(code, `${file}: ${message} (${code})`);

/** @throws CommandFailure if the file is a workbook that cannot be read. */
async function openBounces(file: string, spool: TemporaryFile): Promise<ListFile | CampaignBounces> {
  const opened = await openInput(file, {}, spool, false);
  if (opened.ok) return opened.file;
  // A workbook without rows is the good news of a campaign without bounces, like an empty file.
  if (opened.error.code === 'no_rows') return noBounces;
  throw unreadable(file, opened.error);
}

/** Epoch milliseconds; undefined if the option is not given. */
function dateIn(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseCellDate(text);
  if (at === null) throw new UsageError(`${option} must be a date such as 2026-11-20`);
  return at;
}

/** @throws CommandFailure if nothing is recorded about the selected mail. */
async function openRecorded(selection: BounceSelection): Promise<CampaignBounces> {
  const { settings } = await settingsOfEnvironment();
  const { sqlite, database } = openDatabase(settings.databasePath);
  const hasher = nodeHasher(hashKey(settings, sqlite));
  const older = createColdReader({
    repository: createColdRepository(database),
    files: nodeFiles(filesFolder(settings)),
    onFailure: (_, file) =>
      process.stderr.write(`presend: ${file} cannot be read, so the delivery events in it are not counted\n`),
  });
  const repository = createEventRepository(database);
  const bounces = await recordedBounces({ repository, hasher, older })(selection);
  if (bounces === null)
    throw new CommandFailure(
      'no_events',
      `${settings.databasePath}: no recorded delivery event matches. Check --campaign and --source, and set --from and --to to search more than 30 days`,
      2,
    );
  return bounces;
}

/** The result as text for people. */
function backtestTable(result: BacktestResult): string {
  const { addresses, bounces, bounce_rate: rate, forecast, policies, signals, calibration } = result;
  const lines = [
    `${counted(addresses, 'address', 'addresses')}, ${counted(bounces.hard, 'hard bounce')}: ${shareText(rate)}`,
    `forecast: ${shareText(forecast.rate)} (90% interval: ${shareText(forecast.low)} to ${shareText(forecast.high)}), the bounce rate is ${forecast.held ? 'within' : 'outside'} the interval`,
  ];
  const also = [
    ['bounces of addresses that are not on the list', bounces.not_on_list],
    ['rows of BOUNCES, or recorded events, that are not hard bounces', bounces.not_hard],
    ['rows of BOUNCES that do not say whether the bounce was hard', bounces.unclear],
    ['rows without a valid address', bounces.unreadable],
  ] as const;
  for (const [what, count] of also) if (count > 0) lines.push(`${what}, not counted: ${groupedCount(count)}`);
  if (result.verified_now > 0)
    lines.push(
      `rows that had no verdict, or the verdict "unknown", and were verified now: ${groupedCount(result.verified_now)}`,
    );
  for (const policy of policies)
    lines.push(
      '',
      policy.leave_out === 'reject'
        ? 'if you had left out the addresses to reject'
        : 'if you had left out the addresses to reject or confirm',
      `  ${'bounces avoided'.padEnd(16)}${groupedCount(policy.caught).padStart(10)}  ${share(policy.catch_rate)}`,
      `  ${'people lost'.padEnd(16)}${groupedCount(policy.false_alarms).padStart(10)}  ${share(policy.false_alarm_rate)}`,
      `  ${'bounce rate'.padEnd(16)}${shareText(policy.bounce_rate).padStart(10)}`,
    );
  lines.push(
    '',
    `  ${'reason'.padEnd(26)}${'addresses'.padStart(12)}${'bounced'.padStart(10)}${'expected'.padStart(10)}`,
  );
  for (const { reason, addresses: of, bounced, expected } of signals)
    lines.push(
      `  ${reason.padEnd(26)}${groupedCount(of).padStart(12)}${groupedCount(bounced).padStart(10)}${groupedCount(Math.round(expected)).padStart(10)}`,
    );
  lines.push(
    '',
    `  ${'predicted probability'.padEnd(26)}${'addresses'.padStart(12)}${'predicted'.padStart(10)}  bounced`,
  );
  for (const { from, to, addresses: of, expected_rate: expected, observed } of calibration.bins)
    lines.push(
      `  ${`${from} to ${to}`.padEnd(26)}${groupedCount(of).padStart(12)}${shareText(expected).padStart(10)}  ${share(observed)}`,
    );
  return `${lines.join('\n')}\n`;
}

const share = ({ share: value, low, high }: ShareEstimate): string =>
  value === null ? '–' : `${shareText(value)} (90% interval: ${shareText(low)} to ${shareText(high)})`;
