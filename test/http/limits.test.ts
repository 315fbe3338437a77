// What the service does under load and with hostile requests: limits on bodies, batches, connections and webhooks.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sharedTimeout, systemTimers } from '../../src/clock.ts';
import { type Capacity, capacityOf } from '../../src/http/middleware/body.ts';
import { hookGuard } from '../../src/http/middleware/hook-guard.ts';
import { keylessRefusal } from '../../src/http/middleware/loopback.ts';
import type { LogEvent } from '../../src/http/ports.ts';
import type { Database } from '../../src/storage/database.ts';
import { type NodeService, type NodeServiceOptions, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

async function started(options: Partial<NodeServiceOptions> = {}): Promise<NodeService> {
  const service = await startNodeService({ zone, ...options });
  onTestFinished(() => service.stop());
  return service;
}

const json = { 'content-type': 'application/json' };
const post = ({ url }: NodeService, path: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  fetch(url + path, { method: 'POST', headers: { ...json, ...headers }, body });
const validate = (service: NodeService, email = 'jane@brisk-otter.com', headers = {}) =>
  post(service, '/v1/validate', JSON.stringify({ email }), headers);

/** A connection that has sent `text` and collects the response. */
async function open(
  { url }: NodeService,
  text: string,
): Promise<{ socket: Socket; response: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  let received = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    received += data;
  });
  const response = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(received));
  });
  await once(socket, 'connect');
  socket.write(text);
  return { socket, response };
}

