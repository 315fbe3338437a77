// The contract of the client: its methods by resource. Each resolves to the JSON of its route exactly as the service sends it, or
// to a `Response` for a file, and rejects with a `PresendError`.

import type { RawBody } from './raw-body.ts';
import type {
  CallOptions,
  RequestArguments,
  RouteAnswer,
  RouteBody,
  RouteMethod,
  RouteName,
  RoutePath,
  RouteQuery,
} from './route-types.ts';
import type { Schemas } from './routes.ts';

/** The fields of a body besides those that the method takes as arguments of their own. */
type Rest<Body, Taken extends string> = Body extends unknown ? Omit<Body, Taken> : never;

export interface FileOptions extends CallOptions {
  /** The media type of the file; by default that of the `Blob`, else `text/csv`. A workbook is recognized whatever its type. */
  readonly contentType?: string | undefined;
}

export interface CreateJobOptions extends FileOptions {
  /**
   * Makes it safe to repeat the upload, also by another process: the same upload with the same text returns the same job. By
   * default random, so only the retries of this call share it.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface WaitOptions extends CallOptions {
  /** Milliseconds before the job is looked at again; grows to ten times as much. 1,000 by default. */
  readonly interval?: number | undefined;
  /** Called with the job each time. */
  readonly onProgress?: ((job: Schemas['JobAnswer']) => void) | undefined;
}

export interface BatchItem {
  readonly email: string;
  readonly source?: string | undefined;
  /** The date on which mail to the address last arrived, such as `2026-11-20`. */
  readonly last_verified_at?: string | null | undefined;
}

export interface JobsApi {
  /** Uploads a list. `file` is CSV, NDJSON, a workbook (XLSX) or a form. */
  create(
    file: RawBody,
    fields?: RouteQuery<'POST /v1/jobs'>,
    options?: CreateJobOptions,
  ): Promise<Schemas['JobAnswer']>;
  get(id: string, options?: CallOptions): Promise<Schemas['JobAnswer']>;
  /** One page of all jobs, newest first. */
  list(query?: RouteQuery<'GET /v1/jobs'>, options?: CallOptions): Promise<Schemas['JobListAnswer']>;
  /** All jobs, newest first. */
  all(options?: CallOptions): AsyncGenerator<Schemas['JobSummary'], void>;
  /** Resolves when the job is `completed`, `failed` or `cancelled`. To limit the time, pass `AbortSignal.timeout(…)`. */
  wait(id: string, options?: WaitOptions): Promise<Schemas['JobAnswer']>;
  /** Downloads the list with its verdicts. While the job runs, the finished rows. */
  download(
    id: string,
    query?: RouteQuery<'GET /v1/jobs/{id}/result'>,
    options?: CallOptions,
  ): Promise<Response>;
  /** Downloads the records that cannot be read, as CSV. */
  rejects(id: string, options?: CallOptions): Promise<Response>;
  /** The bounce forecast of a completed job as a printable page. */
  report(id: string, options?: CallOptions): Promise<Response>;
  /** The progress as server-sent events. Undefined if the job has ended and there are no more events. */
  events(id: string, options?: CallOptions): Promise<Response | undefined>;
  pause(id: string, options?: CallOptions): Promise<Schemas['JobAnswer']>;
  resume(id: string, options?: CallOptions): Promise<Schemas['JobAnswer']>;
  cancel(id: string, options?: CallOptions): Promise<Schemas['JobAnswer']>;
  /** Deletes a job, its file and its result. */
  delete(id: string, options?: CallOptions): Promise<Schemas['JobDeletedAnswer']>;
}

export type EventQuery = Rest<RouteQuery<'GET /v1/events'>, 'format'>;

export interface SuppressionsApi {
  add(entry: Schemas['SuppressionRequest'], options?: CallOptions): Promise<Schemas['SuppressionAnswer']>;
  /** Says which of up to 1,000 addresses are suppressed. */
  check(
    emails: readonly string[],
    fields?: Rest<Schemas['SuppressionCheckRequest'], 'emails'>,
    options?: CallOptions,
  ): Promise<Schemas['SuppressionCheckAnswer']>;
  /** Lifts a suppression after new consent of the person. */
  remove(
    removal: Schemas['SuppressionRemovalRequest'],
    options?: CallOptions,
  ): Promise<Schemas['SuppressionRemovalAnswer']>;
  /** Lifts the bounces that a provider caused by mistake. */
  lift(
    incident: Schemas['IncidentLiftRequest'],
    options?: CallOptions,
  ): Promise<Schemas['IncidentLiftAnswer']>;
  /** One page of the entries, with hashes instead of addresses. */
  list(
    query?: RouteQuery<'GET /v1/suppressions'>,
    options?: CallOptions,
  ): Promise<Schemas['SuppressionListAnswer']>;
  /** All entries, with hashes instead of addresses. */
  all(options?: CallOptions): AsyncGenerator<Schemas['SuppressionListAnswer']['items'][number], void>;
  /** Imports a file of suppressions in CSV or NDJSON. */
  import(
    file: RawBody,
    query?: RouteQuery<'POST /v1/suppressions/import'>,
    options?: FileOptions,
  ): Promise<Schemas['SuppressionImportAnswer']>;
  /** Downloads all entries, with hashes instead of addresses. */
  export(query?: RouteQuery<'GET /v1/suppressions/export'>, options?: CallOptions): Promise<Response>;
}

