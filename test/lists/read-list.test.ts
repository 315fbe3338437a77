// Files as people have them → rows; or one sentence about what is wrong, with the row.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continueList, openList } from '../../src/lists/read-list.ts';
import type { ListPosition, ListRow, SetAside } from '../../src/lists/shape.ts';
import { bytes, inPieces, read } from './lists.ts';

const emails = async (...args: Parameters<typeof read>) =>
  (await read(...args)).rows.map(({ email }) => email);

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const utf16 = (text: string, bigEndian: boolean): Uint8Array => {
  const out = new Uint8Array(text.length * 2);
  const view = new DataView(out.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), !bigEndian);
  return out;
};

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('delimiters, header and line endings', () => {
  test.each([
    ['comma', 'name,email\nJane,jane@gmail.com\n'],
    ['semicolon', 'name;email\nJane;jane@gmail.com\n'],
    ['tab', 'name\temail\nJane\tjane@gmail.com\n'],
    ['bar', 'name|email\nJane|jane@gmail.com\n'],
    ['CRLF', 'name,email\r\nJane,jane@gmail.com\r\n'],
    ['CR alone', 'name,email\rJane,jane@gmail.com\r'],
    ['no line ending at the end', 'name,email\nJane,jane@gmail.com'],
    ['a quoted line break', '"na\nme",email\n"Ja\nne",jane@gmail.com\n'],
    ['text after a quote', 'name,email\n"Jane" D.,jane@gmail.com\n'],
    ['a quoted delimiter', '"name, first",email\n"Doe, Jane","jane@gmail.com"\n'],
    ['blank lines', '\nname,email\n\nJane,jane@gmail.com\n\n'],
    ['no header', 'Jane,jane@gmail.com\n'],
    ['one column', 'email\njane@gmail.com\n'],
    ['one column, no header', 'jane@gmail.com\n'],
  ])('%s', async (_, text) => {
    const { rows, error } = await read(text);
    expect(error).toBeNull();
    expect(rows.filter(({ fields }) => fields > 0).map(({ email }) => email)).toEqual(['jane@gmail.com']);
  });

  test('what the shape is told to be wins', async () => {
    expect(
      await emails('a@gmail.com,b@gmail.com\nc@gmail.com,d@gmail.com\n', { header: true, emailColumn: '2' }),
    ).toEqual(['d@gmail.com']);
  });
});

describe('the address column', () => {
  test.each([
    ['E-Mail-Adresse', 'Name;E-Mail-Adresse;x\nJane;jane@gmail.com;y\n'],
    ['Correo electrónico', 'nombre,Correo electrónico\nJane,jane@gmail.com\n'],
    ['EMAIL_ADDRESS', 'id,EMAIL_ADDRESS\n1,jane@gmail.com\n'],
    ['メールアドレス', 'id,メールアドレス\n1,jane@gmail.com\n'],
    ['by content', 'id,what\n1,jane@gmail.com\n2,joe@gmail.com\n'],
    ['by content against the name', 'address,contact\n1 Main St,jane@gmail.com\n2 Main St,joe@gmail.com\n'],
    ['the plainest name', 'recipient,email\nold@gmail.com,jane@gmail.com\n'],
  ])('%s', async (_, text) => {
    expect((await emails(text))[0]).toBe('jane@gmail.com');
  });

  test('is never beyond the header', async () => {
    const { error } = await read('id;name\n1;x;jane@gmail.com\n2;y;joe@gmail.com\n3;z\n');
    expect(error).toMatchObject({
      code: 'no_address_column',
      message: expect.stringContaining('The columns are: "id", "name".'),
    });
  });

  test.each([
    ['a file of contact cards (vCard)', 'BEGIN:VCARD\nVERSION:3.0\nEMAIL:jane@gmail.com\nEND:VCARD\n'],
    [
      'a calendar (iCalendar)',
      'BEGIN:VCALENDAR\nVERSION:2.0\nATTENDEE:mailto:jane@gmail.com\nEND:VCALENDAR\n',
    ],
  ])('is not looked for in %s', async (kind, text) => {
    expect((await read(text)).error).toMatchObject({
      code: 'not_a_table',
      message: `The file is ${kind}, not a table. Export the list as CSV.`,
    });
  });

  test('named, whatever is in the others', async () => {
    expect(await emails('email,Work\na@gmail.com,jane@gmail.com\n', { emailColumn: 'work' })).toEqual([
      'jane@gmail.com',
    ]);
  });
});

