// Finds the shape of a CSV list: its delimiter, its header and the columns that matter.

import { guessDialect } from '../csv/guess-dialect.ts';
import { readRecords } from '../csv/read-records.ts';
import { addressesInCell } from './address-cell.ts';
import { ownColumns } from './columns.ts';
import { addressColumn, columnCalled, columnsNamed, isAddress, isFurtherAddress } from './find-columns.ts';
import { lifeColumnsIn } from './life-columns.ts';
import { type ListError, refuseFile } from './list-error.ts';
import { type ListOptions, longestRecord } from './record-format.ts';
import type { CsvShape } from './shape.ts';

/** Maximum number of records at the start of the file from which the columns are found. */
const sampleSize = 200;

/**
 * Finds the shape (delimiter, header, columns) of a CSV file that begins with `text`. `whole`: `text` is the whole
 * file. If a needed column is missing, the error lists the columns of the header, or says how many there are if
 * there is no header.
 */
export function csvShape(
  text: string,
  whole: boolean,
  options: ListOptions,
): Omit<CsvShape, 'mark' | 'encoding'> | ListError {
  const { length, delimiter: stated } = statedDelimiter(text);
  const guessed = guessDialect(text.slice(length), whole);
  const { newline } = guessed;
  const delimiter = options.delimiter ?? stated ?? guessed.delimiter;
  const all: (readonly string[])[] = [];
  readRecords(text, { delimiter, newline }, { last: whole, longest: longestRecord }, (fields) => {
    if (fields !== null && !isBlank(fields) && all.length < sampleSize) all.push(fields);
  });
  const titles = titlesAbove(all, length > 0 ? 1 : 0);
  const records = all.slice(titles);
  const [first, ...others] = records;
  if (first === undefined) return refuseFile('no_rows', 'The file has no rows with addresses.');
  const hasHeader = options.header ?? !first.some(isAddress);
  const header = hasHeader ? withoutTrailing(first) : null;
  const width = header?.length ?? Math.max(...records.map((record) => withoutTrailing(record).length));
  const shown =
    header === null
      ? `The file has no header. Give the number of the column, from 1 to ${width}`
      : `The columns are: ${header.map(shownName).join(', ')}`;
  const onlyAddresses =
    header === null && options.emailColumn === undefined && isAddressText(records.map(withoutTrailing));

  const called = (name: string | undefined): number | ListError => {
    if (name === undefined) return -1;
    const column = columnCalled(name, header, width);
    return column === -1
      ? refuseFile('unknown_column', `There is no column ${shownName(name)}. ${shown}.`)
      : column;
  };
  const email = options.emailColumn
    ? called(options.emailColumn)
    : addressColumn(header, header === null ? records : others);
  if (typeof email !== 'number') return email;
  if (email === -1)
    return refuseFile(
      'no_address_column',
      `No column contains e-mail addresses. ${shown}. Specify the address column with --email-column, or with email_column in the API.`,
    );
  const lastVerifiedAt = called(options.lastVerifiedColumn);
  if (typeof lastVerifiedAt !== 'number') return lastVerifiedAt;
  const source = called(options.sourceColumn);
  if (typeof source !== 'number') return source;

  const named = (kind: 'lastVerifiedAt' | 'source'): number => columnsNamed(header ?? [], kind)[0] ?? -1;
  const more =
    options.emailColumn === undefined && !onlyAddresses ? furtherAddressColumns(header, records, email) : [];
  const life = lifeColumnsIn(
    header ?? [],
    (header ?? []).map((_, column) => column),
    (column) => others.map((record) => record[column] ?? ''),
  );
  return {
    format: 'csv',
    delimiter,
    newline,
    header,
    width: onlyAddresses ? 1 : width,
    email: onlyAddresses ? 0 : email,
    ...(more.length > 0 && { moreEmails: more }),
    ...(life !== null && { life }),
    ...(titles > 0 && { titles }),
    ...(onlyAddresses && { onlyAddresses }),
    ...(options.split && { split: true }),
    lastVerifiedAt: options.lastVerifiedColumn ? lastVerifiedAt : named('lastVerifiedAt'),
    source: options.sourceColumn ? source : named('source'),
    own: ownColumns.map((name) => header?.indexOf(name) ?? -1),
  };
}

