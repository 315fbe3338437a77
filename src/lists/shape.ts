// The shape of a list as plain data that a job can store, and the rows that are read with it.

import type { Encoding, EncodingSoFar } from './decode.ts';
import type { ListError } from './list-error.ts';

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
  /** The index of each of `ownColumns`; missing ones follow the file's last column. */
  readonly own: readonly number[];
}

export interface NdjsonShape extends Outside {
  readonly format: 'ndjson';
  /** Paths of fields, such as `['contact', 'email']`; null if there is none. */
  readonly email: readonly string[];
  readonly lastVerifiedAt: readonly string[] | null;
  readonly source: readonly string[] | null;
}

/** A position between two rows from which a list can be read. */
export interface ListPosition {
  /** Bytes of the file before it. */
  readonly byte: number;
  /** The number of the next row, from 1. */
  readonly row: number;
  /** The line of the file on which that row begins, from 1. */
  readonly line: number;
  readonly encoding: EncodingSoFar;
}

/** What an earlier run left in presend's columns, as text. */
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
  /** The record as it is in the file, without its line ending. */
  readonly text: string;
  /** Empty at the end of a file whose last line has no line ending. */
  readonly ending: string;
  /** Fields of the record; 0 for a blank line, which is not a contact and is kept as it is. */
  readonly fields: number;
  /** The address as written, trimmed. */
  readonly email: string;
  /** As written; empty if there is none. */
  readonly lastVerifiedAt: string;
  readonly source: string;
  readonly earlier: EarlierVerdict | null;
}

export type ListPart =
  | { readonly kind: 'rows'; readonly rows: readonly ListRow[]; readonly next: ListPosition }
  /** The last part: the file is not a valid list, or not from here on. */
  | { readonly kind: 'error'; readonly error: ListError };
