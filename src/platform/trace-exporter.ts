// Sends spans to an OpenTelemetry collector, over OTLP/HTTP in JSON
// (https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto).

import { version } from '../version.ts';
import type { TraceSettings } from './trace-settings.ts';

export type SpanAttributes = Readonly<Record<string, string | number>>;

/** Names a span, also one of another trace. */
export interface SpanName {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span extends SpanName {
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: keyof typeof kinds;
  /** Epoch milliseconds, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  readonly isFailed: boolean;
  /** A span on which this one waited. */
  readonly link?: SpanName;
}

export interface TraceExporter {
  /** Keeps spans until they are sent. */
  add(spans: readonly Span[]): void;
  /** Sends the spans that wait. Never rejects. */
  flush(): Promise<void>;
}

/** Maximum number of spans that wait for the collector. When it is reached, new spans are dropped. */
const maxWaiting = 2048;
const sentAtOnce = 512;
const sendTimeoutMs = 10_000;
/** Minimum milliseconds between two calls of `onFailure`. */
const failureEveryMs = 60_000;

const kinds = { internal: 1, server: 2, client: 3 };
const failedStatus = { code: 2 };

const nanoseconds = (at: number): string => String(BigInt(Math.round(at * 1000)) * 1000n);

const attributeList = (attributes: SpanAttributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

const spanJson = ({ parentId, kind, start, end, attributes, isFailed, link, ...span }: Span): object => ({
  ...{ ...span, kind: kinds[kind] },
  ...(parentId !== undefined && { parentSpanId: parentId }),
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributeList(attributes),
  ...(link && { links: [link] }),
  ...(isFailed && { status: failedStatus }),
});

/** `onFailure` is called with the cause when the collector refuses spans or cannot be reached, at most once a minute. */
export function createTraceExporter(
  { url, headers, serviceName }: TraceSettings,
  onFailure: (cause: string) => void,
): TraceExporter {
  let waiting: Span[] = [];
  let failedAt = Number.NEGATIVE_INFINITY;

  function fail(cause: string): void {
    if (Date.now() - failedAt < failureEveryMs) return;
    failedAt = Date.now();
    onFailure(cause);
  }

  async function send(spans: readonly Span[]): Promise<void> {
    const resource = {
      attributes: attributeList({ 'service.name': serviceName, 'service.version': version }),
    };
    const scopeSpans = [{ scope: { name: 'presend', version }, spans: spans.map(spanJson) }];
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
        redirect: 'manual',
        signal: AbortSignal.timeout(sendTimeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) fail(`status ${response.status}`);
    } catch (error) {
      fail((error as Error).name === 'TimeoutError' ? 'timeout' : 'network');
    }
  }

  return {
    add(spans) {
      waiting.push(...spans.slice(0, maxWaiting - waiting.length));
    },
    async flush() {
      while (waiting.length > 0) {
        const spans = waiting.slice(0, sentAtOnce);
        waiting = waiting.slice(sentAtOnce);
        await send(spans);
      }
    },
  };
}
