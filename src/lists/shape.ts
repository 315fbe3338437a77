// The shape of a list as plain data that a job can store, and the rows that are read with it.

import type { DetectedEncoding, Encoding } from './decode.ts';
import type { LifeColumns, LifeDates } from './life-columns.ts';
import type { ListError, RowRefusal } from './list-error.ts';

export type ListShape = CsvShape | NdjsonShape;

interface Outside {
  /** The file began with a byte order mark; so does the result. */
  readonly mark: boolean;
  /** Named by the caller; null if detected from the bytes. */
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
  /** Columns that tell the age of an address. Absent: none. */
  readonly life?: LifeColumns<number>;
  /** Places of further address columns of the same contact, such as `E-mail 2 - Value`. Absent: none. */
  readonly moreEmails?: readonly number[];
  /** Records above the header: titles, and Excel's `sep=;`. Absent: none. */
  readonly titles?: number;
  /** The file holds addresses and nothing else: each one is a row. */
  readonly onlyAddresses?: boolean;
  /** A contact with several addresses becomes a row for each. */
  readonly split?: boolean;
  /** The index of each of `ownColumns`; missing ones follow the file's last column. */
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
  /** Fields that tell the age of an address. Absent: none. */
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
  /** The record as it is written, without its line ending. */
  readonly text: string;
  /** Empty at the end of a file whose last line is not ended. */
  readonly ending: string;
  /** Fields of the record; 0 for a blank line or a title, which is not a contact and is kept unchanged. */
  readonly fields: number;
  /** The first address, cleaned; empty if the contact has none. */
  readonly email: string;
  /** The contact's other addresses; null if there are none. */
  readonly others: readonly string[] | null;
  /** As written; empty if there is none. */
  readonly lastVerifiedAt: string;
  readonly source: string;
  /** Null if the list has no such dates, or the row has none. */
  readonly life: LifeDates | null;
  readonly earlier: EarlierVerdict | null;
  /** The characters of the file that the row represents, if they are not `text` and `ending`. */
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
  /** The last part: the file is not a valid list, or not from here on. */
  | { readonly kind: 'error'; readonly error: ListError };
