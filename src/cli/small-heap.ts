// The heap settings for `presend clean`.

/** Limits in MiB. Live data stays far below them. Without limits V8 keeps several times as much garbage. */
export const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=4'];

/** glibc keeps freed memory in one pool per thread. With a single pool less memory is idle. */
export const singleArena = { MALLOC_ARENA_MAX: '1' };
