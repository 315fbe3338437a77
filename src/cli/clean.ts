// `presend clean`: restarts Node with a small heap, reads the options, and cleans the list.

import { join } from 'node:path';
import type { Mailbox } from '../address/mailbox.ts';
import { minuteMs } from '../durations.ts';
import { legacyEncodings } from '../encoding/detect-encoding.ts';
import { emptyDomainList } from '../overrides/domain-lists.ts';
import { UsageError } from '../platform/usage-error.ts';
import { exitAfterOutput, readMailQuestion, requireFile, requireWritableFile } from './arguments.ts';
import { type CleanArguments, canResume } from './clean-arguments.ts';
import { type CleanValues, cleanOptions, readWanted } from './clean-options.ts';
import { defineCommand } from './command.ts';
import { requireDifferentFiles } from './different-files.ts';
import { failureJson } from './failure.ts';
import { openValidator } from './open-validator.ts';
import { resumeCommand } from './resume-command.ts';
import { singleArena, smallHeap } from './small-heap.ts';

/** The exit status of a process that Ctrl-C ended, as shells have it: 128 plus the number of the signal. */
const interruptedStatus = 130;

export const command = defineCommand({
  name: 'clean',
  operands: 'LIST',
  takesFiles: true,
  summary: 'add verdicts to a CSV, XLSX or NDJSON list and forecast its bounces',
  about:
    'Adds verdicts to the rows of a list (XLSX, CSV, NDJSON or JSON) and forecasts its bounces. "-" is standard input or output. Ctrl-C stops the run. If the list and the result are files, --resume continues it.',
  options: cleanOptions,
  exit: '0 done, 1 the file cannot be read as a list, 4 DNS was unavailable for too long (--resume continues).',
  examples: [
    'presend clean contacts.csv -o clean.csv --report forecast.html',
    'presend clean contacts.xlsx -o clean.xlsx',
    'presend clean contacts.csv -o mailable.csv --only accept',
    'presend clean contacts.csv -o clean.csv --resume',
  ],
  printsResult: ({ output, outputs, sample }) =>
    output === '-' || (output === undefined && outputs === undefined && sample === undefined),
  run: ({ operands, values }) => runClean(operands, values),
});

async function runClean(operands: readonly string[], values: CleanValues): Promise<void> {
  const [input] = operands;
  if (input === undefined || operands.length > 1)
    throw new UsageError('clean needs one list, such as contacts.csv');
  requireFile(input);
  beginAgainWithSmallHeap();
  const { json, report, resume } = values;
  const wanted = readWanted(values);
  const result = values.output ?? defaultResult(input, wanted);
  requireDifferentFiles([
    ['the list', input],
    ['-o', result],
    ['--report', report],
  ]);
  if (resume && (input === '-' || result === '-'))
    throw new UsageError(
      '--resume needs files for the list and for the result (-o FILE), not standard input or output',
    );
  if (report !== undefined) requireWritableFile(report);
  const delimiter = values.delimiter?.replace('\\t', '\t');
  if (delimiter !== undefined && [...delimiter].length !== 1)
    throw new UsageError('--delimiter must be one character, such as ";" or "\\t"');
  // Load these modules only after the restart, because modules loaded before it are loaded again.
  const { clean } = await import('./clean-run.ts');
  const { startProgress } = await import('./clean-output.ts');
  const encoding = encodings.find((each) => each === encodingCalled(values.encoding));
  if (values.encoding !== undefined && encoding === undefined)
    throw new UsageError(
      '--encoding must be one of utf-8, utf-16le, windows-1252, shift_jis and others in docs/lists.md; iconv converts a file of any other',
    );
  const { format, only, purpose, 'mailing-list': list } = values;
  const question =
    purpose === undefined && list === undefined
      ? undefined
      : readMailQuestion(purpose, '--mailing-list', list);
  const { validator, engagement, settings, close } = await openValidator(
    { allow: emptyDomainList, deny: emptyDomainList },
    // `cleanList` itself remembers the answers for the domains of the list, so the validator's cache can be small.
    { leastTimeoutMs: 5000, batchTimeoutMs: 86_400_000, maxKept: 3000 },
  );
  const progress = startProgress();
  process.once('SIGINT', () => interrupt(progress, { input, output: result, ...wanted }, json));
  process.exitCode = await clean(
    {
      input,
      output: result,
      list: {
        ...(format && { format }),
        ...(encoding && { encoding }),
        ...(values.sheet !== undefined && { sheet: values.sheet }),
        ...(delimiter !== undefined && { delimiter }),
        ...(values.header !== undefined && { header: values.header }),
        ...(values.split && { split: true }),
        ...(values['email-column'] !== undefined && { emailColumn: values['email-column'] }),
        ...(values['last-verified-column'] !== undefined && {
          lastVerifiedColumn: values['last-verified-column'],
        }),
        ...(values['source-column'] !== undefined && { sourceColumn: values['source-column'] }),
      },
      maxAgeDays: values['max-age-days'],
      ...(only && { only }),
      ...(question && { question }),
      ...wanted,
      writing: { ...(settings.listProfile && { profile: settings.listProfile }), ...wanted.writing },
      dropDuplicates: values['drop-duplicates'],
      ...(report !== undefined && { report }),
      resume,
      proof: values.proof,
      json,
      patience: values.patience,
    },
    {
      validator,
      engagement,
      now: Date.now,
      progress,
      ...(values.proof && {
        prove: async (mailboxes: readonly Mailbox[], onProgress: (settled: number, all: number) => void) => {
          const { probeMailboxes, proofsOf } = await import('./probe.ts');
          const until = Date.now() + values['proof-wait'] * minuteMs;
          return proofsOf(await probeMailboxes(mailboxes, settings, { until, onProgress }));
        },
      }),
      say: (text) => (result === '-' ? process.stderr : process.stdout).write(text),
      warn: (text) => process.stderr.write(text),
    },
  );
  close();
  exitAfterOutput();
}

/** Ends the process on Ctrl-C. What was written until the last checkpoint, a fraction of a second ago, is not lost. */
function interrupt(
  progress: { end(): void },
  run: Pick<CleanArguments, 'input' | 'output' | 'sample'>,
  json: boolean,
): never {
  progress.end();
  const message = canResume(run)
    ? `interrupted. Continue with: ${resumeCommand(process.argv.slice(2))}`
    : 'interrupted. Only a run from a file to a file (-o FILE), without --sample, can be continued';
  process.stderr.write(`presend: ${message}\n`);
  if (json) (run.output === '-' ? process.stderr : process.stdout).write(failureJson('interrupted', message));
  process.exit(interruptedStatus);
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
