// What each format of a list provides for reading and writing it, and what a caller may say about a file beforehand.

import type { OwnCells } from './columns.ts';
import type { Encoding } from './decode.ts';
import type { ListErrorCode } from './list-error.ts';
import type { ListRow } from './shape.ts';

export interface ListOptions {
  /** Told from the contents where absent. */
  readonly format?: 'csv' | 'ndjson';
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** CSV: whether the first record names the columns. */
  readonly header?: boolean;
  /** A column's name or its number from 1; in NDJSON a field's path, such as `contact.email`. */
  readonly emailColumn?: string;
  readonly lastVerifiedColumn?: string;
  readonly sourceColumn?: string;
  /** Rows of a part, at most; 4,096 where absent. */
  readonly rowsAtOnce?: number;
}

/** Why a row is refused; the sentence continues "Row 3 (line 4) …". */
export interface RowRefusal {
  readonly code: ListErrorCode;
  readonly sentence: string;
}

/** Characters of a record, at most. A longer line is not part of a list of contacts. */
export const longestRecord = 1_048_576;

export const recordTooLong: RowRefusal = {
  code: 'record_too_long',
  sentence: `has more than ${longestRecord} characters.`,
};

/** Finds the records of one format in text. */
export interface RecordReader {
  /**
   * Hands each record of `text` to `onRow`, and tells how many characters were read. What is left is the beginning of a
   * record whose end has not come; `last`: nothing comes any more. A refusal is about the record behind what was read.
   */
  read(
    text: string,
    last: boolean,
    onRow: (row: ListRow) => void,
  ): { readonly read: number; readonly refused: RowRefusal | null };
}

/** Puts the parts of a record with our cells to `out`, but its line ending; without cells what it has is left. */
export type RecordWriter = (row: ListRow, cells: OwnCells | null, out: string[]) => void;
