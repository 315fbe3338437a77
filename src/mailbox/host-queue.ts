// The queue of addresses at one mail operator. Asks the operator's hosts about them in sessions, one session at a time, and about
// greylisted addresses last.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailboxProof, RefusedCause } from '../address/mailbox-proof.ts';
import type { Exchange } from '../domain/mail-host.ts';
import { domainMs, provenBy, restMs, retryAfterMs, storedProof, unprovenMs } from './keep-proof.ts';
import { mailTargets, type TargetOptions } from './mail-targets.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { ProbeRepository, SessionGrant, StoredDomain, StoredProof } from './probe-repository.ts';
import type { RecipientFinding } from './read-answer.ts';
import { type SessionOptions, sessionTimes } from './smtp-session.ts';
import { type DomainFinding, type Visit, visitHost } from './visit-host.ts';

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
  readonly #domains = new Map<string, DomainFinding>();
  /** For each domain, when to ask about its made-up name again, and how often presend has asked. */
  readonly #waiting = new Map<string, { retryAt: number; attempts: number }>();
  /** Accepted addresses that are not settled yet, because it is not known whether their domain accepts every name. */
  readonly #accepted = new Map<string, { task: Task; checkedAt: number }>();
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
    if (domain !== null) this.#learn(address.mailbox.domain, domain);
    this.#take({ ...address, attempts: 0, dueAt: 0 }, proof);
  }

  async run(): Promise<void> {
    const { until, isStopped, sleepUntil, inTurn } = this.#options;
    for (;;) {
      if (this.#tasks.size === 0 && this.#accepted.size === 0) return;
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
      next = Math.min(next, this.#waiting.get(task.mailbox.domain)?.retryAt ?? 0);
    return next;
  }

  /**
   * Holds one session. Returns null if another one may follow, `over` if none may, or the time of the next attempt if the host
   * may not be asked now.
   */
  async #holdSession(): Promise<null | 'over' | (SessionGrant & { kind: 'later' })> {
    const { repository, keyId, newSessionName, session } = this.#options;
    const times = session.times ?? sessionTimes;
    const { policy, tasks, controls } = this.#batch();
    const name = newSessionName();
    const grant = await repository.begin(keyId, {
      hostHash: this.#hostHash,
      session: name,
      now: this.#now(),
      leaseMs: times.sessionMs + 4 * times.connectMs + leaseSlackMs,
      wanted: Math.min(
        policy.perSession,
        Math.max(leastCommands, tasks.length + controls.length + leastCommands - 1),
      ),
      least: leastCommands,
      perHour: policy.perHour,
      perDay: policy.perDay,
    });
    if (grant.kind === 'later') return grant;
    const fresh = await this.#stillOpen(tasks);
    if (fresh.length === 0 && controls.length === 0) {
      await this.#record(name, [], nothingAsked, grant.refusals, new Map());
      return null;
    }
    const exchanges = (fresh[0] ?? this.#acceptedIn(controls[0]))?.exchanges ?? [];
    const targets = await mailTargets(exchanges, this.#options.targets);
    const storedDomains = new Map<string, StoredDomain>();
    const visit = await visitHost(
      session,
      {
        targets,
        policy,
        mailboxes: fresh.map(({ mailbox }) => mailbox),
        controls,
        domains: this.#domains,
        budget: grant.granted,
        keep: (findings, found, asked) =>
          repository.keep(
            keyId,
            {
              proofs: this.#storedProofs(fresh, findings).map(([, proof]) => proof),
              domains: this.#storedDomains(found, storedDomains),
            },
            { hostHash: this.#hostHash, session: name, asked },
          ),
      },
      this.#options.targets.random,
    );
    return (await this.#record(name, fresh, visit, grant.refusals, storedDomains)) ? 'over' : null;
  }

  #acceptedIn(domain: string | undefined): Task | undefined {
    for (const { task } of this.#accepted.values()) if (task.mailbox.domain === domain) return task;
    return undefined;
  }

  /**
   * Returns the questions for the next session: new addresses, or if there are none, addresses that are due again. The questions
   * are grouped by domain.
   */
  #batch(): { policy: MailboxPolicy; tasks: Task[]; controls: string[] } {
    const now = this.#now();
    const due = [...this.#tasks.values()].filter(({ dueAt }) => dueAt <= now);
    const first = due.some(({ attempts }) => attempts === 0);
    const ready = first ? due.filter(({ attempts }) => attempts === 0) : due;
    // One session asks only about domains that have the same mail hosts.
    const hosts = ready[0] === undefined ? null : hostsOf(ready[0]);
    const controls = new Set<string>();
    for (const { task } of this.#accepted.values()) {
      const { domain } = task.mailbox;
      if ((this.#waiting.get(domain)?.retryAt ?? 0) <= now && (hosts === null || hosts === hostsOf(task)))
        controls.add(domain);
      if (hosts === null && controls.size > 0) break;
    }
    const tasks = ready
      .filter((task) => hostsOf(task) === hosts)
      .slice(0, this.#policy.perSession)
      .sort((a, b) => (a.mailbox.domain < b.mailbox.domain ? -1 : 1));
    return { policy: this.#policy, tasks, controls: [...controls] };
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
        if (domain.domainHash === task.domainHash) this.#learn(task.mailbox.domain, domain);
    const known = new Map(proofs.map((proof) => [proof.addressHash, proof]));
    return tasks.filter((task) => {
      const proof = known.get(task.addressHash) ?? null;
      const isDueAgain = proof?.retryAt != null && proof.attempts === task.attempts;
      if (proof === null || isDueAgain) return true;
      this.#take(task, proof);
      return this.#tasks.has(task.addressHash) && task.dueAt <= now;
    });
  }

  #storedProofs(
    tasks: readonly Task[],
    findings: ReadonlyMap<string, RecipientFinding>,
  ): [Task, StoredProof][] {
    const now = this.#now();
    const proofs: [Task, StoredProof][] = [];
    for (const task of tasks) {
      const finding = findings.get(task.mailbox.address);
      const proof = finding
        ? storedProof(task.addressHash, finding, task.attempts, this.#policy.probe, now)
        : null;
      if (proof !== null) proofs.push([task, { ...proof, domainHash: task.domainHash }]);
    }
    return proofs;
  }

  /** `stored`: those of the session that were kept before, by domain. */
  #storedDomains(
    findings: ReadonlyMap<string, DomainFinding>,
    stored: Map<string, StoredDomain>,
  ): StoredDomain[] {
    return [...findings].map(([domain, finding]) => {
      const kept = stored.get(domain) ?? this.#storedDomain(domain, finding, this.#now());
      stored.set(domain, kept);
      return kept;
    });
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
    const proofs = this.#storedProofs(tasks, visit.findings);
    // Replies of a session that ended out of step may belong to other commands, so what was kept of it about domains expires now.
    // Its addresses are kept again below, as unproven.
    const withdrawn = [...storedDomains]
      .filter(([domain]) => !visit.domains.has(domain))
      .map(([, domain]) => ({ ...domain, expiresAt: now }));
    const domains = [...this.#storedDomains(visit.domains, storedDomains), ...withdrawn];
    for (const domain of visit.domains.keys()) this.#learn(domain, storedDomains.get(domain)!);
    // A host that answered before it refused wants fewer questions, not silence.
    const before = visit.findings.size > 0 ? 0 : refusals;
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
    const stuck = isAbout && tasks.find((task) => !visit.findings.has(task.mailbox.address));
    if (stuck && ++stuck.attempts > maxFailures) this.#settle(stuck, ended, now);
    if (visit.findings.size > 0 || visit.domains.size > 0) {
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
      for (const task of tasks) if (!visit.findings.has(task.mailbox.address)) task.dueAt = wait;
      for (const waiting of this.#waiting.values()) waiting.retryAt = Math.max(waiting.retryAt, wait);
    }
    return false;
  }

  #storedDomain(domain: string, finding: DomainFinding, now: number): StoredDomain {
    const attempts = this.#waiting.get(domain)?.attempts ?? 0;
    const next = retryAfterMs[attempts];
    // If the host asks again and again to repeat the question about a made-up name, its answer is unknown.
    const found: DomainFinding =
      finding.kind === 'waiting' && next === undefined ? { kind: 'ambiguous' } : finding;
    const retryAt = found.kind === 'waiting' ? now + (found.retryMs ?? next!) : null;
    this.#waiting.set(domain, { retryAt: retryAt ?? 0, attempts: attempts + 1 });
    const isSettled = found.kind === 'catch_all' || found.kind === 'selective';
    return {
      domainHash: this.#domainHash(domain),
      finding: found.kind,
      madeUpName: found.kind === 'waiting' ? found.name : null,
      checkedAt: now,
      retryAt,
      expiresAt: isSettled ? now + domainMs : (retryAt ?? now) + unprovenMs,
    };
  }

  #domainHash(domain: string): string {
    for (const task of this.#tasks.values()) if (task.mailbox.domain === domain) return task.domainHash;
    return this.#acceptedIn(domain)!.domainHash;
  }

  #learn(domain: string, { finding, madeUpName, retryAt }: StoredDomain): void {
    if (finding !== 'waiting') this.#domains.set(domain, { kind: finding });
    else {
      this.#domains.set(domain, { kind: 'waiting', name: madeUpName!, retryMs: null });
      if (!this.#waiting.has(domain)) this.#waiting.set(domain, { retryAt: retryAt ?? 0, attempts: 1 });
    }
  }

  /** Settles an address if the stored answers are enough. Otherwise keeps the address in the queue. */
  #take(task: Task, proof: StoredProof | null): void {
    const { addressHash, mailbox } = task;
    const domain = this.#domains.get(mailbox.domain)?.kind ?? null;
    if (proof === null) {
      if (domain === 'catch_all') this.#settle(task, { kind: 'catch_all' }, null);
      else this.#tasks.set(addressHash, task);
      return;
    }
    const known = provenBy(proof, domain);
    if (known !== null) this.#settle(task, known, proof.checkedAt);
    else if (proof.finding === 'accepted') {
      this.#tasks.delete(addressHash);
      this.#accepted.set(addressHash, { task, checkedAt: proof.checkedAt });
    } else {
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
      const domain = this.#domains.get(task.mailbox.domain)?.kind ?? null;
      if (domain === 'selective') return { kind: 'exists' };
      if (domain === 'catch_all') return { kind: 'catch_all' };
      return domain === 'ambiguous' ? { kind: 'undetermined', cause: 'ambiguous' } : null;
    };
    for (const { task, checkedAt } of this.#accepted.values()) {
      const proof = proved(task);
      if (proof !== null) this.#settle(task, proof, checkedAt);
    }
    for (const task of this.#tasks.values())
      if (this.#domains.get(task.mailbox.domain)?.kind === 'catch_all')
        this.#settle(task, { kind: 'catch_all' }, null);
  }

  #settle({ addressHash }: Task, proof: MailboxProof, checkedAt: number | null): void {
    this.#tasks.delete(addressHash);
    this.#accepted.delete(addressHash);
    this.#options.settle(addressHash, { proof, checkedAt, retryAt: null });
  }

  #giveUp(cause: string, retryAt: number): void {
    const at = Number.isFinite(retryAt) ? retryAt : null;
    for (const [addressHash, { attempts }] of this.#tasks) {
      // `greylisted` is only right for an address that presend has asked about.
      const proof = unproven(cause === 'greylisted' && attempts === 0 ? 'resting' : cause);
      this.#options.settle(addressHash, { proof, checkedAt: null, retryAt: at });
    }
    for (const [addressHash, { checkedAt }] of this.#accepted)
      this.#options.settle(addressHash, { proof: unproven(cause), checkedAt, retryAt: at });
    this.#tasks.clear();
    this.#accepted.clear();
  }
}

/** The result of a session without questions, because another process had asked them in the meantime. */
const nothingAsked: Visit = {
  findings: new Map(),
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
