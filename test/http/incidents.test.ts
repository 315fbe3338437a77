// GET /v1/reports/incidents over HTTP: from events that come in to the incident, its page and its log line.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { type NodeService, startNodeService } from './node-service.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);
const secret = 'a-shared-secret-of-a-vendor';

let service: NodeService;
let now: number;

beforeEach(async () => {
  now = noon;
  service = await startNodeService({
    zone: {},
    timers: { ...systemTimers, now: () => now },
    settings: { ADMIN_KEY: 'an-admin-key-for-tests', ESP_POSTMARK_SHARED_SECRETS: secret },
  });
});
afterEach(() => service.stop());

const get = (path: string) =>
  fetch(service.url + path, { headers: { authorization: 'Bearer an-admin-key-for-tests' } });

/** Sends events about one message each, at a time. */
async function receive(events: readonly object[]): Promise<void> {
  for (const event of events) {
    const response = await fetch(`${service.url}/v1/hooks/esp/postmark`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-webhook-token': secret },
      body: JSON.stringify(event),
    });
    expect(response.status).toBeLessThan(300);
  }
}

let ids = 0;
const delivered = (domain: string, at: number) => ({
  RecordType: 'Delivery',
  MessageID: `m${++ids}`,
  Recipient: `p${ids}@${domain}`,
  DeliveredAt: new Date(at).toISOString(),
});
const refused = (domain: string, at: number) => ({
  RecordType: 'Bounce',
  Type: 'SpamNotification',
  ID: ++ids,
  MessageID: `m${ids}`,
  Email: `p${ids}@${domain}`,
  Details: '550 5.7.1 Our system has detected that this message is likely unsolicited mail',
  BouncedAt: new Date(at).toISOString(),
});

const repeat = <Item>(times: number, make: () => Item): Item[] => Array.from({ length: times }, make);

async function block(): Promise<void> {
  await receive([
    ...repeat(30, () => delivered('gmail.com', now - 10 * day)),
    ...repeat(30, () => delivered('yahoo.com', now - hour)),
    ...repeat(30, () => refused('gmail.com', now - hour)),
  ]);
  // The service looked when it started.
  now += 10 * 60_000;
  await service.maintain();
}

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const incidents = async (query = ''): Promise<any> => (await get(`/v1/reports/incidents${query}`)).json();

describe('GET /v1/reports/incidents', () => {
  test('is empty at first', async () => {
    await service.maintain();
    expect(await incidents()).toEqual({ items: [], next_cursor: null });
  });

  test('lists a block with its evidence, and the page and the log say so', async () => {
    await block();
    const { items } = await incidents();
    expect(items).toMatchObject([
      {
        id: expect.stringMatching(/^inc_/),
        kind: 'provider_block',
        cause: 'sender',
        scope: { provider: 'gmail' },
        opened_at: new Date(now).toISOString(),
        changed_at: new Date(now).toISOString(),
        closed_at: null,
        severity: 'critical',
        evidence: {
          messages: 30,
          providers: [{ name: 'gmail', messages: 30 }],
          statuses: [{ status: '5.7.1', messages: 30 }],
        },
        explanation: expect.stringContaining('gmail refused 30 messages'),
      },
    ]);
    const password = `Basic ${btoa('reader:an-admin-key-for-tests')}`;
    const page = await (
      await fetch(`${service.url}/reports`, { headers: { authorization: password } })
    ).text();
    expect(page).toContain('Open incidents');
    expect(page).toContain('gmail refused 30 messages');
    expect(
      service.log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'incident_opened'),
    ).toMatchObject([
      { level: 'warning', id: items[0].id, kind: 'provider_block', provider: 'gmail', messages: 30 },
    ]);
  });

  test('closes when mail stops, and then `status` tells', async () => {
    await block();
    for (let hours = 6; hours <= 6 * 24; hours += 6) {
      now = noon + hours * hour;
      await service.maintain();
    }
    expect((await incidents()).items).toEqual([]);
    for (const status of ['closed', 'all'])
      expect((await incidents(`?status=${status}`)).items).toMatchObject([
        { kind: 'provider_block', closed_at: expect.any(String) },
      ]);
    expect((await incidents('?status=all&kind=complaints')).items).toEqual([]);
    expect((await incidents('?status=all&to=2026-11-20')).items).toEqual([]);
    expect((await incidents('?status=all&from=2026-12-20')).items).toEqual([]);
    expect((await incidents('?status=all&from=2026-11-20&to=2026-11-21')).items).toHaveLength(1);
  });

  test.each([
    ['status', 'status=over'],
    ['kind', 'kind=bad'],
    ['from', 'from=yesterday'],
    ['to', 'to=2026-13-01'],
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['cursor', 'cursor=1'],
  ])('refuses a wrong %s: %s', async (name, query) => {
    const response = await get(`/v1/reports/incidents?${query}`);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(name);
  });

  test('needs the scope reports:read', async () => {
    expect((await fetch(`${service.url}/v1/reports/incidents`)).status).toBe(401);
  });
});
