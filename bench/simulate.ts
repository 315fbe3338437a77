// Learning against worlds whose truth is known: 50,000 outcomes each through the HTTP API, forecasts, newcomers, poison.

import { policy } from '../src/verdict/policy.ts';
import { aged } from '../src/verdict/probability.ts';
import { type Bench, median } from './figures.ts';
import { coveredForecasts } from './simulate/forecasts.ts';
import { newcomer, poisoned } from './simulate/guards.ts';
import { randomFrom } from './simulate/random.ts';
import { days, type Scores, type Seen, scoresOf } from './simulate/run.ts';
import { startService } from './simulate/service.ts';
import { createWorld, type Truth, truthAsPriors, truthUnlikePriors } from './simulate/world.ts';

const dayMs = 86_400_000;

/** What the priors alone say of an address. */
export function priorOf({ address, verdict }: Seen): number {
  const { prior } = policy.find(
    ({ reason, bounce }) => reason === verdict.reason && (bounce?.class ?? null) === verdict.bounce.class,
  )!;
  return (address.ageDays === null ? prior : aged(prior, address.ageDays * dayMs)).probability;
}

/** A world in which `rows` addresses were verified in each of three lists a day, for 60 days. */
async function learned(seed: number, truth: Truth, rows: number) {
  const world = createWorld(seed, truth);
  const service = await startService(world.zone);
  const random = randomFrom(seed + 1000);
  const seen = await days({ world, service, random }, { count: 60, lists: 3, rows });
  return { world, service, random, seen, scores: scoresOf(seen, priorOf) };
}

export async function run(): ReturnType<Bench['run']> {
  const scores: Scores[] = [];
  const alike: Scores[] = [];
  const figures: { name: string; value: number; unit: string }[] = [];
  let reported = Number.NaN;
  for (const seed of [1, 2, 3, 4, 5]) {
    const world = await learned(seed, truthUnlikePriors, 300);
    scores.push(world.scores);
    const report = await world.service.calibration();
    reported = Math.max(
      Number.isNaN(reported) ? 0 : reported,
      Math.abs(report.predicted.brier - world.scores.brier.told),
    );
    world.service.close();
  }
  for (const seed of [11, 12]) {
    const world = await learned(seed, truthAsPriors, 300);
    alike.push(world.scores);
    world.service.close();
  }

  let lists = 0;
  let covered = 0;
  for (let seed = 21; seed < 41; seed++) {
    const world = await learned(seed, truthUnlikePriors, 40);
    covered += await coveredForecasts(world, { lists: 10, rows: 1000 });
    lists += 10;
    world.service.close();
  }

  const came = await newcomer();
  const poison = await poisoned();

  const of = (pick: (one: Scores) => number) => median(scores.map(pick));
  const mean = (pick: (one: Scores) => number) =>
    scores.reduce((sum, one) => sum + pick(one), 0) / scores.length;
  const worst = (pick: (one: Scores) => number) => Math.max(...scores.map(pick));
  figures.push(
    { name: 'outcomes of one world, wrong priors', value: of(({ outcomes }) => outcomes), unit: '' },
    { name: 'expected calibration error, worst of 5', value: worst(({ ece }) => ece), unit: '' },
    { name: 'Brier score of what was told', value: of(({ brier }) => brier.told), unit: '' },
    { name: 'Brier score of the truth', value: of(({ brier }) => brier.truth), unit: '' },
    { name: 'Brier score of the priors alone', value: of(({ brier }) => brier.prior), unit: '' },
    { name: 'told / truth, worst of 5', value: worst(({ brier }) => brier.told / brier.truth), unit: '' },
    { name: 'told / priors, worst of 5', value: worst(({ brier }) => brier.told / brier.prior), unit: '' },
    { name: 'intervals that hold the truth, mean of 5', value: mean(({ coverage }) => coverage), unit: '' },
    { name: 'lowest of 5', value: Math.min(...scores.map(({ coverage }) => coverage)), unit: '' },
    { name: 'highest of 5', value: worst(({ coverage }) => coverage), unit: '' },
    {
      name: 'told / truth, priors right',
      value: Math.max(...alike.map(({ brier }) => brier.told / brier.truth)),
      unit: '',
    },
    { name: 'calibration error, priors right', value: Math.max(...alike.map(({ ece }) => ece)), unit: '' },
    { name: 'report against truth: Brier scores differ by', value: reported, unit: '' },
    { name: 'forecasts that hold the truth', value: covered / lists, unit: `of ${lists}` },
    { name: 'newcomer: chance before 5 outcomes', value: came.before, unit: '' },
    { name: 'newcomer: chance after 2 bounces of 5', value: came.after, unit: '' },
    { name: 'poison: other source before', value: poison.before.probability, unit: '' },
    { name: 'poison: after 20,000 bounces of one source', value: poison.after, unit: '' },
    { name: 'poison: a source never seen, after', value: poison.unseen, unit: '' },
  );
  return {
    figures,
    targets: [
      { claim: 'expected calibration error at most 0.01', holds: worst(({ ece }) => ece) <= 0.01 },
      {
        claim: 'Brier score within 5 % of that of the truth',
        holds: worst(({ brier }) => brier.told / brier.truth) <= 1.05,
      },
      {
        claim: 'at least 20 % better than priors alone where they are wrong',
        holds: worst(({ brier }) => brier.told / brier.prior) <= 0.8,
      },
      {
        claim: 'intervals hold the truth in 85 to 95 of 100',
        holds: mean(({ coverage }) => coverage) >= 0.85 && mean(({ coverage }) => coverage) <= 0.95,
      },
      { claim: 'so do forecasts', holds: covered / lists >= 0.85 && covered / lists <= 0.95 },
      { claim: 'a newcomer does not swing: less than threefold', holds: came.after < 3 * came.before },
      {
        claim: 'one source moves another by less than was unsure of it',
        holds: poison.before.low < poison.after && poison.after < poison.before.high,
      },
      { claim: 'events that nobody vouches for change nothing', holds: poison.forged },
    ],
  };
}
