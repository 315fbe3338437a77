// Implements the interface `MailHosts`: finds the mail hosts of a domain in the cache or by DNS, and answers by a deadline.

import { countDown, replySteps, type Timers } from '../clock.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { createMemory } from '../memory.ts';
import { createDnsCache, type DnsCache } from './cache.ts';
import { createHedgedResolver, type DnsObserver } from './hedged.ts';
import { type Ask, type Finding, type Known, mailHostOf } from './mail-host-of.ts';
import type { FoundMailHost, MailHosts } from './mail-hosts.ts';
import type { Places, Priority } from './places.ts';
import type { DnsOutcome, DnsQuestion, Inquiry, Resolver, ResolverPool } from './resolver.ts';
import { askSecondOpinion, needsSecondOpinion, unconfirmed } from './second-opinion.ts';

export interface MailHostsOptions {
  readonly resolver: Resolver | ResolverPool;
  readonly timers: Timers;
  /**
   * True on Node: concurrent lookups of all requests share questions, and a question whose callers have left may continue,
   * in order to fill the cache. False on Workers, where requests must not share promises, timers or queues.
   */
  readonly shareInFlight: boolean;
  /** Creates the limit on concurrent questions. Called once with `shareInFlight`, otherwise once per request. */
  readonly places?: () => Places;
  /** The priority of all lookups. By default `form` for the first lookup of a request and `batch` for the others. */
  readonly priority?: Priority;
  /** Maximum number of lookups that one request should have in progress; see `MailHosts`. */
  readonly concurrency?: number;
  readonly cache?: DnsCache;
  /** Maximum number of domains whose mail hosts are cached; 100,000 by default. */
  readonly maxDomains?: number;
  /**
   * Milliseconds after which a lookup ends, even if it has no result; 5,000 by default. If the caller that starts a lookup
   * has a later deadline, the lookup ends at that deadline.
   */
  readonly lookUpTimeout?: number;
  /** Watches the lookups that several callers share. */
  readonly observer?: Pick<DnsObserver, 'began' | 'joined'>;
}

/** A pending DNS question. `wanted` is the number of lookups that need its answer and still have a waiting caller. */
interface Pending {
  readonly inquiry: Inquiry;
  readonly known: Promise<Known>;
  wanted: number;
  isSettled: boolean;
}

/**
 * A pending lookup of a domain. `asked` contains its questions, `waiting` is the number of its waiting callers, and `fallback`
 * is the result for a caller whose deadline passes before the lookup ends.
 */
interface Flight {
  readonly settled: Promise<FoundMailHost>;
  readonly asked: Set<Pending>;
  priority: Priority;
  waiting: number;
  fallback: MailHost;
  /** What the observer calls the lookup. */
  readonly observed: unknown;
}

/**
 * The pending lookups (by domain) and questions that callers share. On Node all requests form one group. On Workers each
 * request has its own group.
 */
interface Group {
  readonly flights: Map<string, Flight>;
  readonly questions: Map<string, Pending>;
  readonly places: Places | undefined;
}

/** An answer on which the finding about a domain is based, with its question. */
interface Evidence {
  readonly question: DnsQuestion;
  readonly known: Known;
}

/**
 * Minimum milliseconds that a question must have waited before its timeout is cached. An earlier timeout shows that the caller
 * had little time, and says nothing about the domain.
 */
const minTrustedTimeoutMs = 1000;

/**
 * Maximum number of names whose answers are cached, for each resolver and record type, when `secondOpinion` asks single
 * resolvers.
 */
const maxCachedPerWitness = 5000;

const outOfTime: MailHost = { kind: 'undetermined', cause: 'timeout' };

const isPool = (resolver: Resolver | ResolverPool): resolver is ResolverPool => 'inquire' in resolver;

