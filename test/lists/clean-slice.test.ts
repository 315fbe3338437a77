// Rows in, the same rows out with their verdicts: nothing of theirs is changed, and what still holds is kept.

import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { ownColumns } from '../../src/lists/columns.ts';
import { mailboxKeyOf } from '../../src/lists/mailbox-keys.ts';
import { messageLanguages } from '../../src/lists/messages.ts';
import { cleaned, validatorOf } from './lists.ts';

const own = ownColumns.join(',');

/** The cells of our columns by name, for each row. */
const cellsOf = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;

describe('CSV', () => {
  test('every column, row, quote and line ending as it was, with ours behind', async () => {
    const { text } = await cleaned('Name,E-Mail\r\n"Doe, ""J""",jane@gmail.com\r\n\r\nJoe,joe@gmial.com', {
      validator: validatorOf({ 'gmial.com': { kind: 'nxdomain' } }),
    });
    const at = '2026-11-20T12:00:00.000Z';
    expect(text.split('\r\n')).toEqual([
      `Name,E-Mail,${own}`,
      `"Doe, ""J""",jane@gmail.com,deliverable,no_known_obstacle,accept,,,0.0241,false,false,true,gmail,false,${at},false,No known obstacle.,,jane@gmail.com,,,,`,
      '',
      `Joe,joe@gmial.com,undeliverable,domain_typo,confirm,joe@gmail.com,5.1.2,0.9822,false,false,false,,false,${at},false,The domain looks misspelled and accepts no mail.,,joe@gmial.com,,,,`,
    ]);
  });

  test('the delimiter is the one of the file, a byte order mark stays, a row that is too short is filled up', async () => {
    const { text } = await cleaned('\ufeffemail;name;city\njane@gmail.com;Jane\n');
    expect(
      text.startsWith(`\ufeffemail;name;city;${ownColumns.join(';')}\njane@gmail.com;Jane;;deliverable;`),
    ).toBe(true);
  });

  test('without a header none is added', async () => {
    const { text } = await cleaned('jane@gmail.com\n');
    expect(text).toMatch(/^jane@gmail\.com,deliverable,/);
  });

  test('what we append never runs as a formula; what was there stays', async () => {
    const { text } = await cleaned('note,email\n=1+1,=cmd|x@gmial.com\n', {
      delimiter: ',',
    });
    expect(text).toContain('\n=1+1,=cmd|x@gmial.com,');
    expect(cellsOf(text)[0]!['ps_did_you_mean']).toBe("'=cmd|x@gmail.com");
  });

  test('space around an address is no reason to call it dead', async () => {
    const { text } = await cleaned('email,x\n  jane@gmail.com ,y\n');
    expect(text).toContain('\n  jane@gmail.com ,y,deliverable,');
  });

  const cell = fc.string().map((text) => text.replace(/[\0\r]/g, ''));
  test('for any cells, what is in front of our columns is the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (cells, quotes) => {
          const file = Papa.unparse(
            [['a', 'email', 'b'], ...cells.map(([a, b], index) => [a, `j${index}@gmail.com`, b])],
            {
              quotes,
              newline: '\n',
            },
          );
          const { text, tally } = await cleaned(file, { delimiter: ',', header: true });
          const parsed = Papa.parse<string[]>(text).data;
          expect(parsed.map((row) => row.slice(0, 3))).toEqual(Papa.parse<string[]>(file).data);
          expect(parsed.every((row) => row.length === 3 + ownColumns.length)).toBe(true);
          expect(tally.rows).toBe(cells.length);
        },
      ),
    );
  });
});

