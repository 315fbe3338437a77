// Reads the cells of a worksheet, row by row.

import { unescaped } from './escapes.ts';
import { appended, readXml, type XmlEvents } from './read-xml.ts';
import { dateText } from './serial-dates.ts';
import type { SharedStrings } from './shared-strings.ts';
import { generalFormat, type NumberFormat } from './styles.ts';
import { beyondLimit, damaged } from './workbook-fault.ts';

export const mostColumns = 16_384;
export const mostRows = 1_048_576;

export type CellKind = 'text' | 'number' | 'date' | 'boolean';

export interface SheetCell {
  /** From 0. */
  readonly column: number;
  readonly kind: CellKind;
  /**
   * The text that a person sees in the cell, except that numbers have no format and dates are in ISO 8601. Null: the text is a
   * shared string.
   */
  readonly text: string | null;
  /** The index of the shared string; -1 if `text` is the text. */
  readonly shared: number;
  readonly format: NumberFormat;
}

/** `number` counts from 1. `cells` are those with a value, by column. Rows without a value are left out. */
export type OnSheetRow = (number: number, cells: readonly SheetCell[]) => void;

export interface SheetContext {
  readonly strings: SharedStrings;
  readonly formats: readonly NumberFormat[];
  readonly is1904: boolean;
}

/** Maximum number of characters of a row. */
const longestRow = 2 ** 20;

/** Passes the rows of the part of a worksheet to `onRow`. Yields after each piece of it. */
export const readSheet = (
  bytes: AsyncIterable<Uint8Array>,
  context: SheetContext,
  onRow: OnSheetRow,
): AsyncGenerator<void> => readXml(bytes, rowEvents(context, onRow));

function rowEvents({ strings, formats, is1904 }: SheetContext, onRow: OnSheetRow): XmlEvents {
  let inData = false;
  let row = 0;
  let column = -1;
  let cells: SheetCell[] = [];
  let isSorted = true;
  let characters = 0;
  let type = '';
  let format = generalFormat;
  let value: string | null = null;
  let formula: string | null = null;
  let inline: string | null = null;
  /** The element whose text is read. */
  let reads: 'v' | 'f' | 't' | null = null;
  let spoken = 0;

  const add = (kind: CellKind, text: string, shared = -1): void => {
    if (shared === -1 && text === '') return;
    characters += shared === -1 ? text.length : strings.bytesOf(shared);
    if (characters > longestRow) throw beyondLimit(`has a row of more than ${longestRow} characters`);
    const last = cells.at(-1);
    if (last !== undefined && last.column >= column) isSorted = false;
    cells.push({ column, kind, text: shared === -1 ? text : null, shared, format });
  };

  const addNumber = (text: string): void => {
    const number = Number(text);
    const date = format.isDate ? dateText(number, is1904, format.fractions) : null;
    if (Number.isNaN(number)) add('text', text);
    else if (date !== null) add('date', date);
    else add('number', numberText(text, number, format));
  };

  const addShared = (text: string): void => {
    const index = Number(text);
    if (text === '' || !(index >= 0 && index < strings.count))
      throw damaged('a cell refers to a text that does not exist');
    if (strings.bytesOf(index) > 0) add('text', '', index);
  };

  const addValue = (text: string): void => {
    if (type === 's') addShared(text);
    else if (type === 'b') add('boolean', text === '0' || text === 'false' ? 'FALSE' : 'TRUE');
    else if (type === 'd') add(isoDate(text) === null ? 'text' : 'date', isoDate(text) ?? text);
    // The text of an error, such as `#N/A`, is not a number and stays a text.
    else addNumber(text);
  };

  const endCell = (): void => {
    const trimmed = value?.trim() ?? '';
    if (type === 'inlineStr') add('text', unescaped(inline ?? value ?? ''));
    // Programs that do not calculate leave out the value of a formula.
    else if (value === null && formula !== null) add('text', formula === '' ? '' : `=${formula}`);
    else if (type === 'str') add('text', unescaped(value ?? ''));
    else if (trimmed !== '') addValue(trimmed);
  };

  const endRow = (): void => {
    if (cells.length > 0) onRow(row, isSorted ? cells : sorted(cells));
    cells = [];
    isSorted = true;
    characters = 0;
  };

  return {
    open(name, attributes, depth) {
      if (depth === 2) inData = name === 'sheetData';
      if (!inData) return;
      if (depth === 3 && name === 'row') {
        const stated = Number(attributes['r'] ?? 0);
        row = Number.isInteger(stated) && stated > row && stated <= mostRows ? stated : row + 1;
        if (row > mostRows) throw beyondLimit(`has more than ${mostRows} rows in a sheet`);
        column = -1;
      } else if (depth === 4 && name === 'c') {
        column = columnOf(attributes['r']) ?? column + 1;
        if (column >= mostColumns) throw beyondLimit(`has more than ${mostColumns} columns`);
        type = attributes['t'] ?? 'n';
        format = formats[Number(attributes['s'] ?? 0)] ?? generalFormat;
        value = formula = inline = null;
      } else if (depth === 5 && (name === 'v' || name === 'f')) {
        reads = name;
        if (name === 'f') formula = '';
      } else if (name === 'rPh') spoken++;
      else if (name === 't' && depth > 5 && spoken === 0) reads = 't';
    },
    close(name, depth) {
      if (!inData) return;
      if (depth === 4) endCell();
      else if (depth === 3) endRow();
      else if (name === 'rPh') spoken--;
      else if (name === 'v' || name === 'f' || name === 't') reads = null;
    },
    text(piece) {
      if (reads === 'v') value = appended(value ?? '', piece);
      else if (reads === 't') inline = appended(inline ?? '', piece);
      else if (reads === 'f') formula = appended(formula ?? '', piece);
    },
  };
}

/** The column of a reference such as `AB12`, from 0. Null if there is no reference. */
function columnOf(reference: string | undefined): number | null {
  if (reference === undefined) return null;
  let column = 0;
  for (let at = 0; at < reference.length; at++) {
    const letter = (reference.charCodeAt(at) | 0x20) - 0x60;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    if (column > mostColumns) break;
  }
  return column === 0 ? null : column - 1;
}

/** A date of a cell of type `d` as `dateText` writes it. Null if it is another text. */
function isoDate(text: string): string | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?Z?)?$/.exec(text);
  if (match === null) return null;
  const [, day, time = '00:00:00'] = match;
  return time === '00:00:00' ? day! : `${day} ${time}`;
}

/** The cells by column. Of two cells in one place, the last one counts. */
const sorted = (cells: readonly SheetCell[]): SheetCell[] =>
  [...new Map(cells.map((cell) => [cell.column, cell])).values()].sort((a, b) => a.column - b.column);

/** A number as a person would type it. Whole numbers keep their digits, such as phone numbers with more than sixteen. */
function numberText(written: string, number: number, { digits }: NumberFormat): string {
  const text = /^-?\d+$/.test(written) ? written : plainNumber(number);
  return digits > text.length && /^\d+$/.test(text) ? text.padStart(digits, '0') : text;
}

/** A number without an exponent up to 1e21, as JavaScript writes it. */
const plainNumber = (number: number): string => (Object.is(number, -0) ? '0' : String(number));