export function createMailHosts(options: MailHostsOptions): MailHosts {
  const { timers, shareInFlight, cache = createDnsCache() } = options;
  const { maxDomains = 100_000, lookUpTimeout = 5000, observer } = options;
  const pool = isPool(options.resolver)
    ? options.resolver
    : createHedgedResolver([options.resolver], { timers });
  const heard = pool.members.map(() => createDnsCache({ max: maxCachedPerWitness }));
  const domains = createMemory<FoundMailHost>(maxDomains);
  const newGroup = (): Group => ({ flights: new Map(), questions: new Map(), places: options.places?.() });
  const everybody = shareInFlight ? newGroup() : null;
  const perRequest = new WeakMap<object, Group>();
  const batches = new WeakSet<object>();

  const groupOf = (together: object | undefined): Group => {
    if (everybody) return everybody;
    const known = together && perRequest.get(together);
    if (known) return known;
    const fresh = newGroup();
    if (together) perRequest.set(together, fresh);
    return fresh;
  };

  /**
   * The first lookup of a request gets the priority of a form, because most requests contain one address. A second lookup
   * shows that the request is a batch. `together` identifies the request.
   */
  const priorityOf = (together: object | undefined): Priority => {
    if (options.priority) return options.priority;
    if (together === undefined) return 'form';
    if (batches.has(together)) return 'batch';
    batches.add(together);
    return 'form';
  };

  const staleOr = (question: DnsQuestion, failure: Known & { kind: 'failure' }, now: number): Known => {
    const stale = cache.peekStale(question, now);
    return stale ? { ...stale, staleAfter: failure.cause } : failure;
  };

  const remembered = (question: DnsQuestion, only: number | undefined): Known | undefined => {
    const now = timers.now();
    if (only !== undefined) return heard[only]!.peek(question, now);
    const known = cache.peek(question, now);
    return known?.kind === 'failure' ? staleOr(question, known, now) : known;
  };

  const settle = async (
    question: DnsQuestion,
    inquiry: Inquiry,
    only: number | undefined,
    began: number,
  ): Promise<Known> => {
    const { outcome, by } = await inquiry.settled;
    const now = timers.now();
    if (isCutShort(outcome, now - began)) {
      const failure = { ...outcome, ttl: 0 };
      return only === undefined ? staleOr(question, failure, now) : failure;
    }
    if (only !== undefined) return heard[only]!.store(question, outcome, now);
    const known: Known = cache.store(question, by === null ? outcome : from(outcome, by), now);
    return known.kind === 'failure' ? staleOr(question, known, now) : known;
  };

  /**
   * The cached MX records of `domain`, which may be expired, for callers that run out of time (RFC 8767 section 5). A cached
   * answer that the domain accepts no mail is not used, because it may be out of date.
   */
  const staleExchanges = (domain: string): MailHost | undefined => {
    const stale = cache.peekStale({ name: domain, type: 'MX' }, timers.now());
    const exchanges = stale?.kind === 'mx' ? stale.exchanges.filter(({ host }) => host !== '') : [];
    return exchanges.length > 0 ? { kind: 'mx', exchanges } : undefined;
  };

  /** Called for a question whose callers have all left. On Node it may continue in the background, to fill the cache. */
  const leaveAlone = (inquiry: Inquiry) => (shareInFlight ? inquiry.abandon() : inquiry.cancel());

  const want = (pending: Pending, flight: Flight) => {
    if (pending.isSettled || flight.asked.has(pending)) return;
    flight.asked.add(pending);
    if (flight.waiting > 0) pending.wanted++;
    else if (pending.wanted === 0) leaveAlone(pending.inquiry);
    pending.inquiry.promote(flight.priority);
  };

  const start = (
    question: DnsQuestion,
    key: string,
    end: number,
    group: Group,
    flight: Flight,
    only?: number,
  ) => {
    const { places } = group;
    const inquiry = pool.inquire(question, {
      until: end,
      priority: flight.priority,
      ...(places && { places }),
      ...(only !== undefined && { only }),
    });
    const pending: Pending = {
      inquiry,
      known: settle(question, inquiry, only, timers.now()).finally(() => {
        pending.isSettled = true;
        group.questions.delete(key);
      }),
      wanted: 0,
      isSettled: false,
    };
    group.questions.set(key, pending);
    return pending;
  };

  const isOver = (end: number, flight: Flight): boolean =>
    end <= timers.now() || (!shareInFlight && flight.waiting === 0);

  /**
   * Returns a function that answers a question from the cache, from a pending question, or by asking the resolvers. A new
   * question ends at `end` (epoch milliseconds). `only` is the index of a resolver: the function then asks this resolver
   * alone, and uses only its cached answers and its pending questions.
   */
  const askUntil =
    (end: number, group: Group, flight: Flight, only?: number): Ask =>
    (name, type) => {
      const key = only === undefined ? `${type} ${name}` : `${type} ${name} ${only}`;
      const question = { name, type };
      const pending = group.questions.get(key);
      const known = pending ? undefined : remembered(question, only);
      if (known) return known;
      if (!pending && isOver(end, flight)) return { kind: 'failure', cause: 'timeout', ttl: 0 };
      const asked = pending ?? start(question, key, end, group, flight, only);
      want(asked, flight);
      return asked.known;
    };

  const find = async (domain: string, end: number, group: Group, flight: Flight): Promise<Finding> => {
    const evidence: Evidence[] = [];
    const ask = noting(askUntil(end, group, flight), evidence);
    const finding = await mailHostOf(domain, ask, (mailHost) => {
      flight.fallback = mailHost;
    });
    if (!needsSecondOpinion(finding.mailHost)) return finding;
    flight.fallback = outOfTime;
    if (pool.members.length > 1) return secondOpinion(domain, finding, evidence, end, group, flight);
    // With a single resolver there is no second opinion. If it says that a known mailbox provider accepts no mail, the
    // resolver is more probably wrong than right, so the result is unconfirmed.
    return finding.mailHost.kind !== 'implicit_mx' && mailboxProvider(domain) !== null
      ? unconfirmed
      : finding;
  };

  const secondOpinion = async (
    domain: string,
    finding: Finding,
    evidence: readonly Evidence[],
    end: number,
    group: Group,
    flight: Flight,
  ): Promise<Finding> => {
    const contributors = new Set(evidence.map(({ known }) => known.by));
    const trusted = pool.witnesses();
    const [only] = contributors;
    const first = contributors.size === 1 && only !== undefined && trusted.includes(only) ? only : null;
    const others = trusted.filter((member) => !contributors.has(member));
    const again = first === null ? trusted.filter((member) => contributors.has(member)) : [];
    const heardOf = new Map<number, Evidence[]>();
    const {
      finding: decided,
      agreed,
      overruled,
    } = await askSecondOpinion(finding, first, [...others, ...again], (witness) => {
      const given: Evidence[] = [];
      heardOf.set(witness, given);
      return mailHostOf(domain, noting(askUntil(end, group, flight, witness), given), () => {});
    });
    for (const member of agreed) pool.judged(member, true);
    for (const member of overruled) pool.judged(member, false);
    if (agreed.length === 0) {
      // No two resolvers agreed. Forget their answers, so the next lookup asks again.
      for (const { question } of evidence) cache.forget(question);
      for (const [member, given] of heardOf)
        for (const { question } of given) heard[member]!.forget(question);
    } else if (overruled.length > 0) {
      // Replace the cached answers, some of which may come from an overruled resolver, by those of one that agreed.
      const by = agreed.find((member) => heardOf.has(member))!;
      const now = timers.now();
      for (const { question, known } of heardOf.get(by)!) cache.store(question, from(known, by), now);
    }
    return decided;
  };

  const takeOff = (domain: string, end: number, group: Group, priority: Priority): Flight => {
    const landing = Promise.withResolvers<FoundMailHost>();
    const flight: Flight = {
      fallback: staleExchanges(domain) ?? outOfTime,
      settled: landing.promise,
      asked: new Set(),
      priority,
      waiting: 1,
      observed: observer?.began?.(),
    };
    const land = ({ mailHost, ttl }: Finding) => {
      const found = { mailHost, expires: timers.now() + ttl * 1000 };
      domains.set(domain, found);
      group.flights.delete(domain);
      landing.resolve(found);
    };
    group.flights.set(domain, flight);
    void find(domain, end, group, flight).then(land);
    return flight;
  };

  const join = (flight: Flight, priority: Priority) => {
    flight.waiting++;
    flight.priority = higher(flight.priority, priority);
    for (const pending of flight.asked) {
      if (flight.waiting === 1) pending.wanted++;
      pending.inquiry.promote(flight.priority);
    }
  };

  /** Called when a caller leaves a lookup. After the last one has left, gives up the questions that no other lookup needs. */
  const leave = (flight: Flight) => {
    if (--flight.waiting > 0) return;
    for (const pending of flight.asked)
      if (!pending.isSettled && --pending.wanted === 0) leaveAlone(pending.inquiry);
  };

  /** Resolves to the result of `flight`. If there is none by `deadline`, resolves to the fallback. */
  const landBy = (deadline: number, flight: Flight): Promise<FoundMailHost> =>
    new Promise((resolve) => {
      const cancel = countDown(timers, deadline - timers.now(), replySteps, () => {
        resolve(uncached(flight.fallback));
        leave(flight);
      });
      void flight.settled.then((found) => {
        cancel();
        resolve(found);
      });
    });

  return {
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    lookup: (domain, deadline, together) => {
      const now = timers.now();
      const known = domains.get(domain);
      if (known && now < known.expires) return known;
      if (now >= deadline) return uncached(outOfTime);
      const group = groupOf(together);
      const priority = priorityOf(together);
      const flight = group.flights.get(domain);
      if (flight) {
        join(flight, priority);
        const found = landBy(deadline, flight);
        const onEnd = observer?.joined?.(flight.observed);
        if (onEnd !== undefined) void found.then(onEnd);
        return found;
      }
      const end = Math.max(deadline, now + lookUpTimeout);
      return landBy(deadline, takeOff(domain, end, group, priority));
    },
  };
}

/** Wraps `ask`: the returned function also adds each answer to `evidence`. It does not add failures. */
const noting =
  (ask: Ask, evidence: Evidence[]): Ask =>
  (name, type) => {
    const note = (known: Known): Known => {
      if (known.kind !== 'failure') evidence.push({ question: { name, type }, known });
      return known;
    };
    const known = ask(name, type);
    return known instanceof Promise ? known.then(note) : note(known);
  };

const urgency: Readonly<Record<Priority, number>> = { form: 2, batch: 1, job: 0 };

const higher = (one: Priority, other: Priority): Priority => (urgency[other] > urgency[one] ? other : one);

/** Adds the index of the resolver that gave `outcome`. */
const from = (outcome: DnsOutcome, by: number): DnsOutcome & { readonly by: number } => ({ ...outcome, by });

/** A result for one caller only. It is already expired, so it is not reused for other callers. */
const uncached = (mailHost: MailHost): FoundMailHost => ({ mailHost, expires: 0 });

const isCutShort = (outcome: DnsOutcome, took: number): outcome is DnsOutcome & { kind: 'failure' } =>
  outcome.kind === 'failure' && outcome.cause === 'timeout' && took < minTrustedTimeoutMs;
