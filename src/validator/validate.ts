// The spine: read a batch, ask about it, judge. A single address is a batch of one.

import { isRoleAccount, plusTag } from '../address/local-part.ts';
import type { Mailbox } from '../address/mailbox.ts';
import { allowedFacts, type OwnLists, ownWordOn } from '../overrides/own-lists.ts';
import { judge, judgeUnparsed, suggestionFor, verdictOf } from '../verdict/judge.ts';
import {
  type DomainProfile,
  type Judgement,
  judgementOf,
  judgementOfUnparsed,
  type Prediction,
  predictedBounce,
  profileOf,
} from '../verdict/judgement.ts';
import { type KnownDomains, rememberDomains } from '../verdict/known-domains.ts';
import { meantAddress } from '../verdict/meant.ts';
import { sandboxEvidence } from '../verdict/sandbox.ts';
import type { PredictedBounce, Verdict } from '../verdict/verdict.ts';
import {
  type Answers,
  type AskPorts,
  type Batch,
  createAsking,
  type FoundDomain,
  foundDomain,
  readBatch,
  type ValidationRequest,
} from './batch.ts';

export type { ValidationRequest } from './batch.ts';

export interface ValidatorPorts extends AskPorts {
  /** Takes note of judgements to learn from. Must return at once. */
  readonly onJudged?: (given: readonly Prediction[]) => void;
  /** Milliseconds that all look-ups of one batch together may take. */
  readonly batchTimeoutMs: number;
  /** Domains whose facts are kept from batch to batch. */
  readonly maxKept?: number;
}

export interface ValidationOptions {
  /** False: the suppression list is not asked at all. */
  readonly askSuppressions?: boolean;
  /** Milliseconds that all look-ups together may take, where that is less than the ports allow. */
  readonly timeoutMs?: number;
}

export interface Validation {
  /** In the order of the requests. */
  readonly verdicts: readonly Verdict[];
  /** Milliseconds spent waiting; both waits overlap. */
  readonly waited: { readonly dns: number; readonly storage: number };
}

export interface ListOptions {
  /** Epoch milliseconds that the judgements are of: a list has one for all its rows. */
  readonly asOf: number;
  /** What batches of one list have found out, so that each domain is looked up once in all of them. */
  readonly domains: KnownDomains;
}

/** What a list, which writes verdicts in its own way, is told of one address. */
export interface Judged {
  /** Null for what is none. */
  readonly mailbox: Mailbox | null;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
  readonly didYouMean: string | null;
}

export interface JudgedList {
  /** In the order of the requests. */
  readonly judged: readonly Judged[];
  /** Names of the domains for which no resolver could be reached. */
  readonly unreached: ReadonlySet<string>;
}

export interface Validator {
  validate(request: ValidationRequest, options?: ValidationOptions): Promise<Verdict>;
  validateBatch(requests: readonly ValidationRequest[], options?: ValidationOptions): Promise<Validation>;
  /** Judges a part of a list; without a promise where nothing has to be waited for. */
  judgeList(requests: readonly ValidationRequest[], options: ListOptions): JudgedList | Promise<JudgedList>;
}

