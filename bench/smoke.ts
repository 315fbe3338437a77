// `npm run bench -- --smoke`: runs the quick benches briefly, and compares their ratios with the committed ones. A
// ratio that got worse gives a warning on standard error, but no failure: the speed of a machine does not show whether
// the code is correct.

import type { Outcome } from './figures.ts';
import { runBench } from './one.ts';
import { readSmokeRatios, type SmokeRatios, writeSmokeRatios } from './results.ts';

/** A ratio may be worse or better by this factor before it is reported. */
const tolerance = 1.25;

/**
 * A figure whose ratio differs from the committed one. `factor` is how many times better it is; below 1 it is worse.
 */
export interface Change {
  readonly bench: string;
  readonly figure: string;
  readonly committed: number;
  readonly measured: number;
  readonly factor: number;
}

/** Returns the median ratio of each figure that has one. */
export const ratiosOf = ({ figures }: Outcome): Record<string, number> =>
  Object.fromEntries(figures.flatMap(({ name, ratio }) => (ratio ? [[name, ratio.median]] : [])));

/**
 * Returns the figures whose ratio differs by more than the tolerance, in either direction. A ratio without a committed
 * one is left out.
 */
export function changes(bench: string, { figures }: Outcome, committed: SmokeRatios): Change[] {
  return figures.flatMap(({ name, ratio, unit }) => {
    const before = committed[bench]?.[name];
    if (!ratio || before === undefined) return [];
    const factor = unit.endsWith('/s') ? ratio.median / before : before / ratio.median;
    const change = { bench, figure: name, committed: before, measured: ratio.median, factor };
    return factor < 1 / tolerance || factor > tolerance ? [change] : [];
  });
}

export const changeText = ({ bench, figure, committed, measured, factor }: Change): string => {
  const figures = `${bench}, ${figure}: ${measured.toPrecision(3)} × its floor or peer, committed is ${committed.toPrecision(3)} ×`;
  return factor < 1
    ? `warning: ${figures}`
    : `note: ${figures}; commit the better one (npm run bench -- --smoke --commit)`;
};

/** Runs the benches one after another. If `commit` is true, saves their ratios; later runs are compared with those. */
export async function smoke(names: readonly string[], commit: boolean): Promise<void> {
  const committed = readSmokeRatios();
  const measured: Record<string, Record<string, number>> = {};
  for (const name of names) {
    const began = performance.now();
    try {
      const outcome = await runBench(name, 'smoke');
      measured[name] = ratiosOf(outcome);
      console.log(`${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`, measured[name]);
      for (const change of changes(name, outcome, committed)) console.error(changeText(change));
    } catch (error) {
      console.error(`warning: the bench ${name} did not run:`, error);
    }
  }
  if (commit) writeSmokeRatios({ ...committed, ...measured });
}
