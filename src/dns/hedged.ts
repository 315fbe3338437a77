// Several resolvers as one: the next is asked when the one before takes unusually long or fails, the first answer wins.

import type { Timers } from '../clock.ts';
import type { DnsFailure, DnsOutcome, Question, Resolver } from './resolver.ts';
import { createHealth, type Health, type HealthOptions, type ResolverHealth } from './resolver-health.ts';

export interface HedgedOptions extends HealthOptions {
  readonly timers: Timers;
}

export interface HedgedResolver extends Resolver {
  /** One row for each resolver, in the order they are asked in while all are up. */
  health(): readonly ResolverHealth[];
}

interface Member {
  readonly resolver: Resolver;
  readonly health: Health;
}

interface Ask {
  readonly controller: AbortController;
  readonly health: Health;
  readonly since: number;
  readonly probe: boolean;
}

/** When all fail: from what the DNS itself said about the name, down to what only says that we are cut off. */
const mostTelling: readonly DnsFailure['cause'][] = [
  'servfail',
  'refused',
  'timeout',
  'bad_response',
  'network',
];

/**
 * Asks `resolvers` in order of preference, the resting ones last. An answer is records, no data or NXDOMAIN; any failure,
 * SERVFAIL too, has the next one asked at once. Throws a RangeError for an empty list.
 */
export function createHedgedResolver(resolvers: readonly Resolver[], options: HedgedOptions): HedgedResolver {
  if (resolvers.length === 0) throw new RangeError('at least one resolver is needed');
  const { timers } = options;
  const members: readonly Member[] = resolvers.map((resolver) => ({
    resolver,
    health: createHealth(resolver.name, options),
  }));

  const inOrder = (now: number): readonly Member[] => {
    const rested = members.filter(({ health }) => !health.isResting(now));
    return rested.length === members.length
      ? members
      : [...rested, ...members.filter((member) => !rested.includes(member))];
  };

  return {
    name: resolvers.map(({ name }) => name).join(', '),
    resolve: (question, signal) => race(inOrder(timers.now()), question, signal, timers),
    health: () => members.map(({ health }) => health.report()),
  };
}

function race(
  members: readonly Member[],
  question: Question,
  signal: AbortSignal,
  timers: Timers,
): Promise<DnsOutcome> {
  return new Promise((resolve) => {
    const open = new Set<Ask>();
    const causes = new Set<DnsFailure['cause']>();
    let next = 0;
    let timer: unknown;

    const finish = (outcome: DnsOutcome) => {
      timers.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      const now = timers.now();
      for (const ask of open) {
        // Whoever was given its usual time and has nothing to show counts as failed; the others just lost the race.
        if (now - ask.since >= ask.health.delay()) ask.health.failed(now, ask.probe);
        ask.controller.abort();
      }
      open.clear();
      resolve(outcome);
    };

    const onAbort = () => finish({ kind: 'failure', cause: 'timeout' });

    const settle = (ask: Ask, outcome: DnsOutcome) => {
      if (!open.delete(ask)) return;
      const now = timers.now();
      // SERVFAIL comes from a resolver that works, about a name that does not.
      const works = outcome.kind !== 'failure' || outcome.cause === 'servfail';
      if (works) ask.health.answered(now - ask.since);
      else ask.health.failed(now, ask.probe);
      if (outcome.kind !== 'failure') return finish(outcome);
      causes.add(outcome.cause);
      if (next < members.length) askNext();
      else if (open.size === 0)
        finish({ kind: 'failure', cause: mostTelling.find((cause) => causes.has(cause))! });
    };

    const askNext = () => {
      timers.clearTimeout(timer);
      const { resolver, health } = members[next++]!;
      const since = timers.now();
      const ask: Ask = { controller: new AbortController(), health, since, probe: health.asked(since) };
      open.add(ask);
      if (next < members.length) timer = timers.setTimeout(askNext, health.delay());
      void resolver.resolve(question, ask.controller.signal).then((outcome) => settle(ask, outcome));
    };

    if (signal.aborted) return resolve({ kind: 'failure', cause: 'timeout' });
    signal.addEventListener('abort', onAbort);
    askNext();
  });
}
