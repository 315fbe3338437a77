// The service over what a runtime has: the same on Node and on Workers.

import { createDns } from '../dns/create-dns.ts';
import type { DohTransport } from '../dns/doh-transport.ts';
import { cachingPorts } from '../esp/certificates.ts';
import { watchPolicyBursts } from '../feedback/policy-burst.ts';
import { createFeedback } from '../feedback/record.ts';
import { createReports } from '../feedback/report.ts';
import { createApp } from '../http/app.ts';
import type { AccessLogEntry, Readiness } from '../http/ports.ts';
import { createOwnDomains } from '../operator/own-domains.ts';
import type { Database } from '../store/database.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { validatorOver } from '../validate.ts';
import type { Settings } from './settings.ts';

export interface Runtime {
  readonly settings: Settings;
  readonly database: Database;
  readonly hasher: AddressHasher;
  readonly shareInFlight: boolean;
  /** How DNS questions travel; by fetch where absent. */
  readonly transport?: DohTransport;
  /** Writes one line of JSON. */
  readonly log: (line: object) => void;
}

/** The Hono application with everything behind it. */
export function createService({ settings, database, hasher, shareInFlight, transport, log }: Runtime) {
  const now = Date.now;
  const dns = createDns({ urls: settings.dohUrls, shareInFlight, ...(transport && { transport }) });
  const suppressionList = createSuppressionList({ database, hasher, now });
  const ownDomains = createOwnDomains({
    database,
    now,
    onFailure: (error) => log({ level: 'error', event: 'own_domains_failed', ...described(error) }),
  });
  const feedback = createFeedback({
    database,
    hasher,
    suppressionList,
    now,
    rules: settings.suppressionRules,
    together: shareInFlight,
    onPolicyBounces: watchPolicyBursts({
      database,
      now,
      tell: (burst) => log({ level: 'warning', event: 'policy_burst', ...burst }),
      onFailure: (error) => log({ level: 'error', event: 'policy_watch_failed', ...described(error) }),
    }),
  });
  const validator = validatorOver({
    mailHosts: dns.mailHosts,
    suppressions: suppressionList,
    ownLists: ownDomains.lists,
    now,
    timeoutMs: settings.validateTimeoutMs,
    batchTimeoutMs: settings.batchTimeoutMs,
    onSuppressionFailure: (error) =>
      log({ level: 'error', event: 'suppression_list_failed', ...described(error) }),
  });

  suppressionList.otherKeyIds().then(
    (ids) => {
      if (ids.length > 0) log({ level: 'warning', event: 'entries_under_another_key', key_ids: ids });
    },
    (error) => log({ level: 'error', event: 'suppression_list_failed', ...described(error) }),
  );

  async function ready(): Promise<Readiness> {
    const storage = await database.first('SELECT 1 FROM suppressions LIMIT 1').then(
      () => true,
      () => false,
    );
    const resolvers = dns
      .health()
      .map(({ name, state }) => ({ name: `resolver ${name}`, ok: state === 'up' }));
    const checks = [{ name: 'storage', ok: storage }, ...resolvers];
    return { ok: storage && resolvers.some(({ ok }) => ok), checks };
  }

  return createApp({
    validator,
    suppressionList,
    ownDomains,
    feedback,
    reports: createReports({ database, now }),
    bounceSenderDomains: settings.bounceSenderDomains,
    espSetting: settings.espSetting,
    espPorts: cachingPorts(fetchText),
    fetchText,
    now,
    adminKey: settings.adminKey,
    ready,
    logAccess: (entry: AccessLogEntry) => log({ level: 'info', event: 'request', ...entry }),
    logEvent: log,
    logError: (error, requestId) =>
      log({ level: 'error', event: 'unexpected_error', request_id: requestId, ...described(error) }),
  });
}

/** Milliseconds and characters that a certificate or a confirmation may take. */
const fetchLimits = { ms: 5000, characters: 65_536 };

async function fetchText(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(fetchLimits.ms);
    const response = await fetch(url, { redirect: 'manual', signal });
    const text = response.status === 200 ? await response.text() : null;
    return text !== null && text.length <= fetchLimits.characters ? text : null;
  } catch {
    return null;
  }
}

/** The error's kind and where it happened. Its message stays out: it may repeat what a caller wrote. */
const described = (error: unknown): object =>
  error instanceof Error
    ? {
        error: error.name,
        at: error.stack
          ?.split('\n')
          .find((line) => line.startsWith('    at '))
          ?.trim(),
      }
    : { error: typeof error };
