// Lists in the console as HTTP: from a dropped file over its first rows to the file that a person mails.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SliderGoal } from '../../src/console/page-data.ts';
import { consoleAdminKey, consoleClient, fromConsole } from './console-client.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
let cookie: string;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: { ADMIN_KEY: consoleAdminKey, LIMITS: 'key_lookup_ip=2000/3600' },
  });
  cookie = await signIn(consoleAdminKey);
});
afterAll(() => service?.stop());

const { send, get, post, signIn, upload, ended, verified } = consoleClient(() => service);

const list = 'email,name\njane@brisk-otter.com,Jane\njane@no-mail-please.org,Jo\nann@gmial.com,Ann\n';
const textOf = async (path: string): Promise<string> => (await get(path, cookie)).text();
const uploaded = async (content: string, name?: string): Promise<string> =>
  (await upload(cookie, content, name === undefined ? {} : { name })).headers.get('location')!;
const apiOf = (path: string): string => path.replace('/console/lists', '/v1/jobs');
const jobOf = async (path: string) => JSON.parse(await textOf(apiOf(path)));

/** An XLSX file whose package is encrypted: a compound file with the stream EncryptedPackage ([MS-OFFCRYPTO] section 2.3). */
function encryptedWorkbook(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512 * 3);
  const view = new DataView(bytes.buffer);
  bytes.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  view.setUint16(30, 9, true);
  view.setUint32(48, 0, true);
  view.setUint32(76, 1, true);
  const name = 'EncryptedPackage';
  for (const [index, character] of [...name].entries())
    view.setUint16(512 + index * 2, character.charCodeAt(0), true);
  view.setUint16(512 + 64, (name.length + 1) * 2, true);
  view.setUint32(1024, 0xffff_fffe, true);
  return bytes;
}

describe('a file that is not a list', () => {
  const pdf = '%PDF-1.7\n%âãÏÓ\n1 0 obj\n';
  test.each([
    ['a PDF', pdf, 'application/pdf', 'The file is a PDF. Save the list as CSV.'],
    [
      'a picture',
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]),
      'image/png',
      'is a picture',
    ],
    ['an empty file', '', 'text/csv', 'The file is empty. Export the list again.'],
    ['a file without addresses', 'name,city\nJane,Rome\n', 'text/csv', 'Is this the right file?'],
    ['a protected workbook', encryptedWorkbook(), 'application/octet-stream', 'delete the password'],
    ['a web page', '<!doctype html><html><body>x</body></html>', 'text/html', 'a web page, not a table'],
  ])(
    '%s is refused at once, in words without options of the API, and leaves nothing',
    async (_, content, type, why) => {
      const before = (await jobsOfApi()).length;
      const response = await upload(cookie, content, { type });
      expect(response.status).toBe(422);
      const page = await response.text();
      expect(page).toContain(why);
      expect(page).not.toMatch(/email_column|--email-column|text\/csv/);
      expect(page).toContain('Drop a list here');
      expect((await jobsOfApi()).length).toBe(before);
    },
  );

  const jobsOfApi = async () => JSON.parse(await textOf('/v1/jobs?limit=100')).items;

  test('no file is asked for', async () => {
    const response = await send('/console/lists', {
      method: 'POST',
      headers: { cookie, ...fromConsole },
      body: new FormData(),
    });
    expect(await response.text()).toContain('Choose a file first');
  });
});

