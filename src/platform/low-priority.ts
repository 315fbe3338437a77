// The priority of work for which nobody waits as for a verdict.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

// On Linux each thread has a priority of its own. Elsewhere only a process has one.
const isLinux = process.platform === 'linux';

/** Only an administrator may raise a priority, and the service may have a low one already. */
const lower = (id: number, priority: number): void => setPriority(id, Math.max(getPriority(id), priority));

/** The nice value of threads for which the main thread may have to wait. So they must get on when the processors are busy, too. */
const helperNice = 5;

/**
 * Lets other threads run before this one if processors are short. Without it, a thread that has waited for the disk interrupts the
 * main thread in the middle of a verdict. It must still get on when the processors are busy, because it can hold the lock of the
 * database.
 */
export function lowerThreadPriority(): void {
  if (isLinux) lower(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), helperNice);
}

/**
 * Lets the main thread run before the threads in which V8 compiles and collects the garbage of all threads of the process. Linux gives
 * a thread that has just begun a few milliseconds before another one of the same priority gets its processor, so a verdict waits
 * behind the garbage of the events. Of V8's helpers the main thread waits only for those that work on its own garbage.
 */
export function lowerV8Priority(): void {
  if (!isLinux) return;
  for (const thread of readdirSync('/proc/self/task'))
    if (threadName(thread).startsWith('V8Worker')) lower(Number(thread), helperNice);
}

function threadName(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8');
  } catch {
    // The thread has ended.
    return '';
  }
}

/**
 * Lets other processes run before this one. The policies that would let it run on idle processors alone are not for it: on a machine
 * that is busy for long it would never answer.
 */
export function lowerProcessPriority(): void {
  const threads = isLinux ? readdirSync('/proc/self/task').map(Number) : [0];
  for (const thread of threads) lower(thread, constants.priority.PRIORITY_BELOW_NORMAL);
}
