// Random numbers that are the same in every run with the same seed.

export interface Random {
  /** A number from 0 to 1, without 1. */
  unit(): number;
  /** A whole number below `bound`. */
  below(bound: number): number;
  normal(): number;
  pick<Item>(items: readonly Item[]): Item;
  /** A random item; its probability is proportional to its weight. */
  weighed<Item extends { readonly weight: number }>(items: readonly Item[]): Item;
}

/** Creates a generator (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    below: (bound) => Math.floor(unit() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    pick: (items) => items[Math.floor(unit() * items.length)]!,
    weighed(items) {
      let rest = unit() * items.reduce((sum, { weight }) => sum + weight, 0);
      return items.find(({ weight }) => {
        rest -= weight;
        return rest < 0;
      })!;
    },
  };
}