describe('the first rows', () => {
  test('are shown before anything is verified, with the columns that presend found', async () => {
    const path = await uploaded(
      'id,Source,E-Mail,Last opened\n1,fair,jane@brisk-otter.com,2026-11-01\n2,shop,john@brisk-otter.com,2026-10-01\n',
      'Autumn list.csv',
    );
    const page = await textOf(path);
    expect(page).toContain('<h1>Autumn list</h1>');
    expect(page).toMatch(/<span class="tag address">Address<\/span>E-Mail/);
    expect(page).toMatch(/<span class="tag date">Last sign of life<\/span>Last opened/);
    expect(page).toMatch(/<span class="tag source">Source<\/span>Source/);
    expect(page).toContain('<td class="used">jane@brisk-otter.com</td>');
    expect(await jobOf(path)).toMatchObject({ name: 'Autumn list', state: 'paused', rows: null });
    expect(await textOf('/console/lists')).toContain('Not started yet');
  });

  test.each([
    ['NDJSON', '{"contact":{"email":"jane@brisk-otter.com"},"n":1}\n', 'list.ndjson', 'contact.email'],
    ['text', 'jane@brisk-otter.com\njohn@brisk-otter.com\n', 'list.txt', 'Column 1'],
  ])('of %s are shown, too', async (_, content, name, column) => {
    const page = await textOf(await uploaded(content, name));
    expect(page).toContain(`<span class="tag address">Address</span>${column}`);
    expect(page).toContain('jane@brisk-otter.com');
  });

  test('can be without a date that was found wrongly', async () => {
    const path = await uploaded('email,Last opened\njane@brisk-otter.com,2026-11-01\n');
    expect(await textOf(path)).toContain('<option value="0">no column has it</option>');
    await post(`${path}/columns`, cookie, { options: 'yes', last_verified_column: '0' });
    const page = await textOf(path);
    expect(page).not.toContain('Last sign of life');
    expect(page).toContain('<option value="0" selected>no column has it</option>');
  });

  test('are shown again with other columns, and the verification uses these', async () => {
    const path = await uploaded(
      'email,other,seen,via\na@no-mail-please.org,jane@brisk-otter.com,2026-11-01,fair\n',
    );
    const fields = { options: 'yes', email_column: '2', last_verified_column: '3', source_column: '4' };
    expect((await post(`${path}/columns`, cookie, fields)).headers.get('location')).toBe(path);
    const page = await textOf(path);
    expect(page).toMatch(/tag address">Address<\/span>other/);
    expect(page).toMatch(/tag date">Last sign of life<\/span>seen/);
    expect(page).toMatch(/tag source">Source<\/span>via/);
    await post(`${path}/start`, cookie, fields);
    await ended(cookie, path);
    const job = await jobOf(path);
    expect(job.counts.action).toEqual({ accept: 1 });
    expect(job.forecast.by_source).toEqual([expect.objectContaining({ source: 'fair' })]);
  });

  test('a column whose name is the number of another one can be chosen', async () => {
    const path = await uploaded('2,1\njane@brisk-otter.com,no\njohn@brisk-otter.com,no\n');
    const [, place] = /<option value="([^"]+)">1<\/option>/.exec(await textOf(path))!;
    await post(`${path}/columns`, cookie, { options: 'yes', source_column: place! });
    expect(await textOf(path)).toMatch(/tag source">Source<\/span>1</);
  });

  test('a list whose column presend does not find asks for it, and starts with it only', async () => {
    const rows = Array.from({ length: 8 }, (_, row) => `${row},x${row},y\n`).join('');
    const path = await uploaded(`a,b,c\n${rows}8,jane@brisk-otter.com,y\n`);
    expect(await textOf(path)).toContain('Which column has the addresses?');
    const early = await post(`${path}/start`, cookie, { options: 'yes' });
    expect([early.status, await early.text()]).toEqual([422, expect.stringContaining('Choose the column')]);
    await post(`${path}/start`, cookie, { options: 'yes', email_column: '2' });
    await ended(cookie, path);
    expect((await jobOf(path)).state).toBe('completed');
  });

  test('options that exclude each other are refused in words', async () => {
    const path = await uploaded(list);
    const response = await post(`${path}/start`, cookie, {
      options: 'yes',
      keep: 'true',
      drop_duplicates: 'true',
    });
    expect(await response.text()).toContain('A list that presend checks again keeps all its rows');
    expect((await jobOf(path)).state).toBe('paused');
  });

  test('a name with an address is refused, and a file name with one is not taken', async () => {
    const path = await uploaded(list, 'for jane@brisk-otter.com.csv');
    expect((await jobOf(path)).name).toBe(null);
    const response = await post(`${path}/start`, cookie, {
      options: 'yes',
      name: 'for jane@brisk-otter.com',
    });
    expect([response.status, await response.text()]).toEqual([
      422,
      expect.stringContaining('must not contain @'),
    ]);
  });

  test('a list that has started keeps its options', async () => {
    const path = await verified(cookie, list);
    expect((await post(`${path}/columns`, cookie, { options: 'yes', email_column: '2' })).status).toBe(303);
    expect((await post(`${path}/start`, cookie, { options: 'yes' })).headers.get('location')).toBe(path);
    expect(await textOf(path)).not.toContain('is each column right');
  });
});

describe('a sample', () => {
  test('gives a forecast of the whole list, and leads to its verification', async () => {
    const rows = Array.from({ length: 500 }, (_, row) => `p${row}@brisk-otter.com\n`).join('');
    const path = await uploaded(`email\n${rows}`, 'many.csv');
    const sample = (await post(`${path}/sample`, cookie, { options: 'yes', profile: 'b2b' })).headers.get(
      'location',
    )!;
    expect(sample).not.toBe(path);
    await ended(cookie, sample);
    const page = await textOf(sample);
    expect(page).toContain('<h1>many (sample)</h1>');
    expect(page).toContain('by a sample of 400 of 500 rows');
    expect(page).not.toContain('Download exactly these');
    const [, start] = /<form method="post" action="([^"]+\/start)"><button>Check the whole list/.exec(page)!;
    expect(start).toBe(`${path}/start`);
    // The form has no options: those of the first rows stay.
    await post(start!, cookie);
    await ended(cookie, path);
    expect(await jobOf(path)).toMatchObject({ state: 'completed', rows: 500, sample: null });
    // The sample has its own copy of the file.
    expect((await post(`${path}/delete`, cookie)).status).toBe(303);
    expect((await get(sample, cookie)).status).toBe(200);
  });
});

