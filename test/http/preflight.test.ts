// POST /v1/preflight: limits, refusals and costs. What it finds is the affair of test/preflight.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodKey } from '../preflight/zone-text.ts';
import { type NodeService, startNodeService } from './node-service.ts';

const adminKey = 'an-admin-key-for-tests';
const public4 = '198.41.0.4';

/** A TXT record in strings of at most 255 characters. */
const inStrings = (text: string): string[] => text.match(/.{1,255}/g)!;

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone: {
      net: {},
      'listed.net': { TXT: ['v=spf1 -all'], MX: [[10, 'mx.listed.net']] },
      'mx.listed.net': { A: [public4] },
      '4.0.41.198.bl.lists.net': { A: ['127.0.0.2'] },
      'private.net': { MX: [[10, 'mx.listed.net']] },
      '_mta-sts.private.net': { TXT: ['v=STSv1; id=1'] },
      'mta-sts.private.net': { A: ['127.0.0.1'] },
      'greedy.net': {
        TXT: [
          inStrings(`v=spf1 ${Array.from({ length: 40 }, (_, at) => `a:h${at}.listed.net`).join(' ')} -all`),
        ],
        MX: [[10, 'mx.listed.net']],
      },
      's7._domainkey.signed.net': { TXT: [inStrings(goodKey)] },
      'signed.net': { MX: [[10, 'mx.listed.net']] },
    },
    settings: { ADMIN_KEY: adminKey, DNSBL_ZONES: 'bl.lists.net', LIMITS: 'secret_key=100/3600' },
  });
});
afterAll(() => service.stop());

const post = (path: string, body: unknown, key = adminKey) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const preflight = async (body: unknown, key?: string): Promise<{ status: number; answer: any }> => {
  const response = await post('/v1/preflight', body, key);
  return { status: response.status, answer: await response.json() };
};

test('the blocklists are those of DNSBL_ZONES', async () => {
  const { status, answer } = await preflight({ domain: 'listed.net', ips: [public4] });
  expect(status).toBe(200);
  expect(answer.facts.blocklists).toEqual([
    { zone: 'bl.lists.net', name: public4, state: 'listed', codes: ['127.0.0.2'] },
  ]);
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  expect(answer.findings.map(({ code }: any) => code)).toContain('ip_listed');
});

test('a policy on a private host is not fetched', async () => {
  const { answer } = await preflight({ domain: 'private.net' });
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const found = answer.findings.find(({ code }: any) => code === 'mta_sts_no_policy');
  expect(found.seen).toContain('no public address');
});

describe('a field that is invalid is named', () => {
  test.each([
    [{}, '/domain', 'domain is required'],
    [{ domain: 'nonsense' }, '/domain', 'domain must be a domain such as example.com'],
    [{ domain: '*.example.com' }, '/domain', 'domain must be a domain such as example.com'],
    [{ domain: 'a.net', ips: ['198.41.0.4', '1.2.3'] }, '/ips/1', 'ips[1] must be an IP address'],
    [
      { domain: 'a.net', ips: Array.from({ length: 11 }, () => public4) },
      '/ips',
      'must have at most 10 items',
    ],
    [{ domain: 'a.net', selectors: ['-'] }, '/selectors/0', 'selectors[0] must be a selector'],
    [{ domain: 'a.net', bounce_domain: 'http://a.net' }, '/bounce_domain', 'bounce_domain must be a domain'],
    [{ domain: 'a.net', tracking: ['localhost'] }, '/tracking/0', 'tracking[0] must be a host name'],
  ])('%j', async (body, pointer, detail) => {
    const { status, answer } = await preflight(body);
    expect(status).toBe(422);
    expect(answer.errors[0].pointer).toBe(pointer);
    expect(answer.errors[0].detail).toContain(detail);
  });
});

test('it needs its scope, and costs its queries', async () => {
  const make = async (scopes: string[]): Promise<string> =>
    ((await (await post('/v1/keys', { kind: 'secret', name: 'one', scopes })).json()) as { key: string }).key;
  expect((await preflight({ domain: 'listed.net' }, await make(['validate']))).status).toBe(403);
  const key = await make(['preflight']);
  const statuses = [];
  for (let call = 0; call < 4; call++) statuses.push((await preflight({ domain: 'listed.net' }, key)).status);
  // Each costs 32 of 100 units: 30, and two for the blocklist.
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('what it asks for a large SPF record is charged too', async () => {
  const { key } = (await (
    await post('/v1/keys', { kind: 'secret', name: 'two', scopes: ['preflight'] })
  ).json()) as { key: string };
  const first = await preflight({ domain: 'greedy.net', selectors: ['s1'] }, key);
  expect(first.status).toBe(200);
  expect(first.answer.facts.queries).toBeGreaterThan(80);
  expect((await preflight({ domain: 'listed.net' }, key)).status).toBe(429);
});

test('the selectors of bounced messages are checked', async () => {
  const bounce = [
    'From: MAILER-DAEMON@mx.example.org',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    '',
    'Final-Recipient: rfc822; jane@example.org',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    'From: news@signed.net',
    'DKIM-Signature: v=1; d=signed.net; s=s7; b=abc',
    'Message-ID: <sent-7@signed.net>',
    '',
    '--b--',
  ].join('\r\n');
  const report = async () => {
    const response = await fetch(`${service.url}/v1/bounces`, {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${adminKey}` },
      body: bounce,
    });
    expect(response.status).toBe(200);
  };
  const found = async () => (await preflight({ domain: 'signed.net' })).answer.facts.dkim;
  // Nothing proves that this bounce is genuine.
  await report();
  expect(await found()).toEqual([]);
  await post('/v1/bounces/tokens', {
    items: [{ email: 'jane@example.org', message_id: 'sent-7@signed.net' }],
  });
  await report();
  expect(await found()).toMatchObject([{ name: 's7._domainkey.signed.net', source: 'seen', state: 'valid' }]);
});

test('without a resolver that answers it is 503', async () => {
  const deaf = await startNodeService({ zone: {}, settings: { DOH_URLS: 'http://127.0.0.1:9/dns-query' } });
  try {
    const response = await fetch(`${deaf.url}/v1/preflight`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"domain": "listed.net"}',
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: 'urn:presend:problem:dns-unreachable' });
  } finally {
    await deaf.stop();
  }
});
