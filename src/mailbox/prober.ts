// Finds out by SMTP whether mailboxes exist: one address or many, grouped by mail host, with the answers that are kept.

import type { Mailbox } from '../address/mailbox.ts';
import type { RefusedCause } from '../address/mailbox-proof.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { HostQueue, type HostQueueOptions } from './host-queue.ts';
import { HostsWithoutTls } from './hosts-without-tls.ts';
import { provenBy, retryAfterMs } from './keep-proof.ts';
import { limitAtOnce } from './limit-at-once.ts';
import { exchangesOf, type TargetOptions } from './mail-targets.ts';
import { hostGroup, mailboxPolicy } from './mailbox-policy.ts';
import type { ProbeFinding } from './probe-finding.ts';
import type { ProbeRepository, StoredDomain, StoredProof } from './probe-repository.ts';
import { sleepUntil } from './sleep-until.ts';
import type { SessionOptions } from './smtp-session.ts';

/** `forList`: whether a list asks, whose look-ups must not delay those of forms. */
export type MailHostOf = (domain: string, forList: boolean) => MailHost | Promise<MailHost>;

export interface ProberOptions {
  readonly session: SessionOptions;
  readonly targets: TargetOptions;
  readonly repository: ProbeRepository;
  readonly hasher: AddressHasher;
  readonly mailHostOf: MailHostOf;
  readonly newSessionName: () => string;
  /**
   * Sessions at the same time, with all hosts together; 200 by default. With 500 hosts whose sessions take 1.5 of every 11.5 seconds, some 65
   * are open at a time after all have begun at once.
   */
  readonly maxSessions?: number;
  /** Called when a host refuses us, with the registrable domain of the host. Must not throw. */
  readonly onRefused?: (host: string, cause: RefusedCause) => void;
}

export interface ProbeTerms {
  /**
   * Epoch milliseconds after which no session begins. The findings about mailboxes that are not settled by then say when to ask
   * again.
   */
  readonly until: number;
  /** Whether the addresses are those of a list. */
  readonly forList?: boolean;
  /** After it aborts, no session begins. Answers so far are stored, so the next call continues. */
  readonly signal?: AbortSignal;
  /** Called whenever an address is settled, with the numbers of settled addresses and of all. */
  readonly onProgress?: (settled: number, all: number) => void;
  /** Called with each finding as soon as it is known, with the canonical address. Must not throw. */
  readonly onFinding?: (address: string, finding: ProbeFinding) => void;
}

export interface Prober {
  /**
   * Returns the finding about each mailbox, by its canonical address. Does not ask again if a stored answer is valid, or if
   * another call is asking about the same address. Rejects only if storage fails.
   */
  probe(mailboxes: readonly Mailbox[], options: ProbeTerms): Promise<ReadonlyMap<string, ProbeFinding>>;
}

/** Look-ups of mail hosts at the same time. */
export const maxLookups = 32;

