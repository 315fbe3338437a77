// CSV (RFC 4180 and common deviations) → records. Pure; the caller feeds text in chunks of any size.

export interface CsvDialect {
  readonly delimiter: string;
  /** `\n` also ends lines with CRLF. */
  readonly newline: '\n' | '\r';
}

/**
 * Receives one record. `text.slice(start, end)` is the record as written, `text.slice(end, next)` its line ending.
 * `fields` is null if a quoted field is not closed; the record is then its first line alone.
 */
export type OnRecord = (fields: readonly string[] | null, start: number, end: number, next: number) => void;

export interface RecordsRead {
  /** Number of characters of the complete records. The rest of the text is an incomplete record. */
  readonly read: number;
  /** Whether the incomplete record has a line of more than `longest` characters. */
  readonly tooLong: boolean;
}

/**
 * Reads all complete records of `text`. The records do not depend on where the caller's chunks end.
 *
 * - A quoted field ends at a quote that a delimiter or a line ending follows. Spaces may come between.
 * - If other text follows the closing quote, the field is read as written up to the next delimiter:
 *   `"Jane Doe" <jane@example.com>`.
 * - If no closing quote comes within `longest` characters, that line alone is unreadable.
 *
 * @param last whether `text` is the end of the file
 * @param longest maximum characters of a record
 */
export function readRecords(
  text: string,
  { delimiter, newline }: CsvDialect,
  { last, longest }: { readonly last: boolean; readonly longest: number },
  onRecord: OnRecord,
): RecordsRead {
  // Each search remembers the position that it found. Otherwise every row without quotes would search the rest of the text
  // for one.
  const nextDelimiter = searchIn(text, delimiter);
  const nextNewline = searchIn(text, newline);
  const nextQuote = searchIn(text, '"');
  /** The fields of the record that `quotedRecord` read last, and the start of its line ending. */
  let fields: string[] = [];
  let end = 0;
  let start = 0;
  while (start < text.length) {
    const lineEnd = nextNewline(start);
    if (lineEnd - start > longest) return { read: start, tooLong: true };
    if (lineEnd === text.length && !last) return { read: start, tooLong: false };
    const lineText = endOfText(text, start, lineEnd, newline);
    const afterLine = Math.min(lineEnd + 1, text.length);
    if (nextQuote(start) >= lineText) {
      onRecord(text.slice(start, lineText).split(delimiter), start, lineText, afterLine);
      start = afterLine;
      continue;
    }
    const outcome = quotedRecord(start);
    if (outcome === 'incomplete') return { read: start, tooLong: false };
    if (outcome === 'malformed') {
      const spans = lenientSpans(text.slice(start, lineText), delimiter);
      onRecord(spans?.map(spanValue) ?? null, start, lineText, afterLine);
      start = afterLine;
    } else {
      const next = Math.min(end + 1, text.length);
      onRecord(fields, start, endOfText(text, start, end, newline), next);
      start = next;
    }
  }
  return { read: start, tooLong: false };

  /** Reads the record at `from` into `fields` and `end`. Its quoted fields may contain line endings. */
  function quotedRecord(from: number): 'read' | 'incomplete' | 'malformed' {
    fields = [];
    let at = from;
    let lineEnd = nextNewline(at);
    for (;;) {
      if (text.charCodeAt(at) === quoteCode) {
        const close = closingQuote(text, at, nextQuote);
        if (close - from > longest) return 'malformed';
        // The character after a quote shows whether the quote closes the field.
        const after = skipSpaces(text, close + 1, delimiter);
        if (after >= text.length || (text[after] === '\r' && after + 1 === text.length)) {
          if (!last) return 'incomplete';
          if (close >= text.length) return 'malformed';
        }
        fields.push(unquote(text.slice(at + 1, close)));
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
          fields.push(text.slice(at, endOfText(text, at, lineEnd, newline)));
          end = lineEnd;
          return 'read';
        }
        fields.push(text.slice(at, fieldEnd));
        at = fieldEnd + delimiter.length;
      }
    }
  }
}

const quoteCode = 0x22;

/** The fields of one record as written, with their quotes. `readRecords` must have accepted the record. */
export const splitRecord = (record: string, { delimiter }: Pick<CsvDialect, 'delimiter'>): string[] =>
  lenientSpans(record, delimiter) ?? [record];

/** Splits a line into its fields as written. Text may follow a closing quote. Null if a quote is not closed. */
function lenientSpans(line: string, delimiter: string): string[] | null {
  if (!line.includes('"')) return line.split(delimiter);
  const spans: string[] = [];
  let from = 0;
  for (;;) {
    let search = from;
    if (line[from] === '"') {
      search = closingQuote(line, from, (at) => lengthIfAbsent(line, line.indexOf('"', at)));
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

/** The value of a field: unquoted if it ends with a quote, otherwise unchanged. */
function spanValue(span: string): string {
  const written = span.trimEnd();
  return written.length > 1 && written.startsWith('"') && written.endsWith('"')
    ? unquote(written.slice(1, -1))
    : span;
}

/** The position of the quote that closes the field opened at `open`; the length of the text or more if there is none. */
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

const isLineEnding = (text: string, at: number, newline: string): boolean =>
  text[at] === newline || (newline === '\n' && text[at] === '\r' && (text[at + 1] ?? '\n') === '\n');

/** The end of a line's text, without its line ending. `lineEnd` is the position of its line feed or carriage return. */
const endOfText = (text: string, start: number, lineEnd: number, newline: string): number =>
  newline === '\n' && lineEnd > start && text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;

const lengthIfAbsent = (text: string, at: number): number => (at === -1 ? text.length : at);

/** Finds `wanted` at or after a position; the length of the text if it is absent. */
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
