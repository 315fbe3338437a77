// Assembles the jobs of the service, which verify lists.

import { createHash } from 'node:crypto';
import type { Timers } from '../clock.ts';
import type { createDns } from '../dns/create-dns.ts';
import { createEngagementLookup } from '../events/engagement-lookup.ts';
import { createJobs, type Jobs, type JobsPorts } from '../jobs/job-service.ts';
import type { Digest } from '../jobs/submit.ts';
import type { Prober } from '../mailbox/prober.ts';
import { createJobRepository } from '../storage/sqlite/job-repository.ts';
import { resolversAnswer } from './control-questions.ts';
import { describedError } from './described-error.ts';
import { inLogContext } from './log-context.ts';
import type { LogFields } from './log-messages.ts';
import type { Runtime } from './runtime.ts';

/**
 * For how many milliseconds one piece of work asks mail hosts about pending verdicts. On Workers, lists are asked about in such pieces
 * too, because one message of the queue does one piece.
 */
export const proofTurnMs = 60_000;
export const workerProofTurnMs = 20_000;

export function createServiceJobs(
  runtime: Pick<
    Runtime,
    'settings' | 'database' | 'hasher' | 'jobs' | 'shareInFlight' | 'maxKept' | 'tracing'
  >,
  ports: {
    readonly dns: Pick<ReturnType<typeof createDns>, 'resolver'>;
    readonly engagement: Parameters<typeof createEngagementLookup>[0]['repository'];
    readonly listValidator: JobsPorts['validator'];
    readonly prober: Prober | null;
    readonly callback: JobsPorts['callback'];
    readonly now: () => number;
    readonly timers: Timers;
    readonly log: (line: LogFields) => void;
    readonly logJobError: (error: unknown) => void;
  },
): Jobs {
  const { settings, database, hasher, shareInFlight, tracing } = runtime;
  const { dns, engagement, listValidator, prober, callback, now, timers, log, logJobError } = ports;
  const engagementLookup = createEngagementLookup({
    repository: engagement,
    hasher,
    onFailure: (error) => log({ level: 'error', event: 'engagement_failed', ...describedError(error) }),
  });
  return createJobs({
    ...settings.jobs,
    ...runtime.jobs,
    listProfile: settings.listProfile,
    repository: createJobRepository(database),
    validator: listValidator,
    ...(settings.engagementRetentionMs > 0 && { engagement: engagementLookup }),
    prober,
    // A Worker has no process that could ask for hours.
    ...(!shareInFlight && { proofTurnMs: workerProofTurnMs }),
    keepDomains: shareInFlight,
    ...(runtime.maxKept !== undefined && { maxKept: runtime.maxKept }),
    now,
    timers,
    newDigest,
    callback,
    resolversAnswer: () => resolversAnswer(dns.resolver),
    onError: logJobError,
    inJob: (jobId, work) => {
      tracing?.note({ 'presend.job_id': jobId });
      return inLogContext({ job_id: jobId }, work);
    },
    onOutage: (restMs) => log({ level: 'warning', event: 'resolvers_out', rest_ms: restMs }),
  });
}

function newDigest(): Digest {
  const hash = createHash('sha256');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
}
