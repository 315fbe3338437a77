// Workbooks as programs write them, and as attackers do.

import { describe, expect, test } from 'vitest';
import { lookOf, looks } from '../../src/xlsx/look.ts';
import { dateSerial, dateText } from '../../src/xlsx/serial-dates.ts';
import { fileKind, openWorkbook, refusalOf, refuseCompound } from '../../src/xlsx/workbook.ts';
import { defaultWorkbookLimits, type WorkbookLimits } from '../../src/xlsx/workbook-limits.ts';
import {
  inlineRows,
  sheetPart,
  sourceOf,
  transitional,
  type WorkbookToMake,
  workbookOf,
  type ZipOptions,
  zipOf,
} from './workbooks.ts';

/** The rows of the first sheet: the number of each row, and the texts of its cells by column. Or the refusal. */
async function rowsIn(bytes: Uint8Array, limits?: WorkbookLimits) {
  const opened = await openWorkbook(sourceOf(bytes), limits);
  if (!opened.ok) return opened.refusal;
  const { sheets, strings } = opened.workbook;
  const rows: [number, Record<number, string>][] = [];
  try {
    for await (const _ of sheets[0]!.read((number, cells) => {
      rows.push([
        number,
        Object.fromEntries(cells.map(({ column, text, shared }) => [column, text ?? strings.at(shared)!])),
      ]);
    }));
  } catch (error) {
    return refusalOf(error);
  }
  return rows;
}

const cells = async (rows: string, more: Partial<WorkbookToMake> = {}) => {
  const read = await rowsIn(workbookOf({ sheets: [{ name: 'A', rows }], ...more }));
  return Array.isArray(read) ? read.map(([, row]) => Object.values(row)) : read;
};

