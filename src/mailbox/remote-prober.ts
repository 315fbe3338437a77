// Asks another presend about mailboxes (POST /v1/probes), for machines that cannot reach port 25. It is a second adapter of the port
// that the SMTP prober implements.

import type { Mailbox } from '../address/mailbox.ts';
import type { Timers } from '../clock.ts';
import { isIpAddress, isLoopback, isPublicAddress } from '../domain/ip-address.ts';
import { findSpecialUse } from '../domain/special-use.ts';
import { dayMs, minuteMs } from '../durations.ts';
import { isRecord, parseObject } from '../json-object.ts';
import { serviceUrl } from '../service-url.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { acceptedMs, causesOfReplies, domainMs, provenBy, unknownMs, unprovenMs } from './keep-proof.ts';
import { limitAtOnce } from './limit-at-once.ts';
import { exchangesOf } from './mail-targets.ts';
import { mailboxPolicy } from './mailbox-policy.ts';
import { readProbeAnswer } from './probe-answer.ts';
import type { ProbeFinding } from './probe-finding.ts';
import type { ProbeRepository, StoredDomain, StoredProof } from './probe-repository.ts';
import { type MailHostOf, maxLookups, type Prober, type ProbeTerms } from './prober.ts';
import { sleepUntil } from './sleep-until.ts';

/** Posts JSON and reads the answer, of at most `maxBytes`. Does not follow redirects. Never rejects. */
export type ProbeTransport = (request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}) => Promise<
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | null;
      readonly text: string;
    }
  | { readonly kind: 'failed'; readonly cause: string }
>;

export interface RemoteProberOptions {
  /** The base URL of the other presend, such as https://prober.example.com: one of `isProberUrl`. */
  readonly url: string;
  readonly key: string;
  readonly transport: ProbeTransport;
  readonly repository: Pick<ProbeRepository, 'proofs' | 'domains' | 'keep'>;
  readonly hasher: AddressHasher;
  readonly mailHostOf: MailHostOf;
  readonly timers: Timers;
  /** Called when the other presend does not answer as it should. `cause` contains no address. Must not throw. */
  readonly onFailure: (cause: string) => void;
}

/**
 * Whether a text can be the URL of another presend. The operator chooses it, so its host may be a private one, unlike that of a webhook.
 * With http, the key and the addresses are readable on the way, so only hosts of one's own network may use it.
 */
export function isProberUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isOfOwnNetwork(hostname));
}

function isOfOwnNetwork(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIpAddress(host) ? !isPublicAddress(host) : isLoopback(host) || findSpecialUse(host) !== null;
}

/** Addresses in one request, and how many of them in one domain, because a host is asked about few at a time. */
const perCall = 100;
const perDomain = 10;
const callsAtOnce = 4;
/** Seconds for which the other presend goes on asking before it answers, and the milliseconds that it may take beyond that. */
const waitSeconds = 30;
const slackMs = 15_000;
const maxAnswerBytes = 256 * 1024;
/** Waits after failures in a row: the first ones, and all others. */
const failureWaitsMs = [minuteMs / 2, 2 * minuteMs] as const;
const afterFailuresMs = 15 * minuteMs;
/** The least time between two questions about an address. */
const leastAgainMs = minuteMs / 4;

/** The header that tells the other presend not to pass the question on: two that ask each other would never end. */
export const probeHopHeader = 'presend-probe-hop';

interface Open {
  readonly mailbox: Mailbox;
  readonly addressHash: string;
  dueAt: number;
  last: ProbeFinding;
}

export const createRemoteProber = (options: RemoteProberOptions): Prober => ({
  async probe(mailboxes, terms) {
    const found = new Map<string, ProbeFinding>();
    const settle = (address: string, finding: ProbeFinding) => {
      found.set(address, finding);
      terms.onFinding?.(address, finding);
      terms.onProgress?.(found.size, all);
    };
    const all = new Set(mailboxes.map(({ address }) => address)).size;
    const open = await openQuestions(options, mailboxes, terms.forList ?? false, settle);
    await new RemoteRun(options, terms, open, settle).run();
    return found;
  },
});

