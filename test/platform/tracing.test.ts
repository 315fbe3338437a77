// Traces, as a collector receives them from the service as a process.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDns } from '../../src/dns/create-dns.ts';
import { createTracing, readTraceparent } from '../../src/platform/tracing.ts';
import { emptyFolder, presendServe } from '../cli/program.ts';
import { startDohServer } from '../dns/doh-server.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly object[];
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[];
}

const tracingTo = (url: string) =>
  createTracing({ url: `${url}/v1/traces`, headers: {}, serviceName: 'presend' }, (cause) => {
    throw new Error(cause);
  });

/** Starts a server until the end of the test, and returns its URL. */
async function startServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Keeps what it receives. */
async function startCollector() {
  const bodies: string[] = [];
  const paths: string[] = [];
  const url = await startServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    paths.push(`${request.method} ${request.url} ${request.headers['x-api-key']}`);
    bodies.push(Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const spans = () =>
    bodies.flatMap((body): Span[] =>
      JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
  return { url, bodies, paths, spans };
}

test('a request with its DNS questions and storage is one trace, under the trace of the caller', {
  timeout: 60_000,
}, async () => {
  const { url, bodies, paths, spans: received } = await startCollector();
  const doh = await startDohServer({ 'example.org': { MX: [[10, 'mx.example.org']] } });
  onTestFinished(doh.close);
  const service = await presendServe(emptyFolder(), {
    DOH_URLS: doh.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=a%20secret',
  });
  const validate = (traceparent: string) =>
    fetch(`${service.url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ email: 'jane@example.org' }),
    });
  expect((await validate(`00-${traceId}-${parentId}-01`)).status).toBe(200);
  // This caller does not want its trace to be recorded.
  await validate(`00-${'1'.repeat(32)}-${parentId}-00`);
  // The first maintenance runs at the start.
  const isMaintained = () => received().some(({ name }) => name === 'maintenance');
  await expect.poll(isMaintained, { timeout: 25_000, interval: 200 }).toBe(true);
  // Sends what waits.
  await service.stop('SIGTERM');

  expect(new Set(paths)).toEqual(new Set(['POST /v1/traces a secret']));
  const spans = received();
  const maintenance = spans.find(({ name }) => name === 'maintenance')!;
  expect(maintenance).toMatchObject({ kind: 1 });
  expect(maintenance.parentSpanId).toBeUndefined();
  const steps = spans.filter(({ parentSpanId }) => parentSpanId === maintenance.spanId);
  expect(steps.map(({ name }) => name)).toContain('look for alerts');
  // The searches for work that found none are no traces.
  expect(spans.map(({ name }) => name)).not.toContain('work on list');
  const request = spans.find(({ parentSpanId }) => parentSpanId === parentId)!;
  expect(request).toMatchObject({ traceId, name: 'POST /v1/validate', kind: 2 });
  expect(request.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: '200' } });
  const parts = spans.filter(({ parentSpanId }) => parentSpanId === request.spanId);
  const names = new Set(parts.map(({ name }) => name));
  expect(names).toContain('dns');
  expect(names).toContain('sqlite SELECT');
  for (const { startTimeUnixNano, endTimeUnixNano, ...part } of parts) {
    expect(part).toMatchObject({ traceId, kind: 3 });
    expect(BigInt(startTimeUnixNano)).toBeLessThanOrEqual(BigInt(endTimeUnixNano));
  }
  expect(spans.filter((span) => span.traceId === '1'.repeat(32))).toEqual([]);
  expect(bodies.join()).not.toMatch(/@|jane|example\.org|%40/);
  expect(service.output.stdout).not.toContain('a secret');
});

test('a task is a trace with its steps if it did something or failed, and no longer than 200 parts', async () => {
  const { url, spans } = await startCollector();
  const tracing = tracingTo(url);
  const part = () =>
    tracing.dnsObserver.answered('resolver.example', { kind: 'failure', cause: 'timeout' }, 3);
  const isDone = (done: boolean) => done;
  await tracing.inTask(
    'idle',
    async () => {
      part();
      return false;
    },
    isDone,
  );
  await tracing.inTask(
    'busy',
    async () => {
      tracing.note({ 'presend.job_id': 'job_1' });
      await tracing.inStep('a step', async () => part());
      for (let count = 0; count < 300; count++) part();
      return true;
    },
    isDone,
  );
  const failing = tracing.inTask('broken', async () => Promise.reject(new Error('no')), isDone);
  await expect(failing).rejects.toThrow('no');
  // Outside of a task, nothing is recorded.
  part();
  await tracing.inStep('alone', async () => part());
  await tracing.flush();
  const roots = spans().filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(roots).toMatchObject([
    { name: 'busy', kind: 1 },
    { name: 'broken', status: { code: 2 } },
  ]);
  expect(roots[0]!.attributes).toEqual([
    { key: 'presend.job_id', value: { stringValue: 'job_1' } },
    { key: 'presend.dropped_spans', value: { intValue: '102' } },
  ]);
  const busy = spans().filter((span) => span.traceId === roots[0]!.traceId);
  expect(busy).toHaveLength(201);
  const step = busy.find(({ name }) => name === 'a step')!;
  expect(busy.filter(({ parentSpanId }) => parentSpanId === step.spanId)).toMatchObject([{ name: 'dns' }]);
  expect(spans()).toHaveLength(202);
});

test('a lookup that two requests share is in the trace of the first; that of the second links to it', async () => {
  const { url, spans } = await startCollector();
  const tracing = tracingTo(url);
  const doh = await startDohServer({ 'example.org': { MX: [[10, 'mx.example.org']] } });
  onTestFinished(doh.close);
  const { mailHosts } = createDns({
    urls: [doh.url],
    shareInFlight: true,
    observer: { hedged: () => {}, ...tracing.dnsObserver },
  });
  const handle = tracing.wrap(async () => {
    // A batch that waits for its own lookup links to nothing.
    const both = ['example.org', 'example.org'].map((name) => mailHosts.lookup(name, Date.now() + 5000));
    await Promise.all(both);
    return new Response();
  });
  await Promise.all([1, 2].map(() => handle(new Request('http://127.0.0.1/'))));
  await tracing.flush();
  const requests = spans().filter(({ kind }) => kind === 2);
  expect(requests).toHaveLength(2);
  const dns = spans().filter(({ name }) => name === 'dns');
  const first = requests.find(({ spanId }) => spanId === dns[0]!.parentSpanId)!;
  const second = requests.find((request) => request !== first)!;
  expect(new Set(dns.map(({ traceId: trace }) => trace))).toEqual(new Set([first.traceId]));
  const shared = spans().filter(({ name }) => name === 'dns shared');
  expect(shared).toHaveLength(2);
  for (const span of shared)
    expect(span).toMatchObject({
      ...{ traceId: second.traceId, parentSpanId: second.spanId },
      links: [{ traceId: first.traceId, spanId: first.spanId }],
    });
});

test('a collector that refuses spans is reported at most once a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const url = await startServer((_request, response) => void response.writeHead(503).end());
  const causes: string[] = [];
  const tracing = createTracing({ url, headers: {}, serviceName: 'presend' }, (cause) => causes.push(cause));
  const sendOne = async () => {
    await tracing.inTask('work', async () => {});
    await tracing.flush();
  };
  await sendOne();
  await sendOne();
  expect(causes).toEqual(['status 503']);
  vi.setSystemTime(Date.now() + 59_999);
  await sendOne();
  expect(causes).toHaveLength(1);
  vi.setSystemTime(Date.now() + 1);
  await sendOne();
  expect(causes).toEqual(['status 503', 'status 503']);
});

test.each([
  [`00-${traceId}-${parentId}-01`, true],
  [`00-${traceId}-${parentId}-00`, false],
  [`cc-${traceId}-${parentId}-01-what-comes-later`, true],
])('%s is a parent', (text, isSampled) => {
  expect(readTraceparent(text)).toEqual({ traceId, parentId, isSampled });
});

test.each([
  '',
  `00-${'0'.repeat(32)}-${parentId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-${parentId}-01`,
  `00-${traceId.toUpperCase()}-${parentId}-01`,
  `00-${traceId}-${parentId}-01-more`,
])('"%s" is none', (text) => {
  expect(readTraceparent(text)).toBeNull();
});
