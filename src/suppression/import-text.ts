// CSV (RFC 4180) and NDJSON as they come in, chunk by chunk → records, each with its number in the file.

import Papa from 'papaparse';

export interface TextRecord<Value> {
  /** From 1, as a spreadsheet or an editor counts. */
  readonly row: number;
  /** Null: what stands there cannot be read. */
  readonly value: Value | null;
}

/** No row of such a list is nearly so long: whoever reaches it has a quotation mark that nobody closed. */
const longestRow = 64 * 1024;

/** Characters behind an unclosed quotation mark that are read line by line: one look on to `longestRow` does for all. */
const readLineByLine = 4096;

interface Parsed {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

/** The fields of each row, in batches. Blank rows are counted and left out. */
export async function* csvRecords(
  chunks: AsyncIterable<string>,
): AsyncGenerator<TextRecord<readonly string[]>[]> {
  let newline: '\n' | '\r' = '\n';
  let parser: Papa.Parser | null = null;
  let row = 0;
  let rest = '';

  function take(isLast: boolean): TextRecord<readonly string[]>[] {
    if (parser === null) {
      newline = rest.includes('\r') && !rest.includes('\n') ? '\r' : '\n';
      parser = new Papa.Parser({ delimiter: delimiterOf(rest), newline });
    }
    const records: TextRecord<readonly string[]>[] = [];
    const add = ({ data }: Parsed) => {
      for (const fields of data) {
        row += 1;
        if (fields.length > 1 || fields[0]!.trim() !== '') records.push({ row, value: fields });
      }
    };
    for (;;) {
      const whole = parser.parse(rest, 0, true) as Parsed;
      add(whole);
      rest = rest.slice(whole.meta.cursor);
      if (isLast ? rest === '' : rest.length <= longestRow) return records;
      if (isLast) {
        const last = parser.parse(rest, 0, false) as Parsed;
        if (!rest.includes(newline) || !last.errors.some(({ code }) => code === 'MissingQuotes')) {
          add(last);
          return records;
        }
      }
      // The mark is on the row's first line; those after it are rows of their own, and of one line each, since a field
      // of several would have closed the mark.
      for (let length = 0; length < readLineByLine && rest !== ''; ) {
        const end = rest.indexOf(newline);
        if (end === -1 && length > 0 && !isLast) break;
        const line = end === -1 ? rest : rest.slice(0, end + 1);
        const read = parser.parse(end === -1 ? line + newline : line, 0, true) as Parsed;
        if (length === 0 || read.data.length === 0) {
          row += 1;
          records.push({ row, value: null });
        } else add(read);
        rest = rest.slice(line.length);
        length += line.length;
      }
    }
  }

  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += longestRow) {
      rest += chunk.slice(start, start + longestRow);
      // Without a line end nothing is complete, and the first one tells what line ends look like.
      if (rest.length > longestRow || /[\r\n]./s.test(rest)) yield take(false);
    }
  if (rest !== '') yield take(true);
}

/** The separator that the first line has most of; a comma where it has none. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text)![0];
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** The object of each line, in batches. Blank lines are counted and left out. */
export async function* ndjsonRecords(
  chunks: AsyncIterable<string>,
): AsyncGenerator<TextRecord<Readonly<Record<string, unknown>>>[]> {
  let row = 0;
  let rest = '';
  const read = (lines: readonly string[]) =>
    lines.flatMap((line) => {
      row += 1;
      return line.trim() === '' ? [] : [{ row, value: objectIn(line) }];
    });

  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > longestRow) {
      lines.push(rest);
      rest = '';
    }
    yield read(lines);
  }
  yield read([rest]);
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
