// Writes a workbook with one table as a stream. Texts are written into the cells, not as shared strings, so that memory does
// not grow with the table.

import { Zip, ZipDeflate } from 'fflate';
import { escaped } from './escapes.ts';
import { mostColumns, mostRows } from './read-sheet.ts';

/** A cell. A text stays a text, even if it looks like a number or a formula. Null and the empty text are empty cells. */
export type WrittenCell =
  | string
  | null
  /** `value` as it is spelled in the file. `format` is an index of `TableToWrite.formats`; -1: none. */
  | { readonly type: 'number' | 'boolean'; readonly value: string; readonly format: number };

export interface TableToWrite {
  readonly sheet: string;
  /** Codes of number formats, such as `dd/mm/yyyy`. */
  readonly formats: readonly string[];
  /** The rows, some at a time. */
  readonly rows: AsyncIterable<readonly (readonly WrittenCell[])[]>;
  /**
   * The index of the row that names the columns, among the rows that are not blank. It is repeated if the table needs another
   * sheet. -1: none.
   */
  readonly header: number;
}

/** What a workbook could not hold. */
export interface WrittenWorkbook {
  /** Number of sheets. More than one if the table has more than 1,048,576 rows. */
  readonly sheets: number;
  /** Number of texts that were cut to 32,767 characters. */
  readonly cut: number;
}

/** Maximum number of characters of a cell. Excel refuses a workbook with a longer text. */
export const longestCell = 32_767;

/** Maximum bytes of a sheet. A ZIP archive without ZIP64 can hold parts of up to 4 GiB, so a sheet ends a little earlier. */
const longestPart = 2 ** 32 - 2 ** 24;

/** The date of the files in the archive. It is a constant, because the same table must always give the same bytes. */
const modified = new Date(2000, 0, 1);

