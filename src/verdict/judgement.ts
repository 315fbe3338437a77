// Turns evidence into a judgement: the part of a verdict that does not name the address, such as result, reason and action.
// Most addresses at a domain have the same judgement, so it is computed once and cached (`DomainProfile.plain`).

import type { Mailbox } from '../address/mailbox.ts';
import { type KnownProof, provenAs } from '../address/mailbox-proof.ts';
import { type NameFinding, type NameRule, nameFindings, nameRuleOf } from '../address/name-rules.ts';
import {
  type AddressEvidence,
  type AddressFinding,
  type DomainEvidence,
  type SuppressionEvidence,
  type SuppressionNote,
  typoOf,
} from '../signals/evidence.ts';
import type { Probability } from '../signals/signal.ts';
import { aged, type DecaySegment, decaySegmentOf } from './decay.ts';
import { type Features, featuresOf } from './features.ts';
import { type PolicyOutcome, policyRows, syntaxErrorRow } from './policy.ts';
import type { Learned } from './probability.ts';
import { provenPrior } from './proven-prior.ts';
import { sandboxDomain } from './sandbox.ts';
import type { Action, PredictedBounce, Reason } from './verdict.ts';

/** What a judgement needs to know about a domain. Domains with identical facts share one profile object. */
export interface DomainProfile {
  /** The rows of `policyRows` that "fire": the domain meets their condition. Their indexes, in ascending order. */
  readonly rows: readonly number[];
  readonly provider: string | null;
  /** The operator of the mail gateway in front of the mailboxes, or null. */
  readonly gateway: string | null;
  readonly disposable: boolean;
  readonly relay: boolean;
  readonly free: boolean;
  /** How fast mailboxes of the domain die. Null for the sandbox domain, whose outcomes do not depend on age. */
  readonly segment: DecaySegment | null;
  /** The domain that was probably meant, if this one looks misspelled or imitates a well-known one; else null. */
  readonly suggestion: string | null;
  /** Which local parts the domain's mailbox provider gives out; null if unknown. */
  readonly nameRule: NameRule | null;
  /**
   * Cached judgements on addresses for which no source found anything, not even an entry of the suppression list. There is at
   * most one for each combination of `Judgement.role` and `Judgement.name`. `judgementOf` computes the index.
   */
  readonly plain: (Judgement | null)[];
}

/** The part of a verdict that many addresses share. */
export interface Judgement {
  /** The first policy row that fires. It decides the result. */
  readonly row: PolicyOutcome;
  /**
   * The reasons of all policy rows that fire, in the order of `policyRows`. Also `suppressed` if an entry of the suppression list
   * does not stop this mail (`inform`): it is then a signal, but decides nothing.
   */
  readonly signals: readonly Reason[];
  readonly action: Action;
  /** The expected bounce, before `predictedBounce` adjusts it to the age of the address and to the learned model. */
  readonly bounce: PredictedBounce;
  /** The profile of the address's domain; null if the text is not an e-mail address. */
  readonly domain: DomainProfile | null;
  /** Whether the address is a role account, such as info@. */
  readonly role: boolean;
  /** What is unusual about the local part, such as a name that the provider does not give out; null if nothing is. */
  readonly name: NameFinding | null;
  /** The entry of the suppression list that was found for the address; absent if there is none. */
  readonly suppression?: SuppressionNote;
  /** What is known about whether the mailbox exists; absent if nothing is. */
  readonly mailbox?: KnownProof;
}

const profiles = new Map<string, DomainProfile>();

/**
 * Returns the profile of a domain. There are few different profiles without a suggestion, so each of them is cached and shared
 * by many domains. A profile with a suggestion fits few domains and is not cached.
 */
export function profileOf(evidence: DomainEvidence): DomainProfile {
  const { domain, mailHostFacts } = evidence;
  const profile: DomainProfile = {
    rows: firingDomainRows(evidence),
    provider: domain.provider ?? mailHostFacts.provider,
    gateway: mailHostFacts.gateway,
    disposable: domain.disposable || mailHostFacts.disposable,
    relay: domain.relay,
    free: domain.free,
    segment:
      domain.registrable === sandboxDomain ? null : decaySegmentOf(domain.registrable ?? '', domain.free),
    suggestion: typoOf(evidence)?.domain ?? domain.confusable,
    nameRule: domain.provider === null || domain.registrable === null ? null : nameRuleOf(domain.registrable),
    plain: [],
  };
  if (profile.suggestion !== null) return profile;
  const { rows, provider, gateway, disposable, relay, free, segment, nameRule } = profile;
  const key = `${rows} ${provider} ${gateway} ${disposable} ${relay} ${free} ${segment} ${nameRule?.id}`;
  const known = profiles.get(key);
  if (known !== undefined) return known;
  profiles.set(key, profile);
  return profile;
}

