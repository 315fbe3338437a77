// Why a file is refused as a list: a value with a code, a place in the file and a sentence.

export type ListErrorCode =
  | 'no_rows'
  | 'binary'
  | 'bad_encoding'
  | 'mixed_encodings'
  | 'no_address_column'
  | 'unknown_column'
  | 'broken_quote'
  | 'record_too_long'
  | 'too_many_fields'
  | 'bad_json';

/** Why a row is refused. `sentence` is the end of a sentence that begins with "Row 3 (line 4)". */
export interface RowRefusal {
  readonly code: ListErrorCode;
  readonly sentence: string;
}

export interface ListError {
  readonly code: ListErrorCode;
  /** From 1, not counting the header; 0 for the header, null for the file as a whole. */
  readonly row: number | null;
  /** The line of the file on which that row begins, from 1. */
  readonly line: number | null;
  /** One English sentence that names the row. Contains nothing from the file except column names. */
  readonly message: string;
}

/** Refuses the file as a whole. */
export const refuseFile = (code: ListErrorCode, message: string): ListError => ({
  code,
  row: null,
  line: null,
  message,
});

/** Refuses the file because of one row. `sentence` is the end of a sentence that begins with "Row 3 (line 4)". */
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
