// CSV lists (RFC 4180 and common deviations): reads the records, and writes them unchanged with presend's columns added.

import { type RecordFields, scanRecords, spanValue, splitRecord } from '../csv/read-records.ts';
import { addressesInCell, isBlankText, isPlainAddress, mayBeAddress } from '../tables/address-cell.ts';
import { isAddress } from '../tables/find-columns.ts';
import { addressColumnIndex, type OwnColumn, type OwnValue, ownColumns } from './columns.ts';
import { lifeDatesReader } from './life-columns.ts';
import type { RowRefusal } from './list-error.ts';
import { longestRecord, type RecordReader, type RecordWriter, recordTooLong } from './record-format.ts';
import { isRemark } from './remark.ts';
import type { CsvShape, EarlierVerdict, ListRow } from './shape.ts';

type OnRow = (row: ListRow) => void;

/**
 * Returns a reader of records, for text that arrives in pieces. `fromStart`: the text is the beginning of the list, with
 * any title lines above the header. The title lines, and further lines of the header, become rows that are not contacts.
 */
export function csvReader(shape: CsvShape, fromStart = false): RecordReader {
  const { email, lastVerifiedAt, source, life, own, width, moreEmails = [], onlyAddresses, split } = shape;
  const [result, reason, action, didYouMean, status, probability] = own as number[];
  const placeOf = (name: OwnColumn): number => own[ownColumns.indexOf(name)] ?? -1;
  const [checkedAt, duplicate] = [placeOf('ps_checked_at'), placeOf('ps_duplicate')];
  const [provider, gateway] = [placeOf('ps_provider'), placeOf('ps_gateway')];
  const engagement = placeOf('ps_engagement');
  const hasEarlier = result! >= 0;
  const lifeOf = life && lifeDatesReader(life, (cells: RecordFields, column: number) => cells.at(column));
  const { header, titles = 0, headersBelow = 0 } = shape;
  const headEnd = !fromStart ? 0 : header === null ? titles : titles + 1 + headersBelow;
  const headerAt = fromStart && header !== null ? titles : -1;
  let record = 0;

  const earlierIn = (cells: RecordFields): EarlierVerdict => ({
    result: cells.at(result!),
    reason: cells.at(reason!),
    action: cells.at(action!),
    didYouMean: cells.at(didYouMean!),
    status: cells.at(status!),
    probability: cells.at(probability!),
    checkedAt: cells.at(checkedAt),
    duplicate: cells.at(duplicate),
    provider: cells.at(provider),
    gateway: cells.at(gateway),
    engagement: cells.at(engagement),
  });

  /** All addresses of a contact. Those in the address column come first. */
  const contactAddresses = (cells: RecordFields): readonly string[] => {
    const first = addressesInCell(cells.at(email));
    // Without a header, a name with an unquoted comma moves the address into another column.
    if (header === null && !first.some((each) => each.includes('@'))) {
      const cell = cells.all().find((each) => isAddress(each));
      if (cell !== undefined) return addressesInCell(cell);
    }
    if (first.length === 0 && cells.length === 1 && width > 1 && header !== null)
      return addressesByOtherDelimiter(cells.at(0));
    if (moreEmails.length === 0) return first;
    const all = [
      ...first,
      ...moreEmails.flatMap((column) =>
        addressesInCell(cells.at(column)).filter((each) => each.includes('@')),
      ),
    ];
    return all.length < 2 ? all : [...new Map(all.map((each) => [each.toLowerCase(), each])).values()];
  };

  /** The addresses of a record that was pasted from a file with another delimiter, and has as many fields as the others. */
  const addressesByOtherDelimiter = (record: string): readonly string[] => {
    for (const delimiter of [',', ';', '\t', '|']) {
      const spans = splitRecord(record, { delimiter });
      const addresses = spans.length === width ? addressesInCell(spanValue(spans[email]!)) : [];
      if (addresses.length > 0 && addresses.every((each) => isAddress(each))) return addresses;
    }
    return [];
  };

  /** Why a record is not a contact if its cells are the names of the columns, as where files were joined. Else null. */
  const anotherHeader = (cells: RecordFields, address: string): RowRefusal | null => {
    if (header === null || address === '' || !header.includes(withoutMark(address))) return null;
    const names = cells.all().map(withoutMark);
    if (!names.every((name) => name.trim() === '' || header.includes(name))) return null;
    return names.every((name, column) => name === header[column]) ? repeatedHeader : otherColumns;
  };

  /** Whether a record is a total or a note below the list: its only cell is the address cell, which has no address. */
  const isFooter = (cells: RecordFields, [address = '']: readonly string[]): boolean =>
    width > 1 &&
    header !== null &&
    !mayBeAddress(address) &&
    cells.all().every((cell, column) => column === email || cell.trim() === '');

  return {
    read(text, last, onRow) {
      const { read, tooLong } = scanRecords(
        text,
        shape,
        { last, longest: longestRecord },
        (cells, start, end, next) => {
          const ending = next - end === 2 ? '\r\n' : text.slice(end, next);
          if (shape.quotedLines && cells?.length === 1 && !isBlankText(cells.at(0)))
            onQuotedLine(cells.at(0), text.slice(start, end), ending, onRow);
          else onRecord(cells, text.slice(start, end), { ending, line: null }, onRow);
        },
      );
      return { read, refused: tooLong ? recordTooLong : null };
    },
  };

  /** Reads the record inside a line that is quoted as a whole. */
  function onQuotedLine(inside: string, written: string, ending: string, onRow: OnRow): void {
    let line = written + ending;
    const dialect = { delimiter: shape.delimiter, newline: 'mixed' } as const;
    scanRecords(inside, dialect, { last: true, longest: inside.length }, (cells, start, end) => {
      onRecord(cells, inside.slice(start, end), { ending: ending || '\n', line }, onRow);
      line = '';
    });
  }

  /** `line`: the characters of the record in the file; null if they are the record and its ending. */
  function onRecord(
    cells: RecordFields | null,
    text: string,
    { ending, line }: { readonly ending: string; readonly line: string | null },
    onRow: OnRow,
  ): void {
    let written = text;
    const blank = cells?.length === 1 && isBlankText(cells.at(0));
    const at = cells === null || blank ? -1 : record++;
    if (cells === null || blank || (at < headEnd && at !== headerAt)) {
      onRow(passing(written, ending, cells === null ? brokenQuote : null, line));
      return;
    }
    if (onlyAddresses) {
      onAddresses(
        cells
          .all()
          .flatMap((each) => addressesInCell(each))
          .filter((each) => each.includes('@')),
        { written, ending, line },
        onRow,
      );
      return;
    }
    let raw = line;
    if (cells.length > width) {
      const surplus = cells.all().slice(width);
      if (surplus.some((cell) => cell.trim() !== '')) {
        onRow(passing(written, ending, tooManyFields(cells.length, width), line));
        return;
      }
      raw ??= written + ending;
      written = splitRecord(written, shape).slice(0, width).join(shape.delimiter);
    }
    const cell = cells.at(email);
    const plain = moreEmails.length === 0 && isPlainAddress(cell);
    const refusal = plain || at === headerAt ? null : anotherHeader(cells, cell);
    if (refusal !== null) {
      onRow(passing(written, ending, refusal, line));
      return;
    }
    const all = plain ? null : contactAddresses(cells);
    const row: ListRow = {
      text: written,
      ending,
      fields: Math.min(cells.length, width),
      email: all === null ? cell : isFooter(cells, all) || isRemark(all[0] ?? '') ? '' : (all[0] ?? ''),
      plain,
      cleaned: all !== null && all.length === 1 && all[0] !== cell && all[0]!.includes('@') && cell !== '',
      others: all !== null && all.length > 1 ? all.slice(1) : null,
      lastVerifiedAt: cells.at(lastVerifiedAt).trim(),
      source: cells.at(source).trim(),
      life: lifeOf === undefined ? null : lifeOf(cells),
      earlier: hasEarlier ? earlierIn(cells) : null,
      raw,
      refusal: null,
    };
    if (split && row.others !== null && row.email.includes('@')) onSplit(row, all!, onRow);
    else onRow(row);
  }

  /**
   * Passes on one row for each address of a line. The first row gets all characters of the line as its `raw` and the
   * other rows get none, so the bytes of the line are counted once.
   */
  function onAddresses(
    addresses: readonly string[],
    {
      written,
      ending,
      line,
    }: { readonly written: string; readonly ending: string; readonly line: string | null },
    onRow: OnRow,
  ): void {
    const row = { ...passing('', ending || '\n', null), fields: 1 };
    addresses.forEach((email, index) => {
      const raw = index === 0 ? (line ?? written + ending) : '';
      onRow({ ...row, text: cellOf(email, shape.delimiter), email, raw });
    });
    if (addresses.length === 0) onRow(passing(written, ending, null, line));
  }

  /** Passes on one row for each address of a contact, with this address in the address column. */
  function onSplit(row: ListRow, addresses: readonly string[], onRow: OnRow): void {
    const spans = splitRecord(row.text, shape);
    addresses.forEach((address, index) => {
      const text = spans.with(email, cellOf(address, shape.delimiter)).join(shape.delimiter);
      const raw = index === 0 ? (row.raw ?? row.text + row.ending) : '';
      onRow({ ...row, text, ending: row.ending || '\n', email: address, others: null, raw });
    });
  }
}

