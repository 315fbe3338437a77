// Looks for incidents from time to time, stores them, and reports what changed.

import { minuteMs } from '../../durations.ts';
import { dailyMs, type StoredIncident } from './incident.ts';
import type { IncidentQuery, IncidentRepository } from './incident-repository.ts';
import { type IncidentStep, reconcile } from './reconcile.ts';
import type { IncidentSearch } from './search.ts';

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
  readonly search: IncidentSearch;
  readonly repository: IncidentRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Called once for each incident that opened, changed or closed, in one of the processes. */
  readonly tell: (what: 'opened' | 'changed' | 'closed', incident: StoredIncident) => void;
}

const lookEveryMs = 5 * minuteMs;

export function createIncidents({ search, repository, now, newId, tell }: IncidentPorts): Incidents {
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
      const recent = await repository.recent(moment - dailyMs);
      // Leave out the incidents about the sender's DNS, which the watch opens and closes.
      const stored = recent.filter(({ kind }) => kind !== 'sender_dns');
      const { found, withMail } = await search({ moment, stored });
      const steps = reconcile({
        ...{ found, stored, now: moment, newId },
        hasMail: ({ id }) => withMail.includes(id),
      });
      for (const step of steps) await take(step);
    },
    list: (query) => repository.list(query),
    deleteBefore: (closedBefore) => repository.deleteBefore(closedBefore),
  };
}