/**
 * Excel may write `sep=;` as the first line. Returns the delimiter in this line and the length of the line; null and
 * 0 if there is no such line.
 */
function statedDelimiter(text: string): { readonly length: number; readonly delimiter: string | null } {
  const match = /^\ufeff?"?sep=(.)"?\r?(?:\n|\r)/i.exec(text);
  return { length: match?.[0].length ?? 0, delimiter: match?.[1] ?? null };
}

/**
 * The number of records above the header. They are titles, such as the name of a report. A title has one field at most
 * and no address. The header is the first record with several fields. It is one of the first ten records and has no
 * address, and more records with several fields follow. If there is no such header below titles, returns `stated`, the
 * number of records that are never the header: 1 if the file begins with Excel's `sep=;`, else 0.
 */
function titlesAbove(records: readonly (readonly string[])[], stated: number): number {
  const filled = records.map((record) => record.filter((cell) => cell.trim() !== '').length);
  const header = filled.findIndex((count, index) => index >= stated && count > 1);
  const isHeader = header > stated && header < 10 && !records[header]!.some((cell) => cell.includes('@'));
  const aboveIsText = records
    .slice(stated, header)
    .every((record) => !record.some((cell) => cell.includes('@')));
  const goesOn = filled.slice(header + 1).some((count) => count > 1);
  return isHeader && aboveIsText && goesOn ? header : stated;
}

/**
 * Whether the file is not a table but just addresses: each cell contains addresses (or a part of a name), and at least one
 * line has several addresses. If two or more lines all have the same number of cells, and more than one, it is a table.
 */
function isAddressText(records: readonly (readonly string[])[]): boolean {
  const counts = records.map((record) => record.reduce((sum, cell) => sum + addressesInCell(cell).length, 0));
  const isTable =
    records.length > 1 && records.every(({ length }) => length > 1 && length === records[0]!.length);
  return (
    !isTable &&
    counts.some((count) => count > 1) &&
    records.every((record) =>
      record.every((cell) => cell.trim() === '' || isAddresses(cell) || isNameFragment(cell)),
    )
  );
}

/** Whether a cell is the first half of `"Doe, Jane" <jane@example.com>`, which the comma splits into two cells. */
const isNameFragment = (cell: string): boolean => /^\s*"[^@]*$/.test(cell);

const isAddresses = (cell: string): boolean => {
  const addresses = addressesInCell(cell);
  return addresses.length > 0 && addresses.every(isAddress);
};

/** The indexes of columns with more addresses of the same person. `email` is the index of the address column. */
function furtherAddressColumns(
  header: readonly string[] | null,
  records: readonly (readonly string[])[],
  email: number,
): number[] {
  const columns = Array.from({ length: records[0]?.length ?? 0 }, (_, column) => column);
  return columns.filter((column) => {
    if (column === email) return false;
    if (header !== null) return column < header.length && isFurtherAddress(header[column]!);
    const cells = records.map((record) => record[column] ?? '').filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.every(isAddresses);
  });
}

/** The record without the empty cells at its end. */
function withoutTrailing(record: readonly string[]): readonly string[] {
  let length = record.length;
  while (length > 1 && record[length - 1]!.trim() === '') length--;
  return record.slice(0, length);
}

const isBlank = (record: readonly string[]): boolean => record.length === 1 && record[0]!.trim() === '';

/**
 * A column name as an error message shows it. A name that contains an address is replaced by `…`: in a file without a
 * header, the first row may be taken for the header.
 */
const shownName = (name: string): string =>
  `"${(name.includes('@') ? '…' : name).slice(0, 60).replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')}"`;
