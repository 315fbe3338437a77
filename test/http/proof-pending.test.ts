// POST /v1/validate with `callback_url`: the verdict comes at once, and the new one as a signed webhook.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { SmtpRuntime } from '../../src/platform/service-prober.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { adminKey } from '../contract/auth.ts';
import { ok } from '../mailbox/peers.ts';
import { startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';

const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`;
const zone = {
  ...proberZone,
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com'] as [number, string]] },
  'mx.brisk-otter.com': { A: ['198.51.100.7'] },
};
const patience = { timeout: 20_000 };
const signing = { CALLBACK_SECRET: secret, CALLBACK_TARGETS: 'loopback' };

interface Told {
  readonly type: string;
  readonly data: {
    readonly changed: boolean;
    readonly verdict: { readonly email: string; readonly reason: string; readonly mailbox: object };
  };
}

async function receiver() {
  const received: Told[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const id = request.headers['webhook-id'] as string;
    const at = Number(request.headers['webhook-timestamp']) * 1000;
    const expected = await webhookHeaders(webhookSecret(secret)!, { id, at, body });
    if (expected['webhook-signature'] === request.headers['webhook-signature'])
      received.push(JSON.parse(body));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function service(settings: Readonly<Record<string, string>>, smtp: SmtpRuntime = standInSmtp()) {
  const started = await startNodeService({ zone, settings, smtp });
  onTestFinished(() => started.stop());
  const post = async (path: string, body: object, key?: string, origin?: string) => {
    const response = await fetch(started.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key && { authorization: `Bearer ${key}` }),
        ...(origin && { origin }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };
  return { ...started, post };
}

test('the response does not wait, and the receiver is told what the mail host said', async () => {
  const { received, url } = await receiver();
  const { post, database } = await service({ ...proberSettings, ...signing });
  const { body } = await post('/v1/validate', { email: 'dead@brisk-otter.com', callback_url: url });
  expect(body).toMatchObject({ result: 'deliverable', reason: 'no_known_obstacle', proof_pending: true });
  await expect.poll(() => received, patience).toHaveLength(1);
  expect(received[0]).toMatchObject({
    type: 'verdict.changed',
    data: {
      changed: true,
      previous: { result: 'deliverable', reason: 'no_known_obstacle', action: 'accept' },
      verdict: {
        ...{ email: 'dead@brisk-otter.com', result: 'undeliverable', reason: 'mailbox_unknown' },
        mailbox: { proof: 'unknown_user', basis: 'smtp' },
      },
    },
  });
  await expect.poll(() => database.all('SELECT id FROM pending_proofs', []), patience).toEqual([]);
  // What is known now is not asked again.
  const again = await post('/v1/validate', { email: 'dead@brisk-otter.com', callback_url: url });
  expect(again.body).toMatchObject({ reason: 'mailbox_unknown', proof_pending: false });
});

test('a batch says for each address whether a new verdict follows', async () => {
  const { received, url } = await receiver();
  const { post } = await service({ ...proberSettings, ...signing });
  const emails = ['jane@brisk-otter.com', 'no address', 'dead@brisk-otter.com', 'jane@brisk-otter.com'];
  const { body } = await post('/v1/validate/batch', { emails, callback_url: url });
  const results = body['results'] as unknown as { proof_pending: boolean }[];
  expect(results.map(({ proof_pending }) => proof_pending)).toEqual([true, false, true, true]);
  await expect.poll(() => received.length, patience).toBe(2);
  const told = new Map(received.map(({ data: { verdict } }) => [verdict.email, verdict.reason]));
  expect(told.get('dead@brisk-otter.com')).toBe('mailbox_unknown');
  expect(told.get('jane@brisk-otter.com')).toBe('no_known_obstacle');
});

test('a host that refuses the prober is told as well, and the verdict stays', async () => {
  const { received, url } = await receiver();
  const smtp = standInSmtp({
    rcpt: () => '550 5.7.1 Service unavailable; client host blocked using zen\r\n',
  });
  const { post } = await service({ ...proberSettings, ...signing }, smtp);
  await post('/v1/validate', { email: 'jane@brisk-otter.com', callback_url: url });
  // The host rests after its refusal, so nothing is told before a day has passed.
  await expect
    .poll(() => smtp.log.commands.some((command) => command.startsWith('RCPT')), patience)
    .toBe(true);
  expect(received).toEqual([]);
});

test('without callback_url nothing changes', async () => {
  const smtp = standInSmtp();
  const { post, database } = await service({ ...proberSettings, ...signing }, smtp);
  const { body } = await post('/v1/validate', { email: 'dead@brisk-otter.com' });
  expect(body).not.toHaveProperty('proof_pending');
  const batch = await post('/v1/validate/batch', { emails: ['dead@brisk-otter.com'], callback_url: null });
  expect(JSON.stringify(batch.body)).not.toContain('proof_pending');
  expect(await database.all('SELECT id FROM pending_proofs', [])).toEqual([]);
});

test.each([
  ['nowhere', 'callback_url must be a valid URL'],
  ['http://example.com/', 'callback_url must begin with https://'],
  ['https://10.0.0.1/', 'callback_url must have a host name, not an IP address'],
  ['https://user:pass@example.com/', 'callback_url must not contain a user name or password'],
  ['https://printer.local/', 'callback_url must have a public host name whose IP addresses are all public'],
])('%s is refused', async (url, detail) => {
  const { post } = await service({ ...proberSettings, ...signing });
  for (const [path, body] of [
    ['/v1/validate', { email: 'jane@brisk-otter.com' }],
    ['/v1/validate/batch', { emails: ['jane@brisk-otter.com'] }],
  ] as const) {
    const refused = await post(path, { ...body, callback_url: url });
    expect(refused).toMatchObject({ status: 422 });
    if (path === '/v1/validate')
      expect(refused.body).toMatchObject({ errors: [{ pointer: '/callback_url', detail }] });
  }
});

test('a URL of more than 2,000 characters is refused', async () => {
  const { post } = await service({ ...proberSettings, ...signing });
  const callback_url = `https://example.com/${'a'.repeat(2000)}`;
  expect(await post('/v1/validate', { email: 'jane@brisk-otter.com', callback_url })).toMatchObject({
    status: 422,
    body: { errors: [{ detail: 'callback_url must be at most 2000 characters long' }] },
  });
});

