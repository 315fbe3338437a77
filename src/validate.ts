// The spine: parse, ask the suppression list, ask the DNS, judge. A single address is a batch of one.

import { isRoleAccount, plusTag } from './address/local-part.ts';
import type { Mailbox, SyntaxFailure } from './address/mailbox.ts';
import { parseMailbox } from './address/parse.ts';
import type { MailHosts } from './dns/mail-hosts.ts';
import { describeDomain } from './domain/describe.ts';
import type { MailHost } from './domain/mail-host.ts';
import { describeMailHost } from './domain/mail-host-facts.ts';
import { allowedFacts, noOwnLists, type OwnLists, ownWordOn } from './domain/own-lists.ts';
import type { Suppression, Suppressions } from './suppression/suppressions.ts';
import type { DomainEvidence, MailHostFacts, SuppressionEvidence } from './verdict/evidence.ts';
import { domainSignals, judge, judgeUnparsed } from './verdict/judge.ts';
import {
  type KnownDomain,
  type KnownDomains,
  rememberDomains,
  type WeighedDomain,
} from './verdict/known-domains.ts';
import { meantAddress } from './verdict/meant.ts';
import type { Learned } from './verdict/probability.ts';
import { sandboxDomain, sandboxEvidence } from './verdict/sandbox.ts';
import type { Verdict } from './verdict/verdict.ts';

export interface ValidationRequest {
  readonly email: string;
  /** Epoch milliseconds at which somebody last knew that mail arrives there. */
  readonly lastVerifiedAt?: number | null;
  /** Where the address was acquired. */
  readonly source?: string | null;
}

export interface ValidatorPorts {
  readonly mailHosts: MailHosts;
  /** Null where there is no list to ask. */
  readonly suppressions: Suppressions | null;
  /** The operator's own lists, whose word wins over the data. Never rejects; late ones count from the next time on. */
  readonly ownLists?: () => OwnLists | Promise<OwnLists>;
  /** What the caller's own deliveries and bounces have taught. Never rejects. */
  readonly learned?: () => Learned | Promise<Learned>;
  /** Takes note of verdicts to learn from. Must return at once. */
  readonly onVerdicts?: (given: readonly GivenVerdict[]) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that one domain's look-up, or the suppression list, may take. */
  readonly timeoutMs: number;
  /** Milliseconds that all look-ups of one batch together may take. */
  readonly batchTimeoutMs: number;
  /** Domains whose facts are kept from batch to batch. */
  readonly maxKept?: number;
  /** Told of a suppression list that failed; the verdict says `suppression_undetermined`. */
  readonly onSuppressionFailure?: (error: unknown) => void;
}

/** A verdict on a mailbox, with what the caller told beside the address. */
export interface GivenVerdict {
  readonly verdict: Verdict;
  readonly source: string | null;
  /** Epoch milliseconds, or null. */
  readonly lastVerifiedAt: number | null;
}

export interface ValidationOptions {
  /** False: the suppression list is not asked at all. */
  readonly askSuppressions?: boolean;
  /** Milliseconds that all look-ups together may take, where that is less than the ports allow. */
  readonly timeoutMs?: number;
  /** Epoch milliseconds that the verdicts are of; the moment of judging where absent. A list has one for all its rows. */
  readonly asOf?: number;
  /** What batches of one list have found out, so that each domain is looked up once in all of them. */
  readonly domains?: KnownDomains;
}

export interface Validation {
  /** In the order of the requests. */
  readonly verdicts: readonly Verdict[];
  /** Milliseconds spent waiting; both waits overlap. */
  readonly waited: { readonly dns: number; readonly storage: number };
}

export interface Validator {
  validate(request: ValidationRequest, options?: ValidationOptions): Promise<Verdict>;
  validateBatch(requests: readonly ValidationRequest[], options?: ValidationOptions): Promise<Validation>;
}

/** Domains of one batch that are looked up at the same time. */
const concurrentLookUps = 64;

