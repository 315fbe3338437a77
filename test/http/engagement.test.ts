// Opens and clicks over HTTP on Node: from the webhook into the report and the results of jobs, and out again by erasure.

import { safeParse } from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngagementReportAnswer } from '../../src/http/routes/engagement.ts';
import { espSecret } from '../contract/esp-secret.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: espSecret } });
});
afterAll(() => service.stop());

const day = 86_400_000;
const browser = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';

// biome-ignore lint/suspicious/noExplicitAny: whatever the wire says, the assertions say what it should be.
const json = async (path: string, init?: RequestInit): Promise<any> =>
  (await fetch(service.url + path, init)).json();
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  json(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const tell = (body: object) => post('/v1/hooks/esp/postmark', body, { 'x-webhook-token': espSecret });

const at = (days: number) => new Date(Date.now() - days * day).toISOString();
const click = (email: string, days: number) =>
  tell({
    RecordType: 'Click',
    MessageID: `c${days}`,
    Recipient: email,
    ReceivedAt: at(days),
    UserAgent: browser,
  });
const open = (email: string, days: number, UserAgent: string) =>
  tell({ RecordType: 'Open', MessageID: `o${days}`, Recipient: email, ReceivedAt: at(days), UserAgent });
const deliver = (email: string, days: number) =>
  tell({
    RecordType: 'Delivery',
    MessageID: `d${days}`,
    Recipient: email,
    DeliveredAt: at(days),
    Metadata: { source: 'form' },
  });

test('before any provider reports engagement, the report says so', async () => {
  expect(await json('/v1/reports/engagement')).toMatchObject({
    addresses: 0,
    sources: [],
    reported_by: [],
    notes: [expect.stringContaining('No provider has reported')],
  });
});

test('the report counts people, and a job gives those who are inactive', async () => {
  await click('active@brisk-otter.com', 399);
  await click('active@brisk-otter.com', 2);
  await click('quiet@brisk-otter.com', 200);
  await deliver('quiet@brisk-otter.com', 1);
  await open('quiet@brisk-otter.com', 1, 'Mozilla/5.0');
  await deliver('mute@brisk-otter.com', 398);
  await deliver('mute@brisk-otter.com', 1);
  const report = await json('/v1/reports/engagement');
  expect(safeParse(EngagementReportAnswer, report).success).toBe(true);
  const none = { days_30: 0, days_90: 0, days_180: 0, days_365: 0 };
  expect(report).toMatchObject({
    addresses: 3,
    active: { days_30: 1, days_90: 1, days_180: 1, days_365: 2 },
    states: { active: 1, inactive_6: 1, inactive_12: 1, unknown: 0 },
    sources: [
      { source: 'form', addresses: 2, active: { ...none, days_365: 1 } },
      { source: null, addresses: 1, states: { active: 1 } },
    ],
    sources_left_out: 0,
    reported_by: [{ provider: 'postmark' }],
    notes: [expect.stringContaining('Apple Mail')],
  });
  expect(JSON.stringify(report)).not.toContain('@');

  const list = ['email', 'active', 'quiet', 'mute', 'stranger']
    .map((name, index) => (index === 0 ? name : `${name}@brisk-otter.com`))
    .join('\n');
  const { id } = await json('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: list,
  });
  await expect.poll(async () => (await json(`/v1/jobs/${id}`)).state, { timeout: 20_000 }).toBe('completed');
  const emailsOf = async (query: string) =>
    (await (await fetch(`${service.url}/v1/jobs/${id}/result?${query}`)).text())
      .trim()
      .split('\n')
      .slice(query.includes('ndjson') ? 0 : 1)
      .map((line) => /\w+(?=@)/.exec(line)?.[0]);
  expect(await emailsOf('engagement=inactive_6')).toEqual(['quiet']);
  expect(await emailsOf('engagement=inactive_12&format=ndjson')).toEqual(['mute']);
  expect(await emailsOf('engagement=never_seen&action=accept')).toEqual(['stranger']);
  expect(await emailsOf('engagement=active&action=reject')).toEqual([]);
  expect(await json(`/v1/jobs/${id}/result?engagement=asleep`)).toMatchObject({ status: 422 });
}, 60_000);

test('an erasure deletes the row of the person', async () => {
  await post('/v1/erasures', { email: 'quiet@brisk-otter.com' });
  expect(await json('/v1/reports/engagement')).toMatchObject({ addresses: 2, states: { inactive_6: 0 } });
});
