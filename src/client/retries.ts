// Which requests are sent again, and when.

/** Statuses of failures that pass. */
const passing = [429, 502, 503, 504];

/**
 * Routes that write and may be sent again when it is unknown whether the first call arrived: the second one changes nothing and
 * does not fail, because they only answer, or what they store or remove is already there or gone. Numbers in the answer, and
 * `removed` of an own domain, may be those of the second call.
 */
const repeatable: ReadonlySet<string> = new Set([
  'POST /v1/validate',
  'POST /v1/validate/batch',
  'POST /v1/annotate',
  'POST /v1/tokens/confirm',
  'POST /v1/backtests',
  'POST /v1/gate',
  'POST /v1/preflight',
  'POST /v1/preflights',
  'POST /v1/preflight/message',
  'POST /v1/probes',
  'POST /v1/suppressions',
  'POST /v1/suppressions/check',
  'POST /v1/suppressions/import',
  'POST /v1/suppressions/lift',
  'POST /v1/bounces',
  'POST /v1/bounces/tokens',
  'POST /v1/domains',
  'POST /v1/domains/remove',
  'POST /v1/erasures',
  'POST /v1/events/find',
  'POST /v1/hooks/esp/{vendor}/test',
  'POST /v1/hooks/crm/{vendor}/test',
  'POST /v1/jobs/{id}/pause',
  'POST /v1/jobs/{id}/resume',
  'DELETE /v1/keys/{id}',
]);

/**
 * Routes whose second call does no harm, but would report a failure although the first one did its work: 404, or `removed: false`.
 * The remaining routes create something new each time, or refuse the second call.
 */
const onceOnly: ReadonlySet<string> = new Set(['DELETE /v1/jobs/{id}', 'POST /v1/suppressions/remove']);

/** Whether the service reads the header Idempotency-Key of this route. */
export const takesIdempotencyKey = (route: string): boolean => route === 'POST /v1/jobs';

/** Whether a call may be sent again if it is unknown what became of it. POST /v1/jobs may, by its Idempotency-Key. */
export const isRepeatable = (route: string): boolean =>
  /^(GET|HEAD) /.test(route) || repeatable.has(route) || takesIdempotencyKey(route);

/** Milliseconds before the first retry, at most; twice as many before the next. */
const firstWaitMs = 500;
const longestWaitMs = 8000;

/** Seconds of `Retry-After` that the client waits at most. If the service asks for more, the call fails. */
const longestRetryAfter = 60;

/**
 * Returns the milliseconds to wait before a failed call is sent again: a random part of a time that doubles (full jitter), after
 * the seconds of `retryAfter`. Null if it must not be sent again. `status` is 0 if no response arrived; `attempt` counts from 0.
 */
export function retryWait(
  route: string,
  { status, retryAfter, attempt }: { status: number; retryAfter: number | null; attempt: number },
): number | null {
  // A call that a rate limit refused did nothing, so it may always be sent again. So did one that the service refused for now, but
  // its storage may fail halfway: that must do no harm.
  const isRefused = status === 429 || (status === 503 && retryAfter !== null && onceOnly.has(route));
  if (!isRefused && !isRepeatable(route)) return null;
  if (status !== 0 && !passing.includes(status)) return null;
  if (retryAfter !== null && retryAfter > longestRetryAfter) return null;
  return (retryAfter ?? 0) * 1000 + Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** attempt);
}

/** Reads the header `Retry-After` (RFC 9110, section 10.2.3) as seconds from now; null if it is absent or invalid. */
export function retryAfterOf(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** Waits. Rejects with the reason of `signal` when it aborts. */
export function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
