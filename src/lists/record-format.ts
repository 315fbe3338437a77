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
  /** A contact with several addresses becomes a row for each. */
  readonly split?: boolean;
  /** Maximum rows of a part; 4,096 if absent. */
  readonly rowsAtOnce?: number;
}

/** Maximum characters of a record. A longer line does not belong to a list of contacts. */
export const longestRecord = 1_048_576;

export const recordTooLong: RowRefusal = {
  code: 'record_too_long',
  sentence: `has more than ${longestRecord} characters.`,
};

/** Finds the records of one format in text. */
export interface RecordReader {
  /**
   * Passes each record of `text` to `onRow` and returns how many characters were read. The rest is the start of an
   * incomplete record; `last`: no more text follows. A refusal is about the record after what was read.
   */
  read(
    text: string,
    last: boolean,
    onRow: (row: ListRow) => void,
  ): { readonly read: number; readonly refused: RowRefusal | null };
}

/**
 * Appends the parts of a record with presend's cells and the usable address to `out`, except its line ending; without cells it keeps the
 * existing ones.
 */
export type RecordWriter = (row: ListRow, cells: OwnCells | null, address: string, out: string[]) => void;
