// CSV (RFC 4180 and what programs write instead): its shape, its records with their text as it was, and our columns.

import { guessDialect } from '../csv/guess-dialect.ts';
import { readRecords, splitRecord } from '../csv/read-records.ts';
import { type OwnValue, ownColumns } from './columns.ts';
import { addressColumn, columnCalled, columnsNamed, isAddress } from './find-columns.ts';
import { type ListError, refuseFile } from './list-error.ts';
import {
  type ListOptions,
  longestRecord,
  type RecordReader,
  type RecordWriter,
  type RowRefusal,
  recordTooLong,
} from './record-format.ts';
import type { CsvShape, EarlierVerdict, ListRow } from './shape.ts';

/** Records that the columns are told from. */
const sampleSize = 200;

/**
 * The shape of a CSV file that begins with `text`. `whole`: the text is the file to its end.
 * The columns that an error names are those of the header; without one they are counted.
 */
export function csvShape(
  text: string,
  whole: boolean,
  options: ListOptions,
): Omit<CsvShape, 'mark' | 'encoding'> | ListError {
  const guessed = guessDialect(text, whole);
  const { newline } = guessed;
  const delimiter = options.delimiter ?? guessed.delimiter;
  const records: (readonly string[])[] = [];
  readRecords(text, { delimiter, newline }, { last: whole, longest: longestRecord }, (fields) => {
    if (fields !== null && !isBlank(fields) && records.length < sampleSize) records.push(fields);
  });
  const [first, ...others] = records;
  if (first === undefined) return refuseFile('no_rows', 'The file has no rows.');
  const hasHeader = options.header ?? !first.some(isAddress);
  const header = hasHeader ? first : null;
  const width = first.length;
  const shown = header === null ? `${width}, without names` : header.map(shownName).join(', ');

  const called = (name: string | undefined): number | ListError => {
    if (name === undefined) return -1;
    const column = columnCalled(name, header, width);
    return column === -1
      ? refuseFile('unknown_column', `There is no column ${shownName(name)}. The columns are: ${shown}.`)
      : column;
  };
  const email = options.emailColumn
    ? called(options.emailColumn)
    : addressColumn(header, header === null ? records : others);
  if (typeof email !== 'number') return email;
  if (email === -1)
    return refuseFile(
      'no_address_column',
      `No column holds e-mail addresses. The columns are: ${shown}. Name the right one.`,
    );
  const lastVerifiedAt = called(options.lastVerifiedColumn);
  if (typeof lastVerifiedAt !== 'number') return lastVerifiedAt;
  const source = called(options.sourceColumn);
  if (typeof source !== 'number') return source;

  const named = (kind: 'lastVerifiedAt' | 'source'): number => columnsNamed(header ?? [], kind)[0] ?? -1;
  return {
    format: 'csv',
    delimiter,
    newline,
    header,
    width,
    email,
    lastVerifiedAt: options.lastVerifiedColumn ? lastVerifiedAt : named('lastVerifiedAt'),
    source: options.sourceColumn ? source : named('source'),
    own: ownColumns.map((name) => header?.indexOf(name) ?? -1),
  };
}

