// Reads the records of CSV text (RFC 4180 and common deviations). The caller may pass a file in chunks of any size.

export type Newline = '\n' | '\r' | 'mixed';

export interface CsvDialect {
  readonly delimiter: string;
  /** The character that ends a line. `\n` also stands for CRLF. `mixed`: LF, CRLF and CR all end a line. */
  readonly newline: Newline;
}

/**
 * The fields of one record. A value is cut from the text only when `at` or `all` asks for it. The same object is used again
 * for the next record, so do not keep it.
 */
export interface RecordFields {
  readonly length: number;
  /** The value of the field at `index`. Empty if the record has no such field, as for the index -1. */
  at(index: number): string;
  all(): string[];
}

/**
 * Receives one record. `text.slice(start, end)` is the record as written, and `text.slice(end, next)` is its line ending.
 * `fields` is null if the record cannot be read, usually because a quoted field has no closing quote. In this case the record
 * consists of a single line, and reading continues with the next line.
 */
export type OnRecord<Fields = readonly string[]> = (
  fields: Fields | null,
  start: number,
  end: number,
  next: number,
) => void;

export interface RecordsRead {
  /** Number of characters that the complete records take. Any text after them is an incomplete record. */
  readonly read: number;
  /** Whether the first line of the incomplete record has more than `longest` characters. */
  readonly tooLong: boolean;
}

/**
 * Reads all complete records of `text`. A file gives the same records however the caller divides it into chunks.
 *
 * - A quoted field ends at a quote that is followed by a delimiter or a line ending. Spaces may come before the opening quote,
 *   spaces and tabs after the closing one. A byte order mark at the start of a record, as in joined files, is skipped.
 * - If other text follows the closing quote, as in `"Jane Doe" <jane@example.com>`, the field is read as written, with its
 *   quotes, up to the next delimiter. (If it also ends with a quote, as in `"a" "b"`, the outer quotes are removed.) A record
 *   with such a field ends with its first line.
 * - If a quoted field in such a record is not closed on the first line, this line is unreadable. The first line is also
 *   unreadable if a quoted field has no closing quote within the first `longest` characters of its record. Reading continues
 *   with the next line.
 */
export const readRecords = (
  text: string,
  dialect: CsvDialect,
  limits: ReadLimits,
  onRecord: OnRecord,
): RecordsRead =>
  scanRecords(text, dialect, limits, (fields, start, end, next) =>
    onRecord(fields === null ? null : fields.all(), start, end, next),
  );

interface ReadLimits {
  /** Whether `text` reaches the end of the file, so its last line is complete even without a line ending. */
  readonly last: boolean;
  /** Maximum number of characters of a record. */
  readonly longest: number;
}

/**
 * Reads records as `readRecords` does, but does not create the values of the fields. This is faster for callers that need
 * only some of the fields, such as the address column of a list with millions of rows.
 */
