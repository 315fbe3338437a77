// Evidence → Verdict, by the policy table.

import type { AddressEvidence, DomainEvidence, Evidence, UnparsedEvidence } from './evidence.ts';
import { type Features, featuresOf } from './features.ts';
import { type PolicyOutcome, type PolicyRow, policy, syntaxErrorRow } from './policy.ts';
import { aged, type Learned } from './probability.ts';
import type { Action, PredictedBounce, Reason, Result, Verdict } from './verdict.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How long a verdict holds, in milliseconds. 90 days is the age from which lists are verified again; a dead domain can
 * be brought back sooner than that; what was not determined should be asked again soon.
 */
export const validityMs: Readonly<Record<Result, number>> = {
  deliverable: 90 * dayMs,
  risky: 90 * dayMs,
  undeliverable: 30 * dayMs,
  unknown: hourMs,
};

/**
 * The rows about a domain that fire for it, as a set of bits by their place in the table. The same for all addresses at the
 * domain, so that whoever judges many keeps it.
 */
export function domainSignals(evidence: DomainEvidence): number {
  let signals = 0;
  for (const [index, row] of policy.entries())
    if (row.about === 'domain' && row.fires(evidence)) signals |= 1 << index;
  return signals;
}

/**
 * `now` in epoch milliseconds. The same evidence at the same time gives the same verdict, and `learned` moves nothing but
 * the chance of a bounce.
 */
export function judge(
  evidence: Evidence,
  now: number,
  ofDomain = domainSignals(evidence),
  learned: Learned | null = null,
): Verdict {
  const { mailbox, domain } = evidence;
  const { row: decisive, signals } = decisionBy(ofDomain | addressSignals(evidence));

  const didYouMean = domain.typo === null ? null : `${mailbox.localPart}@${domain.typo.domain}`;
  return {
    email: evidence.email,
    normalized: mailbox.address,
    user: mailbox.localPart,
    domain: mailbox.domain,
    result: decisive.result,
    reason: decisive.reason,
    signals,
    message: decisive.message,
    syntax: null,
    didYouMean,
    action: actionOf(decisive, didYouMean),
    bounce: predictedBounce(decisive, evidence, now, learned),
    mailHost: evidence.mailHost,
    provider: domain.provider ?? evidence.mailHostFacts.provider,
    disposable: domain.disposable || evidence.mailHostFacts.disposable,
    relay: domain.relay,
    role: evidence.role,
    free: domain.free,
    plusTag: evidence.plusTag,
    smtputf8: mailbox.smtputf8,
    checkedAt: now,
    expiresAt: now + validityMs[decisive.result],
  };
}

/** The verdict on a text that is no mailbox. */
export function judgeUnparsed(evidence: UnparsedEvidence, now: number): Verdict {
  const row = syntaxErrorRow;
  return {
    email: evidence.email,
    normalized: null,
    user: null,
    domain: null,
    result: row.result,
    reason: row.reason,
    signals: [row.reason],
    message: evidence.failure.message,
    syntax: evidence.failure,
    didYouMean: evidence.didYouMean,
    action: actionOf(row, evidence.didYouMean),
    bounce: bounceOf(row, row.bounce?.status ?? null, row.prior),
    mailHost: { kind: 'undetermined', cause: 'not_checked' },
    provider: null,
    disposable: false,
    relay: false,
    role: false,
    free: false,
    plusTag: null,
    smtputf8: false,
    checkedAt: now,
    expiresAt: now + validityMs[row.result],
  };
}

interface Decision {
  /** The first row that fires. */
  readonly row: PolicyRow;
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
  const decision = { row, signals: reasons.length > 1 ? reasons.slice(0, -1) : reasons };
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
const actionOf = (
  row: { result: Result; reason: Reason; action: Action },
  didYouMean: string | null,
): Action =>
  row.action === 'reject' && row.reason !== 'suppressed' && didYouMean !== null ? 'confirm' : row.action;

function predictedBounce(
  row: PolicyOutcome,
  evidence: Evidence,
  now: number,
  learned: Learned | null,
): PredictedBounce {
  const { suppression, lastVerifiedAt } = evidence;
  const stored = row.reason === 'suppressed' && suppression.kind === 'suppressed' ? suppression.status : null;
  const status = stored ?? row.bounce?.status ?? null;
  const ageMs = lastVerifiedAt === null ? null : now - lastVerifiedAt;
  const prior = ageMs === null ? row.prior : aged(row.prior, ageMs);
  const estimate =
    learned === null || learned.isEmpty ? null : learned.estimate(featuresBy(row, evidence, ageMs), prior);
  return bounceOf(row, status, estimate ?? prior, estimate?.sample);
}

const featuresBy = (row: PolicyOutcome, evidence: Evidence, ageMs: number | null): Features =>
  featuresOf({
    reason: row.reason,
    bounceClass: row.bounce?.class ?? null,
    domain: evidence.mailbox.domain,
    provider: evidence.domain.provider ?? evidence.mailHostFacts.provider,
    role: evidence.role,
    free: evidence.domain.free,
    ageMs,
    source: evidence.source ?? null,
  });

const bounceOf = (
  row: Pick<PolicyOutcome, 'bounce'>,
  status: string | null,
  { probability, low, high }: PolicyOutcome['prior'],
  sample = 0,
): PredictedBounce => ({
  class: row.bounce?.class ?? null,
  status,
  probability,
  low,
  high,
  basis: sample === 0 ? 'prior' : 'observed',
  sample,
});
