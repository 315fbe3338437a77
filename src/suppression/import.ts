// Imports a suppression list: the export of a provider, or of another instance of presend. It reads the file as a
// stream.

import { lenientText } from '../encoding/read-text.ts';
import { columnsOfHashedHeader, entryFromHashedRow, type HashedRow, isHashedHeader } from './hashed-rows.ts';
import { columnsOfHeader } from './import-columns.ts';
import { jsonRecords } from './import-json.ts';
import { findImportLayout, isRepeatedHeader, layoutSample } from './import-layout.ts';
import { entryFromFields, entryFromObject, type ImportRow } from './import-rows.ts';
import { csvRecords, type TextRecord } from './import-text.ts';
import type {
  AddCounts,
  HashedSuppression,
  NewSuppression,
  SuppressionList,
  SuppressionReason,
} from './suppressions.ts';

export type ImportFormat = 'csv' | 'ndjson';

export interface ImportError {
  /** The number of the row in the file, as in a spreadsheet: the first row, which may be the header, is 1. */
  readonly row: number;
  /** The column with the error. Null if the whole row cannot be read. */
  readonly column: string | null;
  /** One English sentence that says what is wrong. It never contains data of the row. */
  readonly message: string;
}

export interface ImportReport extends AddCounts {
  /** Number of invalid rows. They change nothing on the list. */
  readonly rejected: number;
  /** The errors in the first thousand invalid rows. */
  readonly errors: readonly ImportError[];
}

export interface ImportRequest {
  readonly format: ImportFormat;
  /**
   * The name of the import. It becomes the `source` of entries from a provider's export. Rows that another instance
   * exported keep their own source.
   */
  readonly source: string;
  /**
   * The reason for rows that contain none: no reason word, no SMTP code, and no date in a column such as UNSUB_TIME. If absent,
   * such rows are errors.
   */
  readonly reason?: SuppressionReason;
  /** The current time in epoch milliseconds. Rows whose date is more than a day later are invalid. */
  readonly now: number;
}

const errorsListed = 1000;
/** Number of entries that one transaction writes. Other work of the process runs between two transactions. */
const entriesAtOnce = 2000;
/** Milliseconds that the date of a row may be in the future, because clocks and time zones differ. */
const futureMs = 86_400_000;

/**
 * Imports the text in `chunks`, whose encoding is detected. If a later chunk fails, the rows before it stay imported, and the file can simply
 * be imported again: rows that are already on the list change nothing. The file is never in memory as a whole.
 */
export async function importSuppressions(
  list: SuppressionList,
  chunks: AsyncIterable<Uint8Array>,
  request: ImportRequest,
): Promise<ImportReport> {
  const errors: ImportError[] = [];
  let rejected = 0;
  const counts = { added: 0, updated: 0, unchanged: 0 };
  let clear: NewSuppression[] = [];
  let hashed: HashedSuppression[] = [];

  const store = async (): Promise<void> => {
    const added = [];
    if (clear.length > 0) added.push(await list.addMany(clear));
    if (hashed.length > 0) added.push(await list.addHashed(hashed));
    for (const one of added)
      for (const outcome of ['added', 'updated', 'unchanged'] as const) counts[outcome] += one[outcome];
    clear = [];
    hashed = [];
  };

  const text = lenientText(chunks);
  const batches =
    request.format === 'csv'
      ? readTable(csvRecords(text), list, request)
      : readRows(jsonRecords(text), ndjsonReader(list, request));
  for await (const batch of batches) {
    for (const { row, read } of batch) {
      const wrong = read.kind === 'error' ? read : dateError(read, request.now);
      if (wrong !== null) {
        rejected += 1;
        if (errors.length < errorsListed) errors.push({ row, column: wrong.column, message: wrong.message });
      } else if (read.kind === 'entry') clear.push(read.entry);
      else if (read.kind === 'hashed') hashed.push(read.entry);
      if (clear.length + hashed.length >= entriesAtOnce) {
        await store();
        await turn();
      }
    }
  }
  await store();
  return { ...counts, rejected, errors };
}

interface RowError {
  readonly kind: 'error';
  readonly column: string | null;
  readonly message: string;
}

type Read = ImportRow | HashedRow | RowError;

/** Reads one row. Returns null if the row is a header. */
type Reader<Value> = (value: Value) => Read | null;

interface ReadRow {
  readonly row: number;
  readonly read: Read;
}

