// Reads a sheet of a workbook (XLSX) as a list: chooses the sheet, and turns its rows into CSV text, which is then read like
// any other list. The text is the same each time the file is read, so positions in it stay valid.

import { isAddress, isAddressName } from '../tables/find-columns.ts';
import { type ByteSource, bytesAt } from '../xlsx/byte-source.ts';
import { lookOf, looks } from '../xlsx/look.ts';
import type { OnSheetRow, SheetCell } from '../xlsx/read-sheet.ts';
import {
  fileKind,
  kindBytes,
  openWorkbook,
  type RefusedWorkbook,
  refusalOf,
  refuseCompound,
  type Sheet,
  type Workbook,
} from '../xlsx/workbook.ts';
import { beyondLimit } from '../xlsx/workbook-fault.ts';
import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';
import { csvShape } from './csv-shape.ts';
import { type ListError, refuseFile } from './list-error.ts';
import { type OpenedList, openList } from './read-list.ts';
import type { ListOptions } from './record-format.ts';
import type { ColumnCells, CsvShape, ListWorkbook } from './shape.ts';

/** A list file that can be read at any position. */
export interface ListFile {
  /** How the sheet was read. Null: the file is not a workbook, so `bytes` are those of the file. */
  readonly workbook: ListWorkbook | null;
  /** The list as bytes: CSV text in UTF-8 if the file is a workbook. Can be called again. */
  bytes(): AsyncIterable<Uint8Array>;
  /** The number of bytes. For a workbook it is an estimate. */
  readonly size: number;
}

export type OpenedListFile =
  | { readonly ok: true; readonly file: ListFile }
  | { readonly ok: false; readonly error: ListError };

/**
 * Finds out whether a file is a workbook, and then chooses its sheet: the one that `options.sheet` names, else the first one
 * with an address column. Visible sheets come before hidden ones. Rejects only if `source` does.
 */
export async function openListFile(
  source: ByteSource,
  options: ListOptions = {},
  limits?: WorkbookLimits,
): Promise<OpenedListFile> {
  const kind = fileKind(await bytesAt(source, 0, kindBytes));
  if (kind === 'other')
    return {
      ok: true,
      file: { workbook: null, bytes: () => source.read(0, source.size), size: source.size },
    };
  return withSheet(source, kind, options, limits, async ({ workbook, sheet, otherSheets }) => {
    const { columns, size } = await surveySheet(workbook, sheet);
    return {
      ok: true,
      file: {
        workbook: { sheet: sheet.name, otherSheets, columns },
        bytes: () => sheetText(workbook, sheet, columns.length),
        size,
      },
    };
  });
}

/** A workbook with the sheet that is the list, and the names of the other sheets. */
interface ChosenSheet {
  readonly workbook: Workbook;
  readonly sheet: Sheet;
  readonly otherSheets: readonly string[];
}

/** Opens a workbook and returns what `use` makes of its list, or why there is none. */
async function withSheet<T>(
  source: ByteSource,
  kind: 'cfb' | 'zip',
  options: ListOptions,
  limits: WorkbookLimits | undefined,
  use: (chosen: ChosenSheet) => Promise<T>,
): Promise<T | { readonly ok: false; readonly error: ListError }> {
  if (kind === 'cfb') return { ok: false, error: errorOf(await refuseCompound(source)) };
  const opened = await openWorkbook(source, limits);
  if (!opened.ok) return { ok: false, error: errorOf(opened.refusal) };
  const { workbook } = opened;
  try {
    const sheet = await chooseSheet(workbook, options);
    if (!('read' in sheet)) return { ok: false, error: sheet };
    const otherSheets = workbook.sheets.filter((each) => each !== sheet).map(({ name }) => name);
    return await use({ workbook, sheet, otherSheets });
  } catch (error) {
    return { ok: false, error: errorOf(refusalOf(error)) };
  }
}

