// POST /v1/gate over HTTP: events come in, the answer changes, and the change is told once.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { type NodeService, startNodeService } from './node-service.ts';

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 20, 12);
const hookSecret = 'a-shared-secret-of-a-vendor';
const adminKey = 'an-admin-key-for-tests';

let service: NodeService;
let now: number;
let receiving: { readonly GATE_CALLBACK_URL: string };
let told: { type: string; data: Record<string, unknown> }[];
let stopReceiver: () => void;

beforeEach(async () => {
  now = noon;
  told = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    told.push(JSON.parse(body));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stopReceiver = () => server.close();
  receiving = { GATE_CALLBACK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  service = await start(receiving);
});

const start = (settings: Readonly<Record<string, string>>) =>
  startNodeService({
    zone: {},
    timers: { ...systemTimers, now: () => now },
    settings: {
      ADMIN_KEY: adminKey,
      ESP_POSTMARK_SHARED_SECRETS: hookSecret,
      CALLBACK_SECRET: `whsec_${btoa('a secret of the tests, thirty-two')}`,
      CALLBACK_TARGETS: 'loopback',
      ...settings,
    },
  });
afterEach(async () => {
  await service.stop();
  stopReceiver();
});

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}`, ...headers },
    body: JSON.stringify(body),
  });

interface Answer {
  readonly decision: string;
  readonly reasons: readonly { readonly code: string }[];
  readonly limits: readonly object[];
}

async function ask(question: object = {}) {
  const response = await post('/v1/gate', { campaign: 'spring', ...question });
  return { status: response.status, answer: (await response.json()) as Answer };
}

let ids = 0;
const receive = async (event: object) => {
  const response = await post('/v1/hooks/esp/postmark', event, { 'x-webhook-token': hookSecret });
  expect(response.status).toBeLessThan(300);
};
const at = () => new Date(now).toISOString();
const deliver = (domain: string, more: object = {}) =>
  receive({
    RecordType: 'Delivery',
    MessageID: `m${++ids}`,
    Recipient: `p${ids}@${domain}`,
    DeliveredAt: at(),
    ...more,
  });
const bounce = (Type: string, domain: string, Description: string, more: object = {}) =>
  receive({
    RecordType: 'Bounce',
    Type,
    ID: ++ids,
    MessageID: `m${ids}`,
    Email: `p${ids}@${domain}`,
    BouncedAt: at(),
    Details: Description,
    ...more,
  });
const refuse = (domain: string) =>
  bounce('SpamNotification', domain, 'smtp;550 5.7.1 blocked using zen.example');
const many = async (count: number, one: () => Promise<void>) => {
  for (let index = 0; index < count; index++) await one();
};

describe('the answer', () => {
  test('a sender without events may send, and is told that nothing can be seen', async () => {
    const { status, answer } = await ask();
    expect(status).toBe(200);
    expect(answer).toMatchObject({ decision: 'go', limits: [], until: '2026-11-20T12:10:00.000Z' });
    expect(answer.reasons.map(({ code }) => code)).toEqual(['no_events']);
  });

  test('a block after many deliveries in the same hour holds the mail to the provider, and no other', async () => {
    await many(150, () => deliver('gmail.com'));
    await many(250, () => deliver('gmx.de'));
    expect((await ask()).answer).toMatchObject({ decision: 'go', reasons: [] });
    await many(16, () => refuse('gmail.com'));
    const { answer } = await ask();
    expect(answer.decision).toBe('slow');
    expect(answer.limits).toMatchObject([{ provider: 'gmail', per_hour: 0 }]);
    expect(answer.reasons[0]!.code).toBe('provider_refuses');
    // After the hold a few messages try the block, and their delivery ends it.
    now += 1.5 * hour;
    expect((await ask()).answer.limits).toMatchObject([{ provider: 'gmail', per_hour: 20 }]);
    await many(150, () => deliver('gmail.com'));
    expect((await ask()).answer).toMatchObject({ decision: 'go', limits: [] });
  });

  test('a single reply that names a time suspends its provider until then', async () => {
    await many(20, () => deliver('gmail.com'));
    await bounce('SoftBounce', 'gmail.com', 'smtp;421 4.7.28 Rate limited, try again in 300 seconds');
    const { answer } = await ask();
    expect(answer).toMatchObject({
      decision: 'slow',
      limits: [{ provider: 'gmail', per_hour: 0, batch: null, until: '2026-11-20T12:05:00.000Z' }],
      until: '2026-11-20T12:05:00.000Z',
    });
    now += 6 * 60_000;
    expect((await ask()).answer).toMatchObject({ decision: 'go', limits: [] });
  });

  test('if most of the mail is refused, everything stops', async () => {
    await many(60, () => deliver('gmail.com'));
    await many(10, () => deliver('gmx.de'));
    await many(25, () => refuse('gmail.com'));
    expect((await ask()).answer.decision).toBe('stop');
    expect((await ask({ purpose: 'transactional' })).answer.decision).toBe('slow');
  });

  test('a forecast above the limits stops a list that was never mailed', async () => {
    expect((await ask({ forecast: 0.2 })).answer).toMatchObject({ decision: 'stop' });
    expect((await ask({ forecast: 0.06 })).answer).toMatchObject({ decision: 'slow' });
    expect((await ask({ forecast: 0.01 })).answer).toMatchObject({ decision: 'go' });
  });

  test('a new sender is limited by the day of its first mail', async () => {
    expect((await ask({ first_sent: '2026-11-20' })).answer.limits).toEqual([
      {
        ...{ provider: 'all', per_hour: 20, until: null },
        batch: { messages: 1, every_seconds: 180, random_seconds: 90 },
      },
    ]);
    expect((await ask({ first_sent: '2026-11-20', planned: 15 })).answer.limits).toEqual([]);
  });

  test('what is not a question is refused', async () => {
    for (const question of [
      { campaign: '' },
      { campaign: 'jane@example.com' },
      { forecast: 'job_unknown' },
      { forecast: 2 },
      { purpose: 'signup' },
      { planned: 0 },
      { from_domain: 'jane@example.com' },
    ])
      expect([question, (await ask(question)).status]).toEqual([question, 422]);
  });
});

test('a change of the gate is an alert: a stop comes in quiet hours too, the rest waits for their end', async () => {
  const quiet = { ...receiving, ALERT_QUIET_HOURS: '11:00-14:00', ALERT_GROUP_SECONDS: '60' };
  await service.stop();
  service = await start({ ...quiet, ALERT_URLS: receiving.GATE_CALLBACK_URL, GATE_CALLBACK_URL: '' });
  const alerts = () =>
    told.flatMap(({ data }) =>
      (data['alerts'] as { kind: string; details: object }[]).filter(({ kind }) => kind === 'gate_changed'),
    );
  // Longer than alerts are grouped, and shorter than a delivery may take.
  const aWhile = async () => {
    for (let step = 0; step < 5; step++) {
      await service.maintain();
      now += 20_000;
    }
  };
  await many(60, () => deliver('gmx.de', { Tag: 'spring' }));
  for (const campaign of ['spring', 'autumn']) expect((await ask({ campaign })).answer.decision).toBe('go');
  expect((await ask({ campaign: 'autumn', forecast: 0.06 })).answer.decision).toBe('slow');
  await many(30, () => bounce('HardBounce', 'gmx.de', 'smtp;550 5.1.1 no such user', { Tag: 'spring' }));
  await aWhile();
  await until(() => alerts().length > 0);
  expect(alerts()).toMatchObject([
    {
      severity: 'critical',
      title: expect.stringMatching(/^Stop the campaign "spring": /),
      details: { campaign: 'spring', before: 'go', decision: 'stop', reasons: 'hard_bounces' },
    },
  ]);
  now = noon + 2 * hour;
  await aWhile();
  await until(() => alerts().length > 1);
  const autumn = alerts().filter(({ details }) => (details as { campaign: string }).campaign === 'autumn');
  expect(autumn).toMatchObject([{ severity: 'warning', details: { before: 'go', decision: 'slow' } }]);
  const spring = alerts().filter(({ details }) => (details as { decision: string }).decision === 'stop');
  expect(spring).toHaveLength(1);
});

test('a list that does not exist stops its campaign alone; the change is told once, and not again', async () => {
  const hard = (campaign: string) =>
    bounce('HardBounce', 'gmx.de', 'smtp;550 5.1.1 no such user', { Tag: campaign });
  await many(60, () => deliver('gmx.de', { Tag: 'spring' }));
  expect((await ask()).answer.decision).toBe('go');
  expect((await ask({ campaign: 'other' })).answer.decision).toBe('go');
  await many(30, () => hard('spring'));
  await service.maintain();
  await until(() => told.length > 0);
  await many(5, () => hard('spring'));
  await service.maintain();
  expect((await ask()).answer.decision).toBe('stop');
  expect((await ask({ campaign: 'other' })).answer.decision).toBe('go');
  expect(told.filter(({ type }) => type === 'gate.changed')).toHaveLength(1);
  expect(told[0]!.data).toMatchObject({
    ...{ campaign: 'spring', purpose: 'marketing', before: 'go', decision: 'stop' },
    reasons: [{ code: 'hard_bounces', decision: 'stop' }],
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end && !isSo(); )
    await new Promise((resolve) => setTimeout(resolve, 5));
}
