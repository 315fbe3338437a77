// What each list format (CSV, NDJSON) implements to read and write records, and what a caller may say about a file.

import type { Encoding } from '../encoding/decode.ts';
import type { OwnCells } from './columns.ts';
import type { RowRefusal } from './list-error.ts';
import type { ListRow, ListWorkbook } from './shape.ts';

export interface ListOptions {
  /** If absent, the format is detected from the contents. A workbook (XLSX) is always detected. */
  readonly format?: 'csv' | 'ndjson';
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** For CSV: whether the first record names the columns. */
  readonly header?: boolean;
  /** The name of the address column or its number from 1; in NDJSON a path such as `contact.email`. */
  readonly emailColumn?: string;
  /** Like `emailColumn`. `noColumn`: no column has such a date, whatever their names say. */
  readonly lastVerifiedColumn?: string;
  /** Like `lastVerifiedColumn`. */
  readonly sourceColumn?: string;
  /** For CSV: whether a contact with several addresses becomes one row for each address. */
  readonly split?: boolean;
  /** The name of the sheet of a workbook, or its number from 1. If absent, the first sheet with an address column. */
  readonly sheet?: string;
  /** The sheet from which the CSV text comes. Set by `openListIn`. */
  readonly workbook?: ListWorkbook;
  /** A list is read in parts. Maximum number of rows in one part; 4,096 if absent. */
  readonly rowsAtOnce?: number;
}

/** In place of the name or number of a column: there is none. */
export const noColumn = '0';

/** Maximum number of characters in a record. A longer record is hardly a contact. */
export const longestRecord = 1_048_576;

export const recordTooLong: RowRefusal = {
  code: 'record_too_long',
  sentence: `has more than ${longestRecord} characters. Check for a missing line break or closing quotation mark.`,
};

/** Finds the records of one format in a text. */
export interface RecordReader {
  /**
   * Passes each complete record of `text` to `onRow`. Returns as `read` the number of characters of these records; any
   * text after them is an incomplete record. `last`: the file ends with `text`. `refused` says why the record after the
   * complete ones cannot be read; null if nothing is known to be wrong with it.
   */
  read(
    text: string,
    last: boolean,
    onRow: (row: ListRow) => void,
  ): { readonly read: number; readonly refused: RowRefusal | null };
}

/**
 * Appends a record, without its line ending, to `out`: the row, presend's cells, and `address` for `ps_address`. It
 * may append several strings. If `cells` is null, the record keeps the cells that it has.
 */
export type RecordWriter = (row: ListRow, cells: OwnCells | null, address: string, out: string[]) => void;
