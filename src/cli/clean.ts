// `presend clean`: restarts Node with a small heap, reads the options, and cleans the list.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { legacyEncodings } from '../lists/detect-encoding.ts';
import { parseGoal } from '../lists/goal.ts';
import { messageLanguages } from '../lists/messages.ts';
import { emptyDomainList } from '../overrides/domain-lists.ts';
import { UsageError } from '../platform/usage-error.ts';
import { listProfiles } from '../verdict/decay.ts';
import { exitAfterOutput, oneOf, readMailQuestion, requireFile, wholeNumber } from './arguments.ts';
import { openValidator } from './open-validator.ts';
import { singleArena, smallHeap } from './small-heap.ts';

export const help = `Usage: presend clean LIST -o RESULT [OPTION…]

Adds verdicts to the rows of a list (XLSX, CSV, NDJSON or JSON) and forecasts its bounces. "-" is standard input or output.

  -o, --output FILE              the result; standard output by default. For .xlsx it is a workbook, for .csv CSV
  --report FILE.html             also write the forecast as a page
  --goal RATE                    write only rows that together are forecast to bounce less than this, such as 2%
  --outputs DIR                  write each row into one of the files keep, fix, retry and remove in this folder
  --repair safe                  remove quotes, display names and the like from addresses; typos stay as they are
  --split                        write one row per address if a contact has several
  --drop-duplicates              keep one row per mailbox: the one with the canonical spelling, or else the first one
  --language LANGUAGE            the language of the column ps_message: en, de, fr, es, pt, it, nl, pl or ja
  --profile PROFILE              the kind of list (b2c, b2b or cold), to estimate the age of addresses without a date
  --sample N                     verify N random rows for a quick forecast; no result unless -o is given
  --only ACTION                  keep only rows with this action: accept, confirm, reject or retry; may be repeated
  --max-age-days DAYS            keep the verdicts of an earlier run that are less than so many days old; 90 by default
  --resume                       continue an interrupted run
  --purpose PURPOSE              the kind of mail: marketing (the default), transactional or signup
  --mailing-list NAME            the mailing list you send to; people who unsubscribed from it get "reject"
  --json                         print the summary as JSON
  --patience SECONDS             how long to wait while DNS is unavailable; 300 by default
  --format csv|ndjson            the format of the list; detected by default. XLSX is always detected
  --sheet SHEET                  the sheet of a workbook: its name or number; by default the first one with addresses
  --encoding ENCODING            such as utf-8, windows-1252 or shift_jis; detected by default
  --delimiter CHARACTER          the CSV delimiter; detected by default
  --header, --no-header          whether the first row is a header; detected by default
  --email-column COLUMN          the address column: a name, a number from 1 or an NDJSON path; detected by default
  --last-verified-column COLUMN  the column with the date on which mail last arrived; detected by default
  --source-column COLUMN         the column that says where a contact was acquired; detected by default

Exit status: 0 done, 1 the file cannot be read as a list, 4 DNS was unavailable for too long (--resume continues).

Examples:
  presend clean contacts.csv -o clean.csv --report forecast.html
  presend clean contacts.xlsx -o clean.xlsx
  presend clean contacts.csv -o mailable.csv --only accept
  presend clean contacts.csv -o clean.csv --resume
`;

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      'max-age-days': { type: 'string', default: '90' },
      only: { type: 'string', multiple: true },
      purpose: { type: 'string' },
      'mailing-list': { type: 'string' },
      report: { type: 'string' },
      resume: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      format: { type: 'string' },
      sheet: { type: 'string' },
      encoding: { type: 'string' },
      delimiter: { type: 'string' },
      header: { type: 'boolean' },
      split: { type: 'boolean', default: false },
      goal: { type: 'string' },
      outputs: { type: 'string' },
      repair: { type: 'string' },
      'drop-duplicates': { type: 'boolean', default: false },
      language: { type: 'string' },
      profile: { type: 'string' },
      sample: { type: 'string' },
      'email-column': { type: 'string' },
      'last-verified-column': { type: 'string' },
      'source-column': { type: 'string' },
      patience: { type: 'string', default: '300' },
    },
    allowNegative: true,
  });
  const [input] = positionals;
  if (input === undefined || positionals.length > 1)
    throw new UsageError('clean needs one list, such as contacts.csv');
  requireFile(input);
  beginAgainWithSmallHeap();
  const { json, report, resume } = values;
  const wanted = readWanted(values);
  const result = values.output ?? defaultResult(input, wanted);
  if (resume && (input === '-' || result === '-'))
    throw new UsageError(
      '--resume needs files for the list and for the result (-o FILE), not standard input or output',
    );
  // Load these modules only after the restart, because modules loaded before it are loaded again.
  const { clean } = await import('./clean-run.ts');
  const { noProgress, progressLine } = await import('./clean-output.ts');
  const encoding = oneOf('--encoding', encodingCalled(values.encoding), encodings);
  const format = oneOf('--format', values.format, ['csv', 'ndjson'] as const);
  const only = values.only
    ?.flatMap((text) => text.split(','))
    .map((text) => oneOf('--only', text, ['accept', 'confirm', 'reject', 'retry'] as const)!);
  const { purpose, 'mailing-list': list } = values;
  const question =
    purpose === undefined && list === undefined
      ? undefined
      : readMailQuestion(purpose, '--mailing-list', list);
  const { validator, settings, close } = await openValidator(
    { allow: emptyDomainList, deny: emptyDomainList },
    // `cleanList` itself remembers the answers for the domains of the list, so the validator's cache can be small.
    { leastTimeoutMs: 5000, batchTimeoutMs: 86_400_000, maxKept: 3000 },
  );
  process.exitCode = await clean(
    {
      input,
      output: result,
      list: {
        ...(format && { format }),
        ...(encoding && { encoding }),
        ...(values.sheet !== undefined && { sheet: values.sheet }),
        ...(values.delimiter !== undefined && { delimiter: values.delimiter.replace('\\t', '\t') }),
        ...(values.header !== undefined && { header: values.header }),
        ...(values.split && { split: true }),
        ...(values['email-column'] !== undefined && { emailColumn: values['email-column'] }),
        ...(values['last-verified-column'] !== undefined && {
          lastVerifiedColumn: values['last-verified-column'],
        }),
        ...(values['source-column'] !== undefined && { sourceColumn: values['source-column'] }),
      },
      maxAgeDays: wholeNumber('--max-age-days', values['max-age-days']),
      ...(only && { only }),
      ...(question && { question }),
      ...wanted,
      writing: { ...(settings.listProfile && { profile: settings.listProfile }), ...wanted.writing },
      dropDuplicates: values['drop-duplicates'],
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
  exitAfterOutput();
}

interface WantedValues {
  readonly goal?: string;
  readonly outputs?: string;
  readonly repair?: string;
  readonly language?: string;
  readonly profile?: string;
  readonly sample?: string;
  readonly only?: readonly string[];
  readonly output?: string;
  readonly resume: boolean;
}

/** @throws UsageError if the options contradict each other. */
function readWanted(values: WantedValues) {
  const { outputs } = values;
  const goal = values.goal === undefined ? undefined : (parseGoal(values.goal) ?? undefined);
  if (values.goal !== undefined && goal === undefined)
    throw new UsageError('--goal must be a rate above 0 and below 100%, such as 2% or 0.02');
  const toFile = values.output !== undefined && values.output !== '-';
  if (goal !== undefined && !toFile && outputs === undefined)
    throw new UsageError('--goal needs a file for the result: -o FILE, or --outputs DIR');
  if (outputs !== undefined && (values.only !== undefined || values.output === '-'))
    throw new UsageError(
      '--outputs cannot be combined with --only, or with the result on standard output (-o -)',
    );
  const sample = values.sample === undefined ? undefined : wholeNumber('--sample', values.sample);
  if (sample === 0) throw new UsageError('--sample must be at least 1');
  if (sample !== undefined && values.resume)
    throw new UsageError('--sample cannot be combined with --resume');
  const language = oneOf('--language', values.language, messageLanguages);
  const profile = oneOf('--profile', values.profile, listProfiles);
  const repair = oneOf('--repair', values.repair, ['safe'] as const);
  return {
    ...(goal !== undefined && { goal }),
    ...(outputs !== undefined && { outputs }),
    ...(sample !== undefined && { sample }),
    writing: {
      ...(repair && { repair: true }),
      ...(language && { language }),
      ...(profile && { profile }),
    },
  };
}

/**
 * The path of the result if `-o` is absent: a file in the folder of `--outputs`; without that folder, null (no result)
 * for a sample, else `-` (standard output).
 */
function defaultResult(
  input: string,
  { outputs, sample }: { readonly outputs?: string; readonly sample?: number },
): string | null {
  if (outputs !== undefined) {
    const isWorkbook = /\.xls[xm]$/i.test(input);
    const isJson = /\.(ndjson|jsonl|json)$/i.test(input);
    return join(outputs, isWorkbook ? 'all.xlsx' : isJson ? 'all.ndjson' : 'all.csv');
  }
  return sample === undefined ? '-' : null;
}

/**
 * Restarts the command with a small heap, in the same process (`execve`). Does nothing if the system does not support it.
 */
function beginAgainWithSmallHeap(): void {
  if (process.platform === 'win32' || smallHeap.some((flag) => process.execArgv.includes(flag))) return;
  const [program, ...args] = process.argv;
  const environment = { ...process.env, ...singleArena };
  process.execve?.(program!, [program!, ...process.execArgv, ...smallHeap, ...args], environment);
}

/** The name of the encoding that has a label in the Encoding Standard, such as `latin1`. Any other text is unchanged. */
function encodingCalled(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    // GB18030 contains GBK, and its decoder is the same.
    return encoding === 'gb18030' ? 'gbk' : encoding;
  } catch {
    return label;
  }
}

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', ...legacyEncodings] as const;
