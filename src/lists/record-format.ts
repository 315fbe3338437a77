// What each list format provides for reading and writing, and what a caller may specify about a file.

import type { OwnCells } from './columns.ts';
import type { Encoding } from './decode.ts';
import type { RowRefusal } from './list-error.ts';
import type { ListRow } from './shape.ts';

export interface ListOptions {
  /** Detected from the contents if absent. */
  readonly format?: 'csv' | 'ndjson';
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** CSV: whether the first record names the columns. */
  readonly header?: boolean;
  /** A column's name or its number from 1; in NDJSON a path such as `contact.email`. */
  readonly emailColumn?: string;
  readonly lastVerifiedColumn?: string;
  readonly sourceColumn?: string;
  /** Whether a contact with several addresses becomes one row per address. */
  readonly split?: boolean;
  /** Maximum rows of a part; 4,096 if absent. */
  readonly rowsAtOnce?: number;
}

/** Maximum characters of a record. A longer line does not belong to a list of contacts. */
export const longestRecord = 1_048_576;

export const recordTooLong: RowRefusal = {
  code: 'record_too_long',
  sentence: `has more than ${longestRecord} characters. Check for a missing line break or closing quotation mark.`,
};

/** Finds the records of one format in text. */
export interface RecordReader {
  /**
   * Passes each complete record of `text` to `onRow` and returns the number of characters that it read. The rest is an
   * incomplete record. `last`: `text` is the end of the file. `refused` says why the record after the read ones is invalid.
   */
  read(
    text: string,
    last: boolean,
    onRow: (row: ListRow) => void,
  ): { readonly read: number; readonly refused: RowRefusal | null };
}

/**
 * Appends a record with presend's cells and the usable address to `out`, in several strings and without its line ending.
 * If `cells` is null, the record keeps its existing cells.
 */
export type RecordWriter = (row: ListRow, cells: OwnCells | null, address: string, out: string[]) => void;