describe('NDJSON', () => {
  test('members keep their text, and ours are the last', async () => {
    const { text } = await cleaned(
      '{"id": 12345678901234567890, "email": "jane@gmail.com" }\r\n\r\n{"email":"info@gmail.com"}',
    );
    const [first, blank, second] = text.split('\r\n');
    expect(first).toMatch(
      /^\{"id": 12345678901234567890, "email": "jane@gmail.com","ps_result":"deliverable",.*"ps_duplicate":false,"ps_message":"No known obstacle.","ps_addresses":null,"ps_address":"jane@gmail.com","ps_gateway":null,"ps_engagement":null,"ps_last_active":null,"ps_mailbox":null\}$/,
    );
    expect(blank).toBe('');
    expect(JSON.parse(second!)).toMatchObject({
      ps_reason: 'role_account',
      ps_role: true,
      ps_bounce_probability: 0.0556,
      ps_did_you_mean: null,
    });
  });

  test('members of an earlier run are replaced, wherever they stand', async () => {
    const { text } = await cleaned(
      '{"ps_result":"unknown","a":[1,{"ps_role":"mine"}], "email":"jane@gmail.com","ps_reason":"x,}"}\n',
    );
    expect(
      text.startsWith('{"a":[1,{"ps_role":"mine"}], "email":"jane@gmail.com","ps_result":"deliverable",'),
    ).toBe(true);
    expect(Object.keys(JSON.parse(text))).toEqual(['a', 'email', ...ownColumns]);
  });
});

describe('the 90-day rule', () => {
  const verdict = 'risky,role_account,accept,,,0.04,false,true,false,,false';
  const list = (date: string, checkedAt = '2025-01-01T00:00:00.000Z', cells = verdict) =>
    `email,last_verified_at,${own}\njane@gmail.com,${date},${cells},${checkedAt},false,,,,,,,\n`;

  test.each([
    ['2026-11-01', 'kept'],
    ['2026-08-23', 'kept'],
    ['2026-08-21', 'verified'],
    ['', 'verified'],
    ['no date', 'verified'],
    ['2027-01-01', 'verified'],
    ['01.11.2026', 'kept'],
    ['2026/11/01 10:00', 'kept'],
    ['1793500000', 'kept'],
    ['1793500000000', 'kept'],
    ['01 Nov 2026 10:00:00 +0000', 'kept'],
    ['3/4/2026', 'verified'],
  ])('a row last verified on "%s" is %s', async (date, what) => {
    const { text, tally } = await cleaned(list(date));
    expect(tally).toMatchObject(what === 'kept' ? { kept: 1, verified: 0 } : { kept: 0, verified: 1 });
    if (what === 'kept') expect(text).toBe(list(date));
    else expect(cellsOf(text)[0]).toMatchObject({ ps_result: 'deliverable', last_verified_at: date });
  });

  test('nobody asks the DNS about a row that is kept', async () => {
    const asked: string[] = [];
    await cleaned(list('2026-11-01'), { validator: validatorOf({}, asked) });
    expect(asked).toEqual([]);
  });

  test('our own date counts like theirs', async () => {
    expect((await cleaned(list('2020-01-01', '2026-11-01T00:00:00.000Z'))).tally.kept).toBe(1);
  });

  test('a row without a verdict is verified however young it is', async () => {
    const { tally, text } = await cleaned('email,last_verified_at\njane@gmail.com,2026-11-19T12:00Z\n');
    expect(tally.verified).toBe(1);
    expect(cellsOf(text)[0]!['ps_bounce_probability']).toBe('0.0081');
  });

  const probability = async (header: string, cells: string, options = {}) =>
    Number(
      cellsOf((await cleaned(`email,${header}\njane@brisk-otter.com,${cells}\n`, options)).text)[0]![
        'ps_bounce_probability'
      ],
    );

  test('the latest sign of life dates an address, whichever column has it', async () => {
    const undated = await probability('x', '2026-11-19');
    expect(await probability('Last Open', '2026-11-19T12:00Z')).toBe(0.0086);
    expect(await probability('Last Open,Last Click', '2026-11-19T12:00Z,2020-01-01')).toBe(0.0086);
    expect(await probability('Last Click,last_verified_at', '2020-01-01,2026-11-19T12:00Z')).toBe(0.0086);
    expect(await probability('Last Click', '2025-11-20')).toBeGreaterThan(1.8 * undated);
    // A sign of life in the future is an error.
    expect(await probability('Last Open', '2027-01-01')).toBe(undated);
  });

  test('an opt-in limits the age and is no sign of life since', async () => {
    const undated = await probability('x', '');
    expect(await probability('OPTIN_TIME', '2010-01-01')).toBe(undated);
    const young = await probability('OPTIN_TIME', '2026-11-01');
    expect(young).toBeLessThan(undated / 3);
    expect(young).toBeGreaterThan(0.008);
    expect(await probability('OPTIN_TIME,CONFIRM_TIME', '2010-01-01,2026-11-01')).toBe(young);
    expect(await probability('OPTIN_TIME', '2027-01-01')).toBe(undated);
    expect(await probability('MEMBER_RATING', '5')).toBeLessThan(undated);
    expect(await probability('MEMBER_RATING', '2')).toBe(undated);
  });

  test('a sign of life in any column dates a row, but it is no verification', async () => {
    const { tally } = await cleaned('email,Last Open\na@brisk-otter.com,2026-11-01\nb@brisk-otter.com,\n');
    expect(Object.values(tally.strata).map(({ undated }) => undated)).toEqual([undefined, 'business']);
    const opened = list('2026-11-01').replace('last_verified_at', 'Last Open');
    expect((await cleaned(opened)).tally.kept).toBe(0);
  });

  test('a profile says how old undated addresses are', async () => {
    expect(await probability('x', '', { profile: 'cold' })).toBeGreaterThan(
      2 * (await probability('x', '', { profile: 'b2c' })),
    );
  });

  test('the same columns are found in NDJSON', async () => {
    const { text } = await cleaned(
      '{"email":"a@brisk-otter.com","stats":{"last_open":"2026-11-19T12:00Z"}}\n{"email":"b@brisk-otter.com"}\n',
    );
    const [dated, undated] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).ps_bounce_probability);
    expect(dated).toBe(0.0086);
    expect(undated).toBeGreaterThan(0.05);
  });

  test('"unknown" is no verdict to keep', async () => {
    const unknown = 'unknown,dns_undetermined,retry,,4.4.3,0.05,false,false,false,,false';
    expect((await cleaned(list('2026-11-19', '2026-11-19T00:00:00.000Z', unknown))).tally.verified).toBe(1);
  });

  test('the age is for the caller to say, and so is the column', async () => {
    expect((await cleaned(list('2026-11-01'), { maxAgeDays: 7 })).tally.verified).toBe(1);
    const named = list('2020-01-01')
      .replace('last_verified_at', 'x')
      .replace('email,', 'email,')
      .replace('2020-01-01', '2026-11-01');
    expect((await cleaned(named, { lastVerifiedColumn: 'x' })).tally.kept).toBe(1);
    expect((await cleaned(named)).tally.kept).toBe(0);
  });

  test('what was cleaned is kept as a whole the next day', async () => {
    const { text } = await cleaned('email,name\njane@gmail.com,"Doe, J"\ninfo@gmail.com,x\n');
    const again = await cleaned(text, { asOf: Date.parse('2026-11-21T12:00:00Z') });
    expect(again.text).toBe(text);
    expect(again.tally).toMatchObject({ kept: 2, reasons: { no_known_obstacle: 1, role_account: 1 } });
  });
});

