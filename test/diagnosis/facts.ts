// Incidents, streams and observed senders for the tests of the diagnosis.

import type { ObservedSender } from '../../src/diagnosis/explaining-finding.ts';
import type { StreamCounts } from '../../src/diagnosis/streams.ts';
import type { FindingCode } from '../../src/preflight/catalogue.ts';
import type { EventCount } from '../../src/reports/count.ts';
import type { IncidentKind, StoredIncident } from '../../src/reports/incidents/incident.ts';
import { nothing } from '../../src/reports/tally.ts';
import { storedIncident } from '../contract/incidents.ts';
import { findingOf } from '../preflight/watch/answers.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
/** Refusals begin at nine. */
export const nine = Date.UTC(2026, 10, 20, 9);
export const noon = nine + 3 * hour;

export interface IncidentParts {
  readonly kind: IncidentKind;
  readonly id?: string;
  readonly scope?: StoredIncident['scope'];
  readonly providers?: Readonly<Record<string, number>>;
  readonly statuses?: Readonly<Record<string, number>>;
  readonly reasons?: Readonly<Record<string, number>>;
  readonly closedAt?: number;
}

export function incidentWith({
  kind,
  id = 'inc_1',
  scope = {},
  providers = { gmail: 60, outlook: 30, yahoo: 30 },
  statuses = {},
  reasons = {},
  closedAt,
}: IncidentParts): StoredIncident {
  const messages = Object.values(providers).reduce((sum, one) => sum + one, 0);
  return storedIncident({
    ...{ id, kind, scope, openedAt: noon, changedAt: noon, seenAt: noon, closedAt: closedAt ?? null },
    evidence: {
      ...{ from: nine, to: noon, messages, sent: 2 * messages, rate: 0.5, rateBefore: 0.003, chance: 1e-9 },
      providers: Object.entries(providers).map(([name, count]) => ({
        ...{ name, messages: count, sent: 2 * count, rate: 0.5, rateBefore: 0.003 },
      })),
      statuses: Object.entries(statuses).map(([status, count]) => ({ status, messages: count })),
      reasons: Object.entries(reasons).map(([reason, count]) => ({ reason, messages: count })),
    },
  });
}

/** A sender with findings, each with the first check that saw it and the last that did not. */
export const senderWith = (
  findings: Readonly<Partial<Record<FindingCode, readonly [firstSeenAt: number, unseenAt: number | null]>>>,
  facts: Readonly<Record<string, string>> = {},
): ObservedSender => ({
  domain: 'example.com',
  checkedAt: noon,
  state: {
    asked: '{}',
    known: ['spf', 'dkim', 'dmarc', 'mail_hosts', 'ips', 'blocklists'],
    facts,
    findings: Object.entries(findings).map(([code, [firstSeenAt, unseenAt]]) => ({
      ...findingOf(code as FindingCode),
      ...{ firstSeenAt, unseenAt },
    })),
  },
});

/** Mail of one stream on some days before noon: how many of its messages failed, and how. */
export const stream = (
  name: string | null,
  daysAgo: readonly number[],
  { delivered = 100, hard = 0, deferred = 0, policy = 0 } = {},
): EventCount[] =>
  daysAgo.map((days) => ({
    period: Math.floor(noon / day) * day - days * day,
    name,
    tally: { ...nothing, delivered, hard, deferred, policy },
    causes: [],
  }));

export const daysOf = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

export const streamsWith = (counts: Partial<StreamCounts> = {}): StreamCounts => ({
  ...{ source: [], list: [], campaign: [] },
  ...counts,
});
