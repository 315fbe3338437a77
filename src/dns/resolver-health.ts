// How one resolver does: how long it takes, and whether it should rest after failing again and again.

export interface HealthOptions {
  /** Milliseconds to wait for an answer before the next resolver is asked, until there is something to go by. */
  readonly firstDelay?: number;
  /** Milliseconds, least and most, that observation may move that delay to. */
  readonly delayBounds?: readonly [number, number];
  /** Failures in a row after which a resolver rests. */
  readonly failuresToRest?: number;
  /** Milliseconds of the first rest, doubling with each probe that fails up to the second. */
  readonly rest?: readonly [number, number];
}

export interface ResolverHealth {
  readonly name: string;
  readonly state: 'up' | 'resting';
  /** Milliseconds within which 95 of 100 questions were answered of late; null before there are enough. */
  readonly p95Ms: number | null;
  /** In a row, up to this moment. */
  readonly failures: number;
}

export interface Health {
  /** Milliseconds to wait for this resolver before asking the next one as well. */
  delay(): number;
  /** Whether to ask this resolver after all the others. */
  isResting(now: number): boolean;
  /** To be called as a question is sent. True for the one question that finds out whether a rest was long enough. */
  asked(now: number): boolean;
  answered(tookMs: number): void;
  /** An error, or no answer yet when another resolver, asked later, had one. `probe` is what `asked` said. */
  failed(now: number, probe: boolean): void;
  report(): ResolverHealth;
}

const sampleCount = 128;
const enoughSamples = 16;

export function createHealth(name: string, options: HealthOptions = {}): Health {
  const { firstDelay = 150, delayBounds = [20, 300], failuresToRest = 5, rest = [1000, 60_000] } = options;
  const samples = new Float64Array(sampleCount);
  let taken = 0;
  let p95: number | null = null;
  let failures = 0;
  let restMs = 0;
  let restUntil = 0;

  const sample = (tookMs: number) => {
    samples[taken++ % sampleCount] = tookMs;
    // Sorting for every answer would cost more than it tells.
    if (taken % enoughSamples !== 0) return;
    const sorted = samples.slice(0, Math.min(taken, sampleCount)).sort();
    p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  };

  return {
    delay: () =>
      p95 === null ? firstDelay : Math.min(delayBounds[1], Math.max(delayBounds[0], Math.ceil(p95))),
    isResting: (now) => restMs > 0 && now < restUntil,
    asked: (now) => {
      const probe = restMs > 0 && now >= restUntil;
      // The rest goes on for all other questions; should the probe never end, another follows.
      if (probe) restUntil = now + restMs;
      return probe;
    },
    answered: (tookMs) => {
      failures = 0;
      restMs = 0;
      sample(tookMs);
    },
    failed: (now, probe) => {
      failures++;
      if (restMs === 0 && failures >= failuresToRest) restMs = rest[0];
      else if (probe) restMs = Math.min(rest[1], restMs * 2);
      // Questions sent before the rest began fail during it, and must not lengthen it.
      else return;
      restUntil = now + restMs;
    },
    report: () => ({ name, state: restMs > 0 ? 'resting' : 'up', p95Ms: p95, failures }),
  };
}
