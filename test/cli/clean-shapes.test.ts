// Files as programs export them and people keep them → `presend clean` reads them, ends with 0, and says what it did.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noProgress } from '../../src/cli/clean-output.ts';
import { clean } from '../../src/cli/clean-run.ts';
import { readRecords } from '../../src/csv/read-records.ts';
import { objectEnd } from '../../src/lists/json-text.ts';
import { today, validatorOf } from '../lists/lists.ts';
import { emptyFolder } from './program.ts';

const validator = validatorOf({ 'gmial.com': { kind: 'nxdomain' } });

async function cleanFile(content: string | Uint8Array, more: Partial<Parameters<typeof clean>[0]> = {}) {
  const folder = emptyFolder();
  const [input, output] = [join(folder, 'list'), join(folder, 'clean')];
  writeFileSync(input, content);
  let summary = '';
  let warnings = '';
  const status = await clean(
    {
      input,
      output,
      list: {},
      maxAgeDays: 90,
      writing: {},
      dropDuplicates: false,
      resume: false,
      json: false,
      patience: 1,
      ...more,
    },
    {
      validator,
      now: () => today,
      progress: noProgress,
      say: (text) => {
        summary += text;
      },
      warn: (text) => {
        warnings += text;
      },
    },
  );
  const result = status === 0 ? readFileSync(output, 'utf8') : '';
  return { status, summary, warnings, result, folder };
}

