// Looks for incidents from time to time, stores them, and reports what changed.

import { dayMs, minuteMs, startOfDay } from '../../durations.ts';
import type { CountQuery, EventCount, EventCounter } from '../count.ts';
import { incidentFinder } from './find.ts';
import type { IncidentCounts, StoredIncident } from './incident.ts';
import type { IncidentQuery, IncidentRepository } from './incident-repository.ts';
import { type IncidentStep, reconcile } from './reconcile.ts';

export interface Incidents {
  /**
   * Looks for incidents, unless this or another process did so in the last five minutes. Rejects only if storage fails.
   */
  look(): Promise<void>;
  list(query: IncidentQuery): Promise<StoredIncident[]>;
  /** Deletes incidents that closed before `closedBefore` (epoch milliseconds). */
  deleteBefore(closedBefore: number): Promise<void>;
}

export interface IncidentPorts {
  readonly counter: Pick<EventCounter, 'count'>;
  readonly repository: IncidentRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Called once for each incident that opened, changed or closed, in one of the processes. */
  readonly tell: (what: 'opened' | 'changed' | 'closed', incident: StoredIncident) => void;
}

const lookEveryMs = 5 * minuteMs;
/** The days that are counted by hour, and the days before them that are counted by day. */
const hourlyMs = 7 * dayMs;
const dailyMs = 56 * dayMs;
/** Sources, campaigns and lists with fewer hard bounces and complaints than this in the last days are not loaded. */
const leastFailures = 5;

/** The dimensions with a name for each piece of the operator's mail, so there can be very many. */
type ManyNames = 'source' | 'campaign' | 'list';

/** The counts of the earlier days by name. They hardly change, so each name is read once a day. */
interface EarlierCounts {
  readonly day: number;
  readonly providers: readonly EventCount[];
  readonly named: Readonly<Record<ManyNames, Map<string | null, readonly EventCount[]>>>;
}

export function createIncidents({ counter, repository, now, newId, tell }: IncidentPorts): Incidents {
  let earlier: EarlierCounts | null = null;

  async function countsAt(moment: number): Promise<IncidentCounts> {
    const day = startOfDay(moment);
    const hourlyFrom = day - hourlyMs;
    const before = { from: hourlyFrom - dailyMs, to: hourlyFrom, every: 'day' } as const;
    const last = { from: hourlyFrom, to: moment + 1, every: 'hour' } as const;
    if (earlier?.day !== day) {
      const providers = await counter.count({ ...before, by: 'provider' });
      earlier = { day, providers, named: { source: new Map(), campaign: new Map(), list: new Map() } };
    }
    const { providers, named } = earlier;
    const countBy = async (by: ManyNames) => {
      const names = await failingNames(by, last);
      return [
        ...(await namesOnce(counter, { ...before, by, names }, named[by])),
        ...(names.length === 0 ? [] : await counter.count({ ...last, by, names })),
      ];
    };
    return {
      providers: [...providers, ...(await counter.count({ ...last, by: 'provider' }))],
      sources: await countBy('source'),
      campaigns: await countBy('campaign'),
      lists: await countBy('list'),
    };
  }

  async function failingNames(by: ManyNames, { from, to }: { from: number; to: number }) {
    const counts = await counter.count({ from, to, by, every: 'all', causes: false });
    return counts
      .filter(({ tally }) => tally.hard + tally.complaint >= leastFailures)
      .map(({ name }) => name);
  }

  async function take(step: IncidentStep): Promise<void> {
    const isStored =
      step.kind === 'opened'
        ? await repository.open(step.incident)
        : await repository.replace(step.before, step.incident);
    if (isStored && step.kind !== 'seen') tell(step.kind, step.incident);
  }

  return {
    async look() {
      const moment = now();
      if (!(await repository.claimLook(moment, moment - lookEveryMs))) return;
      const finder = incidentFinder(await countsAt(moment));
      const recent = await repository.recent(moment - dailyMs);
      // Leave out the incidents about the sender's DNS, which the watch opens and closes.
      const stored = recent.filter(({ kind }) => kind !== 'sender_dns');
      const steps = reconcile({
        ...{ found: finder.at(moment, stored), stored, now: moment, newId },
        hasMail: (incident) => finder.hasMail(moment, incident),
      });
      for (const step of steps) await take(step);
    },
    list: (query) => repository.list(query),
    deleteBefore: (closedBefore) => repository.deleteBefore(closedBefore),
  };
}

/** Returns the counts of the names, and reads only those that `known` does not have yet. */
async function namesOnce(
  counter: Pick<EventCounter, 'count'>,
  query: CountQuery & { readonly names: readonly (string | null)[] },
  known: Map<string | null, readonly EventCount[]>,
): Promise<EventCount[]> {
  const names = query.names.filter((name) => !known.has(name));
  if (names.length > 0) {
    const counts = Map.groupBy(await counter.count({ ...query, names }), ({ name }) => name);
    for (const name of names) known.set(name, counts.get(name) ?? []);
  }
  return query.names.flatMap((name) => known.get(name)!);
}
