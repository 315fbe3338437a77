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

  test('no address stands in any line of the log', () => {
    const text = service.log.join('\n');
    expect(text).toContain('"route":"/v1/suppressions/import"');
    expect(text).not.toMatch(/@|%40|secret|unexpected_error/);
  });
});

describe('with an ADMIN_KEY', () => {
  const key = 'an-admin-key-for-tests';

  async function page(authorization?: string): Promise<Response> {
    const service = await startNodeService({ zone: {}, settings: { ADMIN_KEY: key } });
    onTestFinished(() => service.stop());
    return fetch(`${service.url}/reports`, { headers: authorization ? { authorization } : {} });
  }
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

  test.each([`:${key}`, `operator:${key}`])('the page opens with it as the password', async (credentials) => {
    expect((await page(basic(credentials))).status).toBe(200);
  });

  test.each([
    ['nothing', undefined],
    ['another password', basic('operator:another')],
    ['the key as the name', basic(`${key}:`)],
    ['no colon', basic(key)],
    ['no base64', 'Basic ====='],
    ['a bearer', `Bearer ${key}`],
  ])('with %s the browser asks for it', async (_, authorization) => {
    const response = await page(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="presend", charset="UTF-8"');
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
