// Keys on Node where the battery cannot look: storage that is counted or fails, and a service without keys.

import { request } from 'node:http';
import { Hono } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AnswerVariables } from '../../src/http/answer.ts';
import { createApp } from '../../src/http/app.ts';
import { everyRoute, requireKey } from '../../src/http/middleware/auth.ts';
import { publishableRoute } from '../../src/http/middleware/cors.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import type { HttpPorts } from '../../src/http/ports.ts';
import { resources, routeScopes } from '../../src/http/resources.ts';
import type { Database } from '../../src/storage/database.ts';
import { adminKey, authSettings } from '../contract/auth.ts';
import { type NodeService, type NodeServiceOptions, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

async function started(options: Partial<NodeServiceOptions> = {}): Promise<NodeService> {
  const service = await startNodeService({ zone, ...options });
  onTestFinished(() => service.stop());
  return service;
}

const post = (
  { url }: NodeService,
  path: string,
  body: object,
  key?: string,
  headers: Record<string, string> = {},
) =>
  fetch(url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });

const make = async (
  service: NodeService,
  wanted: object,
  as?: string,
): Promise<{ key: string; id: string }> =>
  (await post(service, '/v1/keys', { name: 'for a test', ...wanted }, as)).json() as never;

const shop = { origin: 'https://shop.example' };

describe('scopes', () => {
  const app = createApp({
    crm: { settings: new Map() },
    feedback: {},
    hookStates: {},
    pending: { followsCrm: () => false },
    now: () => 0,
  } as unknown as HttpPorts);

  test('no two patterns overlap in a way that makes Hono match every request with its slower router', () => {
    const router = new RegExpRouter();
    for (const { method, path, handler } of app.routes) router.add(method, path, handler);
    expect(() => router.match('POST', '/v1/validate')).not.toThrow();
  });

  test('every route below /v1 declares one, and no other route is declared', () => {
    const served = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
      .map(({ method, path }) => `${method} ${path}`);
    const declared = Object.keys(routeScopes).filter((route) => route.includes(' /v1/'));
    expect(new Set(declared)).toEqual(new Set(served));
    expect(routeScopes).toHaveProperty([publishableRoute]);
  });

  test('every documented route behind a key says what it answers when the key does not let it pass', () => {
    const { paths } = openApiDocument(resources, '0') as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    const byKey = Object.entries(routeScopes).filter(([, scope]) => scope !== 'sender' && scope !== 'public');
    for (const [route] of byKey) {
      const [method, path] = route.split(' ') as [string, string];
      const { responses } = paths[path.replaceAll(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!;
      expect(Object.keys(responses), route).toEqual(expect.arrayContaining(['401', '403', '429', '503']));
    }
    for (const [path, operations] of Object.entries(paths))
      for (const operation of Object.values(operations))
        if (!('security' in operation)) expect(operation.responses, path).not.toHaveProperty('403');
  });

  test('a route without a scope is closed to every caller, an admin and loopback included', async () => {
    const adminKey = 'an-admin-key-for-tests';
    for (const keyless of [true, false]) {
      const ports = {
        keyless,
        keyRing: { isAdmin: (text: string) => text === adminKey, anyMade: () => false },
      } as unknown as HttpPorts;
      const app = new Hono<{ Variables: AnswerVariables }>()
        .use((c, next) => {
          c.set('requestId', 'r');
          c.set('headers', {});
          return next();
        })
        .use(everyRoute, requireKey(ports, { 'GET /v1/open': 'validate' }))
        .get('/v1/open', (c) => c.text('open'))
        .get('/v1/forgotten', (c) => c.text('open'));
      const ask = (path: string) =>
        app.request(`http://localhost${path}`, { headers: { authorization: `Bearer ${adminKey}` } });
      expect((await ask('/v1/open')).status).toBe(200);
      expect((await ask('/v1/forgotten')).status).toBe(404);
    }
  });
});

describe('a publishable key and storage', () => {
  test('after its look-up no storage call is made, for a suppressed address or another', async () => {
    const calls: string[] = [];
    const counted = (real: Database): Database => ({
      all: (sql, params) => {
        calls.push(sql);
        return real.all(sql, params);
      },
      first: (sql, params) => {
        calls.push(sql);
        return real.first(sql, params);
      },
      run: (sql, params) => {
        calls.push(sql);
        return real.run(sql, params);
      },
      batch: (statements) => {
        calls.push(...statements.map(({ sql }) => sql));
        return real.batch(statements);
      },
    });
    const service = await started({ settings: { ADMIN_KEY: adminKey }, database: counted });
    const { key } = await make(service, { kind: 'publishable', origins: [shop.origin] }, adminKey);
    const suppressed = { email: 'on.the.list@brisk-otter.com', reason: 'complaint' };
    await post(service, '/v1/suppressions', suppressed, adminKey);

    calls.length = 0;
    const validate = (email: string) => post(service, '/v1/validate', { email }, key, shop);
    expect((await validate('jane@brisk-otter.com')).status).toBe(200);
    // Own domains, jobs and what was learned are read once in a while, whoever asks.
    const made = () =>
      calls.filter((sql) => !/own_domains|jobs|slices|strata|predictions|calibration/.test(sql));
    expect(made()).toEqual([
      expect.stringMatching(/^SELECT [\s\S]* FROM api_keys WHERE workspace = \? AND hash = \?$/),
      expect.stringMatching(/^UPDATE api_keys SET last_used_on/),
    ]);

    calls.length = 0;
    for (const email of ['on.the.list@brisk-otter.com', 'jane@brisk-otter.com', 'nobody'])
      expect((await validate(email)).status).toBe(200);
    expect(made()).toEqual([]);

    // The same address by a secret key: the counter does count.
    await post(service, '/v1/validate', { email: 'on.the.list@brisk-otter.com' }, adminKey);
    expect(made().length).toBeGreaterThan(0);
    for (const sql of made()) expect(sql).toContain('FROM suppressions');
  });
});

describe('when storage fails', () => {
  test('a key that was seen goes on, another is told that it is us', async () => {
    let failing = false;
    const fail = async <T>(call: () => T | Promise<T>): Promise<T> => {
      if (failing) throw new Error('disk error');
      return call();
    };
    const service = await started({
      settings: authSettings,
      database: (real) => ({ ...real, first: (sql, params) => fail(() => real.first(sql, params)) }),
    });
    const seen = await make(service, { kind: 'publishable', origins: [shop.origin] }, adminKey);
    const unseen = await make(service, { kind: 'publishable', origins: [shop.origin] }, adminKey);
    const validate = (key: string) => post(service, '/v1/validate', { email: 'a@gmail.com' }, key, shop);
    expect((await validate(seen.key)).status).toBe(200);
    failing = true;
    expect((await validate(seen.key)).status).toBe(200);
    const refused = await validate(unseen.key);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ type: 'urn:presend:problem:storage-unavailable' });
    expect(service.log.join()).toContain('unexpected_error');
  });

  test('storage that hangs keeps no caller waiting', async () => {
    const service = await started({
      settings: { ...authSettings, VALIDATE_TIMEOUT_MS: '50' },
      database: (real) => ({
        ...real,
        first: (sql, params) => (sql.includes('api_keys') ? new Promise(() => {}) : real.first(sql, params)),
      }),
    });
    const { key } = await make(service, { kind: 'secret' }, adminKey);
    const refused = await post(service, '/v1/validate', { email: 'a@gmail.com' }, key);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ type: 'urn:presend:problem:storage-unavailable' });
  });

  test('a service that cannot find out whether keys exist refuses all requests', async () => {
    const service = await started({
      database: (real) => ({ ...real, first: () => Promise.reject(new Error('disk error')) }),
    });
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' })).status).toBe(503);
  });
});

