// The suppressions in the console, as HTTP: what a person sees of an address, and what they can change.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inlineRows, workbookOf } from '../xlsx/workbooks.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { consoleAdminKey, hostileNames, isHarmless, type SignedInPerson, signedIn } from './signed-in.ts';
import { zone } from './zone.ts';

let service: NodeService;
let admin: SignedInPerson;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ADMIN_KEY: consoleAdminKey } });
  admin = await signedIn(service);
});
afterAll(() => service?.stop());

const area = '/console/suppressions';
const add = (fields: Record<string, string>) => admin.post(`${area}/add`, { reason: 'manual', ...fields });
const find = async (email: string) => (await admin.post(`${area}/find`, { email })).text();
const consent = (email: string, at: string, more: Record<string, string> = {}) => ({
  ...{ email, at, kind: 'double_opt_in', evidence: 'confirmation 4711' },
  ...more,
});
/** A text of an input for a date and a time, some days from now. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);

describe('an address', () => {
  test('that is not suppressed can be added on the same page', async () => {
    const page = await find('nobody@brisk-otter.com');
    expect(page).toContain('Not suppressed');
    expect(page).toMatch(/name="email"[^>]*value="nobody@brisk-otter.com"/);
  });

  test('shows why, since when, for what mail and from whom', async () => {
    await add({ email: 'jane@brisk-otter.com', reason: 'bounce', source: 'postmark' });
    const page = await find(' Jane <JANE@Brisk-Otter.com> ');
    for (const text of ['Gets no mail', 'Mail to it bounced', 'All mail', 'postmark'])
      expect(page).toContain(text);
    expect(page).toContain(new Date().toISOString().slice(0, 10));
  });

  test.each([
    [
      'unsubscribe',
      '',
      'Gets no newsletters and offers',
      ['Stopped', 'Goes out', 'Only after a confirmation'],
    ],
    ['unsubscribe', 'list', 'Left some lists', ['Goes out', 'Goes out', 'Goes out', 'Stopped']],
    ['bounce', '', 'Gets no mail', ['Stopped', 'Stopped', 'Stopped']],
  ])('with the reason %s and the scope "%s": %s', async (reason, scope, headline, effects) => {
    const email = `${reason}${scope}@brisk-otter.com`;
    await add({ email, reason, scope, list: 'news' });
    const page = await find(email);
    expect(page).toContain(`<p class="big">${headline}</p>`);
    expect([...page.matchAll(/<dd><span class="state \w+">([^<]+)/g)].map(([, text]) => text)).toEqual(
      effects,
    );
  });

  test.each(['', 'nobody', 'a@x.com b@x.com'])('must be one address, not %j', async (email) => {
    for (const path of ['find', 'add']) {
      const response = await admin.post(`${area}/${path}`, { email, reason: 'manual' });
      expect(response.status).toBe(422);
      expect(await response.text()).toMatch(/role="alert">[A-Z]/);
    }
  });

  test('is lifted after new consent, with a record', async () => {
    const email = 'lift@brisk-otter.com';
    await add({ email, reason: 'unsubscribe' });
    const page = await (await admin.post(`${area}/remove`, consent(email, inDays(0.002)))).text();
    expect(page).toContain('Lifted.');
    expect(page).toContain('Not suppressed');
    const [lift] = await service.database.all<{ evidence: string }>(
      'SELECT evidence FROM suppression_removals WHERE evidence = ?',
      ['confirmation 4711'],
    );
    expect(lift).toBeDefined();
  });

  test.each([
    ['an old consent', { at: '2020-01-01T00:00' }, 'older than the suppression'],
    ['a consent in the future', { at: '2099-01-01T00:00' }, 'in the future'],
    ['no date', { at: '' }, 'must be a date'],
    ['no evidence', { evidence: ' ' }, 'The record of the consent is required'],
    ['no click in a message', { kind: '' }, 'The confirmation of the double opt-in is required'],
    ['another scope', { scope: 'everything' }, 'What it stops must be'],
  ])('is not lifted with %s', async (_, fields, why) => {
    const email = 'kept@brisk-otter.com';
    await add({ email, reason: 'unsubscribe' });
    const response = await admin.post(`${area}/remove`, { ...consent(email, inDays(0.002)), ...fields });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(why);
    expect(await find(email)).toContain('Gets no newsletters');
  });

  test('whose owner reported spam cannot be lifted, and the page offers no form for it', async () => {
    const email = 'spam@brisk-otter.com';
    await add({ email, reason: 'complaint' });
    expect(await find(email)).not.toContain(`${area}/remove`);
    const response = await admin.post(`${area}/remove`, consent(email, inDays(0.002)));
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining('never lifted')]);
  });

  test('is in no URL of the pages and in no line of the log', async () => {
    const page = await find('jane@brisk-otter.com');
    for (const [, url] of page.matchAll(/(?:href|action|src)="([^"]*)"/g)) expect(url).not.toMatch(/@|%40/);
    expect(service.log.join('\n')).not.toMatch(/jane|brisk-otter/);
  });
});

describe('a file', () => {
  const file = 'address,code,error,created_at\nin@brisk-otter.com,550,No such user,2026-08-01T12:00:00Z\n';

  test('is imported, and each rejected row is named', async () => {
    const rows = `${file}no address,550,x,2026-08-01T12:00:00Z\nfuture@x.com,550,x,2099-08-01T12:00:00Z\n`;
    const page = await (await admin.upload(`${area}/import`, rows, { source: 'mailgun' })).text();
    expect(page).toContain('<b>1</b> added');
    expect(page).toContain('<b>2</b> rejected');
    expect(page).toMatch(/>3<\/th><td>address/);
    expect(page).toMatch(/>4<\/th><td>date/);
    expect(await find('in@brisk-otter.com')).toContain('mailgun');
  });

  test('can be imported again', async () => {
    const page = await (await admin.upload(`${area}/import`, file)).text();
    expect(page).toMatch(/<b>1<\/b> were on the list already/);
  });

  test('may be NDJSON, whatever the browser calls it', async () => {
    const page = await admin.upload(
      `${area}/import`,
      '\ufeff{"email":"nd@brisk-otter.com","reason":"bounce"}\n',
    );
    expect(await page.text()).toContain('<b>1</b> added');
  });

  test('without reasons gets the reason of the form', async () => {
    const bare = 'email\nbare@brisk-otter.com\n';
    expect(await (await admin.upload(`${area}/import`, bare)).text()).toContain('Nothing was imported');
    const page = await admin.upload(`${area}/import`, bare, { reason: 'unsubscribe' });
    expect(await page.text()).toContain('<b>1</b> added');
    expect(await find('bare@brisk-otter.com')).toContain('The person unsubscribed');
  });

  test('that breaks off has an entry in the audit, because a part of it is on the list', async () => {
    const rows = Array.from({ length: 6_000 }, (_, index) => `broken${index}@brisk-otter.com\n`).join('');
    // The last boundary is missing.
    const body = [
      ...['--b', 'content-disposition: form-data; name="reason"', '', 'manual'],
      ...['--b', 'content-disposition: form-data; name="file"; filename="a.csv"', '', `email\n${rows}`],
    ].join('\r\n');
    const imports = async () => {
      const found = await (await admin.get('/v1/audit')).json();
      return (found as { items: { action: string; amount: number | null }[] }).items
        .filter(({ action }) => action === 'suppressions_imported')
        .map(({ amount }) => amount);
    };
    const before = await imports();
    const response = await service.handle(
      new Request(`http://127.0.0.1${area}/import`, {
        method: 'POST',
        headers: {
          ...{ cookie: admin.cookie, 'sec-fetch-site': 'same-origin' },
          'content-type': 'multipart/form-data; boundary=b',
        },
        body,
      }),
    );
    expect(response.status).toBe(400);
    expect(await find('broken0@brisk-otter.com')).not.toContain('Not suppressed');
    expect(await imports()).toEqual([null, ...before]);
  });

  test('that is a workbook is imported like its text', async () => {
    const rows = inlineRows([
      ['address', 'code', 'error', 'created_at'],
      ['xlsx@brisk-otter.com', '550', 'No such user', '2026-08-01T12:00:00Z'],
      ['nobody', '550', 'No such user', ''],
    ]);
    const sheets = [
      { name: 'About', rows: inlineRows([['Bounces of August.']]) },
      { name: 'Bounces', rows },
    ];
    const page = await (
      await admin.upload(`${area}/import`, new Uint8Array(workbookOf({ sheets })), { source: 'mailgun' })
    ).text();
    expect(page).toContain('<b>1</b> added');
    expect(page).toMatch(/3\s*<\/th>|>3</);
    expect(page).toContain('Sheets that were not imported: About');
    expect(await find('xlsx@brisk-otter.com')).not.toContain('Not suppressed');
  });

  test('that is UTF-16 or a JSON array is imported', async () => {
    const unicode = Buffer.from('\ufeffE-Mail\tGrund\r\nutf16@brisk-otter.com\tHard bounce\r\n', 'utf16le');
    const array = JSON.stringify([{ email: 'array@brisk-otter.com', reason: 'bounce' }], null, 2);
    for (const content of [new Uint8Array(unicode), array])
      expect(await (await admin.upload(`${area}/import`, content)).text()).toContain('<b>1</b> added');
    expect(await find('array@brisk-otter.com')).not.toContain('Not suppressed');
  });

  test.each([
    ['a damaged workbook', 'PK\u0003\u0004', {}, 'damaged'],
    ['a picture', '\u0089PNG\u0000', {}, 'not a text'],
    ['nothing', '', {}, 'empty'],
    ['an unknown reason', file, { reason: 'because' }, 'must be bounce'],
    ['a long source', file, { source: 'x'.repeat(101) }, 'at most 100'],
  ])('that is %s is refused on the same page', async (_, content, fields, why) => {
    const response = await admin.upload(`${area}/import`, content, fields);
    expect(response.status).toBe(422);
    const page = await response.text();
    expect(page).toContain(why);
    expect(page).toContain('>Import</button>');
  });

  test('with all entries can be exported', async () => {
    const page = await (await admin.get(`${area}/files`)).text();
    const link = /href="(\/v1\/suppressions\/export\?format=csv)" download/.exec(page)![1]!;
    expect(await (await admin.get(link)).text()).toMatch(/^address_hash,key_id,/);
  });
});

describe('all entries', () => {
  test('come page by page, each once', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => `many${index}@brisk-otter.com\n`).join('');
    await admin.upload(`${area}/import`, `email\n${rows}`, { reason: 'manual' });
    const hashes: string[] = [];
    for (let path: string | null = `${area}/entries`; path !== null; ) {
      const page = await (await admin.get(path)).text();
      // An address has one entry for each scope, so only the hash is not enough.
      hashes.push(...[...page.matchAll(/<code title="(\w{64})">.*?<\/td>/g)].map(([row]) => row));
      path = /href="([^"]+)">Next page/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? null;
    }
    expect(new Set(hashes).size).toBe(hashes.length);
    const [{ count } = { count: 0 }] = await service.database.all<{ count: number }>(
      'SELECT count(*) AS count FROM suppressions',
    );
    expect(hashes.length).toBe(count);
  });

  test('with a broken link say so', async () => {
    expect((await admin.get(`${area}/entries?cursor=nothing`)).status).toBe(422);
  });
});

describe('an incident', () => {
  test('is counted first, and lifted only then', async () => {
    await add({ email: 'incident@brisk-otter.com', reason: 'bounce' });
    const period = { from: inDays(-1), to: inDays(1) };
    const counted = await (await admin.post(`${area}/incident`, { ...period, step: 'count' })).text();
    const amount = Number(/>(\d+) entr(?:y|ies) match/.exec(counted)![1]);
    expect(amount).toBeGreaterThan(0);
    expect(await find('incident@brisk-otter.com')).toContain('Gets no mail');
    const fields = Object.fromEntries(
      [...counted.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
    const lifted = await (await admin.post(`${area}/incident`, { ...fields, step: 'lift' })).text();
    expect(lifted).toMatch(amount === 1 ? /Lifted 1 entry\./ : new RegExp(`Lifted ${amount} entries\\.`));
    expect(await find('incident@brisk-otter.com')).toContain('Not suppressed');
    const again = await (await admin.post(`${area}/incident`, { ...period, step: 'count' })).text();
    expect(again).toContain('No entry matches.');
    expect(again).not.toContain('value="lift"');
  });

  test.each([
    ['no times', {}, 'From must be a date'],
    ['an end before its beginning', { from: inDays(1), to: inDays(0) }, 'later than From'],
    ['a status that is none', { from: inDays(0), to: inDays(1), status: '5' }, 'enhanced status'],
  ])('with %s is refused', async (_, fields, why) => {
    const response = await admin.post(`${area}/incident`, { ...fields, step: 'lift' });
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(why)]);
  });
});

test('names are text, whatever they contain', async () => {
  for (const [index, name] of hostileNames.entries()) {
    const email = `hostile${index}@brisk-otter.com`;
    await add({ email, reason: 'unsubscribe', scope: 'list', list: name, source: name });
    expect(isHarmless(await find(email))).toBe(true);
    const refused = await admin.post(`${area}/add`, { email: name, reason: name, source: name, list: name });
    expect(isHarmless(await refused.text())).toBe(true);
    const form = await admin.post(`${area}/incident`, { campaign: name, provider: name, from: name });
    expect(isHarmless(await form.text())).toBe(true);
  }
  expect(isHarmless(await (await admin.get(`${area}/entries`)).text())).toBe(true);
});

describe('a key', () => {
  const pages = ['find', 'add', 'files', 'entries', 'incident'].map((name) => `${area}/${name}`);
  test.each([
    ['suppressions:read', [200, 403, 200, 200, 403], `${area}/find`],
    ['suppressions:write', [403, 200, 200, 403, 200], `${area}/add`],
    ['jobs', [403, 403, 303, 403, 403], '/console'],
  ])('with %s opens only what it may', async (scope, statuses, first) => {
    const person = await signedIn(service, [scope]);
    const opened = await Promise.all(pages.map((path) => person.get(path)));
    expect(opened.map(({ status }) => status)).toEqual(statuses);
    expect((await person.get(area)).headers.get('location')).toBe(first);
    const mayWrite = scope === 'suppressions:write';
    const acts = [
      person.post(`${area}/add`, { email: 'x@brisk-otter.com', reason: 'manual' }),
      person.post(`${area}/remove`, consent('unknown@brisk-otter.com', inDays(0))),
      person.post(`${area}/incident`, { from: inDays(-1), to: inDays(1), step: 'count' }),
      person.upload(`${area}/import`, 'email\n'),
    ];
    for (const response of await Promise.all(acts)) expect(response.status).toBe(mayWrite ? 200 : 403);
    for (const response of opened)
      if (response.status === 200 && !mayWrite)
        expect(await response.text()).not.toMatch(/>(Import|Suppress|Lift)</);
  });

  test('that may not read events sees none of an address', async () => {
    const person = await signedIn(service, ['suppressions:read']);
    const page = await (await person.post(`${area}/find`, { email: 'jane@brisk-otter.com' })).text();
    expect(page).not.toContain('What came back');
  });

  test('without the scope gets a page that says so', async () => {
    const person = await signedIn(service, ['jobs']);
    const page = await (await person.get(`${area}/find`)).text();
    expect(page).toMatch(/<h1>Insufficient scope<\/h1>/);
    expect(page).toContain('href="/console"');
  });
});
