// The queue of addresses at one mail operator. Asks the operator's hosts about them in sessions, one session at a time, and about
// greylisted addresses last.

import type { RefusedCause } from '../address/mailbox-proof.ts';
import { restMs, retryAfterMs } from './keep-proof.ts';
import { mailTargets, type TargetOptions } from './mail-targets.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import { OpenAddresses, type QueuedAddress, type Task } from './open-addresses.ts';
import type { ProbeFinding } from './probe-finding.ts';
import type { ProbeRepository, SessionGrant, StoredDomain, StoredProof } from './probe-repository.ts';
import { storedFindings, storedNews, storedRefusals } from './session-answers.ts';
import { type SessionOptions, sessionTimes } from './smtp-session.ts';
import type { Visit } from './visit.ts';
import { visitHost } from './visit-host.ts';

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
  readonly #open: OpenAddresses;
  #failures = 0;

  constructor(host: string, hostHash: string, policy: MailboxPolicy, options: HostQueueOptions) {
    this.#host = host;
    this.#hostHash = hostHash;
    this.#policy = policy;
    this.#options = options;
    this.#open = new OpenAddresses(policy.perSession, options.settle);
  }

  /**
   * Adds an address, with the stored answers about the address and its domain. If these are enough, the address is settled at
   * once.
   */
  add(address: QueuedAddress, proof: StoredProof | null, domain: StoredDomain | null): void {
    this.#open.domains.add(address.mailbox.domain, address.domainHash, domain);
    this.#open.take({ ...address, attempts: 0, dueAt: 0, wasAsked: false }, proof);
  }

  async run(): Promise<void> {
    const { until, isStopped, sleepUntil, inTurn } = this.#options;
    for (;;) {
      if (this.#open.isEmpty) return;
      const now = this.#now();
      const next = this.#open.nextDue();
      if (isStopped() || now >= until || next >= until) {
        this.#open.giveUp('greylisted', next);
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
        this.#open.giveUp(grant.cause ?? 'resting', grant.notBefore);
        return;
      }
      await sleepUntil(grant.notBefore);
    }
  }

  #now(): number {
    return this.#options.session.timers.now();
  }

  /**
   * Holds one session. Returns null if another one may follow, `over` if none may, or the time of the next attempt if the host
   * may not be asked now.
   */
  async #holdSession(): Promise<null | 'over' | (SessionGrant & { kind: 'later' })> {
    const { repository, keyId, newSessionName, session } = this.#options;
    const times = session.times ?? sessionTimes;
    this.#open.expireRefused(this.#now());
    const policy = this.#policy;
    const { tasks, controls, refused } = this.#open.batch(this.#now());
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
    const exchanges = (fresh[0] ?? this.#open.acceptedIn(controls[0]) ?? refused[0]?.task)?.exchanges ?? [];
    const asked = [...fresh, ...refused.map(({ task }) => task)];
    const { targets, isComplete } = await mailTargets(exchanges, this.#options.targets);
    const storedDomains = new Map<string, StoredDomain>();
    const visit = await visitHost(
      session,
      {
        targets,
        lacksTargets: !isComplete,
        policy,
        mailboxes: fresh.map(({ mailbox }) => mailbox),
        controls,
        refusals: refused.map(({ refusal }) => refusal),
        domains: this.#open.domains.all,
        budget: grant.granted,
        keep: (news) =>
          repository.keep(
            keyId,
            {
              proofs: storedNews(asked, news, policy.probe, this.#now()),
              domains: this.#open.domains.toStore(news.domains, storedDomains, this.#now()),
            },
            { hostHash: this.#hostHash, session: name, asked: news.asked },
          ),
      },
      this.#options.targets.random,
    );
    return (await this.#record(name, asked, visit, grant.refusals, storedDomains)) ? 'over' : null;
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
        if (domain.domainHash === task.domainHash) this.#open.domains.learn(task.mailbox.domain, domain);
    const known = new Map(proofs.map((proof) => [proof.addressHash, proof]));
    return tasks.filter((task) => {
      const proof = known.get(task.addressHash) ?? null;
      const isDueAgain = proof?.retryAt != null && proof.attempts === task.attempts;
      if (proof === null || isDueAgain) return true;
      this.#open.take(task, proof);
      return this.#open.hasTask(task) && task.dueAt <= now;
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
    const { probe } = this.#policy;
    const proofs = [
      ...storedFindings(tasks, visit.findings, probe, now),
      ...storedRefusals(tasks, visit.refusals, probe, (hash) => this.#open.refusedAt(hash), now),
    ];
    // Replies of a session that ended out of step may belong to other commands, so what was kept of it about domains expires now.
    // Its addresses are kept again below, as unproven.
    const withdrawn = [...storedDomains]
      .filter(([domain]) => !visit.domains.has(domain))
      .map(([, domain]) => ({ ...domain, expiresAt: now }));
    const domains = [...this.#open.domains.toStore(visit.domains, storedDomains, now), ...withdrawn];
    for (const domain of visit.domains.keys()) this.#open.domains.learn(domain, storedDomains.get(domain)!);
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
    for (const [task, proof] of proofs) this.#open.take(task, proof);
    this.#open.settleAccepted();
    if (visit.refused !== null) onRefused(this.#host, visit.refused);
    return this.#fails(tasks, visit, now);
  }

  /** Counts sessions in a row without a result. Returns true, and gives up, after `maxFailures` of them. */
  #fails(tasks: readonly Task[], visit: Visit, now: number): boolean {
    if (visit === nothingAsked) return false;
    // The address at which the session ended is asked about after all others, and not for ever.
    const { ended } = visit;
    const isAbout = ended?.kind === 'undetermined' || (ended?.kind === 'refused_us' && visit.asked > 0);
    const isOpen = (task: Task) => !visit.findings.has(task.mailbox.address) && this.#open.hasTask(task);
    const stuck = isAbout && tasks.find(isOpen);
    if (stuck) this.#open.endedAt(stuck, ended, now);
    if (visit.answered > 0 || visit.findings.size > 0 || visit.domains.size > 0) {
      this.#failures = 0;
      if (visit.refused === null) return false;
    }
    this.#failures++;
    if (this.#failures >= maxFailures) {
      this.#open.giveUp(
        ended !== null && 'cause' in ended ? ended.cause : 'greylisted',
        now + retryAfterMs.at(-1)!,
      );
      return true;
    }
    if (visit.refused === null) {
      const wait = now + retryAfterMs[this.#failures - 1]!;
      for (const task of tasks) if (isOpen(task)) task.dueAt = wait;
      this.#open.domains.postpone(wait);
    }
    return false;
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