describe('the report', () => {
  const rowsIn = async (path: string) => (await textOf(path)).trim().split('\n').slice(1);

  test('offers the rows to mail, to fix, to remove and all of them as files', async () => {
    const path = await verified(cookie, list, {}, 'Newsletter.csv');
    const page = await textOf(path);
    const file = (name: string): string =>
      new RegExp(`href="([^"]+)" download aria-label="${name}, CSV"`)
        .exec(page)![1]!
        .replaceAll('&amp;', '&');
    expect(await rowsIn(file('Rows to mail'))).toEqual([expect.stringMatching(/^jane@brisk-otter/)]);
    expect(await rowsIn(file('Rows to fix'))).toEqual([expect.stringMatching(/^ann@gmial/)]);
    expect(await rowsIn(file('Rows to remove'))).toEqual([expect.stringMatching(/^jane@no-mail/)]);
    expect(await rowsIn(file('All rows'))).toHaveLength(3);
    // A file without rows is not offered.
    expect(page).not.toContain('Rows to check again');
    const { headers } = await get(file('Rows to mail'), cookie);
    expect(headers.get('content-disposition')).toBe('attachment; filename="Newsletter-accept.csv"');
  });

  test('shows whom to rescue, and offers their rows', async () => {
    const path = await verified(cookie, list);
    const page = await textOf(path);
    expect(page).toMatch(/<td class="mailbox">ann@gmial\.com<\/td><td class="mailbox">ann@gmail\.com<\/td>/);
    expect(await rowsIn(`${apiOf(path)}/result?format=csv&suggested=true`)).toEqual([
      expect.stringMatching(/^ann@gmial/),
    ]);
  });

  test('each goal of the slider is what its download has', async () => {
    // Addresses of very different age, so that their probabilities differ.
    const rows = Array.from({ length: 60 }, (_, row) => {
      const month = String(1 + (row % 11)).padStart(2, '0');
      return `jane.doe${row}@${row % 3 === 0 ? 'gmail.com' : 'brisk-otter.com'},202${row % 4 === 0 ? 5 : 6}-${month}-0${1 + (row % 9)}\n`;
    });
    const repeated = 'jane.doe1@brisk-otter.com,2026-01-01\nx@no-mail-please.org,2026-01-01\n';
    const path = await verified(cookie, `email,last_opened\n${rows.join('')}${repeated}`);
    const page = await textOf(path);
    const data = /data-goals="([^"]+)"/.exec(page)![1]!.replaceAll('&quot;', '"');
    const goals = JSON.parse(data) as SliderGoal[];
    expect(new Set(goals.map(({ keep }) => keep)).size).toBeGreaterThan(3);
    for (const { below, keep, bounces } of goals) {
      const kept = await rowsIn(`${apiOf(path)}/result?format=csv&goal=${below}`);
      expect([below, kept.filter((row) => row !== '').length]).toEqual([below, keep]);
      const probabilities = kept.map((row) => Number(row.split(',')[7]));
      const sum = probabilities.reduce((total, each) => total + each, 0);
      expect(Math.round(sum)).toBe(bounces);
      if (keep > 0) expect(sum / keep).toBeLessThan(below);
    }
  });

  test.each([
    ['goal=200%25', 'goal'],
    ['goal=2%25&action=reject', 'goal'],
    ['suggested=no', 'suggested'],
  ])('the result refuses %s', async (query, field) => {
    const path = await verified(cookie, list);
    const response = await get(`${apiOf(path)}/result?${query}`, cookie);
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(field)]);
  });

  test('a list that is kept shows when it is checked again, and what changed', async () => {
    const path = await verified(cookie, list, { keep: 'true' });
    const due = new Date((await jobOf(path)).due_at).toISOString().slice(0, 10);
    expect(await textOf(path)).toContain(`is checked again on ${due}`);
  });
});

