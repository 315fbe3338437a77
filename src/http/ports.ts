// The ports of the HTTP application.

import type { Context } from 'hono';
import type { CrmSettings } from '../crm/crm-adapter.ts';
import type { Fetch } from '../crm/vendor-client.ts';
import type { EspSecrets } from '../esp/esp-adapter.ts';
import type { BounceTokens } from '../events/bounce-tokens.ts';
import type { BounceJudge, BounceTrust } from '../events/bounce-trust.ts';
import type { Erasure } from '../events/erase.ts';
import type { Feedback } from '../events/record.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { VerdictTokens } from '../keys/verdict-token.ts';
import type { Learning } from '../learning/learning.ts';
import type { OverrideStore } from '../overrides/override-store.ts';
import type { Reports } from '../reports/report.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { Validator } from '../validator/validate.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { ServerLimits } from './middleware/body.ts';
import type { Limiters } from './middleware/limits.ts';

export interface AccessLogEntry {
  /** RFC 3339. */
  readonly time: string;
  readonly request_id: string;
  readonly method: string;
  /** The pattern of the route, never the requested path, which may contain an address. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export interface HttpPorts {
  readonly validator: Validator;
  /**
   * The validator for publishable keys. It neither uses learned bounce rates nor learns, since any visitor of a form chooses
   * the addresses.
   */
  readonly formValidator: Pick<Validator, 'validateBatch'>;
  readonly suppressionList: SuppressionList;
  readonly jobs: Jobs;
  /** Maximum bytes of an uploaded list. */
  readonly maxUploadBytes: number;
  readonly overrides: OverrideStore;
  readonly feedback: Feedback;
  readonly erasure: Erasure;
  readonly learning: Pick<Learning, 'calibration'>;
  readonly reports: Reports;
  readonly bounceTokens: BounceTokens;
  readonly bounceJudge: BounceJudge;
  /** What a returned message needs to be trusted; null: `all` for a caller without a key, `delivered` for others. */
  readonly bounceTrust: BounceTrust | null;
  /** The secrets of each email service provider that is configured, by the provider's name. */
  readonly espSecrets: ReadonlyMap<string, EspSecrets>;
  readonly certificates: CertificateSource;
  /**
   * Fetches an https URL whose host the caller has checked, without following redirects. Resolves to the body of a 200
   * response, or to null.
   */
  readonly fetchText: (url: string) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly keyStore: KeyStore;
  readonly keyRing: KeyRing;
  /** Whether requests need no key as long as none was created. Only for a service on loopback. */
  readonly keyless: boolean;
  readonly tokens: VerdictTokens;
  readonly limiters: Limiters;
  readonly serverLimits: ServerLimits;
  /** The network address of the caller, from the socket or a trusted proxy. */
  readonly clientAddress: (c: Context) => string;
  /** The settings of each configured CRM by its name, and the `fetch` that calls their APIs. */
  readonly crm: { readonly settings: ReadonlyMap<string, CrmSettings>; readonly fetch: Fetch };
  /** The checks of /readyz: storage, and at least one resolver. */
  readonly ready: () => Promise<Readiness>;
  readonly logAccess: (entry: AccessLogEntry) => void;
  /** Logs an event for the operator. Contains no address. */
  readonly logEvent: (event: LogEvent) => void;
  /** Logs an unexpected error with the request id. The caller never sees its message. */
  readonly logError: (error: unknown, requestId: string) => void;
}

export interface LogEvent {
  readonly level: 'info' | 'warning';
  readonly event: string;
  readonly [detail: string]: string | number | boolean;
}

export interface Readiness {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}
