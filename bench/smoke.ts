// `npm run bench -- --smoke`: short runs of the quick benches, whose ratios are compared with those that were committed.
// Warns on standard error and never fails: how fast a machine is says nothing about whether the code is right.

import type { Outcome } from './figures.ts';
import { runBench } from './one.ts';
import { readSmokeRatios, type SmokeRatios, writeSmokeRatios } from './results.ts';

/** How much worse a ratio may be, as a factor. */
const tolerance = 1.25;

/** A figure whose ratio differs from the committed one: `factor` is how many times as good it is. */
export interface Change {
  readonly bench: string;
  readonly figure: string;
  readonly committed: number;
  readonly measured: number;
  readonly factor: number;
}

/** Of the figures that have a ratio. */
export const ratiosOf = ({ figures }: Outcome): Record<string, number> =>
  Object.fromEntries(figures.flatMap(({ name, ratio }) => (ratio ? [[name, ratio.median]] : [])));

/** What differs by more than the tolerance, either way. A ratio that was never committed is no change. */
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

/** Runs them one after the other. `commit`: what they give is what later runs are compared with. */
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
