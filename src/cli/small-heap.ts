// The heap that a list is worked on with.

/** MiB. What is in use stays far below; without a limit V8 lets several times as much garbage lie. */
export const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=4'];

/** glibc keeps what each thread gave back in a pool for that thread; of one pool for all, less lies idle. */
export const onePool = { MALLOC_ARENA_MAX: '1' };
