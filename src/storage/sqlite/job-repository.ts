// The state of all jobs in SQLite: node:sqlite and D1.

import { defaultLeases, type JobRepository, type LeaseDurations } from '../../jobs/job-repository.ts';
import type { Database } from '../database.ts';
import { jobCallbacks } from './job-callbacks.ts';
import { jobLeases } from './job-leases.ts';
import { jobLifecycle } from './job-lifecycle.ts';
import { jobQueries } from './job-queries.ts';

export interface JobRepositoryOptions {
  /** The workspace (tenant) whose jobs callers see. Job runners work for all workspaces. */
  readonly workspace?: string;
  readonly leases?: LeaseDurations;
}

export const createJobRepository = (
  database: Database,
  { workspace = 'default', leases = defaultLeases }: JobRepositoryOptions = {},
): JobRepository => ({
  ...jobQueries(database, workspace),
  ...jobLeases(database, leases),
  ...jobLifecycle(database),
  ...jobCallbacks(database),
});
