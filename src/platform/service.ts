// Assembles the service from the parts that the runtime (Node or Workers) provides.

import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Mailbox } from '../address/mailbox.ts';
import { type Alerts, createAlerts, type TimedAlertSource } from '../alerts/alerts.ts';
import { quietHoursIn } from '../alerts/quiet-hours.ts';
import { systemTimers, type Timers } from '../clock.ts';
import type { Fetch } from '../crm/vendor-client.ts';
import { type CauseSearch, createCauseSearch } from '../diagnosis/diagnoses.ts';
import { createDns } from '../dns/create-dns.ts';
import type { DnsObserver } from '../dns/hedged.ts';
import { createMailHostNames } from '../dns/mail-host-names.ts';
import type { DohTransport } from '../dns/transport/fetch.ts';
import type { PlainDns } from '../dns/transport/plain.ts';
import { dayMs } from '../durations.ts';
import { createBounceTokens } from '../events/bounce-tokens.ts';
import { createBounceJudge } from '../events/bounce-trust.ts';
import { type ChangeWebhookPorts, deliverChanges } from '../events/change-webhook.ts';
import {
  type ColdEventsPorts,
  coldBefore,
  createColdEvents,
  defaultColdLimits,
  workerColdLimits,
} from '../events/cold/cold-events.ts';
import { DamagedColdFile } from '../events/cold/cold-format.ts';
import { createColdReader } from '../events/cold/cold-reader.ts';
import { createHistoryCounting } from '../events/count-history.ts';
import { createEngagementLookup } from '../events/engagement-lookup.ts';
import { engagementReports } from '../events/engagement-report.ts';
import { createErasure } from '../events/erase.ts';
import { createEventLog } from '../events/event-log.ts';
import { createEventExpiry, defaultExpiryLimits, workerExpiryLimits } from '../events/expire.ts';
import { createHookStates } from '../events/hook-states.ts';
import { keptHoursMs } from '../events/silent-hooks.ts';
import { createApp } from '../http/app.ts';
import type { MetricFamily } from '../http/metric-family.ts';
import { accessLogLine } from '../http/middleware/access-log.ts';
import type { ServerLimits } from '../http/middleware/body.ts';
import type { LimitName } from '../http/middleware/limits.ts';
import { tokenBuckets } from '../http/middleware/token-buckets.ts';
import { uploadPaceOf } from '../http/middleware/upload-pace.ts';
import type { Readiness } from '../http/ports.ts';
import { retryWaitsMs } from '../jobs/callbacks.ts';
import { createJobs, type Jobs } from '../jobs/job-service.ts';
import type { SliceLimits } from '../jobs/slice-limits.ts';
import type { Digest } from '../jobs/submit.ts';
import { createConsoleSessions } from '../keys/console-session.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { createKeyUses } from '../keys/key-uses.ts';
import { createVerdictTokens, type Mac } from '../keys/verdict-token.ts';
import type { Drift } from '../learning/drift.ts';
import { createLearning } from '../learning/learning.ts';
import { recordedBounces } from '../lists/recorded-bounces.ts';
import { createKnownProofs, type OwnMail, ownMailMs } from '../mailbox/known-proofs.ts';
import { probeWithin } from '../mailbox/probe-within.ts';
import type { ProbeTransport } from '../mailbox/remote-prober.ts';
import { mergedOverrides, type Overrides } from '../overrides/domain-lists.ts';
import { createOverrideStore } from '../overrides/override-store.ts';
import type { PolicyTransport } from '../preflight/mta-sts.ts';
import { createSeenSelectors } from '../preflight/seen-selectors.ts';
import { createGate, type Gate } from '../reports/gate/gate.ts';
import { espPreset } from '../reports/gate/presets.ts';
import type { GateChange } from '../reports/gate/question.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import { createIncidents } from '../reports/incidents/incidents.ts';
import { createIncidentSearch, type IncidentSearch } from '../reports/incidents/search.ts';
import { watchPolicyBursts } from '../reports/policy-burst.ts';
import { createReports } from '../reports/report.ts';
import { reportTimeZone } from '../reports/time-zone.ts';
import type { Database } from '../storage/database.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import { createAlertOutbox } from '../storage/sqlite/alert-outbox.ts';
import { createAuditRepository } from '../storage/sqlite/audit-repository.ts';
import { createColdRepository } from '../storage/sqlite/cold-repository.ts';
import { createEngagementRepository } from '../storage/sqlite/engagement-repository.ts';
import { createErasureRepository } from '../storage/sqlite/erasure-repository.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { createEventLogRepository } from '../storage/sqlite/event-log-repository.ts';
import { createEventRepository } from '../storage/sqlite/event-repository.ts';
import { createEventHistory } from '../storage/sqlite/event-store.ts';
import { createGateRepository } from '../storage/sqlite/gate-repository.ts';
import { createHookRepository } from '../storage/sqlite/hook-repository.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { createJobRepository } from '../storage/sqlite/job-repository.ts';
import { createKeyRepository } from '../storage/sqlite/key-repository.ts';
import { createKeyUseRepository } from '../storage/sqlite/key-use-repository.ts';
import { createLearningRepository } from '../storage/sqlite/learning-repository.ts';
import { createOverrideRepository } from '../storage/sqlite/override-repository.ts';
import { createOwnMailRepository } from '../storage/sqlite/own-mail-repository.ts';
import { createProbeRepository } from '../storage/sqlite/probe-repository.ts';
import { createReplyLimitRepository } from '../storage/sqlite/reply-limit-repository.ts';
import { createSelectorRepository } from '../storage/sqlite/selector-repository.ts';
import { createSessionRepository } from '../storage/sqlite/session-repository.ts';
import { createStorageHealth } from '../storage/sqlite/storage-health.ts';
import { createSuppressionOutbox } from '../storage/sqlite/suppression-outbox.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { storageFault } from '../storage/storage-fault.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { proofSource } from '../validator/proof-source.ts';
import { validatorOver } from '../validator/validate.ts';
import { createCertificateCache } from '../webhooks/certificates.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import type { DeliveryPorts, WebhookTransport } from '../webhooks/delivery.ts';
import { type AlertReceiverPorts, alertReceivers, type SendAlertMail } from './alert-receivers.ts';
import { alertSources } from './alert-sources.ts';
import { callbackNames, resolversAnswer } from './control-questions.ts';
import { type DriftCallback, sendDrift } from './drift-callback.ts';
import { createEventIntake, type EventIntake, fetchText, type IntakePorts } from './event-intake.ts';
import { deliverGateChange, type GateCallback, gateChangeBody } from './gate-callback.ts';
import type { BackgroundWork } from './job-runner.ts';
import { createKnownFaults } from './known-faults.ts';
import { inLogContext } from './log-context.ts';
import { eventLine, type LogFields } from './log-messages.ts';
import { createServicePending } from './pending-service.ts';
import { limitAlsoBy, type PlatformLimit } from './platform-limit.ts';
import { proberSetupLine, proofReadiness } from './probe-setup.ts';
import { createResolverWatch, type ResolverAdvice } from './resolver-watch.ts';
import { createSenderWatching } from './sender-watch.ts';
import { createServiceMetrics } from './service-metrics.ts';
import { probeLookupMs, type SmtpRuntime, serviceProber } from './service-prober.ts';
import type { Settings } from './settings.ts';
import { shownSettings } from './shown-settings.ts';
import type { Tracing } from './tracing.ts';
import { countWatchedChecks } from './watched-checks.ts';

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

