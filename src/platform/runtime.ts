// What the runtime (Node or Workers) provides for the service.

import type { Context } from 'hono';
import type { Timers } from '../clock.ts';
import type { Fetch } from '../crm/vendor-client.ts';
import type { CauseSearch } from '../diagnosis/diagnoses.ts';
import type { DohTransport } from '../dns/transport/fetch.ts';
import type { PlainDns } from '../dns/transport/plain.ts';
import type { MetricFamily } from '../http/metric-family.ts';
import type { ServerLimits } from '../http/middleware/body.ts';
import type { LimitName } from '../http/middleware/limits.ts';
import type { SliceLimits } from '../jobs/slice-limits.ts';
import type { Mac } from '../keys/verdict-token.ts';
import type { ProbeTransport } from '../mailbox/remote-prober.ts';
import type { Overrides } from '../overrides/domain-lists.ts';
import type { PolicyTransport } from '../preflight/mta-sts.ts';
import type { IncidentSearch } from '../reports/incidents/search.ts';
import type { Database } from '../storage/database.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { WebhookTransport } from '../webhooks/delivery.ts';
import type { SendAlertMail } from './alert-receivers.ts';
import type { EventIntake, IntakePorts } from './event-intake.ts';
import type { PlatformLimit } from './platform-limit.ts';
import type { ResolverAdvice } from './resolver-watch.ts';
import type { SmtpRuntime } from './service-prober.ts';
import type { Settings } from './settings.ts';
import type { Tracing } from './tracing.ts';

export interface Runtime {
  readonly settings: Settings;
  readonly database: Database;
  readonly hasher: AddressHasher;
  /** Signs verdict tokens. Its key is the one that `tokenKeyOf` returns. */
  readonly tokenMac: Mac;
  /**
   * True if callers need no API key until the first one is created. That is so if the service listens on loopback only
   * and ADMIN_KEY is not set.
   */
  readonly keyless: boolean;
  readonly clientAddress: (c: Context) => string;
  /** Rate limiters of the platform that count the requests to several instances. Absent if the platform has none. */
  readonly platformLimits?: Readonly<Partial<Record<LimitName, PlatformLimit>>>;
  /**
   * The same database for long reads and for work that no request waits for, so that requests do not wait for it either; by default that
   * of the service.
   */
  readonly backgroundDatabase?: Database;
  /** Answers the requests for reports in another process. */
  readonly answerReport?: (request: Request, requestId: string) => Promise<Response>;
  /** Look for incidents and for their causes in another process. Absent: the service does both itself. */
  readonly findIncidents?: IncidentSearch;
  readonly findCauses?: CauseSearch;
  /** Records delivery events in another thread. Absent: the service records them itself. */
  readonly eventIntake?: (ports: IntakePorts) => EventIntake;
  readonly shareInFlight: boolean;
  readonly serverLimits: ServerLimits;
  /** Maximum number of entries in each cache of domains and DNS answers. Absent: each cache uses its default. */
  readonly maxKept?: number;
  /** Sends DNS-over-HTTPS requests; `fetch` by default. */
  readonly transport?: DohTransport;
  /** Servers that are asked over plain DNS. If present, DNS over HTTPS is not used. */
  readonly plainDns?: PlainDns;
  readonly jobs: JobRuntime;
  /** The operator's lists of domains in files, in addition to those in the database. Absent if there are none. */
  readonly overrideFiles?: () => Overrides;
  /** HTTP client for CRM APIs; the runtime's fetch by default. */
  readonly fetch?: Fetch;
  /** Fetches MTA-STS policies. */
  readonly policyTransport: PolicyTransport;
  /** Records traces. Absent if they are off. */
  readonly tracing?: Omit<Tracing, 'wrap' | 'database' | 'flush'>;
  /** The figures of the process for /metrics. Absent if the platform has none. */
  readonly processMetrics?: () => readonly MetricFamily[];
  /** Sends alerts by e-mail. Absent if the platform cannot. */
  readonly sendAlertMail?: SendAlertMail;
  /** How mail hosts are reached. Absent if the platform has no sockets. */
  readonly smtp?: SmtpRuntime;
  /** How another presend is asked about mailboxes (PROBE_URL). */
  readonly probeTransport: ProbeTransport;
  /** The clock and timers; those of the system by default. */
  readonly timers?: Timers;
  /** What the log advises if no resolver works. Absent: to set DOH_URLS. */
  readonly resolverAdvice?: ResolverAdvice;
  /** Writes one line of the log, which is a JSON object. */
  readonly log: (line: string) => void;
}

export interface JobRuntime {
  readonly files: FileStore;
  readonly limits: SliceLimits;
  readonly callbackTransport: WebhookTransport;
  /** Tells the job runner that there is new work. */
  readonly wake: () => void | Promise<void>;
}
