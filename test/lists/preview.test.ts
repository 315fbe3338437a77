// The first rows of a list before it is verified: which columns are shown, under which places, and how much work a wide list is.

import { expect, test } from 'vitest';
import { previewList } from '../../src/lists/preview.ts';
import { sourceOf } from '../xlsx/workbooks.ts';
import { bytes } from './lists.ts';

const preview = async (text: string, options = {}) => {
  const found = await previewList(sourceOf(bytes(text)), options);
  if (found.kind === 'refused') throw new Error(found.error.code);
  return found;
};

/** The result of `work`, and how often it called a method of a built-in prototype. */
async function counted<T, K extends string>(
  prototype: { [key in K]: (...given: never[]) => unknown },
  method: K,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: number }> {
  const original = prototype[method];
  let calls = 0;
  prototype[method] = function (this: unknown, ...given: never[]) {
    calls++;
    return original.apply(this, given);
  } as (typeof prototype)[K];
  try {
    return { result: await work(), calls };
  } finally {
    prototype[method] = original;
  }
}

test('shows the columns with a role first, by their numbers, with the cells of eight rows', async () => {
  const rows = Array.from({ length: 12 }, (_, n) => `${n},a${n}@gmail.com,fair\n`).join('');
  expect(await preview(`id,email,source\n${rows}`)).toEqual({
    kind: 'list',
    preview: {
      columns: [
        { name: 'email', place: '2', role: 'address' },
        { name: 'source', place: '3', role: 'source' },
        { name: 'id', place: '1', role: null },
      ],
      rows: Array.from({ length: 8 }, (_, n) => [`a${n}@gmail.com`, 'fair', String(n)]),
      sheets: [],
    },
  });
});

test('the place of a column is its name if another column is called like its number', async () => {
  const { preview: shown } = await preview('email,Ⅰ 1,(1),3,2\na@gmail.com,b,c,d,e\n');
  expect(shown.columns.map(({ name, place }) => `${name}: ${place}`)).toEqual([
    'email: email',
    'Ⅰ 1: Ⅰ 1',
    '(1): (1)',
    '3: 4',
    '2: 5',
  ]);
});

test('a CSV file with 4,000 columns is read with work that grows with its columns only', async () => {
  const width = 4_000;
  const header = Array.from({ length: width }, (_, column) =>
    column === width - 1 ? 'email' : `f${column}`,
  );
  const row = header.map((name) => (name === 'email' ? 'a@gmail.com' : 'x'));
  const { result, calls } = await counted(String.prototype, 'normalize', () =>
    preview(`${header}\n${row}\n`),
  );
  expect(result.preview.columns).toHaveLength(40);
  expect(result.preview.columns[0]).toEqual({ name: 'email', place: String(width), role: 'address' });
  expect(result.preview.rows).toEqual([['a@gmail.com', ...Array(39).fill('x')]]);
  expect(calls).toBeLessThan(20 * width);
});

test('a file with objects of thousands of different fields is read with work that grows with its fields only', async () => {
  const [rows, fields] = [100, 40];
  const text = Array.from({ length: rows }, (_, row) => {
    const own = Array.from({ length: fields }, (_, n) => [`f${row}_${n}`, n]);
    return JSON.stringify({ email: `a${row}@gmail.com`, ...Object.fromEntries(own) });
  }).join('\n');
  const { result, calls } = await counted(Map.prototype, 'get', () => preview(text));
  expect(result.preview.columns[0]).toEqual({ name: 'email', place: 'email', role: 'address' });
  expect(result.preview.columns).toHaveLength(40);
  expect(result.preview.rows[7]![0]).toBe('a7@gmail.com');
  expect(calls).toBeLessThan(20 * rows * fields);
});

test.each([
  ['email,Last opened,source,Created\nann@gmail.com,2026-11-01,fair,2020-01-01\n'],
  ['{"email":"ann@gmail.com","Last opened":"2026-11-01","source":"fair","Created":"2020-01-01"}\n'],
])('a date and a source that were found wrongly can be left out: %#', async (text) => {
  const rolesWith = async (options: object) =>
    Object.fromEntries((await preview(text, options)).preview.columns.map(({ name, role }) => [name, role]));
  const found = { email: 'address', 'Last opened': 'date', source: 'source', Created: 'since' };
  expect(await rolesWith({})).toEqual(found);
  expect(await rolesWith({ lastVerifiedColumn: '0' })).toEqual({ ...found, 'Last opened': null });
  expect(await rolesWith({ sourceColumn: '0' })).toEqual({ ...found, source: null });
});

test('a column that is called 0 can still be chosen', async () => {
  const text = 'email,Last opened,0\nann@gmail.com,2026-11-01,2026-10-01\n';
  const { preview: shown } = await preview(text, { lastVerifiedColumn: '0' });
  expect(shown.columns.filter(({ role }) => role === 'date').map(({ name }) => name)).toContain('0');
});
