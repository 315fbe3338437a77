// The forecast of a list, against lists whose bounces are known.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageIn } from '../../bench/simulate/list-forecasts.ts';
import { listWorlds } from '../../bench/simulate/list-worlds.ts';
import { betaOf, betaQuantile } from '../../src/verdict/beta.ts';
import { aged, agedUnknown, annualDecay, type DecaySegment } from '../../src/verdict/decay.ts';
import { forecast, type Stratum } from '../../src/verdict/forecast.ts';
import { policyRows } from '../../src/verdict/policy.ts';
import type { Reason } from '../../src/verdict/verdict.ts';

const priorOf = (reason: Reason) => policyRows.find((row) => row.reason === reason)!;

function stratum(
  reason: Reason,
  rows: number,
  { source = null as string | null, ageDays = 0 } = {},
): Stratum {
  const { prior, result, bounce } = priorOf(reason);
  const { probability, low, high } = aged(prior, ageDays * 86_400_000, 'business');
  return {
    reason,
    result,
    bounces: bounce !== null,
    source,
    rows,
    expected: rows * probability,
    low: rows * low,
    high: rows * high,
  };
}

/** A generator of numbers in [0, 1) that is the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

interface Prior {
  readonly probability: number;
  readonly low: number;
  readonly high: number;
}

/** Ways in which the truth may lie about what a prior says of it. */
const truths: Readonly<Record<string, (prior: Prior, random: () => number) => number>> = {
  'anywhere in the interval': ({ low, high }, random) => low + (high - low) * random(),
  'by the beta distribution of the interval': ({ probability, low, high }, random) =>
    betaQuantile(betaOf(probability, ((high - low) / 3.29) ** 2), random()),
  'around the middle, 90 % inside': ({ low, high }, random) =>
    Math.min(1, Math.max(0, (low + high) / 2 + ((high - low) / 3.29) * normal(random))),
};

const lists: Readonly<Record<string, Partial<Record<Reason, number>>>> = {
  'kept well': {
    no_known_obstacle: 9700,
    role_account: 150,
    domain_nonexistent: 50,
    implicit_mx: 40,
    suppressed: 60,
  },
  bought: {
    no_known_obstacle: 6500,
    domain_nonexistent: 1200,
    no_mail_host: 300,
    parked_domain: 500,
    disposable_domain: 700,
    implicit_mx: 400,
    role_account: 400,
  },
  'one reason alone': { no_known_obstacle: 5000 },
};

describe('of 200 lists, the interval holds the true rate in 85 to 95 of 100', () => {
  for (const [name, counts] of Object.entries(lists))
    for (const [how, draw] of Object.entries(truths))
      test(`a list ${name}; truth ${how}`, () => {
        const random = seeded(7);
        const strata = (Object.entries(counts) as [Reason, number][]).map(([reason, rows]) =>
          stratum(reason, rows),
        );
        const { low, high } = forecast(strata);
        let covered = 0;
        for (let simulation = 0; simulation < 200; simulation++) {
          let bounced = 0;
          let all = 0;
          for (const { reason, rows } of strata) {
            const rate = draw(priorOf(reason).prior, random);
            for (let row = 0; row < rows; row++) if (random() < rate) bounced++;
            all += rows;
          }
          if (bounced / all >= low && bounced / all <= high) covered++;
        }
        expect(covered).toBeGreaterThanOrEqual(170);
        expect(covered).toBeLessThanOrEqual(190);
      });
});

