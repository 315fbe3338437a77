// The storage port of incidents.

import type { IncidentDiagnosis } from './diagnosis-record.ts';
import type { IncidentKind, StoredIncident } from './incident.ts';

export interface IncidentQuery {
  readonly status: 'open' | 'closed' | 'all';
  /** Only incidents that were open at some time from `from` (included) to `to` (excluded), in epoch milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly kind?: IncidentKind | undefined;
  readonly limit: number;
  /** The last incident of the previous page. */
  readonly after?: Pick<StoredIncident, 'openedAt' | 'id'> | undefined;
}

export interface IncidentRepository {
  /**
   * Returns true, and stores `at`, if no process has looked for incidents after `since`. So several processes together look no
   * more often than one.
   */
  claimLook(at: number, since: number): Promise<boolean>;
  /** Returns the open incidents, and those that closed at or after `closedSince`. */
  recent(closedSince: number): Promise<StoredIncident[]>;
  /** Stores a new incident. Returns false if an open one has the same kind and scope. */
  open(incident: StoredIncident): Promise<boolean>;
  /**
   * Replaces an incident by its new state: it changed, closed or opened again. Returns false if its stored state is no
   * longer `before`, or if another open incident has the new kind and scope.
   */
  replace(before: StoredIncident, incident: StoredIncident): Promise<boolean>;
  /** Returns incidents, latest opening first. */
  list(query: IncidentQuery): Promise<StoredIncident[]>;
  /** Stores the diagnosis of an incident, in place of an earlier one. */
  diagnose(id: string, diagnosis: IncidentDiagnosis): Promise<void>;
  /** Deletes incidents that closed before `closedBefore`. */
  deleteBefore(closedBefore: number): Promise<void>;
}