const domainRows = [...policyRows.entries()].flatMap(([index, row]) =>
  row.about === 'domain' ? [{ index, fires: row.fires }] : [],
);

const firingDomainRows = (evidence: DomainEvidence): number[] =>
  domainRows.filter(({ fires }) => fires(evidence)).map(({ index }) => index);

/**
 * Returns the judgement on an address at a domain with this profile. `role`: whether it is a role account. `name`: what is
 * wrong with its local part, or null. `found`: what sources such as the suppression list found about it, or null.
 */
export function judgementOf(
  profile: DomainProfile,
  role: boolean,
  name: NameFinding | null,
  found: AddressFinding | null,
): Judgement {
  if (found !== null) return judgeAddress(profile, { ...nothingKnown, ...found, role, name });
  const which = (role ? 1 : 0) + (name === null ? 0 : 2 + 2 * nameFindings.indexOf(name));
  profile.plain[which] ??= judgeAddress(profile, { ...nothingKnown, role, name });
  return profile.plain[which];
}

/** Of sandbox addresses. */
const unknownOrigin = { basis: 'smtp', checkedAt: null } as const;

const nothingKnown: Required<AddressFinding> = {
  suppression: { kind: 'not_asked' },
  proof: null,
  proofOrigin: null,
};

function judgeAddress(domain: DomainProfile, address: AddressEvidence): Judgement {
  const { row, signals } = decide([...domain.rows, ...firingAddressRows(address)]);
  const status = storedStatus(row, address.suppression) ?? row.bounce?.status ?? null;
  const { suppression } = address;
  const mailbox = address.proof && { proof: address.proof, ...(address.proofOrigin ?? unknownOrigin) };
  return {
    row,
    signals: suppression.kind === 'clear' && suppression.entry !== undefined ? informed(signals) : signals,
    action: actionOf(row, domain.suggestion !== null),
    bounce: Object.freeze(bounceOf(row, status, provenPrior(row, provenAs(mailbox)))),
    domain,
    role: address.role,
    name: address.name ?? null,
    ...('entry' in address.suppression && { suppression: address.suppression.entry }),
    ...(mailbox && { mailbox }),
  };
}

/** Cached results of `informed`: there are few lists of signals. */
const informedSignals = new Map<readonly Reason[], readonly Reason[]>();

/** Adds `suppressed`, the first of all reasons, to the signals of an address. */
function informed(signals: readonly Reason[]): readonly Reason[] {
  let all = informedSignals.get(signals);
  if (all === undefined) {
    all = Object.freeze([
      'suppressed',
      ...signals.filter((reason) => reason !== policyRows.at(-1)!.reason),
    ] as const);
    informedSignals.set(signals, all);
  }
  return all;
}

const storedStatus = (row: PolicyOutcome, suppression: SuppressionEvidence): string | null =>
  row.reason === 'suppressed' && suppression.kind === 'suppressed' ? suppression.status : null;

/** Returns the judgement on a text that is not an e-mail address. `hasSuggestion`: whether a correction was found. */
export const judgementOfUnparsed = (hasSuggestion: boolean): Judgement =>
  hasSuggestion ? unparsed.suggesting : unparsed.bare;

const refused = (hasSuggestion: boolean): Judgement => ({
  row: syntaxErrorRow,
  signals: Object.freeze([syntaxErrorRow.reason]),
  action: actionOf(syntaxErrorRow, hasSuggestion),
  bounce: Object.freeze(
    bounceOf(syntaxErrorRow, syntaxErrorRow.bounce?.status ?? null, syntaxErrorRow.prior),
  ),
  domain: null,
  role: false,
  name: null,
});

const unparsed = { bare: refused(false), suggesting: refused(true) };

