// Writes the additional files of `presend clean` from the complete result: the rows that meet `--goal`, or for
// `--outputs` a file for each destination (keep, fix, retry, remove).

import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { headOfSome } from '../lists/clean-slice.ts';
import {
  type Destination,
  destinationOf,
  destinations,
  type InactiveFile,
  inactiveFileOf,
  inactiveFiles,
} from '../lists/destinations.ts';
import { createGoal, type Goal, type GoalOutcome } from '../lists/goal.ts';
import { onOneLine } from '../lists/json-text.ts';
import { resultParts } from '../lists/result-rows.ts';
import type { CsvShape, ListRow, ListShape } from '../lists/shape.ts';
import { resultCsv, resultWorkbook, type SpreadsheetFormat } from '../lists/spreadsheet-result.ts';
import type { WrittenWorkbook } from '../xlsx/write-workbook.ts';
import type { ResultFormat } from './clean-arguments.ts';
import { withPath } from './system-error.ts';

/** The complete result of `presend clean` on disk: the rows of the list with their verdicts. */
export interface WrittenResult {
  readonly path: string;
  /** The shape of the list (its format and columns), without the columns that the result adds. */
  readonly shape: ListShape;
  /** The text at the start of the result: byte order mark and header. */
  readonly head: string;
  readonly format: ResultFormat;
  /** Called when a workbook has been written to `path`. */
  readonly onWritten: (path: string, written: WrittenWorkbook) => void;
}

export interface DerivedFiles {
  /** A hard bounce rate such as 0.02. Rows are chosen so their forecast stays below it. */
  readonly goal?: number;
  /** The folder in which each destination gets a file. */
  readonly outputs?: string;
  /** The path of the file for the rows that meet the goal. */
  readonly chosen?: string;
  readonly dropDuplicates: boolean;
}

export interface Derived {
  readonly goal?: GoalOutcome;
  /** Number of rows for each destination. */
  readonly files?: Readonly<Record<Destination, number>>;
  /** Number of rows in the files of inactive people. Absent if the result does not say who is inactive. */
  readonly inactive_files?: Readonly<Record<InactiveFile, number>>;
}

/** Writes the files. Each file has a temporary name until it is complete. */
export async function deriveFiles(result: WrittenResult, wanted: DerivedFiles): Promise<Derived> {
  const goal = wanted.goal === undefined ? null : createGoal(wanted.goal);
  if (goal !== null) for await (const rows of rowsOf(result)) for (const row of rows) goal.add(row);
  const extension = result.format === 'xlsx' ? 'xlsx' : result.shape.format === 'csv' ? 'csv' : 'ndjson';
  const files: Record<Destination, number> = { keep: 0, fix: 0, retry: 0, remove: 0 };
  const { outputs } = wanted;
  const byDestination =
    outputs === undefined
      ? null
      : new Map(destinations.map((name) => [name, rowFile(join(outputs, `${name}.${extension}`), result)]));
  const inactive =
    outputs === undefined
      ? null
      : inactiveRows((name) => rowFile(join(outputs, `${name}.${extension}`), result));
  const chosenFile = wanted.chosen === undefined ? null : rowFile(wanted.chosen, result);
  for await (const rows of rowsOf(result))
    for (const row of rows) {
      if (row.fields === 0) continue;
      const chosen = isChosen(row, goal);
      if (chosen) chosenFile?.add(row);
      const destination = destinationOf(row, { chosen, dropDuplicates: wanted.dropDuplicates });
      files[destination]++;
      byDestination?.get(destination)?.add(row);
      inactive?.add(row, destination);
    }
  for (const file of [...(byDestination?.values() ?? []), chosenFile]) await file?.finish();
  const inactiveCounts = (await inactive?.finish()) ?? null;
  return {
    ...(goal !== null && { goal: goal.outcome() }),
    ...(byDestination !== null && { files }),
    ...(inactiveCounts !== null && { inactive_files: inactiveCounts }),
  };
}