/**
 * Milliseconds that the verification of one address and of one batch may take in a list. That is longer than for a
 * form, because no person waits.
 */
const listTimeouts = { timeoutMs: 5000, batchTimeoutMs: 120_000 };

/** The names of the sessions with mail hosts that the service holds begin with this, so its next start knows which are over. */
const sessionPrefix = 'service ';

/**
 * For how many milliseconds one piece of work asks mail hosts about pending verdicts. On Workers, lists are asked about in such pieces
 * too, because one message of the queue does one piece.
 */
const proofTurnMs = 60_000;
const workerProofTurnMs = 20_000;

/** How many domains, and for how many milliseconds, are looked up to name the mail hosts of events before they are stored. */
const mailHostNaming = { timeoutMs: 1000, maxDomains: 100 };

/** Maximum number of messages of one kind that one maintenance run sends. */
const messagesAtOnce = 20;

/** Sends what is due, at most `messagesAtOnce` messages. `deliverOne` sends one, and resolves to false if none is due. */
async function deliverSome(deliverOne: () => Promise<boolean>): Promise<void> {
  for (let sent = 0; sent < messagesAtOnce; sent++) if (!(await deliverOne())) return;
}

/** Milliseconds that an alert is kept after its source last reported it. It is longer than the period that any source reads. */
const alertRetentionMs = 30 * dayMs;

/** Milliseconds for which scores and decisions of the gate are kept after the last event or question. */
const gateDataMs = 14 * dayMs;

/** Maximum number of entries in each cache of domains and DNS answers that lists use. */
const keptForLists = 5000;

