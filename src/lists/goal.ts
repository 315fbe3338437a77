// Chooses which rows of a result to mail: as many as possible while the expected bounce rate stays below a goal. Rows
// with the lowest bounce probability are chosen first.

import type { ListRow } from './shape.ts';

/** What a goal leads to. Rates are between 0 and 1. */
export interface GoalOutcome {
  /** The goal: the expected bounce rate must be below this. */
  readonly below: number;
  /** The number of contacts that are chosen to be mailed. `remove` is the number of all others. */
  readonly keep: number;
  readonly remove: number;
  /** The expected bounce rate of the chosen rows. */
  readonly rate: number;
}

/** Probabilities are rounded to this many steps between 0 and 1. A result has them with four digits. */
const steps = 10_000;

/** A probability as a whole number of steps of 1/10,000. */
export const stepOf = (probability: number): number =>
  Math.min(steps, Math.max(0, Math.round(probability * steps)));

const stepOfRow = ({ earlier }: ListRow): number => stepOf(Number(earlier!.probability));

/** Whether a row of a result may be mailed, and its action says so. */
export const isAccepted = (row: ListRow): boolean => row.earlier?.action === 'accept' && isMailable(row);

/**
 * Whether a row may be mailed at all. It needs a verdict and a valid address that is not suppressed and did not occur
 * in an earlier row.
 */
const isMailable = ({ fields, earlier }: ListRow): boolean =>
  fields > 0 &&
  earlier !== null &&
  earlier.result !== '' &&
  earlier.probability !== '' &&
  earlier.reason !== 'suppressed' &&
  earlier.reason !== 'syntax_error' &&
  earlier.duplicate !== 'true';

/** Numbers of mailable rows by probability, in steps of 1/10,000. Steps without rows are absent. */
export function mailableByStep(rows: readonly ListRow[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const row of rows) if (isMailable(row)) counts[stepOfRow(row)] = (counts[stepOfRow(row)] ?? 0) + 1;
  return counts;
}

/**
 * Chooses rows in two passes over a result. First `add` every row, then ask `chooses` about every row in the same
 * order. Of rows with the same probability, the first ones are chosen. `isEligible`: which rows may be chosen at all.
 */
export function createGoal(below: number, isEligible: (row: ListRow) => boolean = isMailable) {
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
      // Mailing k rows of this probability gives the rate (expected + k·probability) / (keep + k). Find the largest k
      // for which the rate is below the goal.
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
      if (isEligible(row)) counts[stepOfRow(row)]!++;
    },
    /** Adds rows that were counted by `mailableByStep`. `contacts`: their number, with those that are not mailable. */
    addCounted(mailable: Readonly<Record<number, number>>, contacts: number): void {
      all += contacts;
      for (const [step, rows] of Object.entries(mailable)) counts[Number(step)]! += rows;
    },
    outcome(): GoalOutcome {
      plan ??= planned();
      return plan.outcome;
    },
    chooses(row: ListRow): boolean {
      plan ??= planned();
      if (!isEligible(row)) return false;
      const step = stepOfRow(row);
      if (step !== plan.threshold) return step < plan.threshold;
      return plan.atThreshold-- > 0;
    },
  };
}

export type Goal = ReturnType<typeof createGoal>;

/** Reads a rate: `2%`, `2 %` and `0.02` are 0.02. Null if the text is not a rate between 0 and 1. */
export function parseGoal(text: string): number | null {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim().replace(',', '.')) ?? [];
  if (number === undefined) return null;
  const rate = Number(number) / (percent === '%' ? 100 : 1);
  return rate > 0 && rate < 1 ? rate : null;
}
