// Sheets read as lists, and results written as workbooks.

import { describe, expect, test } from 'vitest';
import { ownColumns } from '../../src/lists/columns.ts';
import type { ListOptions } from '../../src/lists/record-format.ts';
import type { CsvShape, ListRow } from '../../src/lists/shape.ts';
import { openListFile, openListIn } from '../../src/lists/spreadsheet.ts';
import { refuseXlsx, resultCsv, resultWorkbook } from '../../src/lists/spreadsheet-result.ts';
import { defaultWorkbookLimits } from '../../src/xlsx/workbook-limits.ts';
import { cellsOf, collected, inlineRows, type SheetToMake, sourceOf, workbookOf } from '../xlsx/workbooks.ts';
import { bytes, inPieces } from './lists.ts';

async function open(file: Uint8Array, options: ListOptions = {}) {
  const found = await openListFile(sourceOf(file), options);
  if (!found.ok) return found.error;
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of found.file.bytes()) text += decoder.decode(piece, { stream: true });
  const opened = await openListIn(found.file, options);
  if (!opened.ok) return opened.error;
  const rows: ListRow[] = [];
  const lines: [number, number][] = [];
  for await (const part of opened.parts) {
    if (part.kind === 'error') return part.error;
    rows.push(...part.rows);
    lines.push([part.next.row, part.next.line]);
    lines.push(...part.setAside.map(({ error }): [number, number] => [error.row!, error.line!]));
  }
  return { text, shape: opened.shape as CsvShape, rows, emails: rows.map(({ email }) => email), lines };
}

const opened = async (file: Uint8Array, options?: ListOptions) => {
  const list = await open(file, options);
  if ('code' in list) throw new Error(list.message);
  return list;
};

const sheet = (name: string, rows: readonly (readonly (string | null)[])[], state?: string): SheetToMake => ({
  name,
  rows: inlineRows(rows),
  ...(state !== undefined && { state }),
});

const contacts = [
  ['name', 'email'],
  ['Doe, Jane', 'jane@brisk-otter.com'],
  ['Joe', 'joe@gmail.com'],
];

describe('the sheet', () => {
  test('is the first one with an address column', async () => {
    const sheets = [
      sheet('Read me', [['This is our list.']]),
      sheet('People', contacts),
      sheet('Old', contacts),
    ];
    const { shape, emails } = await opened(workbookOf({ sheets }));
    expect(shape.workbook).toMatchObject({ sheet: 'People', otherSheets: ['Read me', 'Old'] });
    expect(emails).toEqual(['jane@brisk-otter.com', 'joe@gmail.com']);
  });

  test('is not a page of notes with one address', async () => {
    const notes = sheet('Notes', [['Questions?'], ['help@brisk-otter.com']]);
    const { shape } = await opened(workbookOf({ sheets: [notes, sheet('People', contacts)] }));
    expect(shape.workbook?.sheet).toBe('People');
    expect((await opened(workbookOf({ sheets: [notes] }))).emails).toEqual(['help@brisk-otter.com']);
    const bare = sheet('Bare', [['a@brisk-otter.com'], ['b@brisk-otter.com']]);
    expect((await opened(workbookOf({ sheets: [notes, bare] }))).shape.workbook?.sheet).toBe('Bare');
    const short = sheet('Short', contacts.slice(0, 2));
    expect((await opened(workbookOf({ sheets: [notes, short] }))).shape.workbook?.sheet).toBe('Short');
  });

  test('is a hidden one only if no visible one has an address column', async () => {
    const hidden = sheet('Secret', contacts, 'hidden');
    expect(
      (await opened(workbookOf({ sheets: [hidden, sheet('People', contacts)] }))).shape.workbook?.sheet,
    ).toBe('People');
    expect(
      (await opened(workbookOf({ sheets: [hidden, sheet('Cover', [['x']])] }))).shape.workbook?.sheet,
    ).toBe('Secret');
    const veryHidden = sheet('Deep', contacts, 'veryHidden');
    expect(
      (await opened(workbookOf({ sheets: [veryHidden, sheet('P', contacts)] }))).shape.workbook?.sheet,
    ).toBe('P');
  });

  test('is the one that the caller names, by its name in any letter case or its number', async () => {
    const file = workbookOf({
      sheets: [sheet('People', contacts), sheet('Other', [['mail'], ['x@gmail.com']]), sheet('1', contacts)],
    });
    for (const name of ['Other', ' other', '2'])
      expect((await opened(file, { sheet: name })).emails).toEqual(['x@gmail.com']);
    expect((await opened(file, { sheet: '1' })).shape.workbook?.sheet).toBe('1');
    for (const name of ['4', '0', 'Ot'])
      expect(await open(file, { sheet: name })).toMatchObject({
        code: 'unknown_sheet',
        message: `There is no sheet "${name}". The sheets are: "People", "Other", "1".`,
      });
  });

  test('with the column that the caller names is chosen', async () => {
    const sheets = [
      sheet('A', contacts),
      sheet('B', [
        ['email', 'work'],
        ['a@gmail.com', 'b@gmail.com'],
      ]),
    ];
    const { shape, emails } = await opened(workbookOf({ sheets }), { emailColumn: 'work' });
    expect([shape.workbook?.sheet, emails]).toEqual(['B', ['b@gmail.com']]);
  });

  test('without addresses is an error that names the columns', async () => {
    const file = workbookOf({
      sheets: [
        sheet('Empty', []),
        sheet('A', [
          ['name', 'city'],
          ['Jane', 'Rome'],
        ]),
      ],
    });
    expect(await open(file)).toMatchObject({
      code: 'no_address_column',
      message: expect.stringContaining('"name", "city"'),
    });
    expect(await open(workbookOf({ sheets: [sheet('Empty', [])] }))).toMatchObject({ code: 'no_rows' });
  });
});

