// Does the work of all jobs (jobs verify uploaded lists). Each call of `doOne` does one piece of work: it delivers
// a callback, reads an uploaded file, or verifies one slice of a list. On Node, parallel workers call it; on
// Cloudflare Workers, queue messages do.

import { systemTimers, type Timers } from '../clock.ts';
import type { EngagementLookup } from '../events/engagement-lookup.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import { storageFault } from '../storage/storage-fault.ts';
import { createKnownDomains, type KnownDomains } from '../validator/known-domains.ts';
import type { Proofs, Validator } from '../validator/validate.ts';
import { type CallbackPorts, deliverOne } from './callbacks.ts';
import type { Job, JobError, Lease, Slice } from './job.ts';
import { resultFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import type { SliceLimits } from './slice-limits.ts';

export interface JobWorkerPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly validator: Validator;
  readonly engagement?: EngagementLookup;
  readonly callbacks: CallbackPorts;
  readonly limits: SliceLimits;
  /**
   * Whether what one slice finds out about domains (from DNS) is kept in memory for later slices of the same job.
   * False on Cloudflare Workers, to save memory.
   */
  readonly keepDomains: boolean;
  /**
   * Maximum number of domains that are kept in memory for one job. If absent, the default of `createKnownDomains`.
   */
  readonly maxKept?: number;
  readonly now: () => number;
  /** Waits this many milliseconds. Uses `setTimeout` if absent. */
  readonly pause?: (ms: number) => Promise<void>;
  /** The timers for renewals of leases; those of the runtime if absent. */
  readonly timers?: Omit<Timers, 'now'>;
  /** Asks mail hosts about the lists whose jobs want it. Null or absent: nobody is asked, and such jobs go on without it. */
  readonly prober?: Prober | null;
  /**
   * If set, `doOne` asks mail hosts in turns of this many milliseconds, because no process can go on for hours. `proveOne` then asks
   * nobody.
   */
  readonly proofTurnMs?: number;
  /** Whether at least one DNS resolver answers at the moment. */
  readonly resolversAnswer: () => Promise<boolean>;
  /** Called for internal errors; the work is retried later. */
  readonly onError: (error: unknown) => void;
  /** Called when no resolver answers. `restMs` is the number of milliseconds that the job then waits. */
  readonly onOutage: (restMs: number) => void;
  /** Runs work on a job, so that the log names the job. */
  readonly inJob?: <T>(jobId: string, work: () => Promise<T>) => Promise<T>;
}

export interface JobWorker {
  /**
   * Does the next piece of work. Resolves to false if there is none. Does not reject because of an error in a job: the
   * job's work is tried again later.
   */
  doOne(): Promise<boolean>;
  /**
   * Asks mail hosts about the list of one job, which can take hours: so it is not a piece of work of `doOne`. Resolves to false if no job
   * waits for it. `signal` ends it early. Does not reject because of an error in a job.
   */
  proveOne(signal: AbortSignal): Promise<boolean>;
}

/**
 * Milliseconds that a job waits when no resolver answers: the first wait, and the longest. Until the longest is
 * reached, each wait in a row is twice as long as the one before.
 */
const restMs: readonly [number, number] = [5000, 5 * 60_000];

/** Milliseconds before the first retry after an internal error. The n-th retry waits n times as long. */
const retryMs = 2000;

/**
 * Maximum number of attempts at one piece of work, such as a slice. After them the job fails, because the piece may
 * crash the process each time. On Node the wait after a crash grows to about ten minutes (see `crashes`), so this many
 * crashes take more than a day.
 */
const mostTries = 200;

/**
 * Retries of a slice with many unanswered lookups although resolvers answer, or without access to the suppression list.
 * `tries` is the number of attempts; `fewTries` that of a slice with few such lookups, in a job that asks mail hosts. The wait before
 * the second attempt is `retryMs` milliseconds, and the n-th wait is n times as long. After the last attempt the slice is written with `unknown` verdicts for the rows concerned.
 */
const unreached = { tries: 4, fewTries: 2, retryMs: 10_000 };

/** Milliseconds between two renewals of a lease. `defaultLeases` leaves time for several, in case one of them fails. */
const renewMs = 15_000;

/**
 * How the write of a finished result is repeated while storage fails, in milliseconds. The first wait is `firstMs`;
 * each further wait is twice as long, up to `longestMs`. After `forMs` the write is given up. By then the lease has ended,
 * because it could not be renewed either, and another worker may have claimed the work.
 */
