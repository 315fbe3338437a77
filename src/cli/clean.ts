// `presend clean`: read the options and restart on a small heap, then clean the list.

import { parseArgs } from 'node:util';
import { legacyEncodings } from '../lists/detect-encoding.ts';
import { emptyDomainList } from '../overrides/domain-lists.ts';
import { UsageError } from '../platform/usage-error.ts';
import {
  listScope,
  type MailPurpose,
  type MailQuestion,
  mailPurposes,
  marketingMail,
} from '../suppression/scope.ts';
import { exitAfterOutput, oneOf, requireFile, wholeNumber } from './arguments.ts';
import { openValidator } from './open-validator.ts';
import { singleArena, smallHeap } from './small-heap.ts';

export const help = `Usage: presend clean LIST -o RESULT [OPTION…]

Adds verdicts to the rows of a CSV or NDJSON list and forecasts its bounces. "-" is standard input or output.

  -o, --output FILE              the result; standard output by default
  --report FILE.html             also write the forecast as a page
  --only ACTION                  keep only rows with this action: accept, confirm, reject or retry; may be repeated
  --max-age-days DAYS            rows verified within this many days keep their verdict; 90 by default
  --resume                       continue an interrupted run
  --purpose PURPOSE              the mail that the list is for: marketing (the default), transactional or signup
  --mailing-list NAME            the list that the mail belongs to, for unsubscribes from it alone
  --json                         print the summary as JSON
  --patience SECONDS             how long to wait while DNS is unavailable; 300 by default
  --format csv|ndjson            the format; detected by default
  --encoding ENCODING            utf-8, utf-16le, utf-16be or windows-1252; detected by default
  --delimiter CHARACTER          the CSV delimiter; detected by default
  --header, --no-header          whether the first row is a header; detected by default
  --email-column COLUMN          a name, a number from 1 or an NDJSON path; detected by default
  --last-verified-column COLUMN
  --source-column COLUMN

Exit status: 0 done, 1 the file is not a list, 4 DNS was unavailable for too long (--resume continues).

Examples:
  presend clean contacts.csv -o clean.csv --report forecast.html
  presend clean contacts.csv -o mailable.csv --only accept
  presend clean contacts.csv -o clean.csv --resume
`;

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: '-' },
      'max-age-days': { type: 'string', default: '90' },
      only: { type: 'string', multiple: true },
      purpose: { type: 'string' },
      'mailing-list': { type: 'string' },
      report: { type: 'string' },
      resume: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      format: { type: 'string' },
      encoding: { type: 'string' },
      delimiter: { type: 'string' },
      header: { type: 'boolean' },
      split: { type: 'boolean', default: false },
      'email-column': { type: 'string' },
      'last-verified-column': { type: 'string' },
      'source-column': { type: 'string' },
      patience: { type: 'string', default: '300' },
    },
    allowNegative: true,
  });
  const [input] = positionals;
  if (input === undefined || positionals.length > 1) throw new UsageError('clean needs one list');
  requireFile(input);
  beginAgainWithSmallHeap();
  const { output: result, json, report, resume } = values;
  if (resume && (input === '-' || result === '-'))
    throw new UsageError('--resume requires files for the list and the result, not "-"');
  // Load these only after the restart on the small heap, so that nothing is loaded twice.
  const { clean } = await import('./clean-run.ts');
  const { noProgress, progressLine } = await import('./clean-output.ts');
  const encoding = oneOf('--encoding', values.encoding, encodings);
  const format = oneOf('--format', values.format, ['csv', 'ndjson'] as const);
  const only = values.only
    ?.flatMap((text) => text.split(','))
    .map((text) => oneOf('--only', text, ['accept', 'confirm', 'reject', 'retry'] as const)!);
  const question = questionOf(oneOf('--purpose', values.purpose, mailPurposes), values['mailing-list']);
  const { validator, close } = await openValidator(
    { allow: emptyDomainList, deny: emptyDomainList },
    // A list keeps its own domain facts.
    { leastTimeoutMs: 5000, batchTimeoutMs: 86_400_000, maxKept: 3000 },
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

/** Undefined: marketing mail to no list in particular. */
function questionOf(purpose: MailPurpose | undefined, list: string | undefined): MailQuestion | undefined {
  if (list !== undefined && listScope(list) === null)
    throw new UsageError('--mailing-list must be the name of a list');
  if (purpose === undefined && list === undefined) return undefined;
  return { purpose: purpose ?? marketingMail.purpose, list: list ?? null };
}

/** Restarts the command in the same process with a small heap, if the system supports it. */
function beginAgainWithSmallHeap(): void {
  if (process.platform === 'win32' || smallHeap.some((flag) => process.execArgv.includes(flag))) return;
  const [program, ...args] = process.argv;
  const environment = { ...process.env, ...singleArena };
  process.execve?.(program!, [program!, ...process.execArgv, ...smallHeap, ...args], environment);
}

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', ...legacyEncodings] as const;