export function createProber(options: ProberOptions): Prober {
  const { session, repository, hasher, mailHostOf, maxSessions = 200, onRefused = () => {} } = options;
  const { timers } = session;
  const remembering: SessionOptions = { ...session, withoutTls: new HostsWithoutTls() };
  const inFlight = new Map<string, Promise<ProbeFinding>>();
  const inTurn = limitAtOnce(maxSessions);
  const lookup = limitAtOnce(maxLookups);

  /**
   * Asks the mail hosts about these addresses, and calls `settle` once for each. No other call in this process may ask about the
   * same addresses at this time. `failures`: how often DNS has failed for their domains.
   */
  async function ask(
    mailboxes: ReadonlyMap<string, Mailbox>,
    terms: ProbeTerms,
    settle: HostQueueOptions['settle'],
    failures = 0,
  ): Promise<void> {
    const now = timers.now();
    const domains = [...new Set([...mailboxes.values()].map(({ domain }) => domain))];
    const domainHashes = await hasher.hashAll(domains);
    const hashOf = new Map(domains.map((domain, index) => [domain, domainHashes[index]!]));
    const [proofs, known, hosts] = await Promise.all([
      repository.proofs(hasher.keyId, [...mailboxes.keys()], now),
      repository.domains(hasher.keyId, domainHashes, now),
      Promise.all(domains.map((domain) => lookup(async () => mailHostOf(domain, terms.forList ?? false)))),
    ]);
    const proofOfHash = new Map<string, StoredProof>(proofs.map((proof) => [proof.addressHash, proof]));
    const domainOfHash = new Map<string, StoredDomain>(known.map((domain) => [domain.domainHash, domain]));
    const mailHosts = new Map(domains.map((domain, index) => [domain, hosts[index]!]));
    const queueOptions = queueOptionsOf(terms, settle);
    const groups = new Map<string, HostQueue>();
    const unreached = new Map<string, Mailbox>();
    for (const [addressHash, mailbox] of mailboxes) {
      const mailHost = mailHosts.get(mailbox.domain)!;
      const proof = proofOfHash.get(addressHash) ?? null;
      const domain = domainOfHash.get(hashOf.get(mailbox.domain)!) ?? null;
      if (mailHost.kind === 'undetermined') {
        // What is kept needs no host.
        const kept = proof && provenBy(proof, domain?.finding ?? null);
        if (kept !== null) settle(addressHash, { proof: kept, checkedAt: proof!.checkedAt, retryAt: null });
        else unreached.set(addressHash, mailbox);
        continue;
      }
      const exchanges = exchangesOf(mailbox.domain, mailHost);
      const [best] = exchanges;
      if (best === undefined) {
        settle(addressHash, unasked({ kind: 'undetermined', cause: 'no_mail_host' }));
        continue;
      }
      const policy = mailboxPolicy(best.host);
      if (policy.probe === 'no') {
        settle(addressHash, unasked({ kind: 'not_checked', cause: 'provider' }));
        continue;
      }
      const name = hostGroup(best.host);
      let queue = groups.get(name);
      if (queue === undefined) {
        const [hostHash] = await hasher.hashAll([name]);
        queue = new HostQueue(name, hostHash!, policy, queueOptions);
        groups.set(name, queue);
      }
      const domainHash = hashOf.get(mailbox.domain)!;
      queue.add({ mailbox, addressHash, domainHash, exchanges }, proof, domain);
    }
    await Promise.all([
      ...[...groups.values()].map((queue) => queue.run()),
      askLater(unreached, terms, settle, failures),
    ]);
  }

  /** DNS failed for these addresses. Looks their mail hosts up again, after pauses, and leaves them open after the last one. */
  async function askLater(
    mailboxes: ReadonlyMap<string, Mailbox>,
    terms: ProbeTerms,
    settle: HostQueueOptions['settle'],
    failures: number,
  ): Promise<void> {
    if (mailboxes.size === 0) return;
    const at = timers.now() + (retryAfterMs[failures] ?? retryAfterMs.at(-1)!);
    const isLast = failures === retryAfterMs.length || at >= terms.until;
    if (!isLast) await sleepUntil(timers, at, terms.signal);
    if (!isLast && terms.signal?.aborted !== true) return ask(mailboxes, terms, settle, failures + 1);
    const open: ProbeFinding = { ...unasked({ kind: 'undetermined', cause: 'unreachable' }), retryAt: at };
    for (const addressHash of mailboxes.keys()) settle(addressHash, open);
  }

  const queueOptionsOf = (
    { until, signal }: ProbeTerms,
    settle: HostQueueOptions['settle'],
  ): HostQueueOptions => ({
    session: remembering,
    targets: options.targets,
    repository,
    keyId: hasher.keyId,
    newSessionName: options.newSessionName,
    until,
    isStopped: () => signal?.aborted === true,
    sleepUntil: (instant) => sleepUntil(timers, Math.min(instant, until), signal),
    inTurn,
    settle,
    onRefused,
  });

  return {
    async probe(mailboxes, probeOptions) {
      const hashes = await hasher.hashAll(mailboxes.map(({ address }) => suppressionKey(address)));
      const found = new Map<string, Promise<ProbeFinding>>();
      const fresh = new Map<string, Mailbox>();
      const resolvers = new Map<string, (finding: ProbeFinding) => void>();
      for (const [index, hash] of hashes.entries()) {
        if (found.has(hash)) continue;
        const pending = inFlight.get(hash);
        if (pending !== undefined) {
          found.set(hash, pending);
          continue;
        }
        const { promise, resolve } = Promise.withResolvers<ProbeFinding>();
        fresh.set(hash, mailboxes[index]!);
        resolvers.set(hash, resolve);
        inFlight.set(hash, promise);
        found.set(hash, promise);
      }
      const { onFinding } = probeOptions;
      if (onFinding !== undefined)
        for (const [index, { address }] of mailboxes.entries())
          found.get(hashes[index]!)!.then((finding) => onFinding(address, finding));
      let settled = 0;
      const settle = (hash: string, finding: ProbeFinding) => {
        const resolve = resolvers.get(hash);
        if (resolve === undefined) return;
        resolvers.delete(hash);
        inFlight.delete(hash);
        resolve(finding);
        probeOptions.onProgress?.(++settled, fresh.size);
      };
      try {
        await ask(fresh, probeOptions, settle);
      } finally {
        // If storage fails, also settle the addresses for which other calls wait, because no answer will come.
        for (const hash of [...resolvers.keys()])
          settle(hash, unasked({ kind: 'undetermined', cause: 'resting' }));
      }
      const answers = await Promise.all(hashes.map((hash) => found.get(hash)!));
      return new Map(mailboxes.map(({ address }, index) => [address, answers[index]!]));
    },
  };
}

const unasked = (proof: ProbeFinding['proof']): ProbeFinding => ({ proof, checkedAt: null, retryAt: null });