/** The validator over its ports. Its promises reject only for bugs. */
export function validatorOver(ports: ValidatorPorts): Validator {
  const { now } = ports;
  // A name tells the same each time, while what the DNS says of it ends with its TTL.
  const met = rememberDomains<MetDomain>(
    (name) => ({ name, evidence: null, batch: 0, inBatch: null }),
    ports.maxKept,
  );
  let batches = 0;
  let latestLists = noOwnLists;

  async function validateBatch(
    requests: readonly ValidationRequest[],
    { askSuppressions = true, timeoutMs = Number.POSITIVE_INFINITY, asOf, domains }: ValidationOptions = {},
  ): Promise<Validation> {
    const { rows, pending } = readRows(requests, domains?.of ?? domainsOfBatch());
    const started = now();
    const waited = { dns: 0, storage: 0 };

    const suppressed = findSuppressed(rows, askSuppressions).finally(() => {
      waited.storage = now() - started;
    });
    const ownLists = readOwnLists();
    const learning = readLearned();
    await lookUpDomains(
      pending,
      ownLists,
      Math.min(timeoutMs, requests.length === 1 ? ports.timeoutMs : ports.batchTimeoutMs),
    );
    waited.dns = now() - started;
    const suppressions = await suppressed;

    const learned = await learning;

    const judgedAt = asOf ?? now();
    const given: GivenVerdict[] = [];
    const verdicts = rows.map((row): Verdict => {
      const { email, lastVerifiedAt, source } = row;
      if (row.kind === 'unparsed')
        return judgeUnparsed({ email, failure: row.failure, didYouMean: meantAddress(email) }, judgedAt);
      const { mailbox } = row;
      if (row.kind === 'sandbox')
        return judge(sandboxEvidence(email, mailbox, plusTag(mailbox), lastVerifiedAt), judgedAt);
      const { domain, mailHost, mailHostFacts, denied, signals } = row.domain.evidence!;
      const verdict = judge(
        {
          email,
          mailbox,
          role: isRoleAccount(mailbox.localPart),
          plusTag: plusTag(mailbox),
          domain,
          mailHost,
          mailHostFacts,
          denied,
          suppression: suppressions(mailbox.address),
          lastVerifiedAt,
          source,
        },
        judgedAt,
        signals,
        learned,
      );
      if (ports.onVerdicts) given.push({ verdict, source, lastVerifiedAt });
      return verdict;
    });
    ports.onVerdicts?.(given);
    return { verdicts, waited };
  }

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

  /** What one batch finds out: begun anew for each, since what the DNS says ends with its TTL. */
  function domainsOfBatch(): KnownDomains['of'] {
    batches += 1;
    const batch = batches;
    return (name) => {
      const domain = met.of(name);
      if (domain.batch !== batch || domain.inBatch === null) {
        domain.batch = batch;
        domain.inBatch = { name: domain.name, rows: 0, evidence: null };
      }
      return domain.inBatch;
    };
  }

  /** Asks for all addresses at once; settles with a function that knows the answer for each. */
  async function findSuppressed(
    rows: readonly Row[],
    ask: boolean,
  ): Promise<(address: string) => SuppressionEvidence> {
    if (!ask || ports.suppressions === null) return () => notAsked;
    const addresses = [
      ...new Set(rows.flatMap((row) => (row.kind === 'mailbox' ? [row.mailbox.address] : []))),
    ];
    if (addresses.length === 0) return () => notAsked;
    try {
      const found = await within(ports.suppressions.find(addresses), ports.timeoutMs);
      const byAddress = new Map(
        addresses.map((address, index) => [address, suppressionEvidence(found[index]!)]),
      );
      return (address) => byAddress.get(address)!;
    } catch (error) {
      ports.onSuppressionFailure?.(error);
      return () => ({ kind: 'undetermined' });
    }
  }

  /** Finds everything that a domain's name and the DNS tell, for the most frequent domains first. */
  async function lookUpDomains(
    pending: readonly KnownDomain[],
    ownLists: OwnLists | Promise<OwnLists>,
    timeoutMs: number,
  ): Promise<void> {
    if (pending.length === 0) return;
    const last = now() + timeoutMs;
    // What many people wait for should not wait for what few do.
    const remaining = pending.toSorted((a, b) => b.rows - a.rows).values();
    const together = {};
    const lookUpInTurn = async (): Promise<void> => {
      let moment = now();
      for (const known of remaining) {
        const before = met.of(known.name);
        const domain = before.evidence?.domain ?? describeDomain(known.name);
        let mailHost = notChecked;
        if (domain.specialUse === null) {
          const deadline = Math.min(last, moment + ports.timeoutMs);
          const answer = ports.mailHosts.lookUp(known.name, deadline, together);
          mailHost = answer instanceof Promise ? await answer : answer;
          // What the cache knows takes no time.
          if (answer instanceof Promise) moment = now();
        }
        const evidence =
          before.evidence?.mailHost === mailHost
            ? before.evidence
            : weighed({ domain, mailHost, mailHostFacts: mailHostFactsOf(mailHost), denied: false });
        before.evidence = evidence;
        // Meanwhile another batch may find something else, which is not what this one was told.
        const lists = ownLists instanceof Promise ? await ownLists : ownLists;
        known.evidence = withOwnWord(evidence, known.name, lists);
      }
    };
    const workers = Math.min(concurrentLookUps, pending.length);
    await Promise.all(Array.from({ length: workers }, lookUpInTurn));
  }

  return {
    validateBatch,
    async validate(request, options) {
      const { verdicts } = await validateBatch([request], options);
      return verdicts[0]!;
    },
  };
}

