// Without a DNS resolver: /readyz says why from the first question on, and a verdict says that it is not the address's fault.

import { safeParse } from 'valibot';
import { afterEach, expect, test } from 'vitest';
import { ReadinessAnswer } from '../../src/http/routes/service.ts';
import { BatchAnswer, ValidateAnswer } from '../../src/http/routes/validate.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function started(settings: Record<string, string>): Promise<NodeService> {
  service = await startNodeService({ zone, settings });
  return service;
}

/** Nothing listens there. */
const down = { DOH_URLS: 'http://127.0.0.1:9/dns-query' };

const post = async ({ url }: NodeService, path: string, body: object) => {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
};

test('/readyz is 503 with the cause at the first request', async () => {
  const one = await started(down);
  const response = await fetch(`${one.url}/readyz`);
  const body = (await response.json()) as object;
  expect([response.status, body]).toEqual([
    503,
    {
      status: 'degraded',
      checks: [
        { name: 'storage', ok: true },
        { name: 'resolver 127.0.0.1:9', ok: false, detail: 'cannot be reached' },
      ],
      message: expect.stringMatching(
        /every verdict that needs DNS will be "unknown".*example of the setting/,
      ),
    },
  ]);
  expect(safeParse(ReadinessAnswer, body).success).toBe(true);
  const lines = one.log.map((line) => JSON.parse(line));
  expect(lines.filter(({ event }) => event === 'no_resolver_answers')).toMatchObject([
    { level: 'error', resolvers: { '127.0.0.1:9': 'cannot be reached' }, message: expect.any(String) },
  ]);
});

test('a verdict that lacks DNS has a hint, once it is known that no resolver answers', async () => {
  const one = await started(down);
  const email = 'jane@brisk-otter.com';
  expect(await post(one, '/v1/validate', { email })).not.toHaveProperty('hint');
  await fetch(`${one.url}/readyz`);
  const verdict = await post(one, '/v1/validate', { email });
  expect(verdict).toMatchObject({
    result: 'unknown',
    reason: 'dns_undetermined',
    hint: expect.stringContaining('GET /readyz'),
  });
  expect(safeParse(ValidateAnswer, verdict).success).toBe(true);
  const batch = await post(one, '/v1/validate/batch', { emails: ['jane', email] });
  expect(batch).toMatchObject({ hint: verdict['hint'], results: [{}, {}] });
  expect(safeParse(BatchAnswer, batch).success).toBe(true);
});

test('a verdict that needs no DNS has none', async () => {
  const one = await started(down);
  await fetch(`${one.url}/readyz`);
  for (const email of ['jane', 'dns-undetermined@presend.test', 'jane@example.invalid'])
    expect(await post(one, '/v1/validate', { email })).not.toHaveProperty('hint');
  expect(await post(one, '/v1/validate/batch', { emails: ['jane'] })).not.toHaveProperty('hint');
});

test('a domain that is silent has none while a resolver answers', async () => {
  const one = await started({});
  expect((await fetch(`${one.url}/readyz`)).status).toBe(200);
  const verdict = await post(one, '/v1/validate', { email: 'jane@broken-zone.org' });
  expect(verdict).toMatchObject({ reason: 'dns_undetermined' });
  expect(verdict).not.toHaveProperty('hint');
});
