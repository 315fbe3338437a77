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
import type { MailHostFacts, SuppressionEvidence } from './verdict/evidence.ts';
import { judge, judgeUnparsed } from './verdict/judge.ts';
import {
  createKnownDomains,
  type DomainEvidence,
  type KnownDomain,
  type KnownDomains,
} from './verdict/known-domains.ts';
import { meantAddress } from './verdict/meant.ts';
import { sandboxDomain, sandboxEvidence } from './verdict/sandbox.ts';
import type { Verdict } from './verdict/verdict.ts';

export interface ValidationRequest {
  readonly email: string;
  /** Epoch milliseconds at which somebody last knew that mail arrives there. */
  readonly lastVerifiedAt?: number | null;
}

export interface ValidatorPorts {
  readonly mailHosts: MailHosts;
  /** Null where there is no list to ask. */
  readonly suppressions: Suppressions | null;
  /** The operator's own lists, whose word wins over the data. Never rejects. */
  readonly ownLists?: () => OwnLists | Promise<OwnLists>;
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
  const met = createKnownDomains(ports.maxKept);

  async function validateBatch(
    requests: readonly ValidationRequest[],
    {
      askSuppressions = true,
      timeoutMs = Number.POSITIVE_INFINITY,
      asOf,
      domains = createKnownDomains(),
    }: ValidationOptions = {},
  ): Promise<Validation> {
    const { rows, pending } = readRows(requests, domains);
    const started = now();
    const waited = { dns: 0, storage: 0 };

    const suppressed = findSuppressed(rows, askSuppressions).finally(() => {
      waited.storage = now() - started;
    });
    const ownLists = ports.ownLists?.() ?? noOwnLists;
    await lookUpDomains(
      pending,
      ownLists,
      Math.min(timeoutMs, requests.length === 1 ? ports.timeoutMs : ports.batchTimeoutMs),
    );
    waited.dns = now() - started;
    const suppressions = await suppressed;

    const judgedAt = asOf ?? now();
    const verdicts = rows.map((row): Verdict => {
      const { email, lastVerifiedAt } = row;
      if (row.kind === 'unparsed')
        return judgeUnparsed({ email, failure: row.failure, didYouMean: meantAddress(email) }, judgedAt);
      const { mailbox } = row;
      if (row.kind === 'sandbox')
        return judge(sandboxEvidence(email, mailbox, plusTag(mailbox), lastVerifiedAt), judgedAt);
      const { domain, mailHost, mailHostFacts, denied } = row.domain.evidence!;
      return judge(
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
        },
        judgedAt,
      );
    });
    return { verdicts, waited };
  }

  /** Asks for all addresses at once; settles with a function that knows the answer for each. */
  async function findSuppressed(
    rows: readonly Row[],
    ask: boolean,
  ): Promise<(address: string) => SuppressionEvidence> {
    if (!ask || ports.suppressions === null) return () => ({ kind: 'not_asked' });
    const addresses = [
      ...new Set(rows.flatMap((row) => (row.kind === 'mailbox' ? [row.mailbox.address] : []))),
    ];
    if (addresses.length === 0) return () => ({ kind: 'not_asked' });
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
      for (const known of remaining) {
        const before = met.of(known.name);
        const domain = before.evidence?.domain ?? describeDomain(known.name);
        const answer =
          domain.specialUse === null
            ? ports.mailHosts.lookUp(known.name, Math.min(last, now() + ports.timeoutMs), together)
            : notChecked;
        const mailHost = answer instanceof Promise ? await answer : answer;
        if (before.evidence?.mailHost !== mailHost)
          before.evidence = { domain, mailHost, mailHostFacts: mailHostFactsOf(mailHost), denied: false };
        const lists = ownLists instanceof Promise ? await ownLists : ownLists;
        known.evidence = withOwnWord(before.evidence, known.name, lists);
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

type Row = { readonly email: string; readonly lastVerifiedAt: number | null } & (
  | { readonly kind: 'unparsed'; readonly failure: SyntaxFailure }
  | { readonly kind: 'sandbox'; readonly mailbox: Mailbox }
  | { readonly kind: 'mailbox'; readonly mailbox: Mailbox; readonly domain: KnownDomain }
);

/**
 * With the operator's word on the domain. What the DNS says stands whatever the operator wishes; what the data holds
 * against a domain or its MX does not.
 */
function withOwnWord(evidence: DomainEvidence, name: string, lists: OwnLists): DomainEvidence {
  switch (ownWordOn(name, lists)) {
    case 'deny':
      return { ...evidence, denied: true };
    case 'allow':
      return {
        ...evidence,
        domain: allowedFacts(evidence.domain),
        mailHostFacts: { ...evidence.mailHostFacts, disposable: false, parked: false },
      };
    default:
      return evidence;
  }
}

const notChecked: MailHost = { kind: 'undetermined', cause: 'not_checked' };

const nothingKnown: MailHostFacts = { provider: null, disposable: false, parked: false };

/** The rows, and the domains among them of which the DNS has not told yet. */
function readRows(
  requests: readonly ValidationRequest[],
  domains: KnownDomains,
): { rows: Row[]; pending: KnownDomain[] } {
  const pending = new Set<KnownDomain>();
  const rows = requests.map(({ email, lastVerifiedAt = null }): Row => {
    const parsed = parseMailbox(email);
    if (!parsed.ok) return { kind: 'unparsed', email, lastVerifiedAt, failure: parsed.failure };
    const { mailbox } = parsed;
    if (mailbox.domain === sandboxDomain) return { kind: 'sandbox', email, lastVerifiedAt, mailbox };
    const domain = domains.of(mailbox.domain);
    domain.rows++;
    if (domain.evidence === null || isUndetermined(domain.evidence.mailHost)) pending.add(domain);
    return { kind: 'mailbox', email, lastVerifiedAt, mailbox, domain };
  });
  return { rows, pending: [...pending] };
}

const isUndetermined = (mailHost: MailHost): boolean =>
  mailHost.kind === 'undetermined' && mailHost.cause !== 'not_checked';

const mailHostFactsOf = (mailHost: MailHost): MailHostFacts =>
  mailHost.kind === 'mx' ? describeMailHost(mailHost.exchanges) : nothingKnown;

const suppressionEvidence = (found: Suppression | null): SuppressionEvidence =>
  found === null
    ? { kind: 'clear' }
    : { kind: 'suppressed', bounced: found.reason === 'bounce', status: found.status };

/** Rejects after `ms` milliseconds, so that a hung store costs the caller no more than a hung resolver. */
function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the suppression list did not answer within ${ms} ms`)),
      ms,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
