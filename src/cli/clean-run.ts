// One run of `presend clean`: reads a list from a file or standard input, and writes the result to a file or standard output.

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dayName } from '../calendar.ts';
import { type CleanedPart, cleanList } from '../lists/clean-list.ts';
import { headOf, headOfSome } from '../lists/clean-slice.ts';
import { type DetectedEncoding, isLegacy } from '../lists/decode.ts';
import { createSeenAddresses } from '../lists/duplicates.ts';
import type { ListError } from '../lists/list-error.ts';
import { type OpenedList, openList } from '../lists/read-list.ts';
import { rejectsHeader, rejectsLine } from '../lists/rejects.ts';
import { listReportPage } from '../lists/report.ts';
import { sampledParts } from '../lists/sample.ts';
import type { SetAside } from '../lists/shape.ts';
import { type ListSummary, summaryOf } from '../lists/summary.ts';
import { addTally } from '../lists/tally.ts';
import type { Validator } from '../validator/validate.ts';
import type { CleanArguments } from './clean-arguments.ts';
import { fileBytes } from './clean-files.ts';
import { type ProgressDisplay, summaryTable } from './clean-output.ts';
import { openRun, type Run, runToNothing, runToStandardOutput } from './clean-result.ts';

export interface CleanSurroundings {
  readonly validator: Validator;
  readonly now: () => number;
  readonly progress: ProgressDisplay;
  /** Prints the summary: to standard output, unless the result goes there. */
  readonly say: (text: string) => void;
  /** Prints warnings and errors. */
  readonly warn: (text: string) => void;
}

// Exit statuses of the command.
const done = 0;
/** The input is not a list, or cannot be read to its end. */
const refused = 1;
/** DNS was unavailable for too long. `--resume` continues the run. */
const unfinished = 4;

/** Number of rows that are processed together. It is small so their memory is soon free and can be reused. */
const rowsAtOnce = 512;

/** Cleans a list and returns the exit status. The result has a temporary name until it is complete. */
export async function clean(args: CleanArguments, around: CleanSurroundings): Promise<number> {
  const { warn } = around;
  const bytes = args.input === '-' ? process.stdin : fileBytes(args.input);
  if (args.outputs !== undefined) mkdirSync(args.outputs, { recursive: true });
  const run =
    args.output === null
      ? runToNothing(around.now())
      : args.output === '-'
        ? runToStandardOutput(around.now())
        : await openRun(args, args.output, around.now());
  if (typeof run === 'string') {
    warn(`presend: ${run}\n`);
    return 2;
  }
  const opened = await openList(bytes, { ...args.list, rowsAtOnce });
  if (!opened.ok) {
    await run.discard();
    return refuse(opened.error, warn);
  }
  const { shape, start } = opened;
  if (isLegacy(start.encoding))
    warn(
      `presend: the list seems to have the encoding ${start.encoding}. If names look wrong, set another one with --encoding.\n`,
    );
  const isPart =
    args.only !== undefined ||
    args.sample !== undefined ||
    (args.dropDuplicates && args.outputs === undefined);
  const head = headOfSome(shape, headOf(shape, opened.head), isPart);
  if (run.byte < start.byte) await run.write(head, start.byte);

  const { last, setAside, contacts, encoding } = await cleanRows(args, around, opened, run);
  if (last?.kind === 'error') {
    await run.discard();
    return refuse(last.error, warn);
  }
  if (last?.kind === 'outage') {
    await run.suspend();
    const how =
      args.output === '-' || args.output === null
        ? 'Run the command again when DNS is available.'
        : 'Continue with --resume when DNS is available.';
    warn(`presend: DNS is unreachable. ${run.tally.rows} rows are finished. ${how}\n`);
    return unfinished;
  }
  // First, because a run that is killed after `finish` is complete and cannot be resumed.
  if (setAside.length > 0) reportSetAside(args, setAside, warn);
  const derived = await run.finish({ shape, head });
  const summary: ListSummary = {
    ...summaryOf(run.tally, shape, encoding),
    duplicates_dropped: args.dropDuplicates,
    ...derived,
    ...(args.sample !== undefined && { sample: { rows: run.tally.rows, of: contacts } }),
  };
  if (args.report !== undefined) writeReport(args.report, args.input, summary, run);
  around.say(args.json ? `${JSON.stringify(summary)}\n` : summaryTable(summary));
  return done;
}

