// The state of all jobs in the database. Every change is one statement or one batch, so a crash leaves none half
// done.

import type { Database } from '../storage/database.ts';
import { jobEndings } from './job-endings.ts';
import { jobRecords } from './job-records.ts';
import { defaultLeases, jobWork, type Leases } from './job-work.ts';

export type JobStore = ReturnType<typeof createJobStore>;

export const createJobStore = (database: Database, leases: Leases = defaultLeases) => ({
  ...jobRecords(database),
  ...jobWork(database, leases),
  ...jobEndings(database),
});