const observerOf = (metrics: DnsObserver, tracing: Runtime['tracing']): DnsObserver =>
  tracing === undefined
    ? metrics
    : {
        ...metrics,
        answered(resolver, outcome, tookMs) {
          metrics.answered(resolver, outcome, tookMs);
          tracing.dnsObserver.answered(resolver, outcome, tookMs);
        },
        began: tracing.dnsObserver.began,
        joined: tracing.dnsObserver.joined,
      };

/** The alerts of the service. Without a receiver nothing is kept. */
function alertsOf(
  { settings, sendAlertMail }: Runtime,
  receiverPorts: Omit<AlertReceiverPorts, 'secret'>,
  ports: {
    readonly database: Database;
    readonly log: (line: LogFields) => void;
    readonly onGivenUp: (target: string) => void;
    readonly sources: readonly TimedAlertSource[];
  },
): Alerts {
  const { now } = receiverPorts;
  const { database, log, onGivenUp, sources } = ports;
  return createAlerts({
    outbox: createAlertOutbox(database),
    targets: alertReceivers(settings.alerts, {
      ...receiverPorts,
      secret: settings.jobs.callbackSecret,
      sendMail: sendAlertMail,
    }),
    sources,
    now,
    newId: () => `alert_${crypto.randomUUID()}`,
    groupMs: settings.alerts.groupMs,
    isQuiet: quietHoursIn(settings.reportTimeZone, settings.alerts.quietHours),
    retryWaitsMs,
    onGivenUp: (delivery) => {
      onGivenUp(delivery.target);
      log({ level: 'error', event: 'alert_given_up', ...delivery });
    },
    onFailure: (error, source) =>
      log({ level: 'error', event: 'alerts_failed', source, ...described(error) }),
  });
}

/**
 * Builds the service. Returns the Hono application, the jobs, and the learning of bounce probabilities. The runtime
 * must run the background work of the jobs and of the learning.
 */
