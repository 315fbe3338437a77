// The queue of addresses at one mail operator. Asks the operator's hosts about them in sessions, one session at a time, and about
// greylisted addresses last.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailboxProof, RefusedCause } from '../address/mailbox-proof.ts';
import type { Exchange } from '../domain/mail-host.ts';
import { DomainFindings } from './domain-findings.ts';
import { provenBy, refusalIn, restMs, retryAfterMs } from './keep-proof.ts';
import { mailTargets, type TargetOptions } from './mail-targets.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { ProbeRepository, SessionGrant, StoredDomain, StoredProof } from './probe-repository.ts';
import type { RefusedRecipient } from './refusals.ts';
import { storedFindings, storedNews, storedRefusals } from './session-answers.ts';
import { type SessionOptions, sessionTimes } from './smtp-session.ts';
import { type Visit, visitHost } from './visit-host.ts';

export interface ProbeFinding {
  readonly proof: MailboxProof;
  /** When a host was asked, in epoch milliseconds; null if none was. */
  readonly checkedAt: number | null;
  /** When to ask again, in epoch milliseconds; null if the proof is final for now. */
  readonly retryAt: number | null;
}

export interface QueuedAddress {
  readonly mailbox: Mailbox;
  readonly addressHash: string;
  readonly domainHash: string;
  readonly exchanges: readonly Exchange[];
}

export interface HostQueueOptions {
  readonly session: SessionOptions;
  readonly targets: TargetOptions;
  readonly repository: ProbeRepository;
  readonly keyId: string;
  readonly newSessionName: () => string;
  /** Waits until `instant` (epoch milliseconds), or until the work is stopped. */
  readonly sleepUntil: (instant: number) => Promise<void>;
  /** Waits for a free place and then runs a session, so not too many sessions run at once. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Epoch milliseconds after which no session begins. */
  readonly until: number;
  readonly isStopped: () => boolean;
  readonly settle: (addressHash: string, finding: ProbeFinding) => void;
  readonly onRefused: (host: string, cause: RefusedCause) => void;
}

interface Task extends QueuedAddress {
  attempts: number;
  dueAt: number;
  /** A process has asked before, and ended before it could keep the reply. */
  wasAsked: boolean;
}

/** A refused address that is settled by the answer to a control question. */
interface Refused {
  readonly task: Task;
  readonly refusal: RefusedRecipient;
  readonly checkedAt: number;
  readonly dueAt: number;
  readonly expiresAt: number;
}

/** After this many sessions in a row in which a host refused us or could not be reached, this call asks the host nothing more. */
const maxFailures = 3;
/** Milliseconds that a lease of a session lasts longer than the session may take, for the other work of the process. */
const leaseSlackMs = 120_000;
/** Minimum number of RCPT commands for which a session is opened: one question and two control questions. */
const leastCommands = 3;

export class HostQueue {
  readonly #host: string;
  readonly #hostHash: string;
  readonly #policy: MailboxPolicy;
  readonly #options: HostQueueOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #domains = new DomainFindings();
  /** Accepted addresses that are not settled yet, because it is not known whether their domain accepts every name. */
  readonly #accepted = new Map<string, { task: Task; checkedAt: number }>();
  readonly #refused = new Map<string, Refused>();
  #failures = 0;

  constructor(host: string, hostHash: string, policy: MailboxPolicy, options: HostQueueOptions) {
    this.#host = host;
    this.#hostHash = hostHash;
    this.#policy = policy;
    this.#options = options;
  }

  /**
   * Adds an address, with the stored answers about the address and its domain. If these are enough, the address is settled at
   * once.
   */
  add(address: QueuedAddress, proof: StoredProof | null, domain: StoredDomain | null): void {
    this.#domains.add(address.mailbox.domain, address.domainHash, domain);
    this.#take({ ...address, attempts: 0, dueAt: 0, wasAsked: false }, proof);
  }

