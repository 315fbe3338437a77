// A cache of DNS answers and failures. The lifetimes follow RFC 2308, RFC 8767 and RFC 9520. The caller passes the time.

import { createMemory, type Memory } from '../memory.ts';
import type { DnsAnswer, DnsFailure, DnsOutcome, DnsQuestion, RecordType } from './resolver.ts';

export interface CacheOptions {
  /** Maximum number of names that are cached for each record type; 50,000 by default. */
  readonly max?: number;
  /** Minimum and maximum lifetime of records in seconds. */
  readonly positiveTtl?: readonly [number, number];
  /**
   * Minimum and maximum lifetime, in seconds, of the negative answers `no_data` and `nxdomain`. RFC 2308 section 5 suggests
   * at most three hours.
   */
  readonly negativeTtl?: readonly [number, number];
  /**
   * Lifetime of the first failure of a question, and maximum lifetime of a failure, in seconds (RFC 9520 section 3.2: 1 to
   * 300). The lifetime doubles each time the question fails again. A failure counts as the first one if an answer came
   * before it, or if the previous failure expired longer ago than the maximum lifetime.
   */
  readonly failureTtl?: readonly [number, number];
  /** Seconds for which an expired answer may be used if no resolver answers (RFC 8767 section 5: 1 to 3 days). */
  readonly maxStale?: number;
}

/** A DNS outcome, with its remaining lifetime `ttl` in seconds. */
export type CachedOutcome<Outcome extends DnsOutcome = DnsOutcome> = Outcome & { readonly ttl: number };

export interface DnsCache {
  /** The cached answer or failure if it has not expired at `now` (epoch milliseconds). */
  peek(question: DnsQuestion, now: number): CachedOutcome | undefined;
  /**
   * The latest answer, which may be expired, but not for longer than `maxStale`. For use if the question failed or there is
   * no time to ask it. Its `ttl` is 30 seconds (RFC 8767 section 4).
   */
  peekStale(question: DnsQuestion, now: number): CachedOutcome<DnsAnswer> | undefined;
  /** Stores `outcome` and returns it with its lifetime. A failure does not remove an earlier answer (see `peekStale`). */
  store(question: DnsQuestion, outcome: DnsOutcome, now: number): CachedOutcome;
  forget(question: DnsQuestion): void;
}

interface Entry {
  readonly answer?: { readonly value: DnsAnswer; readonly expires: number };
  readonly failure?: { readonly value: DnsFailure; readonly expires: number; readonly lasted: number };
}

const staleTtl = 30;

export function createDnsCache(options: CacheOptions = {}): DnsCache {
  const {
    max = 50_000,
    positiveTtl = [30, 86_400],
    negativeTtl = [5, 10_800],
    failureTtl = [1, 300],
    maxStale = 86_400,
  } = options;
  const entries: Record<RecordType, Memory<Entry>> = {
    MX: createMemory(max),
    A: createMemory(max),
    AAAA: createMemory(max),
    TXT: createMemory(max),
    PTR: createMemory(max),
    CNAME: createMemory(max),
    NS: createMemory(max),
  };

  const answerTtl = (answer: DnsAnswer): number =>
    answer.kind !== 'no_data' && answer.kind !== 'nxdomain'
      ? clamp(answer.ttl, positiveTtl)
      : // Without an SOA record there is no TTL, and RFC 2308 section 5 advises against caching. The answer is cached for the
        // minimum lifetime nevertheless, to prevent repeated questions.
        clamp(answer.ttl ?? 0, negativeTtl);

  const storeFailure = (
    question: DnsQuestion,
    failure: DnsFailure,
    now: number,
  ): CachedOutcome<DnsFailure> => {
    const { answer, failure: before } = entries[question.type].get(question.name) ?? {};
    const persists = before !== undefined && now < before.expires + failureTtl[1] * 1000;
    const ttl = clamp(persists ? before.lasted * 2 : 0, failureTtl);
    entries[question.type].set(question.name, {
      ...(answer && { answer }),
      failure: { value: failure, expires: now + ttl * 1000, lasted: ttl },
    });
    return { ...failure, ttl };
  };

  return {
    peek: ({ name, type }, now) => {
      const entry = entries[type].get(name);
      if (entry?.answer && now < entry.answer.expires) return remaining(entry.answer, now);
      return entry?.failure && now < entry.failure.expires ? remaining(entry.failure, now) : undefined;
    },
    peekStale: ({ name, type }, now) => {
      const answer = entries[type].get(name)?.answer;
      return answer && now < answer.expires + maxStale * 1000
        ? { ...answer.value, ttl: staleTtl }
        : undefined;
    },
    store: (question, outcome, now) => {
      if (outcome.kind === 'failure') return storeFailure(question, outcome, now);
      const ttl = answerTtl(outcome);
      entries[question.type].set(question.name, { answer: { value: outcome, expires: now + ttl * 1000 } });
      return { ...outcome, ttl };
    },
    forget: ({ name, type }) => {
      entries[type].delete(name);
    },
  };
}

const clamp = (ttl: number, [least, most]: readonly [number, number]): number =>
  Math.min(most, Math.max(least, ttl));

const remaining = <Outcome extends DnsOutcome>(
  { value, expires }: { value: Outcome; expires: number },
  now: number,
): CachedOutcome<Outcome> => ({ ...value, ttl: (expires - now) / 1000 });
