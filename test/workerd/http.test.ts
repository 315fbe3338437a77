// The HTTP service in workerd, over D1: the battery, and what is particular to this runtime.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { httpContract } from '../contract/http.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

describe('in workerd', () => {
  httpContract((path, init) => exports.default.fetch(`http://127.0.0.1:8787${path}`, init));
});

describe('a Worker that is not configured', () => {
  test.each([
    ['without ADMIN_KEY', { KEYLESS: '' }],
    ['without ADDRESS_HASH_KEY', { ADDRESS_HASH_KEY: '' }],
    ['with plain DNS', { DOH_URLS: '', DNS_SERVERS: '192.0.2.1' }],
    ['with a resolver in the clear', { DOH_URLS: 'http://dns.example.net/dns-query' }],
  ])('%s answers nothing but 503', async (_, differences) => {
    // Another instance of the module, as another isolate would have it.
    vi.resetModules();
    const { default: worker } = await import('../../src/platform/worker.ts');
    const environment = { ...env, ...differences } as unknown as Parameters<typeof worker.fetch>[1];
    const context = { waitUntil: () => {} };
    const response = await worker.fetch(
      new Request('http://127.0.0.1:8787/v1/suppressions'),
      environment,
      context,
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: 'urn:presend:problem:not-configured' });
  });
});
