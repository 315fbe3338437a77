// Files as people have them → what a person would expect: who is on the list, which address is used, what is said.

import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import type { CleanOptions } from '../../src/lists/clean-slice.ts';
import type { ListOptions } from '../../src/lists/record-format.ts';
import { cleaned, read, validatorOf } from './lists.ts';

const hosts = { 'gmail.con': { kind: 'nxdomain' }, 'dead-otter.com': { kind: 'nxdomain' } } as const;

const clean = (file: string, options: ListOptions & Partial<CleanOptions> = {}) =>
  cleaned(file, { validator: validatorOf(hosts), ...options });

/** The address of each contact, its other addresses after a plus. */
async function contacts(file: string, options: ListOptions = {}): Promise<string[]> {
  const { rows, error } = await read(file, options);
  expect(error).toBeNull();
  return rows
    .filter(({ fields }) => fields > 0)
    .map(({ email, others }) => [email, ...(others ?? [])].join(' + '));
}

/** The cells of a CSV result by column. */
const table = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;

describe('who is on the list', () => {
  test.each<[string, string, string[]]>([
    [
      'an Excel file that states its delimiter',
      'sep=;\nemail;name\na@x.org;A\nb@x.org;B\n',
      ['a@x.org', 'b@x.org'],
    ],
    ['a stated delimiter that is unusual', 'sep=~\nemail~name\na@x.org~A\n', ['a@x.org']],
    ['a stated delimiter and no header', 'sep=;\na@x.org;A\nb@x.org;B\n', ['a@x.org', 'b@x.org']],
    ['a quoted statement, CRLF', '"sep=,"\r\nemail,name\r\na@x.org,A\r\n', ['a@x.org']],
    ['a title above', 'Newsletter\nemail,name\na@x.org,A\nb@x.org,B\n', ['a@x.org', 'b@x.org']],
    ['a title and its empty cells', 'Newsletter 2026,,\nname,email,city\nA,a@x.org,Rome\n', ['a@x.org']],
    ['two titles and a blank line', 'Export\nof today\n\nname;email\nA;a@x.org\n', ['a@x.org']],
    ['a trailing delimiter in every row', 'email,name\na@x.org,A,\nb@x.org,B,\n', ['a@x.org', 'b@x.org']],
    ['trailing delimiters in one row', 'email;name\na@x.org;A;;\nb@x.org;B\n', ['a@x.org', 'b@x.org']],
    ['a trailing delimiter in the header', 'email,name,\na@x.org,A\n', ['a@x.org']],
    ['trailing quoted empty fields', 'email,name\na@x.org,A,"",""\n', ['a@x.org']],
    ['a row that is too short', 'email,name,city\na@x.org\n', ['a@x.org']],
    ['two addresses in a cell', 'name,email\nA,a@x.org; a@y.org\n', ['a@x.org + a@y.org']],
    ['two in a cell, by a comma', 'name,email\nA,"a@x.org, a@y.org"\n', ['a@x.org + a@y.org']],
    [
      'two in a cell, by a slash',
      'name,email\nA,a@x.org/a@y.org\nB,a@x.org / b@y.org\n',
      ['a@x.org + a@y.org', 'a@x.org + b@y.org'],
    ],
    ['two in a cell, by a line break', 'name,email\nA,"a@x.org\na@y.org"\n', ['a@x.org + a@y.org']],
    ['two in a cell, by a space', 'name,email\nA,a@x.org a@y.org\n', ['a@x.org + a@y.org']],
    ['two in a cell, as Google writes it', 'name,email\nA,a@x.org ::: a@y.org\n', ['a@x.org + a@y.org']],
    ['the same address twice in a cell', 'name,email\nA,a@x.org; A@X.org\n', ['a@x.org']],
    ['names and addresses in a cell', 'id,email\n1,"Doe, A <a@x.org>; B <b@x.org>"\n', ['a@x.org + b@x.org']],
    [
      'a second address column',
      'E-mail Address,E-mail 2 Address\na@x.org,a@y.org\n,b@y.org\n',
      ['a@x.org + a@y.org', 'b@y.org'],
    ],
    [
      'numbered columns as Google writes them',
      'Name,E-mail 1 - Value,E-mail 2 - Value\nA,a@x.org,a@y.org\n',
      ['a@x.org + a@y.org'],
    ],
    [
      'work and personal address',
      'email,work email,personal email\n,a@x.org,a@y.org\n',
      ['a@x.org + a@y.org'],
    ],
    [
      'the address of somebody else',
      'email,owner email,assistant email\na@x.org,boss@y.org,help@y.org\n',
      ['a@x.org'],
    ],
    [
      'nothing of use in the second column',
      'email,email 2\na@x.org,n/a\nb@x.org,-\n',
      ['a@x.org', 'b@x.org'],
    ],
    [
      'two address columns without a header',
      'a@x.org,a@y.org\nb@x.org,b@y.org\n',
      ['a@x.org + a@y.org', 'b@x.org + b@y.org'],
    ],
    ['one line of addresses', 'a@x.org, b@x.org, c@x.org', ['a@x.org', 'b@x.org', 'c@x.org']],
    [
      'lines of addresses',
      'a@x.org; b@x.org\nc@x.org\nd@x.org; e@x.org; f@x.org;\n',
      ['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org', 'e@x.org', 'f@x.org'],
    ],
    ['a To field', 'A <a@x.org>, "Doe, B" <b@x.org>, c@x.org\n', ['a@x.org', 'b@x.org', 'c@x.org']],
    ['a JSON array', '[{"email":"a@x.org"},{"email":"b@x.org"}]', ['a@x.org', 'b@x.org']],
    [
      'a JSON array over lines',
      '[\n  {\n    "email": "a@x.org",\n    "tags": [{"a": "}"}]\n  },\n  {"email": "b@x.org"}\n]\n',
      ['a@x.org', 'b@x.org'],
    ],
    ['addresses in an array of an object', '{"emails":["a@x.org","a@y.org"]}\n', ['a@x.org + a@y.org']],
    ['a name before the address, unquoted', 'id,email\n1,A <a@x.org>\n', ['a@x.org']],
    ['mailto:', 'email,n\nmailto:a@x.org,1\nMAILTO:b@x.org?subject=Hi,2\n', ['a@x.org', 'b@x.org']],
    ['a formula with a link', 'email,n\n"=HYPERLINK(""mailto:a@x.org"",""a"")",1\n', ['a@x.org']],
    ['percent-encoding', 'email,n\na%40x.org,1\n', ['a@x.org']],
    ['an apostrophe before a plus', "email,n\n'+a@x.org,1\n", ['+a@x.org']],
    ['a zero-width space and a soft hyphen', 'email,n\n\u200ba@x.org\u00ad,1\n', ['a@x.org']],
    ['a no-break space', 'email,n\n\u00a0a@x.org\u00a0,1\n', ['a@x.org']],
    [
      'punctuation after it',
      'email,n\na@x.org.,1\n"b@x.org,",2\nc@x.org;,3\n',
      ['a@x.org', 'b@x.org', 'c@x.org'],
    ],
    ['quotes around it', `email,n\n'a@x.org',1\n"""b@x.org""",2\n`, ['a@x.org', 'b@x.org']],
    ['a full-width at sign', 'email,n\na＠x.org,1\n', ['a@x.org']],
    ['a slash in a local part', 'email,n\na/b@x.org,1\n', ['a/b@x.org']],
    ['an at sign in a name', 'email,n\nA@Home <a@x.org>,1\n', ['a@x.org']],
    ['inches', `email,height\na@x.org,5'10"\nb@x.org,6"\n`, ['a@x.org', 'b@x.org']],
  ])('%s', async (_, file, expected) => {
    expect(await contacts(file)).toEqual(expected);
  });

  test('a column that the caller names is the only one', async () => {
    expect(await contacts('email,email 2\na@x.org,b@x.org\n', { emailColumn: 'email 2' })).toEqual([
      'b@x.org',
    ]);
  });
});

