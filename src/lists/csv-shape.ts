// Finds the shape of a CSV list: its delimiter, its header and the columns that matter.

import { guessDialect } from '../csv/guess-dialect.ts';
import { scanRecords } from '../csv/read-records.ts';
import { addressesInCell, isBlankText } from '../tables/address-cell.ts';
import {
  addressColumn,
  columnCalled,
  columnsNamed,
  isAddress,
  isFurtherAddress,
} from '../tables/find-columns.ts';
import { findHeader, headersBelow } from '../tables/header.ts';
import { ownColumns } from './columns.ts';
import { lifeColumnsIn } from './life-columns.ts';
import { type ListError, refuseFile } from './list-error.ts';
import { type ListOptions, longestRecord, noColumn } from './record-format.ts';
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
  const other = otherFormat(text);
  if (other !== null && options.emailColumn === undefined)
    return refuseFile('not_a_table', `The file is ${other}, not a table. Export the list as CSV.`);
  const inside = insideQuotedLines(text, whole);
  if (inside !== null) {
    const shape = csvShape(inside, whole, options);
    return 'code' in shape
      ? shape
      : { ...shape, newline: guessDialect(text, whole).newline, quotedLines: true };
  }
  const { length, delimiter: stated } = statedDelimiter(text);
  const guessed = guessDialect(text.slice(length), whole);
  const { newline } = guessed;
  // A file that was saved again with another delimiter may keep the line that states the old one.
  const isUsed = stated !== null && text.includes(stated, length);
  const delimiter = options.delimiter ?? (isUsed ? stated : guessed.delimiter);
  const all: (readonly string[])[] = [];
  scanRecords(text, { delimiter, newline }, { last: whole, longest: longestRecord }, (cells, start, end) => {
    if (cells === null || start === end || all.length === sampleSize) return;
    const fields = cells.all();
    if (!isBlank(fields)) all.push(fields);
  });
  const found = findHeader(all, length > 0 ? 1 : 0, options.header);
  const { titles, rowNames } = found;
  // In a sheet, cells right of the header belong to columns without a name.
  const width = Math.max(found.width, options.workbook?.columns.length ?? 0);
  const header = found.names && [...found.names, ...Array<string>(width - found.names.length).fill('')];
  const records = all.slice(titles);
  if (records.length === 0) return refuseFile('no_rows', 'The file has no rows that can be read.');
  const others = header === null ? records : records.slice(1);
  const shown =
    header === null
      ? `The file has no header, so use the number of a column, from 1 to ${width}`
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
  const email = options.emailColumn ? called(options.emailColumn) : addressColumn(header, others);
  if (typeof email !== 'number') return email;
  if (email === -1)
    return refuseFile(
      'no_address_column',
      `No column contains mostly e-mail addresses. ${shown}. Name the address column with --email-column, or email_column in the API.`,
    );
  const calledOrNone = (name: string | undefined): number | ListError =>
    name === noColumn && columnCalled(name, header, width) === -1 ? -1 : called(name);
  const lastVerifiedAt = calledOrNone(options.lastVerifiedColumn);
  if (typeof lastVerifiedAt !== 'number') return lastVerifiedAt;
  const source = calledOrNone(options.sourceColumn);
  if (typeof source !== 'number') return source;

  const named = (kind: 'lastVerifiedAt' | 'source'): number => columnsNamed(header ?? [], kind)[0] ?? -1;
  const more =
    options.emailColumn === undefined && !onlyAddresses ? furtherAddressColumns(header, others, email) : [];
  const below = header === null ? 0 : headersBelow(others, email);
  const unread = onlyAddresses ? [] : unreadAddressColumns(others.slice(below), width, [email, ...more]);
  const life = lifeColumnsIn(
    header ?? [],
    (header ?? []).map((_, column) => column),
    (column) => others.map((record) => record[column] ?? ''),
  );
  return {
    format: 'csv',
    ...(options.workbook && { workbook: options.workbook }),
    delimiter,
    newline,
    header,
    width: onlyAddresses ? 1 : width,
    email: onlyAddresses ? 0 : email,
    ...(more.length > 0 && { moreEmails: more }),
    ...(life !== null && {
      life: options.lastVerifiedColumn && lastVerifiedAt === -1 ? { ...life, alive: [] } : life,
    }),
    ...(titles > 0 && { titles }),
    ...(below > 0 && { headersBelow: below }),
    ...(rowNames && { rowNames }),
    ...(unread.length > 0 && { unreadEmails: unread }),
    ...(onlyAddresses && { onlyAddresses }),
    ...(options.split && { split: true }),
    lastVerifiedAt: options.lastVerifiedColumn ? lastVerifiedAt : named('lastVerifiedAt'),
    source: options.sourceColumn ? source : named('source'),
    own: ownColumns.map((name) => header?.indexOf(name) ?? -1),
  };
}