describe('what it says beside the rate', () => {
  const list = [
    stratum('no_known_obstacle', 900, { source: 'shop' }),
    stratum('domain_nonexistent', 60, { source: 'fair' }),
    stratum('dns_undetermined', 20, { source: 'fair' }),
    stratum('disposable_domain', 20, { source: null }),
  ];
  const told = forecast(list);

  test('the rate is the mean of the probabilities', () => {
    expect(told.rows).toBe(1000);
    expect(told.bounces).toBeCloseTo(900 * 0.008 + 60 * 0.98 + 20 * 0.05 + 20 * 0.3);
    expect(told.rate).toBeCloseTo(told.bounces / 1000);
    expect(told.low).toBeLessThan(told.rate);
    expect(told.high).toBeGreaterThan(told.rate);
  });

  test('no rate is above one or below none, however short the list', () => {
    const { low, high } = forecast([stratum('null_mx', 1)]);
    expect(low).toBeGreaterThan(0.5);
    expect(high).toBeLessThanOrEqual(1);
    expect(forecast([stratum('no_known_obstacle', 1)]).low).toBe(0);
  });

  test('it is above 5 % for sure', () => {
    expect(told.thresholds.map(({ rate }) => rate)).toEqual([0.02, 0.05]);
    for (const { chance } of told.thresholds) expect(chance).toBeGreaterThan(0.99);
  });

  test('where the bounces come from, most first', () => {
    expect(told.reasons.map(({ reason }) => reason)).toEqual([
      'domain_nonexistent',
      'no_known_obstacle',
      'disposable_domain',
      'dns_undetermined',
    ]);
    expect(told.sources.map(({ source, rows }) => [source, rows])).toEqual([
      ['fair', 80],
      ['shop', 900],
      [null, 20],
    ]);
    expect(told.reasons.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1);
  });

  test('the likeliest bounces go first, until what remains is under the rate', () => {
    const [onePercent, twoPercent] = told.removals;
    expect([onePercent!.below, twoPercent!.below]).toEqual([0.01, 0.02]);
    expect(twoPercent!.remove).toBeLessThan(60);
    expect(onePercent!.remove).toBeGreaterThan(60);
    for (const { remove, remain, rate, below } of told.removals) {
      expect(remove + remain).toBe(1000);
      expect(rate).toBeLessThan(below);
    }
  });

  test('what is suppressed is removed even if it would not bounce', () => {
    const unsubscribed = {
      ...stratum('suppressed', 50),
      expected: 0.05,
      low: 0.01,
      high: 0.2,
      bounces: false,
    };
    for (const { remove, remain } of forecast([stratum('no_known_obstacle', 1000), unsubscribed]).removals)
      expect([remove, remain]).toEqual([50, 1000]);
  });

  test('a list is never advised to remove everything', () => {
    expect(forecast([stratum('role_account', 10)]).removals).toEqual([]);
  });

  test('no more rows are removed than it takes', () => {
    const [, removal] = forecast([stratum('no_known_obstacle', 1000), stratum('null_mx', 100)]).removals;
    const rateWithout = (removed: number) => (1000 * 0.008 + (100 - removed) * 0.995) / (1100 - removed);
    expect(rateWithout(removal!.remove)).toBeLessThan(0.02);
    expect(rateWithout(removal!.remove - 1)).toBeGreaterThanOrEqual(0.02);
  });

  test('the shares of what cannot be known', () => {
    expect(told.unknownShare).toBeCloseTo(0.02);
    expect(told.catchAllShare).toBeCloseTo(0.02);
  });

  test('a list that is a year old is worse by the annual decay', () => {
    const fresh = forecast([stratum('no_known_obstacle', 1000)]);
    const old = forecast([stratum('no_known_obstacle', 1000, { ageDays: 365 })]);
    expect(1 - old.rate).toBeCloseTo((1 - fresh.rate) * (1 - 0.2107), 3);
  });

  test('an empty list bounces nothing', () => {
    expect(forecast([])).toMatchObject({ rows: 0, bounces: 0, rate: 0, low: 0, high: 0 });
  });

  test('the same list has the same forecast', () => {
    expect(forecast(list)).toEqual(told);
  });
});

/** P(count > k) of a binomial count, summed term by term. */
function exceeds(k: number, rows: number, rate: number): number {
  if (k < 0) return 1;
  let term = (1 - rate) ** rows;
  let atMost = term;
  for (let count = 1; count <= k; count++) {
    term *= ((rows - count + 1) / count) * (rate / (1 - rate));
    atMost += term;
  }
  return 1 - atMost;
}

const certain = (rows: number, rate: number, reason: Reason = 'no_known_obstacle'): Stratum => ({
  reason,
  result: 'deliverable',
  bounces: false,
  source: null,
  rows,
  expected: rows * rate,
  low: rows * rate,
  high: rows * rate,
});