  async run(): Promise<void> {
    const { until, isStopped, sleepUntil, inTurn } = this.#options;
    for (;;) {
      if (this.#tasks.size === 0 && this.#accepted.size === 0 && this.#refused.size === 0) return;
      const now = this.#now();
      const next = this.#nextDue();
      if (isStopped() || now >= until || next >= until) {
        this.#giveUp('greylisted', next);
        return;
      }
      if (next > now) {
        await sleepUntil(next);
        continue;
      }
      const grant = await inTurn(() => this.#holdSession());
      if (grant === null) continue;
      if (grant === 'over') return;
      if (grant.notBefore >= until || isStopped()) {
        this.#giveUp(grant.cause ?? 'resting', grant.notBefore);
        return;
      }
      await sleepUntil(grant.notBefore);
    }
  }

  #now(): number {
    return this.#options.session.timers.now();
  }

  #nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#tasks.values()) next = Math.min(next, dueAt);
    for (const { task } of this.#accepted.values())
      next = Math.min(next, this.#domains.dueAt(task.mailbox.domain));
    for (const { dueAt, expiresAt } of this.#refused.values()) next = Math.min(next, dueAt, expiresAt);
    return next;
  }

  /**
   * Holds one session. Returns null if another one may follow, `over` if none may, or the time of the next attempt if the host
   * may not be asked now.
   */
  async #holdSession(): Promise<null | 'over' | (SessionGrant & { kind: 'later' })> {
    const { repository, keyId, newSessionName, session } = this.#options;
    const times = session.times ?? sessionTimes;
    this.#expireRefused();
    const { policy, tasks, controls, refused } = this.#batch();
    const name = newSessionName();
    // So many commands may be needed before an acceptance confirms the refusals.
    const furthest = Math.max(0, ...refused.map(({ refusal }) => refusal.position));
    const grant = await repository.begin(keyId, {
      hostHash: this.#hostHash,
      session: name,
      now: this.#now(),
      leaseMs: times.sessionMs + 4 * times.connectMs + leaseSlackMs,
      wanted: Math.min(
        policy.perSession,
        Math.max(
          leastCommands,
          furthest,
          tasks.length + controls.length + refused.length + leastCommands - 1,
        ),
      ),
      least: tasks.length > 0 ? leastCommands : Math.max(leastCommands, furthest),
      perHour: policy.perHour,
      perDay: policy.perDay,
    });
    if (grant.kind === 'later') return grant;
    const fresh = await this.#stillOpen(tasks);
    if (fresh.length === 0 && controls.length === 0 && refused.length === 0) {
      await this.#record(name, [], nothingAsked, grant.refusals, new Map());
      return null;
    }
    const exchanges = (fresh[0] ?? this.#acceptedIn(controls[0]) ?? refused[0]?.task)?.exchanges ?? [];
    const asked = [...fresh, ...refused.map(({ task }) => task)];
    const targets = await mailTargets(exchanges, this.#options.targets);
    const storedDomains = new Map<string, StoredDomain>();
    const visit = await visitHost(
      session,
      {
        targets,
        policy,
        mailboxes: fresh.map(({ mailbox }) => mailbox),
        controls,
        refusals: refused.map(({ refusal }) => refusal),
        domains: this.#domains.all,
        budget: grant.granted,
        keep: (news) =>
          repository.keep(
            keyId,
            {
              proofs: storedNews(asked, news, policy.probe, this.#now()),
              domains: this.#domains.toStore(news.domains, storedDomains, this.#now()),
            },
            { hostHash: this.#hostHash, session: name, asked: news.asked },
          ),
      },
      this.#options.targets.random,
    );
    return (await this.#record(name, asked, visit, grant.refusals, storedDomains)) ? 'over' : null;
  }

  #acceptedIn(domain: string | undefined): Task | undefined {
    for (const { task } of this.#accepted.values()) if (task.mailbox.domain === domain) return task;
    return undefined;
  }

  /**
   * Returns the questions for the next session: new addresses, or if there are none, addresses that are due again. The questions
   * are grouped by domain.
   */
  #batch(): { policy: MailboxPolicy; tasks: Task[]; controls: string[]; refused: Refused[] } {
    const now = this.#now();
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
      if (this.#domains.dueAt(domain) <= now && (hosts === null || hosts === hostsOf(task)))
        controls.add(domain);
      if (hosts === null && controls.size > 0) break;
    }
    const tasks = ready
      .filter((task) => hostsOf(task) === hosts)
      .slice(0, this.#policy.perSession)
      .sort((a, b) => (a.mailbox.domain < b.mailbox.domain ? -1 : 1));
    const refused = dueRefused.filter(({ task }) => hostsOf(task) === hosts);
    return { policy: this.#policy, tasks, controls: [...controls], refused };
  }

  /** Returns the tasks that still need a question, because another process may have asked about some of them in the meantime. */
  async #stillOpen(tasks: readonly Task[]): Promise<Task[]> {
    const { repository, keyId } = this.#options;
    const now = this.#now();
    const [proofs, domains] = await Promise.all([
      repository.proofs(
        keyId,
        tasks.map(({ addressHash }) => addressHash),
        now,
      ),
      repository.domains(keyId, [...new Set(tasks.map(({ domainHash }) => domainHash))], now),
    ]);
    for (const task of tasks)
      for (const domain of domains)
        if (domain.domainHash === task.domainHash) this.#domains.learn(task.mailbox.domain, domain);
    const known = new Map(proofs.map((proof) => [proof.addressHash, proof]));
    return tasks.filter((task) => {
      const proof = known.get(task.addressHash) ?? null;
      const isDueAgain = proof?.retryAt != null && proof.attempts === task.attempts;
      if (proof === null || isDueAgain) return true;
      this.#take(task, proof);
      return this.#tasks.has(task.addressHash) && task.dueAt <= now;
    });
  }

  /** OpenRefusals that were not confirmed in time are asked about again. */
  #expireRefused(): void {
    const now = this.#now();
    for (const [addressHash, { task, expiresAt }] of this.#refused) {
      if (expiresAt > now) continue;
      this.#refused.delete(addressHash);
      const again: Task = { ...task, attempts: task.attempts + 1, dueAt: now };
      if (again.attempts <= maxFailures) this.#tasks.set(addressHash, again);
      else this.#leave(again, { kind: 'undetermined', cause: 'unconfirmed' }, now);
    }
  }

  /** Keeps what a session found. Returns whether the host is left alone from now on. */
  async #record(
    name: string,
    tasks: readonly Task[],
    visit: Visit,
    refusals: number,
    storedDomains: Map<string, StoredDomain>,
  ): Promise<boolean> {
    const { repository, keyId, onRefused } = this.#options;
    const now = this.#now();
    const { probe } = this.#policy;
    const proofs = [
      ...storedFindings(tasks, visit.findings, probe, now),
      ...storedRefusals(tasks, visit.refusals, probe, (hash) => this.#refused.get(hash)?.checkedAt, now),
    ];
    // Replies of a session that ended out of step may belong to other commands, so what was kept of it about domains expires now.
    // Its addresses are kept again below, as unproven.
    const withdrawn = [...storedDomains]
      .filter(([domain]) => !visit.domains.has(domain))
      .map(([, domain]) => ({ ...domain, expiresAt: now }));
    const domains = [...this.#domains.toStore(visit.domains, storedDomains, now), ...withdrawn];
    for (const domain of visit.domains.keys()) this.#domains.learn(domain, storedDomains.get(domain)!);
    // A host that answered before it refused wants fewer questions, not silence.
    const before = visit.answered > 0 || visit.findings.size > 0 ? 0 : refusals;
    const refused = visit.refused && { cause: visit.refused, restUntil: now + restMs(before) };
    await repository.end(keyId, {
      hostHash: this.#hostHash,
      session: name,
      now,
      asked: visit.asked,
      answered: visit.answered,
      unknown: visit.unknown,
      refused,
      nextAt: now + this.#policy.betweenMs,
      proofs: proofs.map(([, proof]) => proof),
      domains,
    });
    for (const [task, proof] of proofs) this.#take(task, proof);
    this.#settleAccepted();
    if (visit.refused !== null) onRefused(this.#host, visit.refused);
    return this.#fails(tasks, visit, now);
  }

  /** Counts sessions in a row without a result. Returns true, and gives up, after `maxFailures` of them. */
  #fails(tasks: readonly Task[], visit: Visit, now: number): boolean {
    if (visit === nothingAsked) return false;
    // The address at which the session ended is asked about after all others, and not for ever.
    const { ended } = visit;
    const isAbout = ended?.kind === 'undetermined' || (ended?.kind === 'refused_us' && visit.asked > 0);
    const isOpen = (task: Task) =>
      !visit.findings.has(task.mailbox.address) && this.#tasks.has(task.addressHash);
    const stuck = isAbout && tasks.find(isOpen);
    if (stuck && ++stuck.attempts > maxFailures) this.#leave(stuck, ended, now);
    if (visit.answered > 0 || visit.findings.size > 0 || visit.domains.size > 0) {
      this.#failures = 0;
      if (visit.refused === null) return false;
    }
    this.#failures++;
    if (this.#failures >= maxFailures) {
      this.#giveUp(
        ended !== null && 'cause' in ended ? ended.cause : 'greylisted',
        now + retryAfterMs.at(-1)!,
      );
      return true;
    }
    if (visit.refused === null) {
      const wait = now + retryAfterMs[this.#failures - 1]!;
      for (const task of tasks) if (isOpen(task)) task.dueAt = wait;
      this.#domains.postpone(wait);
    }
    return false;
  }

  /** Settles an address if the stored answers are enough. Otherwise keeps the address in the queue. */
  #take(task: Task, proof: StoredProof | null): void {
    const { addressHash, mailbox } = task;
    const domain = this.#domains.kindOf(mailbox.domain);
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
    else if (refusal !== null && refusal.position <= this.#policy.perSession) {
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
  #settleAccepted(): void {
    const proved = (task: Task): MailboxProof | null => {
      const domain = this.#domains.kindOf(task.mailbox.domain);
      if (domain === 'selective') return { kind: 'exists' };
      if (domain === 'catch_all') return { kind: 'catch_all' };
      return domain === 'ambiguous' ? { kind: 'undetermined', cause: 'ambiguous' } : null;
    };
    for (const { task, checkedAt } of this.#accepted.values()) {
      const proof = proved(task);
      if (proof !== null) this.#settle(task, proof, checkedAt);
    }
    for (const task of [...this.#tasks.values(), ...[...this.#refused.values()].map(({ task }) => task)])
      if (this.#domains.kindOf(task.mailbox.domain) === 'catch_all')
        this.#settle(task, { kind: 'catch_all' }, null);
  }

  #settle({ addressHash }: Task, proof: MailboxProof, checkedAt: number | null): void {
    this.#tasks.delete(addressHash);
    this.#accepted.delete(addressHash);
    this.#refused.delete(addressHash);
    this.#options.settle(addressHash, { proof, checkedAt, retryAt: null });
  }

  /** Nothing is proven, and nothing is kept. The caller may ask again later. */
  #leave({ addressHash }: Task, proof: MailboxProof, now: number): void {
    this.#tasks.delete(addressHash);
    this.#options.settle(addressHash, { proof, checkedAt: null, retryAt: now + retryAfterMs.at(-1)! });
  }

  #giveUp(cause: string, retryAt: number): void {
    const at = Number.isFinite(retryAt) ? retryAt : null;
    for (const [addressHash, { attempts }] of this.#tasks) {
      // `greylisted` is only right for an address that presend has asked about.
      const proof = unproven(cause === 'greylisted' && attempts === 0 ? 'resting' : cause);
      this.#options.settle(addressHash, { proof, checkedAt: null, retryAt: at });
    }
    for (const [addressHash, { checkedAt }] of [...this.#accepted, ...this.#refused])
      this.#options.settle(addressHash, { proof: unproven(cause), checkedAt, retryAt: at });
    this.#tasks.clear();
    this.#accepted.clear();
    this.#refused.clear();
  }
}

/** The result of a session without questions, because another process had asked them in the meantime. */
const nothingAsked: Visit = {
  findings: new Map(),
  refusals: [],
  domains: new Map(),
  asked: 0,
  answered: 0,
  unknown: 0,
  refused: null,
  ended: null,
};

const hostsOf = ({ exchanges }: QueuedAddress): string => exchanges.map(({ host }) => host).join(' ');

const refusedCauses: ReadonlySet<string> = new Set<RefusedCause>([
  'blocked_reputation',
  'reverse_dns',
  'sender_refused',
  'authentication_failed',
  'encryption_required',
  'rate_limited',
  'policy_refused',
]);

/**
 * `cause`: why a host refused us, or why nothing is proven. `mostly_unknown`: the host rests, because it answered "no such
 * mailbox" too often.
 */
function unproven(cause: string): MailboxProof {
  if (refusedCauses.has(cause)) return { kind: 'refused_us', cause: cause as RefusedCause };
  if (cause === 'mostly_unknown') return { kind: 'undetermined', cause: 'resting' };
  return { kind: 'undetermined', cause: cause as 'greylisted' };
}
