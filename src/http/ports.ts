// What the HTTP application needs from the runtime that it runs on.

import type { Jobs } from '../lists/jobs/jobs.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { Validator } from '../validate.ts';

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
  readonly jobs: Jobs;
  /** Bytes of a list that is uploaded. */
  readonly maxUploadBytes: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Null: no key is needed. Only for a service that nobody else can reach. */
  readonly adminKey: string | null;
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
