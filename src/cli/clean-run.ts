// One run of `presend clean`: reads a list from a file or standard input, and writes the result to a file or standard output.

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type CleanedPart, cleanList } from '../lists/clean-list.ts';
import { type CleanOptions, headOf } from '../lists/clean-slice.ts';
import { isLegacy } from '../lists/decode.ts';
import { createSeenAddresses } from '../lists/duplicates.ts';
import type { ListError } from '../lists/list-error.ts';
import { type OpenedList, openList } from '../lists/read-list.ts';
import type { ListOptions } from '../lists/record-format.ts';
import { listReportPage } from '../lists/report.ts';
import { sampledParts } from '../lists/sample.ts';
import type { SetAside } from '../lists/shape.ts';
import { type ListSummary, summaryOf } from '../lists/summary.ts';
import { addTally, emptyTally, type ListTally } from '../lists/tally.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import type { Validator } from '../validator/validate.ts';
import type { Action } from '../verdict/verdict.ts';
import { type Derived, deriveFiles, fileBytes, type WrittenResult } from './clean-files.ts';
import { type ProgressDisplay, summaryTable } from './clean-output.ts';
import { withPath } from './system-error.ts';

export interface CleanArguments {
  /** A path, or `-` for standard input. */
  readonly input: string;
  /** A path, `-` for standard output, or null to write no result, which `--sample` allows. */
  readonly output: string | null;
  readonly list: ListOptions;
  readonly maxAgeDays: number;
  readonly only?: readonly Action[];
  /** The mail that will be sent to the list; marketing by default. It decides which suppressions apply. */
  readonly question?: MailQuestion;
  /** Options for the rows that are written. */
  readonly writing: Pick<CleanOptions, 'repair' | 'language' | 'profile'>;
  readonly dropDuplicates: boolean;
  /** A hard bounce rate such as 0.02. Only rows that together keep the forecast below it are chosen. */
  readonly goal?: number;
  /** The folder of `--outputs`, in which each destination (keep, fix, retry, remove) gets a file. */
  readonly outputs?: string;
  /** If set, only this many rows are verified. They are drawn at random. */
  readonly sample?: number;
  readonly report?: string;
  readonly resume: boolean;
  readonly json: boolean;
  /** Seconds that a DNS outage may last. After that the run stops. It can be resumed if the result is a file. */
  readonly patience: number;
}

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

/** Minimum milliseconds between two checkpoints. A checkpoint saves the progress that `--resume` needs. */
const checkpointEvery = 250;

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
      `presend: detected encoding: ${start.encoding}. If names look wrong, set the encoding with --encoding.\n`,
    );
  const head = headOf(shape, opened.head);
  if (run.byte < start.byte) await run.write(head, start.byte);

  const { last, setAside, contacts } = await cleanRows(args, around, opened, run);
  if (last?.kind === 'error') {
    await run.discard();
    return refuse(last.error, warn);
  }
  if (last?.kind === 'outage') {
    await run.suspend();
    const how =
      args.output === '-'
        ? 'Run the command again when DNS is available.'
        : 'Continue with --resume when DNS is available.';
    warn(`presend: DNS is unreachable. ${run.tally.rows} rows are finished. ${how}\n`);
    return unfinished;
  }
  const derived = await run.finish({ shape, head });
  if (setAside.length > 0) reportSetAside(args, setAside, warn);
  const summary: ListSummary = {
    ...summaryOf(run.tally, shape),
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
 * be an error or an outage; the records that could not be read; and, for a sample, the number of contacts in the whole
 * list.
 */
async function cleanRows(
  args: CleanArguments,
  { validator, progress }: CleanSurroundings,
  { shape, parts }: OpenedList & { readonly ok: true },
  run: Run,
): Promise<{ last: CleanedPart | null; setAside: readonly SetAside[]; contacts: number }> {
  const total = args.input === '-' ? null : statSync(args.input).size;
  const setAside: SetAside[] = [];
  let contacts = 0;
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
    addTally(run.tally, part.tally);
    await run.write(part.text, part.next.byte);
    progress.at(part.next.byte, run.tally.rows);
  }
  progress.end();
  return { last, setAside, contacts };
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
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = setAside.map(
    ({ error: { row, line, message }, text }) => `${row},${line},${quoted(message)},${quoted(text)}`,
  );
  const file = outputs === undefined ? rejectsFile(output) : join(outputs, 'rejects.csv');
  writeFileSync(file, `row,line,reason,record\n${lines.join('\n')}\n`);
  warn(
    `presend: ${setAside.length === 1 ? '1 record cannot be read and was' : `${setAside.length} records cannot be read and were`} written to ${file}\n`,
  );
}

/** `clean.csv` → `clean.rejects.csv`. */
const rejectsFile = (output: string): string =>
  `${output.replace(/\.(csv|tsv|txt|json|ndjson|jsonl)$/i, '')}.rejects.csv`;

function writeReport(file: string, input: string, summary: ListSummary, { asOf }: Run): void {
  const name = input === '-' ? null : basename(input);
  writeFileSync(file, listReportPage(summary, new Date(asOf).toISOString().slice(0, 10), name));
}

