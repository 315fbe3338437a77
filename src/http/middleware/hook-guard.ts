// Protects the webhook routes, which need no API key, from callers that send requests without a valid signature.

import type { Context } from 'hono';
import type { HttpPorts } from '../ports.ts';
import { problem } from '../problem.ts';
import { readBodyBytes, reserve, type ServerLimits } from './body.ts';
import { clientNetwork, tooManyRequests } from './limits.ts';
import { tokenBuckets } from './token-buckets.ts';

export interface HookGuard {
  /**
   * Returns a 429 response if too many requests of this client were refused recently (see `refusals`), else null. Call this
   * before reading the body.
   */
  refusal(c: Context): Response | null;
  /**
   * Reads a body of at most `maxBytes` bytes. Resolves to the body or to the error response. The signature is not verified yet,
   * so all webhook bodies share a limited amount of memory (`hookBytes`), and each client may use only a part of it. A body
   * that arrives too slowly or breaks off counts as a refused request.
   */
  readBody(c: Context, provider: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Response>;
  /**
   * Counts a refused request, with the cause `why`. For each provider and cause, writes at most one log line per minute, with
   * the number of refused requests that were not logged since the last line.
   */
  refused(c: Context, provider: string, why: string): void;
  /** Notes a request that was refused for another reason than its verification. It counts against no limit. */
  noted(provider: string, why: 'not_configured' | 'malformed'): void;
}

/**
 * Maximum number of refused requests per client: 60 a minute. Requests with a valid signature do not count. A client at the
 * limit gets 429 for every request.
 */
const refusals = { quota: 60, windowMs: 60_000 };

/** Minimum milliseconds between two log lines about the same provider and cause. */
const logEveryMs = 60_000;

/** Creates the guard. `onRefused` is called for each request whose events are not recorded, with the cause. */
export function hookGuard({
  clientAddress,
  logEvent,
  now,
  onRefused,
}: Pick<HttpPorts, 'clientAddress' | 'logEvent' | 'now'> & {
  readonly onRefused: (provider: string, why: string) => void;
}): HookGuard {
  const buckets = tokenBuckets(refusals, now);
  const logged = new Map<string, { at: number; unlogged: number }>();
  const clientOf = (c: Context) => clientNetwork(clientAddress(c));

  function count(c: Context, provider: string, why: string): void {
    buckets.take(clientOf(c), 1);
    const cause = `${provider} ${why}`;
    const last = logged.get(cause);
    if (last !== undefined && now() - last.at < logEveryMs) {
      last.unlogged += 1;
      return;
    }
    logged.set(cause, { at: now(), unlogged: 0 });
    const before = last === undefined || last.unlogged === 0 ? {} : { unlogged: last.unlogged };
    logEvent({ level: 'warning', event: 'webhook_refused', provider, why, ...before });
  }

  return {
    refusal(c) {
      const { allowed, retryInMs } = buckets.peek(clientOf(c), 1);
      if (allowed) return null;
      const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
      return problem(c, tooManyRequests, { 'retry-after': String(seconds), connection: 'close' });
    },
    async readBody(c, provider, maxBytes) {
      const { hookBytes } = c.get('limits') as ServerLimits;
      const client = clientOf(c);
      const read = await readBodyBytes(c, maxBytes, (c, amount) => reserve(c, hookBytes, amount, client));
      if (read.ok) return read.body;
      onRefused(
        provider,
        read.response.status === 413
          ? 'body_too_large'
          : read.isSendersFault
            ? 'body_unfinished'
            : 'overloaded',
      );
      if (read.isSendersFault) count(c, provider, 'body_unfinished');
      return read.response;
    },
    noted: onRefused,
    refused(c, provider, why) {
      onRefused(provider, why);
      count(c, provider, why);
    },
  };
}

/**
 * Headers of the 503 response for a webhook whose settings are missing. The sender should retry in five minutes, when the
 * operator may have added them.
 */
export const notConfiguredHeaders = { 'retry-after': '300', connection: 'close' };
