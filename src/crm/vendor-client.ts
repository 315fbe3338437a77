// Calls a vendor's API: only on one host, only until a deadline, and not while the vendor asks presend to wait.

/** The part of fetch that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type ApiAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /**
   * The call failed, or was not made because the vendor asked presend to wait. `status` is the HTTP status; null if there was
   * no usable answer in time. The call may be repeated after `retryAfterMs` milliseconds.
   */
  | { readonly kind: 'failed'; readonly status: number | null; readonly retryAfterMs: number };

export interface VendorClient {
  /** The `value` of the result is the parsed JSON of a 2xx answer, or null if its body is empty. */
  get(path: string): Promise<ApiAnswer<unknown>>;
  post(path: string, body: unknown): Promise<ApiAnswer<unknown>>;
}

/** Until when a vendor must not be called, because it answered 429 (Too Many Requests, RFC 6585). */
export interface Rest {
  /** Epoch milliseconds. */
  until: number;
}

export interface VendorClientOptions {
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly now: () => number;
  /** All clients of one vendor share this object. */
  readonly rest: Rest;
  /** Epoch milliseconds by which every call must have ended. */
  readonly deadline: number;
}

const second = 1000;
const shortRest = 10 * second;
const longestRest = 600 * second;

export function vendorClient(options: VendorClientOptions): VendorClient {
  const { host, headers, fetch, now, rest, deadline } = options;

  async function call(path: string, init: RequestInit): Promise<ApiAnswer<unknown>> {
    const asked = now();
    if (asked < rest.until) return failed(429, rest.until - asked);
    if (asked >= deadline) return failed(null);
    try {
      const response = await fetch(`https://${host}${path}`, {
        ...init,
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        // Do not follow redirects, because the token is for this host only.
        redirect: 'manual',
        signal: AbortSignal.timeout(deadline - asked),
      });
      if (!response.ok) {
        await response.body?.cancel();
        const wait = retryAfter(response.headers.get('retry-after'), now());
        if (response.status === 429) rest.until = Math.max(rest.until, now() + wait);
        return failed(response.status, wait);
      }
      const text = await response.text();
      return { kind: 'answered', value: text === '' ? null : JSON.parse(text) };
    } catch {
      // A failed connection, a timeout and an answer that is not JSON all count as no answer.
      return failed(null);
    }
  }

  return {
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}

const failed = (status: number | null, retryAfterMs = shortRest) =>
  ({ kind: 'failed', status, retryAfterMs }) as const;

/** Maximum number of concurrent API calls for one hook request. */
const concurrentCalls = 4;

/**
 * Splits `items` into batches of at most `most` items, and makes one call for each batch. Returns all answers in the order
 * of the batches. After the first failure, starts no further calls and returns that failure.
 */
export async function callInBatches<T, Answer>(
  items: readonly T[],
  most: number,
  call: (some: readonly T[]) => Promise<ApiAnswer<Answer>>,
): Promise<ApiAnswer<Answer[]>> {
  const answers: Answer[] = [];
  let failure: ApiAnswer<never> | null = null;
  const starts = Array.from({ length: Math.ceil(items.length / most) }, (_, index) => index * most).values();
  const callInTurn = async (): Promise<void> => {
    for (const start of starts) {
      const answer = await call(items.slice(start, start + most));
      if (answer.kind === 'failed') failure ??= answer;
      else answers[start / most] = answer.value;
      if (failure !== null) return;
    }
  };
  await Promise.all(Array.from({ length: concurrentCalls }, callInTurn));
  return failure ?? { kind: 'answered', value: answers };
}

/**
 * Returns how many milliseconds to wait, from the value of Retry-After (RFC 9110 section 10.2.3): at least one second, at
 * most ten minutes. Ten seconds if the value is missing or not readable.
 */
function retryAfter(value: string | null, now: number): number {
  const wait =
    value === null ? shortRest : /^\d+$/.test(value) ? Number(value) * second : Date.parse(value) - now;
  return Number.isNaN(wait) ? shortRest : Math.min(Math.max(wait, second), longestRest);
}
