// Chooses as many rows to mail as a goal for the bounce rate allows, starting with the least likely bounces.

import type { ListRow } from './shape.ts';

/** Rates are between 0 and 1. */
export interface GoalOutcome {
  /** The goal: the expected rate must be below this value. */
  readonly below: number;
  /** The number of chosen rows. */
  readonly keep: number;
  readonly remove: number;
  /** The expected rate of the chosen rows. */
  readonly rate: number;
}

/** Probabilities in a result have four digits, so there are this many steps between 0 and 1. */
const steps = 10_000;

const stepOf = ({ earlier }: ListRow): number =>
  Math.min(steps, Math.max(0, Math.round(Number(earlier!.probability) * steps)));

/** Whether a row of a result may be mailed at all: it has an address that is not suppressed and in no earlier row. */
export const isMailable = ({ fields, earlier }: ListRow): boolean =>
  fields > 0 &&
  earlier !== null &&
  earlier.result !== '' &&
  earlier.probability !== '' &&
  earlier.reason !== 'suppressed' &&
  earlier.reason !== 'syntax_error' &&
  earlier.duplicate !== 'true';

/**
 * Chooses rows in two passes over a result: `add` each row, then ask `chooses` about each in the same order. Among rows of
 * the same probability the first are chosen.
 */
export function createGoal(below: number) {
  const counts = new Float64Array(steps + 1);
  let all = 0;
  let plan: { readonly threshold: number; readonly outcome: GoalOutcome; atThreshold: number } | null = null;

  const planned = () => {
    let keep = 0;
    let expected = 0;
    let threshold = 0;
    let atThreshold = 0;
    for (let step = 0; step <= steps; step++) {
      const count = counts[step]!;
      if (count === 0) continue;
      const probability = step / steps;
      // The largest k for which (expected + k·probability) / (keep + k) < below.
      const most =
        probability < below
          ? count
          : probability === below
            ? expected < below * keep
              ? count
              : 0
            : Math.ceil((below * keep - expected) / (probability - below) - 1e-9) - 1;
      const chosen = Math.max(0, Math.min(count, most));
      keep += chosen;
      expected += chosen * probability;
      threshold = step;
      atThreshold = chosen;
      if (chosen < count) break;
    }
    const outcome = { below, keep, remove: all - keep, rate: keep === 0 ? 0 : expected / keep };
    return { threshold, atThreshold, outcome };
  };

  return {
    add(row: ListRow): void {
      if (row.fields > 0) all++;
      if (isMailable(row)) counts[stepOf(row)]!++;
    },
    outcome(): GoalOutcome {
      plan ??= planned();
      return plan.outcome;
    },
    chooses(row: ListRow): boolean {
      plan ??= planned();
      if (!isMailable(row)) return false;
      const step = stepOf(row);
      if (step !== plan.threshold) return step < plan.threshold;
      return plan.atThreshold-- > 0;
    },
  };
}

export type Goal = ReturnType<typeof createGoal>;

/** `2%`, `2 %` or `0.02` → 0.02; null if it is not a rate between 0 and 1. */
export function parseGoal(text: string): number | null {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim().replace(',', '.')) ?? [];
  if (number === undefined) return null;
  const rate = Number(number) / (percent === '%' ? 100 : 1);
  return rate > 0 && rate < 1 ? rate : null;
}
