// What the HTTP application needs from the runtime that it runs on.

import type { Context } from 'hono';
import type { CrmSettings } from '../crm/crm-adapter.ts';
import type { Fetch } from '../crm/vendor-client.ts';
import type { EspSecrets } from '../esp/esp-adapter.ts';
import type { BounceTokens } from '../events/bounce-tokens.ts';
import type { Erasure } from '../events/erase.ts';
import type { Feedback } from '../events/record.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { VerdictTokens } from '../keys/verdict-token.ts';
import type { Learning } from '../learning/learning.ts';
import type { OwnDomains } from '../overrides/own-domains.ts';
import type { Reports } from '../reports/report.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { Validator } from '../validator/validate.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { Limiters } from './middleware/limits.ts';

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
  readonly ownDomains: OwnDomains;
  readonly feedback: Feedback;
  readonly erasure: Erasure;
  readonly learning: Pick<Learning, 'calibration'>;
  readonly reports: Reports;
  /** Domains of the operator's own Message-IDs; a bounce of any other message is not believed. Empty: of all. */
  readonly bounceSenderDomains: readonly string[];
  readonly bounceTokens: BounceTokens;
  /** Whether a report must carry the token of its recipient to be believed. */
  readonly bounceTokensRequired: boolean;
  /** The email service providers that are configured, by name. */
  readonly espSecrets: ReadonlyMap<string, EspSecrets>;
  readonly certificates: CertificateSource;
  /** A GET of an https URL whose host was checked: the text of a 200 without a redirect, else null. */
  readonly fetchText: (url: string) => Promise<string | null>;
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
  /** The CRMs that are configured, by name, and the way to their APIs. */
  readonly crm: { readonly settings: ReadonlyMap<string, CrmSettings>; readonly fetch: Fetch };
  /** Whether storage answers and at least one resolver is not resting; told by /readyz. */
  readonly ready: () => Promise<Readiness>;
  readonly logAccess: (entry: AccessLogEntry) => void;
  /** Something that an operator should see. Holds no address. */
  readonly logEvent: (event: LogEvent) => void;
  /** An unexpected error, with the request's id. Its message must not be shown to the caller. */
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
