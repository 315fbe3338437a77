// Reports and files of the suppression list over HTTP on Node: the battery, and who may see the page.

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { httpReportsContract } from '../contract/http-reports.ts';
import { type NodeService, startNodeService } from './node-service.ts';

describe('on Node', () => {
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({ zone: {} });
  });
  afterAll(() => service.stop());

  httpReportsContract((path, init) => fetch(service.url + path, init));

  test('no log line contains an address', () => {
    const text = service.log.join('\n');
    expect(text).toContain('"route":"/v1/suppressions/import"');
    expect(text).not.toMatch(/@|%40|secret|unexpected_error/);
  });
});

describe('where the service has keys', () => {
  const admin = 'an-admin-key-for-tests';
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({ zone: {}, settings: { ADMIN_KEY: admin } });
  });
  afterAll(() => service.stop());

  const page = (authorization?: string): Promise<Response> =>
    fetch(`${service.url}/reports`, { headers: authorization ? { authorization } : {} });
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

  async function keyFor(wanted: object): Promise<string> {
    const response = await fetch(`${service.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'for a test', ...wanted }),
    });
    return ((await response.json()) as { key: string }).key;
  }

  test.each([`:${admin}`, `operator:${admin}`])(
    'the page opens with the admin key as the password: %s',
    async (credentials) => {
      expect((await page(basic(credentials))).status).toBe(200);
    },
  );

  test.each([
    ['everything', null, 200],
    ['reports', ['reports:read'], 200],
    ['something else', ['suppressions:read'], 403],
  ])('with a secret key for %s', async (_, scopes, status) => {
    const key = await keyFor({ kind: 'secret', ...(scopes && { scopes }) });
    expect((await page(basic(`operator:${key}`))).status).toBe(status);
  });

  test('a publishable key does not open it', async () => {
    const key = await keyFor({ kind: 'publishable', origins: ['https://shop.example'] });
    expect((await page(basic(`operator:${key}`))).status).toBe(403);
  });

  test.each([
    ['nothing', undefined],
    ['another password', basic('operator:another')],
    ['the key as the name', basic(`${admin}:`)],
    ['no colon', basic(admin)],
    ['no base64', 'Basic ====='],
    ['a bearer', `Bearer ${admin}`],
  ])('with %s the browser asks for it', async (_, authorization) => {
    const response = await page(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="presend", charset="UTF-8"');
  });

  test('the password opens the page, and nothing of the API', async () => {
    const headers = { authorization: basic(`:${admin}`) };
    expect((await fetch(`${service.url}/v1/reports/bounces`, { headers })).status).toBe(401);
  });
});

test('a report that waits for a large import is answered in between', async () => {
  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const rows = Array.from({ length: 20_000 }, (_, index) => `bulk${index}@example.com,BOUNCE`).join('\n');
  const order: string[] = [];
  const imported = fetch(`${service.url}/v1/suppressions/import`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: rows,
  }).then(() => order.push('import'));
  const health = fetch(`${service.url}/healthz`).then(() => order.push('health'));
  await Promise.all([imported, health]);
  expect(order).toEqual(['health', 'import']);
});

test('an import whose sender goes away is no error of ours', async () => {
  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const pieces = ['jane@example.com,BOUNCE\njoh'];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.error(new Error('the sender went away'));
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  });
  const request = { method: 'POST', headers: { 'content-type': 'text/csv' }, body, duplex: 'half' };
  const response = await service.handle(
    new Request(`${service.url}/v1/suppressions/import`, request as RequestInit),
  );
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { type: 'urn:presend:problem:broken-off' },
  ]);
  expect(service.log.join('')).not.toContain('unexpected_error');
});
