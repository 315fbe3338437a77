// The service's own diagnosis over a synthetic month: incidents, the watch of the sender's DNS, and the cause of the main incident.

import { createCauseSearch, createDiagnoses } from '../../src/diagnosis/diagnoses.ts';
import { mainIncident } from '../../src/diagnosis/sender-or-list.ts';
import { hourMs } from '../../src/durations.ts';
import { createSenderWatch } from '../../src/preflight/watch/watch.ts';
import type { StoredWatch, WatchRepository } from '../../src/preflight/watch/watch-repository.ts';
import type { DiagnosedCause } from '../../src/reports/incidents/diagnosis-record.ts';
import type { IncidentRepository } from '../../src/reports/incidents/incident-repository.ts';
import { createIncidents } from '../../src/reports/incidents/incidents.ts';
import { createIncidentSearch } from '../../src/reports/incidents/search.ts';
import type { DiagnosisKind, SenderStates } from './diagnosis.ts';
import type { HourlyCounts } from './hourly-counts.ts';
import { preflightOf, requestOf } from './observed-dns.ts';

/** The causes of the service in the terms of the synthetic incidents; null if they have none like it. */
const kinds: Readonly<Record<DiagnosedCause, DiagnosisKind | null>> = {
  authentication: 'authentication',
  reverse_dns: 'reverse_dns',
  listed: 'listed',
  reputation: null,
  content: 'content',
  warm_up: 'warm_up',
  rate_limit: 'rate_limit',
  sending_bursts: null,
  bad_source: 'bad_source',
  list_import: 'list_import',
  // No synthetic list decays as a whole. It blames the list, as this kind does.
  list_decay: 'bad_source',
  complaints: null,
  mailboxes_full: null,
  provider_fault: 'provider_fault',
  dead_provider: 'dead_provider',
  soft_outage: 'soft_outage',
};

/** Keeps the watched domain in memory, for one process. */
function watchInMemory(): WatchRepository {
  const watches = new Map<string, StoredWatch>();
  return {
    claim: async ({ domain, at, force }) => force || (watches.get(domain)?.dueAt ?? 0) <= at,
    find: async (domain) => watches.get(domain) ?? null,
    list: async () => [...watches.values()],
    async finish(watch) {
      watches.set(watch.domain, watch);
      return true;
    },
    changes: async () => [],
    untold: async () => [],
    told: async () => {},
  };
}

/** Runs the service's looks, checks and diagnoses every three hours of a month, and returns the cause of its main incident. */
export async function diagnosisOfService(
  hours: HourlyCounts,
  { before, after, changedAt }: SenderStates,
  createRepository: () => IncidentRepository,
): Promise<DiagnosisKind | null> {
  let moment = hours.from;
  let ids = 0;
  const now = () => moment;
  const repository = createRepository();
  const counter: Parameters<typeof createIncidentSearch>[0] = {
    count: (query) => hours.counterAt(moment).count(query),
  };
  const incidents = createIncidents({
    search: createIncidentSearch(counter),
    repository,
    now,
    newId: () => `inc_${++ids}`,
    tell: () => {},
  });
  const request = requestOf(before);
  const watch = createSenderWatch({
    repository: watchInMemory(),
    requests: [request],
    preflight: async () => ({
      check: async () =>
        preflightOf(changedAt !== null && moment >= changedAt ? after : before, request, moment),
    }),
    now,
    newId: () => `chk_${++ids}`,
    onChange: async () => {},
    send: null,
  });
  const diagnoses = createDiagnoses({
    incidents: repository,
    findCauses: createCauseSearch(counter),
    senders: () => watch.list(),
    check: (domain) => watch.check(domain),
    now,
    tell: () => {},
  });
  // The domain was watched before the month.
  await watch.tend();
  for (moment += 3 * hourMs; moment <= hours.to; moment += 3 * hourMs) {
    await watch.tend();
    await incidents.look();
    await diagnoses.tend();
  }
  const main = mainIncident(await repository.list({ status: 'all', limit: 1000 }));
  if (main === null) return 'quiet';
  return main.diagnosis === undefined ? null : kinds[main.diagnosis.cause];
}