const unfinished = (path: string, length: number, sent = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${sent}`;

describe('a JSON body that is not UTF-8', () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  test.each([
    ['/v1/validate', '{"email":"jos\xe9@brisk-otter.com"}'],
    ['/v1/validate/batch', '{"emails":["jos\xe9@brisk-otter.com"]}'],
    ['/v1/annotate', '{"email":"jos\xe9@brisk-otter.com"}'],
    ['/v1/suppressions', '{"email":"jos\xe9@brisk-otter.com","reason":"unsubscribe"}'],
    ['/v1/bounces', '{"email":"jos\xe9@brisk-otter.com","reply":"550 5.1.1"}'],
  ])('%s answers 400', async (path, body) => {
    const response = await post(await started(), path, latin1(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:presend:problem:malformed-json',
      title: 'Malformed JSON',
      detail: 'The body is not valid UTF-8.',
    });
  });

  test('UTF-8 with and without a byte order mark is read', async () => {
    const service = await started();
    for (const mark of ['', '\ufeff'])
      expect(
        await (await post(service, '/v1/validate', `${mark}{"email":"josé@brisk-otter.com"}`)).json(),
      ).toMatchObject({
        normalized: 'josé@brisk-otter.com',
      });
  });
});

describe('a validation error names the field and the requirement', () => {
  test.each([
    ['/v1/validate', '{}', '/email', 'email is required'],
    ['/v1/validate', '{"email":7}', '/email', 'email must be a string'],
    ['/v1/validate', '{"email":null}', '/email', 'email must be a string'],
    ['/v1/validate', '7', '', 'the body must be an object'],
    [
      '/v1/suppressions',
      '{"email":"a@b.c","reason":"boredom"}',
      '/reason',
      'reason must be one of "bounce", "complaint", "unsubscribe", "manual"',
    ],
    ['/v1/suppressions/check', '{"emails":["a@b.c",7]}', '/emails/1', 'emails[1] must be a string'],
    [
      '/v1/suppressions/remove',
      '{"email":"a@b.c","consent":{"kind":"double_opt_in","at":"today","evidence":"x"}}',
      '/consent/at',
      'consent.at must be a date such as 2026-08-01 or 2026-08-01T12:00:00Z',
    ],
    ['/v1/keys', '{"kind":"secret","name":""}', '/name', 'name must not be empty'],
  ])('%s %s', async (path, body, pointer, detail) => {
    const response = await post(await started(), path, body);
    expect(response.status).toBe(422);
    const problem = (await response.json()) as { title: string; errors: object[] };
    expect(problem.title).toBe('Validation failed');
    expect(problem.errors).toContainEqual({ pointer, detail });
  });
});

describe('a body that does not come', () => {
  test('ends with 408 after the time limit, and the connection is closed', async () => {
    const service = await started({ serverLimits: { startTimeout: sharedTimeout(30) } });
    for (const length of [100, 100_000]) {
      const { response } = await open(service, unfinished('/v1/validate/batch', length, '{"emails":['));
      expect(await response).toMatch(
        /^HTTP\/1\.1 408 [\s\S]*connection: close[\s\S]*"title":"Request timeout"/i,
      );
    }
    expect((await validate(service)).status).toBe(200);
  });

  test('that breaks off is no error of the service', async () => {
    const service = await started();
    for (const path of ['/v1/validate', '/v1/validate/batch']) {
      const { socket } = await open(
        service,
        unfinished(path, path === '/v1/validate' ? 100 : 100_000, '{"em'),
      );
      socket.destroy();
    }
    const form = await open(
      service,
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nemail\r\njane',
    );
    form.socket.destroy();
    const lines = () => service.log.filter((line) => line.includes('"event":"request"'));
    while (lines().length < 3) await validate(service).then(() => new Promise(setImmediate));
    expect(service.log.join()).not.toContain('"level":"error"');
  });

  test('larger than the limit ends with 413, told or counted', async () => {
    const service = await started();
    const told = await open(service, unfinished('/v1/validate', 17_000));
    expect(await told.response).toMatch(/^HTTP\/1\.1 413 [\s\S]*"title":"Content too large"/);
    const counted = await open(
      service,
      `POST /v1/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${(17_000).toString(16)}\r\n${' '.repeat(17_000)}\r\n`,
    );
    expect(await counted.response).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('bytes of bodies in memory', () => {
  const overloaded =
    /^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"type":"urn:presend:problem:overloaded"/i;
  const isFree = async (capacity: Capacity, amount: number, holder?: string) => {
    while (!capacity.take(amount, holder)) await new Promise(setImmediate);
    capacity.give(amount, holder);
  };
  const isTaken = async (capacity: Capacity, amount: number, holder?: string) => {
    while (capacity.take(amount, holder)) {
      capacity.give(amount, holder);
      await new Promise(setImmediate);
    }
  };

  test('are limited for the whole process: 503 with Retry-After beyond, and small bodies still pass', async () => {
    const bodyBytes = capacityOf(150_000);
    const service = await started({ serverLimits: { bodyBytes } });
    const held = await open(service, unfinished('/v1/validate/batch', 100_000, ' '));
    await isTaken(bodyBytes, 50_001);
    const refused = await open(service, unfinished('/v1/validate/batch', 50_001));
    expect(await refused.response).toMatch(overloaded);
    expect(await refused.response).toMatch(/retry-after: 1\r\n/i);
    expect((await validate(service)).status).toBe(200);

    held.socket.destroy();
    await held.response;
    await isFree(bodyBytes, 150_000);
    const body = JSON.stringify({ emails: new Array(1000).fill('jane@brisk-otter.com') });
    expect((await post(service, '/v1/validate/batch', body)).status).toBe(200);
    // And what it took is returned.
    await isFree(bodyBytes, 150_000);
  });

  test('count as they come where the length is not announced', async () => {
    const bodyBytes = capacityOf(50_000);
    const service = await started({ serverLimits: { bodyBytes } });
    const chunked = (size: number) =>
      `POST /v1/validate/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${' '.repeat(size)}\r\n`;
    const held = await open(service, chunked(40_000));
    await isTaken(bodyBytes, 20_000);
    expect(await (await open(service, chunked(40_000))).response).toMatch(overloaded);
    held.socket.destroy();
    await isFree(bodyBytes, 50_000);
  });

  test('of webhooks are separate, and one client has a part of them', async () => {
    const hookBytes = capacityOf(250_000, 150_000);
    const settings = { ESP_POSTMARK_SHARED_SECRETS: 'right', CRM_KLAVIYO_SIGNING_KEYS: 'a key of klaviyo' };
    const service = await started({ settings, serverLimits: { hookBytes } });
    const held = await open(service, unfinished('/v1/hooks/esp/postmark', 100_000, ' '));
    await isTaken(hookBytes, 60_000, '127.0.0.1');
    for (const path of ['/v1/hooks/esp/postmark', '/v1/hooks/crm/klaviyo']) {
      const refused = await open(service, unfinished(path, 60_000));
      expect(await refused.response).toMatch(overloaded);
    }
    await isFree(hookBytes, 150_000, 'another client');
    const body = JSON.stringify({ emails: new Array(1000).fill('jane@brisk-otter.com') });
    expect((await post(service, '/v1/validate/batch', body)).status).toBe(200);
    held.socket.destroy();
    await isFree(hookBytes, 150_000, '127.0.0.1');
  });

  test('a webhook whose body never ends counts as refused', async () => {
    const settings = { ESP_POSTMARK_SHARED_SECRETS: 'right' };
    const service = await started({ settings, serverLimits: { startTimeout: sharedTimeout(30) } });
    for (let index = 0; index < 60; index++) {
      const slow = await open(service, unfinished('/v1/hooks/esp/postmark', index % 2 === 0 ? 100 : 100_000));
      if (index % 3 === 0) slow.socket.destroy();
      else expect(await slow.response).toMatch(/^HTTP\/1\.1 408 /);
    }
    for (;;) {
      const { response } = await open(service, unfinished('/v1/hooks/esp/postmark', 100));
      if ((await response).startsWith('HTTP/1.1 429 ')) break;
    }
    expect(service.log.filter((line) => line.includes('"why":"body_unfinished"'))).toHaveLength(1);
  });
});

describe('a capacity', () => {
  test('gives what it has, all or nothing', () => {
    const capacity = capacityOf(3);
    expect([capacity.take(2), capacity.take(2), capacity.take(1), capacity.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    capacity.give(3);
    expect(capacity.take(3)).toBe(true);
  });

  test('gives each holder its share at most', () => {
    const capacity = capacityOf(5, 3);
    expect([capacity.take(4, 'a'), capacity.take(3, 'a'), capacity.take(1, 'a')]).toEqual([
      false,
      true,
      false,
    ]);
    expect([capacity.take(3, 'b'), capacity.take(2, 'b')]).toEqual([false, true]);
    capacity.give(1, 'a');
    expect([capacity.take(2, 'a'), capacity.take(1, 'b')]).toEqual([false, true]);
  });
});

describe('batches in progress', () => {
  test.each([
    ['/v1/validate/batch', { emails: ['a@b.c', 'd@e.f'] }],
    ['/v1/annotate', { records: [{ email: 'a@b.c' }, { email: 'd@e.f' }] }],
  ])('%s is answered with 503 while too many rows are in progress', async (path, body) => {
    const batchRows = capacityOf(2);
    const service = await started({ serverLimits: { batchRows } });
    expect(batchRows.take(1)).toBe(true);
    const refused = await post(service, path, JSON.stringify(body));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await validate(service)).status).toBe(200);
    batchRows.give(1);
    for (const _ of [1, 2]) expect((await post(service, path, JSON.stringify(body))).status).toBe(200);
  });
});

test('a batch counts until its response has been sent', async () => {
  const sent: (() => void)[] = [];
  const batchRows = capacityOf(2);
  const whenSent = (_: unknown, release: () => void) => {
    sent.push(release);
  };
  const service = await started({ serverLimits: { batchRows, whenSent } });
  const batch = () => post(service, '/v1/validate/batch', '{"emails":["a@b.c","d@e.f"]}');
  expect([(await batch()).status, (await batch()).status]).toEqual([200, 503]);
  sent.pop()!();
  expect([(await batch()).status, sent.length]).toEqual([200, 1]);
});

describe('JSON that costs far more memory than its bytes', () => {
  test.each([
    ['nested a thousand deep', `{"email":"a@b.c","id":${'['.repeat(1000)}${']'.repeat(1000)}}`],
    ['of a million empty arrays', `{"records":[{"email":"a@b.c","tags":[${'[],'.repeat(1_000_000)}[]]}]}`],
  ])('%s is refused', async (_, body) => {
    const response = await post(await started(), '/v1/annotate', body);
    expect([response.status, ((await response.json()) as { type: string }).type]).toEqual([
      400,
      'urn:presend:problem:malformed-json',
    ]);
  });

  test('a thousand records with many fields pass', async () => {
    const fields = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`field_${index}`, index]));
    const records = Array.from({ length: 1000 }, (_, id) => ({ id, email: 'ok@presend.test', ...fields }));
    expect((await post(await started(), '/v1/annotate', JSON.stringify({ records }))).status).toBe(200);
  });
});

describe('connections', () => {
  test('beyond MAX_CONNECTIONS are answered with 503 and closed, until others leave', async () => {
    const service = await started({ settings: { MAX_CONNECTIONS: '2' } });
    const first = await open(service, 'GET /healthz HTTP/1.1\r\n');
    await open(service, 'GET /healthz HTTP/1.1\r\n');
    const third = await open(service, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const answer = await third.response;
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n/);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:presend:problem:overloaded', status: 503 });
    first.socket.destroy();
    await first.response;
    for (;;) {
      const response = await fetch(`${service.url}/healthz`).catch(() => null);
      if (response?.status === 200) break;
    }
  });
});

describe('a service without keys', () => {
  test.each(['x-forwarded-for', 'forwarded', 'via'])('refuses requests with %s', async (name) => {
    const service = await started();
    const refused = await validate(service, undefined, {
      [name]: name === 'via' ? '1.1 proxy' : 'for=192.0.2.1',
    });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ type: 'urn:presend:problem:forbidden:proxied' });
    expect((await validate(service)).status).toBe(200);
  });

  test('with a key, a proxy may be in between', async () => {
    const service = await started({ settings: { ADMIN_KEY: 'an-admin-key-for-tests' } });
    const headers = {
      authorization: 'Bearer an-admin-key-for-tests',
      via: '1.1 proxy',
      'x-forwarded-for': '192.0.2.1',
    };
    expect((await validate(service, undefined, headers)).status).toBe(200);
  });

  test.each([
    ['http://localhost:8787/v1/validate', {}, null],
    ['http://127.0.0.1/v1/validate', {}, null],
    ['http://[::1]:8787/v1/validate', {}, null],
    ['http://localhost:8787/v1/validate', { origin: 'http://localhost:8787' }, null],
    ['http://localhost:8787/v1/validate', { origin: 'http://localhost:8788' }, 'origin'],
    ['http://localhost:8787/v1/validate', { origin: 'https://evil.example' }, 'origin'],
    // A form of the console: its page sends no Referer, so its origin is withheld.
    ['http://localhost:8787/console', { origin: 'null', 'sec-fetch-site': 'same-origin' }, null],
    ['http://localhost:8787/console', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 'origin'],
    ['http://localhost:8787/console', { origin: 'null' }, 'origin'],
    ['http://rebound.example/console', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 'host'],
    ['http://rebound.example/v1/validate', {}, 'host'],
    ['http://rebound.example/v1/validate', { origin: 'http://rebound.example' }, 'host'],
    ['http://localhost:8787/v1/validate', { via: '' }, 'proxied'],
  ])('%s %j: %s', (url, headers: Record<string, string>, refusal) => {
    expect(keylessRefusal(url, (name) => headers[name])).toBe(refusal);
  });
});

describe('webhooks that do not verify', () => {
  const refusals = 60;

  test('are refused with 429 after 60 in a minute, before their body is read; others pass', async () => {
    // The clock stands still: time would allow more refusals.
    const timers = { ...systemTimers, now: () => Date.UTC(2026, 10, 27) };
    const service = await started({ settings: { ESP_POSTMARK_SHARED_SECRETS: 'right' }, timers });
    const send = (secret: string, path = '/v1/hooks/esp/postmark') =>
      post(service, path, '{"RecordType":"Open"}', { authorization: `Basic ${btoa(`presend:${secret}`)}` });
    for (let index = 0; index < refusals; index++) expect((await send('wrong')).status).toBe(401);
    const limited = await open(service, unfinished('/v1/hooks/esp/postmark', 100_000));
    expect(await limited.response).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: \d/i);
    expect(service.log.filter((line) => line.includes('webhook_refused'))).toHaveLength(1);
  });

  test('of a provider without a secret are refused before their body is read', async () => {
    const service = await started();
    const { response } = await open(service, unfinished('/v1/hooks/esp/mandrill', 4_000_000));
    expect(await response).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 300[\s\S]*Webhook not configured/i);
  });

  test('are logged once a minute and cause, with the number of those before', () => {
    let now = 0;
    const events: LogEvent[] = [];
    const guard = hookGuard({
      clientAddress: () => '192.0.2.1',
      logEvent: (event) => events.push(event),
      now: () => now,
      onRefused: () => {},
    });
    const context = {} as never;
    const refuse = (why: string) => guard.refused(context, 'postmark', why);
    for (let index = 0; index < 3; index++) refuse('signature_wrong');
    refuse('credentials_missing');
    now = 59_999;
    refuse('signature_wrong');
    expect(events.map(({ why, unlogged }) => [why, unlogged])).toEqual([
      ['signature_wrong', undefined],
      ['credentials_missing', undefined],
    ]);
    now = 60_000;
    refuse('signature_wrong');
    expect(events.at(-1)).toMatchObject({
      event: 'webhook_refused',
      provider: 'postmark',
      why: 'signature_wrong',
      unlogged: 3,
    });
  });

  test('are limited per client, and the limit refills', () => {
    let now = 0;
    let client = '192.0.2.1';
    const guard = hookGuard({
      ...{ clientAddress: () => client, now: () => now },
      ...{ logEvent: () => {}, onRefused: () => {} },
    });
    const context = { get: () => ({}), set: () => {} } as never;
    for (let index = 0; index < refusals; index++) {
      expect(guard.refusal(context)).toBeNull();
      guard.refused(context, 'postmark', 'signature_wrong');
    }
    expect(guard.refusal(context)!.status).toBe(429);
    expect(guard.refusal(context)!.headers.get('retry-after')).toBe('1');
    client = '192.0.2.2';
    expect(guard.refusal(context)).toBeNull();
    client = '192.0.2.1';
    now = 1000;
    expect(guard.refusal(context)).toBeNull();
  });
});

describe('storage that fails', () => {
  const key = 'an-admin-key-for-tests';
  const settings = { ADMIN_KEY: key };
  const failing = (error: Error) => (real: Database) => ({
    ...real,
    all: () => Promise.reject(error),
    first: () => Promise.reject(error),
    run: () => Promise.reject(error),
    batch: () => Promise.reject(error),
  });
  const sqliteError = (errcode: number) =>
    Object.assign(new Error('database is locked, jane@brisk-otter.com'), {
      code: 'ERR_SQLITE_ERROR',
      errcode,
    });

  test.each([
    ['locked', sqliteError(5), 503, '5', 'SQLITE_BUSY'],
    ['full', sqliteError(13), 507, null, 'SQLITE_FULL'],
    [
      'failing on D1',
      Object.assign(new Error('Network connection lost.'), { code: 'D1_NETWORK' }),
      503,
      '5',
      'D1_NETWORK',
    ],
  ])('%s: the caller gets the status, the log the code', async (_, error, status, retryAfter, code) => {
    const service = await started({ settings, database: failing(error) });
    const headers = { authorization: `Bearer ${key}` };
    for (const response of [
      await fetch(`${service.url}/v1/suppressions`, { headers }),
      await post(service, '/v1/suppressions', '{"email":"jane@brisk-otter.com","reason":"manual"}', headers),
    ]) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
      expect(await response.text()).not.toContain('locked');
    }
    expect(service.log.join()).toContain(`"code":"${code}"`);
    expect(service.log.join()).not.toContain('jane');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  });
});

test('a full disk: 507 with the code of SQLite in the log, and /readyz is not ready', async () => {
  const service = await started();
  // SQLite gives the same error for a file that may not grow as for a disk without space.
  await service.database.run('PRAGMA max_page_count = 1');
  const addMany = () => {
    const emails = Array.from({ length: 1000 }, () => `${crypto.randomUUID()}@brisk-otter.com`);
    return fetch(`${service.url}/v1/suppressions/import`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: `email,reason\n${emails.map((email) => `${email},manual`).join('\n')}\n`,
    });
  };
  let response = await addMany();
  for (let imports = 0; response.status === 200 && imports < 20; imports++) response = await addMany();
  expect([response.status, ((await response.json()) as { type: string }).type]).toEqual([
    507,
    'urn:presend:problem:storage-full',
  ]);
  expect(service.log.join()).toContain('"code":"SQLITE_FULL"');
  expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
  expect((await validate(service)).status).toBe(200);
});

describe('a publishable key', () => {
  const origin = 'https://shop.example';

  async function withKey(options: Partial<NodeServiceOptions> = {}) {
    const service = await started(options);
    const created = await post(service, '/v1/keys', JSON.stringify({ kind: 'secret', name: 'server' }));
    const { key: secret } = (await created.json()) as { key: string };
    const server = { authorization: `Bearer ${secret}` };
    const shop = await post(
      service,
      '/v1/keys',
      JSON.stringify({ kind: 'publishable', name: 'shop', origins: [origin] }),
      server,
    );
    const { key } = (await shop.json()) as { key: string };
    return { service, server, page: { authorization: `Bearer ${key}`, origin } };
  }

  const predictions = async ({ database, tend }: NodeService) => {
    await tend();
    return (await database.all('SELECT * FROM predictions')).length;
  };

  test('teaches nothing; the server that confirms its token does', async () => {
    const { service, server, page } = await withKey();
    const response = await validate(service, 'jane@brisk-otter.com', page);
    const { token } = (await response.json()) as { token: string };
    expect(await predictions(service)).toBe(0);
    const confirmed = await post(
      service,
      '/v1/tokens/confirm',
      JSON.stringify({ token, email: 'jane@brisk-otter.com' }),
      server,
    );
    expect(confirmed.status).toBe(200);
    expect(await predictions(service)).toBe(1);
  });

  test('is shown the prior, whatever was learned of the source that it names', async () => {
    let offset = 0;
    const { service, server, page } = await withKey({
      settings: { ESP_POSTMARK_SHARED_SECRETS: 'right' },
      timers: { ...systemTimers, now: () => Date.now() + offset },
    });
    const item = (index: number) => ({ email: `jane${index}@brisk-otter.com`, source: 'bought list' });
    const indexes = Array.from({ length: 100 }, (_, index) => index);
    await post(service, '/v1/validate/batch', JSON.stringify({ items: indexes.map(item) }), server);
    await service.tend();
    const later = new Date(Date.now() + 1000).toISOString();
    for (const index of indexes) {
      const { email } = item(index);
      const event =
        index === 0
          ? { RecordType: 'Delivery', Recipient: email, DeliveredAt: later, MessageID: `${index}` }
          : {
              RecordType: 'Bounce',
              Type: 'HardBounce',
              Email: email,
              BouncedAt: later,
              MessageID: `${index}`,
            };
      await post(service, '/v1/hooks/esp/postmark', JSON.stringify(event), { 'x-webhook-token': 'right' });
    }
    const seen = async (headers: Record<string, string>) => {
      const response = await post(service, '/v1/validate', JSON.stringify(item(100)), headers);
      return ((await response.json()) as { bounce: { basis: string; sample: number } }).bounce;
    };
    // What was learned is read again after a while.
    offset = 60_000;
    await seen(server);
    await service.tend();
    expect((await seen(server)).basis).toBe('observed');
    expect(await seen(page)).toMatchObject({ basis: 'prior', sample: 0 });
  });
});

test('an Idempotency-Key belongs to its API key', async () => {
  const service = await started();
  const keys: string[] = [];
  for (const name of ['first', 'second']) {
    const headers = keys.length > 0 ? { authorization: `Bearer ${keys[0]}` } : {};
    const created = await post(service, '/v1/keys', JSON.stringify({ kind: 'secret', name }), headers);
    keys.push(((await created.json()) as { key: string }).key);
  }
  const upload = async (key: string) => {
    const response = await fetch(`${service.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv', 'idempotency-key': 'import 1' },
      body: 'email\njane@brisk-otter.com\n',
    });
    return [response.status, ((await response.json()) as { id: string }).id] as const;
  };
  const [first, other, again] = [await upload(keys[0]!), await upload(keys[1]!), await upload(keys[0]!)];
  expect([first[0], other[0], again[0]]).toEqual([202, 202, 200]);
  expect(again[1]).toBe(first[1]);
  expect(other[1]).not.toBe(first[1]);
});

test('a campaign name cannot reorder the text of /reports', async () => {
  const service = await started();
  const campaign = 'spring\u202Esale\u2066';
  await post(
    service,
    '/v1/bounces',
    JSON.stringify({ email: 'jane@brisk-otter.com', reply: '550 5.1.1 unknown', campaign }),
  );
  const page = await (await fetch(`${service.url}/reports`)).text();
  expect(page).toContain('spring\ufffdsale\ufffd');
  expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});