/** For each row of a result, the address to use, or the reason if there is none. */
function addressesIn(result: string): string[] {
  const rows = /^\ufeff?\s*[[{]/.test(result) ? objectsIn(result) : tableIn(result);
  return rows.filter((row) => row['ps_reason']).map((row) => String(row['ps_address'] || row['ps_reason']));
}

/** The objects with verdicts, however deep they are in the JSON of a text. */
function objectsIn(text: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('ps_reason' in value) found.push(value as Record<string, unknown>);
    else for (const each of Object.values(value)) collect(each);
  };
  for (let open = text.indexOf('{'); open !== -1; ) {
    const end = objectEnd(text, open);
    collect(JSON.parse(text.slice(open, end)));
    open = text.indexOf('{', end);
  }
  return found;
}

function tableIn(result: string): Record<string, string>[] {
  const delimiter = /(\|\||[^\w"])ps_result/.exec(result)?.[1] ?? ',';
  const records: (readonly string[])[] = [];
  readRecords(result, { delimiter, newline: 'mixed' }, { last: true, longest: 1e6 }, (fields) => {
    if (fields !== null) records.push(fields);
  });
  const header = records.findIndex((row) => row.includes('ps_result'));
  if (header === -1)
    return records
      .filter((row) => row.length > 18)
      .map((row) => ({ ps_reason: row.at(-19)!, ps_address: row.at(-5)! }));
  return records
    .slice(header + 1)
    .filter((row) => row.length === records[header]!.length)
    .map((row) => Object.fromEntries(row.map((cell, column) => [records[header]![column], cell])));
}

const [a, b, c, none] = ['a@x.org', 'b@x.org', 'c@x.org', 'no_address'] as const;
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

type Shape = readonly [
  name: string,
  file: string | Uint8Array,
  addresses: readonly string[],
  ...summary: string[],
];

const exports: readonly Shape[] = [
  [
    'HubSpot, with further addresses and an owner',
    '"Record ID","Email","Additional email addresses","Contact owner email"\n"1","a@x.org","a2@x.org;a3@x.org","o@x.org"\n"2","","","o@x.org"\n',
    [a, none],
    'addresses from "Email", "Additional email addresses"\n',
    'other columns with addresses, not verified: "Contact owner email"',
    'rows with several addresses: 1; ',
    '1 row without an address\n',
  ],
  [
    'HubSpot, with who bounced and unsubscribed',
    'Record ID,Email,Hard bounce reason,Unsubscribed from all email\n1,a@x.org,UNKNOWN_USER,\n2,b@x.org,,true\n',
    [a, b],
    'columns that say who unsubscribed or bounced: "Hard bounce reason", "Unsubscribed from all email"; import them',
  ],
  [
    'a report of Salesforce with notes below',
    '"Name","Email"\n"A","a@x.org"\n\n"Grand Totals (1 record)"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n',
    [a, none, none],
    'rows with too few fields: 2; empty fields were added to them\n',
  ],
  ['Pipedrive', '"Person - Email - Work","Person - Email - Home"\n,a@x.org\nb@x.org,b@x.org\n', [a, b]],
  [
    'LinkedIn, with notes above',
    'Notes:\n"You may notice, that addresses are missing."\n\nFirst Name,Email Address,Company\nA,,X\nB,b@x.org,X\n',
    [none, b],
    'lines above the header, kept as they are: 2\n',
  ],
  [
    'Eventbrite, with facts above',
    'Event:,Party\nDate:,2026-01-01\n\nOrder #,First Name,Email,Buyer Email\n1,A,a@x.org,o@x.org\n2,B,b@x.org,o@x.org\n',
    [a, b],
    'other columns with addresses, not verified: "Buyer Email"',
  ],
  ['SurveyMonkey', 'ID,Email,Name\n,Response,Open-Ended Response\n1,a@x.org,A\n2,b@x.org,B\n', [a, b]],
  [
    'Qualtrics',
    'Start,RecipientEmail\nStart Date,Recipient Email\n"{""ImportId"":""s""}","{""ImportId"":""e""}"\n2026,a@x.org\n2026,b@x.org\n',
    [a, b],
    '2 rows: 2 verified',
  ],
  [
    'Facebook',
    utf16('id\temail\tphone_number\r\nl:1\ta@x.org\tp:+491\r\nl:2\tb@x.org\tp:+492\r\n'),
    [a, b],
    'CSV with tabs, in utf-16le',
  ],
  ['pandas', ',email,name,email.1\n0,a@x.org,A,a2@x.org\n1,b@x.org,B,\n', [a, b], 'from "email", "email.1"'],
  ['R, with row names', '"email","name"\n"1","a@x.org","A"\n"2","b@x.org","B"\n', [a, b]],
  [
    'psql',
    ' email   | name \n---------+------\n a@x.org | A\n b@x.org | B\n(2 rows)\n\n',
    [none, a, b, none],
  ],
  [
    'MySQL in bars',
    '+---------+---+\n| email   | n |\n+---------+---+\n| a@x.org | A |\n+---------+---+\n1 row in set\n',
    [none, a, none, none],
  ],
  [
    'MySQL with tabs',
    'id\temail\n1\ta@x.org\n2\tNULL\n3\t\\N\n4\tn/a\n5\t-\n6\tunbekannt\n',
    [a, none, none, none, none, none],
  ],
  [
    'a table of Markdown',
    '| email | name |\n|-------|------|\n| a@x.org | A |\n| b@x.org | B |\n',
    [none, a, b],
  ],
  ['names of columns twice', 'email,name,email\na@x.org,A,a2@x.org\n,B,b@x.org\n', [a, b]],
  [
    'lines of a group above',
    'Contact,,Activity,\nEmail,Name,Opened,Clicked\na@x.org,A,1,2\nb@x.org,B,1,2\n',
    [a, b],
  ],
  [
    'comments above',
    '# by admin@our.co\n# rows: 2\nemail,name\na@x.org,A\nb@x.org,B\n',
    [a, b],
    'kept as they are: 2',
  ],
  [
    'a postal address',
    'Name,Address,Kontakt\nA,Main St 1,a@x.org\nB,i@x.org,b@x.org\nC,High St 3,c@x.org\n',
    [a, b, c],
    'addresses from "Kontakt"',
  ],
];

const damaged: readonly Shape[] = [
  ['a total below', 'email,n\na@x.org,3\nTotal,3\n', [a, none], '1 row without an address\n'],
  ['a sum alone in its line', 'email;n\na@x.org;3\n\nErgebnis: 3\n', [a, none]],
  ['joined exports', 'email,name\na@x.org,A\nemail,name\nb@x.org,B\n', [a, b], '1 record left out'],
  [
    'joined exports with marks',
    '\ufeffemail,name\r\na@x.org,"A, a"\r\n\ufeffemail,name\r\nb@x.org,"B, b"\r\n',
    [a, b],
  ],
  [
    'joined exports without a header',
    '\ufeff"A, a",a@x.org\n\ufeff"B, b",b@x.org\n',
    [a, b],
    'without a header',
  ],
  ['zero bytes', 'name,email\nA\0n,a@x.org\nB,b@x.org\0\n\0\0\0', [a, b]],
  ['carriage returns', 'name,email\rA,a@x.org\rB,b@x.org\r', [a, b]],
  ['line ends of three kinds', 'name,email\r\nA,a@x.org\nB,b@x.org\rC,c@x.org\r\n', [a, b, c]],
  ['the end-of-file of DOS', 'name,email\r\nA,a@x.org\r\n\x1a', [a], '1 row: 1 verified'],
  ['two marks', '\ufeff\ufeffemail,name\na@x.org,A\n', [a]],
  [
    'spaces before quotes',
    'name, email, city\n"A, a", "a@x.org", "Rome, IT"\n"B, b", "b@x.org", "Bonn"\n',
    [a, b],
  ],
  ['columns without a name', 'email,name,,\na@x.org,A,,note\nb@x.org,B,,\n', [a, b]],
  ['commas in names', 'name,email\nDoe, A,a@x.org\nDoe, B,b@x.org\n', [a, b]],
  ['names before addresses, with commas', 'Doe, A <a@x.org>\nDoe, B <b@x.org>\nC <c@x.org>\n', [a, b, c]],
  ['carets', 'id^email^name\n1^a@x.org^A\n2^b@x.org^B\n', [a, b], 'CSV with "^"'],
  ['control characters as delimiters', 'id\x01email\x01name\n1\x01a@x.org\x01A\n2\x01b@x.org\x01B\n', [a, b]],
  ['double bars', 'id||email||name\n1||a@x.org||A\n2||b@x.org||B\n', [a, b], 'CSV with "||"'],
  [
    'single quotes',
    "'id','email'\n'1','a@x.org'\n'2','b@x.org'\n",
    [a, b],
    'cells with other text beside the address: 2',
  ],
  [
    '300 columns',
    `${Array.from({ length: 300 }, (_, i) => (i === 257 ? 'E-Mail' : `f${i}`)).join(';')}\n${Array.from({ length: 300 }, (_, i) => (i === 257 ? a : '1,5')).join(';')}\n`,
    [a],
  ],
  ['a record longer than the sample', `email,blob\na@x.org,"${'x'.repeat(80_000)}"\nb@x.org,y\n`, [a, b]],
  ['blank lines and an empty column', '\n\n,,\n,Email,Name\n,a@x.org,A\n,b@x.org,B\n', [a, b]],
];

const cells: readonly Shape[] = [
  ['a link', 'n,email\n1,https://x.com/u?email=a%40x.org&id=3\n2,https://x.com/u?e=b@x.org\n', [a, b]],
  [
    'links of Markdown and HTML',
    'n,email\n1,[a@x.org](mailto:a@x.org)\n2,"<a href=""mailto:b@x.org"">b@x.org</a>"\n',
    [a, b],
  ],
  ['a label and a remark', 'n,email\n1,Email: a@x.org\n2,b@x.org (work)\n', [a, b]],
  ['text of Excel', 'n,email\n1,"=""a@x.org"""\n2,="b@x.org"\n', [a, b]],
  ['character references', 'n,email\n1,a&#64;x.org\n2,&lt;b@x.org&gt;\n3,"c@x.org<br>c2@x.org"\n', [a, b, c]],
  [
    'spaces between addresses',
    'a@x.org b@x.org\nc@x.org\n',
    [a, b, c],
    'read as plain text, with one row for each address in it',
  ],
];

const json: readonly Shape[] = [
  [
    'an array inside an object',
    '{"contacts":[{"email":"a@x.org","n":1},{"email":"b@x.org"}],"meta":{"total":2}}',
    [a, b],
    'a JSON array',
  ],
  [
    'an array inside objects, over lines',
    '{\n  "data": {\n    "items": [\n      {"email": "a@x.org"},\n      {"email": "b@x.org"}\n    ]\n  }\n}\n',
    [a, b],
  ],
  ['an array of addresses', '["a@x.org", "b@x.org"]', [a, b]],
  ['an array of addresses, over lines', '[\n  "a@x.org",\n  "b@x.org"\n]\n', [a, b]],
  [
    'objects in arrays of an object',
    '{"names":["A"],"emails":[{"value":"a@x.org"},{"value":"a2@x.org"}]}\n{"names":["B"],"emails":[{"value":"b@x.org"}]}\n',
    [a, b],
    'from "emails.value"',
    'several addresses: 1',
  ],
  [
    'objects over lines, without an array',
    '{\n  "email": "a@x.org",\n  "name": "A"\n}\n{\n  "email": "b@x.org"\n}\n',
    [a, b],
  ],
  ['lines with commas after them', '{"email":"a@x.org"},\n{"email":"b@x.org"},\n', [a, b]],
  [
    'deep fields',
    '{"_id":{"$oid":"1"},"profile":{"contact":{"email":{"address":"a@x.org"}}}}\n{"_id":{"$oid":"2"},"profile":{"contact":{"email":{"address":"b@x.org"}}}}\n',
    [a, b],
  ],
  [
    'a work and a home address',
    '{"contact":{"email_work":"","email_home":"a@x.org"},"owner":{"email":"o@x.org"}}\n{"contact":{"email_work":"b@x.org","email_home":""},"owner":{"email":"o@x.org"}}\n',
    [a, b],
  ],
];

const mishaps: readonly Shape[] = [
  [
    'lines that are quoted as a whole',
    '"name,email"\r\n"A,a@x.org"\r\n"B,b@x.org"\r\n',
    [a, b],
    'CSV with commas',
    'from "email"',
  ],
  [
    'lines that are quoted as a whole, with quotes inside',
    '"name;email;note"\n"""Doe; A"";a@x.org;""said """"no"""" """\n"B;b@x.org;"\n',
    [a, b],
    'CSV with semicolons',
  ],
  ['lines that are quoted as a whole, without a header', '"A,a@x.org"\n"B,b@x.org"\n', [a, b]],
  ['several addresses in a quoted line', '"a@x.org, b@x.org"\n"c@x.org, d@x.org"\n', [a, b, c, 'd@x.org']],
  [
    'an address book of Outlook',
    'First Name,Last Name,E-mail Address,E-mail Display Name,Business Phone\r\nA,Doe,a@x.org,"Doe, A (a@x.org)",+49 1\r\nB,Roe,b@x.org,"Roe, B (b@x.org)",\r\n',
    [a, b],
  ],
  [
    'an address book of Thunderbird',
    'First Name\tLast Name\tDisplay Name\tPrimary Email\tSecondary Email\nA\tDoe\tA Doe\ta@x.org\t\nB\tRoe\tB Roe\tb@x.org\tb2@x.org\n',
    [a, b],
  ],
  [
    'orders of a shop, one address in several rows',
    'Name,Email,Financial Status,Total\n#1001,a@x.org,paid,10.00\n#1001,,,\n#1002,b@x.org,paid,7.50\n#1003,A@x.org,refunded,0\n',
    [a, none, b, 'A@x.org'],
    '1 duplicate',
  ],
  [
    'a form with a time stamp and a consent',
    'Zeitstempel;E-Mail-Adresse;Einwilligung (DSGVO)\n27.11.2026 10:00:00;a@x.org;Ja, ich möchte Post\n27.11.2026 10:01:00;b@x.org;Nein\n',
    [a, b],
  ],
  [
    'tickets',
    'Order #,Order Date,First Name,Surname,Email,Ticket Type,Attendee #\n1,2026-11-01,A,Doe,a@x.org,VIP,12\n2,2026-11-01,B,Roe,b@x.org,"Standing, early",13\n',
    [a, b],
  ],
  [
    'people of a directory',
    'dn,uid,mail,manager\n"cn=a,dc=x,dc=org",a,a@x.org,"cn=b,dc=x,dc=org"\n"cn=b,dc=x,dc=org",b,b@x.org,\n',
    [a, b],
  ],
  ['a column of numbers without a name', ',E-Mail,Vorname\n1,a@x.org,A\n2,b@x.org,B\n3,,\n', [a, b, none]],
  [
    'JSON in a cell',
    'id,profile,email\n1,"{""lang"":""de"",""tags"":[""a"",""b""]}",a@x.org\n2,{},b@x.org\n',
    [a, b],
  ],
  ['HTML in a cell', 'id,bio,email\n1,"<p class=""x"">Hi,\nthere</p>",a@x.org\n2,,b@x.org\n', [a, b]],
  [
    'numbers with decimal commas',
    'Kunde;Umsatz;Mail\nA;1.234,56;a@x.org\nB;0,5;b@x.org\n',
    [a, b],
    'CSV with semicolons',
  ],
  ['a file of one row', 'email,name\na@x.org,A', [a], '1 row: 1 verified'],
  ['an address alone', 'a@x.org', [a], '1 row: 1 verified'],
  ['numbered addresses', '1. a@x.org\n2. b@x.org\n3. c@x.org\n', [a, b, c]],
  ['blank lines everywhere', '\n\nemail,name\n\na@x.org,A\n\n\nb@x.org,B\n\n', [a, b]],
  ['names of columns in spaces', ' E-MAIL ADDRESS , FULL NAME \na@x.org,A\nb@x.org,B\n', [a, b]],
  ['a Spanish export', 'Nombre;Correo electrónico;Teléfono\nA;a@x.org;600 000\nB;b@x.org;\n', [a, b]],
  ['a Japanese export', '氏名,メールアドレス,電話番号\nA,a@x.org,03\nB,b@x.org,\n', [a, b]],
  ['handles beside addresses', 'user_id,handle,email\nu@1,@anna,a@x.org\nu@2,@bert,b@x.org\n', [a, b]],
  [
    'NDJSON with nulls and missing fields',
    '{"email":"a@x.org","tags":null}\n{"email":null}\n{"name":"C"}\n{"email":"b@x.org"}\n',
    [a, none, none, b],
  ],
  [
    'a JSON array in which elements cannot be read',
    '[{"email":"a@x.org"},{"email":oops},{"email":"b@x.org"},{"email":}]',
    [a, b],
    '2 records left out',
  ],
  [
    'the answer of a search engine',
    '{"took":3,"hits":{"total":2,"hits":[{"_id":"1","_source":{"email":"a@x.org"}},{"_id":"2","_source":{"email":"b@x.org"}}]}}',
    [a, b],
  ],
  ['JSON with escapes', '[{"email":"a\\u0040x.org","n":"\\"}{"},\n{"email":"b@x.org","n":"\\\\"}]', [a, b]],
];

const languages: readonly Shape[] = [
  [
    'numbered columns in French, with most addresses in the second',
    'Nom;Courriel 1;Courriel 2\nDoe;a@x.org;a2@x.org\nRoe;;b@x.org\n',
    [a, b],
    'addresses from "Courriel 1", "Courriel 2"',
  ],
  [
    'Outlook in Spanish',
    '"Nombre","Dirección de correo electrónico","Tipo de correo electrónico","Dirección de correo electrónico 2"\n"A","a@x.org","SMTP","a2@x.org"\n"B","","","b@x.org"\n',
    [a, b],
    'rows with several addresses: 1; ',
  ],
  [
    'Outlook in French',
    '"Nom","Adresse de messagerie","Type de messagerie"\n"A","a@x.org","SMTP"\n"B","/o=ExchangeLabs/cn=Recipients/cn=b","EX"\n',
    [a, none],
  ],
  [
    'the address of an employee before that of the customer',
    'Betreuer;E-Mail Betreuer;Kunde;E-Mail Kunde\nM;m@x.org;A;a@x.org\nM;m@x.org;B;b@x.org\n',
    [a, b],
    'not verified: "E-Mail Betreuer"',
  ],
  [
    'a column of few addresses before one of many',
    'Via;Von;Kunde;Kontakt\n1;m@x.org;A;a@x.org\n2;m@x.org;B;b@x.org\n3;m@x.org;C;c@x.org\n',
    [a, b, c],
  ],
  ['full-width commas', '姓名，邮箱，手机\nA，a@x.org，138\nB，b@x.org，139\n', [a, b], 'from "邮箱"'],
  ['Arabic semicolons', 'الاسم؛البريد الالكتروني؛الهاتف\nA؛a@x.org؛1\nB؛b@x.org؛2\n', [a, b]],
];

const strangers: readonly Shape[] = [
  [
    'a stated delimiter that the file no longer has',
    'sep=,\r\nName;E-Mail\r\nA;a@x.org\r\nB;b@x.org\r\n',
    [a, b],
    'from "E-Mail"',
  ],
  [
    'a row from a file with another delimiter',
    'Name;E-Mail;City\nA;a@x.org;Bonn\nB,b@x.org,Rome\nC;c@x.org;Ulm\n',
    [a, b, c],
  ],
  [
    'a first row that says that it has no address',
    'Name,Email\nA,no email\nB,b@x.org\nC,see notes\n',
    [none, b, none],
  ],
  [
    'a note with an address below',
    '"Name","Email"\n"A","a@x.org"\n\n"Generated by: admin@our.co 11/27/2026"\n',
    [a, none],
  ],
];

describe.each([
  ['exports', exports],
  ['languages', languages],
  ['strangers', strangers],
  ['mishaps', mishaps],
  ['damage', damaged],
  ['cells', cells],
  ['JSON', json],
] as const)('%s', (_, shapes) => {
  const table = shapes.map(([name, file, addresses, ...lines]) => ({ name, file, addresses, lines }));
  test.each(table)('$name', async ({ file, addresses, lines }) => {
    const { status, summary, warnings, result } = await cleanFile(file);
    expect([status, warnings.includes('stopped')]).toEqual([0, false]);
    expect(addressesIn(result)).toEqual(addresses);
    expect(summary).toMatch(/\nread as /);
    for (const line of lines) expect(summary).toContain(line);
  });
});

test('a sample names the records that cannot be read, wherever they are', async () => {
  const rows = Array.from({ length: 1500 }, (_, row) => `p${row}@x.org,P\n`);
  const odd = (row: number) => `odd,too,many,${row}\n`;
  const file = ['email,name\n', odd(1), ...rows, odd(2)].join('');
  const { status, warnings, result, folder } = await cleanFile(file, { sample: 5 });
  expect([status, addressesIn(result).length]).toEqual([0, 5]);
  expect(warnings).toContain('2 records cannot be read');
  expect(readFileSync(join(folder, 'clean.rejects.csv'), 'utf8')).toMatch(/"odd,too,many,1"\n1502,/);
});
