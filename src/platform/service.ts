// Assembles the service from the parts that the runtime (Node or Workers) provides.

import type { Mailbox } from '../address/mailbox.ts';
import { systemTimers } from '../clock.ts';
import { dayMs } from '../durations.ts';
import { createBounceTokens } from '../events/bounce-tokens.ts';
import { createBounceJudge } from '../events/bounce-trust.ts';
import { coldBefore } from '../events/cold/cold-events.ts';
import { engagementReports } from '../events/engagement-report.ts';
import { createErasure } from '../events/erase.ts';
import { createEventLog } from '../events/event-log.ts';
import { createHookStates } from '../events/hook-states.ts';
import { keptHoursMs } from '../events/silent-hooks.ts';
import { createApp } from '../http/app.ts';
import { accessLogLine } from '../http/middleware/access-log.ts';
import { uploadPaceOf } from '../http/middleware/upload-pace.ts';
import type { Drift } from '../learning/drift.ts';
import { createLearning } from '../learning/learning.ts';
import { recordedBounces } from '../lists/recorded-bounces.ts';
import { ownMailMs } from '../mailbox/known-proofs.ts';
import { probeWithin } from '../mailbox/probe-within.ts';
import { createOverrideStore } from '../overrides/override-store.ts';
import { createSeenSelectors } from '../preflight/seen-selectors.ts';
import { espPreset } from '../reports/gate/presets.ts';
import { createReports } from '../reports/report.ts';
import { reportTimeZone } from '../reports/time-zone.ts';
import { createAuditRepository } from '../storage/sqlite/audit-repository.ts';
import { createEngagementRepository } from '../storage/sqlite/engagement-repository.ts';
import { createErasureRepository } from '../storage/sqlite/erasure-repository.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { createEventLogRepository } from '../storage/sqlite/event-log-repository.ts';
import { createEventRepository } from '../storage/sqlite/event-repository.ts';
import { createHookRepository } from '../storage/sqlite/hook-repository.ts';
import { createLearningRepository } from '../storage/sqlite/learning-repository.ts';
import { createOverrideRepository } from '../storage/sqlite/override-repository.ts';
import { createOwnMailRepository } from '../storage/sqlite/own-mail-repository.ts';
import { createProbeRepository } from '../storage/sqlite/probe-repository.ts';
import { createSelectorRepository } from '../storage/sqlite/selector-repository.ts';
import { createStorageHealth } from '../storage/sqlite/storage-health.ts';
import { createSuppressionOutbox } from '../storage/sqlite/suppression-outbox.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { createCertificateCache } from '../webhooks/certificates.ts';
import type { DeliveryPorts } from '../webhooks/delivery.ts';
import { alertSources } from './alert-sources.ts';
import { createBackgroundWork } from './background-work.ts';
import { callbackNames } from './control-questions.ts';
import { describedError } from './described-error.ts';
import { type DriftCallback, sendDrift } from './drift-callback.ts';
import { createEventIntake, fetchText } from './event-intake.ts';
import { intakePortsOf } from './intake-ports.ts';
import { inLogContext } from './log-context.ts';
import { eventLine, type LogFields } from './log-messages.ts';
import { createServicePending } from './pending-service.ts';
import { proberSetupLine } from './probe-setup.ts';
import { checkReadiness } from './readiness.ts';
import type { Runtime } from './runtime.ts';
import { createServiceAccess } from './service-access.ts';
import { createServiceAlerts } from './service-alerts.ts';
import { createServiceDns } from './service-dns.ts';
import { createServiceEvents } from './service-events.ts';
import { createServiceGate } from './service-gate.ts';
import { createServiceIncidents } from './service-incidents.ts';
import { createServiceJobs, proofTurnMs, workerProofTurnMs } from './service-jobs.ts';
import { createServiceMetrics } from './service-metrics.ts';
import { probeLookupMs, serviceProber } from './service-prober.ts';
import { createServiceValidators, keptForLists } from './service-validators.ts';
import { shownSettings } from './shown-settings.ts';
import { suppressionCallback } from './suppression-callback.ts';

/** The names of the sessions with mail hosts that the service holds begin with this, so its next start knows which are over. */
const sessionPrefix = 'service ';

/** Milliseconds that an alert is kept after its source last reported it. It is longer than the period that any source reads. */
const alertRetentionMs = 30 * dayMs;

/**
 * Builds the service. Returns the Hono application, the jobs, and the learning of bounce probabilities. The runtime
 * must run the background work of the jobs and of the learning.
 */
