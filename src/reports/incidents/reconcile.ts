// Compares the findings of a look with the stored incidents, and decides which are new, changed or over.

import { dayMs, hourMs } from '../../durations.ts';
import {
  type FoundIncident,
  type IncidentKind,
  incidentFamilies,
  incidentKey,
  type StoredIncident,
} from './incident.ts';

export type IncidentStep =
  | { readonly kind: 'opened'; readonly incident: StoredIncident }
  | {
      /** `seen`: the incident continues without a large change. */
      readonly kind: 'changed' | 'closed' | 'seen';
      readonly before: StoredIncident;
      readonly incident: StoredIncident;
    };

export interface Reconciliation {
  readonly found: readonly FoundIncident[];
  /** The open incidents, and those that closed lately. */
  readonly stored: readonly StoredIncident[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly newId: () => string;
  /** Whether enough mail of its scope was sent recently to show that the incident is over. */
  readonly hasMail: (incident: StoredIncident) => boolean;
}

/** An incident closes after this time without being found, if mail was sent. */
export const quietMs = 12 * hourMs;
/** An incident closes after this time without being found, even if no mail was sent. */
const silentMs = 3 * dayMs;
/** An incident that comes back within this time after it closed opens again under its id. */
export const reopenMs = 7 * dayMs;
/**
 * For this time after it opened, an incident may change its kind and scope freely. Later, the new scope must be all mail, or have
 * all properties of the old scope.
 */
const settlingMs = dayMs;
/** An incident is stored as seen at most this often. */
const seenEveryMs = hourMs;
/** A change of the rate by this factor is reported, but at most every six hours. */
const leastChange = 2;
const rateEveryMs = 6 * hourMs;

export function reconcile({ found, stored, now, newId, hasMail }: Reconciliation): IncidentStep[] {
  const taken = new Set<StoredIncident>();
  const matches = new Map<FoundIncident, StoredIncident>();
  const take = (fits: (incident: FoundIncident, one: StoredIncident) => boolean): void => {
    for (const incident of found) {
      if (matches.has(incident)) continue;
      const one = stored.find((candidate) => !taken.has(candidate) && fits(incident, candidate));
      if (one === undefined) continue;
      taken.add(one);
      matches.set(incident, one);
    }
  };
  const isOpen = ({ closedAt }: StoredIncident): boolean => closedAt === null;
  take((incident, one) => isOpen(one) && keyOf(incident) === keyOf(one));
  take((incident, one) => isOpen(one) && now - one.seenAt <= silentMs && isSameCause(incident, one));
  const comesBack = (incident: FoundIncident, one: StoredIncident): boolean =>
    keyOf(incident) === keyOf(one) || (incident.kind === 'complaints' && one.kind === 'complaints');
  take((incident, one) => !isOpen(one) && now - one.closedAt! <= reopenMs && comesBack(incident, one));
  const steps: IncidentStep[] = [];
  for (const incident of found) {
    const one = matches.get(incident);
    const step = one === undefined ? opened(incident, now, newId()) : continued(one, incident, now);
    if (step !== null) steps.push(step);
  }
  for (const one of stored) {
    if (!isOpen(one) || taken.has(one)) continue;
    const quiet = now - one.seenAt;
    if (quiet >= silentMs || (quiet >= quietMs && hasMail(one)))
      steps.push({ kind: 'closed', before: one, incident: { ...one, closedAt: now } });
  }
  return steps;
}

const keyOf = ({ kind, scope }: FoundIncident): string => incidentKey(kind, scope);

const opened = (incident: FoundIncident, now: number, id: string): IncidentStep => ({
  kind: 'opened',
  incident: {
    ...incident,
    ...{ id, openedAt: now, changedAt: now, changedSize: sizeOf(incident), seenAt: now, closedAt: null },
  },
});

/** A look finds at most one incident of each of these kinds. Its scope is only where the failures are most visible. */
const single: ReadonlySet<IncidentKind> = new Set([
  'authentication',
  'complaints',
  'list_decay',
  'mailboxes_full',
]);

/** Whether a finding and an open incident are two views of one cause. */
function isSameCause(found: FoundIncident, one: StoredIncident): boolean {
  if (found.kind === one.kind && single.has(found.kind)) return true;
  if (incidentFamilies[found.kind] !== incidentFamilies[one.kind]) return false;
  const [a, b] = [Object.entries(found.scope), Object.entries(one.scope)];
  if (a.length === 0 || b.length === 0) {
    if (incidentFamilies[found.kind] === 'hard') return true;
    const names = new Set(one.evidence.providers.map(({ name }) => name));
    return names.size === 0 || found.evidence.providers.some(({ name }) => names.has(name));
  }
  if (a.some(([property, name]) => one.scope[property as keyof typeof one.scope] === name)) return true;
  // A provider's fault and a bad import look alike at first.
  const hasProvider = found.scope.provider !== undefined;
  return hasProvider !== (one.scope.provider !== undefined);
}

function continued(before: StoredIncident, found: FoundIncident, now: number): IncidentStep | null {
  const isReopened = before.closedAt !== null;
  const keepsKind = keyOf(before) === keyOf(found) || !mayBecome(before, found, now);
  const { kind, scope, explanation, advice } = keepsKind ? { ...found, ...identityOf(before, found) } : found;
  const next: StoredIncident = {
    ...before,
    ...{ kind, scope, explanation, advice },
    severity: found.severity,
    evidence: found.evidence,
    seenAt: now,
    closedAt: null,
  };
  if (isReopened || isChange(before, next)) {
    const incident = { ...next, changedAt: now, changedSize: sizeOf(found) };
    return { kind: 'changed', before, incident };
  }
  if (now - before.seenAt < seenEveryMs) return null;
  return { kind: 'seen', before, incident: next };
}

/**
 * The fields that an incident keeps although a new finding differs: kind and scope. It also keeps its sentences if the new
 * finding is of another kind.
 */
function identityOf(before: StoredIncident, found: FoundIncident) {
  const { kind, scope } = before;
  return kind === found.kind
    ? { kind, scope }
    : { kind, scope, explanation: before.explanation, advice: before.advice };
}

// A rate limit may change to bursts at any time, because bursts are visible only after some days.
const mayBecome = (before: StoredIncident, found: FoundIncident, now: number): boolean =>
  !(found.kind === before.kind && single.has(found.kind)) &&
  (now - before.openedAt <= settlingMs ||
    found.kind === 'sending_bursts' ||
    (Object.keys(found.scope).length === 0 && Object.keys(before.scope).length > 0) ||
    (Object.keys(before.scope).length > 0 &&
      Object.entries(before.scope).every(
        ([property, name]) => found.scope[property as keyof typeof found.scope] === name,
      )));

function isChange(before: StoredIncident, next: StoredIncident): boolean {
  if (keyOf(before) !== keyOf(next)) return true;
  if (next.seenAt - before.changedAt < seenEveryMs) return false;
  if (before.severity !== next.severity) return true;
  const factor = sizeOf(next) / before.changedSize;
  const isRateDue = next.seenAt - before.changedAt >= rateEveryMs;
  return (
    (isRateDue && (factor >= leastChange || factor <= 1 / leastChange)) || hasMoreProviders(before, next)
  );
}

function hasMoreProviders(before: StoredIncident, next: StoredIncident): boolean {
  if (next.scope.provider !== undefined || incidentFamilies[next.kind] === 'hard') return false;
  const names = new Set(before.evidence.providers.map(({ name }) => name));
  return next.evidence.providers.some(
    ({ name, messages }) => !names.has(name) && messages >= 0.1 * next.evidence.messages,
  );
}

const sizeOf = ({ evidence }: FoundIncident): number => evidence.rate ?? evidence.messages;
