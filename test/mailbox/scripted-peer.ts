// A mail host in memory that answers as a script says, and clocks for it.

import type { Timers } from '../../src/clock.ts';
import type { Connect, ConnectTarget, SmtpStream } from '../../src/mailbox/connect.ts';

export interface PeerHands {
  /** Sends text. A script writes its own line ends. */
  say(text: string): void;
  sayBytes(bytes: Uint8Array): void;
  hangUp(): void;
  /** Calls back after some time of the test's clock. */
  after(milliseconds: number, action: () => void): void;
}

/** Called with '' when the connection begins and with each command line afterwards. */
export type Script = (command: string, hands: PeerHands) => void;

export interface PeerLog {
  readonly commands: string[];
  connections: number;
}

export function scriptedConnect(
  script: () => Script,
  timers: Timers,
  log: PeerLog = { commands: [], connections: 0 },
  options: { readonly tls?: 'works' | 'fails'; readonly reach?: (target: ConnectTarget) => boolean } = {},
): Connect {
  return async (target) => {
    if (options.reach?.(target) === false) return { kind: 'failed', cause: 'refused' };
    log.connections++;
    return { kind: 'connected', stream: scriptedStream(script(), timers, log, options.tls ?? 'works', true) };
  };
}

function scriptedStream(
  script: Script,
  timers: Timers,
  log: PeerLog,
  tls: 'works' | 'fails',
  greets: boolean,
): SmtpStream {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let unread: Uint8Array[] = [];
  let waiting: ((bytes: Uint8Array | null) => void) | null = null;
  let isOver = false;
  let text = '';
  const give = () => {
    if (waiting === null) return;
    const next = unread.shift();
    if (next === undefined && !isOver) return;
    const resolve = waiting;
    waiting = null;
    resolve(next ?? null);
  };
  const hands: PeerHands = {
    say: (said) => hands.sayBytes(encoder.encode(said)),
    sayBytes(bytes) {
      if (isOver) return;
      unread.push(bytes);
      give();
    },
    hangUp() {
      isOver = true;
      give();
    },
    after: (milliseconds, action) => void timers.setTimeout(action, milliseconds),
  };
  if (greets) script('', hands);
  return {
    read: () =>
      new Promise((resolve) => {
        waiting = resolve;
        give();
      }),
    write(bytes) {
      if (isOver) return;
      text += decoder.decode(bytes);
      for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
        const command = text.slice(0, end);
        text = text.slice(end + 2);
        log.commands.push(command);
        script(command, hands);
      }
    },
    async startTls() {
      const old = waiting;
      waiting = null;
      isOver = true;
      unread = [];
      old?.(null);
      return tls === 'fails' ? null : scriptedStream(script, timers, log, tls, false);
    },
    close() {
      isOver = true;
      unread = [];
      give();
    },
  };
}

export interface VirtualTimers extends Timers {
  /**
   * Runs everything, moving the clock on whenever nothing else is left to do, until `work` is settled. The clock stands still while
   * something is on its way that takes no time of this clock, such as a message of another process: `arrival` returns a promise that
   * resolves when it has come, or null if there is nothing.
   */
  run<T>(work: Promise<T>, arrival?: () => Promise<void> | null): Promise<T>;
}

/** A clock that moves on by itself to whatever is due next, once all that can happen now has happened. */
export function virtualTimers(start = Date.UTC(2026, 0, 1)): VirtualTimers {
  let now = start;
  let lastId = 0;
  const callbacks = new Map<number, () => void>();
  // A binary heap of [due, id], the earliest first. What was cleared has no callback.
  const heap: [number, number][] = [];
  const isBefore = (a: number, b: number) =>
    heap[a]![0] < heap[b]![0] || (heap[a]![0] === heap[b]![0] && heap[a]![1] < heap[b]![1]);
  const swap = (a: number, b: number) => {
    const kept = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = kept;
  };
  const push = (entry: [number, number]) => {
    let at = heap.push(entry) - 1;
    while (at > 0 && isBefore(at, (at - 1) >> 1)) {
      swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  };
  const pop = (): [number, number] | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isBefore(child, least)) least = child;
      if (least === at) return first;
      swap(at, least);
      at = least;
    }
  };
  return {
    now: () => now,
    setTimeout(callback, milliseconds) {
      const id = ++lastId;
      callbacks.set(id, callback);
      push([now + Math.max(0, milliseconds), id]);
      return id;
    },
    clearTimeout(timer) {
      callbacks.delete(timer as number);
    },
    async run(work, arrival = () => null) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      work.then(settle, settle);
      for (let idle = 0; ; ) {
        // All promises that are ready go on before an immediate runs.
        await new Promise((resolve) => setImmediate(resolve));
        if (isSettled) return work;
        const arriving = arrival();
        if (arriving !== null) {
          await arriving;
          continue;
        }
        let next = pop();
        while (next !== undefined && !callbacks.has(next[1])) next = pop();
        if (next === undefined) {
          if (++idle > 50) throw new Error('nothing is due, and the work is not done');
          continue;
        }
        idle = 0;
        now = Math.max(now, next[0]);
        const callback = callbacks.get(next[1])!;
        callbacks.delete(next[1]);
        callback();
      }
    },
  };
}
