// Asks about mailboxes and answers by a deadline, whatever the mail hosts do.

import type { Mailbox } from '../address/mailbox.ts';
import type { Timers } from '../clock.ts';
import { minuteMs } from '../durations.ts';
import type { ProbeFinding } from './probe-finding.ts';
import type { Prober } from './prober.ts';

/** A session that began in time has this long to end. */
const graceMs = 5000;
/** When to ask again about what is still being asked about. */
const againMs = minuteMs;

/**
 * Returns what is found out within `waitMs`, and a few seconds for the sessions in progress. What is not known by then is
 * `undetermined` (`timeout`) and says when to ask again; its session goes on, and its answer is kept. Rejects only if storage
 * fails in time; a failure after the answer is told to `onLateFailure`.
 */
export function probeWithin(
  prober: Prober,
  mailboxes: readonly Mailbox[],
  waitMs: number,
  timers: Timers,
  onLateFailure: (error: unknown) => void,
): Promise<ReadonlyMap<string, ProbeFinding>> {
  const found = new Map<string, ProbeFinding>();
  const started = timers.now();
  return new Promise((resolve, reject) => {
    let isOver = false;
    const late = () => {
      isOver = true;
      const unknown: ProbeFinding = {
        proof: { kind: 'undetermined', cause: 'timeout' },
        checkedAt: null,
        retryAt: timers.now() + againMs,
      };
      resolve(new Map(mailboxes.map(({ address }) => [address, found.get(address) ?? unknown])));
    };
    const timer = timers.setTimeout(late, waitMs + graceMs);
    prober
      .probe(mailboxes, {
        until: started + waitMs,
        onFinding: (address, finding) => void found.set(address, finding),
      })
      .then(
        (all) => resolve(all),
        (error) => (isOver ? onLateFailure(error) : reject(error)),
      )
      .finally(() => timers.clearTimeout(timer));
  });
}