export function createService(runtime: Runtime) {
  const { settings, database, hasher, shareInFlight } = runtime;
  const { tracing } = runtime;
  const { timers = systemTimers, backgroundDatabase: background = database } = runtime;
  const { now } = timers;
  const log = (line: LogFields): void => runtime.log(eventLine(line, now()));
  for (const warning of settings.warnings) log({ level: 'warning', event: 'settings', warning });
  const { keyStore, keyRing, keyUses, sessions, tokens, limiters } = createServiceAccess({
    ...runtime,
    background,
    now,
    log,
  });
  const audit = createAuditRepository(database);
  const metrics = createServiceMetrics();
  const { dns, resolverWatch } = createServiceDns(runtime, { metrics, timers, log });
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now,
  });
  const overrides = createOverrideStore({
    repository: createOverrideRepository(database),
    now,
    onFailure: (error) => log({ level: 'error', event: 'own_domains_failed', ...describedError(error) }),
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
    onFailure: (error) => log({ level: 'error', event: 'learning_failed', ...describedError(error) }),
  });
  const events = createEventRepository(database);
  const engagement = createEngagementRepository(database);
  const backgroundEngagement = createEngagementRepository(background);
  const seenSelectors = createSeenSelectors(createSelectorRepository(database), now);
  const hookRepository = createHookRepository(background);
  const hookStates = createHookStates({
    repository: hookRepository,
    now,
    onFailure: (error) => log({ level: 'error', event: 'hook_counts_failed', ...describedError(error) }),
  });
  const reportCounter = createEventCounter(background);
  const { coldSpan, coldEvents, coldReader, eventExpiry, eventHistory, historyCounting } =
    createServiceEvents({
      ...runtime,
      ...{ background, now, log },
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
  const { incidentRepository, incidents, watchedChecks, watch, diagnoses, observedSenders } =
    createServiceIncidents(runtime, { counter: reportCounter, loadPreflight, signed, now, log });
  const { gate, gateRepository, sendGateChange } = createServiceGate({
    ...{ settings, database, counter: reportCounter, incidents: incidentRepository },
    ...{ loadPreflight, timers, signed, log },
  });
  const bounceTokens = createBounceTokens(hasher);
  const intakePorts = intakePortsOf({ dns, counter: reportCounter, gate, metrics, now, log });
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
        log({ level: 'error', event: 'mailbox_proof_failed', ...describedError(error) }),
      ),
  };
  const ownMail = createOwnMailRepository(database);
  const { validator, formValidator, listValidator, backtestValidator } = createServiceValidators({
    ...runtime,
    ...{ dns, mailHostsOfLists, suppressionList, overrides, learning, probeRepository, ownMail, now, log },
    onJudgement: metrics.onJudgement,
  });
  const pending = createServicePending({
    ...{ database, hasher, validator, signed, now, log },
    prober: probing?.prober ?? null,
    callbacks: callbackPorts,
    crm: settings.crm,
    fetch: runtime.fetch ?? ((url, init) => fetch(url, init)),
    turnMs: shareInFlight ? proofTurnMs : workerProofTurnMs,
    wake: runtime.jobs.wake,
    onError: (error) => log({ level: 'error', event: 'mailbox_proof_failed', ...describedError(error) }),
  });
  const logJobError = (error: unknown): void =>
    log({ level: 'error', event: 'job_work_failed', ...describedError(error) });
  const listJobs = createServiceJobs(runtime, {
    ...{ dns, engagement, listValidator, now, timers, log, logJobError },
    prober: probing?.prober ?? null,
    callback: { ...callbackPorts, secret: callbackSecret },
  });
  const outbox = createSuppressionOutbox(database);
  const sendSuppressionChange = suppressionCallback(outbox, settings.suppressionWebhookUrl, signed, log);

  const alerts = createServiceAlerts(runtime, callbackPorts, {
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

  const jobs = createBackgroundWork({
    ...{ listJobs, pending, alerts, gate, incidents, diagnoses, eventHistory, coldEvents, watch },
    ...{ sendSuppressionChange, sendGateChange, shareInFlight, now, tracing, logJobError },
    deleteOld: [
      () => eventExpiry.deleteBefore(now() - settings.eventRetentionMs),
      () => hookRepository.deleteBefore(now() - settings.eventRetentionMs, now() - keptHoursMs),
      sessions.deleteExpired,
      () => backgroundProbes.deleteExpired(now()),
      pending.deleteOld,
      () => ownMail.deleteDomainsBefore(now() - ownMailMs),
      keyUses.deleteOld,
      () => audit.deleteBefore(now() - settings.auditRetentionMs),
      () => incidents.deleteBefore(now() - settings.eventRetentionMs),
      () => alerts.deleteBefore(now() - alertRetentionMs),
      () => backgroundEngagement.deleteBefore(now() - settings.engagementRetentionMs),
    ],
    endProbeSessions: () => probeRepository.endSessions(sessionPrefix),
  });

  suppressionList.otherKeyIds().then(
    (ids) => {
      if (ids.length > 0) log({ level: 'warning', event: 'entries_under_another_key', key_ids: ids });
    },
    (error) => log({ level: 'error', event: 'suppression_list_failed', ...describedError(error) }),
  );

  const storageHealth = createStorageHealth(database, now);

  const app = createApp({
    validator,
    formValidator,
    backtestValidator,
    recordedBounces: recordedBounces({ repository: events, hasher, older: coldReader }),
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
    tokens,
    limiters,
    clientAddress: runtime.clientAddress,
    crm: {
      settings: settings.crm,
      fetch: runtime.fetch ?? ((url, init) => fetch(url, init)),
    },
    ready: () =>
      checkReadiness({
        ...{ storageHealth, resolverWatch, log },
        proofSetup: () => probing?.setup?.state() ?? null,
      }),
    serviceMetrics: () =>
      metrics.read({
        ...{ counter: reportCounter, incidents, suppressionList, outbox, alerts, jobs, now },
        questions: dns.questions,
        process: runtime.processMetrics,
        onFailure: (error) => log({ level: 'error', event: 'metrics_failed', ...describedError(error) }),
      }),
    resolversAreDown: resolverWatch.areDown,
    inRequest: (requestId, work) => inLogContext({ request_id: requestId }, work),
    logAccess: (entry) => {
      runtime.log(accessLogLine(entry));
      tracing?.onAccess(entry);
    },
    logEvent: log,
    logError: (error, requestId) =>
      log({ level: 'error', event: 'unexpected_error', request_id: requestId, ...describedError(error) }),
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
