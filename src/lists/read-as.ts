// How presend read a list: its format, encoding and columns, for the summary.

import type { DetectedEncoding } from '../encoding/decode.ts';
import type { ListShape } from './shape.ts';

/** In the API's JSON. */
export interface ReadAs {
  /** `json`: an array of objects or addresses. `addresses`: a text that is not a table; each address became a row. */
  format: 'csv' | 'ndjson' | 'json' | 'addresses' | 'xlsx';
  /** Null for a workbook, and for a job, whose summary does not record it. */
  encoding: string | null;
  /** Null for JSON and workbooks. */
  delimiter: string | null;
  /** Whether the first row of a CSV file named the columns. Null for JSON. */
  header: boolean | null;
  /** Number of records above the header: titles, and Excel's line `sep=;`. */
  titles: number;
  /** The columns whose addresses were verified. The first one is the address column. */
  address_columns: string[];
  /** Other columns with addresses, probably of other people. They were not verified. */
  other_address_columns: string[];
  /** The name of the sheet, if the file is a workbook (XLSX). */
  sheet?: string;
  /** The other sheets of the workbook. They are not in the result. */
  other_sheets?: string[];
}

export function readAs(shape: ListShape, encoding: DetectedEncoding | null): ReadAs {
  const label = encoding === 'ascii' ? 'utf-8' : encoding;
  if (shape.format === 'ndjson')
    return {
      format: shape.array ? 'json' : 'ndjson',
      encoding: label,
      delimiter: null,
      header: null,
      titles: 0,
      address_columns: [shape.email, ...(shape.moreEmails ?? [])].map((path) => path.join('.')),
      other_address_columns: [],
    };
  const { header, delimiter, email, moreEmails = [], unreadEmails = [], titles = 0, onlyAddresses } = shape;
  const nameOf = (column: number): string => header?.[column]?.trim() || `column ${column + 1}`;
  const { workbook } = shape;
  return {
    format: workbook ? 'xlsx' : onlyAddresses ? 'addresses' : 'csv',
    encoding: workbook ? null : label,
    delimiter: workbook ? null : delimiter,
    header: header !== null,
    titles,
    address_columns: onlyAddresses ? [] : [email, ...moreEmails].map(nameOf),
    other_address_columns: unreadEmails.map(nameOf),
    ...(workbook && { sheet: workbook.sheet, other_sheets: [...workbook.otherSheets] }),
  };
}
