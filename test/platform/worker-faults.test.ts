// The Worker while D1 fails, in virtual time: webhooks and uploads are refused with 503 and lost to nobody, jobs go on.

import { createHash, createHmac } from 'node:crypto';
import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import worker from '../../src/platform/worker.ts';
import type { SqlValue } from '../../src/storage/database.ts';
import type { R2Like } from '../../src/storage/files/r2.ts';
import type { D1Like, D1ResultLike, D1StatementLike } from '../../src/storage/sqlite/d1.ts';
import { createResponder, type Zone } from '../dns/zone.ts';

// Virtual minutes take real seconds, and more of them on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const secret = 'a secret of Postmark';
const adminKey = 'an-admin-key-for-tests-of-forty-characters';
const { sqlite } = openDatabase(':memory:');

/** `errors`: every call fails. `hangs`: none is answered. `flaky`: a third fail. `forgetful`: a third is done and fails. */
type Fault = 'none' | 'errors' | 'hangs' | 'flaky' | 'forgetful';
let fault: Fault = 'none';
let calls = 0;

async function faulty<T>(call: () => T): Promise<T> {
  const mine = calls++;
  const lost = new Error(mine % 2 === 0 ? 'Network connection lost.' : 'D1_ERROR: D1 DB is overloaded.');
  if (fault === 'hangs') return new Promise(() => {});
  if (fault === 'errors') throw lost;
  if (fault === 'flaky' && mine % 3 === 0) throw lost;
  const result = call();
  if (fault === 'forgetful' && mine % 3 === 0) throw lost;
  return result;
}

interface Statement extends D1StatementLike {
  do(): D1ResultLike;
}

function statement(sql: string, params: SqlValue[] = []): Statement {
  const run = (): D1ResultLike => {
    const prepared = sqlite.prepare(sql);
    if (/\bRETURNING\b|^\s*(SELECT|WITH)/i.test(sql)) return { results: prepared.all(...params), meta: {} };
    return { results: [], meta: { changes: Number(prepared.run(...params).changes) } };
  };
  return {
    bind: (...given) => statement(sql, given),
    all: () => faulty(run),
    run: () => faulty(run),
    do: run,
  };
}

const d1: D1Like<Statement> = {
  prepare: statement,
  batch: (statements) =>
    faulty(() => {
      sqlite.exec('BEGIN');
      try {
        const results = statements.map((one) => one.do());
        sqlite.exec('COMMIT');
        return results;
      } catch (error) {
        sqlite.exec('ROLLBACK');
        throw error;
      }
    }),
};

/** Blob.stream() reads in a thread, of which the test's clock knows nothing. */
const streamOf = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });

const objects = new Map<string, Uint8Array<ArrayBuffer>>();

const r2: R2Like = {
  put: async (key, value) => objects.set(key, value),
  get: async (key, options) => {
    const whole = objects.get(key);
    if (whole === undefined) return null;
    const { offset, length } = options?.range ?? { offset: 0, length: whole.length };
    return { body: streamOf(whole.slice(offset, offset + length)), size: whole.length };
  },
  head: async (key) => (objects.has(key) ? { size: objects.get(key)!.length } : null),
  delete: async (keys) => {
    for (const key of [keys].flat()) objects.delete(key);
  },
  list: async ({ prefix }) => ({
    objects: [...objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key })),
  }),
  createMultipartUpload: async () => {
    throw new Error('not needed');
  },
};

const zone: Zone = new Proxy({} as Zone, {
  get: (_, name: string) =>
    name === 'mx.brisk-otters.net' ? { A: ['198.41.0.4'] } : { MX: [[0, 'mx.brisk-otters.net']] },
});
const respond = createResponder(zone);

/** Times at which messages of the queue are due. */
let messages: number[] = [];
const environment = {
  DB: d1 as unknown as D1Like,
  FILES: r2,
  WORK: {
    send: async (_: object, options?: { delaySeconds: number }) =>
      messages.push(Date.now() + (options?.delaySeconds ?? 0) * 1000),
  },
  ADMIN_KEY: adminKey,
  ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes',
  ESP_POSTMARK_SHARED_SECRETS: secret,
  DOH_URLS: 'https://one.example/,https://two.example/,https://three.example/',
};

const context = {
  waitUntil: (work: Promise<unknown>) => {
    void work;
  },
};

const log: string[] = [];