describe('a service on loopback without keys', () => {
  /** As a browser sends it: fetch of Node sets the header Host by itself. */
  const as = (service: NodeService, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${service.url}/v1/suppressions`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.on('error', reject);
      sent.end();
    });

  test('answers under the names of loopback, and under no other: a page cannot rebind its name to it', async () => {
    const service = await started();
    for (const host of ['localhost:8787', '127.0.0.1', '[::1]:8787'])
      expect(await as(service, { host }), host).toBe(200);
    for (const host of [
      'rebound.evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.168.0.7',
    ])
      expect(await as(service, { host }), host).toBe(421);
  });

  test('answers its own page, and no page of another origin', async () => {
    const service = await started();
    expect(await as(service, { origin: service.url })).toBe(200);
    for (const origin of ['https://evil.example', 'http://localhost:3000', 'null', 'http://127.0.0.1'])
      expect(await as(service, { origin }), origin).toBe(403);
  });

  test('the first key ends that: from then on every call needs one', async () => {
    const service = await started();
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' })).status).toBe(200);
    const { key, id } = await make(service, { kind: 'secret' });
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' })).status).toBe(401);
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' }, key)).status).toBe(200);
    // Behind a proxy on the same machine the name is a public one.
    expect(await as(service, { host: 'presend.example', authorization: `Bearer ${key}` })).toBe(200);

    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${service.url}/v1/keys/${id}`, { method: 'DELETE', headers });
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' })).status).toBe(401);
  });

  test('the first key must be able to make others, or nobody could', async () => {
    const service = await started();
    for (const wanted of [
      { kind: 'publishable', origins: [shop.origin] },
      { kind: 'secret', scopes: ['validate'] },
    ]) {
      const response = await post(service, '/v1/keys', { name: 'x', ...wanted });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ type: 'urn:presend:problem:first-key' });
    }
    expect(await make(service, { kind: 'secret', scopes: ['keys'] })).toHaveProperty('key');
  });

  test('a name beyond loopback needs a key from the start', async () => {
    const service = await started({ settings: { HOST: '0.0.0.0' } });
    expect((await post(service, '/v1/validate', { email: 'a@gmail.com' })).status).toBe(401);
  });
});
