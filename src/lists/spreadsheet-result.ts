// Turns the text of a result into a workbook (XLSX), or the text of a result whose list is a workbook into CSV for people.

import { type CsvDialect, readRecords } from '../csv/read-records.ts';
import { isBlankText } from '../tables/address-cell.ts';
import { lookOf, looks } from '../xlsx/look.ts';
import { mostColumns } from '../xlsx/read-sheet.ts';
import { dateSerial } from '../xlsx/serial-dates.ts';
import { type WrittenCell, type WrittenWorkbook, workbookBytes } from '../xlsx/write-workbook.ts';
import { ownColumns } from './columns.ts';
import { resultShape } from './result-rows.ts';
import type { ColumnCells, CsvShape } from './shape.ts';
import { csvCell } from './spreadsheet.ts';

export type SpreadsheetFormat = 'xlsx' | 'csv';

/** The largest sheet is 16,384 columns wide. Returns a sentence if the result of a list does not fit, else null. */
export function refuseXlsx(shape: CsvShape): string | null {
  const { width } = resultShape(shape) as CsvShape;
  return width > mostColumns
    ? `A sheet has at most ${mostColumns} columns, but the result has ${width}. Write the result as CSV.`
    : null;
}

/**
 * Yields a result as a workbook. `content` is the text of the result with its header, and `shape` the shape of the list. Cells
 * that were numbers, dates or booleans in the list are so again; all other cells of the list are texts.
 */
export async function* resultWorkbook(
  content: AsyncIterable<Uint8Array>,
  shape: CsvShape,
  onWritten?: (written: WrittenWorkbook) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { formats, cellOf } = cellWriter(shape);
  async function* rows(): AsyncGenerator<readonly (readonly WrittenCell[])[]> {
    let isFirst = true;
    for await (const records of recordsOf(content, shape)) {
      yield records.map((record, index) =>
        isFirst && index === 0 && isDelimiterLine(record) ? [null] : record.map(cellOf),
      );
      isFirst = false;
    }
  }
  const { workbook, header, titles = 0 } = shape;
  const table = {
    sheet: workbook?.sheet ?? 'List',
    formats,
    rows: rows(),
    header: header === null ? -1 : titles,
  };
  yield* workbookBytes(table, onWritten);
}

/** Whether a record is Excel's line `sep=;`, which says nothing in a workbook. */
const isDelimiterLine = (record: readonly string[]): boolean =>
  /^sep=/i.test(record[0] ?? '') && record.length < 3;

/** Yields a result of a workbook as CSV. It has a byte order mark, because Excel needs it. */
export async function* resultCsv(
  content: AsyncIterable<Uint8Array>,
  shape: CsvShape,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const { own } = resultShape(shape) as CsvShape;
  const isOwn = new Set(own);
  let text = '\ufeff';
  for await (const records of recordsOf(content, shape)) {
    for (const record of records)
      text += `${record.map((cell, column) => csvCell(isOwn.has(column) ? cell : harmless(cell))).join(',')}\r\n`;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

/**
 * A text that a spreadsheet would run as a formula when it opens a CSV file, with an apostrophe in front (OWASP, CSV
 * injection). In the workbook it was plain text. Numbers with a sign, such as phone numbers, stay as they are.
 */
const harmless = (cell: string): string =>
  /^[=@\t\r]|^[+-].*[^\d\s().,/+-]/s.test(cell) ? `'${cell}` : cell;

/** Number of records that are written at a time. */
const recordsAtOnce = 512;

/** Yields the records of a text, some at a time. A blank line is a record without fields. */
async function* recordsOf(
  content: AsyncIterable<Uint8Array>,
  dialect: CsvDialect,
): AsyncGenerator<readonly (readonly string[])[]> {
  const decoder = new TextDecoder();
  let tail = '';
  let records: (readonly string[])[] = [];
  const read = (text: string, last: boolean): void => {
    tail += text;
    const limits = { last, longest: Number.POSITIVE_INFINITY };
    const done = readRecords(tail, dialect, limits, (fields, start, end) => {
      const isBlank = fields?.length === 1 && isBlankText(fields[0]!);
      records.push(fields === null ? [tail.slice(start, end)] : isBlank ? [] : fields);
    });
    tail = tail.slice(done.read);
  };
  for await (const piece of content) {
    read(decoder.decode(piece, { stream: true }), false);
    if (records.length < recordsAtOnce) continue;
    yield records;
    records = [];
  }
  read(decoder.decode(), true);
  yield records;
}

function cellWriter(shape: CsvShape) {
  const columns = shape.workbook?.columns ?? [];
  const { own } = resultShape(shape) as CsvShape;
  const nameOf = new Map(own.map((column, index) => [column, ownColumns[index]!]));
  const formats: string[] = [];
  const formatOf = (code: string): number => {
    if (code === '') return -1;
    const known = formats.indexOf(code);
    return known === -1 ? formats.push(code) - 1 : known;
  };
  const writers = new Map(
    columns.flatMap((cells, column) =>
      nameOf.has(column) || Object.keys(cells).length === 0
        ? []
        : [[column, typedCell(cells, formatOf)] as const],
    ),
  );
  return {
    formats,
    cellOf(text: string, column: number): WrittenCell {
      const writer = writers.get(column);
      if (writer !== undefined) return writer(text);
      const name = nameOf.get(column);
      if (name === undefined) return text;
      if (name === 'ps_bounce_probability' && lookOf(text) === looks.number)
        return { type: 'number', value: text, format: -1 };
      // The apostrophe protects a reader of CSV. The cells of a workbook have a type.
      return text.replace(/^'(?=[=+\-@])/, '');
    },
  };
}

function typedCell({ number, date, boolean }: ColumnCells, formatOf: (code: string) => number) {
  const numberFormat = number === undefined ? null : formatOf(number);
  const dateFormat = date === undefined ? null : formatOf(date);
  return (text: string): WrittenCell => {
    const look = lookOf(text);
    if (look === looks.number && numberFormat !== null)
      return { type: 'number', value: text.replace(/^0+(?=\d)/, ''), format: numberFormat };
    if (look === looks.boolean && boolean === true)
      return { type: 'boolean', value: text === 'TRUE' ? '1' : '0', format: -1 };
    const serial = look === looks.date && dateFormat !== null ? dateSerial(text) : null;
    return serial === null ? text : { type: 'number', value: String(serial), format: dateFormat! };
  };
}