describe('encodings', () => {
  const text = 'name;email\nJürgen;jürgen@gmail.com\nZoë;zoe@gmail.com\n';
  const expected = ['jürgen@gmail.com', 'zoe@gmail.com'];
  test.each<[string, Uint8Array]>([
    ['UTF-8', bytes(text)],
    ['UTF-8 with a mark', bytes(`\ufeff${text}`)],
    ['UTF-16 LE with a mark', utf16(`\ufeff${text}`, false)],
    ['UTF-16 BE with a mark', utf16(`\ufeff${text}`, true)],
    ['UTF-16 LE without', utf16(text, false)],
    ['UTF-16 BE without', utf16(text, true)],
    ['Latin-1', latin1(text)],
  ])('%s, in pieces of any size', async (_, file) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(await emails(file, {}, size)).toEqual(expected);
  });

  test('the characters that windows-1252 has beyond Latin-1', async () => {
    const { rows } = await read(
      Uint8Array.from([...latin1('name,email\n'), 0x80, 0x93, 0x9f, ...latin1(',a@gmail.com\n')]),
    );
    expect(rows[0]!.text).toBe('€“Ÿ,a@gmail.com');
  });
});

describe('NDJSON', () => {
  test('the address is found at any depth, or named', async () => {
    expect(await emails('{"id":1,"contact":{"email":"jane@gmail.com"}}\n{"id":2,"contact":{}}')).toEqual([
      'jane@gmail.com',
      '',
    ]);
    expect(
      await emails('{"email":"x@gmail.com","to":{"who":"jane@gmail.com"}}', { emailColumn: 'to.who' }),
    ).toEqual(['jane@gmail.com']);
  });
});

describe('what is refused', () => {
  const head = 'name,email\n';
  const good = 'Jane,jane@gmail.com\n';
  test.each<[string, string | Uint8Array, object]>([
    ['nothing', '', { code: 'no_rows', row: null }],
    ['a header alone', head, { code: 'no_rows', row: null }],
    ['blank lines', '\n\n\n', { code: 'no_rows' }],
    [
      'no address column',
      'name,city\nJane,Rome\n',
      { code: 'no_address_column', message: expect.stringContaining('"name", "city"') },
    ],
    ['a spreadsheet', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0]), { code: 'binary', row: null }],
    [
      'many zero bytes',
      `${head}${good}${'Jo\0e\0,joe@gmail.com\n'.repeat(9)}`,
      { code: 'binary', row: 2, line: 3 },
    ],
    [
      'Latin-1 after UTF-8',
      Uint8Array.from([...bytes(`${head}Zoë,zoe@gmail.com\n`), ...latin1('Jürgen,j@gmail.com\n')]),
      { code: 'mixed_encodings', row: 2, line: 3 },
    ],
    [
      'UTF-8 after Latin-1',
      Uint8Array.from([...latin1(`${head}Jürgen,j@gmail.com\n`), ...bytes('Zoë,zoe@gmail.com\n')]),
      { code: 'mixed_encodings', row: 2, line: 3 },
    ],
    ['no JSON at all', '{"email":"a@gmail.com"\n{"email":\n', { code: 'no_address_column' }],
    [
      'only rows that cannot be read',
      `${head}"Joe,joe@gmail.com\n`,
      { code: 'broken_quote', row: 1, line: 2 },
    ],
    [
      'more than one row in twenty that cannot be read',
      `${head}${good.repeat(150)}${'Doe, Joe,joe@gmail.com\n'.repeat(10)}`,
      {
        code: 'too_many_fields',
        row: 151,
        line: 152,
        message: expect.stringContaining(
          '10 of the first 160 rows cannot be read. The first of them: Row 151 (line 152) has 3 fields',
        ),
      },
    ],
  ])('%s', async (_, file, error) => {
    for (const size of [5, 65_536]) expect((await read(file, {}, size)).error).toMatchObject(error);
  });

  test('a missing column', async () => {
    expect((await read(head + good, { emailColumn: 'mail' })).error).toMatchObject({
      code: 'unknown_column',
    });
  });

  test('a quote that breaks at row 900,000 is set aside, with that row and its line', async () => {
    async function* file() {
      yield bytes('email,name\n');
      const thousand = bytes('jane@gmail.com,Jane\n'.repeat(1000));
      for (let at = 0; at < 899; at++) yield thousand;
      yield bytes('jane@gmail.com,Jane\n'.repeat(999));
      yield bytes('joe@gmail.com,"Joe\n');
      for (let at = 0; at < 100; at++) yield thousand;
    }
    const opened = await openList(file());
    if (!opened.ok) throw new Error(opened.error.message);
    let rows = 0;
    const setAside: SetAside[] = [];
    for await (const part of opened.parts) {
      if (part.kind === 'error') throw new Error(part.error.message);
      rows += part.rows.filter(({ fields }) => fields > 0).length;
      setAside.push(...part.setAside);
    }
    expect(rows).toBe(999_999);
    expect(setAside).toEqual([
      {
        error: expect.objectContaining({ code: 'broken_quote', row: 900_000, line: 900_001 }),
        text: 'joe@gmail.com,"Joe',
      },
    ]);
  });

  test('a line of 100 MB, long before its end', async () => {
    let given = 0;
    async function* file() {
      yield bytes('email,note\njane@gmail.com,x\njoe@gmail.com,');
      const piece = bytes('x'.repeat(65_536));
      for (; given < 100_000_000; given += piece.length) yield piece;
    }
    const opened = await openList(file());
    if (!opened.ok) throw new Error(opened.error.message);
    const parts = await all(opened.parts);
    expect(parts.at(-1)).toMatchObject({
      kind: 'error',
      error: { code: 'record_too_long', row: 2, line: 3 },
    });
    expect(given).toBeLessThan(3_000_000);
  });

  describe.each(['first', 'second'])('an NDJSON record in the %s line', (place) => {
    const longest = 1024 * 1024;
    const recordOf = (length: number) => {
      const [start, end] = ['{"email":"jane@gmail.com","note":"', '"}'];
      return `${start}${'x'.repeat(length - start.length - end.length)}${end}`;
    };
    async function read(record: string) {
      async function* file() {
        const text = bytes(`${place === 'first' ? '' : '{"email":"joe@gmail.com"}\n'}${record}\n`);
        for (let start = 0; start < text.length; start += 65_536) yield text.subarray(start, start + 65_536);
      }
      const opened = await openList(file());
      return opened.ok ? all(opened.parts) : [{ kind: 'error', error: opened.error }];
    }

    test('of 1 MiB is read', async () => {
      const parts = await read(recordOf(longest));
      const rows = parts.flatMap((part) => ('rows' in part ? part.rows : []));
      expect(parts.map(({ kind }) => kind)).not.toContain('error');
      expect(rows.at(-1)).toMatchObject({ email: 'jane@gmail.com', refusal: null });
    });

    test('with one character more is refused as too long', async () => {
      const parts = await read(recordOf(longest + 1));
      expect(parts.at(-1)).toMatchObject({ kind: 'error', error: { code: 'record_too_long' } });
    });
  });

  test('no message repeats what a row holds', async () => {
    const secret = 'secret@gmail.com';
    for (const file of [
      `${secret},"x\n`,
      `name,email\n${secret},y\n"${secret}`,
      `"a",${secret}\nb,${secret},c\n`,
    ])
      expect(JSON.stringify((await read(file)).error)).not.toContain('secret');
  });
});

