// A mail host in memory that answers as a script says, and clocks for it.

import type { Timers } from '../../src/clock.ts';
import type { Connect, ConnectTarget, SmtpStream } from '../../src/mailbox/connect.ts';
import { manualTimers } from '../dns/manual-timers.ts';

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
  /** Runs everything, moving the clock on whenever nothing else is left to do, until `work` is settled. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** A clock that moves on by itself to whatever is due next, once all that can happen now has happened. */
export function virtualTimers(start?: number): VirtualTimers {
  const manual = manualTimers(start);
  const due: { at: number; id: number }[] = [];
  const alive = new Set<number>();
  let lastId = 0;
  const handles = new Map<number, unknown>();
  return {
    now: manual.now,
    setTimeout(callback, milliseconds) {
      const id = ++lastId;
      alive.add(id);
      due.push({ at: manual.now() + milliseconds, id });
      handles.set(
        id,
        manual.setTimeout(() => {
          alive.delete(id);
          handles.delete(id);
          callback();
        }, milliseconds),
      );
      return id;
    },
    clearTimeout(timer) {
      manual.clearTimeout(handles.get(timer as number));
      handles.delete(timer as number);
      alive.delete(timer as number);
    },
    async run(work) {
      let isSettled = false;
      const watched = work.finally(() => {
        isSettled = true;
      });
      watched.catch(() => {});
      for (;;) {
        // Lets all promises that are ready go on.
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (isSettled) return watched;
        let next = Number.POSITIVE_INFINITY;
        for (let index = due.length - 1; index >= 0; index--) {
          if (!alive.has(due[index]!.id)) due.splice(index, 1);
          else next = Math.min(next, due[index]!.at);
        }
        if (next === Number.POSITIVE_INFINITY) throw new Error('nothing is due, and the work is not done');
        manual.advance(Math.max(0, next - manual.now()));
      }
    },
  };
}
