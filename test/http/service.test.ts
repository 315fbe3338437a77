// The HTTP service on Node: the battery, and what is particular to this runtime.

import { hc } from 'hono/client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AppType } from '../../src/http/app.ts';
import { resources } from '../../src/http/resources.ts';
import type { Database } from '../../src/storage/database.ts';
import { multipartReport } from '../bounce/message.ts';
import { espSecret } from '../contract/esp-secret.ts';
import { httpContract } from '../contract/http.ts';
import { type NodeService, type NodeServiceOptions, startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';
import { zone } from './zone.ts';

describe('on Node', () => {
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: espSecret } });
  });
  afterAll(() => service.stop());

  httpContract((path, init) => fetch(service.url + path, init));

  // Last, so that it speaks of every request of the battery.
  test('no log line contains an address', () => {
    expect(service.log.length).toBeGreaterThan(60);
    const text = service.log.join('\n');
    expect(text).not.toMatch(/@|%40|secret|jane/i);
    expect(text).toContain('"route":"/v1/validate/batch"');
    expect(text).not.toContain('unexpected_error');
  });
});

async function started(options: Partial<NodeServiceOptions> = {}): Promise<NodeService> {
  const service = await startNodeService({ zone, ...options });
  onTestFinished(() => service.stop());
  return service;
}

const validate = (service: NodeService, email: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/v1/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email }),
  });

test('the typed client of hono/client speaks to it', async () => {
  const { url } = await started();
  const client = hc<AppType>(url);
  const answer = await client.v1.validate.$post({ json: { email: 'jane@gmial.com' } });
  const verdict = await answer.json();
  const suggestion: string | null = verdict.did_you_mean;
  expect(suggestion).toBe('jane@gmail.com');
});

test('every example of the OpenAPI document is a request that works', async () => {
  const key = 'an-admin-key-for-tests';
  const { url } = await started({
    zone: { ...zone, ...proberZone },
    smtp: standInSmtp(),
    settings: { ...proberSettings, ADMIN_KEY: key },
  });
  for (const { operations } of resources)
    for (const [route, { request, example }] of Object.entries(operations)) {
      if (request === undefined) continue;
      expect(example, route).toBeDefined();
      const [method, path] = route.split(' ') as [string, string];
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const response = await fetch(url + path, { method, headers, body: JSON.stringify(example) });
      // What a path names has to be made first: the body is understood, and there is no such thing.
      if (path.includes('{')) expect(response.status, route).toBe(404);
      else expect(response.ok, route).toBe(true);
    }
});

