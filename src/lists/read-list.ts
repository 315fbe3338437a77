// Reads a list from a stream of bytes: first its shape, then its rows in parts of a few thousand.

import type { Newline } from '../csv/read-records.ts';
import { type DetectedEncoding, encodedLength, hasFixedWidth } from '../encoding/decode.ts';
import {
  openText,
  type TextFault,
  type TextPiece,
  type TextPieces,
  textPieces,
} from '../encoding/read-text.ts';
import { isBlankText } from '../tables/address-cell.ts';
import { csvReader } from './csv.ts';
import { csvShape } from './csv-shape.ts';
import { type ListError, type RowRefusal, refuseFile, refuseRow } from './list-error.ts';
import { ndjsonReader } from './ndjson.ts';
import { ndjsonShape } from './ndjson-shape.ts';
import { type ListOptions, longestRecord, recordTooLong } from './record-format.ts';
import type { ListPart, ListPosition, ListRow, ListShape, SetAside } from './shape.ts';

export type OpenedList =
  | {
      readonly ok: true;
      readonly shape: ListShape;
      /**
       * The header as it is in the file, with the titles and blank lines before it, or the text before a JSON array that is
       * inside an object. Empty if the list has neither.
       */
      readonly head: readonly ListRow[];
      /** The position at which the first row begins. */
      readonly start: ListPosition;
      /**
       * The rows in parts. Can be read only once. If a fault is found further on in the file, the last part is an
       * error.
       */
      readonly parts: AsyncGenerator<ListPart>;
    }
  | { readonly ok: false; readonly error: ListError };

/** Number of characters at the start of the file from which its shape is found. */
const sampleLength = 65_536;

const defaultRowsAtOnce = 4096;

/**
 * A part ends when its rows have this many characters, even if they are few. Otherwise long rows could fill the
 * memory.
 */
const charactersAtOnce = 1_048_576;

/** Opens a list: detects its encoding and shape, and returns its rows as `parts`. Rejects only if `source` does. */
export async function openList(
  source: AsyncIterable<Uint8Array>,
  options: ListOptions = {},
): Promise<OpenedList> {
  const { beginning, encoding, mark, text } = await openText(source, options.encoding);
  const archive = archiveKind(beginning);
  if (archive !== null)
    return { ok: false, error: refuseFile('binary', `The file is ${archive}. Save the list as CSV.`) };

  let sample = '';
  let ended: TextPiece | null = null;
  // The sample must contain at least one line ending, so read on if the first record is longer than the sample.
  const enough = () =>
    sample.length >= sampleLength && (sample.length > longestRecord || /[\r\n]/.test(sample));
  while (ended === null && !enough()) {
    const piece = await text.next();
    sample += piece.text;
    if (piece.fault !== null || piece.last) ended = piece;
  }
  const fault = ended?.fault ?? null;
  const whole = ended?.last ?? false;
  const layout =
    (options.format ?? (isJson(sample) ? 'ndjson' : 'csv')) === 'csv'
      ? csvShape(sample, whole, options)
      : ndjsonShape(sample, whole, options);
  if ('code' in layout)
    return {
      ok: false,
      error: fault === null ? layout : refuseFile(fault, `The file ${sentences[fault]}`),
    };
  const shape: ListShape = {
    ...layout,
    // The text that has been read so far may show that the file is not UTF-8.
    mark: mark > 0 || needsMark(text.encoding()),
    encoding: options.encoding ?? null,
  };

  const hasHeader = shape.format === 'csv' && shape.header !== null;
  const from = { byte: mark, row: hasHeader ? 0 : 1, line: 1, encoding };
  const rows = createRows(shape, from, options.rowsAtOnce ?? defaultRowsAtOnce, true);
  rows.push(sample, whole, text.encoding());
  const hasPrefix = shape.format === 'ndjson' && shape.prefix !== undefined;
  const head = hasHeader || hasPrefix ? rows.takeHead() : [];
  if (rows.error() !== null && rows.count() === 0) return { ok: false, error: rows.error()! };
  const parts = withFewSetAside(partsOf(rows, text, ended));
  return { ok: true, shape, head, start: rows.position(), parts };
}

/**
 * Reads the rows from `position` on. `source` must begin at this position. The parts do not depend on how `source`
 * divides the bytes into chunks.
 */
