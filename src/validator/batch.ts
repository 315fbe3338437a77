// A batch of addresses before it is judged: its rows, and the answers of all that has to be asked about them.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { parseMailbox } from '../address/parse.ts';
import type { MailHosts } from '../dns/mail-hosts.ts';
import { describeDomain } from '../domain/describe.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { describeMailHost } from '../domain/mail-host-facts.ts';
import { noOwnLists, type OwnLists } from '../overrides/own-lists.ts';
import type { DomainEvidence, MailHostFacts, SuppressionEvidence } from '../signals/evidence.ts';
import { within } from '../storage/within.ts';
import type { Suppression, Suppressions } from '../suppression/suppressions.ts';
import { type DomainProfile, profileOf } from '../verdict/judgement.ts';
import type { Learned } from '../verdict/probability.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';

export interface ValidationRequest {
  readonly email: string;
  /** Epoch milliseconds at which somebody last knew that mail arrives there. */
  readonly lastVerifiedAt?: number | null;
  /** Where the address was acquired. */
  readonly source?: string | null;
}

/** A domain as its name and the DNS describe it. */
export interface FoundDomain extends DomainEvidence {
  readonly name: string;
  readonly profile: DomainProfile;
  /** Epoch milliseconds from which the DNS is to be asked again. */
  readonly expires: number;
}

/** A domain that the DNS has to be asked about. */
export interface PendingDomain {
  readonly name: string;
  /** Rows that are at it. */
  rows: number;
  /** Null until it is known. */
  found: FoundDomain | null;
}

/** What is read out of the requests, in their order. */
export interface Batch<Known> {
  readonly parsed: readonly ParsedMailbox[];
  /** What is known of the domain of each mailbox; null where it is looked up, or nothing has to be. */
  readonly known: readonly (Known | null)[];
  /** By name. */
  readonly pending: ReadonlyMap<string, PendingDomain>;
}

/** `knownAs`: what is known of a domain by its name, in lower-case A-labels; undefined has it looked up. */
export function readBatch<Known>(
  requests: readonly ValidationRequest[],
  knownAs: (name: string) => Known | undefined,
): Batch<Known> {
  const parsed = requests.map(({ email }) => parseMailbox(email));
  const pending = new Map<string, PendingDomain>();
  // A loop of its own: look-ups that follow each other closely wait for memory together.
  const known = parsed.map((outcome): Known | null => {
    if (!outcome.ok) return null;
    const name = outcome.mailbox.domain;
    const found = knownAs(name);
    if (found !== undefined) return found;
    const domain = pending.get(name);
    if (domain !== undefined) domain.rows++;
    else if (name !== sandboxDomain) pending.set(name, { name, rows: 1, found: null });
    return null;
  });
  return { parsed, known, pending };
}

export interface AskPorts {
  readonly mailHosts: MailHosts;
  /** Null where there is no list to ask. */
  readonly suppressions: Suppressions | null;
  /** The operator's own lists, whose word wins over the data. Never rejects; late ones count from the next time on. */
  readonly ownLists?: () => OwnLists | Promise<OwnLists>;
  /** What the caller's own deliveries and bounces have taught. Never rejects. */
  readonly learned?: () => Learned | Promise<Learned>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that one domain's look-up, or the suppression list, may take. */
  readonly timeoutMs: number;
  /** Told of a suppression list that failed; the verdict says `suppression_undetermined`. */
  readonly onSuppressionFailure?: (error: unknown) => void;
}

export interface Asking {
  /** False: the suppression list is not asked at all. */
  readonly askSuppressions: boolean;
  /** Milliseconds that all look-ups together may take. */
  readonly timeoutMs: number;
  /** What was found of a domain before, whether it still holds or not. */
  readonly before: (name: string) => FoundDomain | undefined;
  readonly keep: (domain: FoundDomain) => void;
}

export interface Answers {
  readonly suppressionOf: (address: string) => SuppressionEvidence;
  readonly ownLists: OwnLists;
  readonly learned: Learned | null;
  /** Milliseconds spent waiting; both waits overlap. */
  readonly waited: { readonly dns: number; readonly storage: number };
}

/** Domains of one batch that are looked up at the same time. */
const concurrentLookUps = 64;

