// Combines several resolvers into a pool. If one fails or takes longer than usual, the pool asks the next one too (hedging).
// The first answer wins.

import { countDown, hedgeSteps, replySteps, type Timers } from '../clock.ts';
import { type Place, type Places, type Priority, unlimitedPlaces, type Waiting } from './places.ts';
import {
  type AttributedOutcome,
  type DnsFailure,
  type DnsOutcome,
  type DnsQuestion,
  type Inquiry,
  type InquiryOptions,
  type Resolver,
  type ResolverPool,
  timedOut,
} from './resolver.ts';
import { createHealth, type Health, type HealthOptions, type ResolverHealth } from './resolver-health.ts';

/** Watches the questions. Its functions must not throw. */
export interface DnsObserver {
  /** Called for each answer or failure of a resolver, by its name, with its latency in milliseconds. */
  answered(resolver: string, outcome: DnsOutcome, tookMs: number): void;
  /** Called when a question is also sent to another resolver, because the first one takes longer than usual. */
  hedged(): void;
  /**
   * Called when the lookup of a domain begins, in the context of the caller that begins it. What it returns names the lookup for
   * `joined`.
   */
  began?(): unknown;
  /** Called when another caller waits for a lookup that has begun. The returned function is called when its wait ends. */
  joined?(lookup: unknown): () => void;
}

export interface HedgedOptions extends HealthOptions {
  readonly observer?: DnsObserver;
  readonly timers: Timers;
  /** Limits the concurrent questions of `resolve`; unlimited by default. `inquire` gets its limit from its own options. */
  readonly places?: Places;
  /** Called with the health of a resolver when two other resolvers contradicted it. Must not throw. */
  readonly onOverruled?: (health: ResolverHealth) => void;
}

export interface HedgedResolver extends ResolverPool {
  /** Each resolver alone, in order of preference. What it answers counts for its health. */
  alone(): readonly Resolver[];
  /** The health of each resolver, in order of preference. */
  health(): readonly ResolverHealth[];
}

/** One resolver of the pool. */
interface Member {
  readonly index: number;
  readonly resolver: Resolver;
  readonly health: Health;
}

/** A question that was sent to one resolver. */
interface Ask {
  readonly controller: AbortController;
  readonly member: Member;
  readonly since: number;
  readonly probe: boolean;
  readonly place: Place;
  /** Whether the resolver has taken longer than usual. */
  isLate: boolean;
  readonly cancelWait: () => void;
}

/** The causes of failures, most informative first. If all resolvers fail, the most informative of their causes is reported. */
const mostTelling: readonly DnsFailure['cause'][] = [
  'servfail',
  'refused',
  'timeout',
  'bad_response',
  'network',
];

/**
 * Creates a pool of `resolvers`, which must be in order of preference. Resolvers that rest after repeated failures, or that
 * are distrusted because others contradicted them, are asked last. Records, `no_data` and NXDOMAIN are answers. After any
 * failure, including SERVFAIL, the next resolver is asked at once. Throws a RangeError for an empty list.
 */
export function createHedgedResolver(resolvers: readonly Resolver[], options: HedgedOptions): HedgedResolver {
  if (resolvers.length === 0) throw new RangeError('at least one resolver is needed');
  const { timers, places } = options;
  const members: readonly Member[] = resolvers.map((resolver, index) => ({
    index,
    resolver,
    health: createHealth(resolver.name, options),
  }));

  const inOrder = (now: number): readonly Member[] => {
    if (members.every(({ health }) => !health.isResting(now))) return members;
    return [
      ...members.filter(({ health }) => !health.isResting(now)),
      ...members.filter(({ health }) => health.isResting(now)),
    ];
  };

  const inquire = (question: DnsQuestion, terms: InquiryOptions): Inquiry =>
    race(
      terms.only === undefined ? inOrder(timers.now()) : [members[terms.only]!],
      question,
      terms,
      timers,
      options.observer,
    );

  const ask = async (
    question: DnsQuestion,
    signal: AbortSignal,
    terms: Partial<InquiryOptions>,
  ): Promise<AttributedOutcome> => {
    if (signal.aborted) return { outcome: timedOut, by: null };
    const inquiry = inquire(question, { until: Number.POSITIVE_INFINITY, ...terms });
    signal.addEventListener('abort', inquiry.cancel);
    const settled = await inquiry.settled;
    signal.removeEventListener('abort', inquiry.cancel);
    return settled;
  };
  const limited: Partial<InquiryOptions> = places ? { places } : {};

  return {
    name: resolvers.map(({ name }) => name).join(', '),
    members: resolvers.map(({ name }) => name),
    inquire,
    resolve: async (question, signal) => (await ask(question, signal, limited)).outcome,
    resolveBy: (question, signal, only) =>
      ask(question, signal, only === undefined ? limited : { ...limited, only }),
    alone: () =>
      resolvers.map(({ name }, only) => ({
        name,
        resolve: async (question, signal) => (await ask(question, signal, { only })).outcome,
      })),
    witnesses: () => {
      const now = timers.now();
      return inOrder(now).flatMap(({ health, index }) => (health.isDistrusted(now) ? [] : [index]));
    },
    judged: (index, agreed) => {
      const { health } = members[index]!;
      if (agreed) return health.agreed();
      health.overruled(timers.now());
      options.onOverruled?.(health.report(timers.now()));
    },
    health: () => members.map(({ health }) => health.report(timers.now())),
  };
}

