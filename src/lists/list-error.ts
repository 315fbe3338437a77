// Why a file is refused as a list. The reason is a value: a code, the row and line of the fault, and a sentence.

export type ListErrorCode =
  | 'no_rows'
  | 'binary'
  | 'bad_encoding'
  | 'mixed_encodings'
  | 'not_a_table'
  | 'no_address_column'
  | 'unknown_column'
  | 'broken_quote'
  | 'record_too_long'
  | 'too_many_fields'
  | 'repeated_header'
  | 'other_columns'
  | 'bad_json'
  | 'bad_workbook'
  | 'workbook_too_large'
  | 'encrypted_workbook'
  | 'unknown_sheet';

/** Why one row cannot be read. `sentence` continues "Row 3 (line 4) …", for example "has 5 fields". */
export interface RowRefusal {
  readonly code: ListErrorCode;
  readonly sentence: string;
}

export interface ListError {
  readonly code: ListErrorCode;
  /** The row of the fault, from 1 without counting the header. 0 is the header; null is the file as a whole. */
  readonly row: number | null;
  /** The line of the file on which this row begins, from 1; null for the file as a whole. */
  readonly line: number | null;
  /** English text that says what is wrong, and in which row. Contains nothing from the file except names of columns. */
  readonly message: string;
}

/** Returns the error for a fault of the file as a whole. */
export const refuseFile = (code: ListErrorCode, message: string): ListError => ({
  code,
  row: null,
  line: null,
  message,
});

/** Returns the error for a fault in one row. `sentence` continues "Row 3 (line 4) …", for example "has 5 fields". */
export const refuseRow = (
  code: ListErrorCode,
  place: { readonly row: number; readonly line: number },
  sentence: string,
): ListError => ({
  code,
  row: place.row,
  line: place.line,
  message: `${place.row === 0 ? 'The header' : `Row ${place.row}`} (line ${place.line}) ${sentence}`,
});
