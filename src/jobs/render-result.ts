// Writes the result of a job as one file: as XLSX, CSV or NDJSON, with all rows or only those with one action.

import Papa from 'papaparse';
import { readRecords } from '../csv/read-records.ts';
import type { EngagementState } from '../events/engagement.ts';
import { headOfSome } from '../lists/clean-slice.ts';
import { type OwnColumn, ownColumns } from '../lists/columns.ts';
import { createGoal, type Goal, isAccepted } from '../lists/goal.ts';
import { onOneLine } from '../lists/json-text.ts';
import { resultParts, resultShape } from '../lists/result-rows.ts';
import type { CsvShape, ListRow, ListShape } from '../lists/shape.ts';
import { resultCsv, resultWorkbook } from '../lists/spreadsheet-result.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Action } from '../verdict/verdict.ts';
import { formatOf, type Job, type ListFormat, type ResultFileFormat } from './job.ts';
import { resultFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { goalOf } from './progress.ts';

export interface ResultOptions {
  readonly format: ResultFileFormat;
  /** Write only the rows with this action. Null: every row. */
  readonly action: Action | null;
  /** Write only the rows with this engagement (see `engagementStates`). Absent or null: every row. */
  readonly engagement?: EngagementState | null;
  /**
   * Write only the rows with the action `accept` that together are forecast to bounce less than this rate, instead of those that
   * the job's own goal chooses. Absent or null: the job's own goal.
   */
  readonly goal?: number | null;
  /** Write only the rows for which a correction of the address is suggested. */
  readonly isSuggestion?: boolean;
}

/** The number of slices that one database query returns. */
const slicesAtOnce = 500;

interface ResultPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
}

/**
 * Yields the result up to the first slice that is not finished. For a running job, this is the start of the final
 * result. `job.layout` must not be null.
 */
export async function* renderResult(
  ports: ResultPorts,
  job: Job,
  { format, action, engagement = null, goal = null, isSuggestion = false }: ResultOptions,
): AsyncGenerator<Bytes> {
  const { shape } = job.layout!;
  const some = { action, engagement, goal, isSuggestion };
  if (format === 'ndjson' || (format === 'csv' && formatOf(shape) !== 'xlsx'))
    yield* renderText(ports, job, { format, ...some });
  else if (shape.format === 'csv') {
    const text = renderText(ports, job, { format: 'csv', ...some });
    yield* format === 'csv' ? resultCsv(text, shape) : resultWorkbook(text, shape);
  } else {
    const fields = await fieldsIn(shape, slicesOf(ports, job.id));
    const text = renderText(ports, job, { format: 'csv', ...some, escapesFormulas: false });
    yield* resultWorkbook(text, shapeOfFields(fields));
  }
}

/** The shape of a CSV list with these columns; presend's are the last ones. */
function shapeOfFields(fields: readonly string[]): CsvShape {
  const header = fields.slice(0, -ownColumns.length);
  return {
    format: 'csv',
    mark: false,
    encoding: 'utf-8',
    delimiter: ',',
    newline: '\n',
    header,
    width: header.length,
    email: 0,
    lastVerifiedAt: -1,
    source: -1,
    own: ownColumns.map(() => -1),
  };
}

/** The result as text. `escapesFormulas`: texts of JSON that a spreadsheet would run as a formula are escaped in CSV. */
async function* renderText(
  ports: ResultPorts,
  job: Job,
  {
    format,
    action,
    engagement,
    goal,
    isSuggestion,
    escapesFormulas = true,
  }: Required<Omit<ResultOptions, 'format'>> & {
    readonly format: ListFormat;
    readonly escapesFormulas?: boolean;
  },
): AsyncGenerator<Bytes> {
  const { shape, head } = job.layout!;
  const slices = () => slicesOf(ports, job.id);
  const { sample, writing } = job.options;
  const isChosen = goal !== null || job.options.goal !== undefined;
  const isFiltered = action !== null || engagement !== null || isSuggestion || isChosen;
  const some = isFiltered || sample !== undefined || writing?.dropDuplicates === true;
  if (format === shape.format && !isFiltered) {
    yield encoder.encode(headOfSome(shape, head, some));
    for await (const content of slices()) yield* content;
    return;
  }

  const fields = format === 'csv' && shape.format === 'ndjson' ? await fieldsIn(shape, slices()) : [];
  const line = (values: readonly unknown[]): string => csvLine(values, escapesFormulas);
  const record = recordIn(format, shape, { fields, line }, some);
  yield encoder.encode(
    format === shape.format ? headOfSome(shape, head, some) : format === 'csv' ? line(fields) : '',
  );
  const chosen =
    goal === null
      ? isChosen
        ? await goalOf(job, await ports.repository.tally(job.id))
        : null
      : await acceptedGoal(goal, shape, slices());
  for await (const content of slices())
    for await (const rows of resultParts(shape, content)) {
      let text = '';
      for (const row of rows) {
        if (row.fields === 0 && (some || format !== shape.format)) continue;
        if (chosen !== null && !chosen.chooses(row)) continue;
        if (engagement !== null && row.earlier?.engagement !== engagement) continue;
        if (isSuggestion && !row.earlier?.didYouMean) continue;
        if (action === null || row.earlier?.action === action) text += record(row);
      }
      if (text !== '') yield encoder.encode(text);
    }
}

