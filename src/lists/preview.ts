// The first rows of a list as a person sees them before the list is verified: its columns, and which of them presend found.

import { readRecords } from '../csv/read-records.ts';
import { type JsonObject, parseObject } from '../json-object.ts';
import { isAddress, plainName } from '../tables/find-columns.ts';
import type { ByteSource } from '../xlsx/byte-source.ts';
import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';
import { onOneLine } from './json-text.ts';
import type { ListError } from './list-error.ts';
import type { OpenedList } from './read-list.ts';
import type { ListOptions } from './record-format.ts';
import type { ListRow, ListShape } from './shape.ts';
import { openListStart } from './spreadsheet.ts';

/** What a column is used for. `date`: when the address last worked. `since`: when it became known. `rating`: how active the person is. */
export type ColumnRole = 'address' | 'date' | 'since' | 'rating' | 'source';

export interface PreviewColumn {
  /** The name in the header; empty if it has none. */
  readonly name: string;
  /** The text that names the column in `ListOptions`: its number from 1, or the path of the field. */
  readonly place: string;
  readonly role: ColumnRole | null;
}

export interface ListPreview {
  /** Those with a role come first, then the others in the order of the file. */
  readonly columns: readonly PreviewColumn[];
  /** The cells of the first rows, one for each column. */
  readonly rows: readonly (readonly string[])[];
  /** The sheets of a workbook, the one that is read first. Empty if the file is not a workbook. */
  readonly sheets: readonly string[];
}

export type PreviewOutcome =
  | { readonly kind: 'list'; readonly preview: ListPreview }
  /** No column has mostly addresses, but some cells look like one: a person may know the column. */
  | { readonly kind: 'which_column'; readonly preview: ListPreview }
  | { readonly kind: 'refused'; readonly error: ListError };

/** Number of rows in a preview. */
const shownRows = 8;

/** Maximum number of characters of a cell. */
const longestCell = 60;

/** Maximum number of columns, unless more have a role. */
const mostColumns = 40;

/** Reads the first rows of a list. Rejects only if `source` does. */
export async function previewList(
  source: ByteSource,
  options: ListOptions,
  limits?: WorkbookLimits,
): Promise<PreviewOutcome> {
  const read = (asked: ListOptions) => firstRows(source, { ...asked, rowsAtOnce: 200 }, limits);
  const first = await read(options);
  if ('preview' in first) return { kind: 'list', preview: first.preview };
  if (first.code !== 'no_address_column') return { kind: 'refused', error: first };
  const { emailColumn: _, ...others } = options;
  const guessed = await read({ ...others, emailColumn: '1' });
  if (!('preview' in guessed) || !guessed.hasAddress()) return { kind: 'refused', error: first };
  const columns = guessed.preview.columns.map((column) =>
    column.role === 'address' ? { ...column, role: null } : column,
  );
  return { kind: 'which_column', preview: { ...guessed.preview, columns } };
}

async function firstRows(source: ByteSource, options: ListOptions, limits?: WorkbookLimits) {
  // The list is not read to its end, so its source must be closed.
  const reading: AsyncIterator<Uint8Array>[] = [];
  const watched: ByteSource = {
    size: source.size,
    read(offset, length) {
      const bytes = source.read(offset, length)[Symbol.asyncIterator]();
      reading.push(bytes);
      return { [Symbol.asyncIterator]: () => bytes };
    },
  };
  try {
    const opened = await openListStart(watched, options, limits);
    return opened.ok ? await shownPart(opened) : opened.error;
  } finally {
    for (const bytes of reading) await bytes.return?.();
  }
}

async function shownPart({ shape, parts }: OpenedList & { ok: true }) {
  const part = await parts.next();
  if (!part.done && part.value.kind === 'error') return part.value.error;
  const rows = part.done ? [] : (part.value as { rows: readonly ListRow[] }).rows;
  const contacts = rows.filter(({ fields }) => fields > 0);
  const table = shape.format === 'csv' ? inTable(shape) : inObjects(shape, contacts);
  // A sheet may have 16,384 columns. Only those that are shown get a place and cells.
  const shown = table.columns
    .map((column, index) => ({ ...column, index }))
    .sort((a, b) => rankOf(a.role) - rankOf(b.role) || a.index - b.index)
    .filter(({ role }, position) => position < mostColumns || role !== null);
  const { workbook } = shape.format === 'csv' ? shape : {};
  return {
    hasAddress: () =>
      contacts.some((row) => [...table.cellsOf(row).values()].some((cell) => isAddress(cell))),
    preview: {
      columns: shown.map(({ name, role, index }) => ({ name, place: table.placeOf(index), role })),
      rows: contacts.slice(0, shownRows).map((row) => {
        const cells = table.cellsOf(row);
        return shown.map(({ index }) => shortened(cells.get(index) ?? ''));
      }),
      sheets: workbook ? [workbook.sheet, ...workbook.otherSheets] : [],
    },
  };
}

