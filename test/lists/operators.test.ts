// The provider and the gateway of custom domains in lists: told by the MX records, in the rows, the counts and the report.

import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { csvWriter } from '../../src/lists/csv.ts';
import { listReportPage } from '../../src/lists/report.ts';
import type { CsvShape, ListRow } from '../../src/lists/shape.ts';
import { summaryOf } from '../../src/lists/summary.ts';
import { addTally, countOperators, emptyTally, type ListTally } from '../../src/lists/tally.ts';
import { cleaned, read, validatorOf } from './lists.ts';

const mx = (host: string): MailHost => ({ kind: 'mx', exchanges: [{ preference: 10, host }] });
const validator = validatorOf({
  'office.example-shop.de': mx('office-de.mail.protection.outlook.com'),
  'workspace-shop.de': mx('aspmx.l.google.com'),
  'guarded-shop.de': mx('eu-smtp-inbound-1.mimecast.com'),
});
const addresses = [
  'jane@office.example-shop.de',
  'jane@workspace-shop.de',
  'joe@workspace-shop.de',
  'jane@guarded-shop.de',
  'jane@brisk-otter.com',
  'jane@gmail.com',
];
const operators = [
  ['microsoft365', ''],
  ['google', ''],
  ['google', ''],
  ['mimecast', 'mimecast'],
  ['', ''],
  ['gmail', ''],
];
const counts = {
  providers: { google: 2, microsoft365: 1, mimecast: 1, gmail: 1 },
  gateways: { mimecast: 1 },
};

const list = `email\n${addresses.join('\n')}\n`;
const rowsOf = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
const operatorsOf = (text: string) => rowsOf(text).map((row) => [row['ps_provider'], row['ps_gateway']]);

test('a CSV row has both, and the summary counts them', async () => {
  const { text, tally } = await cleaned(list, { validator });
  expect(operatorsOf(text)).toEqual(operators);
  const { providers, gateways } = summaryOf(tally);
  expect({ providers, gateways }).toEqual(counts);
  expect(Object.keys(providers)[0]).toBe('google');
});

test('an NDJSON object has both', async () => {
  const { text } = await cleaned(addresses.map((email) => JSON.stringify({ email })).join('\n'), {
    validator,
  });
  const objects = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(objects.map((row) => [row.ps_provider ?? '', row.ps_gateway ?? ''])).toEqual(operators);
});

test('rows that keep their verdict keep both, and count again', async () => {
  const first = await cleaned(list, { validator });
  const again = await cleaned(first.text, { validator });
  expect(again.text).toBe(first.text);
  expect(again.tally.kept).toBe(addresses.length);
  const { providers, gateways } = again.tally;
  expect({ providers, gateways }).toEqual(counts);
  const lines = addresses.map((email) => JSON.stringify({ email })).join('\n');
  const kept = await cleaned((await cleaned(lines, { validator })).text, { validator });
  expect(kept.tally.gateways).toEqual(counts.gateways);
});

test('the result of an earlier version gets the new columns', async () => {
  const { text } = await cleaned(list, { validator });
  // An earlier version had neither the gateway nor the columns after it.
  const lines = text.split('\n').map((line) => line.split(',').slice(0, -4).join(','));
  const { text: again, tally } = await cleaned(lines.join('\n'), { validator });
  expect(again.split('\n')[0]).toBe(text.split('\n')[0]);
  expect(operatorsOf(again).map(([provider]) => provider)).toEqual(operators.map(([provider]) => provider));
  expect(tally.gateways).toEqual({});
});

test('a job that an earlier version began keeps its columns', async () => {
  const { shape, rows } = await read('email,x\njane@gmail.com,y\n');
  const { own } = shape as CsvShape;
  const cells = {
    values: [...own.keys()].map((index) => (index === 15 ? null : index)),
    text: null,
    textAfter: '',
  };
  const written = (columns: number) => {
    const out: string[] = [];
    const earlier = { ...(shape as CsvShape), own: own.slice(0, columns) };
    csvWriter(earlier)(rows[0] as ListRow, { ...cells }, 'jane@gmail.com', out);
    return out.join('');
  };
  const numbers = [...own.keys()].slice(0, 15);
  expect(written(15)).toBe(`jane@gmail.com,y,${numbers}`);
  expect(written(16)).toBe(`jane@gmail.com,y,${numbers},jane@gmail.com`);
  expect(written(17)).toBe(`jane@gmail.com,y,${numbers},jane@gmail.com,16`);
});

test('tallies add up, also those of an earlier version', () => {
  const tally = emptyTally();
  countOperators(tally, { provider: 'google', gateway: null }, 2);
  const { providers: _, gateways: __, ...earlier } = emptyTally();
  addTally(tally, earlier as ListTally);
  const other = emptyTally();
  countOperators(other, { provider: 'google', gateway: 'mimecast' }, 3);
  addTally(tally, other);
  expect([tally.providers, tally.gateways]).toEqual([{ google: 5 }, { mimecast: 3 }]);
  addTally(earlier as ListTally, other);
  expect((earlier as ListTally).providers).toEqual({ google: 3 });
});

test('names that a file makes up are bounded, and those of objects are no names', () => {
  const tally = emptyTally();
  countOperators(tally, { provider: 'constructor', gateway: null }, 1);
  for (let i = 0; i < 2000; i++) countOperators(tally, { provider: `p${i}`, gateway: null }, 1);
  expect(tally.providers['constructor']).toBe(1);
  expect(Object.keys(tally.providers)).toHaveLength(1000);
  countOperators(tally, { provider: 'p1', gateway: null }, 1);
  expect(tally.providers['p1']).toBe(2);
});

test('cells that are no short name, such as an address, are not counted', async () => {
  const { text } = await cleaned(list, { validator });
  const odd = text.replaceAll(',gmail,', ',jane@gmail.com,').replaceAll(',google,', ',Google Inc,');
  expect((await cleaned(odd, { validator })).tally.providers).toEqual({ microsoft365: 1, mimecast: 1 });
});

test('the report shows the ten largest of each, and how many are left', async () => {
  const { tally } = await cleaned(list, { validator });
  const page = listReportPage(summaryOf(tally), 'today');
  expect(page).toContain('<h2>By mailbox provider</h2>');
  expect(page).toContain('<tr><td>google</td><td class="number">2</td><td class="number">33.3%</td></tr>');
  expect(page).toContain(
    '<tr><td>others, or not known</td><td class="number">1</td><td class="number">16.7%</td></tr>',
  );
  expect(page).toContain('<h2>By mail gateway</h2>');
  for (let i = 0; i < 12; i++) countOperators(tally, { provider: `p${i}`, gateway: null }, 1);
  expect(listReportPage(summaryOf(tally), 'today').match(/<td>p\d+<\/td>/g)).toHaveLength(6);

  const none = listReportPage(summaryOf((await cleaned('email\njane@brisk-otter.com\n')).tally), 'today');
  expect(none).not.toMatch(/By mailbox provider|By mail gateway/);
  const all = listReportPage(summaryOf((await cleaned('email\njane@gmail.com\n')).tally), 'today');
  expect(all).not.toContain('others, or not known');
});
