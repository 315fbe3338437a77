// Turns evidence into a judgement, the part of a verdict that many addresses share.

import type { Mailbox } from '../address/mailbox.ts';
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
import { sandboxDomain } from './sandbox.ts';
import type { Action, PredictedBounce, Reason } from './verdict.ts';

/** What a judgement needs to know about a domain. Domains with identical facts share one instance. */
export interface DomainProfile {
  /** The policy rows about a domain that fire, by index, ascending. */
  readonly rows: readonly number[];
  readonly provider: string | null;
  readonly disposable: boolean;
  readonly relay: boolean;
  readonly free: boolean;
  /** Null for the sandbox, whose outcomes do not depend on age. */
  readonly segment: DecaySegment | null;
  /** The intended domain if this one looks misspelled or imitated, else null. */
  readonly suggestion: string | null;
  /** Cached judgements of addresses about which nothing was found: of a person, and of a role account. */
  readonly plain: [person: Judgement | null, role: Judgement | null];
}

/** Shared by many verdicts, and therefore frozen. */
export interface Judgement {
  /** The first policy row that fires. */
  readonly row: PolicyOutcome;
  /** The reasons of all rows that fire, in deciding order. */
  readonly signals: readonly Reason[];
  readonly action: Action;
  /** For an address of unknown age, before learning. */
  readonly bounce: PredictedBounce;
  /** Null if the text is not a mailbox. */
  readonly domain: DomainProfile | null;
  readonly role: boolean;
  /** The entry of the suppression list that was found for the address. */
  readonly suppression?: SuppressionNote;
}

const profiles = new Map<string, DomainProfile>();

/** The profile of a domain. Profiles without a suggestion are few and shared between domains. */
export function profileOf(evidence: DomainEvidence): DomainProfile {
  const { domain, mailHostFacts } = evidence;
  const profile: DomainProfile = {
    rows: firingDomainRows(evidence),
    provider: domain.provider ?? mailHostFacts.provider,
    disposable: domain.disposable || mailHostFacts.disposable,
    relay: domain.relay,
    free: domain.free,
    segment:
      domain.registrable === sandboxDomain ? null : decaySegmentOf(domain.registrable ?? '', domain.free),
    suggestion: typoOf(evidence)?.domain ?? domain.confusable,
    plain: [null, null],
  };
  if (profile.suggestion !== null) return profile;
  const { rows, provider, disposable, relay, free, segment } = profile;
  const key = `${rows} ${provider} ${disposable} ${relay} ${free} ${segment}`;
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

/** The judgement on an address at a domain with this profile. `found` is null if nothing was found about the address. */
export function judgementOf(profile: DomainProfile, role: boolean, found: AddressFinding | null): Judgement {
  if (found !== null) return judgeAddress(profile, { ...nothingKnown, ...found, role });
  const which = role ? 1 : 0;
  profile.plain[which] ??= judgeAddress(profile, { ...nothingKnown, role });
  return profile.plain[which];
}

const nothingKnown: Required<AddressFinding> = { suppression: { kind: 'not_asked' } };

function judgeAddress(domain: DomainProfile, address: AddressEvidence): Judgement {
  const { row, signals } = decide([...domain.rows, ...firingAddressRows(address)]);
  const status = storedStatus(row, address.suppression) ?? row.bounce?.status ?? null;
  return {
    row,
    signals,
    action: actionOf(row, domain.suggestion !== null),
    bounce: Object.freeze(bounceOf(row, status, row.prior)),
    domain,
    role: address.role,
    ...('entry' in address.suppression && { suppression: address.suppression.entry }),
  };
}

const storedStatus = (row: PolicyOutcome, suppression: SuppressionEvidence): string | null =>
  row.reason === 'suppressed' && suppression.kind === 'suppressed' ? suppression.status : null;

/** The judgement on a text that is not a mailbox. */
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
});

const unparsed = { bare: refused(false), suggesting: refused(true) };

/** A prediction that a caller received, with what the caller said about the address. */
export interface Prediction {
  readonly mailbox: Mailbox;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
  /** Epoch milliseconds. */
  readonly judgedAt: number;
  readonly source: string | null;
  /** Epoch milliseconds, or null. */
  readonly lastVerifiedAt: number | null;
}

/**
 * The expected bounce of one address: the bounce of its judgement, adjusted by its age and by the learned model.
 * `domainName` is in lower-case A-labels; `lastVerifiedAt` and `now` are in epoch milliseconds.
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
  const prior = ageMs === null || segment === null ? row.prior : aged(row.prior, ageMs, segment);
  if (!asks) return bounceOf(row, bounce.status, prior);
  const estimate = learned.estimate(featuresBy(judgement, domainName, ageMs, source), prior);
  return bounceOf(row, bounce.status, estimate ?? prior, estimate?.sample);
}

/** The features of a judged mailbox at `domainName`; `ageMs` since mail was last known to arrive, or null. */
export const featuresBy = (
  { row, domain, role }: Judgement,
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
  });

interface Decision {
  readonly row: PolicyOutcome;
  readonly signals: readonly Reason[];
}

/** There are few combinations of rows, so each is decided once. */
const decisions = new Map<string, Decision>();

/** `fired`: indexes of the policy rows that fire, in any order. */
function decide(fired: readonly number[]): Decision {
  const rows = fired.toSorted((a, b) => a - b);
  const key = rows.join(' ');
  const known = decisions.get(key);
  if (known !== undefined) return known;
  const row = policyRows[rows[0] ?? -1];
  if (row === undefined) throw new Error('no signal fires for every address');
  const reasons = rows.map((index) => policyRows[index]!.reason);
  // The last signal fires for everything; report it only if it is the only one.
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

/** With a suggestion, the person is asked to confirm instead of being rejected. */
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
