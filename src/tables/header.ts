// Finds the header of a CSV list: the titles above it, further lines of it below, and the number of its columns.

import { saysNoAddress } from './address-cell.ts';
import { isAddress, isAddressName } from './find-columns.ts';

type Record = readonly string[];

/** Whether a cell is an address, and not a title that mentions one. */
const isAddressAlone = (cell: string): boolean => isAddress(cell, false);

export interface CsvHeader {
  /** The number of records above the header. They are titles, such as the name of a report. */
  readonly titles: number;
  /** The names of the columns. Null: the list has no header, so the record after the titles is a contact. */
  readonly names: Record | null;
  /** The number of fields in a row. */
  readonly width: number;
  /**
   * Whether rows begin with a field for which the header has no name, as the row names of R do, or names with an unquoted
   * comma. Then `names` begins with an empty name that the file does not have.
   */
  readonly rowNames: boolean;
}

/**
 * Finds the header among the first records of a list. `stated`: the number of records that are never the header. `given`: the
 * caller says whether there is a header.
 */
export function findHeader(
  records: readonly Record[],
  stated: number,
  given: boolean | undefined,
): CsvHeader {
  const titles = titlesAbove(records, stated);
  const [first, ...others] = records.slice(titles);
  if (first === undefined) return { titles, names: null, width: 0, rowNames: false };
  if (!(given ?? !first.some(isAddressAlone))) {
    const width = Math.max(first.length === 0 ? 0 : 1, ...records.slice(titles).map(filledLength));
    return { titles, names: null, width, rowNames: false };
  }
  const named = filledLength(first);
  const longer = others.filter((record) => filledLength(record) === named + 1).length;
  if (first.length === named && longer > 0 && longer >= 0.9 * others.length)
    return { titles, names: ['', ...first], width: named + 1, rowNames: true };
  // Keep columns without a name if they have contents.
  const width = Math.max(named, ...others.map((record) => Math.min(filledLength(record), first.length)));
  return { titles, names: first.slice(0, width), width, rowNames: false };
}

/** Number of records at the start of a list among which its header is. */
const mostTitles = 15;

/**
 * The number of records above the header. The header is the first record that names an address column in which addresses
 * follow. Without one, it is the first record with several fields, if all records above it have one field at most, none of
 * these records has an at sign, and more records with several fields follow. If there is no such header either, returns
 * `stated`.
 */
function titlesAbove(records: readonly Record[], stated: number): number {
  const byName = headerByName(records, stated);
  if (byName !== -1) return byName;
  const filled = records.map((record) => record.filter((cell) => cell.trim() !== '').length);
  const header = filled.findIndex((count, index) => index >= stated && count > 1);
  const isHeader = header > stated && header < 10 && !records[header]!.some((cell) => cell.includes('@'));
  const aboveIsText = records
    .slice(stated, header)
    .every((record) => !record.some((cell) => cell.includes('@')));
  const goesOn = filled.slice(header + 1).some((count) => count > 1);
  return isHeader && aboveIsText && goesOn ? header : stated;
}

function headerByName(records: readonly Record[], stated: number): number {
  for (let index = stated; index < Math.min(records.length, mostTitles); index++) {
    const record = records[index]!;
    if (record.some(isAddressAlone)) return -1;
    const columns = record.flatMap((cell, column) => (isAddressName(cell) ? [column] : []));
    if (columns.some((column) => records.slice(index + 1).some((row) => isAddress(row[column] ?? ''))))
      return index;
  }
  return -1;
}

/** Maximum number of records below the header that belong to it. */
const mostBelow = 2;

/**
 * The number of records right below the header that say more about the columns and are not contacts, as in exports of surveys:
 * `Response`, the text of a question, or `{"ImportId":…}` in the address column. `rows` are the records below the header.
 */
export function headersBelow(rows: readonly Record[], email: number): number {
  let count = 0;
  while (count < mostBelow && /^(?:response|.*e-?mail.*)$|^\{"\w+":/i.test(textOf(rows[count], email)))
    count++;
  return rows.slice(count).some((row) => isAddress(row[email] ?? '')) ? count : 0;
}

/** The text of a cell that has neither an at sign nor a dot between letters, nor says `no e-mail`; else empty. */
const textOf = (row: Record | undefined, column: number): string => {
  const text = row?.[column]?.trim() ?? '';
  if (saysNoAddress(text)) return '';
  return /@|\p{L}\.\p{L}/u.test(text) ? '' : text;
};

/** The number of fields without the empty ones at the end, but at least 1. */
function filledLength(record: Record): number {
  let length = record.length;
  while (length > 1 && record[length - 1]!.trim() === '') length--;
  return length;
}
