// Looks for incidents in counts. Findings that one cause explains are one incident.

import { joinBlocks } from './blocks.ts';
import { findComplaints } from './complaints.ts';
import { describeFinding, type IncidentFinding } from './finding.ts';
import { findHardBounces } from './hard.ts';
import {
  type FoundIncident,
  type IncidentCounts,
  type IncidentScope,
  incidentKey,
  type StoredIncident,
} from './incident.ts';
import { findRefusals } from './policy.ts';
import { quietMs } from './reconcile.ts';
import { type Series, type SeriesSet, seriesOf, totalsBetween } from './series.ts';
import { findTemporary } from './temporary.ts';
import { lookAt } from './usual.ts';

/** Looks for incidents at a moment. */
export interface IncidentFinder {
  /**
   * Returns the incidents that are going on at `until` (epoch milliseconds), from the counts of the hours before. `known` are
   * earlier incidents, whose days are not used to learn what is usual.
   */
  at(until: number, known?: readonly StoredIncident[]): FoundIncident[];
  /**
   * Whether so much mail in the scope of an incident was sent in the twelve hours before `until` that some of it would
   * have failed at the rate of the incident.
   */
  hasMail(until: number, incident: StoredIncident): boolean;
}

/** Indexes the counts once, to look for incidents as of several moments. */
export function incidentFinder(counts: IncidentCounts): IncidentFinder {
  const series = seriesOf(counts);
  return {
    hasMail(until, { scope, evidence }) {
      const own = seriesInScope(series, scope);
      if (own === null) return false;
      const { sent, delivered, bounces } = totalsBetween(own, until - quietMs, until);
      const mail = Math.max(sent, delivered + bounces);
      return evidence.rate === null ? mail > 0 : mail * evidence.rate >= 5;
    },
    at(until, known = []) {
      const look = lookAt(series, until, known);
      const findings = [
        ...findRefusals(look),
        ...findHardBounces(look),
        ...findTemporary(look),
        ...findComplaints(look),
      ];
      return withoutExplained(joinBlocks(look, oneEach(findings))).map((finding) =>
        describeFinding(look, finding),
      );
    },
  };
}

/** The series of the narrowest property of a scope; null if it has no counts. */
function seriesInScope(series: SeriesSet, scope: IncidentScope): Series | null {
  const dimension = (['campaign', 'list', 'source', 'provider'] as const).find(
    (one) => scope[one] !== undefined,
  );
  if (dimension === undefined) return series.all;
  return series.groups[dimension].find(({ name }) => name === scope[dimension]) ?? null;
}

/** A block can show in refusals and in deferrals: the larger finding stands for both. */
const oneEach = (findings: readonly IncidentFinding[]): IncidentFinding[] =>
  [...Map.groupBy(findings, ({ kind, scope }) => incidentKey(kind, scope)).values()].map((same) =>
    same.reduce((best, one) => (one.rise.excess > best.rise.excess ? one : best)),
  );

/**
 * Leaves out findings that a larger one explains. For example, a provider that blocks a sender also defers its mail, and these
 * deferrals are not another incident.
 */
const withoutExplained = (findings: readonly IncidentFinding[]): IncidentFinding[] =>
  findings.filter((finding) => !findings.some((other) => explainsAway(other, finding)));

/** A smaller finding at the same providers is a side effect of the larger one if it has at most this part of its failures. */
const mostAside = 0.5;
const atProviders = /^(provider_|sender_block|authentication|soft_rise|rate_limited)/;

function explainsAway(larger: IncidentFinding, smaller: IncidentFinding): boolean {
  if (larger === smaller || !atProviders.test(smaller.kind) || !atProviders.test(larger.kind)) return false;
  if (smaller.rise.excess >= mostAside * larger.rise.excess) return false;
  const names = new Set(larger.providers.map(({ name }) => name));
  return smaller.providers.length > 0 && smaller.providers.every(({ name }) => names.has(name));
}