export function createService(runtime: Runtime) {
  const {
    settings,
    database,
    hasher,
    tokenMac,
    shareInFlight,
    transport,
    plainDns,
    platformLimits = {},
  } = runtime;
  const { tracing } = runtime;
  const inTask: Tracing['inTask'] = tracing?.inTask ?? ((_, work) => work());
  const inStep: Tracing['inStep'] = tracing?.inStep ?? ((_, work) => work());
  const isDone = (done: boolean): boolean => done;
  const { timers = systemTimers, backgroundDatabase: background = database } = runtime;
  const { now } = timers;
  const log = (line: LogFields): void => runtime.log(eventLine(line, now()));
  for (const warning of settings.warnings) log({ level: 'warning', event: 'settings', warning });
  const kept = runtime.maxKept === undefined ? {} : { maxKept: runtime.maxKept };
  const keyStore = createKeyStore({ repository: createKeyRepository(database), sha256: sha256Hex, now });
  const { adminKey } = settings;
  const keyRing = createKeyRing({
    store: keyStore,
    sha256: sha256Hex,
    now,
    adminKey,
    timeoutMs: settings.validateTimeoutMs,
  });
  const keyUses = createKeyUses({
    repository: createKeyUseRepository(background),
    now,
    onFailure: (error) => log({ level: 'error', event: 'key_uses_failed', ...described(error) }),
  });
  const audit = createAuditRepository(database);
  const sessions = createConsoleSessions({
    repository: createSessionRepository(database),
    ...{ keyStore, keyRing, adminKey, mac: tokenMac, sha256: sha256Hex, now },
  });
  const limiter = (name: LimitName) =>
    limitAlsoBy(platformLimits[name], tokenBuckets(settings.limits[name], now));
  const metrics = createServiceMetrics();
  const dns = createDns({
    observer: observerOf(metrics.dnsObserver, tracing),
    urls: settings.dohUrls,
    shareInFlight,
    timers,
    ...(transport && { transport }),
    ...(plainDns && { plain: plainDns }),
    ...kept,
    onOverruled: ({ name, overruled, state }) => {
      metrics.countOverruled(name);
      log({ level: 'warning', event: 'resolver_overruled', resolver: name, in_a_row: overruled, state });
    },
  });
  const resolverWatch = createResolverWatch({
    resolvers: dns.resolvers,
    health: dns.health,
    advice: runtime.resolverAdvice ?? adviceForDoh,
    shareInFlight,
    timers,
    log,
  });
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now,
  });
  const overrides = createOverrideStore({
    repository: createOverrideRepository(database),
    now,
    onFailure: (error) => log({ level: 'error', event: 'own_domains_failed', ...described(error) }),
  });
  const { callbackSecret, callbackTargets } = settings.jobs;
  /** How requests to URLs of the operator are sent. */
  const callbackPorts = {
    names: callbackNames(dns.resolver),
    targets: callbackTargets,
    transport: runtime.jobs.callbackTransport,
    now,
  };
  /** How signed webhooks are sent; null without CALLBACK_SECRET. */
  const signed: DeliveryPorts | null =
    callbackSecret === null ? null : { ...callbackPorts, secret: callbackSecret };
  const driftCallback: DriftCallback | null =
    signed === null || settings.driftCallbackUrl === null
      ? null
      : { ...signed, url: settings.driftCallbackUrl };
  const tellDrift = async (drift: Drift): Promise<boolean> => {
    const { of, outcomes, observed, predicted, direction } = drift;
    log({ level: 'warning', event: 'drift', of, outcomes, observed, predicted, direction });
    return driftCallback === null || sendDrift(drift, driftCallback);
  };
  const learning = createLearning({
    repository: createLearningRepository(background),
    hasher,
    now,
    retentionDays: settings.predictionDays,
    tellDrift,
    onFailure: (error) => log({ level: 'error', event: 'learning_failed', ...described(error) }),
  });
  const events = createEventRepository(database);
  const engagement = createEngagementRepository(database);
  const backgroundEngagement = createEngagementRepository(background);
  const seenSelectors = createSeenSelectors(createSelectorRepository(database), now);
  const hookRepository = createHookRepository(background);
  const hookStates = createHookStates({
    repository: hookRepository,
    now,
    onFailure: (error) => log({ level: 'error', event: 'hook_counts_failed', ...described(error) }),
  });
  const coldSpan = { hotMs: settings.eventHotMs, retentionMs: settings.eventRetentionMs };
  const coldPorts: Pick<ColdEventsPorts, 'repository' | 'files' | 'onFailure'> = {
    repository: createColdRepository(background, 'default', settings.suppressionRules.soft.count),
    files: runtime.jobs.files,
    onFailure: (error, file) =>
      log({
        level: 'error',
        event: error instanceof DamagedColdFile ? 'cold_file_damaged' : 'cold_events_failed',
        file,
        ...described(error),
      }),
  };
  const coldEvents = createColdEvents({
    ...coldPorts,
    ...coldSpan,
    now,
    newId: () => crypto.randomUUID(),
    limits: shareInFlight ? defaultColdLimits : workerColdLimits,
  });
  const eventExpiry = createEventExpiry(
    createEventRepository(background),
    shareInFlight ? defaultExpiryLimits : workerExpiryLimits,
  );
  const reportCounter = createEventCounter(background);
  const eventHistory = createEventHistory(background);
  const historyCounting = createHistoryCounting({
    history: eventHistory,
    // Few events at once on Node, where each transaction blocks other work; more on Workers, where each call of D1 takes long.
    ...(shareInFlight ? { eventsAtOnce: 500, steps: 20 } : { eventsAtOnce: 2000, steps: 5 }),
    onFailure: (error) => log({ level: 'error', event: 'event_history_failed', ...described(error) }),
  });
  const incidentRepository = createIncidentRepository(database);
  const incidents = createIncidents({
    search: runtime.findIncidents ?? createIncidentSearch(reportCounter),
    repository: incidentRepository,
    now,
    newId: () => `inc_${crypto.randomUUID()}`,
    tell: (what, incident) => log(incidentLine(what, incident)),
  });
  const loadPreflight = async () =>
    (await import('../preflight/preflight.ts')).createPreflight({
      resolver: dns.resolver,
      timers,
      zones: settings.blocklistZones,
      policyTransport: runtime.policyTransport,
      loadLibrary: async () => (await import('../preflight/mailauth.ts')).mailauthLibrary,
      seenSelectors,
    });
  const watchedChecks = countWatchedChecks(loadPreflight);
  const { watch, diagnoses, observedSenders } = createSenderWatching({
    ...{ settings, database, preflight: watchedChecks.preflight, now, log },
    findCauses: runtime.findCauses ?? createCauseSearch(reportCounter),
    tellIncident: (what, incident) => log(incidentLine(what, incident)),
    delivery: signed,
  });
  const gateRepository = createGateRepository(database);
  const gateCallback: GateCallback | null =
    settings.gateCallbackUrl === null || signed === null
      ? null
      : {
          ...signed,
          repository: gateRepository,
          url: settings.gateCallbackUrl,
          retryWaitsMs,
          onGivenUp: (message) => log({ level: 'error', event: 'gate_callback_given_up', ...message }),
        };
  const gate: Gate = createGate({
    repository: gateRepository,
    replyLimits: createReplyLimitRepository(database),
    counter: reportCounter,
    incidents: incidentRepository,
    senderFaults: createKnownFaults(loadPreflight, timers),
    profile: settings.listProfile,
    account: espPreset(settings.espPreset)?.limits ?? null,
    now,
    newId: () => `gate_${crypto.randomUUID()}`,
    bodyOf: gateCallback === null ? null : gateChangeBody,
    tell: (change) => log(gateLine(change)),
  });
  const bounceTokens = createBounceTokens(hasher);
  const intakePorts: IntakePorts = {
    // These lookups have the low priority of jobs, because there may be very many events: the lookups of forms go first.
    mailHostsOf: createMailHostNames({
      mailHosts: dns.mailHostsForJobs(keptForLists),
      now,
      ...mailHostNaming,
    }),
    onNewEvent: metrics.countEvent,
    onPolicyBounces: watchPolicyBursts({
      counter: reportCounter,
      now,
      onBurst: (burst) => log({ level: 'warning', event: 'policy_burst', ...burst }),
      onFailure: (error) => log({ level: 'error', event: 'policy_watch_failed', ...described(error) }),
    }),
    onScoresTurned: () =>
      gate
        .review()
        .catch((error: unknown) => log({ level: 'error', event: 'gate_failed', ...described(error) })),
  };
  const { feedback, espIntake } =
    runtime.eventIntake?.(intakePorts) ??
    createEventIntake({ ...intakePorts, database, hasher, settings, now, together: shareInFlight });
  const erasure = createErasure({
    repository: createErasureRepository(database),
    hasher,
    suppressionList,
    now,
  });
  const probeRepository = createProbeRepository(database);
  const backgroundProbes = createProbeRepository(background);
  // Lists have their own caches of domains, because a large list would otherwise evict the domains that forms need. Lists and
  // forms use the same resolvers.
  const mailHostsOfLists = dns.mailHostsForJobs(keptForLists);
  const probing = serviceProber({
    proof: settings.proof,
    smtp: runtime.smtp ?? null,
    ...{ resolver: dns.resolver, repository: probeRepository, hasher, timers, sessionPrefix },
    mailHostOf: async (domain, forList) => {
      const mailHosts = forList ? mailHostsOfLists : dns.mailHosts;
      return (await mailHosts.lookup(domain, now() + probeLookupMs)).mailHost;
    },
    onRefused: (host, cause) => log({ level: 'warning', event: 'prober_refused', host, cause }),
    remote: {
      transport: runtime.probeTransport,
      onFailure: (cause) => log({ level: 'warning', event: 'prober_failed', cause }),
    },
    preflight: loadPreflight,
    onSetupChange: (state) => log(proberSetupLine(state)),
  });
  const probes = probing && {
    isRemote: probing.isRemote,
    ask: (mailboxes: readonly Mailbox[], waitMs: number) =>
      probeWithin(probing.prober, mailboxes, waitMs, timers, (error) =>
        log({ level: 'error', event: 'mailbox_proof_failed', ...described(error) }),
      ),
  };
  const ownMail = createOwnMailRepository(database);
  /** `given`: null for forms, because anyone can ask there and must not find out whom the operator mails. */
  const knownProofSource = (given: OwnMail | null) =>
    proofSource(
      createKnownProofs({ ownMail: given, repository: probeRepository, hasher, now }),
      settings.validateTimeoutMs,
      (error) => log({ level: 'error', event: 'mailbox_proof_failed', ...described(error) }),
    );
  const validatorPorts = {
    mailHosts: dns.mailHosts,
    suppressions: suppressionList,
    overrides: runtime.overrideFiles
      ? mergedOverrides(overrides.lists, runtime.overrideFiles)
      : overrides.lists,
    learned: learning.learned,
    onJudged: learning.keep,
    onJudgement: metrics.onJudgement,
    now,
    timeoutMs: settings.validateTimeoutMs,
    batchTimeoutMs: settings.batchTimeoutMs,
    smtputf8: settings.smtputf8,
    ...kept,
    ...(settings.proof.inVerdicts && { sources: [knownProofSource(ownMail)] }),
    onSuppressionFailure: (error: unknown) =>
      log({ level: 'error', event: 'suppression_list_failed', ...described(error) }),
  };
  const validator = validatorOver(validatorPorts);
  const { learned: _, onJudged: __, ...formPorts } = validatorPorts;
  const pending = createServicePending({
    ...{ database, hasher, validator, signed, now, log },
    prober: probing?.prober ?? null,
    callbacks: callbackPorts,
    crm: settings.crm,
    fetch: runtime.fetch ?? ((url, init) => fetch(url, init)),
    turnMs: shareInFlight ? proofTurnMs : workerProofTurnMs,
    wake: runtime.jobs.wake,
    onError: (error) => log({ level: 'error', event: 'mailbox_proof_failed', ...described(error) }),
  });
  const formValidator = validatorOver({
    ...formPorts,
    ...(settings.proof.inVerdicts && { sources: [knownProofSource(null)] }),
  });
  const logJobError = (error: unknown): void =>
    log({ level: 'error', event: 'job_work_failed', ...described(error) });
  const { onJudgement: ___, ...uncountedPorts } = formPorts;
  const backtestValidator = validatorOver({
    ...uncountedPorts,
    ...listTimeouts,
    // A backtest must not know the bounces with which its verdicts are compared.
    suppressions: null,
    sources: [],
    mailHosts: mailHostsOfLists,
  });
  const engagementLookup = createEngagementLookup({
    repository: engagement,
    hasher,
    onFailure: (error) => log({ level: 'error', event: 'engagement_failed', ...described(error) }),
  });
  const listJobs = createJobs({
    ...settings.jobs,
    ...runtime.jobs,
    listProfile: settings.listProfile,
    repository: createJobRepository(database),
    validator: validatorOver({
      ...validatorPorts,
      ...listTimeouts,
      mailHosts: mailHostsOfLists,
      maxKept: keptForLists,
    }),
    ...(settings.engagementRetentionMs > 0 && { engagement: engagementLookup }),
    prober: probing?.prober ?? null,
    // A Worker has no process that could ask for hours.
    ...(!shareInFlight && { proofTurnMs: workerProofTurnMs }),
    keepDomains: shareInFlight,
    ...kept,
    now,
    timers,
    newDigest,
    callback: {
      ...callbackPorts,
      secret: callbackSecret,
    },
    resolversAnswer: () => resolversAnswer(dns.resolver),
    onError: logJobError,
    inJob: (jobId, work) => {
      tracing?.note({ 'presend.job_id': jobId });
      return inLogContext({ job_id: jobId }, work);
    },
    onOutage: (restMs) => log({ level: 'warning', event: 'resolvers_out', rest_ms: restMs }),
  });

  const outbox = createSuppressionOutbox(database);
  const changeWebhook: ChangeWebhookPorts | null =
    settings.suppressionWebhookUrl === null || signed === null
      ? null
      : {
          ...signed,
          outbox,
          url: settings.suppressionWebhookUrl,
          newId: () => `sup_${crypto.randomUUID()}`,
          retryWaitsMs,
          onGivenUp: (message) => log({ level: 'error', event: 'suppression_webhook_given_up', ...message }),
        };
  outbox
    .keep(changeWebhook !== null)
    .catch((error: unknown) =>
      log({ level: 'error', event: 'suppression_webhook_failed', ...described(error) }),
    );

  const alerts = alertsOf(runtime, callbackPorts, {
    database,
    log,
    onGivenUp: metrics.countGivenUp,
    sources: alertSources({
      incidents,
      gate: gateRepository,
      learning,
      hooks: hookRepository,
      isHookSet: (hook) => settings.espSecrets.has(hook) || settings.crm.has(hook),
      // On Workers there is no start of the service: some isolate can receive requests at any time.
      upSince: shareInFlight ? now() : Number.NEGATIVE_INFINITY,
      now,
    }),
  });

  /** Looks for incidents, but not while events of earlier versions are being counted, because every rate would seem to rise. */
  async function lookForIncidents(): Promise<void> {
    if ((await eventHistory.newestUncounted()) !== null) return;
    await incidents.look();
    await diagnoses.tend();
  }

  async function maintain(): Promise<void> {
    await inStep('maintain lists', listJobs.maintain);
    // On Workers `doOne` runs only while there are jobs. Without jobs, only this call sends the pending changes.
    if (changeWebhook !== null) await deliverSome(() => deliverChanges(changeWebhook)).catch(logJobError);
    await eventExpiry.deleteBefore(now() - settings.eventRetentionMs).catch(logJobError);
    await hookRepository
      .deleteBefore(now() - settings.eventRetentionMs, now() - keptHoursMs)
      .catch(logJobError);
    await sessions.deleteExpired().catch(logJobError);
    await backgroundProbes.deleteExpired(now()).catch(logJobError);
    await pending.deleteOld().catch(logJobError);
    await ownMail.deleteDomainsBefore(now() - ownMailMs).catch(logJobError);
    await keyUses.deleteOld().catch(logJobError);
    await audit.deleteBefore(now() - settings.auditRetentionMs).catch(logJobError);
    await incidents.deleteBefore(now() - settings.eventRetentionMs).catch(logJobError);
    await alerts.deleteBefore(now() - alertRetentionMs).catch(logJobError);
    await backgroundEngagement.deleteBefore(now() - settings.engagementRetentionMs).catch(logJobError);
    await inStep('move old events', coldEvents.maintain);
    await inStep('check sending domains', watch.tend).catch(logJobError);
    // Look for incidents last: this reads the most, and D1 limits the statements of one run.
    await inStep('look for incidents', lookForIncidents).catch(logJobError);
    await inStep('review the gate', gate.review).catch(logJobError);
    if (gateCallback !== null) await deliverSome(() => deliverGateChange(gateCallback)).catch(logJobError);
    await gate.deleteBefore(now() - gateDataMs).catch(logJobError);
    await inStep('look for alerts', alerts.look);
    await inStep('send alerts', () => deliverSome(alerts.deliver)).catch(logJobError);
  }

  const jobs: Jobs & Pick<BackgroundWork, 'askPending'> = {
    ...listJobs,
    askPending: (signal) => inLogContext({ task: 'pending_verdicts' }, () => pending.ask(signal)),
    async workload() {
      const load = await listJobs.workload();
      return { ...load, open: load.open || (await pending.hasDue(now())) };
    },
    async endAllLeases() {
      await probeRepository.endSessions(sessionPrefix);
      await pending.endLeases();
      await listJobs.endAllLeases();
    },
    doOne: () =>
      inLogContext(
        { task: 'jobs' },
        async () =>
          (changeWebhook !== null &&
            (await inTask('send suppression changes', () => deliverChanges(changeWebhook), isDone))) ||
          (await inTask('send alert', alerts.deliver, isDone)) ||
          (gateCallback !== null &&
            (await inTask('send gate change', () => deliverGateChange(gateCallback), isDone))) ||
          (await inTask('send new verdict', pending.tell, isDone)) ||
          // On Node, other lanes ask (see startJobRunner). Single addresses do not wait for lists.
          (!shareInFlight && (await inTask('ask about mailboxes', () => pending.ask(), isDone))) ||
          inTask('work on list', listJobs.doOne, isDone),
      ),
    maintain: () => inLogContext({ task: 'maintenance' }, () => inTask('maintenance', maintain)),
  };

  suppressionList.otherKeyIds().then(
    (ids) => {
      if (ids.length > 0) log({ level: 'warning', event: 'entries_under_another_key', key_ids: ids });
    },
    (error) => log({ level: 'error', event: 'suppression_list_failed', ...described(error) }),
  );

  const storageHealth = createStorageHealth(database, now);

  async function ready(): Promise<Readiness> {
    const [storageError, resolvers] = await Promise.all([storageHealth.check(), resolverWatch.check()]);
    const storage = storageError === null;
    if (!storage) log({ level: 'error', event: 'storage_not_ready', ...described(storageError) });
    const doResolversWork = resolvers.some(({ ok }) => ok);
    const checks = [
      { name: 'storage', ok: storage },
      ...resolvers.map((check) => ({ ...check, name: `resolver ${check.name}` })),
      ...proofReadiness(probing?.setup?.state() ?? null),
    ];
    return { ok: storage && doResolversWork, checks, ...(!doResolversWork && { message: noResolver }) };
  }

  const app = createApp({
    validator,
    formValidator,
    backtestValidator,
    recordedBounces: recordedBounces({ repository: events, hasher, older: createColdReader(coldPorts) }),
    serverLimits: { uploadPace: uploadPaceOf(settings.jobs.minUploadRate, timers), ...runtime.serverLimits },
    probes,
    pending,
    suppressionList,
    eventsFrom: () => coldBefore(coldSpan, now()),
    jobs,
    maxUploadBytes: settings.jobs.maxUploadBytes,
    overrides,
    seenSelectors,
    preflight: loadPreflight,
    messagePreflight: async () =>
      (await import('../preflight/message/message-preflight.ts')).createMessagePreflight({
        resolver: dns.resolver,
        timers,
        loadVerifier: async () =>
          (await import('../preflight/message/mailauth-signatures.ts')).verifySignatures,
      }),
    senderWatch: {
      requests: settings.watchedDomains,
      list: watch.list,
      changes: watch.changes,
      check: (domain) => watchedChecks.check(watch, domain),
    },
    observedSenders,
    gate,
    feedback,
    espIntake,
    hookStates,
    erasure: {
      // Store pending predictions first. Otherwise they would be stored after the erasure.
      erase: (request) => learning.storeAll().then(() => erasure.erase(request)),
    },
    eventLog: createEventLog({
      repository: createEventLogRepository(database),
      hasher,
      now,
      movedBefore: () => coldBefore(coldSpan, now()),
    }),
    learning,
    reports: createReports({
      counter: reportCounter,
      now,
      history: eventHistory,
      timeZone: reportTimeZone(settings.reportTimeZone),
      profile: settings.listProfile,
    }),
    ...(runtime.answerReport && { answerReport: runtime.answerReport }),
    incidents,
    alerts,
    reportEngagement: engagementReports(backgroundEngagement, hasher.keyId, now),
    bounceTokens,
    bounceJudge: createBounceJudge({
      tokens: bounceTokens,
      tokensRequired: settings.bounceTokensRequired,
      senderDomains: settings.bounceSenderDomains,
      hasher,
      repository: events,
      now,
    }),
    bounceTrust: settings.bounceTrust,
    retryHours: espPreset(settings.espPreset)?.retryHours ?? null,
    espSecrets: settings.espSecrets,
    certificates: createCertificateCache(fetchText, now),
    fetchText,
    now,
    keyStore,
    keyRing,
    keyUses,
    sessions,
    audit,
    settings: shownSettings(settings),
    keyless: runtime.keyless,
    tokens: createVerdictTokens(tokenMac, now),
    limiters: {
      secret_key: limiter('secret_key'),
      publishable_key: limiter('publishable_key'),
      publishable_ip: limiter('publishable_ip'),
      key_lookup_ip: limiter('key_lookup_ip'),
    },
    clientAddress: runtime.clientAddress,
    crm: {
      settings: settings.crm,
      fetch: runtime.fetch ?? ((url, init) => fetch(url, init)),
    },
    ready,
    serviceMetrics: () =>
      metrics.read({
        ...{ counter: reportCounter, incidents, suppressionList, outbox, alerts, jobs, now },
        questions: dns.questions,
        process: runtime.processMetrics,
        onFailure: (error) => log({ level: 'error', event: 'metrics_failed', ...described(error) }),
      }),
    resolversAreDown: resolverWatch.areDown,
    inRequest: (requestId, work) => inLogContext({ request_id: requestId }, work),
    logAccess: (entry) => {
      runtime.log(accessLogLine(entry));
      tracing?.onAccess(entry);
    },
    logEvent: log,
    logError: (error, requestId) =>
      log({ level: 'error', event: 'unexpected_error', request_id: requestId, ...described(error) }),
  });
  const tendProber = () => probing?.setup?.tend();
  return {
    ...{
      app,
      jobs,
      alerts,
      learning,
      hookStates,
      keyUses,
      historyCounting,
      resolverWatch,
      tendProber,
      logJobError,
    },
  };
}