/** A bounce prediction that a caller received, with what the caller knows about the address (`source`, `lastVerifiedAt`). */
export interface Prediction {
  readonly mailbox: Mailbox;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
  /** When the prediction was made, in epoch milliseconds. */
  readonly judgedAt: number;
  /** Where the caller acquired the address, or null. */
  readonly source: string | null;
  /** When mail last arrived, as far as the caller knows, in epoch milliseconds; null if unknown. */
  readonly lastVerifiedAt: number | null;
}

/**
 * Returns the expected bounce of one address: the bounce of its judgement, adjusted to the time since mail last arrived
 * (`lastVerifiedAt`) and to the learned model. `domainName` is in lower-case A-labels; times are in epoch milliseconds.
 */
export function predictedBounce(
  judgement: Judgement,
  domainName: string,
  lastVerifiedAt: number | null,
  source: string | null,
  now: number,
  learned: Learned | null,
): PredictedBounce {
  const { row, bounce } = judgement;
  const asks = learned !== null && !learned.isEmpty;
  if (lastVerifiedAt === null && !asks) return bounce;
  const ageMs = lastVerifiedAt === null ? null : now - lastVerifiedAt;
  const segment = judgement.domain?.segment ?? null;
  const fresh = provenPrior(row, provenAs(judgement.mailbox));
  const prior = ageMs === null || segment === null ? fresh : aged(fresh, ageMs, segment);
  if (!asks) return bounceOf(row, bounce.status, prior);
  const estimate = learned.estimate(featuresBy(judgement, domainName, ageMs, source), prior);
  return bounceOf(row, bounce.status, estimate ?? prior, estimate?.sample);
}

/**
 * Returns the features from which the model learns about an address at the domain `domainName`. `ageMs`: milliseconds since
 * mail last arrived; null if unknown.
 */
export const featuresBy = (
  { row, domain, role, mailbox }: Judgement,
  domainName: string,
  ageMs: number | null,
  source: string | null,
): Features =>
  featuresOf({
    reason: row.reason,
    bounceClass: row.bounce?.class ?? null,
    domain: domainName,
    provider: domain?.provider ?? null,
    role,
    free: domain?.free ?? false,
    ageMs,
    source,
    mailbox,
  });

interface Decision {
  readonly row: PolicyOutcome;
  readonly signals: readonly Reason[];
}

/** Cached decisions. The key is the indexes of the policy rows that fire. There are few combinations, so all are kept. */
const decisions = new Map<string, Decision>();

/** Decides from the policy rows that fire. `fired` holds their indexes in any order. The row with the lowest index decides. */
function decide(fired: readonly number[]): Decision {
  const rows = fired.toSorted((a, b) => a - b);
  const key = rows.join(' ');
  const known = decisions.get(key);
  if (known !== undefined) return known;
  const row = policyRows[rows[0] ?? -1];
  if (row === undefined) throw new Error('no signal fires for every address');
  const reasons = rows.map((index) => policyRows[index]!.reason);
  // The last policy row (`no_known_obstacle`) fires for every address. Report it only if no other row fires.
  const signals = Object.freeze(reasons.length > 1 ? reasons.slice(0, -1) : reasons);
  const decision = { row, signals };
  decisions.set(key, decision);
  return decision;
}

const addressRows = [...policyRows.entries()].flatMap(([index, row]) =>
  row.about === 'address' ? [{ index, fires: row.fires }] : [],
);

const firingAddressRows = (evidence: AddressEvidence): number[] =>
  addressRows.filter(({ fires }) => fires(evidence)).map(({ index }) => index);

/**
 * Returns the action of the policy row. If there is a suggestion, the action is `confirm` instead of `reject`: the person may
 * have mistyped. A suppressed address is rejected even then.
 */
function actionOf({ action, reason }: PolicyOutcome, hasSuggestion: boolean): Action {
  return action === 'reject' && reason !== 'suppressed' && hasSuggestion ? 'confirm' : action;
}

function bounceOf(
  row: PolicyOutcome,
  status: string | null,
  { probability, low, high }: Probability,
  sample = 0,
): PredictedBounce {
  return {
    class: row.bounce?.class ?? null,
    status,
    probability,
    low,
    high,
    basis: sample === 0 ? 'prior' : 'observed',
    sample,
  };
}
