// Diagnoses open incidents: checks the sender's DNS when refusals rise, and stores the most probable cause.

import { dayMs, hourMs } from '../durations.ts';
import type { StoredWatch, WatchRepository } from '../preflight/watch/watch-repository.ts';
import type { EventCounter } from '../reports/count.ts';
import { causeBlame, type IncidentDiagnosis } from '../reports/incidents/diagnosis-record.ts';
import { incidentFamilies, type StoredIncident } from '../reports/incidents/incident.ts';
import type { IncidentRepository } from '../reports/incidents/incident-repository.ts';
import { type CauseFacts, causeOf } from './cause.ts';
import type { ObservedSender } from './explaining-finding.ts';
import { onsetOf } from './onset.ts';
import { diagnosisSentence } from './sentences.ts';
import { type StreamCounts, streamDaysMs, streamDimensions } from './streams.ts';

export interface DiagnosesPorts {
  readonly incidents: Pick<IncidentRepository, 'list' | 'diagnose'>;
  readonly findCauses: CauseSearch;
  /** The sender's domains, with their last checks. */
  readonly senders: () => Promise<readonly StoredWatch[]>;
  /** Checks a domain now. */
  readonly check: (domain: string) => Promise<unknown>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Called for each incident when its cause is found for the first time, or changes. */
  readonly tell: (incident: StoredIncident, diagnosis: IncidentDiagnosis) => void;
}

/** What the causes of incidents are found in, next to the counters. It can be sent to another process. */
export interface CauseQuestion {
  readonly due: readonly StoredIncident[];
  readonly open: readonly StoredIncident[];
  readonly senders: readonly ObservedSender[];
  readonly unanswered: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Returns the diagnosis of each due incident; null for incidents that need none. Rejects if storage fails. */
export type CauseSearch = (question: CauseQuestion) => Promise<readonly (IncidentDiagnosis | null)[]>;

export const createCauseSearch =
  (counter: Pick<EventCounter, 'count'>): CauseSearch =>
  async ({ due, now, ...facts }) => {
    const streams = await countStreams(counter, now);
    const diagnoses: (IncidentDiagnosis | null)[] = [];
    for (const incident of due) {
      const since = incident.diagnosis?.since ?? (await onsetOf(incident, counter, now));
      diagnoses.push(diagnose({ ...facts, incident, streams, since }, now));
    }
    return diagnoses;
  };

export interface Diagnoses {
  /** Diagnoses the open incidents that opened or changed since their last diagnosis. */
  tend(): Promise<void>;
}

/** While refusals last, the sender's DNS is checked again after this time. */
const checkAgainMs = 6 * hourMs;
/** A diagnosis is repeated after this time, because new counts and new checks of the DNS may change it. */
const repeatMs = 2 * hourMs;
const mostAtOnce = 10;

export function createDiagnoses(ports: DiagnosesPorts): Diagnoses {
  const { incidents, now, tell } = ports;

  async function checkSenders(refused: readonly StoredIncident[]): Promise<void> {
    const opened = Math.max(...refused.map(({ openedAt }) => openedAt));
    for (const { domain, checkedAt, failedAt } of await ports.senders()) {
      const last = Math.max(checkedAt ?? 0, failedAt ?? 0);
      if (last < opened || now() - last >= checkAgainMs) await ports.check(domain);
    }
  }

  return {
    async tend() {
      const open = (await incidents.list({ status: 'open', limit: 50 })).filter(
        ({ kind }) => kind !== 'sender_dns',
      );
      const due = open.filter((incident) => isDue(incident, now())).slice(0, mostAtOnce);
      if (due.length === 0) return;
      const refused = due.filter(mayBeSenders);
      if (refused.length > 0) await checkSenders(refused);
      const watches = await ports.senders();
      const senders = observedSenders(watches);
      const unanswered = watches.flatMap(({ domain, state }) => (state === null ? [domain] : []));
      const found = await ports.findCauses({ due, open, senders, unanswered, now: now() });
      for (const [index, incident] of due.entries()) {
        const diagnosis = found[index] ?? null;
        if (diagnosis === null) continue;
        await incidents.diagnose(incident.id, diagnosis);
        if (isNews(incident.diagnosis, diagnosis)) tell(incident, diagnosis);
      }
    },
  };
}

const isDue = ({ diagnosis, changedAt }: StoredIncident, now: number): boolean =>
  diagnosis === undefined || changedAt > diagnosis.at || now - diagnosis.at >= repeatMs;

/** Whether the sender may be the cause: refusals, and temporary failures, which often come before refusals. */
const mayBeSenders = ({ kind }: StoredIncident): boolean =>
  incidentFamilies[kind] === 'policy' || kind === 'soft_rise';

const isNews = (before: IncidentDiagnosis | undefined, after: IncidentDiagnosis): boolean =>
  before?.cause !== after.cause || before.finding !== after.finding;

/** The domains for which at least one check has had an answer from DNS. */
const observedSenders = (watches: readonly StoredWatch[]): ObservedSender[] =>
  watches.flatMap(({ domain, state, checkedAt, failedAt }) =>
    state === null || checkedAt === null ? [] : [{ domain, state, checkedAt, failedAt }],
  );

/** A domain whose last check is older than this counts as no longer watched. */
const observedMs = 3 * dayMs;

/** What the last checks of the sender's domains saw. */
export const recentSenders = async (
  repository: Pick<WatchRepository, 'list'>,
  now: number,
): Promise<ObservedSender[]> =>
  observedSenders(await repository.list()).filter(({ checkedAt }) => checkedAt >= now - observedMs);

async function countStreams(counter: Pick<EventCounter, 'count'>, at: number): Promise<StreamCounts> {
  const span = { from: at - streamDaysMs, to: at + 1, every: 'day', causes: false } as const;
  const counts: Partial<StreamCounts> = Object.fromEntries(
    await Promise.all(
      streamDimensions.map(async (by) => [by, await counter.count({ ...span, by })] as const),
    ),
  );
  return counts as StreamCounts;
}

/**
 * The diagnosis of an incident at the time `now`; null for incidents that need none because they name their own cause, such as a
 * fault in the sender's DNS.
 */
export function diagnose(facts: CauseFacts, now: number): IncidentDiagnosis | null {
  const { incident, senders, unanswered, since } = facts;
  const named = causeOf(facts);
  if (named === null) return null;
  const { cause, certainty, explanation } = named;
  return {
    ...{ cause, certainty, blame: causeBlame[cause] },
    domain: explanation?.sender.domain ?? null,
    finding: explanation?.finding.code ?? null,
    sentence: diagnosisSentence({ ...named, incident, since, senders, unanswered, now }),
    ...{ since, at: now },
  };
}
