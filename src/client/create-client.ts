// Creates a client of the HTTP API. It needs nothing but fetch and WebCrypto, so it runs on Node, Workers, Bun, Deno and in
// browsers.

import type {
  BacktestFiles,
  BatchItem,
  Client,
  EventQuery,
  JobsApi,
  SuppressionsApi,
  WaitOptions,
} from './client.ts';
import type { RawBody } from './raw-body.ts';
import { delay } from './retries.ts';
import type { CallOptions, RouteAnswer, RouteInput, RouteName } from './route-types.ts';
import { type ClientOptions, createSend, type Send } from './send.ts';

/** Calls a route with the types that it has. */
type TypedSend = <Name extends RouteName>(
  route: Name,
  input: RouteInput<Name>,
  options?: CallOptions & { readonly answers?: readonly number[] },
) => Promise<RouteAnswer<Name>>;

/**
 * Creates a client. It keeps no connection and no state, so create one where you need it, or share one.
 * @throws TypeError if `endpoint` is not a URL.
 */
export function createClient(options: ClientOptions): Client {
  const send = createSend(options);
  const typed: TypedSend = async (route, input, more) =>
    (await send(route, { ...more, ...input })) as RouteAnswer<typeof route>;
  return {
    request: async (method, path, ...[given]) =>
      (await send(`${method} ${path}`, given)) as RouteAnswer<never>,
    validate: (email, fields, more) => typed('POST /v1/validate', { body: { email, ...fields } }, more),
    validateBatch: (addresses, fields, more) =>
      typed('POST /v1/validate/batch', { body: { ...batchOf(addresses), ...fields } }, more),
    annotate: (body, more) => typed('POST /v1/annotate', { body }, more),
    tokens: { confirm: (body, more) => typed('POST /v1/tokens/confirm', { body }, more) },
    jobs: jobsApi(typed, send),
    suppressions: suppressionsApi(typed, send),
    bounces: {
      record: (body, more) => typed('POST /v1/bounces', { body }, more),
      recordMessage: (body, query, more) =>
        typed('POST /v1/bounces', { body, query, contentType: 'message/rfc822' }, more),
      tokens: (body, more) => typed('POST /v1/bounces/tokens', { body }, more),
    },
    reports: {
      bounces: async (query, more) =>
        (await typed('GET /v1/reports/bounces', { query: { ...query, format: 'json' } }, more)) as never,
      bouncesCsv: async (query, more) =>
        (await typed('GET /v1/reports/bounces', { query: { ...query, format: 'csv' } }, more)) as Response,
      calibration: (query, more) => typed('GET /v1/reports/calibration', { query }, more),
      incidents: (query, more) => typed('GET /v1/reports/incidents', { query }, more),
      engagement: (more) => typed('GET /v1/reports/engagement', {}, more),
    },
    backtests: {
      run: async (files, query, more) =>
        (await typed('POST /v1/backtests', { body: formOf(files), query: { ...query } }, more)) as never,
      page: async (files, query, more) => {
        const input = { body: formOf(files), query: { ...query, format: 'html' } } as const;
        return (await typed('POST /v1/backtests', input, more)) as Response;
      },
    },
    gate: (body, more) => typed('POST /v1/gate', { body }, more),
    probe: (body, more) => typed('POST /v1/probes', { body }, more),
    preflight: (body, more) => typed('POST /v1/preflight', { body }, more),
    preflightMessage: (body, query, more) =>
      typed('POST /v1/preflight/message', { body, query, contentType: 'message/rfc822' }, more),
    preflights: {
      list: (more) => typed('GET /v1/preflights', {}, more),
      check: (body = {}, more) => typed('POST /v1/preflights', { body }, more),
    },
    alerts: {
      list: (more) => typed('GET /v1/alerts', {}, more),
      test: (more) => typed('POST /v1/alerts/test', {}, more),
    },
    domains: {
      list: (more) => typed('GET /v1/domains', {}, more),
      put: (body, more) => typed('POST /v1/domains', { body }, more),
      remove: (domain, more) => typed('POST /v1/domains/remove', { body: { domain } }, more),
    },
    erasures: {
      create: (email, fields, more) => typed('POST /v1/erasures', { body: { email, ...fields } }, more),
    },
    events: eventsApi(typed),
    keys: {
      create: (body, more) => typed('POST /v1/keys', { body }, more),
      list: (more) => typed('GET /v1/keys', {}, more),
      rotate: (id, body = {}, more) => typed('POST /v1/keys/{id}/rotate', { params: { id }, body }, more),
      revoke: (id, more) => typed('DELETE /v1/keys/{id}', { params: { id } }, more),
    },
    audit: {
      list: (query, more) => typed('GET /v1/audit', { query }, more),
    },
    hooks: {
      list: (more) => typed('GET /v1/hooks', {}, more),
      test: (kind, vendor, body, more) =>
        typed(`POST /v1/hooks/${kind}/{vendor}/test`, { params: { vendor }, body }, more),
    },
    service: {
      health: (more) => typed('GET /healthz', {}, more),
      // 503 is an answer here: it says what is not ready.
      ready: (more) => typed('GET /readyz', {}, { ...more, answers: [503] }),
      metrics: (more) => typed('GET /metrics', {}, more),
    },
  };
}

