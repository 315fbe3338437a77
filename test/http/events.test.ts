// The event log over HTTP: pages, filters, CSV, the events of one address, and who may read them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const adminKey = 'an-admin-key-for-tests';
const hookSecret = 'a-shared-secret-of-a-vendor';
const email = 'jane.sample@brisk-otter.com';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: { ADMIN_KEY: adminKey, ESP_POSTMARK_SHARED_SECRETS: hookSecret },
  });
  const send = (event: object) =>
    fetch(`${service.url}/v1/hooks/esp/postmark`, {
      method: 'POST',
      headers: { 'x-webhook-token': hookSecret },
      body: JSON.stringify({ Tag: 'spring', ...event }),
    });
  const bounce = { RecordType: 'Bounce', Type: 'HardBounce', Email: email };
  await send({ ...bounce, ID: 1, BouncedAt: '2026-11-20T12:00:00Z' });
  await send({ ...bounce, ID: 2, BouncedAt: '2026-11-21T12:00:00Z', Email: 'joe@gmail.com' });
  await send({
    ...{ RecordType: 'Delivery', MessageID: 'm', Recipient: email, DeliveredAt: '2026-11-19T12:00:00Z' },
    Tag: '=1+1',
  });
});
afterAll(() => service.stop());

const ask = (path: string, headers: Record<string, string> = {}, key = adminKey) =>
  fetch(`${service.url}/v1/events${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } });

interface Answer {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next_cursor: string | null;
  readonly hot_since: string;
}

const pageOf = async (query = '') => (await (await ask(query)).json()) as Answer;

const find = async (body: object, key = adminKey) => {
  const response = await fetch(`${service.url}/v1/events/find`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
};

test('the latest event comes first, with a hash instead of its address', async () => {
  const { items, next_cursor: next, hot_since: since } = await pageOf();
  expect(items.map(({ at, kind, campaign }) => [at, kind, campaign])).toEqual([
    ['2026-11-21T12:00:00.000Z', 'bounce', 'spring'],
    ['2026-11-20T12:00:00.000Z', 'bounce', 'spring'],
    ['2026-11-19T12:00:00.000Z', 'delivered', '=1+1'],
  ]);
  expect(items[0]).toEqual({
    ...{ id: expect.stringMatching(/^[0-9a-f]{32}$/), at: '2026-11-21T12:00:00.000Z' },
    ...{ received_at: expect.stringMatching(/Z$/), kind: 'bounce', class: 'hard', reason: 'unknown' },
    ...{ status: null, echo: false, provider: 'gmail', mail_host: expect.anything(), gateway: null },
    ...{ campaign: 'spring', list: null, source: null, reported_by: 'postmark', proof: 'proven' },
    ...{
      address_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      key_id: expect.stringMatching(/^[0-9a-f]{8}$/),
    },
  });
  expect(items[1]!['address_hash']).toBe(items[2]!['address_hash']);
  expect(items[1]!['address_hash']).not.toBe(items[0]!['address_hash']);
  expect([next, since]).toEqual([null, '2026-11-19T12:00:00.000Z']);
});

test('pages follow each other', async () => {
  const first = await pageOf('?limit=2');
  expect(first.items).toHaveLength(2);
  const second = await pageOf(`?limit=2&cursor=${first.next_cursor}`);
  expect(second).toMatchObject({ items: [{ kind: 'delivered' }], next_cursor: null });
});

test.each([
  ['?campaign=spring', 2],
  ['?campaign=spring&class=hard&reason=unknown&kind=bounce&reported_by=postmark', 2],
  ['?campaign=&class=', 3],
  ['?provider=gmail', 1],
  ['?from=2026-11-20', 2],
  ['?from=2026-11-20&to=2026-11-20', 1],
  ['?to=2026-11-20T12:00:00Z', 1],
  ['?status=5.1.1', 0],
  ['?list=news', 0],
  ['?source=fair', 0],
  ['?mail_host=nowhere.example', 0],
  ['?campaign=jane@example.com', 0],
])('%s selects %i', async (query, count) => {
  expect((await pageOf(query)).items).toHaveLength(count);
});

test.each([
  ['?class=dead', 'class" must be one of hard'],
  ['?from=yesterday', 'from" must be a day such as'],
  ['?from=2026-11-21&to=2026-11-20', 'to" must be later than'],
  ['?limit=0', 'limit" must be a whole number from 1 to 1000'],
  ['?limit=1001', 'limit" must be'],
  ['?limit=1.5', 'limit" must be'],
  ['?limit=two', 'limit" must be'],
  ['?format=xml', 'format" must be json or csv'],
  ['?cursor=jane', 'cursor" must be the next_cursor'],
])('%s is refused', async (query, detail) => {
  const response = await ask(query);
  expect(response.status).toBe(422);
  expect(((await response.json()) as { detail: string }).detail).toContain(detail);
});

test('CSV has all events, or as many as the limit, and no cell begins a formula', async () => {
  const file = await ask('?format=csv');
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(file.headers.get('content-disposition')).toContain('events.csv');
  const rows = (await file.text()).split('\r\n');
  expect(rows[0]).toBe(
    'id,at,received_at,kind,class,reason,status,echo,provider,mail_host,gateway,campaign,list,source,reported_by,proof,address_hash,key_id',
  );
  expect(rows).toHaveLength(5);
  expect(rows[3]).toContain(`,"'=1+1",`);
  expect(rows[4]).toBe('');
  const lines = async (...request: Parameters<typeof ask>) =>
    (await (await ask(...request)).text()).split('\r\n').length - 2;
  expect(await lines('', { accept: 'text/csv' })).toBe(3);
  expect(await lines('?format=csv&limit=1')).toBe(1);
  expect(await lines('?format=csv&limit=2')).toBe(2);
  expect(await lines('?format=csv&campaign=winter')).toBe(0);
  expect((await ask('?format=json', { accept: 'text/csv' })).headers.get('content-type')).toContain('json');
});

test('CSV goes on beyond the first page', async () => {
  const many = Array.from({ length: 1500 }, (_, index) => [`x${index}`, index]);
  await service.database.run(
    `INSERT INTO delivery_events (id, at, received_at, teller, kind, class, reason, echo, key_id, campaign)
     SELECT value ->> 0, value ->> 1, 0, 'postmark', 'sent', 'none', 'unknown', 0, 'k', 'many' FROM json_each(?)`,
    [JSON.stringify(many)],
  );
  for (const [query, count] of [
    ['', 1500],
    ['&limit=700', 700],
  ] as const) {
    const ids = (await (await ask(`?format=csv&campaign=many${query}`)).text())
      .trim()
      .split('\r\n')
      .slice(1)
      .map((row) => row.split(',')[0]);
    expect(ids).toEqual(
      many
        .toReversed()
        .slice(0, count)
        .map(([id]) => id),
    );
  }
  await service.database.run("DELETE FROM delivery_events WHERE campaign = 'many'");
});

describe('one address', () => {
  test('has its events, in every spelling', async () => {
    const { status, text } = await find({ email: 'JANE.sample@brisk-otter.com' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      email: 'JANE.sample@brisk-otter.com',
      items: [{ kind: 'bounce' }, { kind: 'delivered' }],
      next_cursor: null,
      hot_since: '2026-11-19T12:00:00.000Z',
      key_id: expect.any(String),
      other_key_ids: [],
    });
    const page = JSON.parse((await find({ email, limit: 1 })).text);
    expect(page.items).toHaveLength(1);
    const next = JSON.parse((await find({ email, limit: 1, cursor: page.next_cursor })).text);
    expect(next).toMatchObject({ items: [{ kind: 'delivered' }], next_cursor: null });
    const { items } = JSON.parse((await find({ email, from: '2026-11-20', to: '2026-11-20' })).text);
    expect(items).toMatchObject([{ kind: 'bounce' }]);
  });

  test('says that events under earlier keys cannot be found', async () => {
    await service.database.run("UPDATE delivery_events SET key_id = '89abcdef' WHERE kind = 'delivered'");
    expect(JSON.parse((await find({ email })).text)).toMatchObject({
      items: [{ kind: 'bounce' }],
      other_key_ids: ['89abcdef'],
    });
  });

  test.each([
    [{ email: 'jane' }, '/email'],
    [{}, '/email'],
    [{ email, from: 'yesterday' }, '/from'],
    [{ email, to: '2026-02-30' }, '/to'],
    [{ email, limit: 0 }, '/limit'],
    [{ email, limit: 1001 }, '/limit'],
    [{ email, limit: 1.5 }, '/limit'],
    [{ email, cursor: 'jane' }, '/cursor'],
  ])('%j is refused', async (body, pointer) => {
    const { status, text } = await find(body);
    expect(status).toBe(422);
    expect(JSON.parse(text).errors).toMatchObject([{ pointer }]);
  });

  test('is in no log line', () => {
    expect(service.log.join('\n')).not.toMatch(/jane/i);
  });
});

test('a key needs the scope events:read', async () => {
  const keyWith = async (body: object) => {
    const response = await fetch(`${service.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x', ...body }),
    });
    return ((await response.json()) as { key: string }).key;
  };
  const statuses = async (key: string) => [
    (await ask('', {}, key)).status,
    (await find({ email }, key)).status,
  ];
  expect(await statuses(await keyWith({ kind: 'secret', scopes: ['events:read'] }))).toEqual([200, 200]);
  expect(await statuses(await keyWith({ kind: 'secret' }))).toEqual([200, 200]);
  expect(await statuses(await keyWith({ kind: 'secret', scopes: ['reports:read'] }))).toEqual([403, 403]);
  const form = await keyWith({ kind: 'publishable', origins: ['https://shop.example'] });
  expect(await statuses(form)).toEqual([403, 403]);
});
