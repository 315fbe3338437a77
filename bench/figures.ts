// The result of a bench: figures, and the targets that they meet or miss. Each is measured over several rounds.

/** The median and the range of the values of several rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Figure {
  readonly name: string;
  readonly value: Spread;
  /** A rate has a unit that ends with `/s`; more is better. For all other units less is better. */
  readonly unit: string;
  /** The value divided by that of the floor (a minimal program) or of another library, in the same round. */
  readonly ratio?: Spread;
}

export interface Target {
  readonly name: string;
  readonly measured: Spread;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** The unit of `measured` and `limit`; `×` for a ratio. */
  readonly unit: string;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  readonly targets: readonly Target[];
}

/** `smoke` takes a few seconds. Only the ratios of its figures are meaningful. */
export type Size = 'full' | 'smoke';

export interface Bench {
  run(size: Size): Promise<Outcome>;
}

/**
 * Returns the median and the range.
 * @throws RangeError if there are no values.
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, low: sorted[0]!, high: sorted.at(-1)! };
}

export const median = (values: readonly number[]): number => spread(values).median;

/** The spread of a value that is the same in every round or was measured once. */
export const exactly = (value: number): Spread => ({ median: value, low: value, high: value });

/** Divides our value by theirs in each round. Whatever slows the machine down for a while slows both. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): Spread =>
  spread(ours.map((value, round) => value / theirs[round]!));

/**
 * Runs the `passes` in turns, so all of them meet the same conditions on the machine. Returns what each pass returned
 * in each round. The first round warms caches and the compiler, and is not counted.
 */
export async function inTurns<Name extends string, Value>(
  passes: Readonly<Record<Name, () => Promise<Value> | Value>>,
  rounds: number,
): Promise<Record<Name, Value[]>> {
  const given = {} as Record<Name, Value[]>;
  const names = Object.keys(passes) as Name[];
  for (const name of names) given[name] = [];
  for (let round = 0; round <= rounds; round++)
    for (const name of names) {
      const value = await passes[name]();
      if (round > 0) given[name].push(value);
    }
  return given;
}

/** Returns the seconds that `work` takes. */
export async function secondsOf(work: () => Promise<unknown> | unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export const holds = ({ measured, bound, limit }: Target): boolean =>
  bound === 'at least' ? measured.median >= limit : measured.median <= limit;

/**
 * Returns by what factor a target is better than its limit: 2 means twice as good, 0.5 half as good as it should be.
 */
export const margin = ({ measured, bound, limit }: Target): number =>
  bound === 'at least' ? measured.median / limit : limit / measured.median;

/** Formats a number with only as many digits as are meaningful. */
export function numberText(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toFixed(2))} M`;
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10
    ? value.toFixed(1)
    : String(Number(value.toFixed(Math.abs(value) < 0.1 ? 4 : 2)));
}

/** Such as `0.28 × (0.27–0.29)`. */
export function spreadText({ median, low, high }: Spread, unit: string): string {
  const middle = `${numberText(median)} ${unit}`.trim();
  return low === high ? middle : `${middle} (${numberText(low)}–${numberText(high)})`;
}

export const limitText = ({ bound, limit, unit }: Target): string =>
  `${bound === 'at least' ? '≥' : '≤'} ${numberText(limit)} ${unit}`.trim();

export const targetText = (target: Target): string =>
  `${holds(target) ? 'met   ' : 'MISSED'}  ${target.name}: ${spreadText(target.measured, target.unit)}, to be ${limitText(target)}`;