/** Asks about batches. It answers without a promise where nothing has to be waited for. */
export function createAsking(
  ports: AskPorts,
): (batch: Batch<unknown>, asking: Asking) => Answers | Promise<Answers> {
  const { now } = ports;
  let latestLists = noOwnLists;

  /** Those of before go on counting where they do not come in time. */
  function readOwnLists(): OwnLists | Promise<OwnLists> {
    const lists = ports.ownLists?.() ?? noOwnLists;
    if (!(lists instanceof Promise)) {
      latestLists = lists;
      return lists;
    }
    const read = lists.then((value) => {
      latestLists = value;
    });
    const latest = () => latestLists;
    return within(read, ports.timeoutMs).then(latest, latest);
  }

  /** Null, as if nothing had been learned, where it does not come in time: a verdict can do without. */
  function readLearned(): Learned | null | Promise<Learned | null> {
    const learned = ports.learned?.() ?? null;
    return learned instanceof Promise ? within(learned, ports.timeoutMs).catch(() => null) : learned;
  }

  /** Asks for all addresses at once, and gives a function that knows the answer for each. */
  function findSuppressed(
    suppressions: Suppressions,
    addresses: readonly string[],
  ): Answers['suppressionOf'] | Promise<Answers['suppressionOf']> {
    const failed = (error: unknown): Answers['suppressionOf'] => {
      ports.onSuppressionFailure?.(error);
      return () => ({ kind: 'undetermined' });
    };
    try {
      const found = suppressions.find(addresses);
      return Array.isArray(found)
        ? evidenceOf(addresses, found)
        : within(found, ports.timeoutMs).then((come) => evidenceOf(addresses, come), failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Finds everything that a domain's name and the DNS tell, for the most frequent domains first. */
  async function lookUpDomains(
    pending: ReadonlyMap<string, PendingDomain>,
    { timeoutMs, before, keep }: Asking,
  ): Promise<void> {
    const last = now() + timeoutMs;
    // What many people wait for should not wait for what few do.
    const remaining = [...pending.values()].sort((a, b) => b.rows - a.rows).values();
    const together = {};
    const lookUpInTurn = async (): Promise<void> => {
      let moment = now();
      for (const domain of remaining) {
        const { name } = domain;
        const earlier = before(name);
        if (earlier !== undefined && moment < earlier.expires) {
          domain.found = earlier;
          continue;
        }
        const facts = earlier?.domain ?? describeDomain(name);
        let mailHost = notChecked;
        let expires = Number.POSITIVE_INFINITY;
        if (facts.specialUse === null) {
          const deadline = Math.min(last, moment + ports.timeoutMs);
          const answer = ports.mailHosts.lookUp(name, deadline, together);
          ({ mailHost, expires } = answer instanceof Promise ? await answer : answer);
          // What the cache knows takes no time.
          if (answer instanceof Promise) moment = now();
        }
        domain.found = foundDomain(name, expires, {
          domain: facts,
          mailHost,
          mailHostFacts: mailHostFactsOf(mailHost),
          denied: false,
        });
        keep(domain.found);
      }
    };
    const { concurrency = concurrentLookUps } = ports.mailHosts;
    const workers = Math.min(concurrency, pending.size);
    await Promise.all(Array.from({ length: workers }, lookUpInTurn));
  }

  return ({ parsed, pending }, asking) => {
    const { suppressions } = ports;
    const addresses = suppressions !== null && asking.askSuppressions ? addressesOf(parsed) : [];
    const started = now();
    const took = () => now() - started;
    const suppressed = addresses.length === 0 ? notAskedOf : findSuppressed(suppressions!, addresses);
    const ownLists = readOwnLists();
    const learned = readLearned();
    const isThere =
      pending.size === 0 &&
      !(suppressed instanceof Promise || ownLists instanceof Promise || learned instanceof Promise);
    if (isThere) return { suppressionOf: suppressed, ownLists, learned, waited: noWait };

    const waitForAll = async (): Promise<Answers> => {
      const storage = { took: 0 };
      if (suppressed instanceof Promise)
        void suppressed.then(() => {
          storage.took = took();
        });
      if (pending.size > 0) await lookUpDomains(pending, asking);
      const dns = took();
      return {
        suppressionOf: await suppressed,
        ownLists: await ownLists,
        learned: await learned,
        waited: { dns, storage: storage.took },
      };
    };
    return waitForAll();
  };
}

/** A domain with its profile. */
export function foundDomain(name: string, expires: number, evidence: DomainEvidence): FoundDomain {
  const { domain, mailHost, mailHostFacts, denied } = evidence;
  return { name, expires, domain, mailHost, mailHostFacts, denied, profile: profileOf(evidence) };
}

function addressesOf(parsed: readonly ParsedMailbox[]): string[] {
  const addresses: string[] = [];
  for (const outcome of parsed)
    if (outcome.ok && outcome.mailbox.domain !== sandboxDomain) addresses.push(outcome.mailbox.address);
  return addresses.length > 1 ? [...new Set(addresses)] : addresses;
}

const noWait = { dns: 0, storage: 0 };

const notAsked: SuppressionEvidence = { kind: 'not_asked' };

const notAskedOf = (): SuppressionEvidence => notAsked;

const clear: SuppressionEvidence = { kind: 'clear' };

const notChecked: MailHost = { kind: 'undetermined', cause: 'not_checked' };

const nothingKnown: MailHostFacts = { provider: null, disposable: false, parked: false };

const mailHostFactsOf = (mailHost: MailHost): MailHostFacts =>
  mailHost.kind === 'mx' ? describeMailHost(mailHost.exchanges) : nothingKnown;

function evidenceOf(
  addresses: readonly string[],
  found: readonly (Suppression | null)[],
): Answers['suppressionOf'] {
  if (found.length === 1) {
    const evidence = suppressionEvidence(found[0]!);
    return () => evidence;
  }
  const byAddress = new Map(addresses.map((address, index) => [address, suppressionEvidence(found[index]!)]));
  return (address) => byAddress.get(address)!;
}

const suppressionEvidence = (found: Suppression | null): SuppressionEvidence =>
  found === null ? clear : { kind: 'suppressed', bounced: found.reason === 'bounce', status: found.status };
