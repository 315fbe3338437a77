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
/** Groups of mail with fewer hard bounces and complaints than this in the last days are not loaded. */
const leastFailures = 5;

export function createIncidents({ counter, repository, now, newId, tell }: IncidentPorts): Incidents {
  /** The counts of the earlier days. They hardly change, so they are read once a day. */
  let earlier: { readonly day: number; readonly counts: IncidentCounts } | null = null;

  async function countsAt(moment: number): Promise<IncidentCounts> {
    const day = startOfDay(moment);
    const hourlyFrom = day - hourlyMs;
    if (earlier?.day !== day) {
      const span = { from: hourlyFrom - dailyMs, to: hourlyFrom, every: 'day' } as const;
      earlier = { day, counts: await countAll(counter, span) };
    }
    const lately = await countAll(counter, { from: hourlyFrom, to: moment + 1, every: 'hour' });
    return joinedCounts(earlier.counts, lately);
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

async function countAll(
  counter: Pick<EventCounter, 'count'>,
  span: Omit<CountQuery, 'by'>,
): Promise<IncidentCounts> {
  const by = (dimension: CountQuery['by']) => counter.count({ ...span, by: dimension });
  return {
    providers: await by('provider'),
    sources: await by('source'),
    campaigns: await by('campaign'),
    lists: await by('list'),
  };
}

function joinedCounts(earlier: IncidentCounts, lately: IncidentCounts): IncidentCounts {
  const join = (before: readonly EventCount[], after: readonly EventCount[]): EventCount[] => {
    const failures = new Map<string | null, number>();
    for (const { name, tally } of after)
      failures.set(name, (failures.get(name) ?? 0) + tally.hard + tally.complaint);
    return [...before, ...after].filter(({ name }) => (failures.get(name) ?? 0) >= leastFailures);
  };
  return {
    providers: [...earlier.providers, ...lately.providers],
    sources: join(earlier.sources, lately.sources),
    campaigns: join(earlier.campaigns, lately.campaigns),
    lists: join(earlier.lists, lately.lists),
  };
}
