// The Resolver port: one question to the DNS, one outcome. Failures are outcomes, never exceptions.

import type { Places, Priority } from './places.ts';

export type RecordType = 'A' | 'AAAA' | 'MX';

export interface DnsQuestion {
  /** Lower-case A-labels, no trailing dot. */
  readonly name: string;
  readonly type: RecordType;
}

/** The records of the requested type, after the CNAME chain in the same answer. TTLs are seconds. */
export type DnsAnswer =
  /** Lowest preference first. Hosts are lower-case, without a trailing dot; the root, as in a null MX, is ''. */
  | {
      readonly kind: 'mx';
      readonly exchanges: readonly { preference: number; host: string }[];
      readonly ttl: number;
    }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttl: number }
  /** The name exists, but without records of this type. `ttl` comes from the SOA (RFC 2308). */
  | { readonly kind: 'no_data'; readonly ttl?: number }
  /** The name does not exist. `ttl` comes from the SOA (RFC 2308); it is absent without one. */
  | { readonly kind: 'nxdomain'; readonly ttl?: number };

export type DnsFailure = {
  readonly kind: 'failure';
  readonly cause: 'timeout' | 'servfail' | 'refused' | 'network' | 'bad_response';
};

export type DnsOutcome = DnsAnswer | DnsFailure;

export interface Resolver {
  /** The name of the resolver in logs and in `/readyz`. */
  readonly name: string;
  /** Settles with a `timeout` soon after `signal` aborts. Never rejects. */
  resolve(question: DnsQuestion, signal: AbortSignal): Promise<DnsOutcome>;
}

/** Options of a question to a pool. */
export interface InquiryOptions {
  /** Epoch milliseconds at which the question becomes a `timeout`; Infinity for none. */
  readonly until: number;
  /** The queue for the question; without it the question starts immediately. */
  readonly places?: Places;
  readonly priority?: Priority;
  /** Index of the only member to ask. */
  readonly only?: number;
}

/** A pending question. */
export interface Inquiry {
  /** The outcome, and the index of the member that gave it; null for a failure. Never rejects. */
  readonly settled: Promise<{ readonly outcome: DnsOutcome; readonly by: number | null }>;
  /** Raises the priority of a question that still waits for a place. */
  promote(priority: Priority): void;
  /** Frees the places of the question. The question continues in the background if there is room, else ends with a `timeout`. */
  abandon(): void;
  /** Ends with a `timeout` now. */
  cancel(): void;
}

/** Several resolvers, asked as one or one by one. */
export interface ResolverPool extends Resolver {
  /** Names, in order of preference. */
  readonly members: readonly string[];
  inquire(question: DnsQuestion, terms: InquiryOptions): Inquiry;
  /** Indexes of the members whose answers currently count, healthiest first. */
  witnesses(): readonly number[];
  /** Records the result of a second opinion: whether other members agreed with `member` or contradicted it. */
  judged(member: number, agreed: boolean): void;
}

export const timedOut: DnsFailure = { kind: 'failure', cause: 'timeout' };