describe('where the rate is known, the numbers are those of the binomial distribution', () => {
  test.each([
    [50, 0.008],
    [200, 0.01],
    [500, 0.008],
    [1000, 0.012],
    [3000, 0.03],
    [20_000, 0.019],
  ])('%i addresses at %d', (rows, rate) => {
    const told = forecast([certain(rows, rate)]);
    for (const { rate: limit, chance } of told.thresholds) {
      const exact = exceeds(Math.floor(limit * rows), rows, rate);
      if (exact > 1e-9) expect(chance / exact).toBeCloseTo(1, 3);
    }
    expect(exceeds(Math.round(told.low * rows) - 1, rows, rate)).toBeGreaterThan(0.95);
    expect(exceeds(Math.round(told.low * rows), rows, rate)).toBeLessThanOrEqual(0.95);
    expect(exceeds(Math.round(told.high * rows), rows, rate)).toBeLessThanOrEqual(0.05);
    expect(exceeds(Math.round(told.high * rows) - 1, rows, rate)).toBeGreaterThan(0.05);
  });

  test('within a tenth of the exact sum of two binomial counts with different rates', () => {
    const told = forecast([certain(300, 0.008), certain(20, 0.3, 'role_account')]);
    for (const { rate, chance } of told.thresholds) {
      const limit = Math.floor(rate * 320);
      let exact = 0;
      for (let of20 = 0; of20 <= 20; of20++) {
        const p = exceeds(of20 - 1, 20, 0.3) - exceeds(of20, 20, 0.3);
        exact += p * (limit < of20 ? 1 : exceeds(limit - of20, 300, 0.008));
      }
      expect(chance / exact).toBeGreaterThan(0.9);
      expect(chance / exact).toBeLessThan(1.1);
    }
  });

  test('what was learned with certainty is like a known rate', () => {
    const told = forecast([{ ...certain(500, 0.008), observed: true }]);
    expect(told.thresholds[0]!.chance / exceeds(10, 500, 0.008)).toBeCloseTo(1, 3);
  });
});

/** ln B(a, b) for whole or fractional arguments, from ln Γ by Stirling's series. */
function logBeta(a: number, b: number): number {
  const logGamma = (x: number): number => {
    let shift = 0;
    let z = x;
    for (; z < 15; z++) shift += Math.log(z);
    return (
      (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + 1 / (12 * z) - 1 / (360 * z ** 3) - shift
    );
  };
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** The exact distribution of the bounces of addresses that share one rate, which has a beta distribution. */
function betaBinomial(rows: number, { probability, low, high }: Prior): number[] {
  const mean = probability + ((low + high) / 2 - probability) / 4;
  const { a, b } = betaOf(mean, ((high - low) / 3.2898) ** 2);
  return Array.from({ length: rows + 1 }, (_, count) =>
    Math.exp(
      logBeta(count + a, rows - count + b) -
        logBeta(a, b) -
        logBeta(count + 1, rows - count + 1) -
        Math.log(rows + 1),
    ),
  );
}

/** The distribution of the sum of two independent counts. */
function sumOf(first: readonly number[], second: readonly number[]): number[] {
  const both = new Array<number>(first.length + second.length - 1).fill(0);
  for (const [i, p] of first.entries()) for (const [j, q] of second.entries()) both[i + j]! += p * q;
  return both;
}

describe('where rates are uncertain, the chance to exceed a threshold is within a tenth of the exact one', () => {
  const mixtures: Partial<Record<Reason, number>>[] = [
    { no_known_obstacle: 40 },
    { no_known_obstacle: 300 },
    { no_known_obstacle: 577, relay_alias: 13 },
    { no_known_obstacle: 500, role_account: 30, implicit_mx: 4 },
    { role_account: 200, disposable_domain: 3 },
    { no_known_obstacle: 200, domain_nonexistent: 2, parked_domain: 3, role_account: 20 },
  ];
  test.each(mixtures.map((counts) => [JSON.stringify(counts), counts] as const))('%s', (_, counts) => {
    const kinds = Object.entries(counts) as [Reason, number][];
    const told = forecast(kinds.map(([reason, rows]) => stratum(reason, rows)));
    let exact = [1];
    for (const [reason, rows] of kinds) exact = sumOf(exact, betaBinomial(rows, priorOf(reason).prior));
    for (const { rate, chance } of told.thresholds) {
      const over = exact.slice(Math.floor(rate * told.rows) + 1).reduce((total, p) => total + p, 0);
      expect(over).toBeGreaterThan(1e-3);
      expect(chance / over).toBeGreaterThan(0.9);
      expect(chance / over).toBeLessThan(1.1);
    }
  });
});

test('the rate of any list is in its interval, and all are from 0 to 1', () => {
  const someStratum = fc
    .record({
      row: fc.constantFrom(...policyRows),
      rows: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100_000 })),
      ends: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
      observed: fc.boolean(),
    })
    .map(
      ({ row: { reason, result }, rows, ends: [one, other], probability, observed }): Stratum => ({
        ...{ reason, result, bounces: false, source: null, rows, expected: rows * probability },
        ...{ low: rows * probability * one, high: rows * (probability + (1 - probability) * other) },
        ...(observed && { observed }),
      }),
    );
  fc.assert(
    fc.property(fc.array(someStratum, { minLength: 1, maxLength: 4 }), (strata) => {
      const { rate, low, high } = forecast(strata);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(rate);
      expect(high).toBeGreaterThanOrEqual(rate);
      expect(high).toBeLessThanOrEqual(1 + 1e-9);
    }),
    { numRuns: 25, seed: 7 },
  );
});