/**
 * The log line about an incident. Names of sources, campaigns and lists are left out, because people may put addresses
 * into them; so are sentences that contain such names.
 */
const incidentLine = (
  what: 'opened' | 'changed' | 'closed',
  { id, kind, severity, scope, evidence, advice }: StoredIncident,
): LogFields => ({
  level: what === 'closed' ? 'info' : 'warning',
  event: `incident_${what}`,
  ...{ id, kind, severity, provider: scope.provider ?? null },
  ...{ messages: evidence.messages, rate: evidence.rate, rate_before: evidence.rateBefore },
  status: evidence.statuses[0]?.status ?? null,
  advice,
});

/** The log line about a change of the gate's decision. Campaigns are not named, because people may put addresses into names. */
const gateLine = ({ purpose, before, answer }: GateChange): LogFields => ({
  level: answer.decision === 'go' ? 'info' : 'warning',
  event: 'gate_changed',
  ...{ purpose, before, decision: answer.decision },
  reasons: answer.reasons.map(({ code }) => code),
  until: new Date(answer.until).toISOString(),
});

const adviceForDoh: ResolverAdvice = {
  example: 'DOH_URLS=https://dns.example.net/dns-query',
  system: [],
  setting: (names) => `DOH_URLS=${names.join(',')}`,
};

const noResolver =
  'No DNS resolver answers, so every verdict that needs DNS will be "unknown". Set other resolvers: the log of the service has the cause and an example of the setting.';

function newDigest(): Digest {
  const hash = createHash('sha256');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
}

const codeOf = (error: Error): object => {
  const code = storageFault(error)?.code ?? (error as NodeJS.ErrnoException).code;
  return code === undefined ? {} : { code };
};

/**
 * Describes an error in the log by name, code and location. Its message is left out, because it may contain data of a
 * caller.
 */
const described = (error: unknown): object =>
  error instanceof Error
    ? {
        error: error.name,
        ...codeOf(error),
        at: error.stack
          ?.split('\n')
          .find((line) => line.startsWith('    at '))
          ?.trim(),
      }
    : { error: typeof error };
