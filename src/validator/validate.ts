// The validator. Three steps: read a batch of requests, gather evidence about it, judge each address. A single address is a
// batch of one.

import { isRoleAccount, plusTag } from '../address/local-part.ts';
import type { Mailbox, SyntaxFailure } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import { nameFindingOf, type Smtputf8Policy } from '../address/name-rules.ts';
import type { MailHosts } from '../dns/mail-hosts.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { Overrides } from '../overrides/domain-lists.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import type { Suppressions } from '../suppression/suppressions.ts';
import { judgeUnparsed, suggestionFor, verdictOf } from '../verdict/judge.ts';
import {
  type DomainProfile,
  type Judgement,
  judgementOf,
  judgementOfUnparsed,
  type Prediction,
  predictedBounce,
  profileOf,
} from '../verdict/judgement.ts';
import { meantAddress } from '../verdict/meant.ts';
import { type PolicyOutcome, syntaxErrorRow } from '../verdict/policy.ts';
import type { Learned } from '../verdict/probability.ts';
import { sandboxEvidence } from '../verdict/sandbox.ts';
import type { PredictedBounce, Verdict } from '../verdict/verdict.ts';
import { type Batch, readBatch, type ValidationRequest } from './batch.ts';
import { domainSource } from './domain-source.ts';
import { type EvidenceSource, type Gathered, gatherEvidence } from './evidence-source.ts';
import { type FoundDomain, isCurrent } from './found-domain.ts';
import { learnedSource, overridesSource } from './kept-sources.ts';
import { type KnownDomains, rememberDomains } from './known-domains.ts';
import { suppressionSource } from './suppression-source.ts';

/**
 * The latest time that a Date can represent, in epoch milliseconds. A `lastVerifiedAt` that is larger, smaller than the
 * negative of it, or NaN is ignored.
 */
const lastInstant = 8.64e15;

export type { ValidationRequest } from './batch.ts';

export interface ValidatorPorts {
  readonly mailHosts: MailHosts;
  /** The suppression list; null if there is none. */
  readonly suppressions: Suppressions | null;
  /** Reads the operator's allow and deny lists of domains, which override presend's data. Never rejects. */
  readonly overrides?: () => MaybePromise<Overrides>;
  /** Reads the model that adjusts the probability of a bounce to reported outcomes. Never rejects. */
  readonly learned?: () => MaybePromise<Learned>;
  /** Further sources of evidence. */
  readonly sources?: readonly EvidenceSource[];
  /** Returns epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that each of these may take: the lookup of one domain, the suppression list, `overrides`, `learned`. */
  readonly timeoutMs: number;
  /** Milliseconds that the DNS lookups of one batch may take in total. */
  readonly batchTimeoutMs: number;
  /**
   * Called when the suppression list fails or is too slow. The verdicts of the batch then have the signal
   * `suppression_undetermined`.
   */
  readonly onSuppressionFailure?: (error: unknown) => void;
  /** Called with the predictions of each batch, which can later be compared with reported bounces. Must return at once. */
  readonly onJudged?: (predictions: readonly Prediction[]) => void;
  /**
   * Called with the result and the reason of each judgement, and where its domain came from: the cache, a lookup, or `none` for a
   * sandbox address or a text without a domain. Must return at once.
   */
  readonly onJudgement?: (row: PolicyOutcome, domain: 'cached' | 'looked_up' | 'none') => void;
  /** Maximum number of domains whose lookups are cached for later batches. */
  readonly maxKept?: number;
  /** What to do with addresses that need SMTPUTF8; `accept` by default. */
  readonly smtputf8?: Smtputf8Policy;
}

export interface ValidationOptions {
  /** False: do not ask the suppression list. */
  readonly askSuppressions?: boolean;
  /** The mail that the caller wants to send; by default marketing mail that belongs to no particular list. */
  readonly question?: MailQuestion;
  /**
   * Milliseconds that the DNS lookups may take in total. A value above the limit in `ValidatorPorts` has no effect:
   * `batchTimeoutMs`, or `timeoutMs` for a single request.
   */
  readonly timeoutMs?: number;
  /** As in `ListJudgementOptions`. */
  readonly proofs?: Proofs;
}

