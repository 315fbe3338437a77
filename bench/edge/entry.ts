// The Worker for tests of faults: its D1 fails on request, and `fetch` has Cloudflare's limit of six open connections
// per request.

import { AsyncLocalStorage } from 'node:async_hooks';
import worker from '../../src/platform/worker.ts';
import type { D1Like, D1StatementLike } from '../../src/storage/sqlite/d1.ts';

type Handler = typeof worker;
type Environment = Parameters<Handler['fetch']>[1];
type Context = Parameters<Handler['fetch']>[2];

/**
 * How D1 fails. `errors`: with an error message of D1 or of the connection to it. `hangs`: it does not answer.
 * `writes`: only writes fail.
 */
export type D1Fault = 'none' | 'errors' | 'hangs' | 'writes';

const messages = [
  'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
  'D1_ERROR: Failed to parse body as JSON, got: error code: 1031',
  // Some errors have no D1_ERROR prefix, because workerd's binding does not catch errors that its own `fetch` throws.
  'Network connection lost.',
  'internal error; reference = 7b3f',
];

let fault: D1Fault = 'none';
let failed = 0;

async function faulty<T>(isWrite: boolean, call: () => Promise<T>): Promise<T> {
  if (fault === 'none' || (fault === 'writes' && !isWrite)) return call();
  if (fault === 'hangs') return new Promise(() => {});
  throw new Error(messages[failed++ % messages.length]);
}

const isWrite = (sql: string): boolean => !/^\s*(SELECT|WITH)/i.test(sql);

interface Statement extends D1StatementLike {
  readonly real: D1StatementLike;
}

const statement = (real: D1StatementLike, sql: string): Statement => ({
  real,
  bind: (...params) => statement(real.bind(...params), sql),
  all: () => faulty(isWrite(sql), () => real.all()),
  run: () => faulty(true, () => real.run()),
});

const faultyD1 = (d1: D1Like): D1Like<Statement> => ({
  prepare: (sql) => statement(d1.prepare(sql), sql),
  batch: (statements) => faulty(true, () => d1.batch(statements.map(({ real }) => real))),
});

/** https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections */
const mostConnections = 6;
const connections = new AsyncLocalStorage<{ open: number; readonly waiting: (() => void)[] }>();
const realFetch = globalThis.fetch;

globalThis.fetch = async (...args: Parameters<typeof fetch>) => {
  const own = connections.getStore();
  if (own === undefined) return realFetch(...args);
  if (own.open >= mostConnections) await new Promise<void>((resolve) => own.waiting.push(resolve));
  own.open++;
  try {
    return await realFetch(...args);
  } finally {
    own.open--;
    own.waiting.shift()?.();
  }
};

const withLimits = <T>(environment: Environment, work: (limited: Environment) => Promise<T>): Promise<T> => {
  const limited = { ...environment, DB: faultyD1(environment.DB) as unknown as D1Like };
  return environment['SIX_CONNECTIONS'] === 'true'
    ? connections.run({ open: 0, waiting: [] }, () => work(limited))
    : work(limited);
};

export default {
  async fetch(request: Request, environment: Environment, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/fault') {
      fault = (searchParams.get('d1') ?? fault) as D1Fault;
      return Response.json({ failed });
    }
    if (pathname === '/cron')
      return withLimits(environment, async (limited) => {
        await worker.scheduled({}, limited);
        return new Response('done');
      });
    return withLimits(environment, (limited) => worker.fetch(request, limited, context));
  },
  queue: (...[batch, environment]: Parameters<Handler['queue']>) =>
    withLimits(environment, (limited) => worker.queue(batch, limited)),
} satisfies Omit<Handler, 'scheduled'>;
