// The heap settings for `presend clean`.

/** MiB. Live data stays far below; without a limit V8 keeps several times as much garbage. */
export const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=4'];

/** glibc keeps freed memory in one pool per thread; a single pool leaves less idle. */
export const singleArena = { MALLOC_ARENA_MAX: '1' };
