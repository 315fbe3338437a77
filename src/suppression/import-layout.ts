// Finds the header and the columns of a CSV file of suppressions, from its first rows. Pure functions.

import { isOtherPerson } from '../tables/find-columns.ts';
import { parseWrittenDate } from '../written-dates.ts';
import { isHashedHeader } from './hashed-rows.ts';
import { firstColumns, type ImportColumns, isAddressColumn, namedColumns } from './import-columns.ts';
import { isReasonWord } from './import-reasons.ts';
import { recipientAddress } from './recipient.ts';

type Fields = readonly string[];

export interface ImportLayout {
  /** The index of the header among the first rows; -1 if the file has none. The rows above it are titles. */
  readonly header: number;
  readonly columns: ImportColumns;
  /** Whether the file is an export of presend, with hashes. */
  readonly isHashed: boolean;
}

/** Number of rows at the start of a file from which its columns are found. */
export const layoutSample = 200;
/** Number of rows at the start of a file among which its header is. */
const mostTitles = 15;

export function findImportLayout(rows: readonly Fields[]): ImportLayout {
  const hashed = rows.slice(0, mostTitles).findIndex(isHashedHeader);
  if (hashed !== -1) return { header: hashed, columns: {}, isHashed: true };
  let best: ImportLayout | null = null;
  for (const [index, row] of rows.slice(0, mostTitles).entries()) {
    const columns = columnsOfHeaderAbove(row, rows.slice(index + 1));
    if (columns !== null && sizeOf(columns) > sizeOf(best?.columns ?? {}))
      best = { header: index, columns, isHashed: false };
    // A title may have the name of a column, too, so the header is the row with most names before the first entry.
    if (best !== null && hasAddress(row)) break;
  }
  return best ?? { header: -1, columns: columnsByContents(rows) ?? firstColumns, isHashed: false };
}

const sizeOf = (columns: ImportColumns): number => Object.keys(columns).length;

const hasAddress = (row: Fields): boolean => row.some(isEntryAddress);

/** Whether an entry for a cell can be stored. */
const isEntryAddress = (cell = ''): boolean => cell.includes('@') && recipientAddress(cell) !== null;

/**
 * The column with the addresses of the entries: a column with a known name and an address, else the one with the most different
 * addresses. The persons who look after the contacts are fewer than these. -1 if there are no addresses.
 */
function addressColumnIn(rows: readonly Fields[], names: Fields): number {
  const different: Set<string>[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) {
      different[column] ??= new Set();
      if (isEntryAddress(cell)) different[column].add(cell.trim().toLowerCase());
    }
  const score = (column: number): number => {
    const name = names[column] ?? '';
    const count = different[column]!.size;
    if (isOtherPerson(name)) return count / (rows.length + 1);
    return isAddressColumn(name) ? count * (rows.length + 1) : count;
  };
  let best = -1;
  for (let column = 0; column < different.length; column++)
    if (score(column) > (best === -1 ? 0 : score(best))) best = column;
  return best;
}

/** The columns that `row` names if it is the header of the rows `below`. Null if it is not. */
function columnsOfHeaderAbove(row: Fields, below: readonly Fields[]): ImportColumns | null {
  const named = namedColumns(row);
  if (sizeOf(named) === 0) return null;
  const address = addressColumnIn(below, row);
  const hasAddresses = below.some((each) => isEntryAddress(each[address]));
  if (!hasAddresses) return named.address !== undefined && !below.some(hasAddress) ? named : null;
  // The column of the addresses may have a name that presend does not know, but it has one.
  const names = row.filter((cell) => cell.trim() !== '').length;
  return row[address]!.trim() !== '' && (names > 1 || named.address === address)
    ? { ...named, address }
    : null;
}

/**
 * Guesses the columns of a file without a header. The reason stands next to the address (Amazon SES: `address,BOUNCE`), unless the words
 * of another column are reasons or those beside the address are dates. Null if there are no addresses.
 */
function columnsByContents(rows: readonly Fields[]): ImportColumns | null {
  const address = addressColumnIn(rows, []);
  if (address === -1) return null;
  const width = Math.max(...rows.map((row) => row.length));
  const cells = (column: number): string[] =>
    rows.map((row) => row[column]?.trim() ?? '').filter((cell) => cell !== '');
  const columns = Array.from({ length: width }, (_, column) => column).filter((column) => column !== address);
  const isMostly = (column: number, matches: (cell: string) => boolean): boolean =>
    cells(column).filter(matches).length * 2 > cells(column).length;
  const date = columns.find((column) => isMostly(column, isDate));
  const beside = address + 1 < width || address === 0 ? address + 1 : address - 1;
  const reason = columns.find((column) => isMostly(column, isReasonWord)) ?? beside;
  return {
    address,
    ...(reason !== date && { reason }),
    ...(date !== undefined && { date }),
  };
}

/** Ten digits may be a telephone number as well as Unix time. */
const isDate = (cell: string): boolean =>
  !/^[\d.]+$/.test(cell) && parseWrittenDate(cell, { latest: Number.POSITIVE_INFINITY }) !== null;

/**
 * Whether a row below the header is a header, too, as where files were joined: the place of the address or each filled cell has the
 * name of a column.
 */
export function isRepeatedHeader(row: Fields, columns: ImportColumns): boolean {
  const named = namedColumns(row);
  if (named.address === undefined) return false;
  const places = Object.values(named);
  const filled = row.filter((cell) => cell.trim() !== '').length;
  return places.includes(columns.address ?? -1) || (filled > 1 && places.length === filled);
}
