// Reads the causes of failures only for the counts that need them: reading all causes of a year takes most of the time of a
// report.

import { dayMs } from '../durations.ts';
import type { Cause, EventCount } from './count.ts';

/** Counts without their causes. */
export interface CountsToExplain {
  readonly cells: readonly EventCount[];
  /** Returns at least the counts of `cells`, with their causes. */
  readonly explain: (cells: readonly EventCount[]) => Promise<readonly EventCount[]>;
}

const cellName = ({ period, name }: Pick<EventCount, 'period' | 'name'>): string => `${period} ${name}`;

/**
 * Returns the result of `find` on the counts. `find` is pure. It runs first on counts without causes. If it reads the causes of
 * some counts, these causes are fetched, and `find` runs again.
 */
export async function findWithCauses<Found>(
  all: readonly CountsToExplain[],
  find: (...counts: EventCount[][]) => Found,
): Promise<Found> {
  const known = all.map(() => new Map<string, readonly Cause[]>());
  for (;;) {
    const asked = all.map((): EventCount[] => []);
    const lazy = all.map(({ cells }, index) =>
      cells.map((cell): EventCount => {
        const { period, name, tally } = cell;
        return {
          ...{ period, name, tally },
          get causes() {
            const causes = known[index]!.get(cellName(cell));
            if (causes === undefined) asked[index]!.push(cell);
            return causes ?? [];
          },
        };
      }),
    );
    const found = find(...lazy);
    if (asked.every(({ length }) => length === 0)) return found;
    for (const [index, cells] of asked.entries()) {
      if (cells.length === 0) continue;
      for (const cell of cells) known[index]!.set(cellName(cell), []);
      for (const cell of await all[index]!.explain(cells)) known[index]!.set(cellName(cell), cell.causes);
    }
  }
}

/**
 * Maximum number of time spans whose causes are fetched. Each takes a few statements, and D1 limits the statements of a request.
 */
const mostSpans = 4;

/**
 * Returns spans of time that contain the periods of all cells, such as days of `stepMs`. `last` is the start of the last period.
 * Periods that are close to each other share a span.
 */
export function spansOfCells(
  cells: readonly EventCount[],
  stepMs: number = dayMs,
): { readonly first: number; readonly last: number }[] {
  const periods = [...new Set(cells.map(({ period }) => period))].sort((a, b) => a - b);
  const gaps = periods.slice(1).map((period, index) => period - periods[index]!);
  const widest = gaps.toSorted((a, b) => b - a)[mostSpans - 1] ?? 0;
  const spans: { first: number; last: number }[] = [];
  for (const [index, period] of periods.entries()) {
    const gap = index === 0 ? Number.POSITIVE_INFINITY : gaps[index - 1]!;
    if (gap > Math.max(widest, stepMs)) spans.push({ first: period, last: period });
    else spans.at(-1)!.last = period;
  }
  return spans;
}
