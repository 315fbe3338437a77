// Rows in, the same rows out with their verdicts: nothing of theirs is changed, and what still holds is kept.

import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { ownColumns } from '../../src/lists/columns.ts';
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
      `"Doe, ""J""",jane@gmail.com,deliverable,no_known_obstacle,accept,,,0.008,false,false,true,gmail,false,${at},false,No known obstacle.,,jane@gmail.com`,
      '',
      `Joe,joe@gmial.com,undeliverable,domain_typo,confirm,joe@gmail.com,5.1.2,0.98,false,false,false,,false,${at},false,The domain looks misspelled and accepts no mail.,,joe@gmial.com`,
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
      /^\{"id": 12345678901234567890, "email": "jane@gmail.com","ps_result":"deliverable",.*"ps_duplicate":false,"ps_message":"No known obstacle.","ps_addresses":null,"ps_address":"jane@gmail.com"\}$/,
    );
    expect(blank).toBe('');
    expect(JSON.parse(second!)).toMatchObject({
      ps_reason: 'role_account',
      ps_role: true,
      ps_bounce_probability: 0.04,
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
    `email,last_verified_at,${own}\njane@gmail.com,${date},${cells},${checkedAt},false,,,\n`;

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
    const { text, tally } = await cleaned('email\njane@gmail.com\nno address\n', { only: ['accept'] });
    expect(cellsOf(text).map(({ email }) => email)).toEqual(['jane@gmail.com']);
    expect(tally.results).toEqual({ deliverable: 1, undeliverable: 1 });
  });

  test('sources are told apart, but a source that is an address is not named', async () => {
    const { tally } = await cleaned(
      'email,source\na@gmail.com,shop\nb@gmail.com,fair\nc@gmail.com,joe@gmail.com\n',
    );
    expect(tally.sources).toEqual(['shop', 'fair', 'other']);
    expect(JSON.stringify(tally)).not.toContain('joe');
  });
});
