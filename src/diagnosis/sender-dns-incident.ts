// Opens an incident when a change of the sender's DNS brings a fault, and closes it when the fault is gone or its domain is no
// longer checked.

import { inWords } from '../preflight/finding.ts';
import { findingId, type WatchedFinding } from '../preflight/watch/sender-state.ts';
import type { StoredChange, StoredWatch } from '../preflight/watch/watch-repository.ts';
import type { ChangedFinding, ChangedValue, DnsChangeRecord } from '../reports/incidents/diagnosis-record.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import type { IncidentRepository } from '../reports/incidents/incident-repository.ts';
import { utcText } from './sentences.ts';

export interface SenderDnsIncidentPorts {
  readonly repository: Pick<IncidentRepository, 'list' | 'open' | 'replace'>;
  /** The latest changes of a domain, the newest first. */
  readonly changes: (domain: string) => Promise<readonly StoredChange[]>;
  readonly newId: () => string;
  readonly tell: (what: 'opened' | 'changed' | 'closed', incident: StoredIncident) => void;
}

/** At most 20 domains are watched, so this is all of them. */
const mostOpen = 100;

/** Number of attempts if another process changes the same incident at the same time. The next check tries again as well. */
const attempts = 2;

/**
 * Makes the open incidents match the stored states of domains. Incidents follow from the stored states alone. So if a process
 * dies before it opens or closes an incident, the next call does it.
 */
export async function keepSenderDnsIncidents(
  readStates: () => Promise<readonly StoredWatch[]>,
  ports: SenderDnsIncidentPorts,
): Promise<void> {
  // Read the incidents first. If another process changes them in the meantime, storing them fails, and the next attempt reads
  // them again.
  let open = await openIncidents(ports);
  for (const watch of await readStates())
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await fitIncident(watch, open.get(watch.domain), ports)) break;
      open = await openIncidents(ports);
    }
}

/** Closes the open incidents of domains that are no longer checked. */
export async function closeUnwatchedIncidents(
  watched: readonly string[],
  now: number,
  ports: SenderDnsIncidentPorts,
): Promise<void> {
  for (const [domain, incident] of await openIncidents(ports))
    if (!watched.includes(domain)) await close(incident, now, ports);
}

/** The open incidents by their domain. */
export async function openIncidents({
  repository,
}: Pick<SenderDnsIncidentPorts, 'repository'>): Promise<Map<string, StoredIncident>> {
  const listed = await repository.list({ status: 'open', kind: 'sender_dns', limit: mostOpen });
  return new Map(listed.map((incident) => [incident.scope.domain ?? '', incident]));
}

async function close(
  open: StoredIncident,
  at: number,
  { repository, tell }: SenderDnsIncidentPorts,
): Promise<boolean> {
  const closed = { ...open, seenAt: at, closedAt: at };
  const isStored = await repository.replace(open, closed);
  if (isStored) tell('closed', closed);
  return isStored;
}

/** Returns false if another process changed the incident. */
async function fitIncident(
  { domain, state, checkedAt }: StoredWatch,
  open: StoredIncident | undefined,
  ports: SenderDnsIncidentPorts,
): Promise<boolean> {
  if (state === null || checkedAt === null) return true;
  /** A fault that the first check of the domain saw is not a change. */
  const faults = state.findings.filter(({ severity, unseenAt }) => severity !== 'info' && unseenAt !== null);
  const told = new Set(open?.change?.appeared.map(findingId));
  const fresh = faults.filter((fault) => !told.has(findingId(fault)));
  if (fresh.length > 0) {
    const change = await changeWith(domain, fresh, open, ports);
    const incident = incidentOf(change, fresh, open?.id ?? ports.newId(), open);
    const isStored = await (open === undefined
      ? ports.repository.open(incident)
      : ports.repository.replace(open, incident));
    if (isStored) ports.tell(open === undefined ? 'opened' : 'changed', incident);
    return isStored;
  }
  if (open === undefined) return true;
  const left = new Set(state.findings.map(findingId));
  if (open.change?.appeared.some((fault) => fault.severity !== 'info' && left.has(findingId(fault))))
    return true;
  return close(open, checkedAt, ports);
}