/** Writes the files of inactive people, if any row says whether its person is active. */
function inactiveRows(open: (name: InactiveFile) => ReturnType<typeof rowFile>) {
  const counts: Record<InactiveFile, number> = { reengage: 0, inactive: 0 };
  let files: ReadonlyMap<InactiveFile, ReturnType<typeof rowFile>> | null = null;
  return {
    add(row: ListRow, destination: Destination): void {
      if (!row.earlier?.engagement) return;
      files ??= new Map(Object.values(inactiveFiles).map((name) => [name, open(name)]));
      const name = destination === 'keep' ? inactiveFileOf(row) : null;
      if (name === null) return;
      counts[name]++;
      files.get(name)!.add(row);
    },
    /** Returns the number of rows in each file; null if none was written. */
    async finish(): Promise<typeof counts | null> {
      if (files === null) return null;
      for (const file of files.values()) await file.finish();
      return counts;
    },
  };
}

const isChosen = (row: ListRow, goal: Goal | null): boolean => goal === null || goal.chooses(row);

async function* rowsOf({ path, shape, head }: WrittenResult): AsyncGenerator<readonly ListRow[]> {
  yield* resultParts(shape, fileBytes(path, Buffer.byteLength(head)));
}

/** Opens a file to which rows are added. `finish` gives it its final name. */
function rowFile(path: string, result: WrittenResult) {
  const { shape, head } = result;
  const partial = `${path}.new`;
  const file = openSync(partial, 'w');
  let waiting = headOfSome(shape, head, true);
  const flush = (): void => {
    withPath(partial, () => writeSync(file, waiting));
    waiting = '';
  };
  // If the list is a JSON array, each element becomes a line.
  const asLines = shape.format === 'ndjson' && shape.array === true;
  return {
    add({ text, ending }: ListRow): void {
      waiting += asLines ? `${onOneLine(text)}\n` : text + (ending || '\n');
      if (waiting.length > 65_536) flush();
    },
    async finish(): Promise<void> {
      flush();
      fdatasyncSync(file);
      closeSync(file);
      await completeFile(partial, path, result);
    },
  };
}

/**
 * Gives a complete result its final name. If the result is not text as presend writes lists, it is converted first. Both steps
 * can be repeated after a crash.
 */
export async function completeFile(
  partial: string,
  path: string,
  { shape, format, onWritten }: Pick<WrittenResult, 'shape' | 'format' | 'onWritten'>,
): Promise<void> {
  if (format === 'same' || shape.format !== 'csv') {
    renameSync(partial, path);
    return;
  }
  const converted = `${path}.converted`;
  const file = openSync(converted, 'w');
  try {
    for await (const bytes of convertedResult(fileBytes(partial), shape, format, (written) =>
      onWritten(path, written),
    ))
      writeAll(converted, file, bytes);
    withPath(converted, () => fdatasyncSync(file));
  } catch (error) {
    rmSync(converted, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(converted, path);
  rmSync(partial);
}

/** Yields the text of a result as a workbook or as CSV. */
export const convertedResult = (
  text: AsyncIterable<Uint8Array>,
  shape: CsvShape,
  format: SpreadsheetFormat,
  onWritten?: (written: WrittenWorkbook) => void,
): AsyncGenerator<Uint8Array> =>
  format === 'xlsx' ? resultWorkbook(text, shape, onWritten) : resultCsv(text, shape);

/** Writes all bytes to an open file: at `position`, or where the last write ended. `path` is for error messages. */
export function writeAll(
  path: string,
  file: number,
  bytes: Uint8Array,
  position: number | null = null,
): void {
  withPath(path, () => {
    for (let at = 0; at < bytes.length; )
      at += writeSync(file, bytes, at, bytes.length - at, position === null ? null : position + at);
  });
}

const pieceBytes = 65_536;

/**
 * Reads `length` bytes of a file from byte `start` on. Buffers are reused, so each piece is valid only until the next is
 * requested.
 */
export async function* fileBytes(
  path: string,
  start = 0,
  length = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  let at = start;
  // One buffer is filled while the caller processes the other.
  const pieces = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)] as const;
  const readInto = async (piece: Buffer) => {
    const wanted = Math.min(pieceBytes, start + length - at);
    const read = wanted > 0 ? await file.read(piece, 0, wanted, at) : { bytesRead: 0, buffer: piece };
    at += read.bytesRead;
    return read;
  };
  let reading = readInto(pieces[0]);
  try {
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return;
      reading = readInto(buffer === pieces[0] ? pieces[1] : pieces[0]);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await reading.catch(() => {});
    await file.close();
  }
}
