// The DNS questions of one preflight. Each is asked once, and all end at a common deadline. A second resolver confirms that a
// record is absent.

import type {
  AttributedOutcome,
  DnsOutcome,
  DnsQuestion,
  RecordType,
  Resolver,
  ResolverPool,
} from '../dns/resolver.ts';
import { isAskable } from '../dns/wire.ts';
import type { UnansweredQuestion } from './finding.ts';
import { maxQuestions } from './read-request.ts';

export interface PreflightQuestions {
  /** Asks a question, or returns the answer of an earlier one. Never rejects. */
  ask(name: string, type: RecordType): Promise<DnsOutcome>;
  /**
   * Asks a question whose answer becomes a finding if `isSought` is false for it. Such an answer must be confirmed by a second
   * resolver. If the second resolver has what is sought, its answer is returned. If no second resolver answers, the outcome is a
   * failure. If there is only one resolver, its answer needs no confirmation. Never rejects.
   */
  confirm(name: string, type: RecordType, isSought: (outcome: DnsOutcome) => boolean): Promise<DnsOutcome>;
  /** Asks a resolver other than the one that answered this question. Null: there is only one resolver. Never rejects. */
  askWitness(name: string, type: RecordType): Promise<DnsOutcome | null>;
  /** Returns the same questions, with a limit of `most` new ones. */
  within(most: number): PreflightQuestions;
  /** The number of questions that were sent, including those to second resolvers. */
  sent(): number;
  /** The questions that failed, and those that were not sent because there were too many. */
  unanswered(): readonly UnansweredQuestion[];
}

/** Counts new questions. */
interface Budget {
  /** Counts one more question and returns true; returns false if the limit is reached. */
  take(): boolean;
}

function budgetOf(most: number, above?: Budget): Budget {
  let left = most;
  return {
    take: () => {
      if (left <= 0 || (above && !above.take())) return false;
      left--;
      return true;
    },
  };
}

const isPool = (resolver: Resolver | ResolverPool): resolver is ResolverPool => 'resolveBy' in resolver;

/** An answer, or the failure of a question that was not sent. */
interface Known extends AttributedOutcome {
  readonly isSent: boolean;
}

/** The outcome of a question that must not be sent. `unanswered` has its cause. */
const notSent: Known = { outcome: { kind: 'failure', cause: 'refused' }, by: null, isSent: false };

/** The outcome for a name that cannot exist in DNS. */
const impossible: Known = { outcome: { kind: 'nxdomain' }, by: null, isSent: false };

/**
 * Answers are not cached for the next preflight, because a person who has just changed a record wants to see the new one.
 * `signal` ends the questions that are still open.
 */
export function createPreflightQuestions(
  resolver: Resolver | ResolverPool,
  signal: AbortSignal,
  most = maxQuestions,
): PreflightQuestions {
  const known = new Map<string, Promise<Known>>();
  const witnessed = new Map<string, Promise<DnsOutcome | null>>();
  const unanswered = new Map<string, UnansweredQuestion>();
  let sent = 0;

  const resolveBy = async (
    question: DnsQuestion,
    only?: number,
    until = signal,
  ): Promise<AttributedOutcome> => {
    sent++;
    return isPool(resolver)
      ? resolver.resolveBy(question, until, only)
      : { outcome: await resolver.resolve(question, signal), by: 0 };
  };

  const fail = (question: string, cause: UnansweredQuestion['cause']) => {
    unanswered.set(question, { question, cause });
  };

  const send = async (question: DnsQuestion, text: string): Promise<Known> => {
    const { outcome, by } = await resolveBy(question);
    if (outcome.kind === 'failure') fail(text, outcome.cause);
    return { outcome, by, isSent: true };
  };

  const nameOf = (text: string): string => text.toLowerCase().replace(/\.$/, '');
  const textOf = (name: string, type: RecordType): string => `${type} ${name}`;

  const find = (name: string, type: RecordType, budget: Budget): Promise<Known> => {
    if (!isAskable(name)) return Promise.resolve(impossible);
    const text = textOf(name, type);
    const earlier = known.get(text);
    if (earlier) return earlier;
    if (!budget.take()) {
      fail(text, 'question_limit');
      return Promise.resolve(notSent);
    }
    unanswered.delete(text);
    const found = send({ name, type }, text);
    known.set(text, found);
    return found;
  };

  /**
   * The first answer of a resolver other than `by`. Two resolvers are asked at the same time, so a resolver that hangs does not
   * use up the time of the check.
   */
  const askOthers = async (question: DnsQuestion, by: number, budget: Budget): Promise<DnsOutcome> => {
    const others = (resolver as ResolverPool).witnesses().filter((index) => index !== by);
    const race = new AbortController();
    const until = AbortSignal.any([signal, race.signal]);
    let last: DnsOutcome = { kind: 'failure', cause: 'refused' };
    const askNext = async (): Promise<DnsOutcome> => {
      const other = others.shift();
      if (other === undefined || !budget.take()) return Promise.reject(last);
      const { outcome } = await resolveBy(question, other, until);
      if (outcome.kind !== 'failure') return outcome;
      last = outcome;
      return askNext();
    };
    try {
      return await Promise.any([askNext(), askNext()]);
    } catch {
      return last;
    } finally {
      race.abort();
    }
  };

  const createView = (budget: Budget): PreflightQuestions => {
    const askWitness = async (given: string, type: RecordType): Promise<DnsOutcome | null> => {
      const name = nameOf(given);
      const { outcome, by } = await find(name, type, budget);
      if (by === null) return outcome;
      if (!isPool(resolver) || resolver.members.length < 2) return null;
      const text = textOf(name, type);
      const earlier = witnessed.get(text);
      if (earlier) return earlier;
      const answer = askOthers({ name, type }, by, budget);
      witnessed.set(text, answer);
      return answer;
    };

    return {
      askWitness,
      ask: async (name, type) => (await find(nameOf(name), type, budget)).outcome,
      confirm: async (given, type, isSought) => {
        const { outcome } = await find(nameOf(given), type, budget);
        if (outcome.kind === 'failure' || isSought(outcome)) return outcome;
        const second = await askWitness(given, type);
        if (second?.kind === 'failure') fail(textOf(nameOf(given), type), 'unconfirmed');
        return second === null || (second.kind !== 'failure' && !isSought(second)) ? outcome : second;
      },
      within: (share) => createView(budgetOf(share, budget)),
      sent: () => sent,
      unanswered: () => [...unanswered.values()],
    };
  };

  return createView(budgetOf(most));
}

/** Whether the outcome proves that there is no such record. */
export const isAbsent = ({ kind }: DnsOutcome): boolean => kind === 'no_data' || kind === 'nxdomain';

/**
 * The TXT records in an outcome, with the strings of each joined (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2). They are
 * sorted, because DNS gives them in any order.
 */
export const joinedTexts = (outcome: DnsOutcome): string[] =>
  outcome.kind === 'texts' ? outcome.texts.map((strings) => strings.join('')).sort() : [];

/** Whether there is a TXT record for which `isSought` is true. */
export const hasText =
  (isSought: (text: string) => boolean) =>
  (outcome: DnsOutcome): boolean =>
    joinedTexts(outcome).some(isSought);

/** The name to which a CNAME record leads; null if there is none. */
export const aliasOf = (outcome: DnsOutcome): string | null =>
  'alias' in outcome && outcome.alias !== undefined ? outcome.alias : null;