async function* readRows<Value>(
  batches: AsyncIterable<TextRecord<Value>[]>,
  reader: Reader<Value>,
): AsyncGenerator<ReadRow[]> {
  for await (const records of batches) yield readBatch(records, reader);
}

const readBatch = <Value>(records: readonly TextRecord<Value>[], reader: Reader<Value>): ReadRow[] =>
  records.flatMap(({ row, value }) => {
    const read = value === null ? unreadable : reader(value);
    return read === null ? [] : [{ row, read }];
  });

/** Reads a table. Waits for its first rows, because they show its header and columns. */
async function* readTable(
  batches: AsyncIterable<TextRecord<readonly string[]>[]>,
  list: SuppressionList,
  request: ImportRequest,
): AsyncGenerator<ReadRow[]> {
  let reader: Reader<readonly string[]> | null = null;
  let first: readonly TextRecord<readonly string[]>[] = [];
  for await (const batch of batches) {
    if (reader !== null) {
      yield readBatch(batch, reader);
      continue;
    }
    first = [...first, ...batch];
    if (first.length < layoutSample) continue;
    reader = tableReader(first, list, request);
    yield readBatch(first, reader);
  }
  if (reader === null) yield readBatch(first, tableReader(first, list, request));
}

const unreadable: RowError = {
  kind: 'error',
  column: null,
  message:
    'The row cannot be read: it has no closing quotation mark (CSV), is not a JSON object (NDJSON), or is too long.',
};

/** Returns the reader of a table that begins with the records `first`, for these and all others in their order. */
function tableReader(
  first: readonly TextRecord<readonly string[]>[],
  { keyId }: SuppressionList,
  { source, reason, now }: ImportRequest,
): Reader<readonly string[]> {
  const options = { source, reason, now };
  const sample = first.flatMap(({ value }) => (value === null ? [] : [value])).slice(0, layoutSample);
  const layout = findImportLayout(sample);
  let { columns } = layout;
  let hashed = layout.isHashed ? columnsOfHashedHeader(sample[layout.header]!) : null;
  let above = layout.header + 1;

  const readBelow = (fields: readonly string[]): Read | null => {
    if (hashed !== null) {
      if (isHashedHeader(fields)) {
        hashed = columnsOfHashedHeader(fields);
        return null;
      }
      const cells = hashed.flatMap((name, index) => (name ? [[name, fields[index] ?? '']] : []));
      return entryFromHashedRow(Object.fromEntries(cells), keyId);
    }
    const read = entryFromFields(fields, columns, options);
    if (read.kind !== 'error' || read.column !== 'address' || !isRepeatedHeader(fields, columns)) return read;
    columns = columnsOfHeader(fields)!;
    return null;
  };
  const readAbove = (fields: readonly string[]): Read | null => {
    if (!fields.some((field) => field.includes('@'))) return null;
    // The address may be that of the person who made the report. Only a reason of its own makes the row an entry.
    const read = hashed === null ? entryFromFields(fields, columns, { source, now }) : aboveHeader;
    return read.kind === 'entry' ? read : aboveHeader;
  };
  return (fields) => {
    if (above === 0) return readBelow(fields);
    above -= 1;
    return above === 0 ? null : readAbove(fields);
  };
}

const aboveHeader: RowError = {
  kind: 'error',
  column: null,
  message:
    'The row stands above the header and has no reason of its own. Move it below the header if it is an entry.',
};

function ndjsonReader(
  { keyId }: SuppressionList,
  { source, reason, now }: ImportRequest,
): Reader<Readonly<Record<string, unknown>>> {
  const options = { source, reason, now };
  return (row) => {
    const names = Object.keys(row);
    if (!isHashedHeader(names)) return entryFromObject(row, options);
    const columns = columnsOfHashedHeader(names);
    const texts = Object.values(row).map((value) => (typeof value === 'string' ? value : ''));
    return entryFromHashedRow(
      Object.fromEntries(columns.flatMap((name, index) => (name ? [[name, texts[index]!]] : []))),
      keyId,
    );
  };
}

/**
 * Returns an error if the date of an entry is more than a day in the future. Until that date the entry could not be
 * removed, because a consent must be later than the entry.
 */
function dateError(read: Exclude<Read, { kind: 'error' }>, now: number): RowError | null {
  if ((read.entry.since ?? 0) <= now + futureMs) return null;
  return {
    kind: 'error',
    column: read.kind === 'hashed' ? 'since' : 'date',
    message: 'The date is in the future. Use the date on which the address was suppressed.',
  };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
