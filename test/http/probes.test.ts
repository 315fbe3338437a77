// POST /v1/probes, and the checks without which no mail host is asked.

import { expect, onTestFinished, test } from 'vitest';
import { type NodeServiceOptions, startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';

const zone = {
  ...proberZone,
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com'] as [number, string]] },
  'mx.brisk-otter.com': { A: ['198.41.0.7'] },
  'inside-only.org': { MX: [[10, 'mx.inside-only.org'] as [number, string]] },
  'mx.inside-only.org': { A: ['10.0.0.1'] },
  'old-otter.com': { MX: [[10, 'mta5.am0.yahoodns.net'] as [number, string]] },
  'mta5.am0.yahoodns.net': { A: ['198.41.0.8'] },
};
const adminKey = 'an-admin-key-for-tests';

async function start(options: Partial<NodeServiceOptions> = {}) {
  const service = await startNodeService({
    zone,
    settings: { ...proberSettings, ADMIN_KEY: adminKey },
    ...options,
  });
  onTestFinished(() => service.stop());
  const post = (path: string, body: object, key: string | null = adminKey, headers = {}) =>
    fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const probe = async (addresses: readonly string[], fields: object = {}) => {
    const response = await post('/v1/probes', { addresses, wait_seconds: 20, ...fields });
    const { results } = (await response.json()) as { results: { proof: string; cause: string | null }[] };
    return results.map(({ proof, cause }) => (cause === null ? proof : `${proof} ${cause}`));
  };
  return { service, post, probe };
}

test('exists, unknown, a provider that is not asked, a private host, and a text that is not an address', async () => {
  const smtp = standInSmtp();
  const { probe, post } = await start({ smtp });
  const addresses = [
    'jane@brisk-otter.com',
    'dead@brisk-otter.com',
    'jane@old-otter.com',
    'jane@inside-only.org',
    'not an address',
    'Jane@Brisk-Otter.com',
  ];
  const expected = [
    'exists',
    'unknown_user',
    'not_checked provider',
    'undetermined no_mail_host',
    'not_checked syntax_error',
    'exists',
  ];
  expect(await probe(addresses, { wait_seconds: 5 })).toEqual(expected);
  const asked = smtp.log.commands.length;
  // Asked again: the answers are kept, so nobody is asked.
  expect(await probe(['jane@brisk-otter.com', 'dead@brisk-otter.com'])).toEqual(['exists', 'unknown_user']);
  expect(smtp.log.commands).toHaveLength(asked);
  const verdict = await post('/v1/validate', { email: 'dead@brisk-otter.com' });
  expect(await verdict.json()).toMatchObject({ reason: 'mailbox_unknown', result: 'undeliverable' });
});

test('it is told nothing of the suppression list and of the delivery events', async () => {
  const { probe, post } = await start({ smtp: standInSmtp() });
  await post('/v1/suppressions', { email: 'jane@brisk-otter.com', reason: 'complaint', source: 'test' });
  expect(await probe(['jane@brisk-otter.com'])).toEqual(['exists']);
});

test('only a key with the scope probe may ask', async () => {
  const { post } = await start({ smtp: standInSmtp() });
  const key = async (scopes: readonly string[]) =>
    ((await (await post('/v1/keys', { kind: 'secret', name: 'k', scopes })).json()) as { key: string }).key;
  const body = { addresses: ['jane@brisk-otter.com'], wait_seconds: 0 };
  const [prober, other] = [await key(['probe']), await key(['validate'])];
  const statuses = [prober, other, 'sk_wrong', null].map(
    async (one) => (await post('/v1/probes', body, one)).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 403, 401, 401]);
  expect((await post('/v1/suppressions/check', { email: 'jane@brisk-otter.com' }, prober)).status).toBe(403);
});

test.each([
  ['no address', { addresses: [] }],
  ['too many', { addresses: Array(101).fill('jane@brisk-otter.com') }],
  ['too long a wait', { addresses: ['jane@brisk-otter.com'], wait_seconds: 61 }],
  ['too long an address', { addresses: ['x'.repeat(501)] }],
])('422: %s', async (_, body) => {
  const { post } = await start({ smtp: standInSmtp() });
  expect((await post('/v1/probes', body)).status).toBe(422);
});

test('each address costs one unit of the rate limit', async () => {
  const settings = { ...proberSettings, ADMIN_KEY: adminKey, LIMITS: 'secret_key=5/60' };
  const { post } = await start({ smtp: standInSmtp(), settings });
  const made = await post('/v1/keys', { kind: 'secret', name: 'k', scopes: ['probe'] });
  const { key } = (await made.json()) as { key: string };
  const ask = (count: number) =>
    post('/v1/probes', { addresses: Array(count).fill('jane@brisk-otter.com'), wait_seconds: 0 }, key);
  expect([(await ask(4)).status, (await ask(2)).status]).toEqual([200, 429]);
});

test('without MAILBOX_PROOF=smtp nobody is asked', async () => {
  const smtp = standInSmtp();
  const { post } = await start({ smtp, settings: { ADMIN_KEY: adminKey } });
  const response = await post('/v1/probes', { addresses: ['jane@brisk-otter.com'] });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ type: 'urn:presend:problem:no-prober' });
  expect(smtp.log.connections).toBe(0);
});

test.each([
  ['port_25', {}, { reach: () => false }, {}],
  ['refused', {}, {}, { greeting: '554 5.7.1 listed at zen.spamhaus.org\r\n' }],
  ['ptr_missing', { '20.0.41.198.in-addr.arpa': {} }, {}, {}],
  [
    'helo_not_ptr',
    {
      '20.0.41.198.in-addr.arpa': { PTR: ['other.quick-otter.net'] },
      'other.quick-otter.net': { A: ['198.41.0.20'] },
    },
    {},
    {},
  ],
  ['helo_other_address', { 'probe.quick-otter.net': { A: ['198.41.0.5'] } }, {}, {}],
  [
    'spf_ip_not_allowed',
    { 'quick-otter.net': { MX: [[10, 'mx.brisk-otter.com']], TXT: ['v=spf1 ip4:198.41.0.5 -all'] } },
    {},
    {},
  ],
])('%s: proof is off, and says why', async (code, records, reach, parts) => {
  const smtp = standInSmtp(parts, reach);
  const { probe, service } = await start({ smtp, zone: { ...zone, ...records } as typeof zone });
  expect(await probe(['jane@brisk-otter.com'])).toEqual(['not_checked off']);
  expect(smtp.log.commands.filter((command) => command.startsWith('MAIL'))).toEqual([]);
  const line = service.log.map((text) => JSON.parse(text)).find(({ event }) => event === 'prober_off');
  expect(line.faults.map((fault: { code: string }) => fault.code)).toContain(code);
  expect(line.faults.every(({ todo }: { todo: string }) => todo.length > 10)).toBe(true);
  const ready = await fetch(`${service.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(((await ready.json()) as { checks: object[] }).checks).toContainEqual({
    name: 'mailbox proof',
    ok: false,
    detail: expect.stringContaining(code),
  });
});
