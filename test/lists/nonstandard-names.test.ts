// Names with extra dots in lists: accepted, counted once in both spellings, and quoted where mail is sent to them.

import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { cleaned } from './lists.ts';

const rowsOf = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
const accepted = { ps_result: 'risky', ps_reason: 'nonstandard_local_part', ps_action: 'accept' };

test('a CSV row keeps its spelling, and ps_address is the one to send to', async () => {
  const list = 'email,name\nabc..def@docomo.ne.jp,Aki\n.abc@EZWEB.ne.jp,Bo\njane@GMAIL.com,Jane\n';
  for (const repair of [false, true]) {
    const [aki, bo, jane] = rowsOf((await cleaned(list, { repair })).text);
    expect(aki).toMatchObject({
      email: 'abc..def@docomo.ne.jp',
      ps_address: '"abc..def"@docomo.ne.jp',
      ...accepted,
    });
    expect(bo).toMatchObject({ email: '.abc@EZWEB.ne.jp', ps_address: '".abc"@ezweb.ne.jp', ...accepted });
    expect(jane).toMatchObject({ email: 'jane@GMAIL.com', ps_address: 'jane@GMAIL.com' });
  }
});

test('an NDJSON object too', async () => {
  const { text } = await cleaned('{"email":"abc..def@docomo.ne.jp"}\n');
  expect(JSON.parse(text)).toMatchObject({
    email: 'abc..def@docomo.ne.jp',
    ps_address: '"abc..def"@docomo.ne.jp',
    ...accepted,
  });
});

test('ps_address of one run is the list of the next, with the same verdict', async () => {
  const first = rowsOf((await cleaned('email\nabc..def@docomo.ne.jp\n')).text)[0]!;
  const list = Papa.unparse([['email'], [first['ps_address']!], ['abc..def@docomo.ne.jp']]);
  const { text, tally } = await cleaned(list);
  expect(rowsOf(text)).toMatchObject([
    { ps_address: '"abc..def"@docomo.ne.jp', ps_duplicate: 'false', ...accepted },
    { ps_address: '"abc..def"@docomo.ne.jp', ...accepted },
  ]);
  expect(tally.results).toEqual({ risky: 2 });
  const again = await cleaned(text);
  expect(again.text).toBe(text);
});
