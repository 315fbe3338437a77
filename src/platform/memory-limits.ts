// What requests and caches may hold in memory, for the heap that V8 was given.

const mib = 1024 * 1024;

/** Code, data and a list in progress: the heap without requests and caches, garbage included. */
const serviceBytes = 48 * mib;

/** One address of a batch: the request, its evidence, the verdict and twice its JSON. */
const batchRowBytes = 2560;

/** One domain: its verdict's part, its DNS answers, and the same for the lists in progress. */
const domainBytes = 2200;

const most = { batchRows: 20_000, bodyBytes: 16 * mib, domains: 200_000 };

/** One batch and one body of the largest sizes are always admitted. */
const least = { batchRows: 1000, bodyBytes: 4 * mib, domains: 2000 };

export interface MemoryLimits {
  /** Addresses of all batches whose response has not been sent. */
  readonly batchRows: number;
  /** Bytes of request bodies in memory, besides webhooks and bodies of 16 KiB or less. */
  readonly bodyBytes: number;
  /** Domains kept, with their DNS answers. Null: each cache's default. */
  readonly domains: number | null;
}

/** `heapBytes`: V8's limit, `heap_size_limit` of `v8.getHeapStatistics()`. */
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