const storing = { firstMs: 500, longestMs: 10_000, forMs: 4 * 60_000 };

/**
 * A claim is lost if storage failed before it answered: the work may be leased although no worker does it. The latest
 * `mostLostClaims` lost claims are remembered, each for `lostForMs` milliseconds. No lease that is not renewed is longer.
 */
const mostLostClaims = 100;
const lostForMs = 60_000;

/** Maximum number of jobs whose domains are kept in memory. */
const mostJobsKept = 3;

const givenUp: JobError = {
  code: 'given_up',
  message: `Part of the list could not be read or verified in ${mostTries} attempts, because of a fault of the service. Upload the list again later.`,
  row: null,
};

export function createJobWorker(ports: JobWorkerPorts): JobWorker {
  const { repository, files, now, timers = systemTimers, inJob = (_, work) => work() } = ports;
  const pause = ports.pause ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));

  /**
   * Calls `write`, and calls it again while storage fails (see `storing`). `isRepeated` is true if there was more than
   * one call. An earlier call may then have stored the data although it reported a failure.
   */
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

  /**
   * Claims work with `from`. If storage fails, the work may be leased anyway, although no worker does it. So the time
   * of such a claim is remembered and given to the next claims, which treat its lease as ended.
   */
  async function claim<T>(from: (at: number, lost: readonly number[]) => Promise<T>): Promise<T> {
    const at = now();
    lostClaims = lostClaims.filter((lostAt) => lostAt > at - lostForMs);
    try {
      // Leave out lost claims of this very millisecond. Their leases end at the same time as the lease of this claim,
      // so storage would treat this claim as lost too.
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
      // Put this job last, and drop the job that was used least recently.
      knownDomains.delete(id);
      knownDomains.set(id, known);
      if (knownDomains.size > mostJobsKept) knownDomains.delete(knownDomains.keys().next().value!);
    }
    return known;
  };

  /** What mail hosts said about the list that was read last. */
  let lastProofs: { readonly jobId: string; readonly proofs: Promise<Proofs> } | null = null;
  const proofsOf = async ({ id, proof }: Job, { position }: Slice): Promise<Proofs> => {
    if (proof?.turns !== undefined)
      return (await import('./prove-in-turns.ts')).readSliceProofs(files, id, position);
    if (lastProofs?.jobId !== id) {
      const { readProofs } = await import('./prove-list.ts');
      lastProofs = { jobId: id, proofs: readProofs(files, id) };
      lastProofs.proofs.catch(() => {
        lastProofs = null;
      });
    }
    return lastProofs.proofs;
  };

  async function prove(prober: Prober, job: Job, lease: Lease, signal: AbortSignal): Promise<void> {
    const { proveList } = await import('./prove-list.ts');
    const { validator, resolversAnswer } = ports;
    const work = { repository, files, validator, prober, resolversAnswer, timers: { now, ...timers } };
    const outcome = await proveList(work, job, lease, domainsOf(job), signal);
    if (outcome === 'no_dns') await rest(job, null, lease);
    // A job that must stop is not claimed again before it may go on.
    if (outcome === 'stopped') await stored(() => repository.releaseClaim(job.id, null, lease, now()));
  }

  /** Does one turn of asking mail hosts. Resolves to false if no turn is due. */
  async function proveSome(prober: Prober, turnMs: number): Promise<boolean> {
    const open = await claim((at, lost) => repository.claimProof(at, lost));
    if (open === null) return false;
    const { job, lease } = open;
    const turn = async () => {
      const { proveTurn } = await import('./prove-in-turns.ts');
      const { validator, resolversAnswer } = ports;
      const work = { repository, files, validator, prober, resolversAnswer, now, turnMs };
      const outcome = await proveTurn(work, job, lease, domainsOf(job));
      if (outcome === 'no_dns') await rest(job, null, lease);
      if (outcome === 'stopped') await stored(() => repository.releaseClaim(job.id, null, lease, now()));
    };
    await inJob(job.id, () => attempt(job.id, null, lease, turn));
    return true;
  }

  const rest = async (job: Job, position: number | null, lease: Lease): Promise<void> => {
    const pause = Math.min(restMs[0] * 2 ** job.outages, restMs[1]);
    await repository.outage(job.id, position, lease, now() + pause, now());
    ports.onOutage(pause);
  };

  /** A service that no longer asks mail hosts goes on with one of the jobs that wanted it. False if there is none. */
  async function skipProof(): Promise<boolean> {
    const open = ports.prober ? null : await claim((at, lost) => repository.claimProof(at, lost));
    if (open === null) return false;
    const { job, lease } = open;
    await stored(() => repository.proofDone(job.id, lease, job.proof ?? { all: 0, settled: 0 }, now()));
    return true;
  }

  async function readUpload(job: Job, lease: Lease): Promise<void> {
    // Loaded with the first list, so a service without lists starts without the text decoders.
    const { readFile } = await import('./read-file.ts');
    const outcome = await readFile(files, job, ports.limits, pause);
    if (outcome.kind === 'refused') await repository.fail(job.id, lease, outcome.error, now());
    else await stored(() => repository.fileRead(job, lease, outcome, now()));
  }

  async function verify(job: Job, slice: Slice, lease: Lease): Promise<void> {
    const { runSlice } = await import('./run-slice.ts');
    const proofs = job.options.proof ? await proofsOf(job, slice) : undefined;
    const outcome = await runSlice(
      files,
      ports.validator,
      job,
      slice,
      lease,
      domainsOf(job),
      ports.engagement,
      proofs,
    );
    if (outcome.kind === 'unreached') {
      if (!(await ports.resolversAnswer())) return rest(job, slice.position, lease);
      // Next to the time that its mail hosts took, a second look at a few domains takes a list no time.
      const attempts = outcome.many ? unreached.tries : job.options.proof ? unreached.fewTries : 1;
      if (lease.tries < attempts)
        return repository.releaseClaim(
          job.id,
          slice.position,
          lease,
          now() + unreached.retryMs * lease.tries,
        );
    }
    const result = outcome.kind === 'written' ? outcome.result : await outcome.write();
    const done = await stored(() => repository.sliceDone(job.id, slice, lease, result, now()));
    // If the write was repeated, an earlier try may have marked the slice as done with this file, so keep the file.
    if (!done.result && !done.isRepeated)
      await files.remove(resultFile(job.id, slice.position, lease.number));
  }

  /**
   * Does `work`, and renews its lease as long as that takes. All renewals have ended when it resolves. A renewal that fails is
   * not repeated before the next one: if storage fails for long, the lease ends.
   */
  async function whileRenewing(
    jobId: string,
    position: number | null,
    lease: Lease,
    work: () => Promise<void>,
  ): Promise<void> {
    let timer: unknown;
    let renewed: Promise<void> | null = null;
    const renew = async () => {
      try {
        await repository.renew(jobId, position, lease, now());
      } catch (error) {
        if (storageFault(error) === null) ports.onError(error);
      }
      if (timer !== null) wait();
    };
    const wait = () => {
      timer = timers.setTimeout(() => {
        renewed = renew();
      }, renewMs);
    };
    wait();
    try {
      await work();
    } finally {
      timers.clearTimeout(timer);
      timer = null;
      await renewed;
    }
  }

  /**
   * Does one piece of work. If it fails, releases the claim, so the work is tried again later and this worker
   * can take other work.
   */
  async function attempt(
    jobId: string,
    position: number | null,
    lease: Lease,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      if (lease.tries > mostTries) await repository.fail(jobId, null, givenUp, now());
      else await whileRenewing(jobId, position, lease, work);
    } catch (error) {
      // Errors are expected if the job was deleted, because the deletion removes the files that this worker is
      // writing.
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
        await inJob(job.id, () => attempt(job.id, null, lease, () => readUpload(job, lease)));
        return true;
      }
      const open = await claim((at, lost) => repository.claimSlice(at, lost));
      if (open === null) {
        const { prober, proofTurnMs } = ports;
        return prober && proofTurnMs !== undefined ? proveSome(prober, proofTurnMs) : skipProof();
      }
      const { job, slice, lease } = open;
      await inJob(job.id, () => attempt(job.id, slice.position, lease, () => verify(job, slice, lease)));
      return true;
    },

    async proveOne(signal) {
      const { prober = null } = ports;
      if (prober === null || ports.proofTurnMs !== undefined || signal.aborted) return false;
      const open = await claim((at, lost) => repository.claimProof(at, lost));
      if (open === null) return false;
      const { job, lease } = open;
      await inJob(job.id, () => attempt(job.id, null, lease, () => prove(prober, job, lease, signal)));
      return true;
    },
  };
}
