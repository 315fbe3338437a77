// Workbooks as presend writes them.

import { describe, expect, test } from 'vitest';
import { type WrittenCell, type WrittenWorkbook, workbookBytes } from '../../src/xlsx/write-workbook.ts';
import { cellsOf, collected } from './workbooks.ts';

describe('a written workbook', () => {
  async function written(
    rows: readonly (readonly WrittenCell[])[],
    options: { header?: number; limit?: number; name?: string } = {},
  ) {
    async function* all() {
      for (const row of rows) yield [row];
    }
    let note: WrittenWorkbook | null = null;
    const table = { sheet: options.name ?? 'A', formats: [], rows: all(), header: options.header ?? -1 };
    const file = await collected(
      workbookBytes(
        table,
        (counts) => {
          note = counts;
        },
        ...(options.limit ? [{ rows: options.limit }] : []),
      ),
    );
    return { file, note, cells: await cellsOf(file) };
  }

  test('escapes what XML cannot contain, and keeps spaces', async () => {
    const texts = [' a ', 'b\nc', 'd\re', 'f\u0000\u001f', '_x000D_', '_x_', '<&>"', '\uffff', '😀'];
    const { cells } = await written([texts]);
    expect(cells['A']![0]).toEqual(texts.map((text, column) => `${column} text ${text}`.trim()));
  });

  test('goes on in another sheet with the header if a sheet is full', async () => {
    const rows = [[], ['title'], ['email'], ...Array.from({ length: 5 }, (_, row) => [`j${row}`])];
    const { cells, note } = await written(rows, { header: 1, limit: 5 });
    expect(note).toEqual({ sheets: 2, cut: 0 });
    expect(Object.values(cells).map((sheet) => Array.from(sheet, (row) => row?.[0]?.slice(7)))).toEqual([
      [undefined, 'title', 'email', 'j0', 'j1'],
      ['email', 'j2', 'j3', 'j4'],
    ]);
    expect(Object.keys(cells)).toEqual(['A', 'A (2)']);
    expect((await written([['a'], ['b']], { limit: 2 })).note).toEqual({ sheets: 1, cut: 0 });
    expect(Object.values((await written([['a'], ['b']], { limit: 1 })).cells)).toEqual([
      [['0 text a']],
      [['0 text b']],
    ]);
  });

  test('cuts texts that are too long for a cell, between characters', async () => {
    const { cells, note } = await written([
      ['x'.repeat(32_767), 'y'.repeat(32_768), `${'z'.repeat(32_766)}😀`],
    ]);
    expect(note).toEqual({ sheets: 1, cut: 2 });
    expect(cells['A']![0]!.map((cell) => cell.slice(7).length)).toEqual([32_767, 32_767, 32_766]);
  });

  test('has a valid name for its sheet, and the same bytes each time', async () => {
    expect(Object.keys((await written([['a']], { name: "'a/b:c" })).cells)).toEqual(['a b c']);
    expect(Object.keys((await written([['a']], { name: '??' })).cells)).toEqual(['List']);
    expect(Object.keys((await written([['a'], ['b']], { name: 'x'.repeat(40), limit: 1 })).cells)).toEqual([
      'x'.repeat(31),
      `${'x'.repeat(25)} (2)`,
    ]);
    expect((await written([['a']])).file.equals((await written([['a']])).file)).toBe(true);
  });
});