/** The result while it is being written. */
interface Run {
  /**
   * The time of all verdicts, in epoch milliseconds. It is the start of the run. A resumed run keeps the time of its
   * first start.
   */
  readonly asOf: number;
  /** Counts of the rows that have been written. */
  readonly tally: ListTally;
  /**
   * Position in the input, in bytes. The rows before it have been processed and written. It is -1 before the header is
   * written.
   */
  readonly byte: number;
  write(text: string, byte: number): Promise<void>;
  /** Completes the result and writes the additional files. `list` has the shape and the header that these files need. */
  finish(list: Omit<WrittenResult, 'path'>): Promise<Derived>;
  /** Saves the state that `--resume` needs, and closes the result. */
  suspend(): Promise<void>;
  discard(): Promise<void>;
}

/** A run that writes no result, for a sample of which only the summary is wanted. */
const runToNothing = (asOf: number): Run => ({ ...runToStandardOutput(asOf), write: async () => {} });

function runToStandardOutput(asOf: number): Run {
  return {
    asOf,
    tally: emptyTally(),
    byte: -1,
    write: (text) =>
      new Promise((written) => {
        process.stdout.write(text, () => written());
      }),
    finish: async () => ({}),
    suspend: async () => {},
    discard: async () => {},
  };
}

/** The progress of a run, saved in a file next to its result. It contains no addresses. */
interface Checkpoint {
  readonly run: string;
  /** The list and the options of the run (`identityOf`). A run can be resumed only with the same ones. */
  readonly of: string;
  readonly asOf: number;
  readonly byte: number;
  /** Number of bytes of the result that are complete. */
  readonly written: number;
  readonly tally: ListTally;
}

/** Starts or resumes a run that writes to a file. Returns an error message if that is impossible. */
async function openRun(args: CleanArguments, output: string, now: number): Promise<Run | string> {
  const { input } = args;
  const partial = `${output}.partial`;
  const progressFile = `${output}.progress`;
  if (resolve(output) === resolve(input))
    return 'the result would overwrite the list. Choose another output file.';
  const before = existsSync(progressFile)
    ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Checkpoint)
    : null;
  if (before !== null && !args.resume)
    return `the previous run of ${output} did not finish. Continue it with --resume, or delete ${progressFile}.`;
  const of = identityOf(args);
  if (before !== null && before.of !== of)
    return `the unfinished run of ${output} used another list or other options. Repeat the command with the same list and options, or delete ${progressFile} to start over.`;

  const { run, asOf, tally } = before ?? { run: randomUUID(), asOf: now, tally: emptyTally() };
  const file = openSync(partial, before === null ? 'w' : 'r+');
  let written = before?.written ?? 0;
  let byte = before?.byte ?? -1;
  let recordedAt = Number.NEGATIVE_INFINITY;
  // Remove what was written after the last checkpoint, because it may be incomplete.
  withPath(partial, () => ftruncateSync(file, written));

  const record = async (): Promise<void> => {
    recordedAt = performance.now();
    const checkpoint: Checkpoint = { run, of, asOf, byte, written, tally };
    const text = JSON.stringify(checkpoint);
    await promisify(fdatasync)(file);
    await writeFile(`${progressFile}.new`, text);
    await rename(`${progressFile}.new`, progressFile);
  };
  // The checkpoint that is being saved. Saving waits for the disk, which is slow. Rows are written meanwhile, and only
  // the next checkpoint waits until this one is saved.
  let recording = record();
  const forget = (): void => {
    for (const each of [progressFile, `${progressFile}.new`]) rmSync(each, { force: true });
  };
  await recording;
  return {
    asOf,
    tally,
    get byte() {
      return byte;
    },
    async write(text, next) {
      const bytes = Buffer.from(text, 'utf8');
      withPath(partial, () => {
        for (let at = 0; at < bytes.length; )
          at += writeSync(file, bytes, at, bytes.length - at, written + at);
      });
      written += bytes.length;
      byte = next;
      if (performance.now() - recordedAt < checkpointEvery) return;
      await recording;
      recording = record();
      // If saving fails, the next `await recording` throws. Until then, Node must not report the rejection as unhandled.
      recording.catch(() => {});
    },
    async finish(list) {
      await recording;
      fdatasyncSync(file);
      closeSync(file);
      const derived = await derivedFrom(args, output, { ...list, path: partial });
      if (args.goal !== undefined && args.outputs === undefined) rmSync(partial);
      else renameSync(partial, output);
      forget();
      return derived;
    },
    async suspend() {
      await recording;
      await record();
      closeSync(file);
    },
    async discard() {
      await recording;
      closeSync(file);
      rmSync(partial, { force: true });
      forget();
    },
  };
}

/** Writes the additional files from the complete result: the rows that meet `--goal`, or the files of `--outputs`. */
async function derivedFrom(
  { goal, outputs, dropDuplicates }: CleanArguments,
  output: string,
  result: WrittenResult,
): Promise<Derived> {
  if (goal === undefined && outputs === undefined) return {};
  return deriveFiles(result, {
    ...(goal !== undefined && { goal }),
    ...(outputs === undefined ? { chosen: output } : { outputs }),
    dropDuplicates,
  });
}

/** Identifies the list (by its size and modification time) and all options that affect the result, as JSON. */
function identityOf(args: CleanArguments): string {
  const { input, list, maxAgeDays, only, question, writing, dropDuplicates, goal, outputs } = args;
  const file = input === '-' ? null : statSync(input);
  const how = [question ?? null, writing, dropDuplicates, goal ?? null, outputs ?? null];
  return JSON.stringify([file?.size, file?.mtimeMs, list, maxAgeDays, only ?? null, ...how]);
}