describe('a list can be read on from any part', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('a,b', 'say "hi"', 'two\nlines', 'é', '', '💌'));
  const list = fc.record({
    cells: fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 40 }),
    ending: fc.constantFrom('\n', '\r\n'),
    pieces: fc.integer({ min: 1, max: 200 }),
    rowsAtOnce: fc.integer({ min: 1, max: 9 }),
  });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  test('texts and endings put together are the file, and each part leads to the next', async () => {
    await fc.assert(
      fc.asyncProperty(list, async ({ cells, ending, pieces, rowsAtOnce }) => {
        const clean = cells.map((row) => row.map((each) => each.replace(/\0/g, '')));
        const file = bytes(
          [['email', 'a', 'b'], ...clean.map((row, index) => [`jane${index}@gmail.com`, ...row])]
            .map((row) => row.map(quoted).join(',') + ending)
            .join(''),
        );
        const opened = await openList(inPieces(file, pieces), { rowsAtOnce });
        if (!opened.ok) throw new Error(opened.error.message);
        const text = (rows: readonly ListRow[]) => rows.map((row) => row.text + row.ending).join('');
        let whole = text(opened.head);
        let from: ListPosition = opened.start;
        for await (const part of opened.parts) {
          if (part.kind === 'error') throw new Error(part.error.message);
          const slice = file.subarray(from.byte, part.next.byte);
          const [again] = await all(continueList(inPieces(slice, 11), opened.shape, from, rowsAtOnce));
          expect(again).toMatchObject({ kind: 'rows', rows: part.rows });
          expect(part.rows.length).toBeLessThanOrEqual(rowsAtOnce);
          whole += text(part.rows);
          from = part.next;
        }
        expect(whole).toBe(new TextDecoder().decode(file));
        expect(from).toMatchObject({ byte: file.length, row: clean.length + 1 });
      }),
      { numRuns: 200 },
    );
  });

  test('a part ends early where its rows are long', async () => {
    const long = `jane@gmail.com,${'x'.repeat(300_000)}\n`;
    const opened = await openList(inPieces(bytes(`email,note\n${long.repeat(10)}`)));
    if (!opened.ok) throw new Error(opened.error.message);
    const parts = await all(opened.parts);
    expect(parts.map((part) => part.kind === 'rows' && part.rows.length)).toEqual([4, 4, 2]);
  });
});