/** Returns a row that is not a contact, such as a blank line, a title, or a record that cannot be read. */
const passing = (
  text: string,
  ending: string,
  refusal: RowRefusal | null,
  raw: string | null = null,
): ListRow => ({
  text,
  ending,
  fields: 0,
  email: '',
  plain: false,
  cleaned: false,
  others: null,
  lastVerifiedAt: '',
  source: '',
  life: null,
  earlier: null,
  raw,
  refusal,
});

const tooManyFields = (fields: number, width: number): RowRefusal => ({
  code: 'too_many_fields',
  sentence: `has ${fields} fields, but the list has ${width} columns. Put fields that contain the delimiter in quotation marks.`,
});

const withoutMark = (cell: string): string => (cell[0] === '\ufeff' ? cell.slice(1) : cell);

const repeatedHeader: RowRefusal = {
  code: 'repeated_header',
  sentence: 'repeats the header, so it is not a contact.',
};

const otherColumns: RowRefusal = {
  code: 'other_columns',
  sentence:
    'is a header whose columns are in another order or partly missing. Put it and the rows below it into a separate file.',
};

const brokenQuote: RowRefusal = {
  code: 'broken_quote',
  sentence:
    'has a field without its closing quotation mark. Add the mark, or double each quotation mark inside the field.',
};

