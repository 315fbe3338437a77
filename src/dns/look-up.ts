// MailHosts over one Resolver: memory first, then the network, and always an answer by the deadline.

import type { Timers } from '../clock.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { createDnsCache, type DnsCache } from './cache.ts';
import { type Ask, type Finding, type Known, mailHostOf } from './mail-host-of.ts';
import type { FoundMailHost, MailHosts } from './mail-hosts.ts';
import { createMemory } from './memory.ts';
import type { DnsOutcome, Question, Resolver } from './resolver.ts';

export interface MailHostsOptions {
  readonly resolver: Resolver;
  readonly timers: Timers;
  /**
   * Whether look-ups may wait for what any other look-up began, and go on after their caller has left, to fill the cache.
   * True on Node. False on Workers, where a promise must not be awaited by another request than the one that began it.
   */
  readonly shareInFlight: boolean;
  readonly cache?: DnsCache;
  /** Domains whose mail host is kept. */
  readonly maxDomains?: number;
  /** Milliseconds that a look-up may go on when nobody waits for it any longer. Not `shareInFlight`: none. */
  readonly lookUpTimeout?: number;
}

/** A look-up under way, and what it would answer if it had to. */
interface Flight {
  readonly settled: Promise<FoundMailHost>;
  soFar: MailHost;
}

/** What look-ups that may wait for one another have under way. */
interface UnderWay {
  readonly flights: Map<string, Flight>;
  readonly questions: Map<string, Promise<Known>>;
}

const nothingUnderWay = (): UnderWay => ({ flights: new Map(), questions: new Map() });

/** Milliseconds. A caller in more of a hurry than this proves nothing about a domain by running out of time. */
const fairChance = 1000;

const timedOut: MailHost = { kind: 'undetermined', cause: 'timeout' };

export function createMailHosts(options: MailHostsOptions): MailHosts {
  const { resolver, timers, shareInFlight, cache = createDnsCache() } = options;
  const { maxDomains = 100_000, lookUpTimeout = 5000 } = options;
  const domains = createMemory<FoundMailHost>(maxDomains);
  const everywhere = nothingUnderWay();
  const perCaller = new WeakMap<object, UnderWay>();

  const underWayFor = (caller: object | undefined): UnderWay => {
    if (shareInFlight) return everywhere;
    const known = caller && perCaller.get(caller);
    if (known) return known;
    const fresh = nothingUnderWay();
    if (caller) perCaller.set(caller, fresh);
    return fresh;
  };

  const resolve = async (question: Question, signal: AbortSignal): Promise<Known> => {
    const began = timers.now();
    const outcome = await resolver.resolve(question, signal);
    const now = timers.now();
    const known = cutShort(outcome, now - began)
      ? { ...outcome, ttl: 0 }
      : cache.store(question, outcome, now);
    return known.kind === 'failure' ? staleOr(question, known, now) : known;
  };

  const staleOr = (question: Question, failure: Known & { kind: 'failure' }, now: number): Known => {
    const stale = cache.peekStale(question, now);
    return stale ? { ...stale, staleAfter: failure.cause } : failure;
  };

  const remembered = (question: Question): Known | undefined => {
    const now = timers.now();
    const known = cache.peek(question, now);
    return known?.kind === 'failure' ? staleOr(question, known, now) : known;
  };

  /** RFC 8767 section 5: whoever cannot wait any longer gets what was last known, but only if it speaks for the domain. */
  const staleExchanges = (domain: string): MailHost | undefined => {
    const stale = cache.peekStale({ name: domain, type: 'MX' }, timers.now());
    const exchanges = stale?.kind === 'mx' ? stale.exchanges.filter(({ host }) => host !== '') : [];
    return exchanges.length > 0 ? { kind: 'mx', exchanges } : undefined;
  };

  const askUntil =
    (end: number, questions: UnderWay['questions']): Ask =>
    (name, type) => {
      const key = `${type} ${name}`;
      const known = questions.get(key) ?? remembered({ name, type });
      if (known) return known;
      const left = end - timers.now();
      if (left <= 0) return { kind: 'failure', cause: 'timeout', ttl: 0 };
      const controller = new AbortController();
      const timer = timers.setTimeout(() => controller.abort(), left);
      const asked = resolve({ name, type }, controller.signal).finally(() => {
        timers.clearTimeout(timer);
        questions.delete(key);
      });
      questions.set(key, asked);
      return asked;
    };

  const takeOff = (domain: string, ask: Ask): Flight => {
    const keep = ({ mailHost, ttl }: Finding): FoundMailHost => {
      const found = { mailHost, expires: timers.now() + ttl * 1000 };
      domains.set(domain, found);
      return found;
    };
    const flight: Flight = {
      soFar: staleExchanges(domain) ?? timedOut,
      settled: mailHostOf(domain, ask, (mailHost) => {
        flight.soFar = mailHost;
      }).then(keep),
    };
    return flight;
  };

  return {
    lookUp: (domain, deadline, together) => {
      const now = timers.now();
      const known = domains.get(domain);
      if (known && now < known.expires) return known;
      if (now >= deadline) return forNow(timedOut);
      const { flights, questions } = underWayFor(together);
      let flight = flights.get(domain);
      if (!flight) {
        const end = shareInFlight ? Math.max(deadline, now + lookUpTimeout) : deadline;
        flight = takeOff(domain, askUntil(end, questions));
        flights.set(domain, flight);
        void flight.settled.then(() => flights.delete(domain));
      }
      return landBy(deadline, flight, timers);
    },
  };
}

/** What nobody had the time to find out holds for the caller in a hurry alone. */
const forNow = (mailHost: MailHost): FoundMailHost => ({ mailHost, expires: 0 });

/** What `flight` finds, or at `deadline` what it has found so far. */
function landBy(deadline: number, flight: Flight, timers: Timers): Promise<FoundMailHost> {
  return new Promise((resolve) => {
    const timer = timers.setTimeout(() => resolve(forNow(flight.soFar)), deadline - timers.now());
    void flight.settled.then((found) => {
      timers.clearTimeout(timer);
      resolve(found);
    });
  });
}

const cutShort = (outcome: DnsOutcome, took: number): boolean =>
  outcome.kind === 'failure' && outcome.cause === 'timeout' && took < fairChance;
