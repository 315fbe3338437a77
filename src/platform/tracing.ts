// Traces for OpenTelemetry: a span for each request, and in it one for each answer of a DNS resolver and each call of the
// database. Loaded only if OTEL_EXPORTER_OTLP_ENDPOINT is set. No span contains an address, a key, a domain or a path.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { DnsObserver } from '../dns/hedged.ts';
import type { AccessLogEntry } from '../http/ports.ts';
import type { Database } from '../storage/database.ts';
import { version } from '../version.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface Tracing {
  /** Runs each request in a span. A caller's `traceparent` (W3C Trace Context) becomes its parent. */
  wrap<Rest extends unknown[]>(
    handle: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
  /** Call it in the context of the request when its response is ready. */
  onAccess(entry: AccessLogEntry): void;
  readonly dnsObserver: Pick<DnsObserver, 'answered'>;
  /** Returns the database with a span for each call. */
  database(database: Database): Database;
  /** Sends the spans that wait. Never rejects. */
  flush(): Promise<void>;
}

type Attributes = Readonly<Record<string, string | number>>;

interface OpenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** False if the caller does not want this trace to be recorded. */
  readonly isSampled: boolean;
  readonly started: number;
  entry: AccessLogEntry | null;
}

/** Maximum number of spans that wait for the collector. When it is reached, new spans are dropped. */
const maxWaiting = 2048;
const sentAtOnce = 512;
const sendEveryMs = 5000;
const sendTimeoutMs = 10_000;

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const kinds = { server: 2, client: 3 };
const failedStatus = { code: 2 };

/** Epoch milliseconds, with fractions. */
const preciseNow = (): number => performance.timeOrigin + performance.now();
const nanoseconds = (at: number): string => String(BigInt(Math.round(at * 1000)) * 1000n);

const attributeList = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

/** Reads a `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header). Null if it is absent or invalid. */
export function readTraceparent(
  text: string | null,
): { readonly traceId: string; readonly parentId: string; readonly isSampled: boolean } | null {
  const parts = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(text ?? '');
  if (parts === null) return null;
  const [, format, traceId, parentId, flags, rest] = parts as unknown as string[];
  if (/^0+$/.test(traceId!) || /^0+$/.test(parentId!) || (format === '00' && rest !== undefined)) return null;
  return { traceId: traceId!, parentId: parentId!, isSampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

/** `onFailure` is called with the cause when the collector refuses spans or cannot be reached. */
export function createTracing(
  { url, headers, serviceName }: TraceSettings,
  onFailure: (cause: string) => void,
): Tracing {
  const active = new AsyncLocalStorage<OpenSpan>();
  let waiting: object[] = [];

  function record(
    { traceId, spanId, parentId }: Pick<OpenSpan, 'traceId' | 'spanId' | 'parentId'>,
    name: string,
    kind: number,
    [start, end]: readonly [number, number],
    attributes: Attributes,
    isFailed: boolean,
  ): void {
    if (waiting.length >= maxWaiting) return;
    waiting.push({
      ...{ traceId, spanId, name, kind },
      ...(parentId !== undefined && { parentSpanId: parentId }),
      startTimeUnixNano: nanoseconds(start),
      endTimeUnixNano: nanoseconds(end),
      attributes: attributeList(attributes),
      ...(isFailed && { status: failedStatus }),
    });
  }

  /** Records work that is part of the request. Work in the background has no span. */
  function recordPart(name: string, start: number, attributes: Attributes, isFailed: boolean): void {
    const span = active.getStore();
    if (span?.isSampled !== true) return;
    const part = { traceId: span.traceId, spanId: newId(8), parentId: span.spanId };
    record(part, name, kinds.client, [start, preciseNow()], attributes, isFailed);
  }

  async function send(spans: readonly object[]): Promise<void> {
    const resource = {
      attributes: attributeList({ 'service.name': serviceName, 'service.version': version }),
    };
    const body = JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'presend', version }, spans }] }],
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(sendTimeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) onFailure(`status ${response.status}`);
    } catch (error) {
      onFailure((error as Error).name === 'TimeoutError' ? 'timeout' : 'network');
    }
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const spans = waiting.slice(0, sentAtOnce);
      waiting = waiting.slice(sentAtOnce);
      await send(spans);
    }
  }

  setInterval(() => void flush(), sendEveryMs).unref();

  return {
    wrap:
      (handle) =>
      async (request, ...rest) => {
        const parent = readTraceparent(request.headers.get('traceparent'));
        const span: OpenSpan = {
          traceId: parent?.traceId ?? newId(16),
          spanId: newId(8),
          parentId: parent?.parentId,
          isSampled: parent?.isSampled ?? true,
          started: preciseNow(),
          entry: null,
        };
        try {
          return await active.run(span, () => handle(request, ...rest));
        } finally {
          if (span.isSampled) endRequest(span);
        }
      },
    onAccess(entry) {
      const span = active.getStore();
      if (span !== undefined) span.entry = entry;
    },
    dnsObserver: {
      answered(resolver, outcome, tookMs) {
        const result = outcome.kind === 'failure' ? outcome.cause : outcome.kind;
        const attributes = { 'server.address': resolver, 'presend.dns.outcome': result };
        recordPart('dns', preciseNow() - tookMs, attributes, outcome.kind === 'failure');
      },
    },
    database: (database) => tracedDatabase(database, recordPart),
    flush,
  };

  function endRequest(span: OpenSpan): void {
    const { entry, started } = span;
    const name = entry === null ? 'request' : `${entry.method} ${entry.route}`;
    const attributes: Attributes =
      entry === null
        ? {}
        : {
            'http.request.method': entry.method,
            'http.route': entry.route,
            'http.response.status_code': entry.status,
            'presend.request_id': entry.request_id,
          };
    const isFailed = entry === null || entry.status >= 500;
    record(span, name, kinds.server, [started, preciseNow()], attributes, isFailed);
  }
}

const newId = (bytes: number): string => randomBytes(bytes).toString('hex');

type RecordPart = (name: string, start: number, attributes: Attributes, isFailed: boolean) => void;

function tracedDatabase(database: Database, recordPart: RecordPart): Database {
  const traced = <T>(sql: string, statements: number, work: () => T): T => {
    const start = preciseNow();
    const operation = statements === 1 ? (/\w+/.exec(sql)?.[0] ?? '').toUpperCase() : 'BATCH';
    const attributes = {
      'db.system.name': 'sqlite',
      'db.operation.name': operation,
      ...(statements > 1 && { 'db.operation.batch.size': statements }),
    };
    const end = (isFailed: boolean): void => recordPart(`sqlite ${operation}`, start, attributes, isFailed);
    const result = work();
    // If the database answers synchronously, so does this wrapper, because verdicts rely on it.
    if (!(result instanceof Promise)) {
      end(false);
      return result;
    }
    return result.then(
      (value: unknown) => {
        end(false);
        return value;
      },
      (error: unknown) => {
        end(true);
        throw error;
      },
    ) as T;
  };
  return {
    all: (sql, params) => traced(sql, 1, () => database.all(sql, params)),
    first: (sql, params) => traced(sql, 1, () => database.first(sql, params)),
    run: (sql, params) => traced(sql, 1, () => database.run(sql, params)),
    batch: (statements) =>
      traced(statements[0]?.sql ?? '', statements.length, () => database.batch(statements)),
  };
}
