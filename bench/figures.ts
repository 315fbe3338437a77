// What a bench gives: figures, and the targets that they meet or miss.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `value` by that of the floor or peer measured in the same run. */
  readonly ratio?: number;
}

export interface Target {
  readonly claim: string;
  readonly holds: boolean;
}

export interface Bench {
  run(): Promise<{ readonly figures: readonly Figure[]; readonly targets: readonly Target[] }>;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;
