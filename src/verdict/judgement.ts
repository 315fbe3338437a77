// Evidence → Judgement, by the policy table: what a verdict says that many addresses have in common.

import type { Mailbox } from '../address/mailbox.ts';
import type { AddressEvidence, DomainEvidence, SuppressionEvidence } from './evidence.ts';
import { type Features, featuresOf } from './features.ts';
import { type PolicyOutcome, policy, syntaxErrorRow } from './policy.ts';
import { aged, type Learned } from './probability.ts';
import type { Action, PredictedBounce, Reason } from './verdict.ts';

/** What a judgement needs of a domain. Domains of which the same is to be said share one. */
export interface DomainProfile {
  /** The rows of the policy table about a domain that fire, as bits by their place in it. */
  readonly signals: number;
  readonly provider: string | null;
  readonly disposable: boolean;
  readonly relay: boolean;
  readonly free: boolean;
  /** The domain that was probably meant, or null. */
  readonly typo: string | null;
  /** Of addresses with nothing of their own against them: a person's, and a role's. */
  readonly plain: [person: Judgement | null, role: Judgement | null];
}

/** What many verdicts share is frozen: whoever changed one would change them all. */
export interface Judgement {
  /** The first row of the policy table that fires. */
  readonly row: PolicyOutcome;
  /** The reasons of all that fire, in the order of the table. */
  readonly signals: readonly Reason[];
  readonly action: Action;
  /** For an address of unknown age, before anything is learned. */
  readonly bounce: PredictedBounce;
  /** Null for what is no mailbox. */
  readonly domain: DomainProfile | null;
  readonly role: boolean;
}

const profiles = new Map<string, DomainProfile>();

/** The profile of a domain. Those without a misspelling are few, however many domains there are. */
export function profileOf(evidence: DomainEvidence): DomainProfile {
  const { domain, mailHostFacts } = evidence;
  const profile: DomainProfile = {
    signals: domainSignals(evidence),
    provider: domain.provider ?? mailHostFacts.provider,
    disposable: domain.disposable || mailHostFacts.disposable,
    relay: domain.relay,
    free: domain.free,
    typo: domain.typo?.domain ?? null,
    plain: [null, null],
  };
  if (profile.typo !== null) return profile;
  const { signals, provider, disposable, relay, free } = profile;
  const key = `${signals} ${provider} ${disposable} ${relay} ${free}`;
  const known = profiles.get(key);
  if (known !== undefined) return known;
  profiles.set(key, profile);
  return profile;
}

function domainSignals(evidence: DomainEvidence): number {
  let signals = 0;
  for (const [index, row] of policy.entries())
    if (row.about === 'domain' && row.fires(evidence)) signals |= 1 << index;
  return signals;
}

/** The judgement on an address at a domain of this profile. */
export function judgementOf(
  profile: DomainProfile,
  role: boolean,
  suppression: SuppressionEvidence,
): Judgement {
  if (suppression.kind !== 'clear' && suppression.kind !== 'not_asked')
    return workOut(profile, { role, suppression });
  const which = role ? 1 : 0;
  profile.plain[which] ??= workOut(profile, { role, suppression });
  return profile.plain[which];
}

function workOut(domain: DomainProfile, address: AddressEvidence): Judgement {
  const { row, signals } = decisionBy(domain.signals | addressSignals(address));
  const status = storedStatus(row, address.suppression) ?? row.bounce?.status ?? null;
  return {
    row,
    signals,
    action: actionOf(row, domain.typo !== null),
    bounce: Object.freeze(bounceOf(row, status, row.prior)),
    domain,
    role: address.role,
  };
}

const storedStatus = (row: PolicyOutcome, suppression: SuppressionEvidence): string | null =>
  row.reason === 'suppressed' && suppression.kind === 'suppressed' ? suppression.status : null;

/** The judgement on a text that is no mailbox. */
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

/** What a caller was told of a mailbox, with what the caller told beside the address. */
export interface GivenJudgement {
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
 * The bounce to expect of one address: that of its judgement, moved by its age and by what was learned. `domainName` in
 * lower-case A-labels; `lastVerifiedAt` and `now` in epoch milliseconds.
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
  const prior = ageMs === null ? row.prior : aged(row.prior, ageMs);
  if (!asks) return bounceOf(row, bounce.status, prior);
  const estimate = learned.estimate(featuresBy(judgement, domainName, ageMs, source), prior);
  return bounceOf(row, bounce.status, estimate ?? prior, estimate?.sample);
}

/** The features of a mailbox at `domainName` that was judged so; `ageMs` since it was last known to take mail, or null. */
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
  /** The first row that fires. */
  readonly row: PolicyOutcome;
  /** The reasons of all that fire. */
  readonly signals: readonly Reason[];
}

/** By the bits of the rows that fire: there are few combinations, and each is worked out once. */
const decisions = new Map<number, Decision>();

function decisionBy(bits: number): Decision {
  const known = decisions.get(bits);
  if (known !== undefined) return known;
  const fired = policy.filter((_, index) => (bits & (1 << index)) !== 0);
  const [row] = fired;
  if (row === undefined) throw new Error('the policy table has no row that always fires');
  const reasons = fired.map(({ reason }) => reason);
  // The last row fires for everything; it is a signal only where nothing else is.
  const signals = Object.freeze(reasons.length > 1 ? reasons.slice(0, -1) : reasons);
  const decision = { row, signals };
  decisions.set(bits, decision);
  return decision;
}

const addressRows = [...policy.entries()].flatMap(([index, row]) =>
  row.about === 'address' ? [{ bit: 1 << index, fires: row.fires }] : [],
);

function addressSignals(evidence: AddressEvidence): number {
  let signals = 0;
  for (const { bit, fires } of addressRows) if (fires(evidence)) signals |= bit;
  return signals;
}

/** A person who can be shown a better address is asked, not turned away. */
function actionOf({ action, reason }: PolicyOutcome, hasSuggestion: boolean): Action {
  return action === 'reject' && reason !== 'suppressed' && hasSuggestion ? 'confirm' : action;
}

function bounceOf(
  row: PolicyOutcome,
  status: string | null,
  { probability, low, high }: PolicyOutcome['prior'],
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
