// Logs refused webhooks at most once a minute per hook and cause, so that a flood of them does not fill the log.

import type { Refusal } from './verification.ts';

export interface RefusalLine {
  readonly hook: string;
  readonly why: Refusal;
  /** Refusals since the last line of this hook and cause, this one included. */
  readonly refusals: number;
}

const intervalMs = 60_000;

/** `now`: epoch milliseconds. Memory is bounded by the number of hooks: pass only names from a registry. */
export function createRefusalLog(
  write: (line: RefusalLine) => void,
  now: () => number,
): (hook: string, why: Refusal) => void {
  const entries = new Map<string, { writtenAt: number; unwritten: number }>();
  return (hook, why) => {
    const key = `${hook} ${why}`;
    const entry = entries.get(key) ?? { writtenAt: Number.NEGATIVE_INFINITY, unwritten: 0 };
    entries.set(key, entry);
    entry.unwritten++;
    if (now() - entry.writtenAt < intervalMs) return;
    write({ hook, why, refusals: entry.unwritten });
    entry.writtenAt = now();
    entry.unwritten = 0;
  };
}
