// What the HTTP application needs from the runtime that it runs on.

import type { Context } from 'hono';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { VerdictTokens } from '../keys/verdict-token.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { Validator } from '../validate.ts';
import type { Limiters } from './limits.ts';

export interface AccessLogEntry {
  /** RFC 3339. */
  readonly time: string;
  readonly request_id: string;
  readonly method: string;
  /** The route's pattern, never the path that was asked for: somebody may have put an address into it. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export interface HttpPorts {
  readonly validator: Validator;
  readonly suppressionList: SuppressionList;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly keyStore: KeyStore;
  readonly keyRing: KeyRing;
  /** No key is needed until one is made. Only for a service that nobody else can reach. */
  readonly keyless: boolean;
  readonly tokens: VerdictTokens;
  readonly limiters: Limiters;
  /** The network address of whoever asks, as far as it can be trusted. */
  readonly clientAddress: (c: Context) => string;
  /** Whether storage answers and at least one resolver is not resting; told by /readyz. */
  readonly ready: () => Promise<Readiness>;
  readonly logAccess: (entry: AccessLogEntry) => void;
  /** An unexpected error, with the request's id. Its message must not be shown to the caller. */
  readonly logError: (error: unknown, requestId: string) => void;
}

export interface Readiness {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}
