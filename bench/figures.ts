// What a bench gives: figures, and the targets that they meet or miss, each over several rounds.

/** The middle one of what several rounds gave, and the range. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Figure {
  readonly name: string;
  readonly value: Spread;
  /** Of a rate it ends with `/s`; of anything else less is better. */
  readonly unit: string;
  /** By that of the floor or peer in the same round. */
  readonly ratio?: Spread;
}

export interface Target {
  readonly name: string;
  readonly measured: Spread;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** `×` for a ratio within the round. */
  readonly unit: string;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  readonly targets: readonly Target[];
}

/** `smoke` takes some seconds, and only its ratios mean something. */
export type Size = 'full' | 'smoke';

export interface Bench {
  run(size: Size): Promise<Outcome>;
}

/** Throws a RangeError for no values. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, low: sorted[0]!, high: sorted.at(-1)! };
}

export const median = (values: readonly number[]): number => spread(values).median;

/** What is the same in every round, or was measured once. */
export const exactly = (value: number): Spread => ({ median: value, low: value, high: value });

/** Ours by theirs, round by round: what slows the machine down for a while slows both. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): Spread =>
  spread(ours.map((value, round) => value / theirs[round]!));

/**
 * What each of `passes` gave in each round, in turns, so that they meet the same machine. A round before, which warms
 * caches and the compiler, is not counted.
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

/** Seconds that `work` takes. */
export async function secondsOf(work: () => Promise<unknown> | unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export const holds = ({ measured, bound, limit }: Target): boolean =>
  bound === 'at least' ? measured.median >= limit : measured.median <= limit;

/** How far on the good side of its limit a target is: 2 is twice as good, 0.5 half as good as it should be. */
export const margin = ({ measured, bound, limit }: Target): number =>
  bound === 'at least' ? measured.median / limit : limit / measured.median;

/** With as many digits as can be told apart. */
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