/** WebCrypto works in threads as well. */
function signAtOnce() {
  const { subtle } = crypto;
  subtle.importKey = (async (_format: string, raw: Uint8Array) => raw) as never;
  subtle.digest = (async (_algorithm: string, data: Uint8Array) =>
    new Uint8Array(createHash('sha256').update(data).digest()).buffer) as never;
  subtle.sign = (async (_algorithm: object, raw: unknown, data: Uint8Array) =>
    new Uint8Array(
      createHmac('sha256', raw as Uint8Array)
        .update(data)
        .digest(),
    ).buffer) as never;
}

/** Modules that are loaded when they are first needed take real time. */
beforeAll(async () => {
  signAtOnce();
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.stubGlobal('fetch', async () => new Response(null, { status: 503 }));
  await bounce(bounces++);
  await request('/v1/reports/bounces');
  await request('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: 'email\nnobody\n',
  });
  while (messages.length > 0) {
    messages.pop();
    await worker.queue({ messages: [{}] }, environment);
  }
  await worker.scheduled({}, environment);
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.spyOn(console, 'log').mockImplementation((line: string) => log.push(line));
  vi.stubGlobal('fetch', async (_: string, init: { body: Uint8Array; signal: AbortSignal }) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { status, contentType, body } = respond(init.body)!;
    return new Response(body as Uint8Array<ArrayBuffer>, {
      status,
      headers: { 'content-type': contentType },
    });
  });
  fault = 'none';
  messages = [];
  log.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const request = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
  const headers = { authorization: `Bearer ${adminKey}`, ...init.headers };
  return worker.fetch(
    new Request(`https://presend.example${path}`, { ...init, headers }),
    environment,
    context,
  );
};

const json = { 'content-type': 'application/json' };

const post = (path: string, body: object, headers = {}) =>
  request(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

/** Long enough for what streams do outside of the test's clock. */
async function turns(count: number) {
  for (let turn = 0; turn < count; turn++) await realTurn();
}

interface Passing {
  readonly cron?: boolean;
  /** Milliseconds of one step. */
  readonly step?: number;
  readonly each?: () => void;
}

/** Lets `seconds` pass, with the messages that fall due and, every minute, the Cron Trigger. */
async function pass(seconds: number, { cron = true, step = 50, each = () => {} }: Passing = {}) {
  for (let second = 0; second < seconds; second++) {
    each();
    const due = messages.filter((at) => at <= Date.now());
    messages = messages.filter((at) => at > Date.now());
    for (const _ of due) context.waitUntil(worker.queue({ messages: [{}] }, environment).catch(() => {}));
    if (cron && Math.floor(Date.now() / 1000) % 60 === 0)
      context.waitUntil(worker.scheduled({}, environment));
    for (let passed = 0; passed < 1000; passed += step) {
      await vi.advanceTimersByTimeAsync(step);
      await turns(step < 1000 ? 2 : 20);
    }
  }
}

/** The answer to `response` within a minute of the test's clock. */
async function answerTo(response: Promise<Response>): Promise<Response> {
  let answer: Response | null = null;
  void response.then((given) => {
    answer = given;
  });
  for (let second = 0; answer === null; second++)
    if (second < 60) await pass(1, { cron: false, step: 1000 });
    else await turns(20);
  return answer;
}

const rowsOfList = 650;
let lists = 0;
/** A list of 900 domains: three pieces of work, or more. */
const upload = () => {
  const list = ++lists;
  const rows = Array.from({ length: rowsOfList }, (_, row) => `jane@list${list}-${row}.net\n`);
  return request('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `email\n${rows.join('')}`,
  });
};

