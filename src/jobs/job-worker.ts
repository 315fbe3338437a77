// Does the work of all jobs, one piece at a time: on Node by parallel workers, on Workers by queue messages.

import type { FileStore } from '../storage/files/file-store.ts';
import { storageFault } from '../storage/storage-fault.ts';
import type { Validator } from '../validator/validate.ts';
import { createKnownDomains, type KnownDomains } from '../verdict/known-domains.ts';
import { type CallbackPorts, deliverOne } from './callbacks.ts';
import type { Job, JobError, Lease, Slice } from './job.ts';
import { resultFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import type { SliceLimits } from './read-file.ts';

export interface JobWorkerPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly validator: Validator;
  readonly callbacks: CallbackPorts;
  readonly limits: SliceLimits;
  /** Whether later slices of a job reuse the domain facts that earlier slices found. False on Workers, to save memory. */
  readonly keepDomains: boolean;
  /** The most domains kept of one job. */
  readonly maxKept?: number;
  readonly now: () => number;
  /** Waits so many milliseconds; by a timer if absent. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Whether any resolver answers at all. */
  readonly resolversAnswer: () => Promise<boolean>;
  /** Called for internal errors; the work is retried later. */
  readonly onError: (error: unknown) => void;
  /** Called when no resolver answers, with the milliseconds that the job waits. */
  readonly onOutage: (restMs: number) => void;
}

export interface JobWorker {
  /** Does the next piece of work. Resolves to false if there is none. An error in a job never rejects it. */
  doOne(): Promise<boolean>;
}

/** Milliseconds of the first wait and of the longest wait in an outage. Each wait is twice as long as the one before. */
const restMs: readonly [number, number] = [5000, 5 * 60_000];

/** Milliseconds before the first retry after an internal error. The n-th retry waits n times as long. */
const retryMs = 2000;

/**
 * Maximum attempts at one piece of work. Then the job fails, since the piece may crash the process each time. Because of
 * the waits after crashes, so many attempts take more than a day.
 */
const mostTries = 200;

/** The attempts at a slice that has many unanswered lookups although resolvers answer, and the first wait between them. */
const unreached = { tries: 4, retryMs: 10_000 };

/**
 * How long finished work is offered again while storage fails: the first wait, the longest of the doubling waits, and the whole
 * time. The whole time is shorter than a lease. After a longer fault the lease has ended, and another runner takes over.
 */
const storing = { firstMs: 500, longestMs: 10_000, forMs: 4 * 60_000 };

/** Lost claims that are remembered, and for how long: longer than a lease. */
const mostLostClaims = 100;
const lostForMs = 15 * 60_000;

/** Maximum number of jobs whose domain facts are in memory. */
const jobsAtOnce = 3;

const givenUp: JobError = {
  code: 'given_up',
  message: `Part of the list could not be verified in ${mostTries} attempts, because of a fault of the service. Upload the list again later.`,
  row: null,
};

export function createJobWorker(ports: JobWorkerPorts): JobWorker {
  const { repository, files, now } = ports;
  const pause = ports.pause ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));

  /** Repeats `write` while storage fails, and says whether it did: then the first write may have been done. */
  async function stored<T>(write: () => Promise<T>): Promise<{ result: T; isRepeated: boolean }> {
    const until = now() + storing.forMs;
    for (let wait = storing.firstMs, isRepeated = false; ; isRepeated = true) {
      try {
        return { result: await write(), isRepeated };
      } catch (error) {
        if (storageFault(error) === null || now() + wait > until) throw error;
        if (!isRepeated) ports.onError(error);
      }
      await pause(wait);
      wait = Math.min(2 * wait, storing.longestMs);
    }
  }

  let lostClaims: readonly number[] = [];

  /** Storage may have done a claim that failed. The next claims take it back, because nobody works on it. */
  async function claim<T>(from: (at: number, lost: readonly number[]) => Promise<T>): Promise<T> {
    const at = now();
    lostClaims = lostClaims.filter((lostAt) => lostAt > at - lostForMs);
    try {
      // A claim of this millisecond gets the same end as a lost one of this millisecond, but is not lost.
      return await from(
        at,
        lostClaims.filter((lostAt) => lostAt < at),
      );
    } catch (error) {
      if (storageFault(error) !== null) lostClaims = [...lostClaims, at].slice(-mostLostClaims);
      throw error;
    }
  }

  const knownDomains = new Map<string, KnownDomains>();
  const domainsOf = ({ id }: Job): KnownDomains => {
    const known = knownDomains.get(id) ?? createKnownDomains(ports.maxKept);
    if (ports.keepDomains) {
      // The most recently used job moves to the end; the first is dropped.
      knownDomains.delete(id);
      knownDomains.set(id, known);
      if (knownDomains.size > jobsAtOnce) knownDomains.delete(knownDomains.keys().next().value!);
    }
    return known;
  };

  const rest = async (job: Job, position: number, lease: Lease): Promise<void> => {
    const pause = Math.min(restMs[0] * 2 ** job.outages, restMs[1]);
    await repository.outage(job.id, position, lease, now() + pause, now());
    ports.onOutage(pause);
  };

  async function readUpload(job: Job, lease: Lease): Promise<void> {
    // Loaded with the first list, so a service without lists starts without the codecs.
    const { readFile } = await import('./read-file.ts');
    const outcome = await readFile(files, job, ports.limits);
    if (outcome.kind === 'refused') await repository.fail(job.id, lease, outcome.error, now());
    else await stored(() => repository.fileRead(job, lease, outcome, now()));
  }

  async function verify(job: Job, slice: Slice, lease: Lease): Promise<void> {
    const { runSlice } = await import('./run-slice.ts');
    const outcome = await runSlice(files, ports.validator, job, slice, lease, domainsOf(job));
    if (outcome.kind === 'unreached') {
      if (!(await ports.resolversAnswer())) return rest(job, slice.position, lease);
      if (outcome.many && lease.tries < unreached.tries)
        return repository.releaseClaim(
          job.id,
          slice.position,
          lease,
          now() + unreached.retryMs * lease.tries,
        );
    }
    const result = outcome.kind === 'written' ? outcome.result : await outcome.write();
    const done = await stored(() => repository.sliceDone(job.id, slice, lease, result, now()));
    // After a repetition the slice may be done by this very file.
    if (!done.result && !done.isRepeated)
      await files.remove(resultFile(job.id, slice.position, lease.number));
  }

  /** Does one piece of work. After an error it returns the work for a retry, so the worker can take the next piece. */
  async function attempt(
    jobId: string,
    position: number | null,
    lease: Lease,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      if (lease.tries > mostTries) await repository.fail(jobId, null, givenUp, now());
      else await work();
    } catch (error) {
      // The error is expected if the job was deleted: the deletion removes the files that a running slice writes.
      if (!(await repository.isDeleted(jobId).catch(() => false))) ports.onError(error);
      await stored(() => repository.releaseClaim(jobId, position, lease, now() + retryMs * lease.tries));
    }
  }

  return {
    async doOne() {
      if (await deliverOne(ports.callbacks)) return true;
      const upload = await claim((at, lost) => repository.claimFile(at, lost));
      if (upload !== null) {
        const { job, lease } = upload;
        await attempt(job.id, null, lease, () => readUpload(job, lease));
        return true;
      }
      const open = await claim((at, lost) => repository.claimSlice(at, lost));
      if (open === null) return false;
      const { job, slice, lease } = open;
      await attempt(job.id, slice.position, lease, () => verify(job, slice, lease));
      return true;
    },
  };
}
