// CSV and NDJSON as they come in: the records are the same wherever the chunks end.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonRecords } from '../../src/suppression/import-json.ts';
import { csvRecords, type TextRecord } from '../../src/suppression/import-text.ts';

async function* chunksOf(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield text.slice(start, cut);
    start = Math.max(start, cut);
  }
  yield text.slice(start);
}

async function all<Value>(batches: AsyncIterable<TextRecord<Value>[]>): Promise<[number, Value | null][]> {
  const records: [number, Value | null][] = [];
  for await (const batch of batches)
    records.push(...batch.map(({ row, value }): [number, Value | null] => [row, value]));
  return records;
}

const csv = (text: string, cuts: readonly number[] = []) => all(csvRecords(chunksOf(text, cuts)));
const ndjson = (text: string, cuts: readonly number[] = []) => all(jsonRecords(chunksOf(text, cuts)));

describe('CSV', () => {
  test.each([
    ['\n', 'a,b\nc,d'],
    ['\n at the end', 'a,b\nc,d\n'],
    ['CRLF', 'a,b\r\nc,d\r\n'],
    ['CR', 'a,b\rc,d'],
    ['semicolons', 'a;b\nc;d'],
    ['tabs', 'a\tb\nc\td'],
    ['quotation marks', '"a","b"\n"c","d"'],
  ])('rows that end with %s', async (_, text) => {
    const records = await csv(text);
    expect(records.map(([row, fields]) => [row, fields!.map((field) => field.trim())])).toEqual([
      [1, ['a', 'b']],
      [2, ['c', 'd']],
    ]);
  });

  test('a field may hold commas, line ends and quotation marks', async () => {
    expect(await csv('a,"b, ""c""\nd"\ne,f')).toEqual([
      [1, ['a', 'b, "c"\nd']],
      [2, ['e', 'f']],
    ]);
  });

  test('blank rows are counted and left out', async () => {
    expect((await csv('a,b\n\n \nc,d')).map(([row]) => row)).toEqual([1, 4]);
  });

  test('a quotation mark that nobody closes spoils its own row alone', async () => {
    const text = `a,b\n"c,d\n${'e,f\n'.repeat(50_000)}`;
    for (const cuts of [[], [70_000], [7, 66_000, 140_000]]) {
      const records = await csv(text, cuts);
      expect(records).toHaveLength(50_002);
      expect(records.filter(([, fields]) => fields === null)).toEqual([[2, null]]);
      expect(records.at(-1)).toEqual([50_002, ['e', 'f']]);
    }
  });

  test('a name before an address is read as written', async () => {
    expect(await csv('"Jane Doe" <jane@example.com>,bounce\n')).toEqual([
      [1, ['"Jane Doe" <jane@example.com>', 'bounce']],
    ]);
  });

  test('semicolons in quotes are no delimiters', async () => {
    const rows = ['jane', 'bob', 'ann'].map(
      (name) => `"550 5.1.1; user unknown; gone",${name}@example.com\n`,
    );
    expect((await csv(rows.join(''))).map(([, fields]) => fields![1])).toEqual([
      'jane@example.com',
      'bob@example.com',
      'ann@example.com',
    ]);
  });

  test('quotes that are not closed cost no more than their rows', async () => {
    // A search to the end for each of them would take minutes.
    const records = await csv('x,"y\n'.repeat(30_000), [40_000]);
    expect(records).toHaveLength(30_000);
    expect(records.every(([, fields]) => fields === null)).toBe(true);
  });

  test('a line beyond the limit is an error, and the next one is read', async () => {
    const text = `a,b\n${'x'.repeat(200_000)}\nc,d\n`;
    for (const cuts of [[], [70_000], [2, 90_000, 150_000]])
      expect(await csv(text, cuts)).toEqual([
        [1, ['a', 'b']],
        [2, null],
        [3, ['c', 'd']],
      ]);
  });

  test('a row of several lines is read also after one that is broken', async () => {
    const text = `a,b\n"c,d\n${'e,f\n'.repeat(30_000)}"g","h\ni"\nj,k\n`;
    const records = await csv(text, [100_000]);
    expect(records.slice(-2)).toEqual([
      [30_003, ['g', 'h\ni']],
      [30_004, ['j', 'k']],
    ]);
  });

  test('nothing has no rows', async () => {
    expect(await csv('')).toEqual([]);
    expect(await csv('\n')).toEqual([]);
  });

  test('where the chunks end makes no difference', async () => {
    const field = fc.oneof(fc.constantFrom('jane@example.com', 'a "b"', 'c, d', 'e\nf', ''), fc.string());
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(200)),
        async (table, newline, cuts) => {
          const text = table.map((fields) => fields.map(quoted).join(',') + newline).join('');
          expect(await csv(text, cuts)).toEqual(table.map((fields, index) => [index + 1, fields]));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('NDJSON', () => {
  test('an object a line, whatever else there is', async () => {
    expect(await ndjson('{"a":1}\r\n\n[1]\nnull\n{"a":\n"a"\n{"b":2}')).toEqual([
      [1, { a: 1 }],
      [3, null],
      [4, null],
      [5, null],
      [6, null],
      [7, { b: 2 }],
    ]);
  });

  test('a line without an end is an error, and no reason to keep it', async () => {
    const records = await ndjson(`{"a":"${'x'.repeat(200_000)}`, [100_000]);
    expect(records.every(([, value]) => value === null)).toBe(true);
  });

  test('where the chunks end makes no difference', async () => {
    const lines = fc.array(fc.dictionary(fc.string(), fc.string()), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(200)), async (objects, cuts) => {
        const text = objects.map((one) => `${JSON.stringify(one)}\n`).join('');
        expect((await ndjson(text, cuts)).map(([, value]) => ({ ...value }))).toEqual(
          objects.map((one) => ({ ...one })),
        );
      }),
    );
  });
});

describe('the answers of APIs', () => {
  const [jane, john] = [
    { email: 'jane@example.com', tags: ['a]'] },
    { email: 'john@example.com', n: { a: [{ b: 1 }] } },
  ];
  const answers = [
    [jane, john],
    { Suppressions: [jane, john] },
    { Count: 2, Data: [jane, john], Total: 2 },
    { object: 'list', 'has"more': '[{', data: [jane, john] },
    { data: { items: [jane, john] }, paging: { next: null } },
    { items: [jane, john], links: [{ href: 'https://example.com' }].slice(1) },
  ];
  const cut = fc.array(fc.nat(400));

  test.each(answers.map((answer) => [JSON.stringify(answer).slice(0, 40), answer] as const))(
    '%s',
    async (_, answer) => {
      for (const text of [
        JSON.stringify(answer),
        JSON.stringify(answer, null, 2),
        `${JSON.stringify(answer)}\n`,
      ])
        await fc.assert(
          fc.asyncProperty(cut, async (cuts) => {
            expect(await ndjson(text, cuts)).toEqual([
              [1, jane],
              [2, john],
            ]);
          }),
          { numRuns: 20 },
        );
    },
  );

  test('objects over several lines, without an array', async () => {
    expect(await ndjson(`${JSON.stringify(jane, null, 2)}\n${JSON.stringify(john, null, 2)}\n`)).toEqual([
      [1, jane],
      [2, john],
    ]);
  });

  test('an entry with an array of objects stays an entry', async () => {
    const entry = { email: 'jane@example.com', events: [{ type: 'bounce' }] };
    expect(await ndjson(`${JSON.stringify(entry)}\n${JSON.stringify(entry)}\n`)).toEqual([
      [1, entry],
      [2, entry],
    ]);
    expect(await ndjson(JSON.stringify(entry, null, 1))).toEqual([[1, entry]]);
  });

  test('an element that cannot be read is an error, and so is one without an end', async () => {
    expect(await ndjson('[{"a":oops},{"b":2},{"c":')).toEqual([
      [1, null],
      [2, { b: 2 }],
      [3, null],
    ]);
    const long = `[{"a":"${'x'.repeat(200_000)}"},{"b":2}]`;
    expect(await ndjson(long, [100_000])).toEqual([
      [1, null],
      [2, { b: 2 }],
    ]);
  });

  test('what is in no object is an error for each element or line, and nothing is lost in silence', async () => {
    expect(await ndjson('[1]\nnonsense\n{"a":1}', [2, 5])).toEqual([
      [1, null],
      [2, null],
      [3, { a: 1 }],
    ]);
    expect(await ndjson('["jane@example.com", "john, or {not}@example.com", {"a":1}]')).toEqual([
      [1, null],
      [2, null],
      [3, { a: 1 }],
    ]);
    expect(await ndjson('[\n{"a":1},\n"jane@example.com')).toEqual([
      [1, { a: 1 }],
      [2, null],
    ]);
  });
});