export function scanRecords(
  text: string,
  { delimiter, newline }: CsvDialect,
  { last, longest }: ReadLimits,
  onRecord: OnRecord<RecordFields>,
): RecordsRead {
  // Each function remembers the position that it found last. Without this, a text with few quotes would be searched to its
  // end for the next quote in every row.
  const nextDelimiter = searchIn(text, delimiter);
  const nextNewline = newline === 'mixed' ? lineEndsIn(text) : searchIn(text, newline);
  const nextQuote = searchIn(text, '"');
  const fields = new FieldPlaces(text);
  /** Position of the line feed or carriage return that ends the current record. `readFields` sets it. */
  let end = 0;
  let start = 0;
  while (start < text.length) {
    const lineEnd = nextNewline(start);
    if (lineEnd - start > longest) return { read: start, tooLong: true };
    if (lineEnd === text.length && !last) return { read: start, tooLong: false };
    const outcome = readFields(start, lineEnd);
    if (outcome === 'incomplete') return { read: start, tooLong: false };
    if (outcome === 'malformed') {
      const lineText = endOfText(text, start, lineEnd, newline);
      const spans = lenientSpans(text.slice(start, lineText), delimiter);
      end = lineEnd;
      fields.values = spans?.map(spanValue) ?? null;
    }
    const next = Math.min(end + 1, text.length);
    const isRead = outcome === 'read' || fields.values !== null;
    onRecord(isRead ? fields : null, start, endOfText(text, start, end, newline), next);
    start = next;
  }
  return { read: start, tooLong: false };

  /**
   * Reads the record that begins at `from`, and sets `fields` and `end`. `firstLineEnd` is the end of its first line. A
   * record whose quoted fields contain line endings has several lines.
   */
  function readFields(from: number, firstLineEnd: number): 'read' | 'incomplete' | 'malformed' {
    fields.clear();
    let at = text.charCodeAt(from) === byteOrderMark ? from + 1 : from;
    let lineEnd = firstLineEnd;
    for (;;) {
      if (text.charCodeAt(at) === spaceCode) at = quoteAfterSpaces(text, at, delimiter);
      if (text.charCodeAt(at) === quoteCode) {
        const close = closingQuote(text, at, nextQuote);
        if (close - from > longest) return 'malformed';
        // What follows the quote shows whether it closes the field. At the end of a chunk this is not known yet.
        const after = skipSpaces(text, close + 1, delimiter);
        if (after >= text.length || (text[after] === '\r' && after + 1 === text.length)) {
          if (!last) return 'incomplete';
          if (close >= text.length) return 'malformed';
        }
        fields.add(at, close);
        if (text.startsWith(delimiter, after)) at = after + delimiter.length;
        else if (after >= text.length || isLineEnding(text, after, newline)) {
          end = nextNewline(after);
          return 'read';
        } else return 'malformed';
        lineEnd = nextNewline(at);
      } else {
        if (lineEnd - from > longest) return 'malformed';
        if (lineEnd === text.length && !last) return 'incomplete';
        const fieldEnd = nextDelimiter(at);
        if (fieldEnd >= lineEnd) {
          fields.add(at, endOfText(text, at, lineEnd, newline));
          end = lineEnd;
          return 'read';
        }
        fields.add(at, fieldEnd);
        at = fieldEnd + delimiter.length;
      }
    }
  }
}

/**
 * The positions in the text at which the fields of a record begin and end. A quoted field begins at its opening quote and
 * ends before its closing quote.
 */