describe('cells', () => {
  test('shared strings may come after the sheet, in rich text and with pronunciation', async () => {
    const strings =
      '<si><t>Email</t></si><si><r><t>ja</t></r><r><rPr><b/></rPr><t xml:space="preserve">ne </t></r></si>' +
      '<si><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh><phoneticPr fontId="1"/></si><si/>';
    const row =
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>';
    expect(await cells(row, { strings })).toEqual([['Email', 'jane ', '山田']]);
  });

  test('a shared string that does not exist is a fault', async () => {
    for (const index of ['1', '-1', 'x', ''])
      expect(
        await cells(`<row><c t="s"><v>${index}</v></c></row>`, { strings: '<si><t>a</t></si>' }),
      ).toEqual(index === '' ? [] : expect.objectContaining({ code: 'bad_workbook' }));
  });

  test('inline strings, formulas with a text, booleans and errors', async () => {
    const row =
      '<row><c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>x</t></rPh></is></c>' +
      '<c t="str"><f>HYPERLINK("mailto:j@x.org","j@x.org")</f><v>j@x.org</v></c>' +
      '<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>';
    expect(await cells(row)).toEqual([['ab', 'j@x.org', 'TRUE', 'FALSE', '#N/A']]);
  });

  test('a formula without a value is its own text, because the program did not calculate it', async () => {
    const row =
      '<row><c><f>HYPERLINK("mailto:j@x.org")</f></c><c t="str"><f>A1</f><v></v></c><c><f>1+1</f><v>2</v></c></row>';
    expect(await cells(row)).toEqual([['=HYPERLINK("mailto:j@x.org")', '=A1', '2']]);
  });

  test('numbers keep their digits', async () => {
    const numbers = [
      '491701234567',
      '0.10000000000000001',
      '4.91701234567E+11',
      '12345678901234567890',
      '-0.5',
      '1E-7',
      '007',
      '-0.0',
    ];
    const row = `<row>${numbers.map((number) => `<c><v>${number}</v></c>`).join('')}</row>`;
    expect(await cells(row)).toEqual([
      ['491701234567', '0.1', '491701234567', '12345678901234567890', '-0.5', '1e-7', '007', '0'],
    ]);
  });

  test('a format of zeros pads numbers', async () => {
    const row =
      '<row><c s="1"><v>1067</v></c><c s="1"><v>123456</v></c><c s="1"><v>-5</v></c><c s="1"><v>1.5</v></c></row>';
    expect(await cells(row, { formats: ['00000'] })).toEqual([['01067', '123456', '-5', '1.5']]);
  });

  test('dates by their format, in both date systems', async () => {
    const formats = [
      'dd/mm/yyyy',
      'yyyy-mm-dd hh:mm',
      '[$-409]d\\-mmm;@',
      '0.00 "days"',
      '[h]:mm',
      'General',
      'ss.000',
      '"d"0',
      '#,##0\\ "y"',
    ];
    const of = (serial: string) =>
      `<row>${formats.map((_, index) => `<c s="${index + 1}"><v>${serial}</v></c>`).join('')}</row>`;
    expect(await cells(of('45000'), { formats })).toEqual([
      ['2023-03-15', '2023-03-15', '2023-03-15', '45000', '45000', '45000', '2023-03-15', '45000', '45000'],
    ]);
    expect(await cells(of('45000.4236111'), { formats: formats.slice(0, 2) })).toEqual([
      ['2023-03-15 10:10:00', '2023-03-15 10:10:00', ...Array(7).fill('45000.4236111')],
    ]);
    expect(await cells('<row><c s="1"><v>43538</v></c></row>', { formats, date1904: true })).toEqual([
      ['2023-03-15'],
    ]);
    expect(await cells('<row><c s="7"><v>45000.5000029</v></c></row>', { formats })).toEqual([
      ['2023-03-15 12:00:00.251'],
    ]);
  });

  test('numbers that no date has stay numbers', async () => {
    const numbers = ['-1', '60', '2958466', '1e300'];
    const row = `<row>${numbers.map((number) => `<c s="1"><v>${number}</v></c>`).join('')}</row>`;
    expect(await cells(row, { formats: ['yyyy'] })).toEqual([['-1', '60', '2958466', '1e+300']]);
    const early =
      '<row><c s="1"><v>1</v></c><c s="1"><v>59</v></c><c s="1"><v>61</v></c><c s="1"><v>0.5</v></c><c s="1"><v>2958465</v></c></row>';
    expect(await cells(early, { formats: ['yyyy'] })).toEqual([
      ['1900-01-01', '1900-02-28', '1900-03-01', '12:00:00', '9999-12-31'],
    ]);
  });

  test('dates of strict workbooks are texts of ISO 8601', async () => {
    const row =
      '<row><c t="d"><v>2023-03-15</v></c><c t="d"><v>2023-03-15T00:00:00</v></c><c t="d"><v>2023-03-15T10:10:00.000Z</v></c><c t="d"><v>soon</v></c></row>';
    expect(await cells(row)).toEqual([['2023-03-15', '2023-03-15', '2023-03-15 10:10:00', 'soon']]);
  });

  test('escapes of control characters', async () => {
    const strings = '<si><t>a_x000D_b_x005F_x000D_c_x_d_xD83D__xDE00_</t></si>';
    const row =
      '<row><c t="s"><v>0</v></c><c t="str"><v>_x0009_</v></c><c t="inlineStr"><is><t>_x0041_</t></is></c></row>';
    expect(await cells(row, { strings })).toEqual([['a\rb_x000D_c_x_d😀', '\t', 'A']]);
  });
});

test('a cell has the text of its value alone, without the white space between elements', async () => {
  const row =
    '<row>\n <c t="str">\n <f>A1</f>\n <v>a</v>\n </c>\n <c t="inlineStr">\n <is>\n <t>b</t>\n </is>\n </c>\n</row>\n';
  expect(await cells(row)).toEqual([['a', 'b']]);
});