test('of three addresses of which 1.98 bounce, the interval holds 1.98', () => {
  const { rate, low, high } = forecast([certain(2, 0.99), certain(1, 0.0001, 'role_account')]);
  expect(high).toBeCloseTo(2 / 3);
  expect(low).toBeCloseTo(rate);
});

describe('in worlds that share no constant with presend, intervals hold most of the truth', () => {
  test.each(['undated', 'clustered companies', 'stale segment'])('%s', { timeout: 60_000 }, async (name) => {
    const { covered } = await coverageIn(listWorlds.find((world) => world.name === name)!, 24, 5);
    // 3 standard deviations of 24 lists below 88 in 100.
    expect(covered).toBeGreaterThan(0.68);
  });
});

describe('age', () => {
  const days = [0, 30, 91, 365, 1000];
  const { prior } = priorOf('no_known_obstacle');

  test.each(Object.keys(annualDecay) as DecaySegment[])(
    '%s domains die at their published rate',
    (segment) => {
      const hazard = -Math.log(1 - annualDecay[segment].rate);
      for (const age of days) {
        const { probability, low, high } = aged(prior, age * 86_400_000, segment);
        expect(probability).toBeCloseTo(1 - 0.992 * Math.exp((-hazard * age) / 365), 3);
        expect(low).toBeLessThanOrEqual(probability);
        expect(high).toBeGreaterThanOrEqual(probability);
      }
      const yearOld = aged(prior, 365 * 86_400_000, segment);
      expect(yearOld.high - yearOld.low).toBeGreaterThan(0.8 * annualDecay[segment].rate);
    },
  );

  test('an age in the future counts as none', () => {
    expect(aged(prior, -1000, 'business')).toEqual(prior);
  });

  test('the interval of a list of one age does not shrink with its rows', () => {
    const widthOf = (rows: number): number => {
      const { low, high } = forecast([stratum('no_known_obstacle', rows, { ageDays: 365 })]);
      return high - low;
    };
    expect(widthOf(100_000)).toBeGreaterThan(0.9 * widthOf(10_000));
  });

  const undated = (segment: DecaySegment): Stratum => {
    const { probability, low, high } = agedUnknown(prior, segment);
    return {
      ...stratum('no_known_obstacle', 5000),
      undated: segment,
      expected: 5000 * probability,
      low: 5000 * low,
      high: 5000 * high,
    };
  };

  test('an address is no older than its opt-in, and the less known of its age, the wider', () => {
    const limits = [30, 90, 180, 365, 730, Number.POSITIVE_INFINITY];
    const estimates = limits.map((atMostDays) => agedUnknown(prior, 'business', { atMostDays }));
    for (const [index, { probability, low, high }] of estimates.entries()) {
      const next = estimates[index + 1];
      expect(low).toBeLessThan(probability);
      expect(high).toBeGreaterThan(probability);
      if (next !== undefined) {
        expect(next.probability).toBeGreaterThanOrEqual(probability);
        expect(next.high).toBeGreaterThan(high - 1e-9);
      }
      const oldest = aged(prior, limits[index]! * 86_400_000, 'business');
      expect(probability).toBeLessThanOrEqual(oldest.probability);
    }
    expect(estimates[0]!.probability).toBeLessThan(estimates[3]!.probability);
    expect(estimates[0]!.high).toBeLessThan(estimates[3]!.high / 2);
  });

  test('a cold list is older than an unknown one, a list of consumers younger', () => {
    const of = (profile: 'b2c' | 'b2b' | 'cold' | null) => agedUnknown(prior, 'business', { profile });
    expect(of('cold').probability).toBeGreaterThan(2 * of(null).probability);
    expect(of('b2c').probability).toBeLessThan(of(null).probability);
    expect(of('b2b').probability).toBeGreaterThan(of(null).probability);
    expect(of('cold').low).toBeGreaterThan(of('b2b').low);
  });

  /** Deaths among mailboxes alive at age 0: the published figures, low and high, by days. */
  const published: Readonly<Record<DecaySegment, readonly (readonly [number, number, number])[]>> = {
    // NeverBounce: 3.22% a year.
    free: [
      [0, 0, 0],
      [30, 0.002, 0.004],
      [91, 0.006, 0.01],
      [365, 0.03, 0.035],
      [1000, 0.08, 0.095],
    ],
    isp: [
      [0, 0, 0],
      [30, 0.002, 0.004],
      [91, 0.006, 0.01],
      [365, 0.03, 0.035],
      [1000, 0.08, 0.095],
    ],
    education: [
      [0, 0, 0],
      [30, 0.01, 0.03],
      [91, 0.04, 0.08],
      [365, 0.15, 0.3],
      [1000, 0.4, 0.6],
    ],
    // NeverBounce: 21.07% a year; rules of thumb: 22.5% to 30% a year, 2% to 3% a month.
    business: [
      [0, 0, 0],
      [30, 0.019, 0.03],
      [91, 0.055, 0.09],
      [365, 0.21, 0.3],
      [1000, 0.47, 0.63],
    ],
  };

  test.each(
    Object.entries(published).flatMap(([segment, bands]) =>
      bands.map(([age, low, high]) => [segment as DecaySegment, age, low, high] as const),
    ),
  )('%s addresses that are %i days old: %d to %d are dead', (segment, age, low, high) => {
    const { probability } = aged(prior, age * 86_400_000, segment);
    const dead = 1 - (1 - probability) / (1 - prior.probability);
    expect(dead).toBeGreaterThanOrEqual(low - 1e-4);
    expect(dead).toBeLessThanOrEqual(high + 1e-4);
  });

  test('an undated list is worse than one verified a month ago, and its interval holds fresh and old lists', () => {
    const told = forecast([undated('business')]);
    expect(told.rate).toBeGreaterThan(forecast([stratum('no_known_obstacle', 5000, { ageDays: 30 })]).rate);
    for (const ageDays of [10, 30, 365, 800]) {
      const { rate } = forecast([stratum('no_known_obstacle', 5000, { ageDays })]);
      expect(rate, `${ageDays} days`).toBeGreaterThan(told.low);
      expect(rate, `${ageDays} days`).toBeLessThan(told.high);
    }
    expect(told).toMatchObject({ undatedShare: 1, needs: 'dates' });
  });

  test('free mail ages slower than business', () => {
    expect(forecast([undated('free')]).rate).toBeLessThan(forecast([undated('business')]).rate / 4);
  });

  test('a dated list that is uncertain needs a sample; a certain one needs nothing', () => {
    expect(forecast([stratum('no_known_obstacle', 5000, { ageDays: 365 })]).needs).toBe('sample');
    expect(forecast([stratum('no_known_obstacle', 5000)])).toMatchObject({ undatedShare: 0, needs: null });
  });
});
