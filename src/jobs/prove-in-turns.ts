// Asks mail hosts about a list in turns of some seconds, where no process can go on for hours: on Workers, whose prober is another
// presend (PROBE_URL). Each turn is about one slice. What a host has not said yet is asked in a later turn.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailboxProof } from '../address/mailbox-proof.ts';
import { readMailbox } from '../address/nonstandard-names.ts';
import { addressesToAsk, answeredSince } from '../lists/addresses-to-ask.ts';
import { dueRows } from '../lists/clean-slice.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { FileStore } from '../storage/files/file-store.ts';
import type { KnownDomains } from '../validator/known-domains.ts';
import type { Proofs, Validator } from '../validator/validate.ts';
import type { Job, Lease, ProofProgress, Slice, SliceTurns } from './job.ts';
import { sliceProofsFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { longestProofMs, type ProveOutcome } from './prove-list.ts';
import { rowsOfSlice } from './run-slice.ts';

export interface ProveTurnPorts {
  readonly repository: Pick<JobRepository, 'slices' | 'proofTurn' | 'proofDone'>;
  readonly files: FileStore;
  readonly validator: Validator;
  readonly prober: Prober;
  readonly now: () => number;
  /** Milliseconds for which one turn asks. */
  readonly turnMs: number;
  readonly resolversAnswer: () => Promise<boolean>;
}

/** What is known about one address. `retryAt`: when to ask again; null if its answer is final. */
interface TurnFinding {
  readonly proof: MailboxProof;
  readonly checkedAt: number | null;
  readonly retryAt: number | null;
}

type Findings = Map<string, TurnFinding>;

/** The least time until the next turn of a slice, in milliseconds. */
const leastTurnMs = 5000;

/** A finding about an address that was not asked about yet. */
const unasked: TurnFinding = {
  proof: { kind: 'undetermined', cause: 'resting' },
  checkedAt: null,
  retryAt: 0,
};

/**
 * Does one turn: asks about the slice whose turn is due, and stores what was found and when its next turn is due. A turn that is broken
 * off is done again, and asks nobody whose answer was stored.
 */
export async function proveTurn(
  ports: ProveTurnPorts,
  job: Job,
  lease: Lease,
  domains: KnownDomains,
): Promise<ProveOutcome> {
  const { repository, files, now } = ports;
  const slices = await repository.slices(job.id);
  const since = job.proof?.since ?? now();
  const turns = [...(job.proof?.turns ?? slices.map((): SliceTurns => ({ at: 0, all: 0, settled: 0 })))];
  const until = since + longestProofMs;
  const turn = nextTurn(turns);
  if (turn !== null && turn.at <= now() && now() < until) {
    const { position } = turn;
    const findings =
      (await findingsOf(files, job.id, position)) ??
      (await mailboxesOf(ports, job, slices[position]!, { domains, since }));
    if (findings === null) return 'no_dns';
    await ask(ports, findings, Math.min(now() + ports.turnMs, until));
    await files.put(sliceProofsFile(job.id, position), linesOf(findings));
    const settled = [...findings.values()].filter(({ retryAt }) => retryAt === null).length;
    turns[position] = { at: nextOf(findings, now()), all: findings.size, settled };
  }
  const sum = (of: 'all' | 'settled') => turns.reduce((total, slice) => total + slice[of], 0);
  const progress: ProofProgress = { all: sum('all'), settled: sum('settled'), since, turns };
  const next = nextTurn(turns);
  const isStored =
    next === null || now() >= until
      ? await repository.proofDone(job.id, lease, progress, now())
      : await repository.proofTurn(job.id, lease, progress, next.at, now());
  return isStored ? 'done' : 'stopped';
}

/** The slice whose turn comes next; null if all are settled. */
function nextTurn(turns: readonly SliceTurns[]): { position: number; at: number } | null {
  let next: { position: number; at: number } | null = null;
  for (const [position, { at }] of turns.entries())
    if (at !== null && (next === null || at < next.at)) next = { position, at };
  return next;
}

function nextOf(findings: Findings, now: number): number | null {
  let next: number | null = null;
  for (const { retryAt } of findings.values())
    if (retryAt !== null && (next === null || retryAt < next)) next = retryAt;
  return next === null ? null : Math.max(next, now + leastTurnMs);
}

/** Asks about those addresses that are due. Changes `findings`. */
async function ask({ prober, now }: ProveTurnPorts, findings: Findings, until: number): Promise<void> {
  const due: Mailbox[] = [];
  for (const [address, { retryAt }] of findings) {
    const parsed = readMailbox(address);
    if (parsed.ok && retryAt !== null && retryAt <= now()) due.push(parsed.mailbox);
  }
  if (due.length === 0) return;
  const found = await prober.probe(due, { until, forList: true });
  for (const [address, { proof, checkedAt, retryAt }] of found)
    findings.set(address, { proof, checkedAt, retryAt });
}

/** The mailboxes of a slice that are worth asking about. Null if no resolver answers. */
async function mailboxesOf(
  { files, validator, resolversAnswer }: ProveTurnPorts,
  job: Job,
  slice: Slice,
  { domains, since }: { readonly domains: KnownDomains; readonly since: number },
): Promise<Findings | null> {
  const { shape, rows } = await rowsOfSlice(files, job, slice);
  const { maxAgeDays, question } = job.options;
  const { due } = dueRows(rows, shape, { asOf: job.createdAt, maxAgeDays });
  const judged = await validator.judgeList(due, { asOf: job.createdAt, domains, question });
  if (judged.unreached.size > 0 && !(await resolversAnswer())) return null;
  const open = [...addressesToAsk(judged), ...answeredSince(judged, since)];
  return new Map(open.map(({ address }) => [address, unasked]));
}

const encoder = new TextEncoder();

async function* linesOf(findings: Findings) {
  for (const entry of findings) yield encoder.encode(`${JSON.stringify(entry)}\n`);
}

/** Null if no turn of the slice has ended. */
async function findingsOf(files: FileStore, jobId: string, position: number): Promise<Findings | null> {
  const file = await files.get(sliceProofsFile(jobId, position));
  if (file === null) return null;
  const lines = (await new Response(file).text()).split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => JSON.parse(line) as [string, TurnFinding]));
}

/** Reads what mail hosts said about the mailboxes of a slice. */
export async function readSliceProofs(files: FileStore, jobId: string, position: number): Promise<Proofs> {
  const findings = (await findingsOf(files, jobId, position)) ?? new Map();
  const proofs = [...findings].map(
    ([address, { proof, checkedAt }]: [string, TurnFinding]) =>
      [address, { proof, basis: 'smtp', checkedAt }] as const,
  );
  return new Map(proofs);
}
