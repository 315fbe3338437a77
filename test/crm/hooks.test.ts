// The CRM hooks on Node, over HTTP, with a stand-in of the vendors' APIs: the battery, bursts, and what is logged.

import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { crmContract } from '../contract/crm.ts';
import { manualTimers } from '../dns/manual-timers.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';
import { type Contact, type Sample, sampleNamed, sampleSettings, samples, sessionId } from './samples.ts';
import { fetchOf, vendorsStandIn } from './vendors-stand-in.ts';

const adminKey = 'an-admin-key-for-tests';
const vendors = vendorsStandIn();
const standIn = createAdaptorServer({ fetch: vendors.handle });
let standInUrl: string;
let service: NodeService;

const domains = Array.from({ length: 50 }, (_, index) => `brisk-otter-${index}.com`);

const burstZone = {
  ...zone,
  ...Object.fromEntries(domains.map((domain) => [domain, { MX: [[10, 'mx.brisk-otter.com']] as const }])),
};
const burstLog: string[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    standIn.listen(0, '127.0.0.1', resolve);
  });
  standInUrl = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
  service = await startNodeService({
    zone,
    settings: { ADMIN_KEY: adminKey, ...sampleSettings },
    fetch: fetchOf((path, init) => fetch(standInUrl + path, init)),
  });
});
afterAll(async () => {
  await service.stop();
  standIn.close();
});

describe('on Node', () => {
  crmContract({ send: (path, init) => fetch(service.url + path, init), adminKey, vendors });
});

describe('a burst of 10,000 records, or of 1,000 requests with one record each', () => {
  // Its clock stands still and its vendors answer in this process: no deadline passes, however busy the machine is.
  const timers = manualTimers(Date.now());
  let still: NodeService;

  beforeAll(async () => {
    still = await startNodeService({
      zone: burstZone,
      settings: { ADMIN_KEY: adminKey, ...sampleSettings },
      fetch: fetchOf((path, init) =>
        vendors.handle(new Request(standInUrl + path, { ...init, signal: null })),
      ),
      timers,
    });
  });
  afterAll(async () => {
    burstLog.push(...still.log);
    await still.stop();
  });

  const contacts: Contact[] = Array.from({ length: 10_000 }, (_, index) => ({
    id: String(index + 1),
    email: `jane${index}@${domains[index % domains.length]}`,
  }));

  const burstOf = ({ most }: Sample) => contacts.slice(0, 1_000 * most);

  const inRequests = (burst: readonly Contact[], { most }: Sample) =>
    Array.from({ length: Math.ceil(burst.length / most) }, (_, index) =>
      burst.slice(index * most, (index + 1) * most),
    );

  const answerAll = async (sample: Sample) => {
    const burst = burstOf(sample);
    vendors.contacts.clear();
    for (const { id, email } of burst) vendors.contacts.set(id, { email });
    const asked = still.doh.asked.length;
    let answered = 0;
    const remaining = inRequests(burst, sample).values();
    const sendInTurn = async () => {
      for (const some of remaining) {
        // Half of HubSpot's contacts were created just then: their events carry no address.
        const told = some.map((contact, index) =>
          sample.name === 'hubspot' && index % 2 === 0 ? { ...contact, email: null } : contact,
        );
        const { path, headers, body } = await sample.make(told, timers.now());
        const request = new Request(still.url + path, { method: 'POST', headers, body });
        // A thousand requests over sockets would measure the client.
        const response = await (sample.most === 1 ? still.handle(request) : fetch(request));
        const reply = await response.text();
        expect(response.status).toBe(200);
        answered += sample.told === null ? some.length : sample.told(reply).length;
      }
    };
    await Promise.all(Array.from({ length: 20 }, sendInTurn));
    expect(answered).toBe(burst.length);
    const questions = still.doh.asked.slice(asked).filter((question) => question.startsWith('MX '));
    expect(questions.length).toBe(new Set(questions).size);
    const written = [...vendors.contacts.values()].filter(
      (contact) => contact['presend_result'] === 'deliverable',
    );
    expect(written.length).toBe(sample.name === 'hubspot' ? burst.length : 0);
  };

  test.each(samples)('$name: answers every record and looks up each domain once', answerAll, 120_000);

  test('POST /v1/annotate handles ten concurrent requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const response = await fetch(`${still.url}/v1/annotate`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
          body: JSON.stringify({ records: contacts.slice(index * 1000, (index + 1) * 1000) }),
        });
        return ((await response.json()) as { records: { id: string; presend_result: string }[] }).records;
      }),
    );
    expect(answers.flat().map(({ id }) => id)).toEqual(contacts.map(({ id }) => id));
    expect(answers.flat().every(({ presend_result }) => presend_result === 'deliverable')).toBe(true);
  });
});

test('HubSpot is not called until the time in its Retry-After', async () => {
  const sample = sampleNamed('hubspot');
  const another = await startNodeService({
    zone,
    settings: sample.settings,
    fetch: fetchOf((path, init) => fetch(standInUrl + path, init)),
  });
  onTestFinished(() => another.stop());
  vendors.calls.length = 0;
  vendors.fault = () => new Response(null, { status: 429, headers: { 'retry-after': '60' } });
  const send = async () => {
    const { path, headers, body } = await sample.make([{ id: '1', email: null }], Date.now());
    const response = await fetch(another.url + path, { method: 'POST', headers, body });
    return [response.status, Number(response.headers.get('retry-after'))];
  };
  expect(await send()).toEqual([503, 60]);
  vendors.fault = null;
  const [status, wait] = await send();
  expect([status, vendors.calls]).toEqual([503, ['read']]);
  expect(wait).toBeGreaterThan(50);
});

test('a vendor without a secret is not configured', async () => {
  const bare = await startNodeService({ zone: {}, settings: {} });
  onTestFinished(() => bare.stop());
  for (const sample of samples) {
    const { path, headers, body } = await sample.make([{ id: '1', email: null }], Date.now());
    const response = await fetch(bare.url + path, { method: 'POST', headers, body });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('urn:presend:problem:not-configured');
  }
  expect((await fetch(`${bare.url}/v1/hooks/crm/mailchimp`)).status).toBe(503);
});

// Last, so that it speaks of every request before.
test('no log line contains an address, secret, token or SessionId', () => {
  const log = [...service.log, ...burstLog];
  expect(log.length).toBeGreaterThan(4_000);
  const text = log.join('\n');
  expect(text).not.toMatch(/@|%40|jane|secret|pat-token|pk_token/i);
  expect(text).not.toContain(sessionId);
  expect(text).not.toContain('unexpected_error');
  expect(text).toContain('"route":"/v1/hooks/crm/:vendor"');
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const refused = { event: 'webhook_refused', provider: 'klaviyo', why: 'timestamp_outside_window' };
  expect(lines).toContainEqual(expect.objectContaining(refused));
  const failed = { level: 'warning', event: 'crm_api_failed', vendor: 'hubspot', call: 'read', status: 500 };
  expect(lines).toContainEqual(expect.objectContaining(failed));
});