export interface Validation {
  /** One for each request, in order. */
  readonly verdicts: readonly Verdict[];
  /**
   * Milliseconds until the slowest source answered. `dns`: sources about domains, which are DNS and the operator's lists of
   * domains. `storage`: sources about addresses, which are the suppression list and the learned model. All sources are asked at
   * the same time.
   */
  readonly waited: { readonly dns: number; readonly storage: number };
}

export interface ListJudgementOptions {
  /**
   * The time as of which all rows of the list are judged, in epoch milliseconds. The age of an address is the time from its
   * `lastVerifiedAt` to `asOf`.
   */
  readonly asOf: number;
  /** The domains that earlier batches of the same list looked up. They are not looked up again. `judgeList` adds new ones. */
  readonly domains: KnownDomains;
  /** The mail that the list is for; marketing by default. */
  readonly question?: MailQuestion | undefined;
  /** What was found out about mailboxes for this list, by canonical address. It counts more than what the sources know. */
  readonly proofs?: Proofs | undefined;
}

export type Proofs = ReadonlyMap<string, KnownProof>;

/** The judgement on one request. It becomes a verdict, or a row of a cleaned list. */
export interface Judged {
  /** The parsed address; null if the text is not an e-mail address. */
  readonly mailbox: Mailbox | null;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
  /** The address that the person probably meant; null if the text looks right. */
  readonly didYouMean: string | null;
  /** Whether the request had a valid `lastVerifiedAt`. */
  readonly dated: boolean;
}

export interface JudgedList {
  /** One for each request, in order. */
  readonly judged: readonly Judged[];
  /**
   * The domains whose lookup failed because the resolvers timed out, refused or could not be reached. A later lookup may
   * succeed. Not included are domains whose own name servers fail (`servfail`), and domains that only one resolver reported as
   * accepting no mail (`unconfirmed`).
   */
  readonly unreached: ReadonlySet<string>;
}

export interface Validator {
  validate(request: ValidationRequest, options?: ValidationOptions): Promise<Verdict>;
  validateBatch(requests: readonly ValidationRequest[], options?: ValidationOptions): Promise<Validation>;
  /** Judges some rows of a list; a long list takes several calls. Returns a promise only if it has to wait. */
  judgeList(requests: readonly ValidationRequest[], options: ListJudgementOptions): MaybePromise<JudgedList>;
}

type ToDomain = Gathered['toDomain'];

/**
 * The functions with which `judgeRows` reads the domains of a batch and makes its rows. The objects are created once and not for
 * every verdict, because that would cost time and memory.
 */
interface Reading<Known, Row> {
  /** Returns the profile of a domain that was known before the batch. */
  readonly profileOfKnown: (known: Known, toDomain: ToDomain) => DomainProfile;
  /**
   * Returns the row of the answer for a mailbox. `domain` is null for a sandbox address; `dated` as in `Judged`; `judgedAt` is in
   * epoch milliseconds.
   */
  readonly rowOf: (
    email: string,
    mailbox: Mailbox,
    domain: Known | FoundDomain | null,
    judgement: Judgement,
    bounce: PredictedBounce,
    dated: boolean,
    judgedAt: number,
  ) => Row;
  /** Returns the row of the answer for a text that is not an e-mail address. */
  readonly unparsedRowOf: (
    email: string,
    failure: SyntaxFailure,
    didYouMean: string | null,
    judgedAt: number,
  ) => Row;
}

const profileOfFound = (domain: FoundDomain, toDomain: ToDomain): DomainProfile => toDomain(domain).profile;

const asVerdicts: Reading<FoundDomain, Verdict> = {
  profileOfKnown: profileOfFound,
  rowOf(email, mailbox, domain, judgement, bounce, _dated, judgedAt) {
    const { mailHost } = domain ?? sandboxEvidence(email, mailbox, null, null);
    return verdictOf({ email, mailbox, plusTag: plusTag(mailbox), mailHost, judgement, bounce }, judgedAt);
  },
  unparsedRowOf: (email, failure, didYouMean, judgedAt) =>
    judgeUnparsed({ email, failure, didYouMean }, judgedAt),
};