/** The validator over its ports. Its promises reject only for bugs. */
export function validatorOver(ports: ValidatorPorts): Validator {
  const { now } = ports;
  const ask = createAsking(ports);
  // A name tells the same each time, while what the DNS says of it ends with its TTL.
  const found = rememberDomains<FoundDomain>(ports.maxKept);
  const before = found.get;
  const keep = (domain: FoundDomain): void => found.set(domain.name, domain);

  function validateNow(
    requests: readonly ValidationRequest[],
    { askSuppressions = true, timeoutMs = Number.POSITIVE_INFINITY }: ValidationOptions = {},
  ): Validation | Promise<Validation> {
    const started = now();
    const batch = readBatch(requests, (name) => {
      const known = found.get(name);
      return known !== undefined && started < known.expires ? known : undefined;
    });
    const mostMs = requests.length === 1 ? ports.timeoutMs : ports.batchTimeoutMs;
    const answers = ask(batch, { askSuppressions, timeoutMs: Math.min(timeoutMs, mostMs), before, keep });
    return answers instanceof Promise
      ? answers.then((come) => validationOf(requests, batch, come))
      : validationOf(requests, batch, answers);
  }

  function validationOf(
    requests: readonly ValidationRequest[],
    { parsed, known, pending }: Batch<FoundDomain>,
    { suppressionOf, ownLists, learned, waited }: Answers,
  ): Validation {
    const judgedAt = now();
    const worded = wordedBy(ownLists);
    const given: Prediction[] = [];
    const verdicts = requests.map(({ email, lastVerifiedAt = null, source = null }, index): Verdict => {
      const outcome = parsed[index]!;
      if (!outcome.ok)
        return judgeUnparsed({ email, failure: outcome.failure, didYouMean: meantAddress(email) }, judgedAt);
      const { mailbox } = outcome;
      const tag = plusTag(mailbox);
      const domain = known[index] ?? pending.get(mailbox.domain)?.found;
      if (!domain) return judge(sandboxEvidence(email, mailbox, tag, lastVerifiedAt), judgedAt);
      const { profile, mailHost } = worded(domain);
      const role = isRoleAccount(mailbox.localPart);
      const judgement = judgementOf(profile, role, suppressionOf(mailbox.address));
      const bounce = predictedBounce(judgement, mailbox.domain, lastVerifiedAt, source, judgedAt, learned);
      if (ports.onJudged) given.push({ mailbox, judgement, bounce, judgedAt, source, lastVerifiedAt });
      return verdictOf({ email, mailbox, plusTag: tag, mailHost, judgement, bounce }, judgedAt);
    });
    ports.onJudged?.(given);
    return { verdicts, waited };
  }

  function judgeList(
    requests: readonly ValidationRequest[],
    options: ListOptions,
  ): JudgedList | Promise<JudgedList> {
    const batch = readBatch(requests, options.domains.get);
    const answers = ask(batch, {
      askSuppressions: true,
      timeoutMs: ports.batchTimeoutMs,
      before,
      keep,
    });
    return answers instanceof Promise
      ? answers.then((come) => judgedListOf(requests, options, batch, come))
      : judgedListOf(requests, options, batch, answers);
  }

  function judgedListOf(
    requests: readonly ValidationRequest[],
    { asOf, domains }: ListOptions,
    { parsed, known, pending }: Batch<DomainProfile>,
    { suppressionOf, ownLists, learned }: Answers,
  ): JudgedList {
    const worded = wordedBy(ownLists);
    const unreached = new Set<string>();
    for (const { name, found } of pending.values()) {
      const { mailHost } = found!;
      if (mailHost.kind !== 'undetermined' || mailHost.cause === 'not_checked')
        domains.set(name, worded(found!).profile);
      else if (mailHost.cause !== 'servfail' && mailHost.cause !== 'unconfirmed') unreached.add(name);
    }

    const given: Prediction[] = [];
    const judged = requests.map(({ email, lastVerifiedAt = null, source = null }, index): Judged => {
      const outcome = parsed[index]!;
      if (!outcome.ok) {
        const didYouMean = meantAddress(email);
        const judgement = judgementOfUnparsed(didYouMean !== null);
        return { mailbox: null, judgement, bounce: judgement.bounce, didYouMean };
      }
      const { mailbox } = outcome;
      const found = known[index] === null ? pending.get(mailbox.domain)?.found : null;
      const profile = found ? worded(found).profile : known[index];
      const judgement = profile
        ? judgementOf(profile, isRoleAccount(mailbox.localPart), suppressionOf(mailbox.address))
        : sandboxJudgement(email, mailbox);
      // The sandbox promises the same outcome whatever was learned.
      const heard = profile ? learned : null;
      const bounce = predictedBounce(judgement, mailbox.domain, lastVerifiedAt, source, asOf, heard);
      if (ports.onJudged && profile)
        given.push({ mailbox, judgement, bounce, judgedAt: asOf, source, lastVerifiedAt });
      return { mailbox, judgement, bounce, didYouMean: suggestionFor(mailbox, judgement) };
    });
    ports.onJudged?.(given);
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

function sandboxJudgement(email: string, mailbox: Mailbox): Judgement {
  const evidence = sandboxEvidence(email, mailbox, null, null);
  return judgementOf(profileOf(evidence), evidence.role, evidence.suppression);
}

/**
 * Domains with the operator's word on them. What the DNS says stands whatever the operator wishes; what the data holds
 * against a domain or its MX does not.
 */
function wordedBy(lists: OwnLists): (domain: FoundDomain) => FoundDomain {
  if (isEmpty(lists)) return asTheyAre;
  const worded = new Map<FoundDomain, FoundDomain>();
  return (domain) => {
    const known = worded.get(domain) ?? withOwnWord(domain, lists);
    worded.set(domain, known);
    return known;
  };
}

const isEmpty = ({ allow, deny }: OwnLists): boolean =>
  allow.exact.size + allow.beneath.size + deny.exact.size + deny.beneath.size === 0;

const asTheyAre = (domain: FoundDomain): FoundDomain => domain;

function withOwnWord(found: FoundDomain, lists: OwnLists): FoundDomain {
  const { name, expires } = found;
  switch (ownWordOn(name, lists)) {
    case 'deny':
      return foundDomain(name, expires, { ...found, denied: true });
    case 'allow':
      return foundDomain(name, expires, {
        ...found,
        domain: allowedFacts(found.domain),
        mailHostFacts: { ...found.mailHostFacts, disposable: false, parked: false },
      });
    default:
      return found;
  }
}