/** The order of the columns in a preview: those that are used come first. */
const order: readonly (ColumnRole | null)[] = ['address', 'date', 'since', 'rating', 'source', null];
const rankOf = (role: ColumnRole | null): number => order.indexOf(role);

const shortened = (cell: string): string =>
  cell.length > longestCell ? `${cell.slice(0, longestCell).trimEnd()}…` : cell;

interface Table {
  readonly columns: readonly Omit<PreviewColumn, 'place'>[];
  /** Returns the place of the column with this index. */
  placeOf(index: number): string;
  /** Returns the cells of a row by the indexes of their columns. */
  cellsOf(row: ListRow): ReadonlyMap<number, string>;
}

function inTable(shape: ListShape & { format: 'csv' }): Table {
  const { header, width, email, moreEmails = [], lastVerifiedAt, life, source } = shape;
  const [further, alive, since] = [new Set(moreEmails), new Set(life?.alive), new Set(life?.since)];
  const roleOf = (column: number): ColumnRole | null =>
    column === email || further.has(column)
      ? 'address'
      : column === lastVerifiedAt || alive.has(column)
        ? 'date'
        : column === source
          ? 'source'
          : since.has(column)
            ? 'since'
            : column === life?.rating
              ? 'rating'
              : null;
  return {
    columns: Array.from({ length: width }, (_, column) => ({
      name: header?.[column]?.trim() ?? '',
      role: roleOf(column),
    })),
    placeOf: placesIn(header),
    cellsOf({ text }) {
      let cells: readonly string[] = [];
      readRecords(text, shape, { last: true, longest: text.length }, (fields) => {
        cells = fields ?? [];
      });
      return new Map(cells.entries());
    },
  };
}

/** The place of a column is its number. If another column has this number as its name, it is the name of the column. */
function placesIn(header: readonly string[] | null): (column: number) => string {
  // As `columnCalled` finds them: the first column with the very name, or else the first one with a similar name.
  const named = new Map<string, number>();
  const alike = new Map<string, number>();
  for (const [column, name] of (header ?? []).entries()) {
    if (!named.has(name)) named.set(name, column);
    const plain = plainName(name);
    if (!alike.has(plain)) alike.set(plain, column);
  }
  return (column) => {
    const number = String(column + 1);
    const called = named.get(number) ?? alike.get(number) ?? column;
    return called === column ? number : (header?.[column] ?? number);
  };
}

function inObjects(shape: ListShape & { format: 'ndjson' }, rows: readonly ListRow[]): Table {
  const { email, moreEmails = [], lastVerifiedAt, life, source } = shape;
  const pathText = (path: readonly string[] | null): string => path?.join('.') ?? '';
  const roles = new Map<string, ColumnRole>();
  for (const path of life?.since ?? []) roles.set(pathText(path), 'since');
  roles.set(pathText(life?.rating ?? null), 'rating');
  roles.set(pathText(source), 'source');
  for (const path of [lastVerifiedAt, ...(life?.alive ?? [])]) roles.set(pathText(path), 'date');
  for (const path of [email, ...moreEmails]) roles.set(pathText(path), 'address');
  const valuesOf = ({ text }: ListRow) => flat(parseObject(onOneLine(text)) ?? {});
  const indexes = new Map<string, number>();
  for (const row of rows)
    for (const place of valuesOf(row).keys()) if (!indexes.has(place)) indexes.set(place, indexes.size);
  const places = [...indexes.keys()];
  return {
    columns: places.map((place) => ({ name: place, role: roles.get(place) ?? null })),
    placeOf: (index) => places[index]!,
    cellsOf: (row) => new Map(Array.from(valuesOf(row), ([place, text]) => [indexes.get(place)!, text])),
  };
}

/** The values of an object and of the objects in it, by their paths. */
function flat(object: JsonObject, before = '', depth = 0): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    const path = before + name;
    if (value !== null && typeof value === 'object' && !Array.isArray(value) && depth < 4)
      for (const [inner, text] of flat(value as JsonObject, `${path}.`, depth + 1)) values.set(inner, text);
    else values.set(path, typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));
  }
  return values;
}
