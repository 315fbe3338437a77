// The heap settings for `presend clean`.

/**
 * V8 options that limit the heap, in MiB. The live data of `presend clean` takes far less. Without limits, V8 lets
 * garbage grow to several times the live data before it collects it.
 */
export const smallHeap = ['--max-old-space-size=128', '--max-semi-space-size=8'];

/**
 * An environment variable for glibc, which keeps freed memory for reuse in several pools, one per thread by default.
 * With a single pool, less freed memory lies unused.
 */
export const singleArena = { MALLOC_ARENA_MAX: '1' };
