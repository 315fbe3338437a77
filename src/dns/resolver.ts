// The Resolver port: one question to the DNS, one outcome. Failures are outcomes, never exceptions.

export type RecordType = 'A' | 'AAAA' | 'MX';

export interface Question {
  /** Lower-case A-labels, no trailing dot. */
  readonly name: string;
  readonly type: RecordType;
}

/** The records of the type asked for, a CNAME chain in the same answer already followed. TTLs are seconds. */
export type DnsAnswer =
  /** Lowest preference first. Hosts are lower-case, without a trailing dot; the root, as in a null MX, is ''. */
  | {
      readonly kind: 'mx';
      readonly exchanges: readonly { preference: number; host: string }[];
      readonly ttl: number;
    }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttl: number }
  /** The name exists, not with this type. `ttl` by RFC 2308 from the SOA, absent where there was none. */
  | { readonly kind: 'no_data'; readonly ttl?: number }
  | { readonly kind: 'nxdomain'; readonly ttl?: number };

export type DnsFailure = {
  readonly kind: 'failure';
  readonly cause: 'timeout' | 'servfail' | 'refused' | 'network' | 'bad_response';
};

export type DnsOutcome = DnsAnswer | DnsFailure;

export interface Resolver {
  /** For logs and `/readyz`; names no address. */
  readonly name: string;
  /** Settles soon after `signal` aborts, with a `timeout`. Never rejects. */
  resolve(question: Question, signal: AbortSignal): Promise<DnsOutcome>;
}
