// The first rows of a list as a person sees them before the list is verified: its columns, and which of them presend found.

import { readRecords } from '../csv/read-records.ts';
import { type JsonObject, parseObject } from '../json-object.ts';
import type { ByteSource } from '../xlsx/byte-source.ts';
import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';
import { columnCalled, isAddress } from './find-columns.ts';
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
  const hasAddress = 'preview' in guessed && guessed.cells.some((row) => row.some(isAddress));
  if (!hasAddress) return { kind: 'refused', error: first };
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
  const { columns, cells } = shape.format === 'csv' ? inTable(shape, contacts) : inObjects(shape, contacts);
  const shown = columns
    .map((column, index) => ({ column, index }))
    .sort((a, b) => rankOf(a.column) - rankOf(b.column) || a.index - b.index)
    .filter(({ column }, place) => place < mostColumns || column.role !== null);
  const { workbook } = shape.format === 'csv' ? shape : {};
  return {
    cells,
    preview: {
      columns: shown.map(({ column }) => column),
      rows: cells.slice(0, shownRows).map((row) => shown.map(({ index }) => shortened(row[index] ?? ''))),
      sheets: workbook ? [workbook.sheet, ...workbook.otherSheets] : [],
    },
  };
}

/** The order of the columns in a preview: those that are used come first. */
const order: readonly (ColumnRole | null)[] = ['address', 'date', 'since', 'rating', 'source', null];
const rankOf = ({ role }: PreviewColumn): number => order.indexOf(role);

const shortened = (cell: string): string =>
  cell.length > longestCell ? `${cell.slice(0, longestCell).trimEnd()}…` : cell;

interface Columns {
  readonly columns: readonly PreviewColumn[];
  readonly cells: readonly (readonly string[])[];
}

function inTable(shape: ListShape & { format: 'csv' }, rows: readonly ListRow[]): Columns {
  const { header, width, email, moreEmails = [], lastVerifiedAt, life, source } = shape;
  const roleOf = (column: number): ColumnRole | null =>
    column === email || moreEmails.includes(column)
      ? 'address'
      : column === lastVerifiedAt || life?.alive.includes(column)
        ? 'date'
        : column === source
          ? 'source'
          : life?.since.includes(column)
            ? 'since'
            : column === life?.rating
              ? 'rating'
              : null;
  return {
    columns: Array.from({ length: width }, (_, column) => ({
      name: header?.[column]?.trim() ?? '',
      place: placeOf(column, header, width),
      role: roleOf(column),
    })),
    cells: rows.map(({ text }) => {
      let cells: readonly string[] = [];
      readRecords(text, shape, { last: true, longest: text.length }, (fields) => {
        cells = fields ?? [];
      });
      return cells;
    }),
  };
}

/** The number of a column. If another column has this number as its name, the name of the column. */
function placeOf(column: number, header: readonly string[] | null, width: number): string {
  const number = String(column + 1);
  return columnCalled(number, header, width) === column ? number : (header?.[column] ?? number);
}

function inObjects(shape: ListShape & { format: 'ndjson' }, rows: readonly ListRow[]): Columns {
  const { email, moreEmails = [], lastVerifiedAt, life, source } = shape;
  const pathText = (path: readonly string[] | null): string => path?.join('.') ?? '';
  const roles = new Map<string, ColumnRole>();
  for (const path of life?.since ?? []) roles.set(pathText(path), 'since');
  roles.set(pathText(life?.rating ?? null), 'rating');
  roles.set(pathText(source), 'source');
  for (const path of [lastVerifiedAt, ...(life?.alive ?? [])]) roles.set(pathText(path), 'date');
  for (const path of [email, ...moreEmails]) roles.set(pathText(path), 'address');
  const objects = rows.map(({ text }) => flat(parseObject(onOneLine(text)) ?? {}));
  const places = new Set(objects.flatMap((object) => [...object.keys()]));
  return {
    columns: [...places].map((place) => ({ name: place, place, role: roles.get(place) ?? null })),
    cells: objects.map((object) => [...places].map((place) => object.get(place) ?? '')),
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
