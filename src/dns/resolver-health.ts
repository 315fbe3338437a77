// The health of one DNS resolver. It decides how long to wait before another resolver is asked too. It also decides whether
// the resolver rests (after repeated failures, it is asked last) and whether it is distrusted (after other resolvers
// contradicted it, it is asked last, and its answers do not confirm that a domain accepts no mail).

export interface HealthOptions {
  /** Milliseconds to wait for an answer before the next resolver is asked too, until 16 latencies have been measured. */
  readonly firstDelay?: number;
  /** Minimum and maximum, in milliseconds, of the wait that is computed from the measured latencies. */
  readonly delayBounds?: readonly [number, number];
  /** Number of consecutive failures after which a resolver rests. */
  readonly failuresToRest?: number;
  /**
   * Length of the first rest and of the longest rest in milliseconds. After a rest, one question probes the resolver. If it
   * fails, the next rest is twice as long.
   */
  readonly rest?: readonly [number, number];
  /** Number of consecutive times that two other resolvers contradict a resolver, after which it is distrusted. */
  readonly overrulingsToRest?: number;
  /** Milliseconds for which a contradicted resolver is distrusted. */
  readonly distrust?: number;
}

export interface ResolverHealth {
  readonly name: string;
  readonly state: 'up' | 'resting';
  /** Milliseconds within which 95% of the latest answers (at most 128) arrived; null before the first 16 answers. */
  readonly p95Ms: number | null;
  /** Number of failures since the last answer. */
  readonly failures: number;
  /** Number of times that two other resolvers contradicted this one since they last agreed with it. */
  readonly overruled: number;
}

export interface Health {
  /** Milliseconds to wait for this resolver before the next one is asked too. */
  delay(): number;
  /** Whether this resolver should be asked only after all others. */
  isResting(now: number): boolean;
  /** Whether this resolver is distrusted at present: its answers do not confirm that a domain accepts no mail. */
  isDistrusted(now: number): boolean;
  /** Call it when a question is sent. Returns true if the question is a probe: the first one after the end of a rest. */
  asked(now: number): boolean;
  /** Records an answer, which ends the rest, and its latency. */
  answered(now: number, tookMs: number): void;
  /**
   * Records an error, or that a question took longer than usual. `probe` is the result of `asked` for this question. Has no
   * effect if the resolver has answered another question after `since`, because then the name servers of the domain are slow,
   * and not the resolver. `since` is the time at which the question was sent, or `now` for an error.
   */
  failed(now: number, probe: boolean, since: number): void;
  /** Records that two other resolvers contradicted this one about a domain. */
  overruled(now: number): void;
  /** Records that another resolver agreed with this one about a domain. */
  agreed(): void;
  report(now: number): ResolverHealth;
}

/** Number of latest latencies that are kept. */
const sampleCount = 128;

/** The 95th percentile of the latencies (p95) is computed each time this many further answers have arrived. */
const enoughSamples = 16;

/**
 * The wait before the next resolver is asked is the p95 multiplied by this factor. If all latencies are nearly equal, the p95
 * is nearly equal to them too. Without the factor, many ordinary answers would then count as late.
 */
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
    // Sort only after every 16th answer, because sorting takes time.
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
      // Until the probe is answered, the resolver continues to rest for all other questions. If no answer arrives, the first
      // question after this further rest is the next probe.
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
      // The resolver rests already, and this question is not the probe: it was sent before the rest, or for lack of other
      // resolvers. It must not lengthen the rest.
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