const encoder = new TextEncoder();

/** A goal for the rows with the action `accept`. Reads the result once to plan it, so it is right for an unfinished result, too. */
async function acceptedGoal(
  below: number,
  shape: ListShape,
  slices: AsyncIterable<AsyncIterable<Bytes>>,
): Promise<Goal> {
  const goal = createGoal(below, isAccepted);
  for await (const content of slices)
    for await (const rows of resultParts(shape, content)) for (const row of rows) goal.add(row);
  return goal;
}

/** A person whose address is probably misspelled, and the address that was probably meant. */
export interface SuggestedCorrection {
  readonly email: string;
  readonly suggestion: string;
}

/** Maximum number of rows in which `firstSuggestions` looks for corrections. */
const mostSearched = 20_000;

/** The first corrections in a result, at most `limit`. `job.layout` must not be null. */
export async function firstSuggestions(
  ports: ResultPorts,
  job: Job,
  limit: number,
): Promise<readonly SuggestedCorrection[]> {
  const found: SuggestedCorrection[] = [];
  let searched = 0;
  for await (const content of slicesOf(ports, job.id))
    for await (const rows of resultParts(job.layout!.shape, content)) {
      for (const { email, earlier } of rows)
        if (earlier?.didYouMean && found.push({ email, suggestion: earlier.didYouMean }) === limit)
          return found;
      searched += rows.length;
      if (searched >= mostSearched) return found;
    }
  return found;
}

async function* slicesOf(
  { repository, files }: { readonly repository: JobRepository; readonly files: FileStore },
  jobId: string,
): AsyncGenerator<ReadableStream<Bytes>> {
  for (let from = 0; ; from += slicesAtOnce) {
    const done = await repository.doneFrom(jobId, from, slicesAtOnce);
    for (const { position, lease } of done) {
      const content = await files.get(resultFile(jobId, position, lease));
      if (content === null) throw new Error('a part of the result of the job is missing in the file storage');
      yield content;
    }
    if (done.length < slicesAtOnce) return;
  }
}

/** Returns a function that gives one row of the result as text, with its line ending. */
function recordIn(
  format: ListFormat,
  shape: ListShape,
  csv: { readonly fields: readonly string[]; readonly line: (values: readonly unknown[]) => string },
  some: boolean,
): (row: ListRow) => string {
  // If some rows are left out, the brackets and commas between the elements of a JSON array are no longer valid. So
  // write one element per line.
  if (some && format === shape.format && shape.format === 'ndjson' && shape.array)
    return ({ text }) => `${onOneLine(text)}\n`;
  if (format === shape.format) return (row) => row.text + (row.ending || '\n');
  if (shape.format === 'csv') return objectOfRecord(resultShape(shape) as CsvShape);
  return ({ text }) => {
    const object = JSON.parse(text) as Record<string, unknown>;
    return csv.line(csv.fields.map((field) => object[field] ?? null));
  };
}

/** The names of the fields of all JSON objects, in the order in which they first appear. presend's fields come last. */
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

/**
 * One line of CSV. With `escapeFormulae`, a text that a spreadsheet would run as a formula is escaped, even if it comes from the
 * uploaded list.
 */
const csvLine = (values: readonly unknown[], escapeFormulae: boolean): string =>
  `${Papa.unparse([values.map((value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value))], { escapeFormulae })}\r\n`;

/**
 * Returns a function that writes a CSV row as a JSON object. A column without a name is called `column_3`, by its
 * number; a repeated name gets a suffix, such as `name_2`. The list's own cells become strings. presend's cells get
 * the JSON types that they have in the API.
 */
function objectOfRecord({ header, width, delimiter, newline, own }: CsvShape): (row: ListRow) => string {
  const names = distinct(
    Array.from({ length: width }, (_, place) => header?.[place] || `column_${place + 1}`),
  );
  for (const [index, place] of own.entries()) names[place] = ownColumns[index]!;
  // Write the JSON by hand, because a JavaScript object puts names such as `2024` before all others.
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