/** Settles what is known without the other presend, and returns the rest. */
async function openQuestions(
  { repository, hasher, mailHostOf, timers }: RemoteProberOptions,
  mailboxes: readonly Mailbox[],
  forList: boolean,
  settle: (address: string, finding: ProbeFinding) => void,
): Promise<Map<string, Open>> {
  const now = timers.now();
  const lookup = limitAtOnce(maxLookups);
  const unique = [...new Map(mailboxes.map((mailbox) => [mailbox.address, mailbox])).values()];
  const domains = [...new Set(unique.map(({ domain }) => domain))];
  const [hashes, domainHashes] = await Promise.all([
    hasher.hashAll(unique.map(({ address }) => suppressionKey(address))),
    hasher.hashAll(domains),
  ]);
  const [proofs, kept, hosts] = await Promise.all([
    repository.proofs(hasher.keyId, hashes, now),
    repository.domains(hasher.keyId, domainHashes, now),
    Promise.all(domains.map((domain) => lookup(async () => mailHostOf(domain, forList)))),
  ]);
  const proofOf = new Map(proofs.map((proof) => [proof.addressHash, proof]));
  const findingOf = new Map(kept.map(({ domainHash, finding }) => [domainHash, finding]));
  const domainAt = new Map(domains.map((domain, index) => [domain, index]));
  const open = new Map<string, Open>();
  for (const [index, mailbox] of unique.entries()) {
    const { address, domain } = mailbox;
    const at = domainAt.get(domain)!;
    const mailHost = hosts[at]!;
    const [best] = exchangesOf(domain, mailHost);
    const proof = proofOf.get(hashes[index]!);
    const known = proof ? provenBy(proof, findingOf.get(domainHashes[at]!) ?? null) : null;
    if (proof !== undefined && known !== null)
      settle(address, { proof: known, checkedAt: proof.checkedAt, retryAt: null });
    // That our look-up got no answer says nothing about the domain: the other presend looks it up itself.
    else if (best === undefined && mailHost.kind !== 'undetermined')
      settle(address, unasked({ kind: 'undetermined', cause: 'no_mail_host' }));
    else if (best !== undefined && mailboxPolicy(best.host).probe === 'no')
      settle(address, unasked({ kind: 'not_checked', cause: 'provider' }));
    else {
      const last = unasked({ kind: 'undetermined', cause: 'resting' });
      open.set(address, { mailbox, addressHash: hashes[index]!, dueAt: 0, last });
    }
  }
  return open;
}

const unasked = (proof: ProbeFinding['proof']): ProbeFinding => ({ proof, checkedAt: null, retryAt: null });

class RemoteRun {
  readonly #options: RemoteProberOptions;
  readonly #terms: ProbeTerms;
  readonly #open: Map<string, Open>;
  readonly #settle: (address: string, finding: ProbeFinding) => void;
  #failures = 0;

  constructor(
    options: RemoteProberOptions,
    terms: ProbeTerms,
    open: Map<string, Open>,
    settle: (address: string, finding: ProbeFinding) => void,
  ) {
    this.#options = options;
    this.#terms = terms;
    this.#open = open;
    this.#settle = settle;
  }