test('shared strings are found by their index alone', async () => {
  const strings = `<si><t>a</t></si><si><t>${'ü'.repeat(120_000)}</t></si>`.repeat(9);
  const opened = await openWorkbook(sourceOf(workbookOf({ sheets: [{ name: 'A', rows: '' }], strings })));
  if (!opened.ok) throw new Error(opened.refusal.message);
  const all = opened.workbook.strings;
  expect([all.count, all.at(16), all.at(17)?.length, all.bytesOf(17)]).toEqual([18, 'a', 120_000, 240_000]);
  for (const index of [-1, 18])
    expect([all.at(index), all.bytesOf(index), all.lookOf(index)]).toEqual([undefined, 0, 0]);
});

test('what a text looks like', () => {
  for (const text of ['0', '007', '-1.5', '1e-7', '4.9E+11']) expect(lookOf(text)).toBe(looks.number);
  for (const text of ['2026-11-20', '2026-11-20 09:30:00', '2026-11-20 09:30:00.250', '09:30:00'])
    expect(lookOf(text)).toBe(looks.date);
  for (const text of ['TRUE', 'FALSE']) expect(lookOf(text)).toBe(looks.boolean);
  for (const text of ['', '-', '+1', '1,5', '.5', 'true', '2026-11-20T09:30:00', '9:30', 'x1', ' 1'])
    expect(lookOf(text)).toBe(looks.nothing);
});

test('a date that was read is written as the same number', () => {
  for (const serial of [0, 0.25, 1, 59, 61, 45_000, 45_000.5, 2_958_465, 2_958_465.75])
    expect(dateSerial(dateText(serial, false, false)!)).toBe(serial);
  expect(dateSerial(dateText(43_538, true, false)!)).toBe(45_000);
  expect(dateSerial(dateText(0.999_999, false, false) ?? '')).toBeNull();
  for (const text of ['', '2026-02-30', '1899-12-30', '24:00:00', '2026-11-20 24:00:00', 'x'])
    expect(dateSerial(text)).toBeNull();
});

describe('rows', () => {
  test('gaps, cells and rows without a reference, cells in another order, and styled empty cells', async () => {
    const rows =
      '<row r="3"><c r="B3" t="str"><v>b</v></c><c t="str"><v>c</v></c><c r="A3" t="str"><v>a</v></c></row>' +
      '<row><c t="str"><v>next</v></c></row><row r="7"><c r="AB7" t="str"><v>far</v></c><c r="AC7" s="1"/></row><row r="8"><c s="1"/></row>';
    expect(await rowsIn(workbookOf({ sheets: [{ name: 'A', rows }] }))).toEqual([
      [3, { 0: 'a', 1: 'b', 2: 'c' }],
      [4, { 0: 'next' }],
      [7, { 27: 'far' }],
    ]);
  });

  test('a sheet has at most 16,384 columns and 1,048,576 rows', async () => {
    expect(await cells('<row><c r="XFD1"><v>1</v></c></row>')).toEqual([['1']]);
    expect(await cells('<row><c r="XFE1"><v>1</v></c></row>')).toMatchObject({ code: 'workbook_too_large' });
    expect(await cells('<row><c r="ZZZZZZZZZ1"><v>1</v></c></row>')).toMatchObject({
      code: 'workbook_too_large',
    });
    expect(await cells('<row r="1048576"><c><v>1</v></c></row><row/>')).toMatchObject({
      code: 'workbook_too_large',
    });
    expect(await cells('<row r="1048577"><c><v>1</v></c></row>')).toEqual([['1']]);
  });

  test('a row of too many characters is refused, although its file is short', async () => {
    const strings = `<si><t>${'x'.repeat(200_000)}</t></si>`;
    expect(await cells(`<row>${'<c t="s"><v>0</v></c>'.repeat(5)}</row>`, { strings })).toHaveLength(1);
    expect(await cells(`<row>${'<c t="s"><v>0</v></c>'.repeat(6)}</row>`, { strings })).toMatchObject({
      code: 'workbook_too_large',
      message: expect.stringContaining('row of more than'),
    });
  });
});

