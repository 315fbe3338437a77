// Counts how many results of a classification are right, with the precision and recall of the class `hard`.

export interface Outcome {
  readonly expected: string;
  readonly found: string;
  /** The text that is printed if the case is wrong. */
  readonly miss: string;
}

const ratio = (part: number, whole: number) =>
  whole === 0 ? 1 : Math.round((10_000 * part) / whole) / 10_000;

export function tally(outcomes: readonly Outcome[]): { misses: string[]; summary: Record<string, unknown> } {
  const confusion: Record<string, Record<string, number>> = {};
  for (const { expected, found } of outcomes) {
    confusion[expected] ??= {};
    confusion[expected][found] = (confusion[expected][found] ?? 0) + 1;
  }
  const wrong = outcomes.filter(({ expected, found }) => expected !== found);
  const count = (test: (outcome: Outcome) => boolean) => outcomes.filter(test).length;
  const both = count(({ expected, found }) => expected === 'hard' && found === 'hard');
  return {
    misses: wrong.map(({ miss }) => miss),
    summary: {
      cases: outcomes.length,
      right: outcomes.length - wrong.length,
      hard: {
        precision: ratio(
          both,
          count(({ found }) => found === 'hard'),
        ),
        recall: ratio(
          both,
          count(({ expected }) => expected === 'hard'),
        ),
      },
      confusion,
    },
  };
}