test('callback_url needs a prober and CALLBACK_SECRET', async () => {
  const email = 'jane@brisk-otter.com';
  const refusal = async (settings: Readonly<Record<string, string>>) => {
    const { post } = await service(settings);
    const { body } = await post('/v1/validate', { email, callback_url: 'https://example.com/' });
    return (body['errors'] as unknown as { detail: string }[])[0]!.detail;
  };
  expect(await refusal(signing)).toContain('not set up to ask mail hosts');
  expect(await refusal(proberSettings)).toContain('no CALLBACK_SECRET');
});

test('a publishable key cannot ask for it', async () => {
  const { post, database } = await service({ ...proberSettings, ...signing, ADMIN_KEY: adminKey });
  const created = await post(
    '/v1/keys',
    { name: 'form', kind: 'publishable', origins: ['https://shop.example'] },
    adminKey,
  );
  const body = { email: 'jane@brisk-otter.com', callback_url: 'https://example.com/' };
  const refused = await post('/v1/validate', body, String(created.body['key']), 'https://shop.example');
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/callback_url' }] } });
  expect(await database.all('SELECT id FROM pending_proofs', [])).toEqual([]);
});

test('an address costs two units of the rate limit', async () => {
  const { received, url } = await receiver();
  const { post } = await service({
    ...{ ...proberSettings, ...signing, ADMIN_KEY: adminKey },
    LIMITS: 'secret_key=4/60',
  });
  const created = await post('/v1/keys', { name: 'shop', kind: 'secret' }, adminKey);
  const ask = (email: string) =>
    post('/v1/validate', { email, callback_url: url }, String(created.body['key']));
  expect((await ask('jane@brisk-otter.com')).status).toBe(200);
  expect((await ask('kim@brisk-otter.com')).status).toBe(200);
  expect((await ask('dead@brisk-otter.com')).status).toBe(429);
  await expect.poll(() => received.length, patience).toBe(2);
});

test('a greylisting host is asked again after the time it names', async () => {
  const { received, url } = await receiver();
  const { post, database } = await service(
    { ...proberSettings, ...signing },
    standInSmtp({
      rcpt: (address) =>
        address.startsWith('jane') ? '450 4.2.0 Greylisted, try again in 300 seconds\r\n' : ok,
    }),
  );
  await post('/v1/validate', { email: 'jane@brisk-otter.com', callback_url: url });
  const waits = async () => {
    const [row] = await database.all<{ next_at: number; created_at: number; lease: number }>(
      'SELECT next_at, created_at, lease FROM pending_proofs WHERE lease_until = 0',
      [],
    );
    return row === undefined || row.lease === 0 ? null : Math.round((row.next_at - row.created_at) / 60_000);
  };
  await expect.poll(waits, patience).toBe(5);
  expect(received).toEqual([]);
});
