// So many questions at once and no more; the others wait their turn, outside of what hedging takes for a slow resolver.

import type { Timers } from '../clock.ts';
import type { DnsOutcome, Question, Resolver } from './resolver.ts';

/**
 * `resolver`, asked at most `max` questions at a time, first come, first served. A question whose signal aborts while it
 * waits is a `timeout` and never sent. Belongs around a hedged resolver, not inside: there its delay would run while
 * the question still waits, and an overload of ours would double itself.
 */
export function createLimitedResolver(resolver: Resolver, max: number, timers: Timers): Resolver {
  const waiting = new Set<() => void>();
  let open = 0;

  const makeRoom = () => {
    open--;
    const [next] = waiting;
    next?.();
  };

  const send = (question: Question, signal: AbortSignal): Promise<DnsOutcome> => {
    open++;
    return resolver.resolve(question, signal).finally(() => {
      // Where this one ran out of time, those behind it are about to as well: sending them first would be work for nothing.
      if (signal.aborted) timers.setTimeout(makeRoom, 1);
      else makeRoom();
    });
  };

  return {
    name: resolver.name,
    resolve: (question, signal) => {
      if (open < max) return send(question, signal);
      if (signal.aborted) return Promise.resolve({ kind: 'failure', cause: 'timeout' });
      return new Promise((resolve) => {
        const leave = () => {
          waiting.delete(start);
          resolve({ kind: 'failure', cause: 'timeout' });
        };
        const start = () => {
          waiting.delete(start);
          signal.removeEventListener('abort', leave);
          resolve(send(question, signal));
        };
        signal.addEventListener('abort', leave);
        waiting.add(start);
      });
    },
  };
}
