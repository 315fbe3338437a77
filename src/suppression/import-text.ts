// Reads CSV (RFC 4180) in chunks, and yields its records with their row numbers in the file.

import { dialectSample, guessDialect } from '../csv/guess-dialect.ts';
import { type CsvDialect, readRecords } from '../csv/read-records.ts';

export interface TextRecord<Value> {
  /** The number of the row in the file, as in a spreadsheet: the first row is 1, and blank rows count. */
  readonly row: number;
  /** The content of the record. Null if it cannot be read. */
  readonly value: Value | null;
}

/**
 * Maximum length of a CSV record in characters, and of a JSON object whose end is in a later chunk. A longer one gets the
 * value null. The rows of real exports are far shorter.
 */
export const longestRow = 64 * 1024;

/** Yields the fields of each row, in batches. Blank rows count for the row number, but are not yielded. */
export async function* csvRecords(
  chunks: AsyncIterable<string>,
): AsyncGenerator<TextRecord<readonly string[]>[]> {
  let dialect: CsvDialect | null = null;
  let row = 0;
  let rest = '';
  let inLongLine = false;

  function take(last: boolean): TextRecord<readonly string[]>[] {
    dialect ??= guessDialect(rest, last);
    const records: TextRecord<readonly string[]>[] = [];
    for (;;) {
      if (inLongLine) {
        const { newline } = dialect;
        const end = newline === 'mixed' ? rest.search(/[\r\n]/) : rest.indexOf(newline);
        rest = end === -1 ? '' : rest.slice(end + 1);
        if (end === -1) return records;
        inLongLine = false;
      }
      const { read, tooLong } = readRecords(
        rest,
        dialect,
        { last, longest: longestRow },
        (fields, start, end) => {
          row += 1;
          if (fields === null || rest.slice(start, end).trim() !== '') records.push({ row, value: fields });
        },
      );
      rest = rest.slice(read);
      if (!tooLong) return records;
      row += 1;
      records.push({ row, value: null });
      inLongLine = true;
    }
  }

  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += longestRow) {
      rest += chunk.slice(start, start + longestRow);
      if (dialect !== null || rest.length >= dialectSample) yield take(false);
    }
  if (rest !== '') yield take(true);
}