export interface BouncesApi {
  /** Reports an SMTP reply. */
  record(report: Schemas['ReplyReport'], options?: CallOptions): Promise<Schemas['BouncesAnswer']>;
  /** Reports a whole bounce or complaint message (RFC 5322). */
  recordMessage(
    message: RawBody,
    query?: RouteQuery<'POST /v1/bounces'>,
    options?: CallOptions,
  ): Promise<Schemas['BouncesAnswer']>;
  /** Creates the tokens that prove a bounce to be about your own mail. */
  tokens(
    request: Schemas['BounceTokensRequest'],
    options?: CallOptions,
  ): Promise<Schemas['BounceTokensAnswer']>;
}

export interface ReportsApi {
  bounces(
    query?: Rest<RouteQuery<'GET /v1/reports/bounces'>, 'format'>,
    options?: CallOptions,
  ): Promise<Schemas['BounceReportAnswer']>;
  /** The same report as a CSV file. */
  bouncesCsv(
    query?: Rest<RouteQuery<'GET /v1/reports/bounces'>, 'format'>,
    options?: CallOptions,
  ): Promise<Response>;
  calibration(
    query?: RouteQuery<'GET /v1/reports/calibration'>,
    options?: CallOptions,
  ): Promise<Schemas['CalibrationAnswer']>;
  incidents(
    query?: RouteQuery<'GET /v1/reports/incidents'>,
    options?: CallOptions,
  ): Promise<Schemas['IncidentsAnswer']>;
  /** How many people open, click and reply, and how many are inactive. */
  engagement(options?: CallOptions): Promise<Schemas['EngagementReportAnswer']>;
}

export interface BacktestFiles {
  /** The list as it was before the campaign, in CSV or NDJSON. */
  readonly list: string | Blob;
  /** The export of the email service provider. Without it, select recorded bounces by `campaign`, `source`, `from` or `to`. */
  readonly bounces?: string | Blob | undefined;
}

type BacktestQuery = Rest<RouteQuery<'POST /v1/backtests'>, 'format'>;

export interface Client {
  /**
   * Calls any route: `client.request('GET', '/v1/jobs/{id}', { params: { id } })`. The types of the options and of the answer are
   * those of the route.
   */
  request<Method extends RouteMethod, Path extends RoutePath<Method>>(
    method: Method,
    path: Path,
    ...options: RequestArguments<Extract<RouteName, `${Method} ${Path}`>>
  ): Promise<RouteAnswer<Extract<RouteName, `${Method} ${Path}`>>>;

