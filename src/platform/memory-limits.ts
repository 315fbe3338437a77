// How many addresses, body bytes and domains may be in memory at once, computed from the size of V8's heap.

const mib = 1024 * 1024;

/**
 * Estimated heap, including garbage, that the service needs for its code, its data and a list in progress. What
 * requests and caches need comes on top.
 */
const serviceBytes = 48 * mib;

/**
 * Estimated heap bytes for one address of a batch: its request, its evidence, its verdict, and two copies of its JSON.
 */
const batchRowBytes = 2560;

/**
 * Estimated heap bytes for one cached domain: its DNS answers, and the part of a verdict that depends only on the
 * domain. Includes the copies in the separate caches for lists in progress.
 */
const domainBytes = 2200;

const most = { batchRows: 20_000, bodyBytes: 16 * mib, domains: 200_000 };

/**
 * Minimum limits, used even if the heap is too small. They admit one batch and one body of the largest allowed size.
 */
const least = { batchRows: 1000, bodyBytes: 4 * mib, domains: 2000 };

export interface MemoryLimits {
  /** Maximum number of addresses in all batches whose response has not been sent yet. */
  readonly batchRows: number;
  /**
   * Maximum bytes of all request bodies in memory. Bodies of webhooks have their own limit, and bodies of up to 16 KiB
   * are not counted.
   */
  readonly bodyBytes: number;
  /** Maximum number of domains in each cache. Null: each cache uses its default. */
  readonly domains: number | null;
}

/** Computes the limits. `heapBytes` is the maximum size of V8's heap: `heap_size_limit` of `v8.getHeapStatistics()`. */
export function memoryLimitsOf(heapBytes: number): MemoryLimits {
  const spare = heapBytes - serviceBytes;
  const within = (name: keyof typeof most, share: number, bytes: number): number =>
    Math.min(most[name], Math.max(least[name], Math.floor((spare * share) / bytes)));
  const domains = within('domains', 0.4, domainBytes);
  return {
    batchRows: within('batchRows', 0.4, batchRowBytes),
    bodyBytes: within('bodyBytes', 0.2, 1),
    domains: domains === most.domains ? null : domains,
  };
}
