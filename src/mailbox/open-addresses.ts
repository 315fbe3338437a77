// The addresses at one mail operator that are not settled yet: those to ask about, those that were accepted while it is not known
// whether their domain accepts every name, and those whose refusal is not confirmed.

import type { Mailbox } from '../address/mailbox.ts';
import { type MailboxProof, type RefusedCause, refusedCauses } from '../address/mailbox-proof.ts';
import type { Exchange } from '../domain/mail-host.ts';
import { DomainFindings } from './domain-findings.ts';
import { provenBy, refusalIn, retryAfterMs } from './keep-proof.ts';
import type { ProbeFinding } from './probe-finding.ts';
import type { StoredProof } from './probe-repository.ts';
import type { RefusedRecipient } from './refusals.ts';

export interface QueuedAddress {
  readonly mailbox: Mailbox;
  readonly addressHash: string;
  readonly domainHash: string;
  readonly exchanges: readonly Exchange[];
}

export interface Task extends QueuedAddress {
  attempts: number;
  dueAt: number;
  /** A process has asked before, and ended before it could keep the reply. */
  wasAsked: boolean;
}

/** A refused address that is settled by the answer to a control question. */
export interface Refused {
  readonly task: Task;
  readonly refusal: RefusedRecipient;
  readonly checkedAt: number;
  readonly dueAt: number;
  readonly expiresAt: number;
}

/** After this many sessions that ended at an address, or in which its refusal was not confirmed, the address is left. */
const maxAttempts = 3;

export class OpenAddresses {
  readonly domains = new DomainFindings();
  readonly #tasks = new Map<string, Task>();
  /** Accepted addresses that are not settled yet, because it is not known whether their domain accepts every name. */
  readonly #accepted = new Map<string, { task: Task; checkedAt: number }>();
  readonly #refused = new Map<string, Refused>();
  readonly #perSession: number;
  readonly #settled: (addressHash: string, finding: ProbeFinding) => void;

  /** `perSession`: number of RCPT commands in one session at most. */
  constructor(perSession: number, settle: (addressHash: string, finding: ProbeFinding) => void) {
    this.#perSession = perSession;
    this.#settled = settle;
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0 && this.#accepted.size === 0 && this.#refused.size === 0;
  }

  /** Whether the address is still to be asked about. */
  hasTask({ addressHash }: Task): boolean {
    return this.#tasks.has(addressHash);
  }

  /** When an unconfirmed refusal was heard, in epoch milliseconds. */
  refusedAt(addressHash: string): number | undefined {
    return this.#refused.get(addressHash)?.checkedAt;
  }

  /** Notes that a session ended at this address. After too many such sessions, the address is left. */
  endedAt(task: Task, proof: MailboxProof, now: number): void {
    if (++task.attempts > maxAttempts) this.leave(task, proof, now);
  }

  nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#tasks.values()) next = Math.min(next, dueAt);
    for (const { task } of this.#accepted.values())
      next = Math.min(next, this.domains.dueAt(task.mailbox.domain));
    for (const { dueAt, expiresAt } of this.#refused.values()) next = Math.min(next, dueAt, expiresAt);
    return next;
  }

  acceptedIn(domain: string | undefined): Task | undefined {
    for (const { task } of this.#accepted.values()) if (task.mailbox.domain === domain) return task;
    return undefined;
  }

  /**
   * Returns the questions for the next session: new addresses, or if there are none, addresses that are due again. The questions
   * are grouped by domain.
   */
  batch(now: number): { tasks: Task[]; controls: string[]; refused: Refused[] } {
    const due = [...this.#tasks.values()].filter(({ dueAt }) => dueAt <= now);
    const isNew = ({ attempts, wasAsked }: Task) => attempts === 0 && !wasAsked;
    const ready = due.some(isNew) ? due.filter(isNew) : due;
    const dueRefused = [...this.#refused.values()].filter(({ dueAt }) => dueAt <= now);
    // One session asks only about domains that have the same mail hosts.
    const next = ready[0] ?? dueRefused[0]?.task;
    const hosts = next === undefined ? null : hostsOf(next);
    const controls = new Set<string>();
    for (const { task } of this.#accepted.values()) {
      const { domain } = task.mailbox;
      if (this.domains.dueAt(domain) <= now && (hosts === null || hosts === hostsOf(task)))
        controls.add(domain);
      if (hosts === null && controls.size > 0) break;
    }
    const tasks = ready
      .filter((task) => hostsOf(task) === hosts)
      .slice(0, this.#perSession)
      .sort((a, b) => (a.mailbox.domain < b.mailbox.domain ? -1 : 1));
    const refused = dueRefused.filter(({ task }) => hostsOf(task) === hosts);
    return { tasks, controls: [...controls], refused };
  }

  /** Refusals that were not confirmed in time are asked about again. */
  expireRefused(now: number): void {
    for (const [addressHash, { task, expiresAt }] of this.#refused) {
      if (expiresAt > now) continue;
      this.#refused.delete(addressHash);
      const again: Task = { ...task, attempts: task.attempts + 1, dueAt: now };
      if (again.attempts <= maxAttempts) this.#tasks.set(addressHash, again);
      else this.leave(again, { kind: 'undetermined', cause: 'unconfirmed' }, now);
    }
  }

  /** Settles an address if the stored answers are enough. Otherwise keeps the address in the queue. */
  take(task: Task, proof: StoredProof | null): void {
    const { addressHash, mailbox } = task;
    const domain = this.domains.kindOf(mailbox.domain);
    if (proof === null || proof.finding === 'asked') {
      task.attempts = Math.max(task.attempts, proof?.attempts ?? 0);
      task.wasAsked ||= proof !== null;
      if (domain === 'catch_all') this.#settle(task, { kind: 'catch_all' }, null);
      else this.#tasks.set(addressHash, task);
      return;
    }
    const known = provenBy(proof, domain);
    const refusal = refusalIn(proof, mailbox);
    if (known !== null) this.#settle(task, known, proof.checkedAt);
    else if (refusal !== null && refusal.position <= this.#perSession) {
      const { checkedAt, retryAt, expiresAt } = proof;
      this.#tasks.delete(addressHash);
      this.#refused.set(addressHash, { task, refusal, checkedAt, dueAt: retryAt ?? 0, expiresAt });
    } else if (refusal !== null) this.#tasks.set(addressHash, task);
    else if (proof.finding === 'accepted') {
      this.#tasks.delete(addressHash);
      this.#refused.delete(addressHash);
      this.#accepted.set(addressHash, { task, checkedAt: proof.checkedAt });
    } else {
      this.#refused.delete(addressHash);
      task.attempts = proof.attempts;
      task.dueAt = proof.retryAt!;
      this.#tasks.set(addressHash, task);
    }
  }

  /**
   * Settles the accepted addresses whose domain is known now. In a domain that accepts every name, also settles all other
   * addresses: asking about them would prove nothing.
   */
  settleAccepted(): void {
    const proved = (task: Task): MailboxProof | null => {
      const domain = this.domains.kindOf(task.mailbox.domain);
      if (domain === 'selective') return { kind: 'exists' };
      if (domain === 'catch_all') return { kind: 'catch_all' };
      return domain === 'ambiguous' ? { kind: 'undetermined', cause: 'ambiguous' } : null;
    };
    for (const { task, checkedAt } of this.#accepted.values()) {
      const proof = proved(task);
      if (proof !== null) this.#settle(task, proof, checkedAt);
    }
    for (const task of [...this.#tasks.values(), ...[...this.#refused.values()].map(({ task }) => task)])
      if (this.domains.kindOf(task.mailbox.domain) === 'catch_all')
        this.#settle(task, { kind: 'catch_all' }, null);
  }

  #settle({ addressHash }: Task, proof: MailboxProof, checkedAt: number | null): void {
    this.#tasks.delete(addressHash);
    this.#accepted.delete(addressHash);
    this.#refused.delete(addressHash);
    this.#settled(addressHash, { proof, checkedAt, retryAt: null });
  }

  /** Nothing is proven, and nothing is kept. The caller may ask again later. */
  leave({ addressHash }: Task, proof: MailboxProof, now: number): void {
    this.#tasks.delete(addressHash);
    this.#settled(addressHash, { proof, checkedAt: null, retryAt: now + retryAfterMs.at(-1)! });
  }

  giveUp(cause: string, retryAt: number): void {
    const at = Number.isFinite(retryAt) ? retryAt : null;
    for (const [addressHash, { attempts }] of this.#tasks) {
      // `greylisted` is only right for an address that presend has asked about.
      const proof = unproven(cause === 'greylisted' && attempts === 0 ? 'resting' : cause);
      this.#settled(addressHash, { proof, checkedAt: null, retryAt: at });
    }
    for (const [addressHash, { checkedAt }] of [...this.#accepted, ...this.#refused])
      this.#settled(addressHash, { proof: unproven(cause), checkedAt, retryAt: at });
    this.#tasks.clear();
    this.#accepted.clear();
    this.#refused.clear();
  }
}

const hostsOf = ({ exchanges }: QueuedAddress): string => exchanges.map(({ host }) => host).join(' ');

const isRefusedCause = (cause: string): cause is RefusedCause =>
  (refusedCauses as readonly string[]).includes(cause);

/**
 * `cause`: why a host refused us, or why nothing is proven. `mostly_unknown`: the host rests, because it answered "no such
 * mailbox" too often.
 */
function unproven(cause: string): MailboxProof {
  if (isRefusedCause(cause)) return { kind: 'refused_us', cause };
  if (cause === 'mostly_unknown') return { kind: 'undetermined', cause: 'resting' };
  return { kind: 'undetermined', cause: cause as 'greylisted' };
}
