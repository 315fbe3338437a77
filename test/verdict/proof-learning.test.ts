// Whether it pays to learn from what is known about mailboxes: the log loss on outcomes that the model has not seen, with the proofs
// and without them.

import { expect, test } from 'vitest';
import type { KnownProof } from '../../src/address/mailbox-proof.ts';
import { type Described, type Features, featuresOf, kindOf } from '../../src/verdict/features.ts';
import { policyRows } from '../../src/verdict/policy.ts';
import type { Learned } from '../../src/verdict/probability.ts';
import { learn, type OutcomeStratum } from '../../src/verdict/probability-model.ts';
import { provenPrior } from '../../src/verdict/proven-prior.ts';

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const rowOf = new Map(policyRows.map((row) => [kindOf(row.reason, row.bounce?.class ?? null), row]));
const priorOf = ({ kind, proof }: Features) => provenPrior(rowOf.get(kind)!, proof);

const by = (basis: KnownProof['basis'], kind: 'exists' | 'catch_all' = 'exists'): KnownProof => ({
  proof: { kind },
  ...{ basis, checkedAt: 0 },
});

interface Mailing {
  readonly features: Features;
  readonly blind: Features;
  readonly bounced: boolean;
}

/** How a proof changes the odds of a bounce in a world. */
type Odds = Readonly<Record<'none' | 'delivered' | 'engaged' | 'smtp', number>>;

/** Mail of a world in which proofs change the odds, and catch-all domains differ by the factor `ofDomains`. */
function mailings(seed: number, count: number, odds: Odds, ofDomains: number): Mailing[] {
  const random = numbers(seed);
  const sources = [0.5, 1, 1, 3];
  return Array.from({ length: count }, (): Mailing => {
    const source = Math.floor(random() * sources.length);
    const isCatchAll = random() < 0.2;
    const which = (['none', 'none', 'delivered', 'engaged', 'smtp'] as const)[Math.floor(random() * 5)]!;
    const domain = Math.floor(random() * 12);
    const mailbox = isCatchAll
      ? { ...by('delivered', 'catch_all'), domainHash: `d${domain}` }
      : which === 'none'
        ? undefined
        : by(which);
    const described: Described = {
      reason: isCatchAll ? 'catch_all' : 'no_known_obstacle',
      ...{ bounceClass: null, domain: 'example.org', provider: null, role: false, free: false },
      ...{ ageMs: null, source: `source ${source}`, mailbox },
    };
    const own =
      (isCatchAll ? 0.1 * (domain % 2 === 0 ? ofDomains : 1 / ofDomains) : 0.02 * odds[which]) *
      sources[source]!;
    const features = featuresOf(described);
    return {
      features,
      blind: { ...features, proof: 'none', domain: '' },
      bounced: random() < own / (1 + own),
    };
  });
}

function cells(mail: readonly Mailing[], of: 'features' | 'blind'): OutcomeStratum[] {
  return [...Map.groupBy(mail, (one) => JSON.stringify(one[of])).values()].map((members) => ({
    ...members[0]![of],
    outcomes: members.length,
    bounces: members.filter(({ bounced }) => bounced).length,
    expected: members.reduce((sum, one) => sum + priorOf(one[of]).probability, 0),
  }));
}

function logLoss(learned: Learned, mail: readonly Mailing[], of: 'features' | 'blind'): number {
  let sum = 0;
  for (const one of mail) {
    const prior = priorOf(one[of]);
    const { probability } = learned.estimate(one[of], prior) ?? prior;
    sum -= Math.log(one.bounced ? probability : 1 - probability);
  }
  return sum / mail.length;
}

/** The mean held-out log loss with the proofs and without them, over several worlds. */
function losses(learnedFrom: number, odds: Odds, ofDomains: number): { with: number; without: number } {
  const seeds = [1, 2, 3, 4];
  const mean = (of: 'features' | 'blind') =>
    seeds
      .map((seed) => {
        const learned = learn(cells(mailings(seed, learnedFrom, odds, ofDomains), of));
        return logLoss(learned, mailings(seed + 1000, 10_000, odds, ofDomains), of);
      })
      .reduce((a, b) => a + b) / seeds.length;
  return { with: mean('features'), without: mean('blind') };
}

const asGuessed: Odds = { none: 1, delivered: 0.5, engaged: 0.25, smtp: 0.5 };
const asIfNothing: Odds = { none: 1, delivered: 1, engaged: 1, smtp: 1 };
const liars: Odds = { none: 1, delivered: 0.3, engaged: 0.1, smtp: 4 };

test.each([200, 2000])('where proofs tell something, %i outcomes give a smaller loss with them', (count) => {
  for (const [odds, ofDomains] of [
    [asGuessed, 4],
    [liars, 4],
  ] as const) {
    const loss = losses(count, odds, ofDomains);
    expect(loss.with).toBeLessThan(loss.without);
  }
});

test.each([
  // With few outcomes the guesses of the prior count, which are wrong in this world.
  [200, 0.04],
  [2000, 0.01],
])('where they tell nothing, %i outcomes give a loss that is at most %d larger', (count, share) => {
  const loss = losses(count, asIfNothing, 1);
  expect(loss.with / loss.without - 1).toBeLessThan(share);
});

test('what proofs tell does not change what is learned where nothing is known', () => {
  const mail = mailings(1, 5000, asIfNothing, 1).filter(({ features }) => features.proof === 'none');
  const [aware, blind] = [learn(cells(mail, 'features')), learn(cells(mail, 'blind'))];
  for (const { features } of mail.slice(0, 20))
    expect(aware.estimate(features, priorOf(features))).toEqual(blind.estimate(features, priorOf(features)));
});

test('a proof changes the prior of an address without an obstacle, and not that of a dead domain', () => {
  const row = (reason: string) => policyRows.find((one) => one.reason === reason)!;
  const plain = row('no_known_obstacle');
  expect(provenPrior(plain, 'none')).toBe(plain.prior);
  for (const proof of ['delivered', 'engaged', 'smtp_exists']) {
    const { probability, low, high } = provenPrior(plain, proof);
    expect(probability).toBeLessThan(plain.prior.probability);
    expect(low).toBeLessThanOrEqual(probability);
    expect(high).toBeGreaterThan(probability);
    expect(provenPrior(row('domain_nonexistent'), proof)).toBe(row('domain_nonexistent').prior);
  }
  expect(provenPrior(plain, 'smtp_unprovable')).toBe(plain.prior);
});