const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const spreadsheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const media = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Yields the bytes of the workbook. Calls `onWritten` at its end. */
export async function* workbookBytes(
  { sheet, formats, rows, header }: TableToWrite,
  onWritten: (written: WrittenWorkbook) => void = () => {},
  limits: { readonly rows: number } = { rows: mostRows },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let out: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    out.push(new Uint8Array(bytes));
  });
  const take = (): Uint8Array<ArrayBuffer>[] => {
    const taken = out;
    out = [];
    return taken;
  };
  const begin = (path: string): ZipDeflate => {
    const part = new ZipDeflate(path, { level: 1 });
    part.mtime = modified;
    zip.add(part);
    return part;
  };
  const add = (path: string, text: string): void =>
    begin(path).push(encoder.encode(declaration + text), true);

  add(
    '_rels/.rels',
    `<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  );
  add('xl/styles.xml', stylesXml(formats));
  let sheets = 0;
  let part = begin(sheetPath(++sheets));
  let text = sheetStart(header === 0);
  let row = 0;
  let bytes = 0;
  let index = 0;
  let headerCells: readonly WrittenCell[] | null = null;
  const counts = { cut: 0 };
  for await (const some of rows) {
    for (const cells of some) {
      if (row >= limits.rows || bytes > longestPart) {
        part.push(encoder.encode(text + sheetEnd), true);
        part = begin(sheetPath(++sheets));
        text = sheetStart(header >= 0);
        row = bytes = 0;
        if (headerCells !== null) text += rowXml(++row, headerCells, counts);
      }
      if (cells.length > 0 && index++ === header) headerCells = cells;
      row++;
      if (cells.length > 0) text += rowXml(row, cells, counts);
      if (text.length < 65_536) continue;
      const xml = encoder.encode(text);
      bytes += xml.length;
      part.push(xml, false);
      text = '';
      yield* take();
    }
    yield* take();
  }
  part.push(encoder.encode(text + sheetEnd), true);
  const names = sheetNames(sheet, sheets);
  add('xl/workbook.xml', workbookXml(names));
  add('xl/_rels/workbook.xml.rels', workbookRelations(sheets));
  add('[Content_Types].xml', contentTypes(sheets));
  zip.end();
  yield* take();
  onWritten({ sheets, cut: counts.cut });
}

const sheetPath = (number: number): string => `xl/worksheets/sheet${number}.xml`;

/** The header stays visible while a person scrolls. */
const sheetStart = (hasHeader: boolean): string => {
  const frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  return `${declaration}<worksheet xmlns="${spreadsheet}">${hasHeader ? `<sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews>` : ''}<sheetData>`;
};
const sheetEnd = '</sheetData></worksheet>';

function rowXml(number: number, cells: readonly WrittenCell[], counts: { cut: number }): string {
  let xml = `<row r="${number}">`;
  for (let column = 0; column < Math.min(cells.length, mostColumns); column++) {
    const cell = cells[column]!;
    if (cell === null || cell === '') continue;
    const place = `<c r="${columnLetters(column)}${number}"`;
    if (typeof cell === 'string') {
      const text = cell.length > longestCell ? cutText(cell, counts) : cell;
      const space = /^\s|\s$|\n/.test(text) ? ' xml:space="preserve"' : '';
      xml += `${place} t="inlineStr"><is><t${space}>${escaped(text)}</t></is></c>`;
    } else {
      const style = cell.format < 0 ? '' : ` s="${cell.format + 1}"`;
      xml += `${place}${style}${cell.type === 'boolean' ? ' t="b"' : ''}><v>${escaped(cell.value)}</v></c>`;
    }
  }
  return `${xml}</row>`;
}

function cutText(text: string, counts: { cut: number }): string {
  counts.cut++;
  const last = text.charCodeAt(longestCell - 1);
  // Do not cut a character in two.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? longestCell - 1 : longestCell);
}

const letters: string[] = [];

/** `A` for 0, `Z` for 25, `AA` for 26. */
function columnLetters(column: number): string {
  const known = letters[column];
  if (known !== undefined) return known;
  const before = Math.floor(column / 26);
  const text = (before === 0 ? '' : columnLetters(before - 1)) + String.fromCharCode(65 + (column % 26));
  letters[column] = text;
  return text;
}

const attribute = (text: string): string => escaped(text).replaceAll('"', '&quot;');

function stylesXml(formats: readonly string[]): string {
  const firstOwn = 164;
  const codes = formats
    .map((code, index) => `<numFmt numFmtId="${firstOwn + index}" formatCode="${attribute(code)}"/>`)
    .join('');
  const styles = formats
    .map(
      (_, index) =>
        `<xf numFmtId="${firstOwn + index}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
    )
    .join('');
  const plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"';
  return (
    `<styleSheet xmlns="${spreadsheet}">` +
    (formats.length > 0 ? `<numFmts count="${formats.length}">${codes}</numFmts>` : '') +
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    `<cellStyleXfs count="1">${plain}/></cellStyleXfs>` +
    `<cellXfs count="${formats.length + 1}">${plain} xfId="0"/>${styles}</cellXfs>` +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
  );
}

/** Names of sheets have 1 to 31 characters, and no `[]:*?/\`. */
function sheetNames(name: string, count: number): string[] {
  const allowed =
    name
      .replace(/[[\]:*?/\\\x00-\x1f]/g, ' ')
      .replace(/^[\s']+|[\s']+$/g, '')
      .slice(0, 31) || 'List';
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? allowed : `${allowed.slice(0, 25)} (${index + 1})`,
  );
}

const workbookXml = (names: readonly string[]): string =>
  `<workbook xmlns="${spreadsheet}" xmlns:r="${office}"><sheets>${names
    .map((name, index) => `<sheet name="${attribute(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
    .join('')}</sheets></workbook>`;

function workbookRelations(sheets: number): string {
  const relations = Array.from(
    { length: sheets },
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  const styles = `<Relationship Id="rId${sheets + 1}" Type="${office}/styles" Target="styles.xml"/>`;
  return `<Relationships xmlns="${relationships}">${relations.join('')}${styles}</Relationships>`;
}

function contentTypes(sheets: number): string {
  const parts = Array.from(
    { length: sheets },
    (_, index) => `<Override PartName="/${sheetPath(index + 1)}" ContentType="${media}.worksheet+xml"/>`,
  );
  return (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${media}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${media}.styles+xml"/>${parts.join('')}</Types>`
  );
}
