// The result of `presend clean` while it is written. Checkpoints let a run that was stopped go on with `--resume`.

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { emptyTally, type ListTally } from '../lists/tally.ts';
import { type CleanArguments, canResume, identityOf } from './clean-arguments.ts';
import {
  completeFile,
  convertedResult,
  type Derived,
  deriveFiles,
  type WrittenResult,
  writeAll,
} from './clean-files.ts';
import { withPath } from './system-error.ts';
import { temporaryFile } from './temporary-file.ts';

/** Minimum milliseconds between two checkpoints. A checkpoint saves the progress that `--resume` needs. */
const checkpointEvery = 250;

/** The result while it is being written. */
export interface Run {
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
export const runToNothing = (asOf: number): Run => ({ ...runToStandardOutput(asOf), write: async () => {} });

export function runToStandardOutput(asOf: number): Run {
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

/** A run to standard output whose result must be converted when it is complete. Until then it is in a temporary file. */
export function runThroughFile(asOf: number): Run {
  const run = runToStandardOutput(asOf);
  const file = temporaryFile(tmpdir());
  return {
    ...run,
    write: async (text) => void file.append(Buffer.from(text)),
    async finish({ shape, format, onWritten }) {
      if (format === 'same' || shape.format !== 'csv') throw new Error('this result needs no conversion');
      for await (const bytes of convertedResult(file.bytes(), shape, format, (written) =>
        onWritten('-', written),
      ))
        await new Promise<void>((done) => process.stdout.write(bytes, () => done()));
      file.close();
      return {};
    },
    suspend: async () => file.close(),
    discard: async () => file.close(),
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
export async function openRun(args: CleanArguments, output: string, now: number): Promise<Run | string> {
  const { input } = args;
  const partial = `${output}.partial`;
  const progressFile = `${output}.progress`;
  if (resolve(output) === resolve(input))
    return 'the result would overwrite the list. Choose another output file.';
  const before = existsSync(progressFile)
    ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Checkpoint)
    : null;
  if (before !== null && !args.resume)
    return canResume(args)
      ? `a run that writes ${output} has not finished. Continue it with --resume, or delete ${progressFile} to start over.`
      : `a run that writes ${output} has not finished. Delete ${progressFile} to start over.`;
  const of = identityOf(args);
  if (before !== null && before.of !== of)
    return `the list has changed since the unfinished run of ${output}, or that run used another list or other options. Repeat the command with the same list and options, or delete ${progressFile} to start over.`;

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
      writeAll(partial, file, bytes, written);
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
      else await completeFile(partial, output, list);
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