describe('XML', () => {
  const part = '<row><c t="inlineStr"><is><t>Zoë</t></is></c></row>';

  test('in UTF-16, with a byte order mark, and in another stated encoding', async () => {
    const utf16 = sheetPart(part).replace('UTF-8', 'UTF-16');
    const little = Buffer.from(`\ufeff${utf16}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    const bare = Buffer.from(utf16, 'utf16le');
    const marked = Buffer.from(`\ufeff${sheetPart(part)}`);
    const latin = Buffer.from(sheetPart(part).replace('UTF-8', 'ISO-8859-1'), 'latin1');
    const misnamed = Buffer.from(utf16);
    for (const rows of [little, big, bare, Buffer.from(bare).swap16(), marked, latin, misnamed])
      expect(await cells('', { sheets: [{ name: 'A', rows }] })).toEqual([['Zoë']]);
  });

  test('with prefixes and in the strict namespaces', async () => {
    const strict = 'http://purl.oclc.org/ooxml';
    const bytes = zipOf([
      [
        '_rels/.rels',
        `<p:Relationships xmlns:p="x"><p:Relationship Id="a" Type="${strict}/officeDocument/relationships/officeDocument" Target="/xl/workbook.xml"/></p:Relationships>`,
      ],
      [
        'XL/Workbook.xml',
        `<x:workbook xmlns:x="${strict}/spreadsheetml/main" xmlns:q="${strict}/officeDocument/relationships"><x:sheets><x:sheet name="A" sheetId="1" q:id="s"/></x:sheets></x:workbook>`,
      ],
      [
        'xl/_rels/workbook.xml.rels',
        `<Relationships><Relationship Id="s" Type="${strict}/officeDocument/relationships/worksheet" Target="../xl/./sheets/one.xml"/></Relationships>`,
      ],
      [
        'xl\\sheets\\one.xml',
        `<x:worksheet xmlns:x="${strict}/spreadsheetml/main"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
      ],
    ]);
    expect(await rowsIn(bytes)).toEqual([[1, { 0: 'a' }]]);
  });

  test.each([
    [
      'a document type',
      `<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a "b">]><worksheet xmlns="${transitional}"><sheetData/></worksheet>`,
      'document type',
    ],
    ['an unknown entity', sheetPart('<row><c t="str"><v>&a;</v></c></row>'), 'not well-formed'],
    ['an unclosed element', sheetPart('<row>'), 'not well-formed'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from(sheetPart('').slice(0, -5)), Buffer.from([0xff])]),
      'encoding',
    ],
    ['an unknown encoding', sheetPart('').replace('UTF-8', 'klingon'), 'unknown encoding'],
    ['deep nesting', `<?xml version="1.0"?>${'<a>'.repeat(65)}`, 'nested too deeply'],
  ])('with %s is refused', async (_, rows, words) => {
    expect(await cells('', { sheets: [{ name: 'A', rows }] })).toEqual({
      code: 'bad_workbook',
      message: expect.stringContaining(words),
    });
  });

  test.each([
    ['a long comment', `<!--${'-x'.repeat(200_000)}-->`],
    ['a long text', `<row><c t="str"><v>${'x'.repeat(300_000)}</v></c></row>`],
    [
      'a text in many pieces',
      `<row><c t="inlineStr"><is>${`<r><t>${'x'.repeat(100_000)}</t></r>`.repeat(3)}</is></c></row>`,
    ],
    ['a value in many pieces', `<row><c t="str"><v>${`${'x'.repeat(100_000)}<y/>`.repeat(3)}</v></c></row>`],
  ])('with %s is refused before it fills the memory', async (_, rows) => {
    expect(await cells(rows)).toMatchObject({ code: 'workbook_too_large' });
  });
});

