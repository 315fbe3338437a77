// The ports of the HTTP application.

import type { Context } from 'hono';
import type { Mailbox } from '../address/mailbox.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { AuditRepository } from '../audit/audit.ts';
import type { CrmSettings } from '../crm/crm-adapter.ts';
import type { Fetch } from '../crm/vendor-client.ts';
import type { ObservedSender } from '../diagnosis/explaining-finding.ts';
import type { EspSecrets } from '../esp/esp-adapter.ts';
import type { EspIntake } from '../esp/esp-intake.ts';
import type { BounceTokens } from '../events/bounce-tokens.ts';
import type { BounceJudge, BounceTrust } from '../events/bounce-trust.ts';
import type { ReportEngagement } from '../events/engagement-report.ts';
import type { Erasure } from '../events/erase.ts';
import type { EventLog } from '../events/event-log.ts';
import type { HookStates } from '../events/hook-states.ts';
import type { Feedback } from '../events/record.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { ConsoleSessions } from '../keys/console-session.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import type { VerdictTokens } from '../keys/verdict-token.ts';
import type { Learning } from '../learning/learning.ts';
import type { FindRecordedBounces } from '../lists/recorded-bounces.ts';
import type { ProbeFinding } from '../mailbox/probe-finding.ts';
import type { OverrideStore } from '../overrides/override-store.ts';
import type { PendingProofs } from '../pending/pending-proofs.ts';
import type { PreflightRequest } from '../preflight/finding.ts';
import type { MessagePreflight } from '../preflight/message/message-preflight.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { SeenSelectors } from '../preflight/seen-selectors.ts';
import type { SenderWatch, WatchedDomain } from '../preflight/watch/watch.ts';
import type { Gate } from '../reports/gate/gate.ts';
import type { Incidents } from '../reports/incidents/incidents.ts';
import type { Reports } from '../reports/report.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { Validator } from '../validator/validate.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { MetricFamily } from './metric-family.ts';
import type { ServerLimits } from './middleware/body.ts';
import type { Limiters } from './middleware/limits.ts';

export interface AccessLogEntry {
  /** When the response was ready (RFC 3339, UTC). */
  readonly time: string;
  readonly request_id: string;
  readonly method: string;
  /** The pattern of the route, such as `/v1/jobs/:id`. Never the requested path, which may contain an address. */
  readonly route: string;
  readonly status: number;
  /** Milliseconds from the start of the request until the response was ready. */
  readonly ms: number;
}

