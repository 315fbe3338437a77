// A helper, which is a thread or a process, that starts with the first question and ends after a pause.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { createThreadPeer, type ThreadAnswer, type ThreadPeer, type ThreadPort } from '../thread-peer.ts';

export interface OnDemandHelper {
  /** Rejects with the error of the helper, also if it cannot start or ends early. */
  ask(question: unknown, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Waits until all questions are answered, and ends the helper. */
  close(): Promise<void>;
}

/** A helper that runs. */
export interface RunningHelper {
  readonly port: ThreadPort;
  /** While it is referenced, the helper keeps this process alive. */
  ref(): void;
  unref(): void;
  end(): Promise<unknown>;
  onEnd(listener: (error: Error) => void): void;
}

export interface OnDemandHelperOptions {
  readonly start: () => RunningHelper;
  /** Milliseconds without a question after which the helper ends, because it occupies memory. */
  readonly idleMs: number;
  /** Answers the questions that the helper asks; it asks none by default. */
  readonly answer?: (question: never) => ThreadAnswer | Promise<ThreadAnswer>;
  /** Called when a helper has started, and when it has ended. */
  readonly onChange?: (isRunning: boolean) => void;
}

interface Connected {
  readonly helper: RunningHelper;
  readonly peer: ThreadPeer;
}

/** A file of this folder, given without its extension. */
const fileOf = (program: string): URL =>
  new URL(`${program}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Starts a program of this folder in a thread. The program reads `workerData`. */
export function startThread(
  program: string,
  options: { readonly workerData: unknown; readonly resourceLimits: ResourceLimits },
): RunningHelper {
  const worker = new Worker(fileOf(program), options);
  return {
    port: worker,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: () => worker.terminate(),
    onEnd(listener) {
      worker.on('error', listener);
      worker.on('exit', () => listener(new Error(`the thread ${program} ended`)));
    },
  };
}

/**
 * Starts a program of this folder in a process of its own. Its only argument is `data` as JSON. It ends with this process, or when it is
 * disconnected. `flags` are command-line options of Node.
 */
export function startProcess(program: string, data: unknown, flags: readonly string[]): RunningHelper {
  const child = fork(fileURLToPath(fileOf(program)), [JSON.stringify(data)], {
    execArgv: [...flags],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    port: {
      postMessage: (message) => void child.send(message as object),
      on: (event, listener) => child.on(event, listener),
    },
    ref() {
      child.ref();
      child.channel?.ref();
    },
    unref() {
      child.unref();
      child.channel?.unref();
    },
    end() {
      if (child.connected) child.disconnect();
      return exited;
    },
    onEnd(listener) {
      child.on('error', listener);
      child.on('exit', () => listener(new Error(`the process ${program} ended`)));
    },
  };
}

export function createOnDemandHelper({
  start,
  idleMs,
  answer,
  onChange,
}: OnDemandHelperOptions): OnDemandHelper {
  let running: Connected | null = null;
  let asked = 0;
  let idle: NodeJS.Timeout | undefined;

  function connect(): Connected {
    const helper = start();
    const connected = { helper, peer: createThreadPeer(helper.port, answer) };
    helper.onEnd((error) => ended(connected, error));
    onChange?.(true);
    return connected;
  }

  function ended(connected: Connected, error: Error): void {
    connected.peer.rejectAll(error);
    if (running !== connected) return;
    running = null;
    clearTimeout(idle);
    onChange?.(false);
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const connected = running;
    if (connected === null) return;
    // A later question starts another helper.
    running = null;
    onChange?.(false);
    await connected.peer.settled();
    await connected.helper.end();
  }

  return {
    async ask(question, transfer) {
      clearTimeout(idle);
      running ??= connect();
      const { helper, peer } = running;
      // A helper keeps this process alive only while it works.
      helper.ref();
      asked += 1;
      try {
        return await peer.ask(question, transfer);
      } finally {
        asked -= 1;
        if (asked === 0) {
          helper.unref();
          idle = setTimeout(() => void end(), idleMs).unref();
        }
      }
    },
    close: end,
  };
}
