// POST /v1/preflights: what it costs, and that several domains are checked at the same time.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';

const adminKey = 'an-admin-key-for-tests';
const ips = '198.41.0.4 ip=198.41.0.5 ip=198.41.0.6';
const greedy = Array.from({ length: 9 }, (_, at) => `a:h${at}.many.net a:i${at}.many.net a:j${at}.many.net`);

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone: {
      net: {},
      'many.net': { TXT: [`v=spf1 ${greedy.slice(0, 3).join(' ')} -all`] },
    },
    settings: {
      ADMIN_KEY: adminKey,
      PREFLIGHT_DOMAINS: `plain.net, more.net selector=s1 selector=s2 ip=${ips}, many.net`,
      DNSBL_ZONES: 'bl.lists.net',
      LIMITS: 'secret_key=1000/3600',
    },
  });
  // The first check of a domain begins when the service does: until it has ended, nobody else checks the domain.
  await service.maintain();
  await post('/v1/preflights', {});
});
afterAll(() => service.stop());

const post = (path: string, body: unknown, key = adminKey) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });

/** The units that a call costs a key that is new. */
async function costOf(path: string, body: unknown): Promise<number> {
  const made = await post('/v1/keys', { kind: 'secret', name: 'one', scopes: ['preflight'] });
  const { key } = (await made.json()) as { key: string };
  const response = await post(path, body, key);
  expect(response.status).toBe(200);
  const [, left] = /r=(\d+)/.exec(response.headers.get('ratelimit')!)!;
  return 1000 - Number(left);
}

test.each([
  [{ domain: 'plain.net' }],
  [{ domain: 'more.net', selectors: ['s1', 's2'], ips: ['198.41.0.4', '198.41.0.5', '198.41.0.6'] }],
  [{ domain: 'many.net' }],
])('a watched domain costs what its preflight costs: %j', async (body) => {
  expect(await costOf('/v1/preflights', { domain: body.domain })).toBe(await costOf('/v1/preflight', body));
});

test('all domains cost the sum', async () => {
  let sum = 0;
  for (const domain of ['plain.net', 'more.net', 'many.net'])
    sum += await costOf('/v1/preflights', { domain });
  expect(await costOf('/v1/preflights', {})).toBe(sum);
});

test('the answer has the domains in the order of the setting', async () => {
  const { items } = (await (await post('/v1/preflights', {})).json()) as { items: { domain: string }[] };
  expect(items.map(({ domain }) => domain)).toEqual(['plain.net', 'more.net', 'many.net']);
});