/** Reads records out of text that comes in pieces. */
export function csvReader(shape: CsvShape): RecordReader {
  const { email, lastVerifiedAt, source, own, width } = shape;
  const [result, reason, action, , status, probability, , , , , , checkedAt, duplicate] = own as number[];
  const hasEarlier = result! >= 0;

  const earlierIn = (cells: readonly string[]): EarlierVerdict => ({
    result: cells[result!] ?? '',
    reason: cells[reason!] ?? '',
    action: cells[action!] ?? '',
    status: cells[status!] ?? '',
    probability: cells[probability!] ?? '',
    checkedAt: cells[checkedAt!] ?? '',
    duplicate: cells[duplicate!] ?? '',
  });

  return {
    read(text, last, onRow) {
      let refused: RowRefusal | null = null;
      let taken = 0;
      const { read, tooLong } = readRecords(
        text,
        shape,
        { last, longest: longestRecord },
        (cells, start, end, next) => {
          if (refused !== null) return;
          if (cells === null) refused = brokenQuote;
          else if (cells.length > width)
            refused = {
              code: 'too_many_fields',
              sentence: `has ${cells.length} fields where the first has ${width}. Quote a field that holds the delimiter.`,
            };
          if (refused !== null || cells === null) return;
          const blank = cells.length === 1 && cells[0]!.trim() === '';
          onRow({
            text: text.slice(start, end),
            ending: text.slice(end, next),
            fields: blank ? 0 : cells.length,
            email: (cells[email] ?? '').trim(),
            lastVerifiedAt: lastVerifiedAt === -1 ? '' : (cells[lastVerifiedAt] ?? '').trim(),
            source: source === -1 ? '' : (cells[source] ?? '').trim(),
            earlier: hasEarlier ? earlierIn(cells) : null,
          });
          taken = next;
        },
      );
      if (tooLong) refused ??= recordTooLong;
      return { read: refused === null ? read : taken, refused };
    },
  };
}

const brokenQuote: RowRefusal = {
  code: 'broken_quote',
  sentence: 'has a quoted field that is not closed.',
};

/** The header with our columns behind it. */
export function csvHeader(shape: CsvShape, line: ListRow): string {
  return withOwnCells(shape, line, (index) => ownColumns[index]!);
}

/** Writes records with our columns filled; null leaves what is there. A record that is too short is filled up. */
export function csvWriter(shape: CsvShape): RecordWriter {
  const { delimiter, own, width } = shape;
  const cellsOf = (values: readonly OwnValue[]) => (index: number) => cellOf(values[index]!, delimiter);
  if (own.some((place) => place !== -1))
    return (row, cells, out) => {
      out.push(withOwnCells(shape, row, cells && cellsOf(cells.values)));
    };
  const none = delimiter.repeat(own.length);
  return (row, cells, out) => {
    if (cells !== null)
      cells.text ??= cells.values.map((value) => delimiter + cellOf(value, delimiter)).join('');
    out.push(row.text);
    if (row.fields < width) out.push(missing(shape, row));
    out.push(cells?.text ?? none);
  };
}

/** The delimiters that a record lacks. */
const missing = ({ delimiter, width }: CsvShape, { fields }: ListRow): string =>
  fields < width ? delimiter.repeat(width - fields) : '';

function withOwnCells(shape: CsvShape, row: ListRow, cell: ((index: number) => string) | null): string {
  const { delimiter, own } = shape;
  const fill = missing(shape, row);
  const inPlace = cell !== null && own.some((place) => place !== -1);
  const fields = inPlace ? splitRecord(row.text + fill, shape) : [row.text + fill];
  for (let index = 0; index < own.length; index++) {
    const place = own[index]!;
    if (place === -1) fields.push(cell === null ? '' : cell(index));
    else if (cell !== null) fields[place] = cell(index);
  }
  return fields.join(delimiter);
}

/**
 * A value as a cell. A text that a spreadsheet would run as a formula gets an apostrophe in front, which spreadsheets read
 * as "this is text" (OWASP, CSV injection).
 */
function cellOf(value: OwnValue, delimiter: string): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  if (plainCell.test(value)) return value;
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return guarded.includes(delimiter) || /["\r\n]/.test(guarded)
    ? `"${guarded.replaceAll('"', '""')}"`
    : guarded;
}

const plainCell = /^[a-z0-9][\w.:@-]*$/i;

const isBlank = (record: readonly string[]): boolean => record.length === 1 && record[0]!.trim() === '';

/** Names of columns are shown, but never an address that stands where a name should. */
const shownName = (name: string): string =>
  `"${(name.includes('@') ? '…' : name).slice(0, 60).replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')}"`;