/** A domain that some batch met. */
interface MetDomain {
  readonly name: string;
  /** As it was last found, by whichever batch. */
  evidence: WeighedDomain | null;
  /** The batch that met it last, and what that one found: batches overlap, and each keeps to its own. */
  batch: number;
  inBatch: KnownDomain | null;
}

type Row = Required<ValidationRequest> &
  (
    | { readonly kind: 'unparsed'; readonly failure: SyntaxFailure }
    | { readonly kind: 'sandbox'; readonly mailbox: Mailbox }
    | { readonly kind: 'mailbox'; readonly mailbox: Mailbox; readonly domain: KnownDomain }
  );

const weighed = (evidence: DomainEvidence): WeighedDomain => ({
  ...evidence,
  signals: domainSignals(evidence),
});

/**
 * With the operator's word on the domain. What the DNS says stands whatever the operator wishes; what the data holds
 * against a domain or its MX does not.
 */
function withOwnWord(evidence: WeighedDomain, name: string, lists: OwnLists): WeighedDomain {
  switch (ownWordOn(name, lists)) {
    case 'deny':
      return weighed({ ...evidence, denied: true });
    case 'allow':
      return weighed({
        ...evidence,
        domain: allowedFacts(evidence.domain),
        mailHostFacts: { ...evidence.mailHostFacts, disposable: false, parked: false },
      });
    default:
      return evidence;
  }
}

const notAsked: SuppressionEvidence = { kind: 'not_asked' };

const clear: SuppressionEvidence = { kind: 'clear' };

const notChecked: MailHost = { kind: 'undetermined', cause: 'not_checked' };

const nothingKnown: MailHostFacts = { provider: null, disposable: false, parked: false };

/** The rows, and the domains among them of which the DNS has not told yet. */
function readRows(
  requests: readonly ValidationRequest[],
  domainOf: KnownDomains['of'],
): { rows: Row[]; pending: KnownDomain[] } {
  const pending = new Set<KnownDomain>();
  const rows = requests.map(({ email, lastVerifiedAt = null, source = null }): Row => {
    const parsed = parseMailbox(email);
    if (!parsed.ok) return { kind: 'unparsed', email, lastVerifiedAt, source, failure: parsed.failure };
    const { mailbox } = parsed;
    if (mailbox.domain === sandboxDomain) return { kind: 'sandbox', email, lastVerifiedAt, source, mailbox };
    const domain = domainOf(mailbox.domain);
    domain.rows++;
    if (domain.evidence === null || isUndetermined(domain.evidence.mailHost)) pending.add(domain);
    return { kind: 'mailbox', email, lastVerifiedAt, source, mailbox, domain };
  });
  return { rows, pending: [...pending] };
}

const isUndetermined = (mailHost: MailHost): boolean =>
  mailHost.kind === 'undetermined' && mailHost.cause !== 'not_checked';

const mailHostFactsOf = (mailHost: MailHost): MailHostFacts =>
  mailHost.kind === 'mx' ? describeMailHost(mailHost.exchanges) : nothingKnown;

const suppressionEvidence = (found: Suppression | null): SuppressionEvidence =>
  found === null ? clear : { kind: 'suppressed', bounced: found.reason === 'bounce', status: found.status };

/** Rejects after `ms` milliseconds, so that a hung store costs the caller no more than a hung resolver. */
function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`storage did not answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
