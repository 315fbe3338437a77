// The result of a job as one file: in the uploaded or the other format, all rows or some.

import Papa from 'papaparse';
import { readRecords } from '../csv/read-records.ts';
import { type OwnColumn, ownColumns } from '../lists/columns.ts';
import { resultParts, resultShape } from '../lists/result-rows.ts';
import type { CsvShape, ListRow, ListShape } from '../lists/shape.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Action } from '../verdict/verdict.ts';
import type { Job, ListFormat } from './job.ts';
import { resultFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';

export interface ResultOptions {
  readonly format: ListFormat;
  /** Only rows with this action; null: every row. */
  readonly action: Action | null;
}

/** Slices read from the database at once. */
const slicesAtOnce = 500;

/**
 * The finished rows up to the first unfinished one: for a running job, the start of the final result. The job's file
 * must have been read.
 */
export async function* renderResult(
  ports: { readonly repository: JobRepository; readonly files: FileStore },
  job: Job,
  { format, action }: ResultOptions,
): AsyncGenerator<Bytes> {
  const { shape, head } = job.layout!;
  const slices = () => slicesOf(ports, job.id);
  if (format === shape.format && action === null) {
    yield encoder.encode(head);
    for await (const content of slices()) yield* content;
    return;
  }

  const fields = format === 'csv' && shape.format === 'ndjson' ? await fieldsIn(shape, slices()) : [];
  const record = recordIn(format, shape, fields, action !== null);
  yield encoder.encode(format === shape.format ? head : format === 'csv' ? csvLine(fields) : '');
  for await (const content of slices())
    for await (const rows of resultParts(shape, content)) {
      let text = '';
      for (const row of rows) {
        if (row.fields === 0 && (action !== null || format !== shape.format)) continue;
        if (action === null || row.earlier?.action === action) text += record(row);
      }
      if (text !== '') yield encoder.encode(text);
    }
}

const encoder = new TextEncoder();

async function* slicesOf(
  { repository, files }: { readonly repository: JobRepository; readonly files: FileStore },
  jobId: string,
): AsyncGenerator<ReadableStream<Bytes>> {
  for (let from = 0; ; from += slicesAtOnce) {
    const done = await repository.doneFrom(jobId, from, slicesAtOnce);
    for (const { position, lease } of done) {
      const content = await files.get(resultFile(jobId, position, lease));
      if (content === null) throw new Error('the result of a slice is gone');
      yield content;
    }
    if (done.length < slicesAtOnce) return;
  }
}

/** Returns a function that writes one row of a result with its line ending. */
function recordIn(
  format: ListFormat,
  shape: ListShape,
  fields: readonly string[],
  some: boolean,
): (row: ListRow) => string {
  // With rows left out, the brackets and commas of a JSON array no longer fit, so each element becomes a line.
  if (some && format === shape.format && shape.format === 'ndjson' && shape.array)
    return ({ text }) => `${text}\n`;
  if (format === shape.format) return (row) => row.text + (row.ending || '\n');
  if (shape.format === 'csv') return objectOfRecord(resultShape(shape) as CsvShape);
  return ({ text }) => {
    const object = JSON.parse(text) as Record<string, unknown>;
    return csvLine(fields.map((field) => object[field] ?? null));
  };
}

/** The names of the members of all objects, in order of first appearance. presend's names come last. */
async function fieldsIn(
  shape: ListShape,
  slices: AsyncIterable<AsyncIterable<Bytes>>,
): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const content of slices)
    for await (const rows of resultParts(shape, content))
      for (const { fields, text } of rows)
        if (fields > 0) for (const name of Object.keys(JSON.parse(text))) names.add(name);
  return [...[...names].filter((name) => !isOwn(name)), ...ownColumns];
}

const isOwn = (name: string): name is OwnColumn => (ownColumns as readonly string[]).includes(name);

/** One line of CSV. Escapes every text that a spreadsheet would run as a formula, including texts of the uploaded list. */
const csvLine = (values: readonly unknown[]): string =>
  `${Papa.unparse([values.map((value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value))], { escapeFormulae: true })}\r\n`;

/**
 * Returns a function that writes a CSV row as a JSON object. A column without a name is named by its number; a repeated
 * name gets a number appended. The list's cells become strings. presend's cells have their types of the API.
 */
function objectOfRecord({ header, width, delimiter, newline, own }: CsvShape): (row: ListRow) => string {
  const names = distinct(
    Array.from({ length: width }, (_, place) => header?.[place] || `column_${place + 1}`),
  );
  for (const [index, place] of own.entries()) names[place] = ownColumns[index]!;
  // Builds the JSON as text, because a JavaScript object would move numeric names to its front.
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  return ({ text }) => {
    let cells: readonly string[] = [];
    readRecords(text, { delimiter, newline }, { last: true, longest: text.length }, (fields) => {
      cells = fields ?? [];
    });
    const members = names.map((name, place) => {
      const cell = cells[place] ?? '';
      return keys[place] + JSON.stringify(isOwn(name) ? ownValue(name, cell) : cell);
    });
    return `{${members.join(',')}}\n`;
  };
}

function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const met = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; met.has(unique) || (unique !== name && taken.has(unique)); number++)
      unique = `${name}_${number}`;
    met.add(unique);
    return unique;
  });
}

const flags: ReadonlySet<OwnColumn> = new Set<OwnColumn>([
  'ps_disposable',
  'ps_role',
  'ps_free',
  'ps_suppressed',
  'ps_duplicate',
]);

function ownValue(name: OwnColumn, cell: string): string | number | boolean | null {
  if (cell === '') return null;
  if (name === 'ps_bounce_probability') return Number(cell);
  return flags.has(name) ? cell === 'true' : cell;
}