describe('what is counted', () => {
  test('duplicates are marked from the second on, and forecast once', async () => {
    const { text, tally } = await cleaned(
      'email\njane@gmail.com\nJANE@gmail.com\njoe@gmail.com\njane@gmail.com\n',
    );
    expect(cellsOf(text).map((row) => row['ps_duplicate'])).toEqual(['false', 'true', 'false', 'true']);
    expect(tally).toMatchObject({ rows: 4, duplicates: 2 });
    expect(Object.values(tally.strata).reduce((sum, { rows }) => sum + rows, 0)).toBe(2);
  });

  test('each domain is looked up once, the most frequent first', async () => {
    const asked: string[] = [];
    const rare = Array.from({ length: 100 }, (_, index) => `x@rare-otter-${index}.com\n`).join('');
    await cleaned(`email\n${rare}a@brisk-otter.com\nb@brisk-otter.com\n`, {
      validator: validatorOf({}, asked),
    });
    expect(asked[0]).toBe('brisk-otter.com');
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBe(101);
  });

  test('a filter leaves rows out of the result, not of the counts', async () => {
    const { text, tally } = await cleaned('email\njane@gmail.com\njoe@\n', { only: ['accept'] });
    expect(cellsOf(text).map(({ email }) => email)).toEqual(['jane@gmail.com']);
    expect(tally.results).toEqual({ deliverable: 1, undeliverable: 1 });
  });

  test('sources are told apart, but a source that is an address is not named', async () => {
    const { tally } = await cleaned(
      'email,source\na.doe@gmail.com,shop\nb.doe@gmail.com,fair\nc.doe@gmail.com,joe@gmail.com\n',
    );
    expect(tally.sources).toEqual(['shop', 'fair', 'other']);
    expect(JSON.stringify(tally)).not.toContain('joe');
  });
});