const plainAddress = /^\s*[^\s<>"@]+@[^\s<>"@]+\s*$/;

/**
 * The records of a text whose lines are all quoted as a whole, as Excel writes a table that it has read as a single column.
 * Null if the lines of the text are not quoted in this way.
 */
function insideQuotedLines(text: string, whole: boolean): string | null {
  const { delimiter, newline } = guessDialect(text, whole);
  const lines: string[] = [];
  let areQuoted = true;
  scanRecords(text, { delimiter, newline }, { last: whole, longest: longestRecord }, (cells, start, end) => {
    if (start === end || !areQuoted) return;
    areQuoted = cells !== null && cells.length === 1 && /^\ufeff?".*"$/s.test(text.slice(start, end));
    if (areQuoted) lines.push(cells!.at(0));
  });
  if (!areQuoted || lines.length < 2) return null;
  const inside = `${lines.join('\n')}\n`;
  const dialect = guessDialect(inside, true);
  let fields: number | null = null;
  let isTable = true;
  let plain = 0;
  let records = 0;
  scanRecords(inside, dialect, { last: true, longest: longestRecord }, (cells) => {
    fields ??= cells?.length ?? 0;
    isTable &&= cells !== null && cells.length === fields && fields > 1;
    records++;
    const addresses = cells?.all().filter((cell) => plainAddress.test(cell)).length ?? 0;
    if (addresses > 0 && addresses < cells!.length) plain++;
  });
  // In most records, one cell is an address and another one is something else. Addresses in a quoted cell are no table.
  return isTable && plain * 2 >= records ? inside : null;
}

/** What a file is that is text but not a table, in words for an error. Null for a table. */
function otherFormat(text: string): string | null {
  const start = text.slice(0, 4096).trimStart();
  if (/^(?:<!doctype html|<html|<table|<head|<meta)/i.test(start)) return 'a web page';
  if (/^<\?xml|^<[a-z][\w:-]*(?:\s[^<>@]*)?>/i.test(start)) return 'XML';
  if (/^\[\s*\[/.test(start)) return 'JSON with an array for each row';
  if (/^BEGIN:VCARD/i.test(start)) return 'a file of contact cards (vCard)';
  if (/^BEGIN:VCALENDAR/i.test(start)) return 'a calendar (iCalendar)';
  if (/^(?:version: ?\d+\s+)?dn::? \S/i.test(start)) return 'an address book (LDIF)';
  const lines = start
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, -1);
  const labels = lines.map((line) => /^([\p{L}][\p{L} -]{1,29}): ./u.exec(line)?.[1]);
  const isRecords = lines.length >= 3 && labels.every(Boolean) && new Set(labels).size > 1;
  return isRecords ? 'a text with a label and a value on each line' : null;
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
 * Whether the file is not a table but just addresses: each cell contains addresses (or a part of a name), and at least one
 * line has several addresses. A file of at least two lines is a table if every line has the same number of cells, at least two.
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
  return addresses.length > 0 && addresses.every((each) => isAddress(each));
};

/** The indexes of columns with more addresses of the same person. `email` is the index of the address column. */
function furtherAddressColumns(
  header: readonly string[] | null,
  records: readonly (readonly string[])[],
  email: number,
): number[] {
  const columns = Array.from({ length: header?.length ?? records[0]?.length ?? 0 }, (_, column) => column);
  return columns.filter((column) => {
    if (column === email) return false;
    if (header !== null) return column < header.length && isFurtherAddress(header[column]!, header[email]!);
    const cells = records.map((record) => record[column] ?? '').filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.every(isAddresses);
  });
}

/** The indexes of the columns with addresses that are not read, probably those of other people. */
function unreadAddressColumns(
  records: readonly (readonly string[])[],
  width: number,
  read: readonly number[],
): number[] {
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    if (read.includes(column)) return false;
    const cells = records.map((record) => record[column] ?? '').filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.filter((cell) => isAddress(cell)).length * 2 > cells.length;
  });
}

/** The record without the empty cells at its end. */
function withoutTrailing(record: readonly string[]): readonly string[] {
  let length = record.length;
  while (length > 1 && record[length - 1]!.trim() === '') length--;
  return record.slice(0, length);
}

const isBlank = (record: readonly string[]): boolean => record.length === 1 && isBlankText(record[0]!);

/**
 * A column name as an error message shows it. A name that contains an address is replaced by `…`: in a file without a
 * header, the first row may be taken for the header.
 */
const shownName = (name: string): string =>
  `"${(name.includes('@') ? '…' : name).slice(0, 60).replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')}"`;