/** The change that brought `faults`: all stored changes since the one that the incident already has, joined into one. */
async function changeWith(
  domain: string,
  faults: readonly WatchedFinding[],
  open: StoredIncident | undefined,
  { changes }: SenderDnsIncidentPorts,
): Promise<Omit<StoredChange, 'id'>> {
  const from = Math.min(...faults.map(({ firstSeenAt }) => firstSeenAt));
  const to = Math.max(...faults.map(({ firstSeenAt }) => firstSeenAt));
  const pending = (await changes(domain)).filter(
    ({ at }) => at >= from && at <= to && at > (open?.change?.at ?? Number.NEGATIVE_INFINITY),
  );
  const differences = new Map<string, ChangedValue>();
  for (const value of pending.toReversed().flatMap((change) => change.differences))
    differences.set(value.name, { ...value, before: differences.get(value.name)?.before ?? value.before });
  return {
    domain,
    since: Math.min(...faults.map(({ unseenAt, firstSeenAt }) => unseenAt ?? firstSeenAt)),
    at: to,
    differences: [...differences.values()].filter(({ before, after }) => before !== after),
    appeared: [
      ...faults,
      ...pending.flatMap(({ appeared }) => appeared.filter(({ severity }) => severity === 'info')),
    ],
    gone: pending.flatMap(({ gone }) => gone),
  };
}

const changedFinding = ({ code, about, severity, seen }: ChangedFinding): ChangedFinding => ({
  ...{ code, about, severity, seen },
});

/** Converts a change of DNS to the record that is stored with an incident and sent to the callback. */
export const dnsChangeRecord = ({
  since,
  at,
  differences,
  appeared,
  gone,
}: Omit<StoredChange, 'id' | 'domain'>): DnsChangeRecord => ({
  ...{ since, at, values: differences },
  appeared: appeared.map(changedFinding),
  gone: gone.map(changedFinding),
});

/** Joins a later change to the change that an open incident is about. Values `before` are those of the earlier change. */
function joinedRecord(before: DnsChangeRecord | undefined, after: DnsChangeRecord): DnsChangeRecord {
  if (before === undefined) return after;
  const values = new Map(before.values.map((value) => [value.name, value]));
  for (const value of after.values)
    values.set(value.name, { ...value, before: values.get(value.name)?.before ?? value.before });
  const gone = new Set(after.gone.map(findingId));
  return {
    since: before.since,
    at: after.at,
    values: [...values.values()].filter((value) => value.before !== value.after),
    appeared: [...before.appeared.filter((fault) => !gone.has(findingId(fault))), ...after.appeared],
    gone: after.gone.filter((fault) => !before.appeared.some((one) => findingId(one) === findingId(fault))),
  };
}

function incidentOf(
  change: Omit<StoredChange, 'id'>,
  faults: readonly WatchedFinding[],
  id: string,
  open: StoredIncident | undefined,
): StoredIncident {
  const { domain, at, since } = change;
  const record = joinedRecord(open?.change, dnsChangeRecord(change));
  return {
    id,
    kind: 'sender_dns',
    scope: { domain },
    severity: record.appeared.some(({ severity }) => severity === 'error') ? 'critical' : 'warning',
    evidence: {
      ...{ from: since, to: at, messages: 0, sent: null, rate: null, rateBefore: null, chance: 0 },
      ...{ providers: [], statuses: [], reasons: [] },
    },
    explanation: changeSentence(change, faults),
    advice: adviceOn(faults),
    openedAt: open?.openedAt ?? at,
    ...{ changedAt: at, changedSize: 0, seenAt: at, closedAt: null },
    change: record,
  };
}

/** What changed, in a sentence or two. */
export function changeSentence(
  { domain, at, since, appeared, gone, differences }: Omit<StoredChange, 'id'>,
  faults: readonly WatchedFinding[] = appeared,
): string {
  const when = `between ${utcText(since, at)} and ${utcText(at, at)}`;
  const bounces = [...new Set(faults.flatMap(({ causes }) => causes))];
  if (faults.length > 0)
    return `The DNS of ${domain} changed ${when}: ${faults.map(({ seen }) => seen).join(' ')}${bounces.length === 0 ? '' : ` Mail may bounce with ${inWords(bounces)}.`}`;
  if (gone.length > 0)
    return `The DNS of ${domain} changed ${when}: ${inWords(gone.map(({ code }) => code))} ${gone.length === 1 ? 'is' : 'are'} fixed.`;
  return `The DNS of ${domain} changed ${when}: ${inWords(differences.map(({ name }) => name))}.`;
}

function adviceOn(faults: readonly WatchedFinding[]): string {
  return faults
    .map(({ meaning, publish }) =>
      publish === null ? meaning : `${meaning} Publish at ${publish.name}: ${publish.type} ${publish.value}`,
    )
    .join(' ');
}