/** Opens the list in a file. See `openListFile` and `openList`. */
export async function openListIn(file: ListFile, options: ListOptions = {}): Promise<OpenedList> {
  return openList(file.bytes(), file.workbook === null ? options : workbookOptions(options, file.workbook));
}

/** Opens a list that is either a file, which may be a workbook, or a text that can be read only once. */
export const openListOf = (
  list: ListFile | AsyncIterable<Uint8Array>,
  options: ListOptions = {},
): Promise<OpenedList> => ('workbook' in list ? openListIn(list, options) : openList(list, options));

/**
 * Opens the beginning of a list: its columns and its first rows, in a time that does not depend on the size of the file. Of a
 * workbook, the parts end early. Rejects only if `source` does.
 */
export async function openListStart(
  source: ByteSource,
  options: ListOptions = {},
  limits?: WorkbookLimits,
): Promise<OpenedList> {
  const kind = fileKind(await bytesAt(source, 0, kindBytes));
  if (kind === 'other') return openList(source.read(0, source.size), options);
  return withSheet(source, kind, options, limits, async ({ workbook, sheet, otherSheets }) => {
    const { text, rows } = await sampleOf(workbook, sheet);
    const columns = Array<ColumnCells>(Math.max(0, ...rows.map(({ length }) => length))).fill({});
    const bytes = [new TextEncoder().encode(text)];
    return openList(
      (async function* () {
        yield* bytes;
      })(),
      workbookOptions(options, { sheet: sheet.name, otherSheets, columns }),
    );
  });
}

/** The options with which the text of a sheet is read. */
export const workbookOptions = (options: ListOptions, workbook: ListWorkbook): ListOptions => ({
  ...options,
  format: 'csv',
  delimiter: ',',
  encoding: 'utf-8',
  workbook,
});

const errorOf = ({ code, message }: RefusedWorkbook): ListError => refuseFile(code, message);

async function chooseSheet(workbook: Workbook, options: ListOptions): Promise<Sheet | ListError> {
  const { sheets } = workbook;
  if (options.sheet !== undefined) {
    const { sheet: name } = options;
    const called =
      sheets.find((sheet) => sheet.name === name) ??
      sheets.find((sheet) => sheet.name.trim().toLowerCase() === name.trim().toLowerCase()) ??
      (/^\d+$/.test(name) ? sheets[Number(name) - 1] : undefined);
    const names = sheets.map((sheet) => quoted(sheet.name)).join(', ');
    return (
      called ?? refuseFile('unknown_sheet', `There is no sheet ${quoted(name)}. The sheets are: ${names}.`)
    );
  }
  let first: Sheet | null = null;
  let refusal: ListError | null = null;
  for (const sheet of sheets.toSorted((a, b) => Number(a.isHidden) - Number(b.isHidden))) {
    const sample = await sampleOf(workbook, sheet);
    const shape = csvShape(sample.text, sample.whole, { ...options, format: 'csv', delimiter: ',' });
    if ('code' in shape) {
      // Report the error of the first sheet with rows: it probably is the list.
      if (refusal === null || refusal.code === 'no_rows') refusal = shape;
      continue;
    }
    if (isList(shape, sample.rows)) return sheet;
    first ??= sheet;
  }
  return first ?? refusal!;
}

/** The name of a sheet in a message. It may contain anything. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, 60));

/**
 * Whether a sheet with an address column is a list, and not a page of notes with one address: its header names the column, or
 * it has at least two addresses.
 */
function isList(shape: Pick<CsvShape, 'header' | 'email'>, rows: readonly (readonly string[])[]): boolean {
  if (isAddressName(shape.header?.[shape.email] ?? '')) return true;
  return rows.filter((row) => isAddress(row[shape.email] ?? '')).length > 1;
}

/** Number of characters of a sheet from which its shape is found. */
const sampleLength = 65_536;

/** Number of rows of the sample whose cells are kept. */
const sampleRows = 200;

