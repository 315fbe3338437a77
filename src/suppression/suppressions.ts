// The suppression list as its callers see it.

export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'manual';

export interface Suppression {
  readonly reason: SuppressionReason;
  /** Enhanced status code (RFC 3463) of the bounce that put it there, such as 5.1.1. */
  readonly status: string | null;
  /** Who said so: a provider, an import, a person. Never an address. */
  readonly source: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Suppressions {
  /** One answer for each canonical address, in order. One statement however many there are. */
  find(addresses: readonly string[]): Promise<(Suppression | null)[]>;
}
