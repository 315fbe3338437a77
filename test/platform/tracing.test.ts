// Traces, as a collector receives them from the service as a process.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readTraceparent } from '../../src/platform/tracing.ts';
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
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[];
}

test('a request with its DNS questions and storage is one trace, under the trace of the caller', async () => {
  const bodies: string[] = [];
  const paths: string[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    paths.push(`${request.method} ${request.url} ${request.headers['x-api-key']}`);
    bodies.push(Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const doh = await startDohServer({ 'example.org': { MX: [[10, 'mx.example.org']] } });
  onTestFinished(async () => {
    collector.close();
    collector.closeAllConnections();
    await doh.close();
  });
  const service = await presendServe(emptyFolder(), {
    DOH_URLS: doh.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
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
  // Sends what waits.
  await service.stop('SIGTERM');

  expect(new Set(paths)).toEqual(new Set(['POST /v1/traces a secret']));
  const spans = bodies.flatMap((body): Span[] =>
    JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
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
