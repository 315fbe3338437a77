// Traces in workerd: a request, a message of the queue and the Cron Trigger, each posted to a collector after the work.

import { env } from 'cloudflare:test';
import { expect, inject, test } from 'vitest';
import worker from '../../src/platform/worker.ts';
import { freshD1 } from './fresh-d1.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
}

test('a request with its parts, and the Cron Trigger, are traces', { timeout: 120_000 }, async () => {
  await freshD1();
  const url = inject('collectorUrl');
  const environment = {
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=secret',
  } as unknown as Parameters<typeof worker.fetch>[1];
  const waited: Promise<unknown>[] = [];
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const parentId = 'b7ad6b7169203331';
  const request = new Request('http://127.0.0.1:8787/v1/validate', {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${parentId}-01` },
    body: JSON.stringify({ email: 'jane@brisk-otter.com' }),
  });
  const response = await worker.fetch(request, environment, { waitUntil: (work) => void waited.push(work) });
  expect(response.status).toBe(200);
  await Promise.all(waited);
  await worker.scheduled({}, environment);

  const received = (await (await fetch(url)).json()) as { path: string; key: string; body: unknown }[];
  expect(received.map(({ path, key }) => [path, key])).toContainEqual(['/v1/traces', 'secret']);
  expect(JSON.stringify(received)).not.toMatch(/jane|brisk-otter/);
  const spans = received.flatMap(({ body }) =>
    (body as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  const root = spans.find(({ parentSpanId }) => parentSpanId === parentId)!;
  expect(root).toMatchObject({ traceId, name: 'POST /v1/validate' });
  expect(Math.abs(Number(root.startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(120_000);
  const parts = new Set(
    spans.filter(({ parentSpanId }) => parentSpanId === root.spanId).map(({ name }) => name),
  );
  expect(parts).toContain('dns');
  expect(parts).toContain('sqlite SELECT');
  const cron = spans.find(({ name }) => name === 'maintenance')!;
  expect(cron.parentSpanId).toBeUndefined();
  expect(spans.filter(({ parentSpanId }) => parentSpanId === cron.spanId).map(({ name }) => name)).toContain(
    'look for alerts',
  );
});
