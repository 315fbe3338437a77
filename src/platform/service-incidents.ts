// Assembles the search for incidents, the diagnosis of their causes and the watch of the sender's DNS.

import { createCauseSearch } from '../diagnosis/diagnoses.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { EventCounter } from '../reports/count.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import { createIncidents } from '../reports/incidents/incidents.ts';
import type { IncidentSearch } from '../reports/incidents/search.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import type { DeliveryPorts } from '../webhooks/delivery.ts';
import type { LogFields } from './log-messages.ts';
import type { Runtime } from './runtime.ts';
import { createSenderWatching } from './sender-watch.ts';
import { countWatchedChecks } from './watched-checks.ts';

export interface IncidentsPorts {
  readonly counter: EventCounter;
  readonly loadPreflight: () => Promise<Preflight>;
  /** How signed webhooks are sent; null without CALLBACK_SECRET. */
  readonly signed: DeliveryPorts | null;
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
}

export function createServiceIncidents(
  runtime: Pick<Runtime, 'settings' | 'database' | 'findIncidents' | 'findCauses'>,
  { counter, loadPreflight, signed, now, log }: IncidentsPorts,
) {
  const { settings, database } = runtime;
  const incidentRepository = createIncidentRepository(database);
  const incidents = createIncidents({
    search: runtime.findIncidents ?? incidentSearchOf(counter),
    repository: incidentRepository,
    now,
    newId: () => `inc_${crypto.randomUUID()}`,
    tell: (what, incident) => log(incidentLine(what, incident)),
  });
  const watchedChecks = countWatchedChecks(loadPreflight);
  const { watch, diagnoses, observedSenders } = createSenderWatching({
    ...{ settings, database, preflight: watchedChecks.preflight, now, log },
    findCauses: runtime.findCauses ?? createCauseSearch(counter),
    tellIncident: (what, incident) => log(incidentLine(what, incident)),
    delivery: signed,
  });
  return { incidentRepository, incidents, watchedChecks, watch, diagnoses, observedSenders };
}

/** The search in this process. Its module is loaded at the first question, because on Node another process is asked. */
function incidentSearchOf(counter: EventCounter): IncidentSearch {
  let loading: Promise<IncidentSearch> | undefined;
  return async (question) => {
    loading ??= import('../reports/incidents/search.ts').then(({ createIncidentSearch }) =>
      createIncidentSearch(counter),
    );
    return (await loading)(question);
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