test('a kept list that is checked again shows what changed, and links to the check before', async () => {
  const path = await verified(cookie, list, { keep: 'true' }, 'kept.csv');
  await service.database.run('UPDATE jobs SET due_at = 1 WHERE id = ?', [path.split('/').at(-1)!]);
  await service.maintain();
  const [latest] = JSON.parse(await textOf('/v1/jobs?limit=1')).items;
  const next = `/console/lists/${latest.id}`;
  expect(next).not.toBe(path);
  await ended(cookie, next);
  const page = await textOf(next);
  expect(page).toMatch(/Checked again on \d{4}-\d\d-\d\d\./);
  expect(page).toContain('Nothing changed.');
  expect(page).toMatch(new RegExp(`<a href="${path}">[\\d-]{10}</a></b>: 3 rows. First check.`));
  const before = await textOf(path);
  expect(before).toContain(`This is an earlier check.`);
  expect(before).toContain(`<a href="${next}">see the latest check</a>`);
  expect(before).not.toContain(`${path}/keep`);
  expect((await post(`${path}/keep`, cookie)).status).toBe(409);
});

test('a verified list can be kept later, and no longer', async () => {
  const path = await verified(cookie, list);
  expect(await textOf(path)).toContain(`action="${path}/keep"`);
  await post(`${path}/keep`, cookie);
  const { kept_until, due_at, created_at } = await jobOf(path);
  expect(Date.parse(kept_until)).toBeGreaterThan(Date.parse(due_at));
  expect(Date.parse(due_at) - Date.parse(created_at)).toBe(90 * 86_400_000);
  expect(await textOf(path)).toContain('is checked again on');
  await post(`${path}/forget`, cookie);
  expect(await jobOf(path)).toMatchObject({ kept_until: null, due_at: null });
});

