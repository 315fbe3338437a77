// The job service. A job verifies an uploaded list. Callers submit, watch and delete jobs; the job runner does their work.

import type { Timers } from '../clock.ts';
import type { EngagementLookup } from '../events/engagement-lookup.ts';
import type { GoalOutcome } from '../lists/goal.ts';
import type { PreviewOutcome } from '../lists/preview.ts';
import type { ListSummary } from '../lists/summary.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Validator } from '../validator/validate.ts';
import type { ListProfile } from '../verdict/decay.ts';
import {
  type CallbackNames,
  type CallbackTargets,
  readCallbackUrl,
  refusalSentences,
} from '../webhooks/callback-target.ts';
import type { WebhookTransport } from '../webhooks/delivery.ts';
import { dueWhenKept, mayBeKept } from './due.ts';
import type { CallbackState, Change, Job, JobOptions } from './job.ts';
import type { JobRepository } from './job-repository.ts';
import { createJobWorker } from './job-worker.ts';
import { deleteJob, maintain } from './maintain.ts';
import { goalsOfJob, type JobProgress, progressOf, summaryOfJob } from './progress.ts';
import type { ResultOptions, SuggestedCorrection } from './render-result.ts';
import type { SliceLimits } from './slice-limits.ts';
import {
  type Digest,
  jobOptionsOf,
  type Submission,
  type SubmitFields,
  submitList,
  type Upload,
} from './submit.ts';

export interface JobsPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly validator: Validator;
  /** Looks up when people last opened, clicked or replied. */
  readonly engagement?: EngagementLookup;
  readonly now: () => number;
  /** The timers for renewals of leases; those of the runtime if absent. */
  readonly timers?: Omit<Timers, 'now'>;
  /** Asks mail hosts about lists. Null or absent: lists cannot ask for it. */
  readonly prober?: Prober | null;
  /** As `JobWorkerPorts.proofTurnMs`. */
  readonly proofTurnMs?: number;
  readonly newDigest: () => Digest;
  readonly limits: SliceLimits;
  /**
   * Whether later slices of a job reuse what earlier slices found out about domains (from DNS). False on Workers, to
   * save memory.
   */
  readonly keepDomains: boolean;
  readonly maxKept?: number;
  readonly maxUploadBytes: number;
  readonly retentionMs: number;
  readonly keptListMs: number;
  readonly listProfile?: ListProfile | null;
  readonly callback: {
    readonly names: CallbackNames;
    readonly targets: CallbackTargets;
    readonly transport: WebhookTransport;
    /** The secret that signs callbacks. If null, callbacks are off. */
    readonly secret: Uint8Array<ArrayBuffer> | null;
  };
  readonly resolversAnswer: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  readonly onOutage: (restMs: number) => void;
  /** Runs work on a job, so that the log names the job. */
  readonly inJob?: <T>(jobId: string, work: () => Promise<T>) => Promise<T>;
  /** Wakes the job runner. Called when there may be work. */
  readonly wake: () => void | Promise<void>;
}

export interface Jobs {
  submit<Mistake>(upload: Upload<Mistake>): Promise<Submission<Mistake>>;
  /** Why this URL is not accepted for a callback, in one sentence; null if it is accepted. */
  refusalOfCallback(url: string): string | null;
  /** Reads the first rows of the list of a draft (see `isDraft`), with its own options or with others. */
  preview(draft: Job, options?: JobOptions): Promise<PreviewOutcome>;
  /** Changes the parameters of a draft. False if it is not a draft any longer. */
  configure(draft: Job, fields: SubmitFields): Promise<boolean>;
  /** Verifies a random sample of the list of a draft as a job of its own. Resolves to the id of the job; null if it is not a draft. */
  sample(draft: Job, rows: number): Promise<string | null>;
  /** Why no list can ask mail hosts, in a phrase; null if lists can. */
  refusalOfProof(): string | null;
  find(id: string): Promise<Job | null>;
  list(before: { createdAt: number; id: string } | null, limit: number): Promise<Job[]>;
  progress(job: Job): Promise<JobProgress>;
  /** Resolves to the summary of the list, with a forecast of its bounces; null until the job is completed. */
  summary(job: Job): Promise<ListSummary | null>;
  /** What each goal leads to, if only rows with the action `accept` are mailed; null if that is not known. */
  goals(job: Job, rates: readonly number[]): Promise<readonly GoalOutcome[] | null>;
  /** The first suggested corrections of addresses in the result. `job.layout` must not be null. */
  suggestions(job: Job, limit: number): Promise<readonly SuggestedCorrection[]>;
  changes(job: Job): Promise<readonly Change[]>;
  callbackState(job: Job): Promise<CallbackState | null>;
  /**
   * Yields the result as a file. `job.layout` must not be null: the result has the columns of the uploaded file, which
   * a worker must have read.
   */
  result(job: Job, options: ResultOptions): AsyncGenerator<Bytes>;
  /** Yields the records that cannot be read, as CSV. `job.layout` must not be null. */
  rejects(job: Job): AsyncGenerator<Bytes>;
  /** False if the job's state does not allow it. */
  setPaused(id: string, paused: boolean): Promise<boolean>;
  cancel(id: string): Promise<boolean>;
  /** Keeps a verified list and verifies it again when its verdicts expire, or no longer. False if that is not possible (see `mayBeKept`). */
  keep(job: Job, isKept: boolean): Promise<boolean>;
  /** The job that verified the list again; null if there is none. */
  follower(job: Job): Promise<Job | null>;
  remove(id: string): Promise<boolean>;

