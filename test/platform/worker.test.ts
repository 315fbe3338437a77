// The module of the Worker, over SQLite in place of D1: what it refuses, answers, works on and maintains.

import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { SqlValue } from '../../src/storage/database.ts';

interface Statement {
  readonly bind: (...params: SqlValue[]) => Statement;
  readonly all: () => Promise<{ results: unknown[]; meta: { changes: number } }>;
  readonly run: Statement['all'];
}

function d1Of(sqlite: DatabaseSync) {
  const statement = (sql: string, params: readonly SqlValue[] = []): Statement => {
    const all = async () => {
      const results = sqlite.prepare(sql).all(...(params as never[]));
      const { changes } = sqlite.prepare('SELECT changes() AS changes').get() as { changes: number };
      return { results, meta: { changes } };
    };
    return { bind: (...bound) => statement(sql, bound), all, run: all };
  };
  return {
    prepare: (sql: string) => statement(sql),
    batch: (statements: Statement[]) => Promise.all(statements.map((each) => each.all())),
  };
}

let sqlite: DatabaseSync;
let sent: number;
let worker: typeof import('../../src/platform/worker.ts')['default'];
let waited: Promise<unknown>[];

beforeEach(async () => {
  // The module keeps its service.
  vi.resetModules();
  ({ default: worker } = await import('../../src/platform/worker.ts'));
  sqlite = openDatabase(':memory:').sqlite;
  [sent, waited] = [0, []];
});

const environment = (settings: Record<string, unknown>) => ({
  DB: d1Of(sqlite),
  FILES: {} as never,
  WORK: {
    send: async () => {
      sent++;
    },
  },
  DOH_URLS: 'http://127.0.0.1:9/',
  ...settings,
});
const complete = { ADDRESS_HASH_KEY: 'h'.repeat(32), ADMIN_KEY: 'an-admin-key-for-tests' };

const send = (settings: Record<string, unknown>, key = '', headers: Record<string, string> = {}) =>
  worker.fetch(
    new Request('http://127.0.0.1/v1/validate', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: '{"email":"null-mx@presend.test"}',
    }),
    environment(settings) as never,
    { waitUntil: (work) => waited.push(work) },
  );

describe('a Worker that is not configured answers 503 and tells its operator why', () => {
  test.each([
    ['ADDRESS_HASH_KEY is not set', { ADMIN_KEY: complete.ADMIN_KEY }],
    ['ADMIN_KEY is not set', { ADDRESS_HASH_KEY: complete.ADDRESS_HASH_KEY }],
    ['ADMIN_KEY is not set', { ADDRESS_HASH_KEY: complete.ADDRESS_HASH_KEY, KEYLESS: 'yes' }],
    ['DNS_SERVERS works on Node.js only', { ...complete, DOH_URLS: '', DNS_SERVERS: '127.0.0.1' }],
    ['ALERT_EMAIL needs ALERT_SMTP_URL', { ...complete, ALERT_EMAIL: 'ops@example.com' }],
    [
      'ALERT_SMTP_URL works on Node.js only',
      { ...complete, ALERT_EMAIL: 'ops@example.com', ALERT_SMTP_URL: 'smtp://127.0.0.1', EMAIL: {} },
    ],
    ['PORT must be a whole number', { ...complete, PORT: 'x' }],
  ])('%s', async (mistake, settings) => {
    const errors: string[] = [];
    const spy = vi.spyOn(console, 'error').mockImplementation((line) => errors.push(line));
    const response = await send(settings);
    spy.mockRestore();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      503,
      'application/problem+json',
    ]);
    expect(await response.text()).not.toContain(mistake);
    expect(errors).toEqual([expect.stringContaining(mistake)]);
    await expect(worker.queue({ messages: [{}] }, environment(settings) as never)).rejects.toThrow(
      `not configured: ${mistake}`,
    );
    await worker.scheduled({}, environment(settings) as never);
  });
});

test('with its keys it answers those who have one, and stores what it learned after the answer', async () => {
  expect((await send(complete)).status).toBe(401);
  const response = await send(complete, complete.ADMIN_KEY);
  expect(await response.json()).toMatchObject({ reason: 'null_mx' });
  expect(waited).toHaveLength(2);
  await Promise.all(waited);
});

test('KEYLESS=loopback needs no key', async () => {
  const keyless = { ADDRESS_HASH_KEY: complete.ADDRESS_HASH_KEY, KEYLESS: 'loopback' };
  expect((await send(keyless)).status).toBe(200);
});

test('a rate limit of the platform counts where it is bound', async () => {
  const asked: string[] = [];
  const limit = {
    limit: async ({ key }: { readonly key: string }) => {
      asked.push(key);
      return { success: false };
    },
  };
  // Any text in the form of a key is looked up, which is limited by address.
  const { makeKeyText } = await import('../../src/keys/key-text.ts');
  const limited = { ...complete, LIMIT_KEY_LOOKUP_IP: limit };
  const response = await send(limited, makeKeyText('secret'), { 'cf-connecting-ip': '203.0.113.7' });
  expect([response.status, asked]).toEqual([429, ['203.0.113.7']]);
});

test('a message without work sends no other; maintenance runs', async () => {
  const bound = environment(complete) as never;
  await worker.queue({ messages: [{}, {}] }, bound);
  await worker.scheduled({}, bound);
  expect(sent).toBe(0);
});
