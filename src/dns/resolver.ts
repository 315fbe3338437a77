// The interface of DNS resolvers: one question gives one outcome. A failure is an outcome too, not an exception.

import type { Places, Priority } from './places.ts';

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'CNAME' | 'NS';

export interface DnsQuestion {
  /** Lower-case A-labels, no trailing dot. */
  readonly name: string;
  readonly type: RecordType;
}

/**
 * The answer to a question, after following any CNAME records in the same message. Each `ttl` is in seconds. `alias` is the name
 * to which the CNAME records of the asked name lead; absent if it has none. A question for CNAME records follows none.
 */
export type DnsAnswer =
  /** The MX records, lowest preference first. Hosts are in lower case without a trailing dot. The host of a null MX is ''. */
  | {
      readonly kind: 'mx';
      readonly exchanges: readonly { preference: number; host: string }[];
      readonly ttl: number;
    }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttl: number }
  /** The TXT records. Each has one or more strings, which are read as UTF-8. */
  | {
      readonly kind: 'texts';
      readonly texts: readonly (readonly string[])[];
      readonly alias?: string;
      readonly ttl: number;
    }
  /** The names in PTR, CNAME or NS records, in lower case without a trailing dot. The root is ''. */
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly ttl: number }
  /** The name exists, but has no records of this type. `ttl` comes from the SOA record (RFC 2308). */
  | { readonly kind: 'no_data'; readonly alias?: string; readonly ttl?: number }
  /** The name does not exist. `ttl` comes from the SOA record (RFC 2308); it is absent if the answer has no SOA record. */
  | { readonly kind: 'nxdomain'; readonly alias?: string; readonly ttl?: number };

export type DnsFailure = {
  readonly kind: 'failure';
  readonly cause: 'timeout' | 'servfail' | 'refused' | 'network' | 'bad_response';
};

export type DnsOutcome = DnsAnswer | DnsFailure;

export interface Resolver {
  /** The name of the resolver in logs and in `/readyz`. */
  readonly name: string;
  /** Asks the question. Resolves to a `timeout` soon after `signal` aborts. Never rejects. */
  resolve(question: DnsQuestion, signal: AbortSignal): Promise<DnsOutcome>;
}

/** How a pool of resolvers should treat a question. */
export interface InquiryOptions {
  /** Epoch milliseconds at which the question ends with a `timeout`; Infinity for no limit. */
  readonly until: number;
  /** Limits the concurrent questions. Without it the question is sent immediately. */
  readonly places?: Places;
  readonly priority?: Priority;
  /** Index of a member of the pool. The question is sent to this resolver only. */
  readonly only?: number;
}

/** A pending question to a pool. */
export interface Inquiry {
  /** The outcome, and the index `by` of the member that gave the answer; `by` is null for a failure. Never rejects. */
  readonly settled: Promise<AttributedOutcome>;
  /** Raises the priority of the question, which matters as long as it waits in the queue of `places`. */
  promote(priority: Priority): void;
  /**
   * Call it when no caller waits for the answer any longer. A question that has not been sent ends with a `timeout`. One that
   * has been sent continues in the background, so its answer can be cached, if the limit on background questions in
   * `places` allows it; otherwise it ends with a `timeout` too.
   */
  abandon(): void;
  /** Ends the question with a `timeout` immediately. */
  cancel(): void;
}

/** An outcome and the index `by` of the member of the pool that gave it; null for a failure. */
export interface AttributedOutcome {
  readonly outcome: DnsOutcome;
  readonly by: number | null;
}

/** Several resolvers (members) that are used like one. A question may also be sent to a single member. */
export interface ResolverPool extends Resolver {
  /** The names of the members, in order of preference. */
  readonly members: readonly string[];
  inquire(question: DnsQuestion, terms: InquiryOptions): Inquiry;
  /**
   * Asks like `resolve`, and returns which member answered; `by` is null for a failure. `only` is the index of a member: the
   * question is then sent to this one alone.
   */
  resolveBy(question: DnsQuestion, signal: AbortSignal, only?: number): Promise<AttributedOutcome>;
  /** Indexes of the members that may confirm the answers of others. Members that rest after failures come last. */
  witnesses(): readonly number[];
  /** Records that other members gave the same result for a domain as `member` (`agreed`), or that they contradicted it. */
  judged(member: number, agreed: boolean): void;
}

export const timedOut: DnsFailure = { kind: 'failure', cause: 'timeout' };
