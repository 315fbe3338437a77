// What jobs over lists promise by HTTP, on whatever runtime they run.

import Papa from 'papaparse';
import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { JobAnswer, JobListAnswer } from '../../src/http/routes/job-answer.ts';
import { openWorkbook } from '../../src/xlsx/workbook.ts';
import { type WrittenCell, workbookBytes } from '../../src/xlsx/write-workbook.ts';
import type { Send } from './http.ts';

async function* some<Part>(part: Part): AsyncGenerator<Part> {
  yield part;
}

async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes: number[] = [];
  for await (const piece of content) bytes.push(...piece);
  return Uint8Array.from(bytes);
}

const cellsOf = (line: string): readonly string[] => Papa.parse<string[]>(line, { delimiter: ';' }).data[0]!;

/** Registers the battery. `send` reaches a service whose DNS is test/http/zone.ts and that runs its jobs by itself. */
export function jobsContract(send: Send): void {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire says, the assertions say what it should be.
  type Json = any;
  const json = async (response: Promise<Response>): Promise<Json> => (await response).json();
  const get = (path: string) => json(send(path));
  const post = (path: string) => send(path, { method: 'POST' });

  const upload = (
    content: string | Uint8Array<ArrayBuffer>,
    query = '',
    headers: Record<string, string> = {},
  ) =>
    send(`/v1/jobs${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...headers },
      body: content,
    });
  const created = async (
    content: string | Uint8Array<ArrayBuffer>,
    query = '',
    headers: Record<string, string> = {},
  ) => {
    const response = await upload(content, query, headers);
    expect(response.status).toBe(202);
    return (await response.json()) as Json;
  };

  interface Told {
    readonly event: string;
    readonly id: string | undefined;
    readonly data: Json;
  }
  /** Every event up to the end of the stream. */
  const eventsOf = async (id: string, headers: Record<string, string> = {}): Promise<Told[]> => {
    const response = await send(`/v1/jobs/${id}/events`, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    return (await response.text())
      .split('\n\n')
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
      .filter(({ event }) => event !== undefined)
      .map(({ event, id, data }) => ({ event, id, data: JSON.parse(data) }));
  };
  /** The job when it has ended. Watching is how a caller waits. */
  const ended = async (id: string): Promise<Json> => (await eventsOf(id)).at(-1)!.data;
  const finished = async (content: string | Uint8Array<ArrayBuffer>, query = '') =>
    ended((await created(content, query)).id);
  const resultOf = async (id: string, query = '') => (await send(`/v1/jobs/${id}/result${query}`)).text();
  const expectProblem = async (response: Response, status: number, type: string): Promise<Json> => {
    const body = (await response.json()) as Json;
    expect([response.status, body.type]).toEqual([status, `urn:presend:problem:${type}`]);
    return body;
  };

  const list = [
    'id;Kundin;E-Mail',
    '1;"Jane; Doe";jane@brisk-otter.com',
    '2;Bob;bobby@gmial.com',
    '3;;nobody',
    '4;"O""Hara";info@brisk-otter.com',
    '5;Jane again;Jane@brisk-otter.com',
    '6;Eve;eve@no-mail-please.org',
    '7;Mal;mal@web-only.org',
    '8;Zoe;zoey@gmail.com',
    '',
  ].join('\r\n');

  describe('a workbook', () => {
    const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const rows: readonly (readonly WrittenCell[])[] = [
      ['Name', 'E-Mail', 'Since', 'Phone'],
      ['Jane\nDoe', 'jane@brisk-otter.com', { type: 'number', value: '45000', format: 0 }, '0049170'],
      [],
      ['=1+1', 'bobby@gmial.com', { type: 'number', value: '45001', format: 0 }, '170'],
      ['Eve', 'eve@no-mail-please.org', null, null],
    ];
    const workbook = (sheet = 'People') =>
      bytesOf(workbookBytes({ sheet, formats: ['dd/mm/yyyy'], rows: some(rows), header: 0 }));

    /** The cells of the only sheet of a workbook: the kind and the text of each. */
    const sheetOf = async (response: Response) => {
      expect(response.headers.get('content-type')).toBe(xlsx);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const source = {
        size: bytes.length,
        read: (at: number, length: number) => some(bytes.slice(at, at + length)),
      };
      const opened = await openWorkbook(source);
      if (!opened.ok) throw new Error(opened.refusal.message);
      const cells: string[][] = [];
      const [sheet] = opened.workbook.sheets;
      for await (const _ of sheet!.read((number, row) => {
        cells[number - 1] = row.map(({ kind, text }) => `${kind} ${text}`);
      })) {
        // The rows are collected by the callback.
      }
      return { name: sheet!.name, cells };
    };

    test('is read whatever its media type, and its result is a workbook', async () => {
      for (const type of [xlsx, 'text/csv', 'application/vnd.ms-excel', 'application/octet-stream']) {
        const job = await ended((await created(await workbook(), '', { 'content-type': type })).id);
        expect(job).toMatchObject({ state: 'completed', format: 'xlsx', rows: 3, error: null });
        const { name, cells } = await sheetOf(await send(`/v1/jobs/${job.id}/result`));
        expect(name).toBe('People');
        expect(cells.map((row) => row.slice(0, 6))).toEqual([
          ['Name', 'E-Mail', 'Since', 'Phone', 'ps_result', 'ps_reason'].map((text) => `text ${text}`),
          [
            'text Jane\nDoe',
            'text jane@brisk-otter.com',
            'date 2023-03-15',
            'text 0049170',
            'text deliverable',
            'text no_known_obstacle',
          ],
          undefined,
          [
            'text =1+1',
            'text bobby@gmial.com',
            'date 2023-03-16',
            'text 170',
            'text undeliverable',
            'text domain_typo',
          ],
          [
            'text Eve',
            'text eve@no-mail-please.org',
            'text undeliverable',
            'text null_mx',
            'text reject',
            'text 5.1.10',
          ],
        ]);
      }
    });

    test('gives CSV, NDJSON and selected rows as well', async () => {
      const { id } = await ended((await created(await workbook(), '', { 'content-type': xlsx })).id);
      const csv = await send(`/v1/jobs/${id}/result?format=csv`);
      expect([...new Uint8Array(await csv.clone().arrayBuffer())].slice(0, 3)).toEqual([0xef, 0xbb, 0xbf]);
      expect(await csv.text()).toMatch(
        /^Name,E-Mail,Since,Phone,ps_result.*\r\n"Jane\nDoe",jane@brisk-otter\.com,2023-03-15,0049170,deliverable,.*\r\n\r\n'=1\+1,/,
      );
      const objects = (await resultOf(id, '?format=ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(objects.map((object) => [object.Name, object.Since, object.ps_action])).toEqual([
        ['Jane\nDoe', '2023-03-15', 'accept'],
        ['=1+1', '2023-03-16', 'confirm'],
        ['Eve', '', 'reject'],
      ]);
      const { cells } = await sheetOf(await send(`/v1/jobs/${id}/result?action=reject`));
      expect(cells.map((row) => row[0])).toEqual(['text Name', 'text Eve']);
      expect((await send(`/v1/jobs/${id}/result?format=ods`)).status).toBe(422);
    });

    test('is also what other lists can become', async () => {
      const { id } = await finished('id;mail\n007;jane@brisk-otter.com\n');
      const { name, cells } = await sheetOf(await send(`/v1/jobs/${id}/result?format=xlsx`));
      expect([name, cells.map((row) => row.slice(0, 3))]).toEqual([
        'List',
        [
          ['text id', 'text mail', 'text ps_result'],
          ['text 007', 'text jane@brisk-otter.com', 'text deliverable'],
        ],
      ]);
      const json = await created('{"mail":"jane@brisk-otter.com","note":"=1"}\n', '', {
        'content-type': 'application/x-ndjson',
      });
      await ended(json.id);
      const sheet = await sheetOf(await send(`/v1/jobs/${json.id}/result?format=xlsx`));
      expect(sheet.cells.map((row) => row.slice(0, 3))).toEqual([
        ['text mail', 'text note', 'text ps_result'],
        ['text jane@brisk-otter.com', 'text =1', 'text deliverable'],
      ]);
    });

    test('that cannot be read fails with its reason, and a sheet can be named', async () => {
      expect(await finished(await workbook(), '?sheet=people')).toMatchObject({ state: 'completed' });
      expect(await finished(await workbook(), '?sheet=Leads')).toMatchObject({
        state: 'failed',
        error: { code: 'unknown_sheet', message: expect.stringContaining('"People"') },
      });
      expect(await finished((await workbook()).slice(0, 900))).toMatchObject({
        state: 'failed',
        error: { code: 'bad_workbook' },
      });
    });

    test('has its records that cannot be read in /rejects, with the row of the sheet', async () => {
      const more = [...rows, ['Name', 'E-Mail', 'Since', 'Phone']];
      const job = await finished(
        await bytesOf(workbookBytes({ sheet: 'A', formats: [''], rows: some(more), header: 0 })),
      );
      expect(job).toMatchObject({ state: 'completed', set_aside: 1 });
      const rejects = await (await send(`/v1/jobs/${job.id}/rejects`)).text();
      expect(rejects).toMatch(/^row,line,reason,record\n4,6,".*repeats the header/);
    });
  });

  describe('a list', () => {
    test('is returned with every row and column unchanged, followed by the verdicts', async () => {
      const job = await finished(list);
      expect(job).toMatchObject({ state: 'completed', format: 'csv', rows: 8, rows_done: 8, error: null });
      const lines = (await resultOf(job.id)).split('\r\n');
      const before = list.split('\r\n');
      expect(lines.length).toBe(before.length);
      for (const [index, line] of lines.entries()) expect(line.startsWith(before[index]!)).toBe(true);
      expect(lines[0]).toBe(
        'id;Kundin;E-Mail;ps_result;ps_reason;ps_action;ps_did_you_mean;ps_bounce_status;ps_bounce_probability;' +
          'ps_disposable;ps_role;ps_free;ps_provider;ps_suppressed;ps_checked_at;ps_duplicate;ps_message;ps_addresses;ps_address;ps_gateway;ps_engagement;ps_last_active;ps_mailbox',
      );
      const verdicts = lines.slice(1, -1).map((line) => cellsOf(line).slice(-20).slice(0, 3).join(' '));
      expect(verdicts).toEqual([
        'deliverable no_known_obstacle accept',
        'undeliverable domain_typo confirm',
        'undeliverable syntax_error reject',
        'risky role_account accept',
        'deliverable no_known_obstacle accept',
        'undeliverable null_mx reject',
        'risky implicit_mx accept',
        'deliverable no_known_obstacle accept',
      ]);
      expect(lines[2]).toContain(';bobby@gmail.com;');
    });

    test('the job counts by result, reason and action, and has a forecast', async () => {
      const job = await finished(list);
      expect(safeParse(JobAnswer, job).success).toBe(true);
      expect(Object.keys(job)).toEqual(Object.keys(JobAnswer.entries));
      expect(job.counts).toEqual({
        result: { deliverable: 3, undeliverable: 3, risky: 2 },
        reason: {
          no_known_obstacle: 3,
          domain_typo: 1,
          implicit_mx: 1,
          null_mx: 1,
          role_account: 1,
          syntax_error: 1,
        },
        action: { accept: 5, reject: 2, confirm: 1 },
      });
      expect(job.duplicates).toBe(1);
      expect(job.forecast.rows).toBe(7);
      expect(job.forecast.rate).toBeGreaterThan(0.3);
      expect(await get(`/v1/jobs/${job.id}`)).toEqual(job);
    });

    test('repaired, split, without duplicates and in German, with what cannot be read apart', async () => {
      const people = Array.from({ length: 20 }, (_, row) => `A;p${row}@brisk-otter.com\n`).join('');
      const content = `name;email\nJane;"Jane <jane@brisk-otter.com>; jd@brisk-otter.com"\nJane;JANE@brisk-otter.com\nX;a;b;c\nN;\n${people}`;
      const query = '?repair=safe&split=true&drop_duplicates=true&language=de&profile=b2b';
      const job = await finished(content, query);
      expect(job).toMatchObject({ state: 'completed', rows: 24, duplicates: 1, no_address: 1, set_aside: 1 });
      const lines = (await resultOf(job.id)).trimEnd().split('\n');
      expect(lines).toHaveLength(1 + 23);
      expect(lines[1]).toMatch(/^Jane;jane@brisk-otter\.com;deliverable;/);
      expect(lines[2]).toMatch(/^Jane;jd@brisk-otter\.com;deliverable;/);
      expect(lines[3]).toBe(`N;;;no_address${';'.repeat(18)}`);
      expect(lines[1]).not.toContain('No known obstacle');
      const rejects = await send(`/v1/jobs/${job.id}/rejects`);
      expect(rejects.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(await rejects.text()).toMatch(/^row,line,reason,record\n4,4,"Row 4 .*","X;a;b;c"\n$/);
      expect((await send('/v1/jobs/job_AAAAAAAAAAAAAAAAAAAAAA/rejects')).status).toBe(404);
    });

    test('with a goal, or of a sample', async () => {
      const people = Array.from({ length: 20 }, (_, row) => `p${row}@brisk-otter.com\n`).join('');
      const content = `email\n${people}x@no-mail-please.org\n`;
      const goal = await finished(content, '?goal=10%25');
      const lines = (await resultOf(goal.id)).trimEnd().split('\n').slice(1);
      expect(goal.goal).toEqual({
        below: 0.1,
        keep: lines.length,
        remove: 21 - lines.length,
        rate: expect.any(Number),
      });
      expect(lines.join('\n')).not.toContain('no-mail-please');
      expect(goal.sample).toBeNull();
      const sample = await finished(content, '?sample=7');
      expect(sample).toMatchObject({ rows: 7, goal: null, sample: { rows: 7, of: 21 } });
      expect((await resultOf(sample.id)).trimEnd().split('\n')).toHaveLength(8);
      for (const query of ['?goal=5', '?goal=no', '?sample=0', '?sample=10001', '?sample=5&keep=true'])
        await expectProblem(await upload(content, query), 422, 'invalid-request');
    });

    test('a list that is kept keeps its duplicates', async () => {
      const body = await expectProblem(
        await upload(list, '?keep=true&drop_duplicates=true'),
        422,
        'invalid-request',
      );
      expect(body.errors).toEqual([
        { pointer: '/drop_duplicates', detail: 'drop_duplicates cannot be combined with keep' },
      ]);
    });

    test.each([
      ['repair', 'all', 'repair must be safe'],
      ['goal', 'no', 'goal must be a rate above 0 and below 100%, such as 2% or 0.02'],
      ['purpose', 'fun', 'purpose must be one of "marketing", "transactional", "signup"'],
      ['callback_url', 'nowhere', 'callback_url must be a valid URL'],
    ])('an error names the field %s and the requirement', async (field, value, detail) => {
      const body = await expectProblem(await upload(list, `?${field}=${value}`), 422, 'invalid-request');
      expect(body.errors).toEqual([{ pointer: `/${field}`, detail }]);
    });

    test('the report is a page that exists only after the job ends', async () => {
      const { id } = await finished(list);
      const response = await send(`/v1/jobs/${id}/report`);
      expect(response.headers.get('content-type')).toContain('text/html');
      const page = await response.text();
      expect(page).toContain('8 rows');
      expect(page).not.toMatch(/\w@\w|<script|src=|href=/);
      const failed = await finished('email\n');
      await expectProblem(await send(`/v1/jobs/${failed.id}/report`), 409, 'no-report');
    });

    test('a duplicate is marked across slices, whatever its letter case', async () => {
      const job = await finished(list);
      const marks = (await resultOf(job.id))
        .split('\r\n')
        .slice(1, -1)
        .map((line) => cellsOf(line).at(-8));
      expect(marks).toEqual(['false', 'false', 'false', 'false', 'true', 'false', 'false', 'false']);
    });

    test.each([
      ['UTF-8 with a mark', (text: string) => new TextEncoder().encode(`\ufeff${text}`), '\ufeff'],
      ['UTF-16 with a mark', (text: string) => utf16(`\ufeff${text}`), '\ufeff'],
      ['UTF-8 without', (text: string) => new TextEncoder().encode(text), ''],
      ['UTF-16 without', (text: string) => utf16(text), '\ufeff'],
      ['windows-1252', (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0)), '\ufeff'],
    ])('in %s it is read in every slice', async (_, encode, mark) => {
      const rows = Array.from({ length: 20 }, (_, row) => `Zoë ${row},jane${row}@brisk-otter.com\n`);
      const job = await finished(encode(`Naïve,email\n${rows.join('')}`));
      expect(job).toMatchObject({ state: 'completed', rows: 20, counts: { result: { deliverable: 20 } } });
      const bytes = new Uint8Array(await (await send(`/v1/jobs/${job.id}/result`)).arrayBuffer());
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      expect(text.startsWith(`${mark}Naïve,email,ps_result`)).toBe(true);
      expect(
        text
          .split('\n')
          .slice(1, -1)
          .map((line) => line.split(',')[0]),
      ).toEqual(rows.map((row) => row.split(',')[0]));
    });

    test('only rows of one action, and the other format', async () => {
      const { id } = await finished(list);
      expect((await resultOf(id, '?action=reject')).split('\r\n').map((line) => line.split(';')[0])).toEqual([
        'id',
        '3',
        '6',
        '',
      ]);
      const response = await send(`/v1/jobs/${id}/result?format=ndjson&action=confirm`);
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${id}.ndjson"`);
      const text = await response.text();
      expect(text.endsWith('}\n')).toBe(true);
      expect(JSON.parse(text)).toMatchObject({
        id: '2',
        Kundin: 'Bob',
        'E-Mail': 'bobby@gmial.com',
        ps_result: 'undeliverable',
        ps_did_you_mean: 'bobby@gmail.com',
        ps_bounce_probability: expect.any(Number),
        ps_role: false,
        ps_provider: null,
      });
    });

    test('as CSV with the same name twice, without one and with numbers for names, and fetched as NDJSON', async () => {
      const { id } = await finished('email,tag,tag,,7,tag_2\njane@gmail.com,a,b,c,d,e\n');
      expect(await resultOf(id, '?format=ndjson')).toMatch(
        /^\{"email":"jane@gmail\.com","tag":"a","tag_3":"b","column_4":"c","7":"d","tag_2":"e","ps_result":"deliverable"/,
      );
    });

    test('as NDJSON, and fetched as CSV', async () => {
      const content =
        '{"name":"=1+1","mail":{"address":"jane@brisk-otter.com"}}\n{"mail":{"address":"x@no-mail-please.org"},"n":1}\n';
      const job = await ended(
        (await json(upload(content, '', { 'content-type': 'application/x-ndjson' }))).id,
      );
      expect(job).toMatchObject({ state: 'completed', format: 'ndjson', rows: 2 });
      const lines = (await resultOf(job.id)).trimEnd().split('\n');
      expect(lines[0]).toMatch(
        /^\{"name":"=1\+1","mail":\{"address":"jane@brisk-otter\.com"\},"ps_result":"deliverable"/,
      );
      const csv = (await resultOf(job.id, '?format=csv')).split('\r\n');
      expect(csv[0]).toMatch(/^name,mail,n,ps_result,/);
      expect(csv[1]).toMatch(/^"'=1\+1","\{""address"":""jane@brisk-otter\.com""\}",,deliverable,/);
      expect(csv[2]).toMatch(/^,.*,1,undeliverable,null_mx,/);
    });

    test('rows verified within max_age_days keep the verdict that they carry', async () => {
      const recent = new Date(Date.now() - 10 * 86_400_000).toISOString();
      const content =
        'email,ps_result,ps_reason,ps_action,ps_checked_at\n' +
        `jane@no-mail-please.org,deliverable,no_known_obstacle,accept,${recent}\n` +
        'eve@no-mail-please.org,deliverable,no_known_obstacle,accept,2020-01-01\n';
      expect(await finished(content)).toMatchObject({
        rows_kept: 1,
        counts: { reason: { no_known_obstacle: 1, null_mx: 1 } },
      });
      expect(await finished(content, '?max_age_days=5')).toMatchObject({
        rows_kept: 0,
        counts: { reason: { null_mx: 2 } },
      });
    });
  });

  describe('an upload', () => {
    test('as a form, its fields before or after the file', async () => {
      for (const order of ['before', 'after']) {
        const form = new FormData();
        form.set('a field that nobody filled', new File([], ''));
        if (order === 'before') form.set('email_column', 'second');
        form.set(
          'file',
          new File(['first,second\na@gmail.com,b@no-mail-please.org\n'], 'l.csv', { type: 'text/csv' }),
        );
        if (order === 'after') form.set('email_column', 'second');
        form.set('name', 'Spring');
        const { id, name } = await json(send('/v1/jobs', { method: 'POST', body: form }));
        expect(name).toBe('Spring');
        expect((await ended(id)).counts.reason).toEqual({ null_mx: 1 });
      }
    });

    test('the same key and request give the same job; with another request the key is refused', async () => {
      const key = { 'idempotency-key': crypto.randomUUID() };
      const first = await created(list, '?name=a', key);
      const again = await upload(list, '?name=a', key);
      expect([again.status, ((await again.json()) as Json).id]).toEqual([200, first.id]);
      await expectProblem(await upload(`${list}9;;x\r\n`, '?name=a', key), 422, 'idempotency-key-reused');
      await expectProblem(await upload(list, '?name=b', key), 422, 'idempotency-key-reused');
      const other = await created(list, '?name=a', { 'idempotency-key': crypto.randomUUID() });
      expect(other.id).not.toBe(first.id);
      await ended(first.id);
      await ended(other.id);
    });

    test('sent twice at once creates one job', async () => {
      const key = { 'idempotency-key': crypto.randomUUID() };
      const both = await Promise.all([upload(list, '', key), upload(list, '', key)]);
      const [one, two] = (await Promise.all(both.map((response) => response.json()))) as [Json, Json];
      expect(one.id).toBe(two.id);
      await ended(one.id);
    });

    test.each([
      ['?max_age_days=soon', 'max_age_days'],
      ['?max_age_days=9999', 'max_age_days'],
      ['?keep=yes', 'keep'],
      ['?name=jane@example.com', 'name'],
      [`?name=${'n'.repeat(101)}`, 'name'],
      ['?callback_url=hello', 'callback_url'],
      ['?callback_url=http://example.com/', 'callback_url'],
      ['?callback_url=https://10.0.0.1/', 'callback_url'],
      ['?callback_url=https://user:pass@example.com/', 'callback_url'],
      ['?callback_url=https://intranet/', 'callback_url'],
      ['?callback_url=https://printer.local/', 'callback_url'],
      ['?callback_url=https://example.com:25/', 'callback_url'],
    ])('with the field %s is refused', async (query, field) => {
      const { errors } = await expectProblem(await upload(list, query), 422, 'invalid-request');
      expect(errors).toMatchObject([{ pointer: `/${field}` }]);
      expect(JSON.stringify(errors)).not.toContain('jane');
    });

    test('of another media type, without a file, or as an invalid form is refused', async () => {
      await expectProblem(
        await upload('{}', '', { 'content-type': 'application/json' }),
        415,
        'unsupported-media-type',
      );
      const form = new FormData();
      form.set('file', 'not a file');
      await expectProblem(await send('/v1/jobs', { method: 'POST', body: form }), 422, 'no-file');
      form.set('file', new File([], 'list.csv', { type: 'text/csv' }));
      await expectProblem(await send('/v1/jobs', { method: 'POST', body: form }), 422, 'empty-list');
      await expectProblem(await upload(''), 422, 'empty-list');
      const broken = { 'content-type': 'multipart/form-data; boundary=b' };
      await expectProblem(await upload('--c\r\n', '', broken), 400, 'malformed-form');
      await expectProblem(
        await upload(list, '', { 'idempotency-key': 'k'.repeat(256) }),
        422,
        'invalid-request',
      );
    });

    test('that is too large is refused', async () => {
      await expectProblem(await upload('x'.repeat(1024 * 1024 + 1)), 413, 'too-large');
    });
  });

  describe('a file that is not a list fails with the reason and the row, and without results', () => {
    test.each([
      ['blank lines', '\n\n', 'no_rows', null],
      ['a header alone', 'email\n', 'no_rows', null],
      ['no addresses', 'name,city\nJane,Rome\n', 'no_address_column', null],
      ['a binary', `%PDF${'x'.repeat(600)}`, 'binary', null],
      ['a damaged archive', `PK\u0003\u0004${'x'.repeat(600)}`, 'bad_workbook', null],
      ['no row that can be read', 'email,note\nb@gmail.com,"y\n', 'broken_quote', 1],
    ])('%s', async (_, content, code, row) => {
      const job = await finished(content);
      expect(job).toMatchObject({ state: 'failed', rows_done: 0, error: { code }, forecast: null });
      if (row === null || typeof row === 'number') expect(job.error.row).toBe(row);
      expect(job.error.message).toMatch(/^[A-Z].*\.$/);
      await expectProblem(await send(`/v1/jobs/${job.id}/result`), 409, 'no-result');
      await expectProblem(await post(`/v1/jobs/${job.id}/cancel`), 409, 'job-state');
    });

    test('a missing column', async () => {
      expect(await finished(list, '?email_column=Adresse')).toMatchObject({
        state: 'failed',
        error: { code: 'unknown_column' },
      });
    });
  });

  describe('events', () => {
    test('report the progress in order and end with the state', async () => {
      const { id } = await created(list);
      const events = await eventsOf(id);
      const versions = events.map((event) => Number(event.id));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(events.map(({ event }) => event).slice(0, -1)).toEqual(events.slice(1).map(() => 'progress'));
      expect(events.at(-1)).toMatchObject({ event: 'completed', data: { id, rows_done: 8 } });
    });

    test('a reconnecting client gets no event twice, and 204 after the last one', async () => {
      const { id } = await created(list);
      const last = (await eventsOf(id)).at(-1)!;
      const missed = await eventsOf(id, { 'last-event-id': String(Number(last.id) - 1) });
      expect(missed).toEqual([last]);
      const response = await send(`/v1/jobs/${id}/events`, { headers: { 'last-event-id': last.id! } });
      expect(response.status).toBe(204);
    });
  });

  describe('control', () => {
    test('an ended job can neither be paused nor cancelled, only deleted', async () => {
      const { id } = await finished(list);
      for (const action of ['pause', 'resume', 'cancel'])
        await expectProblem(await post(`/v1/jobs/${id}/${action}`), 409, 'job-state');
      const response = await send(`/v1/jobs/${id}`, { method: 'DELETE' });
      expect(await response.json()).toEqual({ id, deleted: true });
      for (const path of ['', '/result', '/events'])
        await expectProblem(await send(`/v1/jobs/${id}${path}`), 404, 'no-such-job');
      await expectProblem(await send(`/v1/jobs/${id}`, { method: 'DELETE' }), 404, 'no-such-job');
    });

    test('no job has an id that could be guessed', async () => {
      const first = await created(list);
      expect(first.id).toMatch(/^job_[\w-]{22}$/);
      await expectProblem(await send('/v1/jobs/1'), 404, 'no-such-job');
      await expectProblem(await post('/v1/jobs/1/pause'), 404, 'no-such-job');
      await ended(first.id);
    });

    test('the list of jobs pages through all of them, the latest first', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) ids.unshift((await finished(list, `?name=page-${n}`)).id);
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await get(`/v1/jobs?limit=2${cursor && `&cursor=${cursor}`}`);
        expect(safeParse(JobListAnswer, page).success).toBe(true);
        seen.push(...page.items.map(({ id }: { id: string }) => id));
        cursor = page.next_cursor ?? '';
      } while (cursor !== '');
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => ids.includes(id))).toEqual(ids);
      for (const query of ['?limit=0', '?limit=101', '?cursor=x'])
        await expectProblem(await send(`/v1/jobs${query}`), 422, 'invalid-request');
    });
  });
}

/** Little-endian, as Windows writes it. */
const utf16 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 2 * text.length }, (_, at) => text.charCodeAt(at >> 1) >> (8 * (at & 1)));