describe('archives', () => {
  const sheets = [{ name: 'A', rows: inlineRows([['email'], ['a@x.org']]) }];
  const expected = [['email'], ['a@x.org']];

  test.each([
    ['data descriptors', { descriptors: true }],
    ['ZIP64', { zip64: true }],
    ['ZIP64 for offsets alone', { zip64: 'offsets' }],
    ['ZIP64 and data descriptors', { zip64: true, descriptors: true }],
    ['stored entries', { stored: true }],
    ['bytes in front', { prefix: Buffer.from('MZ junk') }],
    ['ZIP64 and bytes in front', { zip64: true, prefix: Buffer.from('MZ junk') }],
  ] satisfies [string, ZipOptions][])('with %s are read', async (_, zip) => {
    expect(await cells('', { sheets, zip })).toEqual(expected);
  });

  test('that are cut off or changed are refused', async () => {
    const whole = workbookOf({ sheets });
    for (const length of [4, 30, 300, whole.length - 30, whole.length - 1])
      expect(await rowsIn(whole.subarray(0, length))).toMatchObject({ code: 'bad_workbook' });
    const stored = workbookOf({ sheets, zip: { stored: true } });
    stored[stored.indexOf('a@x.org')] = 0x62;
    expect(await rowsIn(stored)).toMatchObject({ message: expect.stringContaining('checksum') });
    const doubled = workbookOf({ sheets, more: [['XL/worksheets/SHEET1.xml', sheetPart('')]] });
    expect(await rowsIn(doubled)).toMatchObject({ message: expect.stringContaining('same name') });
  });

  const bomb = sheetPart(`<row><c t="str"><v>a</v></c></row>${' '.repeat(200_000)}`);
  const limits = { ...defaultWorkbookLimits, ratioFrom: 100_000 };

  test('bombs are refused by what they unpack to, even if they lie about it', async () => {
    const bytes = workbookOf({ sheets: [{ name: 'A', rows: bomb }] });
    expect(await rowsIn(bytes)).toHaveLength(1);
    expect(await rowsIn(bytes, limits)).toEqual({
      code: 'workbook_too_large',
      message: expect.stringContaining('more than 300 times its size'),
    });
    expect(await rowsIn(bytes, { ...limits, ratio: 1000 })).toHaveLength(1);
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, unpackedBytes: 200_000 })).toMatchObject({
      code: 'workbook_too_large',
      message: expect.stringContaining('unpacks to more than 200000 bytes'),
    });
    const lie = (name: string) => (name.includes('sheet1') ? { unpacked: 1000 } : {});
    expect(await rowsIn(workbookOf({ sheets: [{ name: 'A', rows: bomb }], zip: { lie } }))).toMatchObject({
      message: expect.stringContaining('longer than the archive says'),
    });
  });

  test('the limit of unpacked bytes holds for all parts together', async () => {
    const strings = `<si><t>${'x'.repeat(1000)}</t></si>`.repeat(100);
    const rows = inlineRows(Array.from({ length: 1000 }, (_, row) => [`j${row}@x.org`]));
    const bytes = workbookOf({ sheets: [{ name: 'A', rows }], strings });
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, unpackedBytes: 250_000 })).toHaveLength(1000);
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, unpackedBytes: 120_000 })).toMatchObject({
      code: 'workbook_too_large',
    });
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, stringBytes: 100_000 })).toMatchObject({
      code: 'workbook_too_large',
      message: expect.stringContaining('texts in its cells'),
    });
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, stringBytes: 101_200 })).toHaveLength(1000);
  });

  test('with too many entries are refused', async () => {
    const more = Array.from({ length: 20 }, (_, index) => [`xl/media/${index}.png`, 'x'] as const);
    const bytes = workbookOf({ sheets, more });
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, entries: 20 })).toMatchObject({
      code: 'workbook_too_large',
      message: expect.stringContaining('more than 20 files'),
    });
    expect(await rowsIn(bytes, { ...defaultWorkbookLimits, entries: 26 })).toHaveLength(2);
  });

  test('with encrypted entries are refused', async () => {
    const lie = () => ({ flags: 1 });
    expect(await rowsIn(workbookOf({ sheets, zip: { lie } }))).toMatchObject({ code: 'encrypted_workbook' });
  });

  test.each([
    [
      '.ods',
      [
        ['mimetype', 'application/vnd.oasis.opendocument.spreadsheet'],
        ['content.xml', '<x/>'],
      ],
    ],
    ['.xlsb', [['xl/workbook.bin', 'x']]],
    ['Numbers', [['Index/Document.iwa', 'x']]],
    ['Word', [['word/document.xml', '<x/>']]],
    ['presentation', [['ppt/presentation.xml', '<x/>']]],
    [
      'ZIP archive',
      [
        ['list.csv', 'email'],
        ['mimetype', 'x'],
      ],
    ],
  ] as const)('of other programs are named: %s', async (word, entries) => {
    expect(await rowsIn(zipOf(entries))).toEqual({ code: 'binary', message: expect.stringContaining(word) });
  });

  test('a workbook of charts alone has no cells', async () => {
    const entries = [
      ['xl/workbook.xml', '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="a"/></sheets></workbook>'],
      [
        'xl/_rels/workbook.xml.rels',
        '<Relationships><Relationship Id="a" Type="x/chartsheet" Target="c.xml"/></Relationships>',
      ],
    ] as const;
    expect(await rowsIn(zipOf(entries))).toMatchObject({ message: expect.stringContaining('no sheet') });
  });
});