  /** The verdict on one address. */
  validate(
    email: string,
    fields?: Rest<Schemas['ValidateRequest'], 'email'>,
    options?: CallOptions,
  ): Promise<Schemas['ValidateAnswer']>;
  /** The verdicts on up to 1,000 addresses, in order, as `{ results }`. */
  validateBatch(
    addresses: readonly (string | BatchItem)[],
    fields?: Rest<RouteBody<'POST /v1/validate/batch'>, 'emails' | 'items'>,
    options?: CallOptions,
  ): Promise<Schemas['BatchAnswer']>;
  /** Adds verdict fields to the records of a CRM. The answer has the form of the request. */
  annotate(
    records: RouteBody<'POST /v1/annotate'>,
    options?: CallOptions,
  ): Promise<Schemas['AnnotateAnswer']>;
  readonly tokens: {
    /** Confirms the token that a form received, and returns the verdict with the suppression list. */
    confirm(
      request: Schemas['TokenConfirmRequest'],
      options?: CallOptions,
    ): Promise<Schemas['TokenConfirmAnswer']>;
  };
  readonly jobs: JobsApi;
  readonly suppressions: SuppressionsApi;
  readonly bounces: BouncesApi;
  readonly reports: ReportsApi;
  readonly backtests: {
    /** Compares the verdicts on a list with the bounces of a campaign. */
    run(
      files: BacktestFiles,
      query?: BacktestQuery,
      options?: CallOptions,
    ): Promise<Schemas['BacktestAnswer']>;
    /** The same as a printable page. */
    page(files: BacktestFiles, query?: BacktestQuery, options?: CallOptions): Promise<Response>;
  };
  /** Whether a campaign may be sent now, and how fast. */
  gate(request: Schemas['GateRequest'], options?: CallOptions): Promise<Schemas['GateAnswerBody']>;
  /** Asks mail hosts whether mailboxes exist. */
  probe(request: Schemas['ProbesBody'], options?: CallOptions): Promise<Schemas['ProbesAnswer']>;
  /** Checks the DNS records of a sender: SPF, DKIM, DMARC, reverse DNS and blocklists. */
  preflight(request: Schemas['PreflightBody'], options?: CallOptions): Promise<Schemas['PreflightReport']>;
  /** Checks a message, in its source (RFC 5322), before it is sent. */
  preflightMessage(
    message: RouteBody<'POST /v1/preflight/message'>,
    query?: RouteQuery<'POST /v1/preflight/message'>,
    options?: CallOptions,
  ): Promise<Schemas['MessageReport']>;
  /** The domains in PREFLIGHT_DOMAINS, whose DNS is watched. */
  readonly preflights: {
    /** What the last check of each domain saw, and what changed. */
    list(options?: CallOptions): Promise<Schemas['WatchedDomainsAnswer']>;
    /** Checks one watched domain, or all of them, now. */
    check(
      request?: Schemas['WatchedCheckBody'],
      options?: CallOptions,
    ): Promise<Schemas['WatchedDomainsAnswer']>;
  };
  readonly alerts: {
    /** The receivers of alerts, and what did not arrive. */
    list(options?: CallOptions): Promise<Schemas['AlertsAnswer']>;
    /** Sends a test to every receiver. */
    test(options?: CallOptions): Promise<Schemas['AlertTestAnswer']>;
  };
  readonly domains: {
    /** All allowed and denied domains. */
    list(options?: CallOptions): Promise<Schemas['OwnDomainListAnswer']>;
    /** Allows or denies a domain. */
    put(entry: Schemas['OwnDomainRequest'], options?: CallOptions): Promise<Schemas['OwnDomainAnswer']>;
    remove(domain: string, options?: CallOptions): Promise<Schemas['OwnDomainRemovalAnswer']>;
  };
  readonly erasures: {
    /** Erases the delivery events and predictions of one address. */
    create(
      email: string,
      fields?: Rest<Schemas['ErasureRequest'], 'email'>,
      options?: CallOptions,
    ): Promise<Schemas['ErasureAnswer']>;
  };
  readonly events: {
    /** One page of the event log, the latest event first, with hashes instead of addresses. */
    list(query?: EventQuery, options?: CallOptions): Promise<Schemas['EventLogAnswer']>;
    /** All events that match, the latest first. */
    all(
      query?: Rest<EventQuery, 'cursor' | 'limit'>,
      options?: CallOptions,
    ): AsyncGenerator<Schemas['EventLogAnswer']['items'][number], void>;
    /** Downloads all events that match as CSV. */
    csv(query?: EventQuery, options?: CallOptions): Promise<Response>;
    /** One page of the events of an address. */
    find(
      email: string,
      fields?: Rest<Schemas['EventFindRequest'], 'email'>,
      options?: CallOptions,
    ): Promise<Schemas['EventFindAnswer']>;
  };
  readonly keys: {
    /** Creates a key. Its text is only in this answer. */
    create(key: Schemas['KeyRequest'], options?: CallOptions): Promise<Schemas['MadeKeyAnswer']>;
    list(options?: CallOptions): Promise<Schemas['KeyListAnswer']>;
    /** Creates a new key in place of an old one, which expires later. */
    rotate(
      id: string,
      fields?: Schemas['RotateRequest'],
      options?: CallOptions,
    ): Promise<Schemas['MadeKeyAnswer']>;
    revoke(id: string, options?: CallOptions): Promise<void>;
  };
  readonly audit: {
    /** Who lifted, exported or erased, or changed domains or keys, the latest first. */
    list(query?: RouteQuery<'GET /v1/audit'>, options?: CallOptions): Promise<Schemas['AuditAnswer']>;
  };
  readonly hooks: {
    /** The state of every webhook that the service receives. */
    list(options?: CallOptions): Promise<Schemas['HooksAnswer']>;
    /** Reads a sample webhook of a vendor without recording anything. */
    test(
      kind: 'esp' | 'crm',
      vendor: string,
      body: RawBody,
      options?: FileOptions,
    ): Promise<Schemas['HookTestAnswer']>;
  };
  readonly service: {
    health(options?: CallOptions): Promise<Schemas['HealthAnswer']>;
    /** Whether storage and a resolver are available: `status` is `ok` or `degraded`. */
    ready(options?: CallOptions): Promise<Schemas['ReadinessAnswer']>;
    /** Metrics in the Prometheus text format. */
    metrics(options?: CallOptions): Promise<Response>;
  };
}
