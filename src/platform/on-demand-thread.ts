// A thread that starts with the first question and ends after a pause.

import { type ResourceLimits, Worker } from 'node:worker_threads';
import { createThreadPeer, type ThreadAnswer, type ThreadPeer } from '../thread-peer.ts';

export interface OnDemandThread {
  /** Rejects with the error of the thread, also if it cannot start or ends early. */
  ask(question: unknown, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Waits until all questions are answered, and ends the thread. */
  close(): Promise<void>;
}

export interface OnDemandThreadOptions {
  /** The name of the program, which is a file in this folder, without its extension. */
  readonly program: string;
  readonly workerData: unknown;
  readonly resourceLimits: ResourceLimits;
  /** Milliseconds without a question after which the thread ends, because it occupies memory. */
  readonly idleMs: number;
  /** Answers the questions that the thread asks; it asks none by default. */
  readonly answer?: (question: never) => ThreadAnswer | Promise<ThreadAnswer>;
  /** Called when a thread has started, and when it has ended. */
  readonly onChange?: (isRunning: boolean) => void;
}

interface RunningThread {
  readonly worker: Worker;
  readonly peer: ThreadPeer;
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export function createOnDemandThread(options: OnDemandThreadOptions): OnDemandThread {
  const { program, workerData, resourceLimits, idleMs, answer, onChange } = options;
  let running: RunningThread | null = null;
  let asked = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(): RunningThread {
    const worker = new Worker(new URL(`${program}.${extension}`, import.meta.url), {
      workerData,
      resourceLimits,
    });
    const started = { worker, peer: createThreadPeer(worker, answer) };
    worker.on('error', (error: Error) => ended(started, error));
    worker.on('exit', () => ended(started, new Error(`the thread ${program} ended`)));
    onChange?.(true);
    return started;
  }

  function ended(thread: RunningThread, error: Error): void {
    thread.peer.rejectAll(error);
    if (running !== thread) return;
    running = null;
    clearTimeout(idle);
    onChange?.(false);
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const thread = running;
    if (thread === null) return;
    // A later question starts another thread.
    running = null;
    onChange?.(false);
    await thread.peer.settled();
    await thread.worker.terminate();
  }

  return {
    async ask(question, transfer) {
      clearTimeout(idle);
      running ??= start();
      const { worker, peer } = running;
      // A thread keeps the process alive only while it works.
      worker.ref();
      asked += 1;
      try {
        return await peer.ask(question, transfer);
      } finally {
        asked -= 1;
        if (asked === 0) {
          worker.unref();
          idle = setTimeout(() => void end(), idleMs).unref();
        }
      }
    },
    close: end,
  };
}
