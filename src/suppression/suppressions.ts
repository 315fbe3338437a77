// The suppression list as its callers see it.

export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'manual';

export interface Suppression {
  readonly reason: SuppressionReason;
  /** Enhanced status code (RFC 3463) of the latest bounce that was reported, such as 5.1.1. */
  readonly status: string | null;
  /** Who said so: a provider, an import, a person. Never an address. */
  readonly source: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** What a validation needs of the list. */
export interface Suppressions {
  /** One answer for each canonical address, in order; without a promise where there is nothing to wait for. */
  find(addresses: readonly string[]): (Suppression | null)[] | Promise<(Suppression | null)[]>;
}

export interface NewSuppression {
  /** The canonical form (`Mailbox.address`). */
  readonly address: string;
  readonly reason: SuppressionReason;
  readonly status?: string | null;
  /** An address in this text is not stored. */
  readonly source?: string | null;
  /** Epoch milliseconds; the moment of adding when left out. */
  readonly since?: number;
  /** Epoch milliseconds from which the entry no longer counts; left out or null: it does not end. */
  readonly expiresAt?: number | null;
}

/** An entry whose address only another instance knew, under the same key: a row of its export. */
export interface HashedSuppression extends Omit<NewSuppression, 'address'> {
  /** Lower-case hex. */
  readonly addressHash: string;
}

/** `updated` is an entry that was there and became stronger, longer or better informed. */
export type AddOutcome = 'added' | 'updated' | 'unchanged';

export type AddCounts = Readonly<Record<AddOutcome, number>>;

/** Proof that the person asked for mail again after the entry was made. */
export interface Consent {
  /** A message was sent to the address and the link in it was followed: nothing less proves who asked. */
  readonly kind: 'double_opt_in';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Where it can be looked up: a form's name, a log's id. An address in this text is not stored. */
  readonly evidence: string;
}

export type RemoveRefusal =
  /** Somebody reported the mail as abuse. Consent by API does not undo that. */
  | 'complaint'
  /** The consent is older than the entry. */
  | 'consent_not_fresh'
  | 'consent_in_future'
  | 'evidence_missing';

export type RemoveOutcome =
  | { readonly kind: 'removed'; readonly entry: Suppression }
  | { readonly kind: 'not_listed' }
  | { readonly kind: 'refused'; readonly why: RemoveRefusal };

/** An entry as the list holds it: whose address it is cannot be told from it. */
export interface SuppressionEntry extends Suppression {
  readonly addressHash: string;
  readonly keyId: string;
  /** Epoch milliseconds, or null: it does not end. */
  readonly expiresAt: number | null;
}

export type SuppressionPage =
  | { readonly kind: 'page'; readonly entries: SuppressionEntry[]; readonly next: string | null }
  | { readonly kind: 'bad_cursor' };

export interface SuppressionList extends Suppressions {
  /** Names the key that addresses are hashed under. */
  readonly keyId: string;
  /**
   * Adds an entry, or strengthens the one that is there.
   *
   * The strongest reason stays, with its source and its date: complaint, then unsubscribe, then manual, then bounce.
   * The first two are the recipient's own word and bind by law; a person's decision outranks a machine's observation,
   * which is the only one that may end by itself. The latest status stays whatever the reason, since that is
   * what mail to the address would meet. Of two ends the later one counts, and none is later than any.
   */
  add(entry: NewSuppression): Promise<AddOutcome>;
  /** Adds all entries or none, in order. An import hands over some thousands at a time. */
  addMany(entries: readonly NewSuppression[]): Promise<AddCounts>;
  /** The same for entries that were hashed under this list's key already. */
  addHashed(entries: readonly HashedSuppression[]): Promise<AddCounts>;
  /** Lifts an entry and records the lifting with its consent. */
  remove(request: { readonly address: string; readonly consent: Consent }): Promise<RemoveOutcome>;
  /**
   * Entries in the order of their hashes, at most `limit` (1 to 5,000, default 100); `next` is null on the last page.
   * Whatever is added or removed meanwhile, an entry that stays on the list comes exactly once.
   */
  list(page?: { readonly cursor?: string; readonly limit?: number }): Promise<SuppressionPage>;
  count(): Promise<number>;
  /**
   * Ids of keys, other than the present one, under which entries stand. `find` cannot match those: a service that
   * finds any was started with another ADDRESS_HASH_KEY than before, and would mail people who are on the list.
   */
  otherKeyIds(): Promise<string[]>;
}
