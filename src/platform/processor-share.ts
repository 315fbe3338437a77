// Limits the processor time that work takes in the long run.

export interface ProcessorShareOptions {
  /** The share of one processor in the long run, from 0 to 1. */
  readonly share: number;
  /** Milliseconds of processor time that may be used at once after a rest. */
  readonly burstMs: number;
  /** Returns the milliseconds of processor time that were used so far. */
  readonly usedMs: () => number;
  /** Returns the milliseconds of a clock. */
  readonly now: () => number;
}

/** Returns a function that tells how many milliseconds to wait before more work begins. */
export function createProcessorShare({ share, burstMs, usedMs, now }: ProcessorShareOptions): () => number {
  let debtMs = 0;
  let used = usedMs();
  let at = now();
  return () => {
    const [usedBefore, before] = [used, at];
    used = usedMs();
    at = now();
    debtMs = Math.max(0, debtMs + used - usedBefore - (at - before) * share);
    return Math.max(0, (debtMs - burstMs) / share);
  };
}