async function submitted(): Promise<string> {
  const response = await answerTo(upload());
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

const state = (id: string) =>
  sqlite.prepare('SELECT state, rows_done AS done FROM jobs WHERE id = ?').get(id) as {
    state: string;
    done: number;
  };

/** Seconds until the job is completed. */
async function completed(id: string, most: number, options: { cron?: boolean } = {}): Promise<number> {
  for (let seconds = 0; seconds < most; seconds++) {
    if (state(id).state === 'completed') return seconds;
    await pass(1, options);
  }
  return Number.POSITIVE_INFINITY;
}

const resultRows = async (id: string) =>
  (await (await request(`/v1/jobs/${id}/result`)).text()).trimEnd().split('\n').slice(1);

let bounces = 0;
const bounce = (number: number) =>
  post(
    '/v1/hooks/esp/postmark',
    {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      Email: `gone${number}@brisk-otters.net`,
      MessageID: `message-${number}`,
      BouncedAt: '2026-11-01T00:00:00Z',
    },
    { authorization: `Basic ${btoa(`presend:${secret}`)}` },
  );

/** A provider that sends a bounce now and then, and sends again what was refused. */
function provider() {
  const refusals: Response[] = [];
  const kept = new Set<number>();
  const under = new Set<number>();
  return {
    refusals,
    kept,
    sent: 0,
    sendAll(isNew: boolean) {
      if (isNew) {
        this.sent++;
        kept.add(bounces++);
      }
      for (const number of [...kept].filter((one) => !under.has(one)).slice(0, 2)) {
        under.add(number);
        void bounce(number).then((response) => {
          under.delete(number);
          if (response.ok) kept.delete(number);
          else refusals.push(response);
        });
      }
    },
  };
}

const count = (table: string) =>
  (sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;

let normally = 0;

test('without a fault, a job takes a while', async () => {
  const id = await submitted();
  normally = await completed(id, 300);
  expect(normally).toBeGreaterThan(3);
  expect(normally).toBeLessThan(120);
});

describe.each(['errors', 'hangs'] as const)('D1 fails for ten minutes (%s)', (kind) => {
  test('every refusal is a 503, nothing is lost, and the job ends within a minute of its time', async () => {
    const id = await submitted();
    await pass(2);
    const before = { events: count('delivery_events'), suppressions: count('suppressions') };
    const { done } = state(id);
    expect(done).toBeLessThan(rowsOfList);
    const sender = provider();

    fault = kind;
    let second = 0;
    await pass(600, { step: 1000, each: () => sender.sendAll(second++ % 30 === 0) });
    expect(sender.refusals.length).toBeGreaterThan(19);
    for (const { status, headers } of sender.refusals)
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);

    fault = 'none';
    const took = await completed(id, 300);
    expect(took).toBeLessThanOrEqual(normally + 60);
    await pass(60, { step: 1000, each: () => sender.sendAll(false) });
    expect(sender.kept.size).toBe(0);
    expect(count('delivery_events') - before.events).toBe(sender.sent);
    expect(count('suppressions') - before.suppressions).toBe(sender.sent);
    const rows = await resultRows(id);
    expect(rows.length).toBe(rowsOfList);
    expect(rows.filter((row) => !row.includes('deliverable'))).toEqual([]);
  });

  test.each([
    ['a suppression', () => post('/v1/suppressions', { email: 'jane@brisk-otters.net', reason: 'manual' })],
    ['an upload', upload],
    ['a list of suppressions', () => request('/v1/suppressions')],
    ['a bounce', () => bounce(bounces++)],
    ['a report', () => request('/v1/reports/bounces')],
    ['a key', () => post('/v1/keys', { kind: 'secret', name: 'server' })],
  ])('%s: 503 with Retry-After within a minute, and the code in the log', async (_, ask) => {
    fault = kind;
    const response = await answerTo(ask());
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(log.join()).toMatch(/"code":"D1_(NETWORK|ERROR|TIMEOUT)"/);
    fault = 'none';
    await pass(60, { step: 1000 });
  });

  test('a verdict is unknown and says so, and /readyz names storage', async () => {
    fault = kind;
    const verdict = await (await answerTo(post('/v1/validate', { email: 'joe@brisk-otters.net' }))).json();
    expect(verdict).toMatchObject({ result: 'unknown', reason: 'suppression_undetermined' });
    const ready = await answerTo(request('/readyz'));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: [{ name: 'storage', ok: false }, {}, {}, {}] });
    fault = 'none';
    await pass(60, { step: 1000 });
  });
});

test.each([
  ['fails now and then', 'flaky'],
  ['loses answers now and then', 'forgetful'],
] as const)(
  'D1 %s for six seconds: the job goes on without the Cron Trigger, and no row is lost',
  async (_, kind) => {
    const id = await submitted();
    await pass(2, { cron: false });
    fault = kind;
    await pass(6, { cron: false });
    fault = 'none';
    expect(await completed(id, 300, { cron: false })).toBeLessThanOrEqual(normally + 60);
    expect((await resultRows(id)).length).toBe(rowsOfList);
  },
);