/**
 * Cleans the rows of an opened list and writes them to `run`. Returns the last part (null for an empty list), which may
 * be an error or an outage; the records that could not be read; for a sample, the number of contacts in the whole list; and
 * the encoding that the file turned out to have.
 */
async function cleanRows(
  args: CleanArguments,
  { validator, progress }: CleanSurroundings,
  { shape, parts, start }: OpenedList & { readonly ok: true },
  run: Run,
): Promise<{
  last: CleanedPart | null;
  setAside: readonly SetAside[];
  contacts: number;
  encoding: DetectedEncoding;
}> {
  const total = args.input === '-' ? null : statSync(args.input).size;
  const setAside: SetAside[] = [];
  let contacts = 0;
  let { encoding } = start;
  const chosen =
    args.sample === undefined
      ? parts
      : sampledParts(parts, args.sample, (count) => {
          contacts = count;
        });
  progress.begin(total, run.byte, run.tally.rows);
  let last: CleanedPart | null = null;
  for await (const part of cleanList(chosen, shape, {
    validator,
    asOf: run.asOf,
    maxAgeDays: args.maxAgeDays,
    question: args.question,
    ...(args.only && { only: args.only }),
    // With `--outputs`, duplicates stay in the result: `deriveFiles` writes them to the file `remove`.
    writing: { ...args.writing, dropDuplicates: args.dropDuplicates && args.outputs === undefined },
    byMailbox: args.dropDuplicates,
    seen: createSeenAddresses(total ?? Number.POSITIVE_INFINITY),
    fromByte: run.byte,
    patienceMs: args.patience * 1000,
    wait: (ms) => wait(ms),
    onOutage: (out) => progress.outage(out),
    onSetAside: (records) => setAside.push(...records),
  })) {
    last = part;
    if (part.kind !== 'rows') break;
    encoding = part.next.encoding;
    addTally(run.tally, part.tally);
    await run.write(part.text, part.next.byte);
    progress.at(part.next.byte, run.tally.rows);
  }
  progress.end();
  return { last, setAside, contacts, encoding };
}

function refuse({ message, code }: ListError, warn: (text: string) => void): number {
  warn(`presend: ${message} (${code}) The run was stopped.\n`);
  return refused;
}

/**
 * Reports the records that could not be read. Writes them to a file next to the result, or prints the first few if the
 * result is not a file.
 */
function reportSetAside(
  { output, outputs }: CleanArguments,
  setAside: readonly SetAside[],
  warn: (text: string) => void,
): void {
  if (output === '-' || output === null) {
    for (const { error } of setAside.slice(0, 5))
      warn(`presend: a record cannot be read and was left out: ${error.message}\n`);
    return;
  }
  const file = outputs === undefined ? rejectsFile(output) : join(outputs, 'rejects.csv');
  writeFileSync(file, rejectsHeader + setAside.map(rejectsLine).join(''));
  warn(
    `presend: ${setAside.length === 1 ? '1 record cannot be read and was' : `${setAside.length} records cannot be read and were`} written to ${file}\n`,
  );
}

/** `clean.csv` → `clean.rejects.csv`. */
const rejectsFile = (output: string): string =>
  `${output.replace(/\.(csv|tsv|txt|json|ndjson|jsonl)$/i, '')}.rejects.csv`;

function writeReport(file: string, input: string, summary: ListSummary, { asOf }: Run): void {
  const name = input === '-' ? null : basename(input);
  writeFileSync(file, listReportPage(summary, dayName(asOf), name));
}
