// Who may call, and how often: what a browser and a server-side client each need, on whatever runtime.

import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { publishableRoute } from '../../src/http/middleware/cors.ts';
import { ProblemAnswer } from '../../src/http/operation.ts';
import { routeScopes } from '../../src/http/resources.ts';
import { KeyListAnswer, MadeKeyAnswer } from '../../src/http/routes/keys.ts';
import { TokenConfirmAnswer } from '../../src/http/routes/tokens.ts';
import { ValidateAnswer } from '../../src/http/routes/validate.ts';
import { scopes } from '../../src/keys/key.ts';
import { makeKeyText } from '../../src/keys/key-text.ts';

/** Sends a request that the service takes to come from the network address `client`. */
export type SendFrom = (client: string, path: string, init: RequestInit) => Promise<Response>;

export const adminKey = 'an-admin-key-for-tests';

/** The settings of the service that the battery is for. Windows of an hour: no bucket fills while a test runs. */
export const authSettings = {
  ADMIN_KEY: adminKey,
  LIMITS: 'publishable_ip=5/3600,publishable_key=12/3600,secret_key=100/3600,key_lookup_ip=20/3600',
};

/** Registers the battery. `send` reaches a service with `authSettings` whose DNS is test/http/zone.ts. */
export function authContract(sendFrom: SendFrom): void {
  // Each test is a client of its own, so that none is limited by what another asked for.
  let clients = 0;
  const newClient = () => {
    clients++;
    return `198.18.${clients >> 8}.${clients & 255}`;
  };

  interface Call {
    readonly key?: string;
    readonly origin?: string;
    readonly client?: string;
    readonly body?: unknown;
  }

  const call = (route: string, { key, origin, client = newClient(), body }: Call = {}) => {
    const [method, path] = route.replace(':id', 'key_0').split(' ') as [string, string];
    return sendFrom(client, path, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(origin !== undefined && { origin }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire says, the assertions say what it should be.
  const json = async (response: Promise<Response> | Response): Promise<any> => (await response).json();

  const make = async (wanted: object): Promise<{ key: string; id: string }> => {
    const response = await call('POST /v1/keys', { key: adminKey, body: { name: 'for a test', ...wanted } });
    expect(response.status).toBe(201);
    return json(response);
  };
  const shop = 'https://shop.example';
  const makePublishable = () => make({ kind: 'publishable', origins: [shop, 'http://localhost:3000'] });

  const validate = (call_: Call, email = 'jane@brisk-otter.com') =>
    call('POST /v1/validate', { ...call_, body: { email } });
  const suppress = (email: string) =>
    call('POST /v1/suppressions', { key: adminKey, body: { email, reason: 'complaint' } });

  async function expectProblem(response: Response, status: number, type: string) {
    const body = await json(response);
    expect({ status: response.status, type: body.type }).toEqual({
      status,
      type: `urn:presend:problem:${type}`,
    });
    expect(safeParse(ProblemAnswer, body).success).toBe(true);
    return body;
  }

  describe('401', () => {
    test('without a key, the response says how to send one', async () => {
      const response = await validate({});
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="presend"');
      await expectProblem(response, 401, 'unauthorized');
    });

    test.each([
      ['a text that is no key', 'not-a-key-at-all'],
      ['a key that was never made', makeKeyText('secret')],
      ['a publishable key that was never made', makeKeyText('publishable')],
      ['the admin key with a letter more', `${adminKey}s`],
    ])('with %s', async (_, key) => {
      const response = await validate({ key });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="presend", error="invalid_token"');
      expect(JSON.stringify(await expectProblem(response, 401, 'unauthorized'))).not.toContain(key);
    });

    test('with a revoked key, from the next call on', async () => {
      const { key, id } = await make({ kind: 'secret' });
      expect((await validate({ key })).status).toBe(200);
      const revoked = await call(`DELETE /v1/keys/${id}`, { key: adminKey });
      expect([revoked.status, await revoked.text()]).toEqual([204, '']);
      expect(await expectProblem(await validate({ key }), 401, 'unauthorized')).toMatchObject({
        detail: 'The key was revoked.',
      });
    });

    test('with a rotated key after its overlap', async () => {
      const { key, id } = await make({ kind: 'secret' });
      const rotated = await json(
        call(`POST /v1/keys/${id}/rotate`, { key: adminKey, body: { overlap_seconds: 0 } }),
      );
      await expectProblem(await validate({ key }), 401, 'unauthorized');
      expect((await validate({ key: rotated.key })).status).toBe(200);
    });
  });

  describe('403 by scope', () => {
    const routes = Object.keys(routeScopes).filter(
      (route) => route.includes(' /v1/') && routeScopes[route] !== 'sender',
    );

    /** The key is looked at before the body: without one, whatever is not 401 or 403 was let through. */
    const opened = async (key: string, origin?: string): Promise<string[]> => {
      const client = newClient();
      const open: string[] = [];
      for (const route of routes) {
        const response = await call(route, { key, client, ...(origin && { origin }) });
        if (response.status !== 403) open.push(route);
        else if (!origin) expect(response.headers.get('www-authenticate')).toContain('insufficient_scope');
      }
      return open;
    };

    test.each(scopes)('%s opens its routes and no others', async (scope) => {
      const { key } = await make({ kind: 'secret', scopes: [scope] });
      expect(await opened(key)).toEqual(routes.filter((route) => routeScopes[route] === scope));
    });

    test('a secret key without limits opens all routes', async () => {
      const { key } = await make({ kind: 'secret' });
      expect(await opened(key)).toEqual(routes);
    });

    test('a publishable key opens only one route', async () => {
      const { key } = await makePublishable();
      expect(await opened(key, shop)).toEqual([publishableRoute]);
    });

    test('webhook routes need no API key', async () => {
      await expectProblem(await call('POST /v1/hooks/esp/nobody', {}), 404, 'no-such-provider');
      await expectProblem(await call('POST /v1/hooks/esp/resend', {}), 503, 'not-configured');
    });

    test('says which scope is needed', async () => {
      const { key } = await make({ kind: 'secret', scopes: ['validate', 'jobs'] });
      const body = await expectProblem(await call('GET /v1/suppressions', { key }), 403, 'forbidden:scope');
      expect(body.detail).toContain('"suppressions:read"');
    });

    test('an unknown route is 404 for every key', async () => {
      const { key } = await make({ kind: 'secret', scopes: ['validate'] });
      await expectProblem(await call('GET /v1/no-such-route', { key }), 404, 'not-found');
      await expectProblem(await call('GET /v1/validate', { key }), 405, 'method-not-allowed');
    });
  });

  describe('403 by origin', () => {
    test.each([
      ['another site', 'https://evil.example'],
      ['the same host by another scheme', 'http://shop.example'],
      ['another port', 'https://shop.example:8443'],
      ['a host below', 'https://a.shop.example'],
      ['a host that only begins alike', 'https://shop.example.evil.example'],
      ['a sandboxed frame', 'null'],
    ])('%s', async (_, origin) => {
      const { key } = await makePublishable();
      await expectProblem(await validate({ key, origin }), 403, 'forbidden:origin');
    });

    test('a client that is not a browser sends no Origin', async () => {
      const { key } = await makePublishable();
      await expectProblem(await validate({ key }), 403, 'forbidden:origin');
    });

    test('each origin of the key passes', async () => {
      const { key } = await makePublishable();
      for (const origin of [shop, 'http://localhost:3000'])
        expect((await validate({ key, origin })).status).toBe(200);
    });
  });

  describe('429', () => {
    test('one visitor is limited with Retry-After, other visitors are not', async () => {
      const { key } = await makePublishable();
      const visitor = { key, origin: shop, client: newClient() };
      for (let left = 4; left >= 0; left--) {
        const response = await validate(visitor);
        expect(response.status).toBe(200);
        expect(response.headers.get('ratelimit-policy')).toBe(
          '"publishable_ip";q=5;w=3600, "publishable_key";q=12;w=3600',
        );
        expect(response.headers.get('ratelimit')).toMatch(
          new RegExp(`^"publishable_ip";r=${left};t=\\d+, "publishable_key";r=${left + 7};t=\\d+$`),
        );
      }
      const response = await validate(visitor);
      const wait = Number(response.headers.get('retry-after'));
      // One of five an hour: 720 seconds, less what the calls took.
      expect(wait).toBeGreaterThan(600);
      expect(wait).toBeLessThanOrEqual(720);
      expect(response.headers.get('ratelimit')).toMatch(/^"publishable_ip";r=0;t=\d+$/);
      await expectProblem(response, 429, 'too-many-requests');
      expect((await validate({ ...visitor, client: newClient() })).status).toBe(200);
    });

    test('a publishable key has a limit over all visitors that one visitor cannot exhaust', async () => {
      const { key } = await makePublishable();
      const greedy = newClient();
      for (let calls = 0; calls < 20; calls++) await validate({ key, origin: shop, client: greedy });
      const statuses: number[] = [];
      for (let calls = 0; calls < 8; calls++) statuses.push((await validate({ key, origin: shop })).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    });

    test('a batch costs its rows, a refused batch costs one call', async () => {
      const { key } = await make({ kind: 'secret' });
      const batch = (rows: number) =>
        call('POST /v1/validate/batch', {
          key,
          body: { emails: Array.from({ length: rows }, () => 'null-mx@presend.test') },
        });
      const first = await batch(60);
      expect([first.status, first.headers.get('ratelimit')]).toEqual([
        200,
        expect.stringMatching(/^"secret_key";r=40;t=\d+$/),
      ]);
      await expectProblem(await batch(60), 429, 'too-many-requests');
      expect((await batch(39)).status).toBe(200);
      await expectProblem(await validate({ key }), 429, 'too-many-requests');
    });

    test('a batch larger than the quota takes the whole quota, because it could never pass otherwise', async () => {
      const { key } = await make({ kind: 'secret' });
      const emails = Array.from({ length: 150 }, () => 'null-mx@presend.test');
      const response = await call('POST /v1/validate/batch', { key, body: { emails } });
      expect([response.status, response.headers.get('ratelimit')]).toEqual([
        200,
        expect.stringMatching(/^"secret_key";r=0;t=\d+$/),
      ]);
      await expectProblem(await validate({ key }), 429, 'too-many-requests');
    });

    test('a client that tries out keys is limited, other clients are not', async () => {
      const client = newClient();
      for (let calls = 0; calls < 20; calls++)
        expect((await validate({ key: makeKeyText('secret'), client })).status).toBe(401);
      const response = await validate({ key: makeKeyText('secret'), client });
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      await expectProblem(response, 429, 'too-many-requests');
      await expectProblem(await validate({ key: 'no-key-by-its-form', client }), 401, 'unauthorized');
      expect((await validate({ key: adminKey, client })).status).toBe(200);
    });

    test('the admin key has no limit', async () => {
      const emails = Array.from({ length: 500 }, () => 'null-mx@presend.test');
      const response = await call('POST /v1/validate/batch', { key: adminKey, body: { emails } });
      expect([response.status, response.headers.get('ratelimit')]).toEqual([200, null]);
    });
  });

  describe('CORS', () => {
    const preflight = (path: string, origin: string) =>
      sendFrom(newClient(), path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });

    test('a preflight request passes from any origin, because the key decides later', async () => {
      const response = await preflight('/v1/validate', 'https://anyone.example');
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-methods')).toBe('POST');
      expect(response.headers.get('access-control-allow-headers')).toBe('authorization, content-type');
      expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(600);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    });

    test('no other route answers preflight requests', async () => {
      for (const path of ['/v1/suppressions', '/v1/validate/batch', '/v1/keys', '/v1/tokens/confirm'])
        expect((await preflight(path, shop)).headers.get('access-control-allow-origin')).toBeNull();
    });

    test('a page can read the verdict, the limits and Retry-After', async () => {
      const { key } = await makePublishable();
      const { headers } = await validate({ key, origin: shop });
      expect(headers.get('access-control-allow-origin')).toBe(shop);
      expect(headers.get('vary')).toContain('Origin');
      expect(headers.get('access-control-expose-headers')).toContain('RateLimit');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    });

    test('a page can tell a wrong key, a wrong origin, a wrong body and a limit apart', async () => {
      const { key } = await makePublishable();
      const visitor = { key, origin: shop, client: newClient() };
      const wrongBody = await call('POST /v1/validate', { ...visitor, body: {} });
      for (let calls = 0; calls < 4; calls++) await validate(visitor);
      const answers = [
        await validate({ key: makeKeyText('publishable'), origin: shop }),
        await validate({ key, origin: 'https://evil.example' }),
        wrongBody,
        await validate(visitor),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 403, 422, 429]);
      for (const { headers } of answers)
        expect(headers.get('access-control-allow-origin')).toMatch(/^https:/);
    });

    test('no page can read responses to secret keys, to the admin key or without a key', async () => {
      const { key } = await make({ kind: 'secret' });
      for (const given of [{ key }, { key: adminKey }, {}]) {
        const { headers } = await validate({ ...given, origin: shop });
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    });

    test('a server-side client may send any Origin or none', async () => {
      const { key } = await make({ kind: 'secret' });
      expect((await validate({ key })).status).toBe(200);
      expect((await validate({ key, origin: 'https://internal.example' })).status).toBe(200);
    });
  });

  describe('a signup form', () => {
    const times = {
      checked_at: expect.any(String),
      expires_at: expect.any(String),
      took_ms: expect.any(Number),
      token: expect.any(String),
    };

    test('gets the same verdict for a suppressed address as for another', async () => {
      const { key } = await makePublishable();
      await suppress('on.the.list@brisk-otter.com');
      const [listed, other] = [
        await json(validate({ key, origin: shop }, 'on.the.list@brisk-otter.com')),
        await json(validate({ key, origin: shop }, 'no.one.else@brisk-otter.com')),
      ];
      expect(safeParse(ValidateAnswer, listed).success).toBe(true);
      const withoutName = (answer: object) =>
        JSON.parse(JSON.stringify(answer).replaceAll(/on\.the\.list|no\.one\.else/g, 'x'));
      expect({ ...withoutName(listed), ...times }).toEqual({ ...withoutName(other), ...times });
      expect(listed.token.length).toBe(other.token.length);
    });

    test('passes the token on, and its server enforces the suppression list', async () => {
      const { key, id } = await makePublishable();
      const server = await make({ kind: 'secret', scopes: ['validate'] });
      const email = 'complained@brisk-otter.com';
      const { token, result, reason, action } = await json(validate({ key, origin: shop }, email));
      await suppress(email);
      const answer = await json(call('POST /v1/tokens/confirm', { key: server.key, body: { token, email } }));
      expect(safeParse(TokenConfirmAnswer, answer).success).toBe(true);
      expect(answer).toMatchObject({
        confirmed: true,
        form: { key_id: id, result, reason, action },
        verdict: { email, result: 'undeliverable', reason: 'suppressed', action: 'reject' },
      });
      expect(reason).toBe('no_known_obstacle');
    });

    test('a token is valid for all spellings of its mailbox, and for no other mailbox', async () => {
      const { key } = await makePublishable();
      const { token } = await json(validate({ key, origin: shop }, 'Jane@Brisk-Otter.com'));
      const confirm = (email: string, given = token) =>
        json(call('POST /v1/tokens/confirm', { key: adminKey, body: { token: given, email } }));
      expect(await confirm(' jane@brisk-otter.com\n')).toMatchObject({ confirmed: true });
      expect(await confirm('john@brisk-otter.com')).toEqual({ confirmed: false, why: 'other_address' });
      expect(await confirm('jane@brisk-otter.com', `${token}0`)).toEqual({ confirmed: false, why: 'forged' });
    });

    test('a text that is not an address has a token, and is refused on confirmation', async () => {
      const { key } = await makePublishable();
      const { token } = await json(validate({ key, origin: shop }, 'jane@@'));
      const body = { token, email: 'jane@@' };
      expect(await json(call('POST /v1/tokens/confirm', { key: adminKey, body }))).toMatchObject({
        confirmed: true,
        verdict: { reason: 'syntax_error', action: 'reject' },
      });
    });

    test('a secret key gets no tokens with its verdicts', async () => {
      expect(await json(validate({ key: adminKey }))).not.toHaveProperty('token');
    });
  });

  describe('/v1/keys', () => {
    test('a key is shown once, then listed by its prefix and the day of its last use', async () => {
      const made = await make({ kind: 'secret', name: 'crm import', scopes: ['validate', 'jobs'] });
      expect(safeParse(MadeKeyAnswer, made).success).toBe(true);
      await validate({ key: made.key });
      const list = await json(call('GET /v1/keys', { key: adminKey }));
      expect(safeParse(KeyListAnswer, list).success).toBe(true);
      expect(JSON.stringify(list)).not.toContain(made.key);
      expect(list.items.find(({ id }: { id: string }) => id === made.id)).toMatchObject({
        kind: 'secret',
        name: 'crm import',
        prefix: made.key.slice(0, 8),
        scopes: ['validate', 'jobs'],
        state: 'valid',
        last_used_on: new Date().toISOString().slice(0, 10),
      });
    });

    test('the response that contains a key must not be cached', async () => {
      const response = await call('POST /v1/keys', { key: adminKey, body: { kind: 'secret', name: 'x' } });
      expect(response.headers.get('cache-control')).toBe('no-store');
    });

    test('after a rotation both keys are valid, by default for a day', async () => {
      const { key, id } = await makePublishable();
      const rotated = await json(call(`POST /v1/keys/${id}/rotate`, { key: adminKey, body: {} }));
      for (const text of [key, rotated.key])
        expect((await validate({ key: text, origin: shop })).status).toBe(200);
      const { items } = await json(call('GET /v1/keys', { key: adminKey }));
      const old = items.find((item: { id: string }) => item.id === id);
      expect(old).toMatchObject({ state: 'valid', replaced_by: rotated.id });
      const rest = Date.parse(old.expires_at) - Date.parse(rotated.created_at);
      expect(rest).toBe(24 * 3_600_000);
      await expectProblem(
        await call(`POST /v1/keys/${id}/rotate`, { key: adminKey, body: {} }),
        409,
        'key-not-current',
      );
    });

    test('a key cannot create a key with more scopes than it has', async () => {
      const clerk = await make({ kind: 'secret', scopes: ['keys', 'validate'] });
      const strong = await make({ kind: 'secret' });
      const as = (body: object) => call('POST /v1/keys', { key: clerk.key, body: { name: 'x', ...body } });
      for (const more of [{}, { scopes: ['jobs'] }, { scopes: ['validate', 'suppressions:read'] }])
        await expectProblem(await as({ kind: 'secret', ...more }), 403, 'forbidden:scope');
      await expectProblem(
        await call(`POST /v1/keys/${strong.id}/rotate`, { key: clerk.key, body: {} }),
        403,
        'forbidden:scope',
      );
      expect((await as({ kind: 'secret', scopes: ['validate'] })).status).toBe(201);
      expect((await as({ kind: 'publishable', origins: [shop] })).status).toBe(201);
      const { key } = await make({ kind: 'secret', scopes: ['keys'] });
      const publishable = { kind: 'publishable', name: 'x', origins: [shop] };
      await expectProblem(await call('POST /v1/keys', { key, body: publishable }), 403, 'forbidden:scope');
    });

    test.each([
      [{ kind: 'other', name: 'x' }, '/kind'],
      [{ kind: 'secret', name: ' ' }, '/name'],
      [{ kind: 'secret', name: 'x', scopes: [] }, '/scopes'],
      [{ kind: 'secret', name: 'x', scopes: ['everything'] }, '/scopes/0'],
      [{ kind: 'publishable', name: 'x' }, '/origins'],
      [{ kind: 'publishable', name: 'x', origins: [] }, '/origins'],
      [{ kind: 'publishable', name: 'x', origins: [shop, `${shop}/path`] }, '/origins/1'],
      [{ kind: 'publishable', name: 'x', origins: ['https://*.example'] }, '/origins/0'],
    ])('%j is refused at %s', async (body, pointer) => {
      const answer = await expectProblem(
        await call('POST /v1/keys', { key: adminKey, body }),
        422,
        'invalid-request',
      );
      expect(answer.errors).toMatchObject([{ pointer }]);
    });

    test('an unknown id', async () => {
      for (const route of ['DELETE /v1/keys/key_0', 'POST /v1/keys/key_0/rotate'])
        await expectProblem(
          await call(route, { key: adminKey, ...(route.startsWith('POST') && { body: {} }) }),
          404,
          'no-such-key',
        );
    });
  });
}
