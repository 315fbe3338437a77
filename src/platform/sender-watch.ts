// Assembles the watch of the sender's DNS and the diagnosis of incidents: their storage, their log lines and their callback.

import { type CauseSearch, createDiagnoses, recentSenders } from '../diagnosis/diagnoses.ts';
import {
  changeSentence,
  closeUnwatchedIncidents,
  dnsChangeRecord,
  keepSenderDnsIncidents,
  openIncidents,
} from '../diagnosis/sender-dns-incident.ts';
import type { Preflight } from '../preflight/preflight.ts';
import { readPreflight } from '../preflight/read-request.ts';
import { createSenderWatch, type SenderWatch } from '../preflight/watch/watch.ts';
import { mostKeptChanges, type StoredChange } from '../preflight/watch/watch-repository.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import type { Database } from '../storage/database.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { createWatchRepository } from '../storage/sqlite/watch-repository.ts';
import { type DeliveryPorts, deliverWebhook } from '../webhooks/delivery.ts';
import type { LogFields } from './log-messages.ts';
import type { Settings } from './settings.ts';

export interface SenderWatchRuntime {
  readonly settings: Pick<Settings, 'watchedDomains' | 'bounceSenderDomains' | 'preflightCallbackUrl'>;
  readonly database: Database;
  readonly findCauses: CauseSearch;
  readonly preflight: () => Promise<Pick<Preflight, 'check'>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
  readonly tellIncident: (what: 'opened' | 'changed' | 'closed', incident: StoredIncident) => void;
  /** How to send the callback; null if CALLBACK_SECRET is not set, or if another process sends it. */
  readonly delivery: DeliveryPorts | null;
}

export function createSenderWatching(runtime: SenderWatchRuntime) {
  const { settings, database, now, log, delivery } = runtime;
  const repository = createIncidentRepository(database);
  const url = settings.preflightCallbackUrl;
  const watches = createWatchRepository(database);
  const incidentPorts = {
    repository,
    changes: (domain: string) => watches.changes(domain, mostKeptChanges),
    newId: () => `inc_${crypto.randomUUID()}`,
    tell: runtime.tellIncident,
  };
  const checks = createSenderWatch({
    repository: watches,
    requests: settings.watchedDomains,
    others: settings.bounceSenderDomains.flatMap((domain) => {
      const read = readPreflight({ domain });
      return 'request' in read ? [read.request] : [];
    }),
    preflight: runtime.preflight,
    now,
    newId: () => `dns_${crypto.randomUUID()}`,
    async onChange(change) {
      const { domain, appeared, gone, differences } = change;
      log({
        level: appeared.some(({ severity }) => severity !== 'info') ? 'warning' : 'info',
        event: 'sender_dns_changed',
        domain,
        appeared: appeared.map(({ code }) => code),
        gone: gone.map(({ code }) => code),
        changed: differences.map(({ name, before, after }) => `${name}: ${before} → ${after}`),
      });
    },
    onCheck: async (watched) => keepSenderDnsIncidents(async () => [watched], incidentPorts),
    send: url === null || delivery === null ? null : (change) => sendChange(change, url, delivery),
  });
  const watch: SenderWatch = {
    ...checks,
    async tend() {
      await checks.tend();
      await keepSenderDnsIncidents(checks.states, incidentPorts);
      // A domain outside of PREFLIGHT_DOMAINS has no regular checks, so check it here until its incident is closed.
      const open = await openIncidents(incidentPorts);
      if (open.size === 0) return;
      const states = await checks.states();
      for (const { domain, dueAt } of states)
        if (open.has(domain) && !checks.domains.includes(domain) && dueAt <= now())
          await checks.check(domain);
      await closeUnwatchedIncidents(
        states.map(({ domain }) => domain),
        now(),
        incidentPorts,
      );
    },
  };
  const diagnoses = createDiagnoses({
    incidents: repository,
    findCauses: runtime.findCauses,
    senders: watch.states,
    check: watch.check,
    now,
    tell: ({ id, kind }, { cause, blame, certainty, domain, finding }) =>
      log({
        ...{ level: 'warning', event: 'incident_diagnosed', id, kind },
        ...{ cause, blame, certainty, domain, finding },
      }),
  });
  return { watch, diagnoses, observedSenders: () => recentSenders(watches, now()) };
}

/**
 * Sends a change, and returns whether the receiver accepted it. Its `webhook-id` stays the same, so the receiver can recognize a
 * repetition.
 */
async function sendChange(change: StoredChange, url: string, ports: DeliveryPorts): Promise<boolean> {
  const { since, at, ...record } = dnsChangeRecord(change);
  const moment = (time: number): string => new Date(time).toISOString();
  const body = JSON.stringify({
    type: 'sender_dns.changed',
    timestamp: moment(at),
    data: {
      domain: change.domain,
      ...{ since: moment(since), at: moment(at), ...record },
      message: changeSentence(change),
    },
  });
  return (await deliverWebhook({ url, id: change.id, body }, ports)).kind === 'delivered';
}
