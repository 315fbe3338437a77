// Watches whether the DNS resolvers work: probes them at the start, and probes those that do not work until they do. If none
// works, writes into the log which setting to change.

import { systemTimers, type Timers } from '../clock.ts';
import { probeResolvers, type ResolverProbe } from '../dns/probe-resolvers.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { ResolverHealth } from '../dns/resolver-health.ts';
import type { LogFields } from './log-messages.ts';

export interface ResolverWatchOptions {
  /** The resolvers, each alone. Their answers must count for `health`. */
  readonly resolvers: readonly Resolver[];
  /** The health of each resolver, in the same order. */
  readonly health: () => readonly ResolverHealth[];
  readonly advice: ResolverAdvice;
  /** Whether two requests may await the same probe. False on Workers. */
  readonly shareInFlight: boolean;
  readonly timers?: Timers;
  readonly log: (line: LogFields) => void;
}

/** What the log advises if no resolver works. */
export interface ResolverAdvice {
  /** The setting that names the resolvers, with an example: `DNS_SERVERS=192.0.2.53`. */
  readonly example: string;
  /**
   * The resolvers that the operating system uses. They are suggested if they work and the resolvers of the settings do not. Empty
   * if the runtime has none.
   */
  readonly system: readonly Resolver[];
  /** Returns the setting for these resolvers: `DNS_SERVERS=10.0.0.2,10.0.0.3`. */
  readonly setting: (names: readonly string[]) => string;
}

export interface ResolverCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, as a clause that follows the name. Absent if the resolver works. */
  readonly detail?: string;
}

export interface ResolverWatch {
  /**
   * Resolves to the state of each resolver. If no resolver is known to work, probes them first, unless `tend` is probing them.
   * Never rejects.
   */
  check(): Promise<readonly ResolverCheck[]>;
  /** Probes the resolvers that do not work, if it is time. Call it at the start and about every second. */
  tend(): void;
  /** Whether it is known that no resolver works. */
  areDown(): boolean;
}

/** Milliseconds that a resolver has to answer. */
const deadlineMs = 2000;

/** Milliseconds between two probes while no resolver works: the first wait, and the longest. Each wait is twice as long. */
const againMs: readonly [number, number] = [1000, 15_000];

/** Milliseconds between two probes of the resolvers that do not work, while others do. */
const othersAgainMs = 60_000;

/** Milliseconds after which the log says again that no resolver works. */
const remindMs = 10 * 60_000;

export function createResolverWatch(options: ResolverWatchOptions): ResolverWatch {
  const { resolvers, health, log, shareInFlight, timers = systemTimers } = options;
  /** The latest probe of each resolver; undefined before the first. */
  const latest: (ResolverProbe | undefined)[] = resolvers.map(() => undefined);
  /** When the latest probe ended. */
  let probedAt = Number.NEGATIVE_INFINITY;
  /** Number of probes in a row after which no resolver worked. */
  let failed = 0;
  let isTended = false;
  let running: Promise<void> | null = null;
  /** When the log last said that no resolver works; null if a resolver has worked since then. */
  let toldAt: number | null = null;

  const works = (probe: ResolverProbe | undefined): boolean =>
    probe?.outcome === 'answers' || probe?.outcome === 'wrong';

  const states = (): readonly ResolverCheck[] =>
    health().map(({ name, state, failures, p95Ms }, index) => {
      const probe = latest[index];
      // A network may refuse only the name of the probe. Then the answers to other questions show that the resolver works.
      const hasAnswered = p95Ms !== null && failures === 0;
      if ((works(probe) || hasAnswered) && state === 'up') return { name, ok: true };
      const detail =
        probe === undefined
          ? 'presend has not asked it yet'
          : works(probe)
            ? 'its answers failed several times in a row, or other resolvers contradicted it'
            : probe.seen;
      return { name, ok: false, detail };
    });

  async function probe(): Promise<void> {
    const before = states();
    const failing = before.flatMap(({ ok }, index) => (ok ? [] : [index]));
    const probes = await probeResolvers(
      failing.map((index) => resolvers[index]!),
      { deadlineMs, timers },
    );
    const earlier = failing.map((index) => latest[index]);
    for (const [at, index] of failing.entries()) latest[index] = probes[at]!;
    const isAnyUp = states().some(({ ok }) => ok);
    if (isAnyUp) {
      tellFaults(
        probes.filter(({ outcome, seen }, at) => outcome !== 'answers' && seen !== earlier[at]?.seen),
      );
      if (toldAt !== null) log({ level: 'info', event: 'resolvers_answer' });
      toldAt = null;
    } else if (toldAt === null || timers.now() - toldAt >= remindMs) {
      toldAt = timers.now();
      await tellAllFail(probes);
    }
    failed = isAnyUp ? 0 : failed + 1;
    probedAt = timers.now();
  }

  /** Whether it is time to probe the resolvers that do not work. */
  function isDue(): boolean {
    const checks = states();
    if (checks.every(({ ok }) => ok)) return false;
    const isAnyUp = checks.some(({ ok }) => ok);
    const wait = failed === 0 ? 0 : Math.min(againMs[0] * 2 ** (failed - 1), againMs[1]);
    return timers.now() - probedAt >= (isAnyUp ? othersAgainMs : wait);
  }

  function tellFaults(probes: readonly ResolverProbe[]): void {
    for (const { name, outcome, seen } of probes)
      log({
        level: 'warning',
        event: outcome === 'wrong' ? 'resolver_wrong' : 'resolver_fails',
        resolver: name,
        seen,
      });
  }

  async function tellAllFail(probes: readonly ResolverProbe[]): Promise<void> {
    const { system, setting, example } = options.advice;
    const tried = new Set(resolvers.map(({ name }) => name));
    const others = system.filter(({ name }) => !tried.has(name));
    const answering = (await probeResolvers(others, { deadlineMs, timers })).filter(
      ({ outcome }) => outcome === 'answers',
    );
    const names = answering.map(({ name }) => name);
    log({
      level: 'error',
      event: 'no_resolver_answers',
      resolvers: Object.fromEntries(probes.map(({ name, seen }) => [name, seen])),
      ...(names.length > 0 ? { set: setting(names) } : { example }),
    });
  }

  function start(): Promise<void> {
    if (running !== null && shareInFlight) return running;
    const mine = probe().finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }

  return {
    async check() {
      if (!isTended && states().every(({ ok }) => !ok) && isDue()) await start();
      return states();
    },
    tend() {
      isTended = true;
      if (running === null && isDue()) void start();
    },
    areDown: () => latest.every((probe) => probe !== undefined) && states().every(({ ok }) => !ok),
  };
}
