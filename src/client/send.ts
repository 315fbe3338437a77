// Sends one call: builds the request, repeats it if it failed for a passing reason, and reads the response.

import { serviceUrl } from '../service-url.ts';
import { clientError, errorOf, PresendError } from './presend-error.ts';
import { bodyStream, isWholeBody, type QueryValue } from './raw-body.ts';
import { delay, retryAfterOf, retryWait, takesIdempotencyKey } from './retries.ts';
import type { CallOptions } from './route-types.ts';
import { fileRoutes } from './routes.ts';

export interface ClientOptions {
  /** The URL of the service, such as `https://presend.example.com`. */
  readonly endpoint: string | URL;
  /** An API key: `sk_…` on a server, `pk_…` in a browser. A service on loopback may need none. */
  readonly key?: string | undefined;
  /** Sends the requests; the `fetch` of the runtime by default. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** How often a failed attempt is repeated; 2 by default. */
  readonly retries?: number | undefined;
  /** Milliseconds that one attempt may take; 10,000 by default. Does not apply to calls that send a file. */
  readonly timeout?: number | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A call of any route. */
export interface Call extends CallOptions {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, QueryValue | undefined>> | undefined;
  /** A value is sent as JSON, a `RawBody` as it is. */
  readonly body?: unknown;
  /** The media type of a raw body. */
  readonly contentType?: string | undefined;
  /** The media type of a raw body that has none itself, if `contentType` is absent. */
  readonly defaultType?: string | undefined;
  /** Statuses from 400 whose response is an answer and not an error. */
  readonly answers?: readonly number[] | undefined;
}

/** Calls a route such as `GET /v1/jobs/{id}`. Resolves to its JSON, to a `Response` for a file, or to undefined for 204. */
export type Send = (route: string, call?: Call) => Promise<unknown>;

/** @throws TypeError if `endpoint` is not a URL. */
export function createSend(options: ClientOptions): Send {
  const base = serviceUrl(options.endpoint);
  // In a browser, an endpoint may be relative to the page.
  const page = (globalThis as { location?: { href: string } }).location?.href;
  if (!URL.canParse(base, page))
    throw new TypeError(
      'presend: set `endpoint` to the URL of the service, such as https://presend.example.com',
    );
  return async (route, call = {}) => {
    const request = requestOf(route, call, options);
    const retries = request.isOnce ? 0 : (call.retries ?? options.retries ?? 2);
    for (let attempt = 0; ; attempt++) {
      call.signal?.throwIfAborted();
      const outcome = await attemptOf(base, request, call, options);
      if (!(outcome instanceof PresendError)) return outcome.answer;
      const { status, retryAfter } = outcome;
      const wait = attempt < retries ? retryWait(route, { status, retryAfter, attempt }) : null;
      if (wait === null) throw outcome;
      await delay(wait, call.signal);
    }
  };
}

interface BuiltRequest {
  readonly path: string;
  readonly init: RequestInit;
  /** Whether the response may be a file. */
  readonly isFile: boolean;
  /** Whether the body can be sent only once. */
  readonly isOnce: boolean;
  readonly timeout: number;
}

function requestOf(route: string, call: Call, options: ClientOptions): BuiltRequest {
  const [method, pattern] = route.split(' ') as [string, string];
  const { params = {}, query = {}, body } = call;
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (!value) throw new TypeError(`presend: ${route} needs the parameter "${name}"`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const headers = new Headers(options.headers);
  if (options.key) headers.set('authorization', `Bearer ${options.key}`);
  const stream = bodyStream(body);
  const isRaw = stream !== null || isWholeBody(body);
  const mediaType = isRaw ? mediaTypeOf(call) : 'application/json';
  if (body !== undefined && mediaType !== null) headers.set('content-type', mediaType);
  if (takesIdempotencyKey(route)) headers.set('idempotency-key', crypto.randomUUID());
  for (const [name, value] of Object.entries(call.headers ?? {})) headers.set(name, value);
  const sent = stream ?? (isRaw ? body : JSON.stringify(body));
  return {
    path: search.size > 0 ? `${filled}?${search}` : filled,
    init: {
      method,
      headers,
      ...(sent !== undefined && { body: sent as NonNullable<RequestInit['body']> }),
      // fetch requires `duplex: 'half'` for a streamed body: the request is sent completely before the response begins.
      ...(stream && { duplex: 'half' }),
    },
    isFile: fileRoutes.has(route),
    isOnce: stream !== null,
    timeout: call.timeout ?? (isRaw ? 0 : (options.timeout ?? 10_000)),
  };
}

/** Returns the value of Content-Type; null if `fetch` sets it from the body. */
function mediaTypeOf({ body, contentType, defaultType }: Call): string | null {
  if (body instanceof FormData) return null;
  if (contentType !== undefined) return contentType;
  return body instanceof Blob && body.type ? null : (defaultType ?? 'application/octet-stream');
}

/** Makes one attempt. Resolves to the response or to an error, which may be temporary. Rejects if the caller aborted the call. */
async function attemptOf(
  base: string,
  { path, init, isFile, timeout }: BuiltRequest,
  { signal, answers = [] }: Call,
  { fetch: ownFetch }: ClientOptions,
): Promise<{ readonly answer: unknown } | PresendError> {
  const limit = new AbortController();
  const timer = timeout > 0 ? setTimeout(() => limit.abort(), timeout) : undefined;
  try {
    const response = await (ownFetch ?? fetch)(base + path, {
      ...init,
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    });
    const { status, headers } = response;
    if (!response.ok && !answers.includes(status)) return await errorOf(response, retryAfterOf(headers));
    if (status === 204) return { answer: undefined };
    const isJson = headers.get('content-type')?.startsWith('application/json');
    if (isJson) return answerOf(await response.text(), status);
    if (isFile) return { answer: response };
    await response.body?.cancel();
    return clientError(
      'not-presend',
      'The response is not JSON: `endpoint` is not the URL of a presend service',
      {
        status,
      },
    );
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    return limit.signal.aborted
      ? clientError('timeout', `No response within ${timeout} ms`, { cause })
      : clientError('no-response', 'The service cannot be reached, or its response broke off', { cause });
  } finally {
    clearTimeout(timer);
  }
}

function answerOf(text: string, status: number): { readonly answer: unknown } | PresendError {
  try {
    return { answer: JSON.parse(text) };
  } catch (cause) {
    return clientError('not-presend', 'The response is not valid JSON', { status, cause });
  }
}
