// The delimiter and the line ending of a CSV file, guessed from its beginning.

import { type CsvDialect, type OnRecord, type RecordFields, scanRecords } from './read-records.ts';

/** The possible delimiters, most common first. If two fit the file equally well, the earlier one wins. */
const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Delimiters that are tried only if none of the others divides the records. Databases export with the control characters. People
 * who type a list in Chinese or Arabic use the commas and semicolons of their keyboards.
 */
const rareDelimiters = ['\u0001', '\u001f', '^', '~', '\u00a6', '#', '，', '；', '、', '،', '؛'] as const;

/**
 * Maximum number of characters at the beginning of the file that the guess is based on. A caller that receives the file in
 * chunks collects this many characters first, so the guess does not depend on the size of the chunks.
 */
export const dialectSample = 65_536;

const longestRecord = dialectSample;
const recordsRead = 200;

/**
 * Guesses the delimiter and the line ending of a file that begins with `text`.
 *
 * If the file begins with a quoted field and a possible delimiter follows its closing quote, this is the delimiter. Otherwise
 * the first records are read with each possible delimiter, and the best one is chosen. With the right delimiter, most records
 * have as many fields as the first one, some cells contain an address and nothing else, and no quotes are broken.
 *
 * @param whole whether `text` is the whole file
 */
export function guessDialect(text: string, whole: boolean): CsvDialect {
  const sample = text.slice(0, dialectSample);
  const newline = newlineOf(sample);
  const last = whole && sample.length === text.length;
  const afterQuote = /^\s*"(?:[^"]|"")*" *([,;\t|])/.exec(sample)?.[1];
  if (afterQuote !== undefined) return { delimiter: afterQuote, newline };
  const tryDelimiter = (delimiter: string) => ({
    delimiter,
    ...fitOf(sampleRecords(sample, { delimiter, newline }, last)),
  });
  const tries = delimiters.map(tryDelimiter);
  const best = tries.reduce((a, b) => (b.score > a.score ? b : a));
  if (best.used) {
    const twoBars =
      best.delimiter === '|' && tryDelimiter('||').even && !/(?:^|[^|])\|(?:[^|]|$)/m.test(sample);
    return { delimiter: twoBars ? '||' : best.delimiter, newline };
  }
  const rare = rareDelimiters.map(tryDelimiter).find(({ even, addresses }) => even && addresses >= 0.5);
  // A file with one column still needs a delimiter, because presend adds columns to it. Choose one that splits no record.
  const { delimiter } = rare ?? tries.find(({ present }) => !present) ?? best;
  return { delimiter, newline };
}

/** A file with both line feeds and carriage returns of their own is `mixed`. CRLF counts as a line feed. */
function newlineOf(sample: string): CsvDialect['newline'] {
  // The last character may be the first half of CRLF.
  const hasReturn = /\r(?!\n|$)/.test(sample);
  if (!sample.includes('\n')) return sample.includes('\r') ? '\r' : '\n';
  return hasReturn ? 'mixed' : '\n';
}

interface SampleRecord {
  readonly fields: readonly string[];
  /**
   * Whether the quotes are wrong if the record is read with the tried delimiter: a quote is not closed, or text follows a
   * closing quote.
   */
  readonly broken: boolean;
}

function sampleRecords(sample: string, dialect: CsvDialect, last: boolean): SampleRecord[] {
  const records: SampleRecord[] = [];
  const add: OnRecord<RecordFields> = (cells, start, end) => {
    if (records.length === recordsRead || end === start || sample.slice(start, end).trim() === '') return;
    const fields = cells === null ? null : cells.all();
    // A value that begins with a quote usually shows broken quotes. A record with `"""` is the exception: the quoted field
    // `"""Jane"" Doe"` has the value `"Jane" Doe`, and no quote in it is broken.
    const broken = fields === null || fields.some((field) => field.startsWith('"'));
    records.push({ fields: fields ?? [], broken: broken && !sample.slice(start, end).includes('"""') });
  };
  const { read } = scanRecords(sample, dialect, { last, longest: longestRecord }, add);
  // If the first record is longer than the sample, no record is complete. Guess from the incomplete record.
  if (read === 0) scanRecords(sample, dialect, { last: true, longest: longestRecord }, add);
  return records;
}

interface Fit {
  readonly score: number;
  /** Whether the most frequent number of fields in a record is greater than one. */
  readonly used: boolean;
  /** Whether at least one record has several fields. */
  readonly present: boolean;
  /** Whether all records have the same number of fields, and more than one. */
  readonly even: boolean;
  /** Share of the records with a cell that contains only addresses. */
  readonly addresses: number;
}

/** Rates how well a delimiter fits, from the records that were read with it. A higher score is better. */
function fitOf(all: readonly SampleRecord[]): Fit {
  // Left out here: records that could not be read, which have no fields (`broken` below counts them), and lines
  // without a letter or digit, which some programs draw between the header and the rows.
  const records = withoutTitles(
    all.filter(({ fields }) => fields.some((field) => /[\p{L}\p{N}]/u.test(field))),
  );
  const widths = records.map(({ fields }) => fields.length);
  const width = mostFrequent(widths);
  const share = (matches: (record: SampleRecord) => boolean): number =>
    records.filter(matches).length / Math.max(records.length, 1);
  const used = width > 1;
  const regular = used ? share(({ fields }) => fields.length === width) : 0.3;
  const addresses = share(({ fields }) => fields.some(isAddresses));
  const broken = all.filter((record) => record.broken).length / Math.max(all.length, 1);
  // The first record is usually the header, so a delimiter fits better if this record has as many fields as most records.
  const headed = widths[0] === width ? 0.8 : 0;
  return {
    score: regular + addresses + headed - 0.6 * broken,
    used,
    present: widths.some((each) => each > 1),
    even: width > 1 && regular === 1,
    addresses,
  };
}

/**
 * Drops titles: at most ten records above the header. The header has no address. It is the first record with as many fields as
 * most records have, or else with several fields, if the records above it have one field each.
 */
function withoutTitles(records: readonly SampleRecord[]): readonly SampleRecord[] {
  const width = mostFrequent(records.map(({ fields }) => fields.length));
  const isHeader = (at: number) =>
    at > 0 && at <= 10 && !records[at]!.fields.some((field) => field.includes('@'));
  const header = [
    width > 1 ? records.findIndex(({ fields }) => fields.length === width) : -1,
    records.findIndex(({ fields }) => fields.length > 1),
  ].find(isHeader);
  return header === undefined ? records : records.slice(header);
}

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
}

/** Whether a cell seems to contain only addresses, perhaps with display names: each of its parts has an at sign. */
const isAddresses = (cell: string): boolean =>
  cell.includes('@') &&
  cell
    .split(/[,;\t|/]/)
    .filter((part) => part.trim() !== '')
    .every((part) => part.includes('@'));