test('the OpenAPI document has exactly the routes that are served', async () => {
  const { routes } = await started();
  const documented = resources.flatMap(({ operations }) => Object.keys(operations));
  // Pages and a probe, which no client calls.
  const pages = [
    '/',
    '/favicon.svg',
    '/reports',
    '/try.js',
    '/try.css',
    '/docs.js',
    '/docs.css',
    '/presend.js',
    '/presend.mjs',
    '/presend.d.ts',
    '/preflight',
    '/preflight.css',
    '/preflight.js',
    '/console',
    '/console.css',
    '/console.js',
  ].map((path) => `GET ${path}`);
  // test/http/console-security.test.ts visits every page and form of the console.
  const ofConsole = routes.filter((route) => / \/console\//.test(route));
  const others = ['GET /openapi.json', 'GET /docs', ...pages, ...ofConsole];
  expect(routes.toSorted()).toEqual([...documented, ...others].toSorted());
});

describe('with BOUNCE_TOKENS=required', () => {
  const settings = { BOUNCE_TOKENS: 'required' };
  const victim = 'victim@brisk-otter.com';
  const dsn = (to: string) =>
    multipartReport(
      'delivery-status',
      'It could not be delivered.',
      `Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; ${victim}\nAction: failed\nStatus: 5.1.1\n`,
    ).replace('To: news@example.com', `To: ${to}`);
  const send = async ({ url }: NodeService, raw: string) => {
    const headers = { 'content-type': 'message/rfc822' };
    return (await fetch(`${url}/v1/bounces`, { method: 'POST', headers, body: raw })).json();
  };
  const tokenOf = async ({ url }: NodeService, email: string): Promise<string> => {
    const response = await fetch(`${url}/v1/bounces/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ emails: [email, 'nobody'] }),
    });
    const { results } = (await response.json()) as { results: { token: string | null }[] };
    expect(results[1]!.token).toBeNull();
    return results[0]!.token!;
  };

  test('a DSN without the token of its recipient is not believed, nor one with the token of another', async () => {
    const service = await started({ settings });
    const others = await tokenOf(service, 'mallory@brisk-otter.com');
    for (const to of ['news@sender.example', `news+${others}@sender.example`])
      expect(await send(service, dsn(to))).toMatchObject({
        doubt: 'token_missing',
        results: [{ email: victim, recorded: false, suppressed: false }],
      });
    expect(await (await validate(service, victim)).json()).toMatchObject({ result: 'deliverable' });
  });

  test('a DSN to a return path with the token of its recipient is believed', async () => {
    const service = await started({ settings });
    const token = await tokenOf(service, 'Victim@BRISK-OTTER.com');
    expect(token).toMatch(/^[a-z0-9]{24}$/);
    expect(await send(service, dsn(`news+${token.toUpperCase()}@sender.example`))).toMatchObject({
      doubt: null,
      results: [{ email: victim, recorded: true, suppressed: true }],
    });
    expect(await (await validate(service, victim)).json()).toMatchObject({ reason: 'suppressed' });
  });
});

describe('with an ADMIN_KEY', () => {
  const key = 'an-admin-key-for-tests';
  const settings = { ADMIN_KEY: key };

  test('every route below /v1 asks for it', async () => {
    const service = await started({ settings });
    for (const authorization of [
      '',
      'Bearer',
      'Bearer wrong-key-for-tests',
      `Basic ${key}`,
      `Bearer ${key}x`,
    ]) {
      const response = await validate(service, 'jane@gmail.com', { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
    }
    expect((await fetch(`${service.url}/v1/suppressions`)).status).toBe(401);
    expect((await fetch(`${service.url}/v1/no-such-route`)).status).toBe(401);
    expect(service.log.join()).not.toContain('key-for-tests');
  });

  test('ADMIN_KEY is accepted, and open routes need no key', async () => {
    const service = await started({ settings });
    expect((await validate(service, 'jane@gmail.com', { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  });
});

describe('when something of ours fails', () => {
  // Whether keys were made cannot be asked either: the admin key needs no storage.
  const key = 'an-admin-key-for-tests';
  const settings = { ADMIN_KEY: key };
  const headers = { authorization: `Bearer ${key}` };

  const failing = (real: Database): Database => ({
    ...real,
    all: () => Promise.reject(new Error('disk error beside jane@gmail.com')),
    first: () => Promise.reject(new Error('disk error')),
  });

  test('a suppression list that fails makes no verdict on the mailbox, and none on what needs no list', async () => {
    const service = await started({ database: failing, settings });
    expect(await (await validate(service, 'jane@brisk-otter.com', headers)).json()).toMatchObject({
      result: 'unknown',
      reason: 'suppression_undetermined',
      action: 'retry',
    });
    expect(await (await validate(service, 'jane@no-mail-please.org', headers)).json()).toMatchObject({
      reason: 'null_mx',
    });
    expect(service.log.join()).toContain('suppression_list_failed');
    expect(service.log.join()).not.toContain('jane@');
  });

  test('a route that needs storage reports a failure of the service without details', async () => {
    const service = await started({ database: failing, settings });
    const response = await fetch(`${service.url}/v1/suppressions`, { headers });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('disk');
    expect(service.log.join()).toContain('unexpected_error');
    expect(service.log.join()).not.toContain('jane@');
  });

  test('/readyz says so', async () => {
    const response = await fetch(`${(await started({ database: failing, settings })).url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: [{ name: 'storage', ok: false }, {}],
    });
  });
});

test('10,000 concurrent validations over 100 domains ask for exactly 100 MX sets', async () => {
  const domains = Array.from({ length: 100 }, (_, index) => `brisk-otter-${index}.com`);
  const mx = [[10, 'mx.brisk-otter.com']] as const;
  const service = await started({
    zone: { ...zone, ...Object.fromEntries(domains.map((domain) => [domain, { MX: mx }])) },
  });
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, batch) => {
      const emails = Array.from({ length: 1000 }, (_, index) => `jane${batch}@${domains[index % 100]}`);
      const response = await fetch(`${service.url}/v1/validate/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ emails }),
      });
      return ((await response.json()) as { results: { result: string }[] }).results;
    }),
  );
  expect(answers.flat().every(({ result }) => result === 'deliverable')).toBe(true);
  const asked = service.doh.asked.filter((question) => question.startsWith('MX '));
  expect(asked.toSorted()).toEqual(domains.map((domain) => `MX ${domain}`).toSorted());
});