export interface HttpPorts {
  readonly validator: Validator;
  /**
   * The validator for publishable keys. It does not use the learned model, and its verdicts are not learned from: anyone can
   * enter any address into a form.
   */
  readonly formValidator: Pick<Validator, 'validateBatch'>;
  /**
   * The validator for backtests. It uses neither the suppression list nor the learned model: both may already contain the bounces
   * of the campaign, so the backtest would look better than a real prediction.
   */
  readonly backtestValidator: Validator;
  /** The recorded bounces with which a backtest may compare a list. */
  readonly recordedBounces: FindRecordedBounces;
  /** Loads the checks of a sender's DNS records. Most processes never need them. */
  readonly preflight: () => Promise<Preflight>;
  /** The DKIM selectors that returned messages show. */
  readonly seenSelectors: Pick<SeenSelectors, 'see'>;
  /** Loads the checks of a message. */
  readonly messagePreflight: () => Promise<MessagePreflight>;
  /** The watched domains of the sender (PREFLIGHT_DOMAINS). */
  readonly senderWatch: Pick<SenderWatch, 'list' | 'changes'> & {
    /** The watched domains in the order of the setting, and what is asked about each. */
    readonly requests: readonly PreflightRequest[];
    /** Checks a watched domain now; null if it is not watched. `queries`: how many DNS queries that took. */
    readonly check: (
      domain: string,
    ) => Promise<{ readonly watched: WatchedDomain | null; readonly queries: number }>;
  };
  /** What the last checks of the sender's domains saw. */
  readonly observedSenders: () => Promise<readonly ObservedSender[]>;
  /** Asks about mailboxes; null if this service does not. */
  readonly probes: {
    /** Answers by canonical address, within `waitMs` and a few seconds. */
    readonly ask: (
      mailboxes: readonly Mailbox[],
      waitMs: number,
    ) => Promise<ReadonlyMap<string, ProbeFinding>>;
    /** Whether another presend is asked (PROBE_URL). */
    readonly isRemote: boolean;
  } | null;
  /** Verdicts whose mailbox proof follows. */
  readonly pending: {
    readonly add: PendingProofs['add'];
    /** Why this URL is not accepted for a callback, in a phrase; null if it is accepted. */
    readonly refusalOfCallback: (url: string) => string | null;
    /** Whether the mailboxes of records of this CRM are asked about. */
    readonly followsCrm: (vendor: string) => boolean;
  };
  readonly suppressionList: SuppressionList;
  /** The time (epoch milliseconds) before which delivery events may be in files and not in the database; null if never. */
  readonly eventsFrom: () => number | null;
  readonly jobs: Jobs;
  /** Maximum bytes of an uploaded list. */
  readonly maxUploadBytes: number;
  readonly overrides: OverrideStore;
  readonly feedback: Feedback;
  readonly espIntake: EspIntake;
  readonly hookStates: Pick<HookStates, 'refused' | 'contacts' | 'read'>;
  readonly erasure: Erasure;
  readonly eventLog: EventLog;
  readonly learning: Pick<Learning, 'calibration'>;
  readonly reports: Reports;
  /** Answers the requests for reports somewhere else, so no other request waits for them. Absent: the routes answer. */
  readonly answerReport?: (request: Request, requestId: string) => Promise<Response>;
  readonly incidents: Pick<Incidents, 'list'>;
  readonly alerts: Pick<Alerts, 'overview' | 'test'>;
  readonly gate: Pick<Gate, 'ask' | 'current'>;
  readonly reportEngagement: ReportEngagement;
  readonly bounceTokens: BounceTokens;
  readonly bounceJudge: BounceJudge;
  /** How much proof a reported bounce message needs. Null: `all` if the caller needs no key (`keyless`), else `delivered`. */
  readonly bounceTrust: BounceTrust | null;
  /** How many hours the email service provider tries a message (ESP_PRESET); null or absent: unknown. */
  readonly retryHours?: number | null;
  /** The webhook secrets of each configured email service provider, by the provider's name. */
  readonly espSecrets: ReadonlyMap<string, EspSecrets>;
  readonly certificates: CertificateSource;
  /**
   * Fetches an https URL without following redirects. The caller must have checked its host. Resolves to the body of a 200
   * response; null for any other status, a failure or a body that is too large.
   */
  readonly fetchText: (url: string) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly keyStore: KeyStore;
  readonly keyRing: KeyRing;
  readonly keyUses: Pick<KeyUses, 'count' | 'countRefused' | 'read'>;
  readonly sessions: ConsoleSessions;
  readonly audit: Pick<AuditRepository, 'add' | 'page'>;
  /** The settings in force, for the page about the health of the service. */
  readonly settings: readonly ShownSetting[];
  /**
   * Whether requests need no key until the first key is created. Even then, only requests to a loopback host name pass (see
   * `keylessRefusal`).
   */
  readonly keyless: boolean;
  readonly tokens: VerdictTokens;
  readonly limiters: Limiters;
  readonly serverLimits: ServerLimits;
  /** The IP address of the caller: that of the connection, or the one that a trusted proxy reports. */
  readonly clientAddress: (c: Context) => string;
  /** The settings of each configured CRM, by its name, and the `fetch` with which the APIs of CRMs are called. */
  readonly crm: { readonly settings: ReadonlyMap<string, CrmSettings>; readonly fetch: Fetch };
  /** Runs the checks of /readyz: is storage up, and is at least one DNS resolver? */
  readonly ready: () => Promise<Readiness>;
  /** Returns the metrics of the service besides those of HTTP. Never rejects. */
  readonly serviceMetrics: () => Promise<readonly MetricFamily[]>;
  /** Whether it is known that no DNS resolver works at present. */
  readonly resolversAreDown: () => boolean;
  /** Runs the work on a request, so every log line about it has the request id. */
  readonly inRequest: <T>(requestId: string, work: () => T) => T;
  readonly logAccess: (entry: AccessLogEntry) => void;
  /** Logs an event for the operator. The event must not contain an address. */
  readonly logEvent: (event: LogEvent) => void;
  /** Logs an unexpected error with the request id. The caller never sees its message. */
  readonly logError: (error: unknown, requestId: string) => void;
}

export interface ShownSetting {
  readonly name: string;
  /** Its value; only whether it is set if it is a secret or may contain one. */
  readonly value: string;
}

export interface LogEvent {
  readonly level: 'info' | 'warning';
  readonly event: string;
  readonly [detail: string]: string | number | boolean;
}

export interface Readiness {
  readonly ok: boolean;
  readonly checks: readonly ReadinessCheck[];
  /** What the failure means and what to do, in sentences. Absent if there is nothing to add. */
  readonly message?: string;
}

export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, as a clause that follows the name. */
  readonly detail?: string;
}