describe('a contact without an address', () => {
  test('belongs to no rate, is no duplicate, and says no_address', async () => {
    const { text, tally } = await clean('email,name\na.doe@gmail.com,A\n,\n ,B\n,C\n');
    expect(table(text).map((row) => [row['ps_result'], row['ps_reason'], row['ps_duplicate']])).toEqual([
      ['deliverable', 'no_known_obstacle', 'false'],
      ['', 'no_address', ''],
      ['', 'no_address', ''],
      ['', 'no_address', ''],
    ]);
    expect(tally).toMatchObject({
      rows: 1,
      verified: 1,
      duplicates: 0,
      noAddress: 3,
      results: { deliverable: 1 },
    });
  });

  test('is left out where only some actions are wanted', async () => {
    const { text } = await clean('email,name\na.doe@gmail.com,A\n,B\n', { only: ['accept'] });
    expect(table(text).map((row) => row['name'])).toEqual(['A']);
  });
});

describe('a contact with several addresses', () => {
  test('gets the verdict of the best one, and all verdicts as JSON', async () => {
    const { text, tally } = await clean('name,email\nA,a.doe@gmail.con; a.doe@gmail.com\n');
    const [row] = table(text);
    expect(row).toMatchObject({
      ps_result: 'deliverable',
      ps_action: 'accept',
      ps_address: 'a.doe@gmail.com',
    });
    expect(JSON.parse(row!['ps_addresses']!)).toEqual([
      { address: 'a.doe@gmail.com', result: 'deliverable', reason: 'no_known_obstacle', action: 'accept' },
      {
        address: 'a.doe@gmail.con',
        result: 'undeliverable',
        reason: 'domain_typo',
        action: 'confirm',
        did_you_mean: 'a.doe@gmail.com',
      },
    ]);
    expect(tally.rows).toBe(1);
  });

  test('becomes a row for each with `split`, in the address column', async () => {
    const { text, tally } = await clean(
      'name,email,city\n"Doe, A",a.doe@gmail.con; a.doe@gmail.com,Rome\nB,b.doe@gmail.com,Bari\n',
      {
        split: true,
      },
    );
    expect(table(text).map((row) => [row['name'], row['email'], row['city'], row['ps_action']])).toEqual([
      ['Doe, A', 'a.doe@gmail.con', 'Rome', 'confirm'],
      ['Doe, A', 'a.doe@gmail.com', 'Rome', 'accept'],
      ['B', 'b.doe@gmail.com', 'Bari', 'accept'],
    ]);
    expect(tally.rows).toBe(3);
  });
});

