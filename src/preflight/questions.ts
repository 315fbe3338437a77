// The DNS questions of one preflight. Each is asked once, and all end at a common deadline.

import type { DnsOutcome, RecordType, Resolver } from '../dns/resolver.ts';
import { isAskable } from '../dns/wire.ts';
import type { UnansweredQuestion } from './finding.ts';

export interface PreflightQuestions {
  /** Asks a question, or returns the answer of an earlier one. Never rejects. */
  ask(name: string, type: RecordType): Promise<DnsOutcome>;
  /** The questions that were asked, such as `TXT example.com`, in order. */
  asked(): readonly string[];
  /** The questions that failed. */
  unanswered(): readonly UnansweredQuestion[];
}

/**
 * Answers are not cached from one preflight to the next: somebody who has just changed a record wants to see the new one.
 * `signal` ends the questions that are still open.
 */
export function createPreflightQuestions(resolver: Resolver, signal: AbortSignal): PreflightQuestions {
  const outcomes = new Map<string, Promise<DnsOutcome>>();
  const unanswered: UnansweredQuestion[] = [];

  const send = async (name: string, type: RecordType, question: string): Promise<DnsOutcome> => {
    const outcome = await resolver.resolve({ name, type }, signal);
    if (outcome.kind === 'failure') unanswered.push({ question, cause: outcome.cause });
    return outcome;
  };

  return {
    ask: (text, type) => {
      const name = text.toLowerCase().replace(/\.$/, '');
      // Such a name cannot exist in DNS.
      if (!isAskable(name)) return Promise.resolve({ kind: 'nxdomain' });
      const question = `${type} ${name}`;
      const known = outcomes.get(question);
      if (known) return known;
      const outcome = send(name, type, question);
      outcomes.set(question, outcome);
      return outcome;
    },
    asked: () => [...outcomes.keys()],
    unanswered: () => unanswered,
  };
}

/** Whether the outcome proves that there is no such record. */
export const isAbsent = ({ kind }: DnsOutcome): boolean => kind === 'no_data' || kind === 'nxdomain';

/**
 * The TXT records in an outcome, with the strings of each joined (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2). They are
 * sorted, because DNS gives them in any order.
 */
export const joinedTexts = (outcome: DnsOutcome): string[] =>
  outcome.kind === 'texts' ? outcome.texts.map((strings) => strings.join('')).sort() : [];

/** The name to which a CNAME record leads; null if there is none. */
export const aliasOf = (outcome: DnsOutcome): string | null =>
  'alias' in outcome && outcome.alias !== undefined ? outcome.alias : null;
