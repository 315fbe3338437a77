// Asks mail hosts about the mailboxes of a whole list, before its slices are verified: so the addresses of all slices are grouped by
// host, each host has its pause while others are asked, and greylisted addresses come last.

import type { Mailbox } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import type { Timers } from '../clock.ts';
import { dayMs } from '../durations.ts';
import { addressesToAsk, answeredSince } from '../lists/addresses-to-ask.ts';
import { dueRows } from '../lists/clean-slice.ts';
import type { ProbeFinding } from '../mailbox/probe-finding.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { KnownDomains } from '../validator/known-domains.ts';
import type { Proofs, Validator } from '../validator/validate.ts';
import type { Job, Lease, ProofProgress } from './job.ts';
import { proofsFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { rowsOfSlice } from './run-slice.ts';

export interface ProveListPorts {
  readonly repository: Pick<JobRepository, 'slices' | 'proofProgress' | 'proofDone'>;
  readonly files: FileStore;
  readonly validator: Validator;
  readonly prober: Prober;
  readonly timers: Timers;
  /** Whether at least one DNS resolver answers at the moment. */
  readonly resolversAnswer: () => Promise<boolean>;
}

/** Why the work ended: it is done, it must stop (the job is paused or has ended), or no resolver answers. */
export type ProveOutcome = 'done' | 'stopped' | 'no_dns';

/**
 * Milliseconds for which the mail hosts of a list are asked, from the first question on. A host is asked about some hundred recipients
 * a day, so a list with more of them at one host would take many days. What is not known by then stays unproven.
 */
export const longestProofMs = dayMs;

/** Maximum number of addresses of one job that hosts are asked about; they are held in memory. */
const mostAsked = 200_000;

/** Milliseconds between two reports of the progress, and between two looks whether the work must stop. */
const reportEveryMs = 2000;

/** `signal` aborts when the process stops. What was asked is kept, so the next call asks nobody twice. */
export async function proveList(
  ports: ProveListPorts,
  job: Job,
  lease: Lease,
  domains: KnownDomains,
  signal: AbortSignal,
): Promise<ProveOutcome> {
  const { repository, files, prober, timers } = ports;
  const since = job.proof?.since ?? timers.now();
  const open = await mailboxesOf(ports, job, domains, since);
  if (open === null) return 'no_dns';
  const { mailboxes } = open;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  // The answers that are kept are settled again, which is no progress. But of a process that was killed, they tell how far it came.
  const before = Math.max(job.proof?.settled ?? 0, open.answered);
  let progress: ProofProgress = { all: mailboxes.length, settled: before, since };
  let timer: unknown;
  let reporting: Promise<void> = Promise.resolve();
  const report = async () => {
    const isOurs = await repository.proofProgress(job.id, lease, progress, timers.now()).catch(() => true);
    if (!isOurs) stop.abort();
    else timer = timers.setTimeout(next, reportEveryMs);
  };
  const next = () => {
    reporting = report();
  };
  next();
  let found: ReadonlyMap<string, ProbeFinding>;
  try {
    found = await prober.probe(mailboxes, {
      until: since + longestProofMs,
      forList: true,
      signal: stopped,
      onProgress(settled, all) {
        progress = { all, settled: Math.max(settled, before), since };
      },
    });
  } finally {
    await reporting;
    timers.clearTimeout(timer);
  }
  if (stopped.aborted) return 'stopped';
  await files.put(proofsFile(job.id), linesOf(mailboxes, found));
  const settled = [...found.values()].filter(({ retryAt }) => retryAt === null).length;
  const done = { all: mailboxes.length, settled, since };
  return (await repository.proofDone(job.id, lease, done, timers.now())) ? 'done' : 'stopped';
}

interface OpenMailboxes {
  readonly mailboxes: readonly Mailbox[];
  /** About how many of them an earlier process has asked, with an answer. */
  readonly answered: number;
}

/** The mailboxes of all slices, each once. Null if no resolver answers. */
async function mailboxesOf(
  { repository, files, validator, resolversAnswer }: ProveListPorts,
  job: Job,
  domains: KnownDomains,
  since: number,
): Promise<OpenMailboxes | null> {
  const answered = new Set<string>();
  const mailboxes = new Map<string, Mailbox>();
  for (const slice of await repository.slices(job.id)) {
    const { shape, rows } = await rowsOfSlice(files, job, slice);
    const { maxAgeDays, question } = job.options;
    const { due } = dueRows(rows, shape, { asOf: job.createdAt, maxAgeDays });
    const judged = await validator.judgeList(due, { asOf: job.createdAt, domains, question });
    if (judged.unreached.size > 0 && !(await resolversAnswer())) return null;
    for (const mailbox of addressesToAsk(judged)) mailboxes.set(mailbox.address, mailbox);
    for (const mailbox of answeredSince(judged, since)) {
      mailboxes.set(mailbox.address, mailbox);
      answered.add(mailbox.address);
    }
    if (mailboxes.size >= mostAsked) break;
  }
  return { mailboxes: [...mailboxes.values()].slice(0, mostAsked), answered: answered.size };
}

const encoder = new TextEncoder();

async function* linesOf(
  mailboxes: readonly Mailbox[],
  found: ReadonlyMap<string, ProbeFinding>,
): AsyncGenerator<Bytes> {
  for (const { address } of mailboxes) {
    const { proof, checkedAt } = found.get(address)!;
    const known: KnownProof = { proof, basis: 'smtp', checkedAt };
    yield encoder.encode(`${JSON.stringify([address, known])}\n`);
  }
}

/** Reads what mail hosts said about the list of a job. Empty if they were not asked, because the service has no prober any longer. */
export async function readProofs(files: FileStore, jobId: string): Promise<Proofs> {
  const file = await files.get(proofsFile(jobId));
  const text = file === null ? '' : await new Response(file).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as [string, KnownProof]),
  );
}