describe('what is written', () => {
  test('the cell stays as it was, and ps_address holds the usable address', async () => {
    const { text } = await clean('email,name\n"A <a.doe@gmail.com>",A\nnonsense,B\n');
    expect(table(text).map((row) => [row['email'], row['ps_address'], row['ps_result']])).toEqual([
      ['A <a.doe@gmail.com>', 'a.doe@gmail.com', 'deliverable'],
      ['nonsense', '', 'undeliverable'],
    ]);
  });

  test('titles and the stated delimiter stay above the header', async () => {
    const { text } = await clean('sep=;\nemail;name\na.doe@gmail.com;A\n');
    expect(text).toMatch(/^sep=;\nemail;name;ps_result;/);
    const titled = await clean('Contacts\n\nemail;name\na.doe@gmail.com;A\n');
    expect(titled.text).toMatch(/^Contacts\n\nemail;name;ps_result;/);
  });

  test('surplus empty fields are dropped, so that our columns stand under their names', async () => {
    const { text } = await clean('email,name\na.doe@gmail.com,A,,\nb.doe@gmail.com,B\n');
    expect(table(text).map((row) => row['ps_result'])).toEqual(['deliverable', 'deliverable']);
  });

  test('a JSON array stays one', async () => {
    const { text } = await clean('[\n  {"email": "a.doe@gmail.com"},\n  {"email": "b.doe@gmail.con"}\n]\n');
    expect(JSON.parse(text)).toMatchObject([
      { email: 'a.doe@gmail.com', ps_action: 'accept' },
      { email: 'b.doe@gmail.con', ps_action: 'confirm' },
    ]);
    const some = await clean('[{"email":"a.doe@gmail.com"},{"email":"b.doe@gmail.con"}]', {
      only: ['confirm'],
    });
    expect(
      some.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).email),
    ).toEqual(['b.doe@gmail.con']);
  });

  test('a line of addresses becomes rows', async () => {
    const { text, tally } = await clean('a.doe@gmail.com, b.doe@gmail.con');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(',').slice(0, 2)),
    ).toEqual([
      ['a.doe@gmail.com', 'deliverable'],
      ['b.doe@gmail.con', 'undeliverable'],
    ]);
    expect(tally.rows).toBe(2);
  });

  test('a record that cannot be read is not written', async () => {
    const { text } = await clean(
      'email,name\na.doe@gmail.com,A\nDoe, J,j.doe@gmail.com\n"b.doe@gmail.com,B\nc.doe@gmail.com,C\n',
    );
    expect(table(text).map((row) => row['email'])).toEqual(['a.doe@gmail.com', 'c.doe@gmail.com']);
  });

  test('a sentence says what is wrong', async () => {
    const { text } = await clean('email\na.doe@gmail.con\n');
    expect(table(text)[0]!['ps_message']).toBe('The domain looks misspelled and accepts no mail.');
  });
});

test.each([
  'a@x.org, b@x.org; c@x.org\nd@x.org\n',
  '[ {"email":"a@x.org"} ,\n{"email":"b@x.org"} ]',
  'T\nemail,n\na@x.org; b@x.org,1,,\n',
])('rows do not depend on where pieces end: %j', async (file) => {
  const whole = await read(file);
  for (const size of [1, 2, 3, 7]) expect((await read(file, {}, size)).rows).toEqual(whole.rows);
});