class FieldPlaces implements RecordFields {
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  /** The values of the fields if the record breaks the rules of quoting, else null. They replace the positions. */
  values: string[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  clear(): void {
    this.#count = 0;
    this.values = null;
  }

  add(start: number, end: number): void {
    this.#starts[this.#count] = start;
    this.#ends[this.#count++] = end;
  }

  get length(): number {
    return this.values === null ? this.#count : this.values.length;
  }

  at(index: number): string {
    if (this.values !== null) return this.values[index] ?? '';
    if (index < 0 || index >= this.#count) return '';
    const start = this.#starts[index]!;
    const end = this.#ends[index]!;
    return end > start && this.#text.charCodeAt(start) === quoteCode
      ? unquote(this.#text.slice(start + 1, end))
      : this.#text.slice(start, end);
  }

  all(): string[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }
}

const quoteCode = 0x22;
const spaceCode = 0x20;
const byteOrderMark = 0xfeff;

/** The position of the quote after the spaces at `from`, as in `Joe, "Rome, IT"`. `from` if no quote follows them. */
function quoteAfterSpaces(text: string, from: number, delimiter: string): number {
  if (delimiter === ' ') return from;
  let at = from;
  while (text.charCodeAt(at) === spaceCode) at++;
  return text.charCodeAt(at) === quoteCode ? at : from;
}

/**
 * Splits one record into its fields as written, with their quotes. Use it for records that `readRecords` could read. A record
 * with an unclosed quote is returned as a single field.
 */
export const splitRecord = (record: string, { delimiter }: Pick<CsvDialect, 'delimiter'>): string[] =>
  lenientSpans(record, delimiter) ?? [record];

/** Splits a line into its fields as written. Allows text after a closing quote. Returns null if a quote is not closed. */
function lenientSpans(line: string, delimiter: string): string[] | null {
  if (!line.includes('"')) return line.split(delimiter);
  const spans: string[] = [];
  let from = 0;
  for (;;) {
    const bare = line.charCodeAt(from) === byteOrderMark ? from + 1 : from;
    const open = quoteAfterSpaces(line, bare, delimiter);
    let search = from;
    if (line[open] === '"') {
      search = closingQuote(line, open, (at) => lengthIfAbsent(line, line.indexOf('"', at)));
      if (search >= line.length) return null;
    }
    const end = line.indexOf(delimiter, search);
    if (end === -1) break;
    spans.push(line.slice(from, end));
    from = end + delimiter.length;
  }
  spans.push(line.slice(from));
  return spans;
}

/** The value of a field as written: without its quotes if it begins and ends with one, otherwise unchanged. */
export function spanValue(span: string): string {
  const written = span.trim();
  return written.length > 1 && written.startsWith('"') && written.endsWith('"')
    ? unquote(written.slice(1, -1))
    : span;
}

/**
 * The position of the quote that closes the field whose opening quote is at `open`. If no quote closes it, a number that is
 * at least the length of the text.
 */
function closingQuote(text: string, open: number, nextQuote: (from: number) => number): number {
  let close = nextQuote(open + 1);
  while (text[close + 1] === '"') close = nextQuote(close + 2);
  return close;
}

const unquote = (text: string): string => (text.includes('"') ? text.replaceAll('""', '"') : text);

function skipSpaces(text: string, from: number, delimiter: string): number {
  let at = from;
  while ((text[at] === ' ' || text[at] === '\t') && text[at] !== delimiter) at++;
  return at;
}

function isLineEnding(text: string, at: number, newline: Newline): boolean {
  if (newline === 'mixed') return text[at] === '\n' || text[at] === '\r';
  return text[at] === newline || (newline === '\n' && text[at] === '\r' && (text[at + 1] ?? '\n') === '\n');
}

/**
 * The position at which the text of a line ends. `lineEnd` is the position of its line feed or carriage return. The two
 * differ for CRLF, whose carriage return is not part of the text.
 */
const endOfText = (text: string, start: number, lineEnd: number, newline: Newline): number =>
  newline !== '\r' && text[lineEnd] !== '\r' && lineEnd > start && text[lineEnd - 1] === '\r'
    ? lineEnd - 1
    : lineEnd;

/**
 * Returns a function that finds the end of a line: a line feed, or a carriage return without one. A carriage return at the end
 * of the text is not found, because a line feed may follow it.
 */
function lineEndsIn(text: string): (from: number) => number {
  const nextFeed = searchIn(text, '\n');
  const nextReturn = searchIn(text, '\r');
  return (from) => {
    const feed = nextFeed(from);
    let at = nextReturn(from);
    while (at < feed && text[at + 1] === '\n') at = nextReturn(at + 1);
    return at + 1 === text.length ? feed : Math.min(feed, at);
  };
}

const lengthIfAbsent = (text: string, at: number): number => (at === -1 ? text.length : at);

/**
 * Returns a function that finds the first `wanted` at or after a position. The function returns the length of the text if
 * there is none.
 */
function searchIn(text: string, wanted: string): (from: number) => number {
  let searchedFrom = 0;
  let found = -1;
  return (from) => {
    if (from < searchedFrom || found < from) {
      searchedFrom = from;
      found = lengthIfAbsent(text, text.indexOf(wanted, from));
    }
    return found;
  };
}
