// Tests the learning in simulated worlds, in which the true bounce probabilities are known. Each world has about 50,000
// outcomes, reported through the HTTP API. Also tests forecasts, new sources, and a source that tries to distort the
// model ("poison"). Forecasts are also tested without any outcomes, on lists of worlds that share no constant with presend.

import { aged, decaySegmentOf } from '../src/verdict/decay.ts';
import { policyRows } from '../src/verdict/policy.ts';
import { type Bench, exactly, type Figure, spread, type Target } from './figures.ts';
import { coveredForecasts } from './simulate/forecasts.ts';
import { newcomer, poisoned } from './simulate/guards.ts';
import { coverageIn } from './simulate/list-forecasts.ts';
import { listWorlds } from './simulate/list-worlds.ts';
import { randomFrom } from './simulate/random.ts';
import { days, type Scores, type Seen, scoresOf } from './simulate/run.ts';
import { startService } from './simulate/service.ts';
import { createWorld, type Truth, truthAsPriors, truthUnlikePriors } from './simulate/world.ts';

const dayMs = 86_400_000;

/** Returns the bounce probability that the priors alone give for an address. */
export function priorOf({ address, verdict }: Seen): number {
  const { prior } = policyRows.find(
    ({ reason, bounce }) => reason === verdict.reason && (bounce?.class ?? null) === verdict.bounce.class,
  )!;
  const { domain, ageDays } = address;
  const segment = decaySegmentOf(domain, verdict.free);
  return (ageDays === null ? prior : aged(prior, ageDays * dayMs, segment)).probability;
}

/** Creates a world, and runs 60 days of it, with three lists of `rows` addresses each day. */
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

  const worlds = [];
  for (const [index, world] of listWorlds.entries())
    worlds.push({ name: world.name, ...(await coverageIn(world, 200, 100 + index)) });

  const came = await newcomer();
  const poison = await poisoned();

  const of = (worlds: readonly Scores[], pick: (one: Scores) => number) => spread(worlds.map(pick));
  const mean = (pick: (one: Scores) => number) =>
    scores.reduce((sum, one) => sum + pick(one), 0) / scores.length;
  /** The worst of all worlds, because a target must be met in each of them. */
  const worst = (pick: (one: Scores) => number) => exactly(of(scores, pick).high);

  const againstTruth = ({ brier }: Scores) => brier.told / brier.truth;
  const againstPriors = ({ brier }: Scores) => brier.told / brier.prior;
  const figure = (name: string, value: Figure['value'], unit = ''): Figure => ({ name, value, unit });
  const target = (
    name: string,
    measured: Target['measured'],
    bound: Target['bound'],
    limit: number,
    unit = '',
  ): Target => ({ name, measured, bound, limit, unit });
  const within = (name: string, measured: Target['measured']): Target[] => [
    target(`${name}: not too few`, measured, 'at least', 0.85),
    target(`${name}: not too many`, measured, 'at most', 0.95),
  ];
  return {
    figures: [
      figure(
        'outcomes of one world, wrong priors',
        of(scores, ({ outcomes }) => outcomes),
      ),
      figure(
        'expected calibration error',
        of(scores, ({ ece }) => ece),
      ),
      figure(
        'Brier score of what was told',
        of(scores, ({ brier }) => brier.told),
      ),
      figure(
        'Brier score of the truth',
        of(scores, ({ brier }) => brier.truth),
      ),
      figure(
        'Brier score of the priors alone',
        of(scores, ({ brier }) => brier.prior),
      ),
      figure('told / truth', of(scores, againstTruth)),
      figure('told / priors', of(scores, againstPriors)),
      figure(
        'intervals that hold the truth',
        of(scores, ({ coverage }) => coverage),
        'of 1',
      ),
      figure('told / truth, priors right', of(alike, againstTruth)),
      figure(
        'calibration error, priors right',
        of(alike, ({ ece }) => ece),
      ),
      figure('report against truth: Brier scores differ by', exactly(reported)),
      figure('forecasts that hold the truth', exactly(covered / lists), 'of 1'),
      ...worlds.flatMap(({ name, covered, bias }) => [
        figure(`${name}: forecasts that hold the truth`, exactly(covered), 'of 1'),
        figure(`${name}: forecast rate / true rate`, exactly(bias)),
      ]),
      figure('newcomer: chance before 5 outcomes', exactly(came.before)),
      figure('newcomer: chance after 2 bounces of 5', exactly(came.after)),
      figure('poison: other source before', exactly(poison.before.probability)),
      figure('poison: after 20,000 bounces of one source', exactly(poison.after)),
      figure('poison: a source never seen, after', exactly(poison.unseen)),
    ],
    targets: [
      target(
        'expected calibration error, worst of 5 worlds',
        worst(({ ece }) => ece),
        'at most',
        0.01,
      ),
      target('Brier score against that of the truth, worst of 5', worst(againstTruth), 'at most', 1.05, '×'),
      target(
        'Brier score against priors that are wrong, worst of 5',
        worst(againstPriors),
        'at most',
        0.8,
        '×',
      ),
      ...within('intervals that hold the truth, mean of 5', exactly(mean(({ coverage }) => coverage))),
      ...within('forecasts that hold the truth', exactly(covered / lists)),
      ...worlds.flatMap(({ name, covered: share }) =>
        within(`${name}: forecasts that hold the truth`, exactly(share)),
      ),
      target(
        'a newcomer after 2 bounces of 5, against before',
        exactly(came.after / came.before),
        'at most',
        3,
        '×',
      ),
      target(
        'one source moves another, of what was unsure about it',
        exactly(moved(poison.before, poison.after)),
        'at most',
        1,
        '×',
      ),
      target(
        'events that nobody vouches for and that change something',
        exactly(poison.forged ? 0 : 1),
        'at most',
        0,
      ),
    ],
  };
}

/** Returns how far a probability moved, as a fraction of the distance to the end of its interval on that side. */
const moved = (before: { probability: number; low: number; high: number }, after: number): number =>
  after >= before.probability
    ? (after - before.probability) / (before.high - before.probability)
    : (before.probability - after) / (before.probability - before.low);
