// POST /v1/backtests: a list and the bounces of a campaign, as two files of a form.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { maxBacktestBytes } from '../../src/http/routes/backtests.ts';
import { inlineRows, workbookOf } from '../xlsx/workbooks.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone });
});
afterAll(() => service.stop());

const list = 'email\ndeliverable@presend.test\nnull-mx@presend.test\njane@no-such-otter.com\n';
const bounces = 'email,type\nNULL-MX@presend.test,hard\ndeliverable@presend.test,soft\n';

function send(
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
  query = '',
): Promise<Response> {
  const form = new FormData();
  for (const [name, text] of Object.entries(files))
    form.append(name, new Blob([text], { type: 'text/csv' }), `${name}.csv`);
  return fetch(`${service.url}/v1/backtests${query}`, { method: 'POST', body: form });
}

test.each([
  ['the list first', { list, bounces }],
  ['the bounces first', { bounces, list }],
])('%s: what would have been avoided', async (_, files) => {
  const response = await send(files);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    ...{ addresses: 3, verified_now: 3, bounces: { hard: 1, not_hard: 1 }, bounce_rate: 0.33333 },
    policies: [
      { leave_out: 'reject', caught: 1, catch_rate: { share: 1 } },
      { leave_out: 'reject_or_confirm' },
    ],
  });
});

test('workbooks are read like their text, and one without rows is a campaign without bounces', async () => {
  const workbook = (text: string) =>
    new Uint8Array(
      workbookOf({
        sheets: [
          {
            name: 'Sheet1',
            rows: inlineRows(
              text
                .trimEnd()
                .split('\n')
                .map((line) => line.split(',')),
            ),
          },
        ],
      }),
    );
  const response = await send({ list: workbook(list), bounces: workbook(bounces) });
  expect(await response.json()).toEqual(await (await send({ list, bounces })).json());
  const none = await send({
    list: workbook(list),
    bounces: new Uint8Array(workbookOf({ sheets: [{ name: 'Empty', rows: '' }] })),
  });
  expect(await none.json()).toMatchObject({ addresses: 3, bounces: { hard: 0 } });
  const damaged = await send({ list: 'PK\u0003\u0004', bounces });
  expect(damaged.status).toBe(422);
  expect(await damaged.json()).toMatchObject({ type: 'urn:presend:problem:unreadable-file' });
});

test('format=html is a page that is not stored', async () => {
  const response = await send({ list, bounces }, '?format=html&sent=2026-11-20');
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toContain('presend would have avoided 1 of 1 bounces');
});

test('a bounce that was reported to the service does not predict itself', async () => {
  const added = await fetch(`${service.url}/v1/suppressions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'info@brisk-otter.com', reason: 'bounce' }),
  });
  expect(added.status).toBeLessThan(300);
  const response = await send({ list: 'email\ninfo@brisk-otter.com\n', bounces: 'info@brisk-otter.com\n' });
  const { policies, signals } = (await response.json()) as {
    policies: { caught: number }[];
    signals: { reason: string }[];
  };
  expect(signals.map(({ reason }) => reason)).not.toContain('suppressed');
  expect(policies[0]!.caught).toBe(0);
});

/** Records the reply of a mail server about a message of the campaign `name`. */
const reported = async (email: string, reply: string, name: string) => {
  const response = await fetch(`${service.url}/v1/bounces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, reply, campaign: name, source: 'fair' }),
  });
  expect(response.status).toBe(200);
};

test('without the file of bounces, the list is compared with those that the service recorded', async () => {
  await reported('null-mx@presend.test', '550 5.1.1 User unknown', 'autumn');
  await reported('abc..def@docomo.ne.jp', '550 5.1.1 User unknown', 'autumn');
  await reported('deliverable@presend.test', '452 4.2.2 Mailbox full', 'autumn');
  await reported('deliverable@presend.test', '550 5.1.1 User unknown', 'winter');
  const recorded = await send({ list: `${list}zoe@example.com\n` }, '?campaign=autumn');
  expect(recorded.status).toBe(200);
  expect(await recorded.json()).toMatchObject({
    ...{ addresses: 4, bounces: { hard: 1, not_on_list: 1, not_hard: 1, unclear: 0, unreadable: 0 } },
    policies: [{ leave_out: 'reject', caught: 1 }, {}],
  });
  const both = await send({ list }, '?source=fair');
  expect(await both.json()).toMatchObject({ bounces: { hard: 2 } });
  const today = await send({ list }, `?from=${new Date().toISOString().slice(0, 10)}&format=html`);
  expect(await today.text()).toContain('presend would have avoided 1 of 2 bounces');
});

test.each([
  [{ list }, '?campaign=nobody-sent-this', 422, 'nothing-recorded'],
  [{ list, bounces }, '?campaign=autumn', 422, 'two-kinds-of-bounces'],
  [{ list }, '?sent=2026-11-20', 422, 'no-file'],
  [{ bounces }, '?campaign=autumn', 422, 'no-file'],
  [{ list }, '?from=yesterday', 422, 'invalid-request'],
  [{ list }, '?to=yesterday', 422, 'invalid-request'],
  [{ list }, '?from=2026-11-02&to=2026-11-01', 422, 'invalid-request'],
  [{ list }, '', 422, 'no-file'],
  [{ list, bounces }, '?sent=yesterday', 422, 'invalid-request'],
  [{ list, bounces }, '?format=pdf', 422, 'invalid-request'],
  [{ list: 'PK\u0003\u0004', bounces }, '', 422, 'unreadable-file'],
  [{ list, bounces: 'PK\u0003\u0004' }, '', 422, 'unreadable-file'],
  [{ list: 'x'.repeat(maxBacktestBytes), bounces }, '', 413, 'too-large'],
])('refused: %#', async (files, query, status, type) => {
  const response = await send(files as Record<string, string>, query);
  expect(response.status).toBe(status);
  expect(((await response.json()) as { type: string }).type).toBe(`urn:presend:problem:${type}`);
});

test('a body that is not a form, and a form that breaks off', async () => {
  const post = (type: string) =>
    fetch(`${service.url}/v1/backtests`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '--c\r\n',
    });
  expect((await post('text/csv')).status).toBe(415);
  expect((await post('multipart/form-data; boundary=c')).status).toBe(400);
});

test('no log line contains an address', () => {
  expect(service.log.join('\n')).not.toMatch(/@|jane/);
});