test('a list without its repeated rows cannot be kept', async () => {
  const path = await verified(cookie, list, { drop_duplicates: 'true' });
  expect(await textOf(path)).not.toContain(`${path}/keep`);
  expect((await post(`${path}/keep`, cookie)).status).toBe(409);
});

test('a list that is paused before a worker has begun it is as before: its columns can be changed', async () => {
  const path = await uploaded(list);
  const id = path.split('/').at(-1)!;
  expect(await textOf(path)).toContain('is each column right');
  await service.database.run('UPDATE jobs SET started_at = 1 WHERE id = ?', [id]);
  // A worker has begun to read the file, so other columns would come too late.
  expect(await textOf(path)).toContain('>Paused</span>');
  await post(`${path}/columns`, cookie, { options: 'yes', email_column: '2' });
  await post(`${path}/resume`, cookie);
  await ended(cookie, path);
  expect((await jobOf(path)).counts.action).toEqual({ accept: 1, confirm: 1, reject: 1 });
});

test('a list that is being verified can be paused, continued and cancelled, and its finished rows downloaded', async () => {
  const slow = Array.from({ length: 12 }, (_, row) => `jane${row}@silent-zone.org\n`).join('');
  const path = await uploaded(`email\n${slow}`);
  await post(`${path}/start`, cookie, { options: 'yes' });
  // The name servers of its domain are silent, so it stays in this state.
  await expect.poll(async () => (await jobOf(path)).state).toBe('verifying');
  expect((await post(`${path}/pause`, cookie)).headers.get('location')).toBe(path);
  const paused = await textOf(path);
  expect(paused).toContain('>Paused</span>');
  expect(paused).toContain('>Continue</button>');
  await post(`${path}/resume`, cookie);
  expect(await textOf(path)).toContain('>Pause</button>');
  await post(`${path}/cancel`, cookie);
  const cancelled = await textOf(path);
  expect(cancelled).toContain('>Cancelled</span>');
  expect(cancelled).not.toContain('data-events');
});

describe('the comparison with bounces', () => {
  const compare = (path: string, bounces: string, fields: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('bounces', new File([bounces], 'bounces.csv', { type: 'text/csv' }));
    return send(`${path}/backtest`, { method: 'POST', headers: { cookie, ...fromConsole }, body: form });
  };

  test('says which bounces presend would have avoided', async () => {
    const path = await verified(cookie, list);
    const response = await compare(path, 'email,status\njane@no-mail-please.org,5.1.10\n');
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain('<h1>1 of 1 bounce could have been avoided</h1>');
    expect(page).toMatch(
      /rows to remove<\/th><td class="number">1<\/td><td class="number">1<\/td><td class="number">0/,
    );
  });

  test.each([
    ['a file that is no table', 'hello', {}, 'The file with the bounces cannot be read'],
    ['no file, when nothing was recorded', '', { campaign: 'spring' }, 'recorded no bounce'],
    ['a day that does not exist', 'email\na@b.example\n', { sent: '2026-02-31' }, 'not a date'],
  ])('%s is answered on the page of the list', async (_, bounces, fields, why) => {
    const path = await verified(cookie, list);
    const response = await compare(path, bounces, fields);
    expect([response.status, await response.text()]).toEqual([409, expect.stringContaining(why)]);
  });
});

test('a verified list can be deleted, and cannot be paused', async () => {
  const path = await verified(cookie, list);
  const paused = await post(`${path}/pause`, cookie);
  expect(paused.status).toBe(409);
  expect(await paused.text()).toContain('it has ended');
  expect((await post(`${path}/delete`, cookie)).headers.get('location')).toBe('/console/lists');
  expect((await get(path, cookie)).status).toBe(404);
  expect((await post(`${path}/delete`, cookie)).status).toBe(404);
});

test.each(['explode', '__proto__', 'constructor', 'toString'])('a step named %s is unknown', async (step) => {
  expect((await post(`/console/lists/job_kC5iGm0Jq8Yw2Zx7Vb3N4A/${step}`, cookie)).status).toBe(404);
});