describe('compound files', () => {
  /** A compound file whose directory has these names, from the given sector on. Names beyond four are in a later sector. */
  function compound(names: readonly string[]): Buffer {
    const file = Buffer.alloc(512 * 6);
    Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(file);
    file.writeUInt16LE(9, 30);
    file.writeUInt32LE(1, 48);
    file.writeUInt32LE(0, 76);
    const sectors = [1, 3];
    file.writeUInt32LE(3, 512 + 4);
    file.writeUInt32LE(0xffff_fffe, 512 + 4 * 3);
    names.forEach((name, index) => {
      const at = 512 * (sectors[Math.floor(index / 4)]! + 1) + 128 * (index % 4);
      file.write(name, at, 'utf16le');
      file.writeUInt16LE(name.length * 2 + 2, at + 64);
    });
    return file;
  }

  test('are encrypted workbooks, old workbooks or other documents', async () => {
    const padding = ['Root Entry', '\u0006DataSpaces', 'Version', 'Map'];
    const encrypted = compound([...padding, 'EncryptedPackage']);
    expect(fileKind(encrypted)).toBe('cfb');
    expect(await refuseCompound(sourceOf(encrypted))).toEqual({
      code: 'encrypted_workbook',
      message: expect.stringContaining('Remove the password'),
    });
    for (const name of ['Workbook', 'Book'])
      expect(await refuseCompound(sourceOf(compound(['Root Entry', name])))).toEqual({
        code: 'binary',
        message: expect.stringContaining('.xls)'),
      });
    for (const other of [compound(['Root Entry', 'WordDocument']), encrypted.subarray(0, 100)])
      expect(await refuseCompound(sourceOf(other))).toEqual({
        code: 'binary',
        message: expect.stringContaining('old Office document'),
      });
  });

  test('a directory that goes in circles ends', async () => {
    const file = compound(['Root Entry']);
    file.writeUInt32LE(1, 512 + 4);
    expect(await refuseCompound(sourceOf(file))).toMatchObject({ code: 'binary' });
  });
});

test('the kind of a file is known by its first bytes', () => {
  expect(fileKind(zipOf([]))).toBe('zip');
  expect(fileKind(workbookOf({ sheets: [] }))).toBe('zip');
  expect(fileKind(Buffer.from('PK,email\n'))).toBe('other');
  expect(fileKind(Buffer.alloc(0))).toBe('other');
});