/**
 * Sends `question` to one member after another until one gives an answer, all have failed, or the time is `until`. The next
 * member is asked when one fails, or when the latest one takes longer than usual.
 */
function race(
  members: readonly Member[],
  question: DnsQuestion,
  { until, places = unlimitedPlaces, priority = 'form' }: InquiryOptions,
  timers: Timers,
  observer: DnsObserver | undefined,
): Inquiry {
  const { promise, resolve } = Promise.withResolvers<AttributedOutcome>();
  const open = new Set<Ask>();
  const causes = new Set<DnsFailure['cause']>();
  let next = 0;
  let isOver = false;
  let isAbandoned = false;
  let waiting: Waiting | null = null;
  let latest: Ask | null = null;
  let current: Priority = priority;

  const finish = (outcome: DnsOutcome, by: number | null) => {
    if (isOver) return;
    isOver = true;
    cancelDeadline();
    waiting?.leave();
    for (const ask of open) end(ask);
    open.clear();
    resolve({ outcome, by });
  };

  /**
   * Ends a request whose answer is no longer needed. This counts as a failure of the resolver only if the resolver has taken
   * longer than usual.
   */
  const end = (ask: Ask) => {
    const { controller, member, since, probe, place } = ask;
    ask.cancelWait();
    if (ask.isLate) member.health.failed(timers.now(), probe, since);
    controller.abort();
    place.release();
  };

  const settle = (ask: Ask, outcome: DnsOutcome) => {
    if (!open.delete(ask)) return;
    ask.cancelWait();
    const now = timers.now();
    const { health, index, resolver } = ask.member;
    observer?.answered(resolver.name, outcome, now - ask.since);
    // SERVFAIL does not count against the resolver, because the fault is usually in the zone.
    const works = outcome.kind !== 'failure' || outcome.cause === 'servfail';
    if (works) health.answered(now, now - ask.since);
    else health.failed(now, ask.probe, now);
    if (outcome.kind === 'failure') {
      causes.add(outcome.cause);
      if (next < members.length) return askNext(ask.place);
      ask.place.release();
      if (open.size === 0)
        finish({ kind: 'failure', cause: mostTelling.find((cause) => causes.has(cause))! }, null);
    } else {
      ask.place.release();
      finish(outcome, index);
    }
  };

  const askNext = (place: Place) => {
    const member = members[next++]!;
    const since = timers.now();
    const ask: Ask = {
      controller: new AbortController(),
      member,
      since,
      probe: member.health.asked(since),
      place,
      isLate: false,
      cancelWait: countDown(timers, member.health.delay(), hedgeSteps, () => {
        ask.isLate = true;
        if (ask === latest && next < members.length) askAnother();
      }),
    };
    open.add(ask);
    latest = ask;
    void member.resolver.resolve(question, ask.controller.signal).then((outcome) => settle(ask, outcome));
  };

  const askAnother = () => {
    observer?.hedged();
    askNext((isAbandoned ? null : places.tryTake(current)) ?? takeOver());
  };

  /**
   * Ends the oldest request and returns its place, so the next resolver can be asked. Used if no other place is free, and for
   * a question in the background.
   */
  const takeOver = (): Place => {
    const [oldest] = open;
    open.delete(oldest!);
    const { controller, member, since, probe, place, cancelWait } = oldest!;
    cancelWait();
    member.health.failed(timers.now(), probe, since);
    controller.abort();
    return place;
  };

  const cancel = () => finish(timedOut, null);

  const left = until - timers.now();
  const cancelDeadline =
    left < Number.POSITIVE_INFINITY ? countDown(timers, left, replySteps, cancel) : () => {};
  waiting = places.take(priority, until, askNext);

  return {
    settled: promise,
    cancel,
    promote: (higher) => {
      current = higher;
      waiting?.promote(higher);
    },
    abandon: () => {
      if (isOver) return;
      isAbandoned = true;
      if (open.size === 0 || ![...open].every(({ place }) => place.abandon())) cancel();
    },
  };
}
