// The heap that a list is worked on with.

/** MiB. What is in use stays far below; without a limit V8 lets several times as much garbage lie. */
export const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=4'];
