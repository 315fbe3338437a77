// The prior probability of a bounce, given what is known about whether the mailbox exists.

import type { ProvenAs } from '../address/mailbox-proof.ts';
import type { Probability } from '../signals/signal.ts';
import type { PolicyOutcome } from './policy.ts';

/**
 * By how much a proof changes the odds of a bounce, and the factor by which this may be wrong. All are guesses: nobody publishes how
 * often proven mailboxes bounce. Other proofs decide the reason, and so its prior.
 */
const oddsOf: Readonly<Partial<Record<string, { readonly factor: number; readonly error: number }>>> = {
  // The mailbox took mail in the last 90 days, but it may have been a server that takes all mail.
  delivered: { factor: 0.5, error: 2 },
  // Somebody reads the mail.
  engaged: { factor: 0.25, error: 2 },
  // The host refuses made-up names and accepted this one. Some hosts accept and bounce later.
  smtp_exists: { factor: 0.5, error: 2 },
} satisfies Partial<Record<ProvenAs, unknown>>;

const provenPriors = new Map<string, Probability>();

/** The prior of a policy row for an address with this proof (`ProvenAs`). A proof does not change the prior of a predicted bounce. */
export function provenPrior(row: PolicyOutcome, proof: string): Probability {
  const odds = oddsOf[proof];
  if (odds === undefined || (row.result !== 'deliverable' && row.result !== 'risky')) return row.prior;
  const key = `${row.reason} ${row.bounce?.class} ${proof}`;
  let prior = provenPriors.get(key);
  if (prior === undefined) {
    const { probability, low, high } = row.prior;
    prior = {
      probability: times(probability, odds.factor),
      low: times(low, odds.factor / odds.error),
      high: times(high, Math.min(1, odds.factor * odds.error)),
    };
    provenPriors.set(key, prior);
  }
  return prior;
}

/** Multiplies the odds of `probability`. Rounded to four digits, as all probabilities are. */
function times(probability: number, factor: number): number {
  const odds = (probability / (1 - probability)) * factor;
  return Math.round((odds / (1 + odds)) * 10_000) / 10_000;
}