  async run(): Promise<void> {
    const { until, signal } = this.#terms;
    const { timers } = this.#options;
    while (this.#open.size > 0) {
      const now = timers.now();
      let next = Number.POSITIVE_INFINITY;
      for (const { dueAt } of this.#open.values()) next = Math.min(next, dueAt);
      if (signal?.aborted === true || now >= until || next >= until) break;
      if (next > now) {
        await sleepUntil(timers, next, signal);
        continue;
      }
      const results = await Promise.all(this.#batches(now).map((batch) => this.#ask(batch)));
      const failed = results.find((result) => result !== null);
      if (failed === undefined || failed === null) {
        this.#failures = 0;
        continue;
      }
      this.#options.onFailure(failed.cause);
      const at = timers.now() + (failed.waitMs ?? failureWaitsMs[this.#failures++] ?? afterFailuresMs);
      for (const one of this.#open.values()) {
        one.dueAt = Math.max(one.dueAt, at);
        // It is the other presend that cannot be asked, not the mail host.
        one.last = { ...unasked({ kind: 'undetermined', cause: 'resting' }), retryAt: at };
      }
    }
    for (const [address, { last, dueAt }] of this.#open)
      this.#settle(address, { ...last, retryAt: last.retryAt ?? (dueAt === 0 ? timers.now() : dueAt) });
  }

  /** What is due, in requests of few addresses of each domain. */
  #batches(now: number): Open[][] {
    const taken = new Map<string, number>();
    const batch: Open[] = [];
    for (const one of this.#open.values()) {
      const { domain } = one.mailbox;
      const count = taken.get(domain) ?? 0;
      if (one.dueAt > now || count >= perDomain) continue;
      taken.set(domain, count + 1);
      batch.push(one);
      if (batch.length >= perCall * callsAtOnce) break;
    }
    return Array.from({ length: Math.ceil(batch.length / perCall) }, (_, index) =>
      batch.slice(index * perCall, (index + 1) * perCall),
    );
  }

  /** Null if the answer could be read. */
  async #ask(batch: readonly Open[]): Promise<{ cause: string; waitMs: number | null } | null> {
    const { url, key, transport, timers } = this.#options;
    const wait = Math.max(0, Math.min(waitSeconds, Math.floor((this.#terms.until - timers.now()) / 1000)));
    const answer = await transport({
      url: new URL(`${serviceUrl(url)}/v1/probes`),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'presend',
        authorization: `Bearer ${key}`,
        [probeHopHeader]: '1',
      },
      body: JSON.stringify({ addresses: batch.map(({ mailbox }) => mailbox.address), wait_seconds: wait }),
      timeoutMs: wait * 1000 + slackMs,
      maxBytes: maxAnswerBytes,
    });
    if (answer.kind === 'failed') return failure(answer.cause);
    if (answer.status !== 200) return failure(`status ${answer.status}`, answer.retryAfter);
    const results = parseObject(answer.text)?.['results'];
    if (!Array.isArray(results)) return failure('no answer of POST /v1/probes');
    await this.#take(batch, results);
    return null;
  }

  async #take(batch: readonly Open[], results: readonly unknown[]): Promise<void> {
    const { repository, hasher, timers } = this.#options;
    const now = timers.now();
    const byEmail = new Map(results.map((result) => [emailOf(result), result]));
    const findings = batch.map(({ mailbox }) => readProbeAnswer(byEmail.get(mailbox.address), now));
    const doubtful = contradicted(batch, findings);
    const proofs: { readonly proof: StoredProof; readonly domain: string }[] = [];
    const selective = new Map<string, number>();
    for (const [index, one] of batch.entries()) {
      const { address, domain } = one.mailbox;
      const finding: ProbeFinding | null = doubtful.has(domain)
        ? unasked({ kind: 'undetermined', cause: 'ambiguous' })
        : findings[index]!;
      if (finding !== null && finding.retryAt !== null) {
        one.last = finding;
        one.dueAt = Math.max(finding.retryAt, now + leastAgainMs);
        continue;
      }
      // An answer that is missing or impossible is not asked for again at once: the next one would be the same.
      const settled = finding ?? unasked({ kind: 'undetermined', cause: 'protocol' });
      const stored = finding && storedOf(one.addressHash, finding, now);
      if (stored) proofs.push({ proof: stored, domain });
      if (settled.proof.kind === 'exists') selective.set(domain, settled.checkedAt!);
      this.#open.delete(address);
      this.#settle(address, settled);
    }
    if (findings.includes(null)) this.#options.onFailure('an answer that presend cannot read');
    const names = [...new Set(proofs.map(({ domain }) => domain))];
    const hashes = await hasher.hashAll(names);
    const hashOf = new Map(names.map((name, index) => [name, hashes[index]!]));
    await repository.keep(hasher.keyId, {
      proofs: proofs.map(({ proof, domain }) => ({ ...proof, domainHash: hashOf.get(domain)! })),
      domains: [...selective].map(([domain, checkedAt]) => selectiveDomain(hashOf.get(domain)!, checkedAt)),
    });
  }
}

const emailOf = (result: unknown): unknown => (isRecord(result) ? result['email'] : null);

/** Domains of which one answer says that they accept every name and another one that they do not. */
function contradicted(
  batch: readonly Open[],
  findings: readonly (ProbeFinding | null)[],
): ReadonlySet<string> {
  const domainsWith = (kind: string) =>
    batch.filter((_, index) => findings[index]?.proof.kind === kind).map(({ mailbox }) => mailbox.domain);
  const accepting = new Set(domainsWith('catch_all'));
  return new Set(domainsWith('exists').filter((domain) => accepting.has(domain)));
}

/** Null for what is not kept: an answer that is about the prober. */
function storedOf(addressHash: string, { proof, checkedAt }: ProbeFinding, now: number): StoredProof | null {
  const at = checkedAt ?? now;
  const kept = { addressHash, cause: null, position: null, attempts: 0, checkedAt: at, retryAt: null };
  if (proof.kind === 'exists') return { ...kept, finding: 'accepted', expiresAt: at + acceptedMs };
  if (proof.kind === 'catch_all') return { ...kept, finding: 'catch_all', expiresAt: at + acceptedMs };
  if (proof.kind === 'undetermined' && !causesOfReplies.has(proof.cause)) return null;
  if (proof.kind === 'undetermined')
    return { ...kept, finding: 'undetermined', cause: proof.cause, expiresAt: at + unprovenMs };
  if (proof.kind === 'refused_us' || proof.kind === 'not_checked') return null;
  return { ...kept, finding: proof.kind, expiresAt: at + unknownMs };
}

const selectiveDomain = (domainHash: string, checkedAt: number): StoredDomain => ({
  ...{ domainHash, finding: 'selective', madeUpName: null, checkedAt, retryAt: null },
  expiresAt: checkedAt + domainMs,
});

const failure = (cause: string, retryAfter: string | null = null) => ({
  cause,
  waitMs: /^\d{1,5}$/.test(retryAfter ?? '')
    ? Math.min(Math.max(Number(retryAfter) * 1000, leastAgainMs), dayMs)
    : null,
});