/** The header with the names of presend's columns. Names that the header already has stay in their place. */
export function csvHeader(shape: CsvShape, line: ListRow): string {
  const named = shape.rowNames
    ? { ...line, text: shape.delimiter + line.text, fields: line.fields + 1 }
    : line;
  return withOwnCells(shape, named, (index) => ownColumns[index]!);
}

/** A further line of the header, with empty cells in presend's columns. */
export const csvHeaderBelow = (shape: CsvShape, line: ListRow): string =>
  withOwnCells(shape, { ...line, fields: splitRecord(line.text, shape).length }, null);

/**
 * Returns a writer of records with presend's columns. With null cells, a record keeps the values that it has in these
 * columns; columns that it lacks stay empty. Records with too few fields are padded.
 */
export function csvWriter(shape: CsvShape): RecordWriter {
  const { delimiter, own, width } = shape;
  const cellsOf = (values: readonly OwnValue[], address: string) => (index: number) =>
    cellOf(index === addressColumnIndex ? address : values[index]!, delimiter);
  if (own.some((place) => place !== -1))
    return (row, cells, address, out) => {
      out.push(withOwnCells(shape, row, cells && cellsOf(cells.values, address)));
    };
  const none = delimiter.repeat(own.length);
  // `own` comes from the stored shape of a job. If an earlier version of presend stored it, newer columns may be
  // missing.
  const hasAddress = own.length > addressColumnIndex;
  const textOf = (values: readonly OwnValue[]): string =>
    values.map((value) => delimiter + cellOf(value, delimiter)).join('');
  return (row, cells, address, out) => {
    if (cells !== null && cells.text === null) {
      const values = cells.values.slice(0, own.length);
      cells.text = textOf(values.slice(0, addressColumnIndex)) + (hasAddress ? delimiter : '');
      cells.textAfter = textOf(values.slice(addressColumnIndex + 1));
    }
    out.push(row.text);
    if (row.fields < width) out.push(missing(shape, row));
    out.push(cells?.text ?? none);
    if (cells !== null && hasAddress)
      // `address` is usually that of the row. In a plain row, it needs no quotation marks in a cell.
      out.push(row.plain && address === row.email ? address : cellOf(address, delimiter), cells.textAfter);
  };
}

/**
 * The row with `address` in the address column. Returns the same row if the address is already there, or if the record
 * is too short to have this column.
 */
export function withCsvAddress(shape: CsvShape, row: ListRow, address: string): ListRow {
  if (row.fields <= shape.email) return row;
  const spans = splitRecord(row.text, shape);
  const span = spans[shape.email]!.trim();
  if (span === address || span === `"${address}"`) return row;
  const text = spans.with(shape.email, cellOf(address, shape.delimiter)).join(shape.delimiter);
  return { ...row, text };
}

/** The delimiters to append to a record that has too few fields. */
const missing = ({ delimiter, width }: CsvShape, { fields }: ListRow): string =>
  fields < width ? delimiter.repeat(width - fields) : '';

function withOwnCells(shape: CsvShape, row: ListRow, cell: ((index: number) => string) | null): string {
  const { delimiter, own } = shape;
  const fill = missing(shape, row);
  const inPlace = cell !== null && own.some((place) => place !== -1);
  const fields = inPlace ? splitRecord(row.text + fill, shape) : [row.text + fill];
  for (let index = 0; index < own.length; index++) {
    const place = own[index]!;
    if (place === -1) fields.push(cell === null ? '' : cell(index));
    else if (cell !== null) fields[place] = cell(index);
  }
  return fields.join(delimiter);
}

/**
 * Writes a value as a cell. If a spreadsheet would run a text as a formula, it gets an apostrophe in front, which
 * makes it plain text (OWASP, CSV injection).
 */
function cellOf(value: OwnValue, delimiter: string): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  if (plainCell.test(value)) return value;
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return guarded.includes(delimiter) || /["\r\n]/.test(guarded)
    ? `"${guarded.replaceAll('"', '""')}"`
    : guarded;
}

const plainCell = /^[a-z0-9][\w.:@-]*$/i;