describe('rows', () => {
  test('keep their place: blank rows are blank lines, and each row is one line', async () => {
    const rows =
      '<row r="2"><c r="A2" t="str"><v>Our people</v></c></row>' +
      '<row r="4"><c r="A4" t="str"><v>note</v></c><c r="C4" t="str"><v>email</v></c></row>' +
      '<row r="5"><c r="A5" t="str"><v>two\nlines, "quoted"</v></c><c r="C5" t="str"><v>a@gmail.com</v></c><c r="E5" t="str"><v>far</v></c></row>' +
      '<row r="7"><c r="C7" t="str"><v>b@gmail.com</v></c></row><row r="9"><c r="A9" s="1"/></row>';
    const list = await opened(workbookOf({ sheets: [{ name: 'A', rows }] }));
    expect(list.text).toBe(
      '\nOur people,,,,\n\nnote,,email,,\n"two\nlines, ""quoted""",,a@gmail.com,,far\n\n,,b@gmail.com,,\n',
    );
    expect(list.shape).toMatchObject({
      header: ['note', '', 'email', '', ''],
      width: 5,
      titles: 1,
      email: 2,
    });
    expect(list.lines).toEqual([[3, 8]]);
  });

  test('beyond the sample may be wider, and no row is set aside', async () => {
    const rows = Array.from({ length: 400 }, (_, row) => [`j${row}@gmail.com`, 'x']);
    const file = workbookOf({
      sheets: [sheet('A', [['email', 'note'], ...rows, ['last@gmail.com', 'x', null, 'remark']])],
    });
    const { shape, rows: read } = await opened(file);
    expect([
      shape.width,
      read.length,
      read.every(({ refusal, fields }) => refusal === null && fields === 4),
    ]).toEqual([4, 401, true]);
  });

  test('that are the header again are set aside with the number of the row in the sheet', async () => {
    const rows = [
      ['email', 'note'],
      ['a@gmail.com', 'two\nlines'],
      ['email', 'note'],
      ['b@gmail.com', ''],
    ];
    expect((await opened(workbookOf({ sheets: [sheet('A', rows)] }))).lines).toEqual([
      [4, 5],
      [2, 3],
    ]);
  });

  test('are the same each time and in pieces of any size', async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => [`Zoë ${row}`, `j${row}@gmail.com`]);
    const file = workbookOf({ sheets: [sheet('A', [['name', 'email'], ...rows])] });
    const texts = await Promise.all(
      [1, 7, 65_536].map(async (size) => {
        const found = await openListFile(sourceOf(file, size));
        if (!found.ok) throw new Error(found.error.message);
        let text = '';
        const decoder = new TextDecoder();
        for await (const piece of found.file.bytes()) text += decoder.decode(piece, { stream: true });
        expect(Math.abs(found.file.size - text.length)).toBeLessThan(text.length / 5);
        return text;
      }),
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]!.split('\n')).toHaveLength(5002);
  });

  test('of a short file that repeats a long text are refused', async () => {
    const strings = `<si><t>${'x'.repeat(10_000)}</t></si>`;
    const rows = `${inlineRows([['email']])}${'<row><c t="s"><v>0</v></c></row>'.repeat(100)}`;
    const file = sourceOf(workbookOf({ sheets: [{ name: 'A', rows }], strings }));
    const error = { code: 'workbook_too_large', message: expect.stringContaining('bytes of text') };
    const limits = { ...defaultWorkbookLimits, unpackedBytes: 500_000 };
    expect(await openListFile(file, { sheet: 'A' }, limits)).toMatchObject({ ok: false, error });
    expect(await openListFile(file, { sheet: 'A' }, { ...limits, unpackedBytes: 1_200_000 })).toMatchObject({
      ok: true,
    });
  });
});

