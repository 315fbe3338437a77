// Opens an incident when a change of the sender's DNS brings a fault, and closes it when the fault is gone.

import { inWords } from '../preflight/finding.ts';
import { findingId, type WatchedFinding } from '../preflight/watch/sender-state.ts';
import type { StoredChange, StoredWatch } from '../preflight/watch/watch-repository.ts';
import type { ChangedFinding, DnsChangeRecord } from '../reports/incidents/diagnosis-record.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import type { IncidentRepository } from '../reports/incidents/incident-repository.ts';
import { utcText } from './sentences.ts';

export interface SenderDnsIncidentPorts {
  readonly repository: Pick<IncidentRepository, 'list' | 'open' | 'replace'>;
  readonly newId: () => string;
  readonly tell: (what: 'opened' | 'changed' | 'closed', incident: StoredIncident) => void;
}

/** At most 20 domains are watched, so this is all of them. */
const mostOpen = 100;

export async function keepSenderDnsIncident(
  change: StoredChange,
  { state }: StoredWatch,
  { repository, newId, tell }: SenderDnsIncidentPorts,
): Promise<void> {
  const listed = await repository.list({ status: 'open', kind: 'sender_dns', limit: mostOpen });
  const open = listed.find(({ scope }) => scope.domain === change.domain);
  const faults = change.appeared.filter(({ severity }) => severity !== 'info');
  if (faults.length > 0) {
    const incident = incidentOf(change, faults, open?.id ?? newId(), open);
    const isStored =
      open === undefined ? await repository.open(incident) : await repository.replace(open, incident);
    if (isStored) tell(open === undefined ? 'opened' : 'changed', incident);
    return;
  }
  if (open === undefined) return;
  const left = new Set(state?.findings.map(findingId));
  if (open.change?.appeared.some((fault) => fault.severity !== 'info' && left.has(findingId(fault)))) return;
  const closed = { ...open, seenAt: change.at, closedAt: change.at };
  if (await repository.replace(open, closed)) tell('closed', closed);
}

const changedFinding = ({ code, about, severity, seen }: ChangedFinding): ChangedFinding => ({
  ...{ code, about, severity, seen },
});

/** A change as it is kept with an incident and sent to the callback. */
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

/** Joins a later change to the one that an open incident is about: its values before stay. */
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
  change: StoredChange,
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
  { domain, at, since, appeared, gone, differences }: StoredChange,
  faults: readonly WatchedFinding[] = appeared,
): string {
  const when = `between ${utcText(since, at)} and ${utcText(at, at)}`;
  const bounces = [...new Set(faults.flatMap(({ causes }) => causes))];
  if (faults.length > 0)
    return `The DNS of ${domain} changed ${when}: ${faults.map(({ seen }) => seen).join(' ')}${bounces.length === 0 ? '' : ` Mail may bounce with ${inWords(bounces)}.`}`;
  if (gone.length > 0)
    return `The DNS of ${domain} changed ${when}: ${inWords(gone.map(({ code }) => code))} ${gone.length === 1 ? 'is' : 'are'} mended.`;
  return `The DNS of ${domain} changed ${when}: ${inWords(differences.map(({ name }) => name))}.`;
}

function adviceOn(faults: readonly WatchedFinding[]): string {
  return faults
    .map(({ meaning, publish }) =>
      publish === null ? meaning : `${meaning} Publish at ${publish.name}: ${publish.type} ${publish.value}`,
    )
    .join(' ');
}
