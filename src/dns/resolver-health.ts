// The health of one resolver: its latency, whether it rests after repeated failures, and whether its answers count.

export interface HealthOptions {
  /** Milliseconds to wait before asking the next resolver, until enough latencies are known. */
  readonly firstDelay?: number;
  /** Minimum and maximum of that delay in milliseconds. */
  readonly delayBounds?: readonly [number, number];
  /** Consecutive failures after which a resolver rests. */
  readonly failuresToRest?: number;
  /** Milliseconds of the first and of the longest rest. Each probe that fails doubles the rest. */
  readonly rest?: readonly [number, number];
  /** Consecutive times that two other resolvers may contradict a resolver before its answers are ignored. */
  readonly overrulingsToRest?: number;
  /** Milliseconds for which the answers of a contradicted resolver are ignored. */
  readonly distrust?: number;
}

export interface ResolverHealth {
  readonly name: string;
  readonly state: 'up' | 'resting';
  /** Milliseconds within which 95% of the last 128 answers arrived; null before the first 16 answers. */
  readonly p95Ms: number | null;
  /** Consecutive failures until now. */
  readonly failures: number;
  /** Consecutive times that two other resolvers contradicted it. */
  readonly overruled: number;
}

export interface Health {
  /** Milliseconds to wait for this resolver before asking the next one as well. */
  delay(): number;
  /** Whether to ask this resolver after all the others. */
  isResting(now: number): boolean;
  /** Whether its answers are currently ignored. */
  isDistrusted(now: number): boolean;
  /** Called when a question is sent. Returns true if the question is a probe: an answer to it ends the rest. */
  asked(now: number): boolean;
  answered(now: number, tookMs: number): void;
  /**
   * Records an error, or no answer in the usual time to a question sent at `since`. Has no effect if the resolver has answered
   * another question since: then the name is slow, not the resolver. `probe` is the result of `asked`.
   */
  failed(now: number, probe: boolean, since: number): void;
  /** Records that two other resolvers contradicted this one about a domain. */
  overruled(now: number): void;
  agreed(): void;
  report(now: number): ResolverHealth;
}

const sampleCount = 128;
const enoughSamples = 16;

/** A multiple of the p95. Latencies that are almost equal would otherwise exceed it half of the time. */
const unusual = 1.5;

export function createHealth(name: string, options: HealthOptions = {}): Health {
  const { firstDelay = 150, delayBounds = [20, 300], failuresToRest = 5, rest = [1000, 60_000] } = options;
  const { overrulingsToRest = 5, distrust = 600_000 } = options;
  const samples = new Float64Array(sampleCount);
  let taken = 0;
  let p95: number | null = null;
  let failures = 0;
  let restMs = 0;
  let restUntil = 0;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let overrulings = 0;
  let distrustedUntil = 0;

  const sample = (tookMs: number) => {
    samples[taken++ % sampleCount] = tookMs;
    // Sort only after every 16th answer, because sorting is expensive.
    if (taken % enoughSamples !== 0) return;
    const sorted = samples.slice(0, Math.min(taken, sampleCount)).sort();
    p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  };

  return {
    delay: () =>
      p95 === null
        ? firstDelay
        : Math.min(delayBounds[1], Math.max(delayBounds[0], Math.ceil(unusual * p95))),
    isResting: (now) => (restMs > 0 && now < restUntil) || now < distrustedUntil,
    isDistrusted: (now) => now < distrustedUntil,
    asked: (now) => {
      const probe = restMs > 0 && now >= restUntil;
      // The rest continues for all other questions. If no answer to the probe arrives, a later question is the next probe.
      if (probe) restUntil = now + restMs;
      return probe;
    },
    answered: (now, tookMs) => {
      answeredAt = now;
      failures = 0;
      restMs = 0;
      sample(tookMs);
    },
    failed: (now, probe, since) => {
      if (answeredAt > since) return;
      failures++;
      if (restMs === 0 && failures >= failuresToRest) restMs = rest[0];
      else if (probe) restMs = Math.min(rest[1], restMs * 2);
      // A question that was sent before the rest began must not lengthen the rest.
      else return;
      restUntil = now + restMs;
    },
    overruled: (now) => {
      if (++overrulings >= overrulingsToRest) distrustedUntil = now + distrust;
    },
    agreed: () => {
      overrulings = 0;
    },
    report: (now) => ({
      name,
      state: restMs > 0 || now < distrustedUntil ? 'resting' : 'up',
      p95Ms: p95,
      failures,
      overruled: overrulings,
    }),
  };
}
