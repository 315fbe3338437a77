// What the HTTP API promises of reports and of the suppression list's files, on whatever runtime it runs.

import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { CalibrationAnswer } from '../../src/http/routes/calibration.ts';
import { BounceReportAnswer } from '../../src/http/routes/reports.ts';
import { SuppressionImportAnswer } from '../../src/http/routes/suppressions.ts';
import { dimensions } from '../../src/reports/report.ts';
import type { Send } from './http.ts';

/** Registers the battery. `send` reaches a service that needs no key. */
export function httpReportsContract(send: Send): void {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire says, the assertions say what it should be.
  const json = async (response: Promise<Response>): Promise<any> => (await response).json();

  let files = 0;
  const utf16 = (text: string, isLittleEndian: boolean) => {
    const bytes = new DataView(new ArrayBuffer(text.length * 2));
    for (let at = 0; at < text.length; at++) bytes.setUint16(at * 2, text.charCodeAt(at), isLittleEndian);
    return new Uint8Array(bytes.buffer);
  };

  const postJson = (path: string, body: unknown) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const importText = (type: string, body: string | Uint8Array<ArrayBuffer>, query = '') =>
    send(`/v1/suppressions/import${query}`, { method: 'POST', headers: { 'content-type': type }, body });
  const importCsv = (body: string, query = '') => json(importText('text/csv', body, query));

  const check = async (...emails: string[]) =>
    (await json(postJson('/v1/suppressions/check', { emails }))).results;

  const exported = async (format: string): Promise<string> =>
    (await send(`/v1/suppressions/export?format=${format}`)).text();

  describe('POST /v1/suppressions/import', () => {
    test('the list of Amazon SES', async () => {
      const answer = await importCsv('ses1@example.com,BOUNCE\r\nses2@example.com,COMPLAINT\r\n');
      expect(answer).toEqual({ added: 2, updated: 0, unchanged: 0, rejected: 0, errors: [] });
      expect(safeParse(SuppressionImportAnswer, answer).success).toBe(true);
      expect(await check('SES1@example.com', 'ses2@example.com')).toMatchObject([
        { suppressed: true, reason: 'bounce' },
        { suppressed: true, reason: 'complaint' },
      ]);
    });

    test('the list of Mailgun, with the status from the error text and the date of the row', async () => {
      const answer = await importCsv(
        'address,code,error,created_at\n' +
          'mg1@example.com,550,"550 5.1.1 No such user, sorry","Tue, 03 Nov 2026 10:00:00 UTC"\n',
      );
      expect(answer.added).toBe(1);
      expect(await check('mg1@example.com')).toMatchObject([
        { reason: 'bounce', status: '5.1.1', since: '2026-11-03T10:00:00.000Z' },
      ]);
    });

    test('a list without reasons takes the reason of the request', async () => {
      const list = 'address,created_at\nun1@example.com,2026-11-03T10:00:00Z\n';
      expect((await importCsv(list)).rejected).toBe(1);
      expect((await importCsv(list, '?reason=unsubscribe&source=mailgun')).added).toBe(1);
      expect(await check('un1@example.com')).toMatchObject([{ reason: 'unsubscribe' }]);
    });

    test('NDJSON with one entry per line', async () => {
      const body =
        '{"emailAddress":"nd1@example.com","reason":"BOUNCE"}\n\n{"email":"nd2@example.com","reason":"manual"}';
      for (const type of ['application/x-ndjson', 'application/jsonl']) {
        const { added, unchanged } = await json(importText(type, body));
        expect(added + unchanged).toBe(2);
      }
      expect(await check('nd1@example.com', 'nd2@example.com')).toMatchObject([
        { reason: 'bounce' },
        { reason: 'manual' },
      ]);
    });

    test('a JSON array', async () => {
      const body = JSON.stringify([{ email: 'array1@example.com', reason: 'bounce' }], null, 2);
      expect(await json(importText('application/json', body))).toMatchObject({ added: 1, rejected: 0 });
      expect(await check('array1@example.com')).toMatchObject([{ reason: 'bounce' }]);
    });

    test.each([
      ['windows-1252', (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))],
      ['UTF-16 without a mark', (text: string) => utf16(text, true)],
      ['UTF-16BE', (text: string) => utf16(`\ufeff${text}`, false)],
    ])('a file in %s', async (_, encode) => {
      const address = `jörg@${++files}.example.com`;
      const answer = await json(
        importText('text/csv', encode(`E-Mail;Grund;Name\r\n${address};Hard bounce;Müller\r\n`)),
      );
      expect(answer).toMatchObject({ added: 1, rejected: 0 });
      expect(await check(address)).toMatchObject([{ reason: 'bounce' }]);
    });

    test('the same file again changes nothing, and a stronger reason updates', async () => {
      await importCsv('twice@example.com,BOUNCE');
      expect(await importCsv('twice@example.com,BOUNCE')).toMatchObject({ added: 0, unchanged: 1 });
      expect(await importCsv('twice@example.com,COMPLAINT')).toMatchObject({ updated: 1 });
    });

    test('reports each invalid row by number, column and error, never with its data', async () => {
      const answer = await importCsv(
        [
          'address,reason,created_at',
          'good@example.com,bounce,2026-11-03',
          'secret.person(at)example.com,bounce,2026-11-03',
          '',
          'secret@example.com,secret,2026-11-03',
          'secret@example.com,bounce,secret',
          'secret@example.com,bounce,2999-01-01',
          '"secret@example.com,bounce,2026-11-03',
          'good2@example.com,bounce,2026-11-03',
        ].join('\n'),
      );
      expect(answer).toMatchObject({ added: 2, rejected: 5 });
      expect(answer.errors.map(({ row, column }: { row: number; column: string }) => [row, column])).toEqual([
        [3, 'address'],
        [5, 'reason'],
        [6, 'date'],
        [7, 'date'],
        [8, null],
      ]);
      expect(JSON.stringify(answer)).not.toMatch(/secret|@example/);
    });

    test('lines that are not objects are errors', async () => {
      const answer = await json(
        importText('application/x-ndjson', '[1]\nnonsense\n{"email":"nd3@example.com","reason":"bounce"}'),
      );
      expect(answer).toMatchObject({ added: 1, rejected: 2, errors: [{ row: 1 }, { row: 2 }] });
    });

    test('counts all errors of ten thousand rows and lists the first thousand', async () => {
      const rows = Array.from({ length: 10_000 }, (_, index) =>
        index % 5 === 0 ? 'nobody,BOUNCE' : `bulk${index}@example.com,BOUNCE`,
      );
      const answer = await importCsv(rows.join('\n'));
      expect(answer).toMatchObject({ added: 8000, rejected: 2000 });
      expect(answer.errors).toHaveLength(1000);
    });

    test.each(['application/xml', 'text/plain', ''])('a body of %s is refused', async (type) => {
      expect((await importText(type, 'jane@example.com,BOUNCE')).status).toBe(415);
    });

    test.each(['?reason=soft', `?source=${'x'.repeat(101)}`])('with %s it is refused', async (query) => {
      expect((await importText('text/csv', '', query)).status).toBe(422);
    });
  });

  describe('GET /v1/suppressions/export', () => {
    test.each([
      ['csv', 'text/csv; charset=utf-8'],
      ['ndjson', 'application/x-ndjson'],
    ])('as %s has each entry once, hashed, and can be imported', async (format, type) => {
      await importCsv('export1@example.com,BOUNCE\nexport2@example.com,COMPLAINT');
      const response = await send(`/v1/suppressions/export?format=${format}`);
      expect(response.headers.get('content-type')).toBe(type);
      const text = await response.text();
      expect(text).not.toContain('@');
      const rows = text
        .trim()
        .split('\n')
        .slice(format === 'csv' ? 1 : 0);
      expect(new Set(rows).size).toBe(rows.length);
      expect(rows.length).toBeGreaterThan(2);
      const again = await json(importText(type, text));
      expect(again).toMatchObject({ added: 0, updated: 0, unchanged: rows.length, rejected: 0 });
    });

    test('names its columns', async () => {
      expect((await exported('csv')).split('\n')[0]).toBe(
        'address_hash,key_id,reason,status,source,since,expires_at,scope,person_hash',
      );
    });

    test('rows of another key are refused, as are rows that are damaged', async () => {
      await importCsv('keyed@example.com,BOUNCE');
      const row = JSON.parse((await exported('ndjson')).split('\n')[0]!);
      const wrong = [
        { ...row, key_id: '00000000' },
        { ...row, address_hash: 'jane@example.com' },
        { ...row, reason: 'soft' },
        { ...row, status: 'jane@example.com' },
        { ...row, since: '' },
        { ...row, expires_at: 'never' },
      ];
      const answer = await json(
        importText('application/x-ndjson', wrong.map((one) => JSON.stringify(one)).join('\n')),
      );
      expect(answer).toMatchObject({ added: 0, rejected: 6 });
      expect(answer.errors.map(({ column }: { column: string }) => column)).toEqual([
        'key_id',
        'address_hash',
        'reason',
        'status',
        'since',
        'expires_at',
      ]);
      expect(JSON.stringify(answer)).not.toContain('jane');
    });

    test('an unknown format is refused', async () => {
      expect((await send('/v1/suppressions/export?format=xml')).status).toBe(422);
    });
  });

  describe('GET /v1/reports/bounces', () => {
    const bounce = (email: string, source: string) =>
      postJson('/v1/bounces', { email, reply: '550 5.1.1 No such user', source, campaign: 'autumn' });

    test('has the documented shape and contains a reported bounce', async () => {
      await bounce('report1@gmail.com', 'webinar');
      for (const by of dimensions) {
        const report = await json(send(`/v1/reports/bounces?by=${by}`));
        expect(safeParse(BounceReportAnswer, report)).toMatchObject({ success: true });
        expect(Object.keys(report)).toEqual(Object.keys(BounceReportAnswer.entries));
        expect(report.by).toBe(by);
        expect(report.total.hard).toBeGreaterThan(0);
      }
      const { groups } = await json(send('/v1/reports/bounces?by=source'));
      expect(groups).toContainEqual(expect.objectContaining({ name: 'webinar', hard: 1, sent: null }));
    });

    test('by hour covers at most 31 days', async () => {
      const { groups, time_zone } = await json(
        send('/v1/reports/bounces?by=hour&from=2026-10-02&to=2026-11-01'),
      );
      expect(time_zone).toBe('UTC');
      expect(groups).toHaveLength(31 * 24);
      const refused = await json(send('/v1/reports/bounces?by=hour&from=2026-10-01&to=2026-11-01'));
      expect(JSON.stringify(refused)).toContain('at most 31 days');
    });

    test('by reason and by status tells what part of the bounces each is', async () => {
      await bounce('report4@gmail.com', 'webinar');
      for (const [by, name] of [
        ['reason', 'mailbox_unknown'],
        ['status', '5.1.1'],
      ]) {
        const { groups, total } = await json(send(`/v1/reports/bounces?by=${by}`));
        const group = groups.find((one: { name: string }) => one.name === name);
        expect(group).toMatchObject({ sent: null, rates: null });
        expect(group.bounces).toBeGreaterThan(0);
        expect(group.share).toBeCloseTo(group.bounces / total.bounces, 5);
      }
    });

    test('covers the last 30 days by default, else the requested days', async () => {
      expect((await json(send('/v1/reports/bounces'))).groups).toHaveLength(30);
      const { from, to, groups } = await json(
        send('/v1/reports/bounces?from=2026-02-27&to=2026-03-02&by=day'),
      );
      expect([from, to]).toEqual(['2026-02-27', '2026-03-02']);
      expect(groups.map(({ name }: { name: string }) => name)).toEqual([
        '2026-02-27',
        '2026-02-28',
        '2026-03-01',
        '2026-03-02',
      ]);
    });

    test('as CSV on request: a row for each group, the total last, and no formulas', async () => {
      await bounce('report2@gmail.com', '=cmd()');
      for (const response of [
        await send('/v1/reports/bounces?by=source&format=csv'),
        await send('/v1/reports/bounces?by=source', { headers: { accept: 'text/csv' } }),
      ]) {
        expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
        const rows = (await response.text()).trim().split('\r\n');
        expect(rows[0]).toMatch(/^source,sent,delivered,hard,soft,policy,bounces,complaint,unsubscribed,/);
        expect(rows.at(-1)).toMatch(/^\(total\),,0,/);
        expect(rows.join()).toContain("'=cmd()");
      }
    });

    test.each([
      'from=yesterday',
      'to=2026-02-30',
      'from=2026-11-02&to=2026-11-01',
      'from=2025-01-01&to=2026-11-01',
      'by=week',
      'by=hour&from=2026-10-01&to=2026-11-01',
      'format=xml',
    ])('%s is refused', async (query) => {
      const response = await send(`/v1/reports/bounces?${query}`);
      expect(response.status).toBe(422);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    });
  });

  describe('GET /v1/reports/calibration', () => {
    test('has the documented shape and covers the last 30 days', async () => {
      const report = await json(send('/v1/reports/calibration?to=2026-11-20'));
      expect(safeParse(CalibrationAnswer, report).success).toBe(true);
      expect(report).toMatchObject({ from: '2026-10-22', to: '2026-11-20' });
    });

    test.each(['from=soon', 'to=2026-02-30', 'from=2026-11-02&to=2026-11-01'])(
      '%s is refused',
      async (query) => {
        expect((await send(`/v1/reports/calibration?${query}`)).status).toBe(422);
      },
    );
  });

  describe('GET /reports', () => {
    test('is a page without scripts and without external resources', async () => {
      await postJson('/v1/bounces', {
        email: 'report3@gmail.com',
        reply: '550 5.1.1 No such user',
        source: '<script>alert(1)</script>',
      });
      const response = await send('/reports');
      const page = await response.text();
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(page).toContain('<svg role="img"');
      expect(page).toContain('&lt;script&gt;');
      expect(page).not.toMatch(/<script|\ssrc=|https?:\/\//);
    });

    test('its links lead to its CSV', async () => {
      const page = await (await send('/reports?from=2026-11-01&to=')).text();
      const links = [...page.matchAll(/href="([^"]+)"/g)]
        .map(([, link]) => link!.replaceAll('&amp;', '&'))
        .filter((link) => link !== '/console/bounces');
      expect(links.map((link) => /by=(\w+)/.exec(link)![1])).toEqual([...dimensions]);
      for (const link of links) {
        const response = await send(link);
        expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
        await response.text();
      }
    });

    test('days without events say so', async () => {
      const page = await (await send('/reports?from=2020-01-01&to=2020-01-02')).text();
      expect(page).toContain('There are no events to count for these days');
      expect(page).not.toContain('Nothing unusual');
    });

    test('invalid days are refused', async () => {
      expect((await send('/reports?from=soon')).status).toBe(422);
    });
  });
}