  /** Does one unit of work, such as verifying a slice. The job runner calls it. Resolves to false if there is no work. */
  doOne(): Promise<boolean>;
  /** Asks mail hosts about the list of one job (see `JobWorker.proveOne`). */
  proveOne(signal: AbortSignal): Promise<boolean>;
  maintain(): Promise<void>;
  workload(): Promise<{ readonly leased: number; readonly open: boolean }>;
  /** Ends the leases of processes that no longer run. The job runner calls it at its start (see `JobLeases.endAllLeases`). */
  endAllLeases(): Promise<void>;
}

export function createJobs(ports: JobsPorts): Jobs {
  const { repository, files, now, wake } = ports;
  const optionsOf = ({ options: { format } }: Job, fields: SubmitFields) =>
    jobOptionsOf(fields, { format, listProfile: ports.listProfile ?? null });
  const worker = createJobWorker({ ...ports, callbacks: { repository, now, ...ports.callback } });

  return {
    async submit(upload) {
      const submission = await submitList(ports, upload);
      if (submission.kind === 'created' && !upload.isDraft) await wake();
      return submission;
    },
    async preview(draft, options = draft.options) {
      const { previewDraft } = await import('./draft.ts');
      return previewDraft(files, draft, options, ports.limits.workbook);
    },
    configure: (draft, fields) =>
      repository.configure(
        draft.id,
        {
          name: fields.name,
          options: optionsOf(draft, fields),
          keptUntil: fields.keep ? now() + ports.keptListMs : null,
        },
        now(),
      ),
    async sample(draft, rows) {
      const { sampleDraft } = await import('./draft.ts');
      const id = await sampleDraft({ repository, files, now }, draft, rows);
      if (id !== null) await wake();
      return id;
    },
    refusalOfCallback(url) {
      const { secret, targets, names } = ports.callback;
      if (secret === null)
        return 'is not accepted, because the service has no CALLBACK_SECRET to sign webhooks';
      const read = readCallbackUrl(url, targets, names);
      return typeof read === 'string' ? refusalSentences[read] : null;
    },
    refusalOfProof: () =>
      ports.prober
        ? null
        : 'is not accepted, because this service is not set up to ask mail hosts: see docs/mailbox-proof.md',
    find: (id) => repository.job(id),
    list: (before, limit) => repository.list(before, limit),
    progress: (job) => progressOf(repository, job, now()),
    summary: (job) => summaryOfJob(repository, job),
    goals: (job, rates) => goalsOfJob(repository, job, rates),
    async suggestions(job, limit) {
      const { firstSuggestions } = await import('./render-result.ts');
      return firstSuggestions({ repository, files }, job, limit);
    },
    changes: (job) => repository.changes(job.id),
    callbackState: (job) => repository.callbackState(job.id),
    async *result(job, options) {
      const { renderResult } = await import('./render-result.ts');
      yield* renderResult({ repository, files }, job, options);
    },
    async *rejects(job) {
      const { renderRejects } = await import('./render-rejects.ts');
      yield* renderRejects(files, job);
    },
    async setPaused(id, paused) {
      const done = await repository.setPaused(id, paused, now());
      if (done && !paused) await wake();
      return done;
    },
    cancel: (id) => repository.cancel(id, now()),
    async keep(job, isKept) {
      if (!isKept) return repository.keep(job.id, null, now());
      if (!mayBeKept(job)) return false;
      const hasUnknown = ((await summaryOfJob(repository, job))?.results.unknown ?? 0) > 0;
      const kept = { keptUntil: now() + ports.keptListMs, dueAt: dueWhenKept(job, hasUnknown, now()) };
      return repository.keep(job.id, kept, now());
    },
    follower: ({ id }) => repository.follower(id),
    remove: (id) => deleteJob(ports, id),

    doOne: () => worker.doOne(),
    proveOne: (signal) => worker.proveOne(signal),
    async maintain() {
      await maintain(ports);
      await wake();
    },
    workload: () => repository.workload(now()),
    endAllLeases: () => repository.endAllLeases(now()),
  };
}
