// Traces for OpenTelemetry: a span for each request and each task in the background, and in it one for each answer of a DNS
// resolver and each call of the database. Loaded only if OTEL_EXPORTER_OTLP_ENDPOINT is set. No span contains an address, a key, a
// domain or a path.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { DnsObserver } from '../dns/hedged.ts';
import type { AccessLogEntry } from '../http/ports.ts';
import type { Database } from '../storage/database.ts';
import { createTraceExporter, type Span, type SpanAttributes, type SpanName } from './trace-exporter.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface Tracing {
  /** Runs each request in a span. A caller's `traceparent` (W3C Trace Context) becomes its parent. */
  wrap<Rest extends unknown[]>(
    handle: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
  /** Call it in the context of the request when its response is ready. */
  onAccess(entry: AccessLogEntry): void;
  /**
   * Runs background work as a trace of its own. The trace is recorded only if the work fails or `isWorthIt` returns true for its
   * result, because most of the time there is nothing to do.
   */
  inTask<T>(name: string, work: () => Promise<T>, isWorthIt?: (result: T) => boolean): Promise<T>;
  /** Runs a part of a task in a span. */
  inStep<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Adds attributes to the span of the task or step in which it is called. */
  note(attributes: SpanAttributes): void;
  readonly dnsObserver: Required<Pick<DnsObserver, 'answered' | 'began' | 'joined'>>;
  /** Returns the database with a span for each call. */
  database(database: Database): Database;
  /** Sends the spans that wait. Never rejects. */
  flush(): Promise<void>;
}

interface OpenSpan extends SpanName {
  readonly parentId: string | undefined;
  /** False if the caller does not want this trace to be recorded, and after the end of a task. */
  isSampled: boolean;
  readonly started: number;
  entry: AccessLogEntry | null;
  /** The task of the span; null for a request. */
  readonly task: OpenTask | null;
  attributes: SpanAttributes;
}

/** A list can have many thousands of parts. */
interface OpenTask {
  readonly parts: Span[];
  droppedParts: number;
}

/** Maximum number of spans in the trace of a task. */
const maxParts = 200;

/** Epoch milliseconds, with fractions. */
const preciseNow = (): number => performance.timeOrigin + performance.now();

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

/** `onFailure` is called with the cause when the collector refuses spans or cannot be reached. The caller must call `flush`. */
export function createTracing(settings: TraceSettings, onFailure: (cause: string) => void): Tracing {
  const active = new AsyncLocalStorage<OpenSpan>();
  const exporter = createTraceExporter(settings, onFailure);

  const openSpan = (span: Partial<OpenSpan>): OpenSpan => ({
    ...{ traceId: newId(16), spanId: newId(8), parentId: undefined, isSampled: true, started: preciseNow() },
    ...{ entry: null, task: null, attributes: {} },
    ...span,
  });

  /** The span in whose context this is called, if it is recorded. */
  const sampled = (): OpenSpan | undefined => {
    const span = active.getStore();
    return span?.isSampled === true ? span : undefined;
  };

  function addPart({ task }: OpenSpan, part: Span): void {
    if (task === null) exporter.add([part]);
    else if (task.parts.length < maxParts) task.parts.push(part);
    else task.droppedParts += 1;
  }

  const recordPart: RecordPart = (name, start, attributes, isFailed) => {
    const span = sampled();
    if (span === undefined) return;
    const { traceId, spanId: parentId } = span;
    const ids = { traceId, spanId: newId(8), parentId };
    addPart(span, { ...ids, name, kind: 'client', start, end: preciseNow(), attributes, isFailed });
  };

  const ended = (
    { traceId, spanId, parentId, started, attributes }: OpenSpan,
    name: string,
    isFailed: boolean,
  ): Span => ({
    ...{ traceId, spanId, parentId, name, attributes, isFailed },
    ...{ kind: 'internal', start: started, end: preciseNow() },
  });

  function endTask(span: OpenSpan, name: string, isFailed: boolean, isWorthIt: boolean): void {
    span.isSampled = false;
    const { parts, droppedParts } = span.task!;
    if (!isWorthIt) return;
    if (droppedParts > 0) span.attributes = { ...span.attributes, 'presend.dropped_spans': droppedParts };
    exporter.add([ended(span, name, isFailed), ...parts]);
  }

  return {
    wrap:
      (handle) =>
      async (request, ...rest) => {
        const parent = readTraceparent(request.headers.get('traceparent'));
        const span = openSpan(parent ?? {});
        try {
          return await active.run(span, () => handle(request, ...rest));
        } finally {
          if (span.isSampled) exporter.add([endedRequest(span)]);
        }
      },
    onAccess(entry) {
      const span = active.getStore();
      if (span !== undefined) span.entry = entry;
    },
    async inTask(name, work, isWorthIt = () => true) {
      const span = openSpan({ task: { parts: [], droppedParts: 0 } });
      try {
        const result = await active.run(span, work);
        endTask(span, name, false, isWorthIt(result));
        return result;
      } catch (error) {
        endTask(span, name, true, true);
        throw error;
      }
    },
    async inStep(name, work) {
      const outer = sampled();
      if (outer === undefined) return work();
      const { traceId, spanId: parentId, task } = outer;
      const span = openSpan({ traceId, parentId, task });
      let isFailed = true;
      try {
        const result = await active.run(span, work);
        isFailed = false;
        return result;
      } finally {
        span.isSampled = false;
        addPart(outer, ended(span, name, isFailed));
      }
    },
    note(attributes) {
      const span = sampled();
      if (span !== undefined) span.attributes = { ...span.attributes, ...attributes };
    },
    dnsObserver: {
      answered(resolver, outcome, tookMs) {
        const result = outcome.kind === 'failure' ? outcome.cause : outcome.kind;
        const attributes = { 'server.address': resolver, 'presend.dns.outcome': result };
        recordPart('dns', preciseNow() - tookMs, attributes, outcome.kind === 'failure');
      },
      began: () => sampled() ?? null,
      joined(lookup) {
        const span = sampled();
        const other = lookup as OpenSpan | null;
        // The questions of the lookup are in the trace of the one that began it. A batch may wait for its own lookup.
        if (span === undefined || other === null || other.traceId === span.traceId) return () => {};
        const start = preciseNow();
        const { traceId, spanId: parentId } = span;
        const link = { traceId: other.traceId, spanId: other.spanId };
        return () =>
          addPart(span, {
            ...{ traceId, spanId: newId(8), parentId, name: 'dns shared', kind: 'internal', link },
            ...{ start, end: preciseNow(), attributes: {}, isFailed: false },
          });
      },
    },
    database: (database) => tracedDatabase(database, recordPart),
    flush: exporter.flush,
  };
}

function endedRequest({ traceId, spanId, parentId, started, entry }: OpenSpan): Span {
  const attributes: SpanAttributes =
    entry === null
      ? {}
      : {
          'http.request.method': entry.method,
          'http.route': entry.route,
          'http.response.status_code': entry.status,
          'presend.request_id': entry.request_id,
        };
  return {
    ...{ traceId, spanId, parentId, attributes, kind: 'server', start: started, end: preciseNow() },
    name: entry === null ? 'request' : `${entry.method} ${entry.route}`,
    isFailed: entry === null || entry.status >= 500,
  };
}

const newId = (bytes: number): string => randomBytes(bytes).toString('hex');

type RecordPart = (name: string, start: number, attributes: SpanAttributes, isFailed: boolean) => void;

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
