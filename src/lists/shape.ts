// The shape of a list as plain data that a job can store, and the rows that are read with it.

import type { DetectedEncoding, Encoding } from './decode.ts';
import type { LifeColumns, LifeDates } from './life-columns.ts';
import type { ListError, RowRefusal } from './list-error.ts';

export type ListShape = CsvShape | NdjsonShape;

interface Outside {
  /** Whether the file begins with a byte order mark. The result then begins with one too. */
  readonly mark: boolean;
  /** The encoding that the caller named; null if it is detected from the bytes. */
  readonly encoding: Encoding | null;
}

export interface CsvShape extends Outside {
  readonly format: 'csv';
  readonly delimiter: string;
  readonly newline: '\n' | '\r';
  /** Null if the first row is a contact. */
  readonly header: readonly string[] | null;
  /** Fields per row. */
  readonly width: number;
  /** Column indexes from 0; -1 if there is none. */
  readonly email: number;
  readonly lastVerifiedAt: number;
  readonly source: number;
  /** Columns that show or limit the age of an address. Absent: none. */
  readonly life?: LifeColumns<number>;
  /** Indexes of columns with other addresses of the same contact, such as `E-mail 2 - Value`. Absent: none. */
  readonly moreEmails?: readonly number[];
  /** Number of records above the header: titles, and Excel's `sep=;`. Absent: none. */
  readonly titles?: number;
  /** Whether the file contains only addresses. Each address is then a row. */
  readonly onlyAddresses?: boolean;
  /** Whether a contact with several addresses becomes one row per address. */
  readonly split?: boolean;
  /** The column index of each of `ownColumns`. -1: the file lacks the column, so the result appends it. */
  readonly own: readonly number[];
}

/** One object per line, or a JSON array of objects. */
export interface NdjsonShape extends Outside {
  readonly format: 'ndjson';
  readonly array?: boolean;
  /** Paths of fields, such as `['contact', 'email']`; null if there is none. */
  readonly email: readonly string[];
  readonly lastVerifiedAt: readonly string[] | null;
  readonly source: readonly string[] | null;
  /** Fields that show or limit the age of an address. Absent: none. */
  readonly life?: LifeColumns<readonly string[]>;
}

/** A position between two rows from which a list can be read. */
export interface ListPosition {
  /** Bytes of the file before it. */
  readonly byte: number;
  /** The number of the next row, from 1. */
  readonly row: number;
  /** The line of the file on which that row begins, from 1. */
  readonly line: number;
  readonly encoding: DetectedEncoding;
}

/** The text that an earlier run wrote into presend's columns. */
export interface EarlierVerdict {
  readonly result: string;
  readonly reason: string;
  readonly action: string;
  readonly status: string;
  readonly probability: string;
  readonly checkedAt: string;
  readonly duplicate: string;
}

export interface ListRow {
  /** The record that the result contains, without its line ending. */
  readonly text: string;
  /** The line ending of the record; empty if the file ends without one. */
  readonly ending: string;
  /** Fields of the record; 0 for a blank line or a title, which is not a contact and is kept unchanged. */
  readonly fields: number;
  /** The first address, cleaned; empty if the contact has none. */
  readonly email: string;
  /** `email` is the whole cell, and consists of characters that no format has to quote. */
  readonly plain: boolean;
  /** The contact's other addresses; null if there are none. */
  readonly others: readonly string[] | null;
  /** The date of the last verification as written in the list; empty if there is none. */
  readonly lastVerifiedAt: string;
  readonly source: string;
  /** Null if the list has no such dates, or the row has none. */
  readonly life: LifeDates | null;
  readonly earlier: EarlierVerdict | null;
  /** The characters of the file that the row represents; null if they are `text` and `ending`. */
  readonly raw: string | null;
  /** Why the record cannot be read. It has no fields then. */
  readonly refusal: RowRefusal | null;
}

/** A record that was set aside. */
export interface SetAside {
  readonly error: ListError;
  /** The record as it is in the file, without its line ending. */
  readonly text: string;
}

export type ListPart =
  | {
      readonly kind: 'rows';
      readonly rows: readonly ListRow[];
      readonly next: ListPosition;
      readonly setAside: readonly SetAside[];
    }
  /** The last part: the rest of the file, or the file as a whole, is not a valid list. */
  | { readonly kind: 'error'; readonly error: ListError };