const asListRows: Reading<DomainProfile, Judged> = {
  profileOfKnown: (profile) => profile,
  rowOf(_email, mailbox, _domain, judgement, bounce, dated) {
    const didYouMean = suggestionFor(mailbox, judgement);
    return { mailbox, judgement, bounce, didYouMean, dated };
  },
  unparsedRowOf(_email, _failure, didYouMean) {
    const judgement = judgementOfUnparsed(didYouMean !== null);
    return { mailbox: null, judgement, bounce: judgement.bounce, didYouMean, dated: false };
  },
};

/** Creates a validator. Its promises reject only if the code has a bug. */
export function validatorOver(ports: ValidatorPorts): Validator {
  const { now, timeoutMs, batchTimeoutMs, onJudged, onJudgement } = ports;
  // Domains stay cached after their DNS answers expire, because the facts that follow from a name can be reused.
  const found = rememberDomains<FoundDomain>(ports.maxKept);
  const withoutSuppressions = [
    domainSource({ mailHosts: ports.mailHosts, now, timeoutMs, found }),
    ...(ports.overrides ? [overridesSource(ports.overrides, timeoutMs)] : []),
    ...(ports.learned ? [learnedSource(ports.learned, timeoutMs)] : []),
    ...(ports.sources ?? []),
  ];
  const { suppressions, onSuppressionFailure = () => {} } = ports;
  const sources =
    suppressions === null
      ? withoutSuppressions
      : [...withoutSuppressions, suppressionSource(suppressions, timeoutMs, onSuppressionFailure)];

  /** Judges every request of a batch at `judgedAt`, epoch milliseconds. Single addresses, batches and lists all use this loop. */
  function judgeRows<Known, Row>(
    requests: readonly ValidationRequest[],
    { parsed, known, pending }: Batch<Known>,
    { ofAddress, learned, toDomain }: Gathered,
    { profileOfKnown, rowOf, unparsedRowOf }: Reading<Known, Row>,
    judgedAt: number,
  ): Row[] {
    const predictions: Prediction[] = [];
    const rows: Row[] = [];
    for (const [index, { email, lastVerifiedAt: date = null, source = null }] of requests.entries()) {
      const outcome = parsed[index]!;
      if (!outcome.ok) {
        onJudgement?.(syntaxErrorRow, 'none');
        rows.push(unparsedRowOf(email, outcome.failure, meantAddress(email), judgedAt));
        continue;
      }
      const given = date !== null && Math.abs(date) <= lastInstant ? date : null;
      const { mailbox } = outcome;
      const already = known[index] ?? null;
      const looked = already === null ? (pending.get(mailbox.domain)?.found ?? null) : null;
      const profile =
        already !== null
          ? profileOfKnown(already, toDomain)
          : looked !== null
            ? profileOfFound(looked, toDomain)
            : null;
      const judgement = profile
        ? judgementOf(
            profile,
            isRoleAccount(mailbox.localPart),
            nameFindingOf(mailbox, profile.nameRule, ports.smtputf8),
            ofAddress(mailbox.address),
          )
        : sandboxJudgement(email, mailbox);
      const lastVerifiedAt =
        judgement.mailbox === undefined ? given : latestProof(given, judgement.mailbox, judgedAt);
      onJudgement?.(judgement.row, already !== null ? 'cached' : looked !== null ? 'looked_up' : 'none');
      // Only a sandbox address (@presend.test) has no profile here. Its documented outcome is fixed, so do not use the model.
      const model = profile ? learned : null;
      const bounce = predictedBounce(judgement, mailbox.domain, lastVerifiedAt, source, judgedAt, model);
      if (onJudged && profile)
        predictions.push({ mailbox, judgement, bounce, judgedAt, source, lastVerifiedAt });
      rows.push(
        rowOf(email, mailbox, already ?? looked, judgement, bounce, lastVerifiedAt !== null, judgedAt),
      );
    }
    onJudged?.(predictions);
    return rows;
  }

  function validateNow(
    requests: readonly ValidationRequest[],
    options: ValidationOptions = {},
  ): MaybePromise<Validation> {
    const started = now();
    const freshOf = (names: readonly (string | null)[]) =>
      names.map((name) => {
        const known = name === null ? undefined : found.get(name);
        return known !== undefined && isCurrent(known, started) ? known : undefined;
      });
    const batch = readBatch(requests, freshOf, options.question);
    const most = Math.min(
      options.timeoutMs ?? Number.POSITIVE_INFINITY,
      requests.length === 1 ? timeoutMs : batchTimeoutMs,
    );
    const asked = options.askSuppressions === false ? withoutSuppressions : sources;
    const gathered = gatherEvidence(asked, batch, started + most, now);
    return gathered instanceof Promise
      ? gathered.then((all) => validationOf(requests, batch, withProofs(all, options.proofs)))
      : validationOf(requests, batch, withProofs(gathered, options.proofs));
  }

  function validationOf(
    requests: readonly ValidationRequest[],
    batch: Batch<FoundDomain>,
    gathered: Gathered,
  ): Validation {
    const verdicts = judgeRows(requests, batch, gathered, asVerdicts, now());
    const { domain, address } = gathered.waited;
    return { verdicts, waited: { dns: domain, storage: address } };
  }

  function judgeList(
    requests: readonly ValidationRequest[],
    options: ListJudgementOptions,
  ): MaybePromise<JudgedList> {
    const batch = readBatch(requests, options.domains.getAll, options.question);
    const gathered = gatherEvidence(sources, batch, now() + batchTimeoutMs, now);
    return gathered instanceof Promise
      ? gathered.then((all) => judgedListOf(requests, options, batch, withProofs(all, options.proofs)))
      : judgedListOf(requests, options, batch, withProofs(gathered, options.proofs));
  }

  function judgedListOf(
    requests: readonly ValidationRequest[],
    { asOf, domains }: ListJudgementOptions,
    batch: Batch<DomainProfile>,
    gathered: Gathered,
  ): JudgedList {
    const { toDomain } = gathered;
    const unreached = new Set<string>();
    for (const { name, found } of batch.pending.values()) {
      const { mailHost } = found!;
      if (mailHost.kind !== 'undetermined' || mailHost.cause === 'not_checked')
        domains.set(name, toDomain(found!).profile);
      else if (mailHost.cause !== 'servfail' && mailHost.cause !== 'unconfirmed') unreached.add(name);
    }
    const judged = judgeRows(requests, batch, gathered, asListRows, asOf);
    return { judged, unreached };
  }

  return {
    async validateBatch(requests, options) {
      return validateNow(requests, options);
    },
    async validate(request, options) {
      const validation = validateNow([request], options);
      return (validation instanceof Promise ? await validation : validation).verdicts[0]!;
    },
    judgeList,
  };
}

/** Adds what was found out about mailboxes to the findings of the sources. */
function withProofs(gathered: Gathered, proofs: Proofs | undefined): Gathered {
  if (proofs === undefined || proofs.size === 0) return gathered;
  const { ofAddress } = gathered;
  return {
    ...gathered,
    ofAddress(address) {
      const known = proofs.get(address);
      const found = ofAddress(address);
      return known === undefined ? found : { ...found, proof: known.proof, proofOrigin: known };
    },
  };
}

/** A mailbox that is proven to exist was alive then, as if mail had arrived. `given`: when mail last arrived, or null. */
function latestProof(
  given: number | null,
  { proof, checkedAt }: KnownProof,
  judgedAt: number,
): number | null {
  if (proof.kind !== 'exists' || checkedAt === null) return given;
  // A list is judged as of its upload, and its mail hosts are asked afterwards.
  const provenAt = Math.min(checkedAt, judgedAt);
  return Math.max(provenAt, given ?? provenAt);
}

function sandboxJudgement(email: string, mailbox: Mailbox): Judgement {
  const evidence = sandboxEvidence(email, mailbox, null, null);
  return judgementOf(profileOf(evidence), evidence.role, evidence.name ?? null, evidence);
}
