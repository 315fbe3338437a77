// A JSON array with elements that cannot be read: the result is valid JSON without them.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanSlice } from '../../src/lists/clean-slice.ts';
import { continueList, openList } from '../../src/lists/read-list.ts';
import type { ListPart, ListPosition } from '../../src/lists/shape.ts';
import { bytes, cleaned, inPieces, read, today, validatorOf } from './lists.ts';

const people = (text: string): unknown[] =>
  (JSON.parse(text) as Record<string, unknown>[]).map((person) =>
    person !== null && typeof person === 'object' ? (person['n'] ?? 'other') : person,
  );

const readable = (n: number) => `{"n": ${n}, "email": "j${n}@x.org"}`;
const unreadable = (n: number) => `{"n": ${n}, "email": odd}`;
const array = (
  isReadable: readonly boolean[],
  comma = ',\n  ',
  [open, close]: readonly [string, string] = ['[', '\n]\n'],
) => open + isReadable.map((can, n) => (can ? readable(n) : unreadable(n))).join(comma) + close;
const readableOf = (isReadable: readonly boolean[]) => [...isReadable.keys()].filter((n) => isReadable[n]);

test.each([
  ['the first', [false, true, true]],
  ['the middle one', [true, false, true]],
  ['the last', [true, true, false]],
  ['the first two', [false, false, true]],
  ['the last two', [true, false, false]],
  ['all but the middle one', [false, true, false]],
  ['none', [true, true, true]],
])('of three elements, %s cannot be read', async (_, isReadable) => {
  const { text, tally } = await cleaned(array(isReadable));
  expect(people(text)).toEqual(readableOf(isReadable));
  expect(tally.rows).toBe(readableOf(isReadable).length);
});

test('a list of which no element can be read is refused', async () => {
  for (const isReadable of [[false], [false, false, false]]) {
    const { error, shape } = await read(array(isReadable), { emailColumn: 'email' });
    expect([shape === null ? null : error?.code, error?.code]).toContain(error?.code);
    expect(error).not.toBeNull();
  }
});

test('what is between elements and is none of them stays', async () => {
  const list = `[${unreadable(0)}, 2, ${readable(1)}, 3, ${unreadable(2)}, 4, ${readable(3)}, 5, ${unreadable(4)}, 6]`;
  expect(people((await cleaned(list)).text)).toEqual([2, 1, 3, 4, 3, 5, 6]);
});

test('a comma after the last element is left out', async () => {
  expect(people((await cleaned(`[${readable(0)},\n ${readable(1)},\n]`)).text)).toEqual([0, 1]);
  expect(people((await cleaned(`[${readable(0)}, ${unreadable(1)}, ]`)).text)).toEqual([0]);
});

test('an array inside an object stays valid', async () => {
  const list = array([false, true, false, true, false], ', ', ['{"a": 1, "contacts": [', '], "total": 3}']);
  const { contacts, total } = JSON.parse((await cleaned(list)).text) as {
    contacts: unknown[];
    total: number;
  };
  expect([people(JSON.stringify(contacts)), total]).toEqual([[1, 3], 3]);
});

test('a very long run of unreadable elements ends the list', async () => {
  const { error } = await read(array([true, ...Array<boolean>(1500).fill(false), true]));
  expect(error?.code).toBe('bad_json');
  expect(error?.message).toContain('is not valid JSON');
  expect((await read(array([true, ...Array<boolean>(9).fill(false), true]))).error).toBeNull();
});

const split = (text: string) =>
  text.replaceAll(/"email": "(j\d+)@x.org"/g, '"email": ["$1@x.org", "$1@y.org"]');

test('any elements may be unreadable, however the bytes arrive and the rows are sliced', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }).filter((each) => each.includes(true)),
      fc.constantFrom(',', ', ', ',\n  ', ' ,\r\n'),
      fc.constantFrom(
        ['[', ']'] as const,
        ['[\n  ', '\n]\n'] as const,
        ['{"data": [', '], "next": null}'] as const,
      ),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (isReadable, comma, ends, pieces, rowsAtOnce, isSplit) => {
        fc.pre(isReadable.filter((each) => !each).length < 10);
        const list = array(isReadable, comma, ends);
        const file = isSplit ? split(list) : list;
        const options = { rowsAtOnce, emailColumn: 'email', split: isSplit };
        const { text } = await cleaned(file, options, pieces);
        const inObject = JSON.parse(text) as { data: unknown[] };
        const result = people(ends[0] === '{"data": [' ? JSON.stringify(inObject.data) : text);
        expect(result).toEqual(readableOf(isReadable).flatMap((n) => (isSplit ? [n, n] : [n])));
        expect(await inSlices(file, options)).toBe(text);
      },
    ),
  ));

/** The result if each part is read again on its own, as the slices of a job are. */
async function inSlices(file: string, options: Parameters<typeof openList>[1]): Promise<string> {
  const whole = bytes(file);
  const opened = await openList(inPieces(whole), options);
  if (!opened.ok) throw new Error(opened.error.message);
  let text = opened.head.map((row) => row.text + row.ending).join('');
  let from: ListPosition = opened.start;
  for await (const part of opened.parts) {
    const { next } = part as ListPart & { kind: 'rows' };
    const again = continueList(inPieces(whole.subarray(from.byte, next.byte)), opened.shape, from);
    for await (const { rows } of again as AsyncGenerator<ListPart & { kind: 'rows' }>) {
      const duplicates = rows.filter(({ fields }) => fields > 0).map(() => false);
      const how = { asOf: today, maxAgeDays: 90, duplicates };
      text += (await cleanSlice(rows, opened.shape, validatorOf(), how)).text;
    }
    from = next;
  }
  return text;
}

test('elements that are written as lines are lines, even if they are written over several', async () => {
  const list = `[\n  {\n    "n": 0,\n    "email": "a@x.org",\n    "note": "a  b"\n  },\n  {\n    "n": 1,\n    "email": "A@x.org"\n  }\n]\n`;
  const { text } = await cleaned(list, { only: ['accept'] });
  const lines = text.slice(text.indexOf('{')).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual([0, 1]);
  expect(lines[0]).toContain('"note": "a  b"');
});

test.each([
  [
    'a contact under each key',
    { u1: { email: 'a@x.org' }, u2: { email: 'b@x.org' } },
    'under a key of its own',
  ],
  [
    'contacts of Firebase',
    { users: { '-Na': { profile: { email: 'a@x.org' } }, '-Nb': { profile: { email: 'b@x.org' } } } },
    'under a key of its own',
  ],
  ['columns of pandas', { email: { 0: 'a@x.org', 1: 'b@x.org' }, n: { 0: 1, 1: 2 } }, 'each column'],
  ['an array for each row', [['email'], ['a@x.org'], ['b@x.org']], 'an array for each row'],
])('%s is not read as one contact with many addresses', async (_, value, words) => {
  for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
    expect((await read(text)).error).toMatchObject({
      code: 'not_a_table',
      message: expect.stringContaining(words),
    });
});

test.each([
  [{ contact: { work: { email: 'a@x.org' }, home: { email: 'b@x.org' } } }],
  [{ billing: { email: 'a@x.org' }, shipping: { email: 'b@x.org' } }],
  [{ email: 'a@x.org', owner: { email: 'o@x.org' } }],
])('%j is one contact', async (value) => {
  const { rows, error } = await read(JSON.stringify(value));
  expect([rows[0]?.email, error]).toEqual(['a@x.org', null]);
});