async function sampleOf(workbook: Workbook, sheet: Sheet) {
  const lines = createLines(workbook, 0);
  const rows: string[][] = [];
  let text = '';
  let whole = true;
  const onRow: OnSheetRow = (number, cells) => {
    if (lines.length() > sampleLength) return;
    lines.add(number, cells);
    if (rows.length < sampleRows) rows.push(cellTexts(workbook, cells));
  };
  for await (const _ of sheet.read(onRow)) {
    text += lines.take();
    if (text.length < sampleLength) continue;
    whole = false;
    break;
  }
  return { text, whole, rows };
}

function cellTexts({ strings }: Workbook, cells: readonly SheetCell[]): string[] {
  const texts: string[] = [];
  for (const { column, text, shared } of cells) {
    while (texts.length < column) texts.push('');
    texts.push(text ?? strings.at(shared) ?? '');
  }
  return texts;
}

interface Survey {
  readonly columns: readonly ColumnCells[];
  /** Estimated length of the text in bytes. */
  readonly size: number;
}

/** Reads a sheet to its end: finds its width, and which columns have cells that are not texts. */
async function surveySheet(workbook: Workbook, sheet: Sheet): Promise<Survey> {
  const { strings, limits } = workbook;
  const columns: {
    looksLike: number;
    number: string | undefined;
    date: string | undefined;
    boolean: boolean;
  }[] = [];
  let size = 0;
  let before = 0;
  const onRow: OnSheetRow = (number, cells) => {
    size += number - before;
    before = number;
    for (const { column, kind, text, shared, format } of cells) {
      while (columns.length <= column)
        columns.push({ looksLike: 0, number: undefined, date: undefined, boolean: false });
      const about = columns[column]!;
      size += 1 + (text === null ? strings.bytesOf(shared) : text.length);
      if (kind === 'number') about.number ??= format.code;
      else if (kind === 'date') about.date ??= format.code;
      else if (kind === 'boolean') about.boolean = true;
      else about.looksLike |= text === null ? strings.lookOf(shared) : lookOf(text);
    }
    // A short file can repeat a long text in each cell.
    if (size > limits.unpackedBytes)
      throw beyondLimit(`has more than ${limits.unpackedBytes} bytes of text in its cells`);
  };
  for await (const _ of sheet.read(onRow));
  return {
    size: size + columns.length,
    columns: columns.map(({ looksLike, number, date, boolean }) => ({
      ...(number !== undefined && (looksLike & looks.number) === 0 && { number }),
      ...(date !== undefined && (looksLike & looks.date) === 0 && { date }),
      ...(boolean && (looksLike & looks.boolean) === 0 && { boolean }),
    })),
  };
}

/** Number of characters that are encoded at a time. */
const textAtOnce = 65_536;

async function* sheetText(workbook: Workbook, sheet: Sheet, width: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const lines = createLines(workbook, width);
  for await (const _ of sheet.read(lines.add))
    if (lines.length() > textAtOnce) yield encoder.encode(lines.take());
  yield encoder.encode(lines.take());
}

/** Collects the rows of a sheet as lines of CSV. Rows without values become blank lines, so the line is the row's number. */
function createLines({ strings }: Workbook, width: number) {
  let text = '';
  let next = 1;
  return {
    add(number: number, cells: readonly SheetCell[]): void {
      if (number > next) text += '\n'.repeat(number - next);
      next = number + 1;
      let column = 0;
      for (const cell of cells) {
        if (cell.column > column) {
          text += ','.repeat(cell.column - column);
          column = cell.column;
        }
        text += csvCell(cell.text ?? strings.at(cell.shared) ?? '');
      }
      text += column < width - 1 ? `${','.repeat(width - 1 - column)}\n` : '\n';
    },
    length: () => text.length,
    take(): string {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

/** A text as a field of CSV that is read back as the same text. */
export const csvCell = (text: string): string =>
  /["\r\n,]|^[\s\ufeff]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