function jobsApi(typed: TypedSend, send: Send): JobsApi {
  const get: JobsApi['get'] = (id, more) => typed('GET /v1/jobs/{id}', { params: { id } }, more);
  const list: JobsApi['list'] = (query, more) => typed('GET /v1/jobs', { query }, more);
  return {
    create: async (body, query, { idempotencyKey, ...more } = {}) => {
      const headers = { ...more.headers, ...(idempotencyKey && { 'idempotency-key': idempotencyKey }) };
      const call = { ...more, headers, query, body, defaultType: 'text/csv' };
      return (await send('POST /v1/jobs', call)) as RouteAnswer<'POST /v1/jobs'>;
    },
    get,
    list,
    all: (more) => everyItem((cursor) => list({ cursor, limit: 100 }, more)),
    wait: (id, more) => waitForJob(get, id, more),
    download: (id, query, more) => typed('GET /v1/jobs/{id}/result', { params: { id }, query }, more),
    rejects: (id, more) => typed('GET /v1/jobs/{id}/rejects', { params: { id } }, more),
    report: (id, more) => typed('GET /v1/jobs/{id}/report', { params: { id } }, more),
    events: (id, more) => typed('GET /v1/jobs/{id}/events', { params: { id } }, more),
    pause: (id, more) => typed('POST /v1/jobs/{id}/pause', { params: { id } }, more),
    resume: (id, more) => typed('POST /v1/jobs/{id}/resume', { params: { id } }, more),
    cancel: (id, more) => typed('POST /v1/jobs/{id}/cancel', { params: { id } }, more),
    delete: (id, more) => typed('DELETE /v1/jobs/{id}', { params: { id } }, more),
  };
}

function suppressionsApi(typed: TypedSend, send: Send): SuppressionsApi {
  const list: SuppressionsApi['list'] = (query, more) => typed('GET /v1/suppressions', { query }, more);
  return {
    add: (body, more) => typed('POST /v1/suppressions', { body }, more),
    check: (emails, fields, more) =>
      typed('POST /v1/suppressions/check', { body: { emails, ...fields } }, more),
    remove: (body, more) => typed('POST /v1/suppressions/remove', { body }, more),
    lift: (body, more) => typed('POST /v1/suppressions/lift', { body }, more),
    list,
    all: (more) => everyItem((cursor) => list({ cursor, limit: 1000 }, more)),
    import: async (body, query, more) => {
      const call = { ...more, query, body, defaultType: 'text/csv' };
      return (await send(
        'POST /v1/suppressions/import',
        call,
      )) as RouteAnswer<'POST /v1/suppressions/import'>;
    },
    export: (query, more) => typed('GET /v1/suppressions/export', { query }, more),
  };
}

function eventsApi(typed: TypedSend): Client['events'] {
  const list = async (query?: EventQuery, more?: CallOptions) =>
    (await typed('GET /v1/events', { query: { ...query, format: 'json' } }, more)) as never;
  return {
    list,
    all: (query, more) => everyItem((cursor) => list({ ...query, cursor, limit: 1000 }, more)),
    csv: async (query, more) =>
      (await typed('GET /v1/events', { query: { ...query, format: 'csv' } }, more)) as Response,
    find: (email, fields, more) => typed('POST /v1/events/find', { body: { email, ...fields } }, more),
  };
}

async function* everyItem<Item>(
  pageAt: (cursor: string | undefined) => Promise<{ items: readonly Item[]; next_cursor: string | null }>,
): AsyncGenerator<Item, void> {
  for (let cursor: string | undefined; ; ) {
    const { items, next_cursor: next } = await pageAt(cursor);
    yield* items;
    if (next === null) return;
    cursor = next;
  }
}

async function waitForJob(
  get: JobsApi['get'],
  id: string,
  { interval = 1000, onProgress, ...more }: WaitOptions = {},
): ReturnType<JobsApi['get']> {
  for (let wait = interval; ; wait = Math.min(wait * 1.5, interval * 10)) {
    const job = await get(id, more);
    onProgress?.(job);
    if (['completed', 'failed', 'cancelled'].includes(job.state)) return job;
    await delay(wait, more.signal);
  }
}

const batchOf = (addresses: readonly (string | BatchItem)[]) =>
  addresses.every((one) => typeof one === 'string')
    ? { emails: addresses }
    : { items: addresses.map((one) => (typeof one === 'string' ? { email: one } : one)) };

function formOf(files: BacktestFiles): FormData {
  const form = new FormData();
  for (const name of ['list', 'bounces'] as const) {
    const file: RawBody | undefined = files[name];
    if (file !== undefined) form.set(name, typeof file === 'string' ? new Blob([file]) : file, `${name}.csv`);
  }
  return form;
}