export function continueList(
  source: AsyncIterable<Uint8Array>,
  shape: ListShape,
  position: ListPosition,
  rowsAtOnce = defaultRowsAtOnce,
): AsyncGenerator<ListPart> {
  const text = textPieces(source, position.encoding, shape.encoding !== null);
  return partsOf(createRows(shape, position, rowsAtOnce, false), text, null);
}

/** Whether a text begins like a list in JSON: with an object, or with an array of objects or strings. */
const isJson = (text: string): boolean => /^\s*(?:\{|\[\s*(?:\{|"[^"]*"\s*[,\]]))/.test(text);

async function* partsOf(rows: Rows, text: TextPieces, ended: TextPiece | null): AsyncGenerator<ListPart> {
  let piece = ended;
  for (;;) {
    const done = rows.error() !== null || piece !== null;
    for (let part = rows.takePart(done); part !== null; part = rows.takePart(done)) yield part;
    const error = rows.error() ?? (piece?.fault ? rows.refuse(piece.fault) : null);
    if (error !== null) {
      yield { kind: 'error', error };
      return;
    }
    if (piece !== null) return;
    const next = await text.next();
    rows.push(next.text, next.last, text.encoding());
    if (next.fault !== null || next.last) piece = next;
  }
}

/** A list is refused if at least this many records cannot be read, and they are more than this share of all rows. */
const tooMany = { records: 10, share: 0.05 };

/** Passes the parts on. Ends with an error if too many records, or all, cannot be read. */
async function* withFewSetAside(parts: AsyncGenerator<ListPart>): AsyncGenerator<ListPart> {
  let rows = 0;
  let odd = 0;
  let first: ListError | null = null;
  for await (const part of parts) {
    yield part;
    if (part.kind === 'error') return;
    for (const { fields } of part.rows) if (fields > 0) rows++;
    odd += part.setAside.filter(({ error }) => error.code !== 'repeated_header').length;
    first ??= part.setAside[0]?.error ?? null;
    if (first !== null && odd >= tooMany.records && odd > tooMany.share * (rows + odd)) {
      const count = `${odd} of the first ${rows + odd} rows cannot be read`;
      yield { kind: 'error', error: { ...first, message: `${count}. The first of them: ${first.message}` } };
      return;
    }
  }
  if (first !== null && rows === 0) yield { kind: 'error', error: first };
}

/**
 * Whether the result needs a byte order mark although the list has none. The result is UTF-8, which Excel recognizes only by the
 * mark. Lists in ASCII or UTF-8 are left as they were.
 */
const needsMark = (encoding: DetectedEncoding): boolean => encoding !== 'ascii' && encoding !== 'utf-8';

/** How files that people upload by mistake begin, and the words for such a file in the error. */
const archives: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a spreadsheet or another ZIP archive'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel or other Office file'],
  [[0x1f, 0x8b], 'compressed with gzip'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0xff, 0xd8, 0xff], 'a picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a picture'],
];

const archiveKind = (bytes: Uint8Array): string | null =>
  archives.find(([magic]) => magic.every((byte, index) => bytes[index] === byte))?.[1] ?? null;

const sentences: Readonly<Record<TextFault, string>> = {
  mixed_encodings:
    'contains a character that is damaged or in another encoding than the text before it. Save the file in one encoding, such as UTF-8.',
  bad_encoding:
    'contains bytes that are invalid in the character encoding of the file. Save the file as UTF-8.',
  binary: 'contains binary data. Save the list as CSV.',
};

/** Collects the rows of text that arrives in pieces, and gives them out in parts. */
interface Rows {
  push(text: string, last: boolean, encoding?: DetectedEncoding): void;
  /** Takes the header: its lines, with the titles and blank lines before them. */
  takeHead(): readonly ListRow[];
  /**
   * Takes the rows of one part. Null if there are not enough yet. With `rest`, takes all rows that are left, however
   * few.
   */
  takePart(rest: boolean): ListPart | null;
  position(): ListPosition;
  count(): number;
  error(): ListError | null;
  /** Returns the error for a fault that follows all rows that were pushed. */
  refuse(fault: TextFault): ListError;
}

/**
 * `needsRows`: if there are no contacts, this is an error. False for reading from a position inside the list: the text from
 * there may consist of blank lines.
 */
function createRows(shape: ListShape, from: ListPosition, rowsAtOnce: number, needsRows: boolean): Rows {
  const reader = shape.format === 'csv' ? csvReader(shape, needsRows) : ndjsonReader(shape, needsRows);
  const newline = shape.format === 'csv' ? shape.newline : '\n';
  const isArray = shape.format === 'ndjson' && shape.array === true;
  let position = from;
  let tail = '';
  let waiting: ListRow[] = [];
  let contacts = 0;
  let refused: RowRefusal | null = null;
  let empty = false;

  const onRow = (row: ListRow): void => {
    if (row.fields > 0 || row.refusal !== null) contacts++;
    waiting.push(row);
  };

  /** The position after `rows`. Adds the records among them that cannot be read to `setAside`. */
  const after = (rows: readonly ListRow[], setAside: SetAside[] = []): ListPosition => {
    let { row, line } = position;
    let characters = 0;
    let text = '';
    const byCharacter = hasFixedWidth(position.encoding);
    for (const each of rows) {
      if (each.refusal !== null) {
        const { code, sentence } = each.refusal;
        setAside.push({ error: refuseRow(code, { row, line }, sentence), text: each.text });
      }
      if (each.fields > 0 || each.refusal !== null) row++;
      const written = each.raw ?? each.text;
      const ending = each.raw === null ? each.ending : '';
      // A record of a sheet is one row of it, even if its cells have line endings.
      if (shape.format === 'csv' && shape.workbook) line += written + ending === '' ? 0 : 1;
      else line += countOf(newline, written) + countOf(newline, ending);
      if (byCharacter) characters += written.length + ending.length;
      else text = text + written + ending;
    }
    const wide = position.encoding === 'utf-16le' || position.encoding === 'utf-16be' ? 2 : 1;
    const bytes = byCharacter ? characters * wide : encodedLength(text, position.encoding);
    return { byte: position.byte + bytes, row, line, encoding: position.encoding };
  };

  const take = (count: number, setAside: SetAside[] = []): readonly ListRow[] => {
    const rows = waiting.slice(0, count);
    waiting = waiting.slice(count);
    position = after(rows, setAside);
    return rows;
  };

  /** The number of rows in the next part; null if there are not enough rows for a part. */
  const wholePart = (): number | null => {
    let characters = 0;
    for (let index = 0; index < waiting.length; index++) {
      characters += waiting[index]!.text.length;
      // One line can become several rows. The first has all characters of the line in `raw`, the others have none. Do
      // not begin a part with one of the others, or with an element of a JSON array that cannot be read: the row before
      // it has the comma after it.
      const next = waiting[index + 1];
      const isWhole = next?.raw !== '' && !(isArray && next !== undefined && next.refusal !== null);
      if (isWhole && (index + 1 >= rowsAtOnce || characters >= charactersAtOnce)) return index + 1;
    }
    return null;
  };

  const errorOf = (refusal: RowRefusal): ListError =>
    refuseRow(refusal.code, after(waiting), refusal.sentence);

  return {
    push(text, last, encoding = position.encoding) {
      position = { ...position, encoding };
      tail = tail === '' ? text : tail + text;
      const { read, refused: wrong } = reader.read(tail, last, onRow);
      tail = tail.slice(read);
      refused = wrong;
      if (tail.length > longestRecord) refused ??= recordTooLong;
      if (last && needsRows && refused === null && contacts === (from.row === 0 ? 1 : 0)) empty = true;
    },
    takeHead: () => {
      if (shape.format === 'ndjson') return take(1);
      let end = waiting.findIndex(({ fields }) => fields > 0) + 1;
      for (let below = shape.headersBelow ?? 0; below > 0; end++)
        if (!isBlankText(waiting[end]?.text ?? 'end')) below--;
      return take(end);
    },
    takePart(rest) {
      const count = wholePart() ?? (rest ? waiting.length : 0);
      if (count === 0) return null;
      const setAside: SetAside[] = [];
      return { kind: 'rows', rows: take(count, setAside), next: position, setAside };
    },
    position: () => position,
    count: () => waiting.length,
    error: () =>
      refused !== null
        ? errorOf(refused)
        : empty
          ? refuseFile('no_rows', 'The file has no rows with addresses.')
          : null,
    refuse: (fault) => refuseRow(fault, after(waiting), sentences[fault]),
  };
}

function countOf(wanted: Newline, text: string): number {
  if (wanted === 'mixed') return text.match(/\r\n|\r|\n/g)?.length ?? 0;
  let count = 0;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) count++;
  return count;
}
