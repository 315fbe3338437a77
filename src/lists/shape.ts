// What a list looks like, as plain data that a job can store, and the rows that are read by it.

import type { Encoding, EncodingSoFar } from './decode.ts';
import type { ListError } from './list-error.ts';

export type ListShape = CsvShape | NdjsonShape;

interface Outside {
  /** The file began with a byte order mark; so does the result. */
  readonly mark: boolean;
  /** Named by the caller; null where it is told from the bytes. */
  readonly encoding: Encoding | null;
}

export interface CsvShape extends Outside {
  readonly format: 'csv';
  readonly delimiter: string;
  readonly newline: '\n' | '\r';
  /** Null where the first row is a contact. */
  readonly header: readonly string[] | null;
  /** Fields that a row has. */
  readonly width: number;
  /** Places of columns from 0; -1 where there is none. */
  readonly email: number;
  readonly lastVerifiedAt: number;
  readonly source: number;
  /** The place of each of `ownColumns`; those that the file lacks follow its last. */
  readonly own: readonly number[];
}

export interface NdjsonShape extends Outside {
  readonly format: 'ndjson';
  /** Paths of fields, such as `['contact', 'email']`; null where there is none. */
  readonly email: readonly string[];
  readonly lastVerifiedAt: readonly string[] | null;
  readonly source: readonly string[] | null;
}

/** A place between two rows from which a list can be read on. */
export interface ListPosition {
  /** Bytes of the file before it. */
  readonly byte: number;
  /** The number of the row that follows, from 1. */
  readonly row: number;
  /** The line of the file on which that row begins, from 1. */
  readonly line: number;
  readonly encoding: EncodingSoFar;
}

/** What an earlier run left in our columns, as text. */
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
  /** The record as it stands in the file, without its line ending. */
  readonly text: string;
  /** Empty at the end of a file whose last line is not ended. */
  readonly ending: string;
  /** Fields of the record; 0 for a blank line, which is no contact and passes as it is. */
  readonly fields: number;
  /** The address as written, without space around it. */
  readonly email: string;
  /** As written; empty where there is none. */
  readonly lastVerifiedAt: string;
  readonly source: string;
  readonly earlier: EarlierVerdict | null;
}

export type ListPart =
  | { readonly kind: 'rows'; readonly rows: readonly ListRow[]; readonly next: ListPosition }
  /** The last part: the file is no list, or not from here on. */
  | { readonly kind: 'error'; readonly error: ListError };
