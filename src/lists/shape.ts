// The shape of a list (its format and columns), as plain data that a job can store, and the rows that are read with
// it.

import type { Newline } from '../csv/read-records.ts';
import type { DetectedEncoding, Encoding } from '../encoding/decode.ts';
import type { LifeColumns, LifeDates } from './life-columns.ts';
import type { ListError, RowRefusal } from './list-error.ts';

export type ListShape = CsvShape | NdjsonShape;

interface Outside {
  /**
   * Whether the result begins with a byte order mark. It does if the file has one, or if its beginning is in another encoding
   * such as windows-1252: the result is UTF-8, and Excel may not recognize UTF-8 without the mark.
   */
  readonly mark: boolean;
  /** The encoding that the caller named. Null: it is detected from the bytes. */
  readonly encoding: Encoding | null;
}

/** How the cells of a column of a sheet are written back. Values of a kind whose field is absent are written as texts. */
export interface ColumnCells {
  /**
   * The code of the number format, if all texts of the column that look like a number were numbers; empty for no format. So a
   * text such as `007` never becomes a number.
   */
  readonly number?: string;
  /** The code of the number format, if all texts of the column that look like a date were dates. */
  readonly date?: string;
  /** True if all texts `TRUE` and `FALSE` of the column were booleans. */
  readonly boolean?: boolean;
}

/** The sheet of a workbook from which the list comes. */
export interface ListWorkbook {
  readonly sheet: string;
  /** The names of the other sheets. They are not read. */
  readonly otherSheets: readonly string[];
  /** One entry for each column of the sheet. */
  readonly columns: readonly ColumnCells[];
}

export interface CsvShape extends Outside {
  readonly format: 'csv';
  /** If the file is a workbook (XLSX): its sheet. The list is then the text of the sheet as CSV in UTF-8. */
  readonly workbook?: ListWorkbook;
  readonly delimiter: string;
  readonly newline: Newline;
  /** The names of the columns. Null: the file has no header, so the first row is a contact. */
  readonly header: readonly string[] | null;
  /** The number of fields in a row. */
  readonly width: number;
  /**
   * The indexes, from 0, of the columns with the address, the date of the last verification and the source. -1: none.
   */
  readonly email: number;
  readonly lastVerifiedAt: number;
  readonly source: number;
  /** Columns with dates that show how old an address is. Absent: none. */
  readonly life?: LifeColumns<number>;
  /** The indexes of columns with more addresses of the same contact, such as `E-mail 2 - Value`. Absent: none. */
  readonly moreEmails?: readonly number[];
  /** The number of records above the header: titles, and Excel's line `sep=;`. Absent: none. */
  readonly titles?: number;
  /** The number of records right below the header that are not contacts, as in exports of surveys. Absent: none. */
  readonly headersBelow?: number;
  /** Whether rows have one more field than the header, at their start. `header` begins with an empty name for it. */
  readonly rowNames?: boolean;
  /** The indexes of other columns with addresses, such as the owner of a contact. They are not read. Absent: none. */
  readonly unreadEmails?: readonly number[];
  /** Whether each line is quoted as a whole: a single field that contains the record, as in `"Doe,jane@example.org"`. */
  readonly quotedLines?: boolean;
  /** Whether the file is not a table but just addresses. Then each address becomes a row. */
  readonly onlyAddresses?: boolean;
  /** Whether a contact with several addresses becomes one row for each address. */
  readonly split?: boolean;
  /**
   * The index of each of presend's columns (`ownColumns`). -1: the file does not have it, so the result gets it at
   * the end.
   */
  readonly own: readonly number[];
}

/**
 * A list of JSON objects. `array` is absent if there is one object on each line, and true if the objects are the elements of a JSON
 * array or stand one after another without line breaks. `strings`: the elements of the array are addresses. `prefix` is set if the
 * array is inside an object such as `{"contacts": […]}`: the number of characters before its first element. The result begins with them.
 */
export interface NdjsonShape extends Outside {
  readonly format: 'ndjson';
  readonly array?: boolean;
  readonly strings?: boolean;
  readonly prefix?: number;
  /**
   * The paths of the fields with the address, the date of the last verification and the source, such as `['contact',
   * 'email']`. Null: there is no such field.
   */
  readonly email: readonly string[];
  readonly lastVerifiedAt: readonly string[] | null;
  readonly source: readonly string[] | null;
  /** The paths of fields with more addresses of the same contact. Absent: none. */
  readonly moreEmails?: readonly (readonly string[])[];
  /** Whether a contact with several addresses becomes one object for each address. */
  readonly split?: boolean;
  /** Fields with dates that show how old an address is. Absent: none. */
  readonly life?: LifeColumns<readonly string[]>;
}

/** A position between two rows of a file, from which reading can go on. */
export interface ListPosition {
  /** The number of bytes before the position. */
  readonly byte: number;
  /** The number of the next row, from 1; 0 if the header comes next. */
  readonly row: number;
  /** The line of the file on which this row begins, from 1. */
  readonly line: number;
  readonly encoding: DetectedEncoding;
}

/** The verdict that an earlier run wrote into presend's columns, as text. */
export interface EarlierVerdict {
  readonly result: string;
  readonly reason: string;
  readonly action: string;
  readonly didYouMean: string;
  readonly status: string;
  readonly probability: string;
  readonly checkedAt: string;
  readonly duplicate: string;
  readonly provider: string;
  readonly gateway: string;
  readonly engagement: string;
}

export interface ListRow {
  /** The record as it is in the result, but without its line ending and the columns that presend adds. */
  readonly text: string;
  /** The line ending of the record. Empty if the file ends without one. */
  readonly ending: string;
  /**
   * The number of fields in the record. 0: the row is not a contact but a blank line, a title or an unreadable
   * record.
   */
  readonly fields: number;
  /** The first address of the contact, cleaned; or the text of the address cell if it has no address. May be empty. */
  readonly email: string;
  /** Whether `email` is the whole cell and needs no quotes in any format. */
  readonly plain: boolean;
  /** Whether the address cell has more than the address, such as a name or `mailto:`. */
  readonly cleaned: boolean;
  /** The other addresses of the contact. Null: there are none. */
  readonly others: readonly string[] | null;
  /** The date of the last verification, as written in the list. Empty if there is none. */
  readonly lastVerifiedAt: string;
  readonly source: string;
  /** The dates that show how old the address is. Null: the row has none. */
  readonly life: LifeDates | null;
  readonly earlier: EarlierVerdict | null;
  /**
   * The characters of the row in the file. Null if they are `text` followed by `ending`, as usual. If presend makes several
   * rows from one line, `raw` is the whole line in the first of them and an empty text in the others.
   */
  readonly raw: string | null;
  /** Why the record cannot be read. Null: it can be. */
  readonly refusal: RowRefusal | null;
}

/** A record that cannot be read, and so is not in the result. */
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
  /** Comes last: the rest of the file, or the whole file, is not a valid list. */
  | { readonly kind: 'error'; readonly error: ListError };