describe('what a caller may choose about the rows', () => {
  test('--repair safe writes the cleaned address into its column, and never a guess', async () => {
    const list =
      'name,email,x\n"Doe, J", Jane <jane@gmail.com> ,1\nJoe,joe@gmial.com,2\nAnn,"a.doe@gmail.com; b.doe@gmail.com",3\nBo,,4\nCy,"cy@gmail.com",5\n';
    const { text } = await cleaned(list, {
      repair: true,
      validator: validatorOf({ 'gmial.com': { kind: 'nxdomain' } }),
    });
    const lines = text.split('\n');
    expect(lines[1]).toMatch(/^"Doe, J",jane@gmail\.com,1,deliverable/);
    expect(lines[2]).toMatch(/^Joe,joe@gmial\.com,2,undeliverable/);
    expect(lines[3]).toMatch(/^Ann,a\.doe@gmail\.com,3,deliverable/);
    expect(lines[4]).toMatch(/^Bo,,4,/);
    expect(lines[5]).toMatch(/^Cy,"cy@gmail\.com",5,/);
    expect((await cleaned(list)).text).toContain('"Doe, J", Jane <jane@gmail.com> ,1,');
  });

  test('in NDJSON the field is replaced where it stands, and everything else keeps its characters', async () => {
    const { text } = await cleaned(
      '{"id":12345678901234567890,"c": {"note":"\\"email\\": {", "email" : "Jane <jane@gmail.com>", "k":[1,{"email":"no"}]}}\n',
      { repair: true, emailColumn: 'c.email' },
    );
    expect(text).toContain(
      '{"id":12345678901234567890,"c": {"note":"\\"email\\": {", "email" : "jane@gmail.com", "k":[1,{"email":"no"}]},"ps_result"',
    );
  });

  test('duplicates can be left out; all are counted', async () => {
    const { text, tally } = await cleaned('email\njane@gmail.com\njane@gmail.com\njoe@gmail.com\n', {
      dropDuplicates: true,
    });
    expect(cellsOf(text).map(({ email }) => email)).toEqual(['jane@gmail.com', 'joe@gmail.com']);
    expect(tally).toMatchObject({ rows: 3, duplicates: 1 });
  });

  test.each(messageLanguages)('ps_message in %s', async (language) => {
    const list = 'email\njane@gmail.com\njoe@\ninfo@gmail.com\nx@mailinator.com\nx@nxd.org\nx@gmial.com\n';
    const { text } = await cleaned(list, {
      language,
      validator: validatorOf({ 'nxd.org': { kind: 'nxdomain' } }),
    });
    const messages = cellsOf(text).map((cells) => cells['ps_message']!);
    expect(new Set(messages).size).toBe(6);
    const english = cellsOf((await cleaned(list)).text).map((cells) => cells['ps_message']!);
    if (language !== 'en')
      for (const [index, message] of messages.entries()) expect(message).not.toBe(english[index]);
  });
});

test('all spellings of a mailbox have one key, by the rule of their provider, and one of them is canonical', () => {
  const gmail = { key: 'janedoe@gmail.com' };
  expect(mailboxKeyOf('jane.doe+news@gmail.com')).toEqual({ ...gmail, isCanonical: false });
  expect(mailboxKeyOf('JaneDoe@googlemail.com')).toEqual({ ...gmail, isCanonical: false });
  expect(mailboxKeyOf('JaneDoe@gmail.com')).toEqual({ ...gmail, isCanonical: false });
  expect(mailboxKeyOf('janedoe@GMail.com')).toEqual({ ...gmail, isCanonical: true });
  expect(mailboxKeyOf('jane.doe@brisk-otter.com')).toEqual({
    key: 'jane.doe@brisk-otter.com',
    isCanonical: true,
  });
  expect(mailboxKeyOf('no address')).toEqual({ key: 'no address', isCanonical: false });
});
