// CSV text → records: RFC 4180, what programs write instead, and the same records wherever chunks end.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvDialect, readRecords, splitRecord } from '../../src/csv/read-records.ts';

const comma: CsvDialect = { delimiter: ',', newline: '\n' };

interface Read {
  readonly records: (readonly string[] | null)[];
  /** Each record as written, and its line ending. */
  readonly written: [string, string][];
  readonly rest: string;
  readonly tooLong: boolean;
}

/** Reads `chunks` as a caller does: what is left of one chunk comes before the next. */
function read(chunks: readonly string[], dialect = comma, longest = 1000): Read {
  const records: (readonly string[] | null)[] = [];
  const written: [string, string][] = [];
  let rest = '';
  for (const [index, chunk] of chunks.entries()) {
    const text = rest + chunk;
    const last = index === chunks.length - 1;
    const result = readRecords(text, dialect, { last, longest }, (fields, start, end, next) => {
      records.push(fields);
      written.push([text.slice(start, end), text.slice(end, next)]);
    });
    rest = text.slice(result.read);
    if (result.tooLong) return { records, written, rest, tooLong: true };
  }
  return { records, written, rest, tooLong: false };
}

const fieldsOf = (text: string, dialect = comma) => read([text], dialect).records;

describe('fields', () => {
  test.each<[string, string, (readonly string[] | null)[]]>([
    [
      'plain',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'no line ending at the end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n"c","d"\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['CRLF after an unquoted field of a quoted record', '"a",b\r\n', [['a', 'b']]],
    ['a carriage return at the end of the file', '"a\nb"\r', [['a\nb']]],
    [
      'empty fields',
      ',\n"",\n',
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['a blank line', 'a\n\nb', [['a'], [''], ['b']]],
    ['delimiters, line endings and quotes in quotes', '"a, ""b""\nc",d\n', [['a, "b"\nc', 'd']]],
    [
      'spaces after a closing quote',
      '"a" ,"b"\t\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a quote inside an unquoted field',
      `Ann,5'10"\nBob,6"\n`,
      [
        ['Ann', `5'10"`],
        ['Bob', '6"'],
      ],
    ],
    ['a name before an address', '"Doe, Jane" <j@x.org>,a\n', [['"Doe, Jane" <j@x.org>', 'a']]],
    [
      'a quote at the end of a field beside them',
      `"Doe, Jane" <j@x.org>,5'10"\n`,
      [['"Doe, Jane" <j@x.org>', `5'10"`]],
    ],
    ['quotes that are not doubled', `"5'10" tall",x\n`, [[`5'10" tall`, 'x']]],
    ['a quote that is not closed', 'a,b\n"c,d\ne,f\n', [['a', 'b'], null, ['e', 'f']]],
    ['a quote that only the next line continues', 'x,"y\nx,"y\n', [null, null]],
    ['a quoted field after a broken line', '"a\n"",b\n"c\nd",e\n', [null, ['', 'b'], ['c\nd', 'e']]],
    ['an open quote at the end of the file', 'a\n"', [['a'], null]],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  test('other delimiters and line endings', () => {
    expect(fieldsOf('a\t"b\tc"\r"d"\t\r', { delimiter: '\t', newline: '\r' })).toEqual([
      ['a', 'b\tc'],
      ['d', ''],
    ]);
    expect(fieldsOf('a::"b::c"::d\n', { delimiter: '::', newline: '\n' })).toEqual([['a', 'b::c', 'd']]);
  });
});

describe('a chunk that ends', () => {
  test.each([
    ['between a closing quote and its line ending', ['"a\nb"', '\nc\n']],
    ['between carriage return and line feed', ['"a\nb"\r', '\nc\n']],
    ['after spaces that follow a closing quote', ['"a\nb" ', '\nc\n']],
    ['inside a quoted field', ['"a\n', 'b"\nc\n']],
  ])('%s ends no record', (_, chunks) => {
    expect(read(chunks).records).toEqual([['a\nb'], ['c']]);
  });

  test('inside a field after a quoted one ends no record either', () => {
    expect(read(['"a\nb",c', 'd\n']).records).toEqual([['a\nb', 'cd']]);
  });

  test.each(['"a\nb"\n', '"a\nb"\r\n', '"a\nb",c\n', '"a\nb",c\n"d'])(
    'behind a line ending gives the records before it: %j',
    (text) => {
      const records: (readonly string[] | null)[] = [];
      readRecords(text, comma, { last: false, longest: 1000 }, (fields) => records.push(fields));
      expect(records).toHaveLength(1);
    },
  );

  test('between two quotes does not close the field', () => {
    expect(read(['"a"', '"b",c\n']).records).toEqual([['a"b', 'c']]);
  });
});

describe('the fields of a record as written', () => {
  test.each([
    ['a,b', ['a', 'b']],
    ['"a,b",c', ['"a,b"', 'c']],
    ['"a" ,"b\nc"', ['"a" ', '"b\nc"']],
    ['"a""b",c', ['"a""b"', 'c']],
    [`5'10",b`, [`5'10"`, 'b']],
    ['a,"b"\r', ['a', '"b"\r']],
    ['"Doe, Jane" <j@x.org>,"a,b"', ['"Doe, Jane" <j@x.org>', '"a,b"']],
    ['', ['']],
  ])('%j', (record, fields) => {
    expect(splitRecord(record, comma)).toEqual(fields);
  });
});

describe('limits', () => {
  const long = 'x'.repeat(30);
  test('a line of more characters than the limit stops the reader', () => {
    expect(read([`a,b\n${long}`], comma, 20)).toMatchObject({
      records: [['a', 'b']],
      rest: long,
      tooLong: true,
    });
    expect(read([`${'x'.repeat(20)}\n`], comma, 20).tooLong).toBe(false);
    expect(read([`${'x'.repeat(21)}\n`], comma, 20).tooLong).toBe(true);
  });

  test('a quoted field may not go on beyond the limit', () => {
    const lines = 'a\n'.repeat(20);
    expect(read([`"${lines}",b\n`], comma, 44).records).toEqual([[lines, 'b']]);
    expect(read([`"${lines}",b\n`], comma, 30).records.slice(0, 2)).toEqual([null, ['a']]);
    expect(read([`"a\n",${long}\n`], comma, 30).records[0]).toBeNull();
  });

  test('30,000 broken rows take no longer than sound ones', () => {
    // A search to the end of the text for each of them would take minutes.
    const rows = 'a,"b\n'.repeat(30_000) + 'c,d\n'.repeat(30_000);
    const { records } = read([rows], comma, 1_000_000);
    expect(records).toHaveLength(60_000);
    expect(records.filter((fields) => fields === null)).toHaveLength(30_000);
  });
});

const piece = fc.constantFrom('"', '""', ',', ';', '\n', '\r\n', '\r', ' ', 'a', 'b@c.org', '\t');
const messyText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const cuts = fc.array(fc.nat(60), { maxLength: 6 });

function chunksAt(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.filter((place) => place < text.length), text.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
}

describe('whatever the text is', () => {
  test('where chunks end makes no difference', () => {
    fc.assert(
      fc.property(messyText, cuts, fc.constantFrom(5, 12, 1000), (text, places, longest) => {
        const { records, written, tooLong } = read(chunksAt(text, places), comma, longest);
        expect(read([text], comma, longest)).toMatchObject({ records, written, tooLong });
      }),
      { numRuns: 1000 },
    );
  });

  test('no character is lost', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const { written, rest } = read([text]);
        expect(written.flat().join('') + rest).toBe(text);
        expect(rest).toBe('');
      }),
      { numRuns: 1000 },
    );
  });

  test('a record split and joined is the record, with as many fields', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const { records, written } = read([text]);
        for (const [index, [record]] of written.entries()) {
          const spans = splitRecord(record, comma);
          expect(spans.join(',')).toBe(record);
          if (records[index] !== null) expect(spans).toHaveLength(records[index]!.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is quoted by the RFC comes back', () => {
    const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
    const table = fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), cuts, (rows, newline, places) => {
        const text = rows.map((fields) => fields.map(quoted).join(',') + newline).join('');
        expect(read(chunksAt(text, places)).records).toEqual(rows);
      }),
      { numRuns: 1000 },
    );
  });
});