test('other files are passed on, and compound files are refused', async () => {
  const csv = await openListFile(sourceOf(bytes('email\na@gmail.com\n')));
  expect(csv).toMatchObject({ ok: true, file: { workbook: null, size: 18 } });
  expect(await open(bytes('email\na@gmail.com\n'))).toMatchObject({ emails: ['a@gmail.com'] });
  const old = Buffer.alloc(600);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(old);
  expect(await open(old)).toMatchObject({ code: 'binary', row: null });
});

describe('a result', () => {
  const rows =
    '<row r="1"><c t="str"><v>email</v></c><c t="str"><v>amount</v></c><c t="str"><v>since</v></c><c t="str"><v>vip</v></c><c t="str"><v>zip</v></c><c t="str"><v>mixed</v></c></row>' +
    '<row r="2"><c t="str"><v>a@gmail.com</v></c><c s="1"><v>12.5</v></c><c s="2"><v>45000.5</v></c><c t="b"><v>1</v></c><c s="3"><v>1067</v></c><c><v>7</v></c></row>' +
    '<row r="4"><c t="str"><v>b@gmail.com</v></c><c t="str"><v>=1+1</v></c><c t="str"><v>soon</v></c><c t="str"><v>yes</v></c><c t="str"><v>-</v></c><c t="str"><v>007</v></c></row>';
  const list = () =>
    opened(
      workbookOf({ sheets: [{ name: 'Pe&amp;ople', rows }], formats: ['0.00', 'dd/mm/yyyy hh:mm', '00000'] }),
    );
  const own = ownColumns.join(',');

  test('as a workbook keeps texts, numbers, dates and booleans', async () => {
    const { text, shape } = await list();
    const written = `${text.split('\n')[0]},${own}\n${text.split('\n')[1]},deliverable,,,,5.1.1,0.0123,true,,,,,,,'=m,,'+x@gmail.com\n\n${text.split('\n')[3]}${','.repeat(16)}\n`;
    const cells = await cellsOf(await collected(resultWorkbook(inPieces(bytes(written), 10), shape)));
    expect(Object.keys(cells)).toEqual(['Pe&ople']);
    const [header, first, blank, last] = cells['Pe&ople']!;
    expect(header).toEqual(
      ['email', 'amount', 'since', 'vip', 'zip', 'mixed', ...ownColumns].map(
        (name, column) => `${column} text ${name}`,
      ),
    );
    expect(first).toEqual([
      '0 text a@gmail.com',
      '1 number 12.5 0.00',
      '2 date 2023-03-15 12:00:00 dd/mm/yyyy hh:mm',
      '3 boolean TRUE',
      '4 number 01067 00000',
      '5 text 7',
      '6 text deliverable',
      '10 text 5.1.1',
      '11 number 0.0123',
      '12 text true',
      '19 text =m',
      '21 text +x@gmail.com',
    ]);
    expect(blank).toBeUndefined();
    expect(last).toEqual([
      '0 text b@gmail.com',
      '1 text =1+1',
      '2 text soon',
      '3 text yes',
      '4 text -',
      '5 text 007',
    ]);
  });

  test('as CSV has a byte order mark, and guards formulas but not phone numbers', async () => {
    const { shape } = await list();
    const cells = ['=1+1', '+49 (170) 12-34', '-1.5', '+SUM(A1)', '@x', '-', 'plain'];
    const written = cells.map((cell) => `a@gmail.com,${cell},,,,${','.repeat(15)}'+own\n`).join('');
    const csv = (await collected(resultCsv(inPieces(bytes(written), 10), shape))).toString();
    expect(csv[0]).toBe('\ufeff');
    expect(
      csv
        .slice(1)
        .split('\r\n')
        .map((line) => line.split(',')[1] ?? null),
    ).toEqual(["'=1+1", '+49 (170) 12-34', '-1.5', "'+SUM(A1)", "'@x", '-', 'plain', null]);
    expect(csv).toContain(",'+own\r\n");
  });

  test('of a CSV list has texts, no line sep=, and records of any dialect', async () => {
    const shape = {
      ...(await list()).shape,
      workbook: undefined,
      delimiter: ';',
      titles: 1,
    } as unknown as CsvShape;
    const text = '\ufeffsep=;\r\nemail;zip\r\na@gmail.com;"01\r\n067"\r\n;12\r\n';
    expect(await cellsOf(await collected(resultWorkbook(inPieces(bytes(text), 9), shape)))).toEqual({
      List: [
        [],
        ['0 text email', '1 text zip'],
        ['0 text a@gmail.com', '1 text 01\r\n067'],
        ['1 text 12'],
      ].map((row, index) => (index === 0 ? undefined : row)),
    });
  });

  test('wider than a sheet is refused', async () => {
    const { shape } = await list();
    expect(refuseXlsx({ ...shape, width: 16_384 - ownColumns.length })).toBeNull();
    expect(refuseXlsx({ ...shape, width: 16_385 - ownColumns.length })).toContain(
      'at most 16384 columns, but the result has 16385',
    );
  });
});
