// The place where detectors of incidents are connected to the synthetic months.
// A detector sees only counts that were reported before the time at which it looks.

import { hourMs } from '../../src/durations.ts';
import type { MaybePromise } from '../../src/maybe-promise.ts';
import {
  type IncidentScope,
  incidentCauses,
  incidentKey,
  type IncidentKind as ServiceKind,
  type StoredIncident,
} from '../../src/reports/incidents/incident.ts';
import type { IncidentRepository } from '../../src/reports/incidents/incident-repository.ts';
import { createIncidents } from '../../src/reports/incidents/incidents.ts';
import { createIncidentSearch } from '../../src/reports/incidents/search.ts';
import type { DiagnosisKind, SenderStates } from './diagnosis.ts';
import type { HourlyCounts } from './hourly-counts.ts';
import { diagnosisOfService } from './service-diagnosis.ts';
import type { Blame, Found, IncidentKind, Scope } from './types.ts';

export type Detector = (hours: HourlyCounts) => MaybePromise<readonly Found[]>;

/** The kinds of the service, in the terms of the synthetic months. */
const kinds: Readonly<Record<ServiceKind, IncidentKind>> = {
  provider_block: 'provider_block',
  sender_block: 'sender_block',
  authentication: 'authentication',
  soft_rise: 'soft_rise',
  provider_outage: 'soft_outage',
  rate_limited: 'rate_limit',
  sending_bursts: 'top_of_hour',
  mailboxes_full: 'full_mailboxes',
  bad_import: 'bad_import',
  list_decay: 'list_decay',
  provider_fault: 'provider_fault',
  complaints: 'complaints',
  // Counts never show it.
  sender_dns: 'authentication',
};

/** Keeps incidents in memory, for one process. */
function incidentsInMemory(): IncidentRepository {
  const stored = new Map<string, StoredIncident>();
  const key = ({ kind, scope }: StoredIncident) => incidentKey(kind, scope);
  const isTaken = (incident: StoredIncident) =>
    incident.closedAt === null &&
    [...stored.values()].some(
      (other) => other.id !== incident.id && other.closedAt === null && key(other) === key(incident),
    );
  const store = async (incident: StoredIncident) => {
    if (isTaken(incident)) return false;
    stored.set(incident.id, incident);
    return true;
  };
  return {
    claimLook: async () => true,
    recent: async (since) =>
      [...stored.values()].filter(({ closedAt }) => closedAt === null || closedAt >= since),
    open: store,
    replace: (_, incident) => store(incident),
    list: async ({ status }) =>
      [...stored.values()].filter(
        ({ closedAt }) => status === 'all' || (closedAt === null) === (status === 'open'),
      ),
    diagnose: async (id, diagnosis) => {
      stored.set(id, { ...stored.get(id)!, diagnosis });
    },
    deleteBefore: async () => {},
  };
}

/** Hours between two looks. The service looks every five minutes; here that would take hours. */
const lookEveryHours = 3;

/** The service's own incidents, over the counts of a month. */
async function incidentsOf(hours: HourlyCounts): Promise<Found[]> {
  let moment = hours.from;
  let ids = 0;
  const found: (Found & { readonly id: string })[] = [];
  const incidents = createIncidents({
    search: createIncidentSearch({ count: (query) => hours.counterAt(moment).count(query) }),
    repository: incidentsInMemory(),
    now: () => moment,
    newId: () => `inc_${++ids}`,
    tell(what, { id, kind, scope }) {
      const index = found.findIndex((one) => one.id === id && one.closed === null);
      // Only somebody who listens is told twice: an incident that changes its kind or scope is told as another one.
      if (what === 'closed' && index >= 0) found[index] = { ...found[index]!, closed: moment };
      if (
        what === 'opened' ||
        (what === 'changed' && index >= 0 && incidentKeyOf(found[index]!) !== keyOfScope(kind, scope))
      ) {
        if (index >= 0) found[index] = { ...found[index]!, closed: moment };
        found.push({ id, ...scope, kind: kinds[kind], cause: blameOf(kind), opened: moment, closed: null });
      }
    },
  });
  for (moment += lookEveryHours * hourMs; moment <= hours.to; moment += lookEveryHours * hourMs)
    await incidents.look();
  return found;
}

const keyOfScope = (kind: ServiceKind, scope: IncidentScope): string =>
  incidentKeyOf({ kind: kinds[kind], ...scope });

const incidentKeyOf = ({
  kind,
  provider,
  source,
  campaign,
  list,
}: Scope & { readonly kind: IncidentKind }): string =>
  JSON.stringify([kind, provider, source, campaign, list]);

/** The months know no incident without a cause; full mailboxes are the list's. */
const blameOf = (kind: ServiceKind): Blame => {
  const cause = incidentCauses[kind];
  return cause === 'unknown' ? 'list' : cause;
};

/** The detector that `npm run simulate -- months` scores. Null while none is connected. */
export const connected: Detector | null = incidentsOf;

/** Names the cause of what the counts show, from the counts and the sender's DNS before and after. */
export type Diagnose = (hours: HourlyCounts, dns: SenderStates) => MaybePromise<DiagnosisKind | null>;

/** The diagnosis that `npm run simulate -- diagnoses` scores; null while none is connected. */
export const connectedDiagnosis: Diagnose | null = (hours, dns) =>
  diagnosisOfService(hours, dns, incidentsInMemory);
