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
import type { Evidence, MailHostFacts, SuppressionEvidence } from './verdict/evidence.ts';
import { judge, judgeUnparsed } from './verdict/judge.ts';
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
  /** The operator's own lists, whose word wins over the data. Never rejects; late ones count from the next time on. */
  readonly ownLists?: () => OwnLists | Promise<OwnLists>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that one domain's look-up, or the suppression list, may take. */
  readonly timeoutMs: number;
  /** Milliseconds that all look-ups of one batch together may take. */
  readonly batchTimeoutMs: number;
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
  let ownLists = noOwnLists;

  async function validateBatch(
    requests: readonly ValidationRequest[],
    { askSuppressions = true, timeoutMs = Number.POSITIVE_INFINITY, asOf }: ValidationOptions = {},
  ): Promise<Validation> {
    const rows = requests.map(readRow);
    const started = now();
    const waited = { dns: 0, storage: 0 };

    const suppressed = findSuppressed(rows, askSuppressions).finally(() => {
      waited.storage = now() - started;
    });
    const own = readOwnLists();
    const domains = await lookUpDomains(
      rows,
      Math.min(timeoutMs, requests.length === 1 ? ports.timeoutMs : ports.batchTimeoutMs),
    );
    waited.dns = now() - started;
    const suppressions = await suppressed;
    await own;

    const judgedAt = asOf ?? now();
    const verdicts = rows.map((row): Verdict => {
      const { email, lastVerifiedAt } = row;
      if (row.kind === 'unparsed')
        return judgeUnparsed({ email, failure: row.failure, didYouMean: meantAddress(email) }, judgedAt);
      const { mailbox } = row;
      if (row.kind === 'sandbox')
        return judge(sandboxEvidence(email, mailbox, plusTag(mailbox), lastVerifiedAt), judgedAt);
      const known = domains.get(mailbox.domain)!;
      const word = ownWordOn(mailbox.domain, ownLists);
      return judge(
        {
          email,
          mailbox,
          role: isRoleAccount(mailbox.localPart),
          plusTag: plusTag(mailbox),
          ...(word === 'allow' ? allowed(known) : known),
          denied: word === 'deny',
          suppression: suppressions(mailbox.address),
          lastVerifiedAt,
        },
        judgedAt,
      );
    });
    return { verdicts, waited };
  }

  /** Those of before go on counting where they do not come in time. */
  async function readOwnLists(): Promise<void> {
    const lists = ports.ownLists?.() ?? noOwnLists;
    if (lists instanceof Promise) {
      const read = lists.then((value) => {
        ownLists = value;
      });
      await within(read, ports.timeoutMs).catch(() => {});
    } else ownLists = lists;
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

  /** Everything that a domain's name and the DNS tell, once for each distinct domain. */
  async function lookUpDomains(
    rows: readonly Row[],
    timeoutMs: number,
  ): Promise<Map<string, DomainEvidence>> {
    const known = new Map<string, DomainEvidence>();
    const waiting: string[] = [];
    for (const row of rows) if (row.kind === 'mailbox') waiting.push(row.mailbox.domain);
    const distinct = new Set(waiting);
    const last = now() + timeoutMs;

    const remaining = distinct.values();
    const together = {};
    const lookUpInTurn = async (): Promise<void> => {
      for (const domain of remaining) {
        const facts = describeDomain(domain);
        const answer =
          facts.specialUse === null
            ? ports.mailHosts.lookUp(domain, Math.min(last, now() + ports.timeoutMs), together)
            : notChecked;
        const mailHost = answer instanceof Promise ? await answer : answer;
        known.set(domain, { domain: facts, mailHost, mailHostFacts: mailHostFactsOf(mailHost) });
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrentLookUps, distinct.size) }, lookUpInTurn));
    return known;
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
  | { readonly kind: 'mailbox' | 'sandbox'; readonly mailbox: Mailbox }
);

type DomainEvidence = Pick<Evidence, 'domain' | 'mailHost' | 'mailHostFacts'>;

/** What the DNS says stands whatever the operator wishes; what the data holds against the domain or its MX does not. */
const allowed = ({ domain, mailHost, mailHostFacts }: DomainEvidence): DomainEvidence => ({
  domain: allowedFacts(domain),
  mailHost,
  mailHostFacts: { ...mailHostFacts, disposable: false, parked: false },
});

const notChecked: MailHost = { kind: 'undetermined', cause: 'not_checked' };

const nothingKnown: MailHostFacts = { provider: null, disposable: false, parked: false };

function readRow({ email, lastVerifiedAt = null }: ValidationRequest): Row {
  const parsed = parseMailbox(email);
  if (!parsed.ok) return { kind: 'unparsed', email, lastVerifiedAt, failure: parsed.failure };
  const kind = parsed.mailbox.domain === sandboxDomain ? 'sandbox' : 'mailbox';
  return { kind, email, lastVerifiedAt, mailbox: parsed.mailbox };
}

const mailHostFactsOf = (mailHost: MailHost): MailHostFacts =>
  mailHost.kind === 'mx' ? describeMailHost(mailHost.exchanges) : nothingKnown;

const suppressionEvidence = (found: Suppression | null): SuppressionEvidence =>
  found === null
    ? { kind: 'clear' }
    : { kind: 'suppressed', bounced: found.reason === 'bounce', status: found.status };

/** Rejects after `ms` milliseconds, so that a hung store costs the caller no more than a hung resolver. */
function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`storage did not answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
