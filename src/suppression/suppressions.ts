// The suppression list: its vocabulary, the interface for callers, and the port that a storage engine implements.

import type { MailQuestion, SuppressionEffect, SuppressionReason, SuppressionScope } from './scope.ts';

export type { SuppressionReason } from './scope.ts';

export interface Suppression {
  /** The mail that the entry is about. */
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** Enhanced status code (RFC 3463) of the latest reported bounce, such as 5.1.1. */
  readonly status: string | null;
  /** Where the entry came from: a provider, an import, a person. Never an address. */
  readonly source: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** The entry that decides a question, with its effect on the mail in question. */
export interface SuppressionMatch extends Suppression {
  readonly effect: SuppressionEffect;
}

/** The part of the list that a validation needs. */
export interface Suppressions {
  /**
   * Returns one answer for each canonical address, in order: the entry that matters most for the mail in question, or
   * null if no entry applies. The default question is marketing mail that belongs to no particular list. Returns a
   * promise only if the storage is asynchronous.
   */
  find(
    addresses: readonly string[],
    question?: MailQuestion,
  ): (SuppressionMatch | null)[] | Promise<(SuppressionMatch | null)[]>;
}

export interface NewSuppression {
  /** The canonical form (`Mailbox.address`), or the text of `recipientAddress`. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** Default: `marketing` for an unsubscribe, `all` otherwise. */
  readonly scope?: SuppressionScope;
  readonly status?: string | null;
  /** Addresses in this text are removed before it is stored. */
  readonly source?: string | null;
  /** Epoch milliseconds; the current time if omitted. */
  readonly since?: number;
  /** Epoch milliseconds from which the entry no longer applies; omitted or null: the entry is permanent. */
  readonly expiresAt?: number | null;
}

/** An entry without its address: a row of another instance's export under the same key. */
export interface HashedSuppression extends Omit<NewSuppression, 'address'> {
  /** Lower-case hex. */
  readonly addressHash: string;
  /** Lower-case hex; null or omitted if every spelling is a separate mailbox at the provider. */
  readonly personHash?: string | null;
}

/** `updated`: an existing entry became stronger, longer or better informed. */
export type AddOutcome = 'added' | 'updated' | 'unchanged';

export type AddCounts = Readonly<Record<AddOutcome, number>>;

/** Proof that the person asked for mail again after the entry was created. */
export interface Consent {
  /** The person followed the link in a message to the address. Nothing else proves that the owner of the address asked. */
  readonly kind: 'double_opt_in';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Where the consent can be looked up: a form's name, a log id. Addresses in this text are removed before it is stored. */
  readonly evidence: string;
}

export type RemoveRefusal =
  /** The person reported the mail as abuse. Consent through the API does not undo that. */
  | 'complaint'
  /** The consent is older than the entry. */
  | 'consent_not_fresh'
  | 'consent_in_future'
  | 'evidence_missing';

export type RemoveOutcome =
  | { readonly kind: 'removed'; readonly entry: Suppression }
  | { readonly kind: 'not_listed' }
  | { readonly kind: 'refused'; readonly why: RemoveRefusal };

/** An entry as it is stored. It does not reveal the address. */
export interface SuppressionEntry extends Suppression {
  readonly addressHash: string;
  /** Shared by all spellings that the provider delivers to one mailbox; null if there is only one, or unknown. */
  readonly personHash: string | null;
  readonly keyId: string;
  /** Epoch milliseconds; null: permanent. */
  readonly expiresAt: number | null;
}

export type SuppressionPage =
  | { readonly kind: 'page'; readonly entries: SuppressionEntry[]; readonly next: string | null }
  | { readonly kind: 'bad_cursor' };

/**
 * Selects the bounces of an incident, such as a provider that refused live mailboxes for a day. All given properties must
 * match. `provider`, `source` and `campaign` are looked up in the delivery events.
 */
export interface Incident {
  /** Epoch milliseconds: the entry's date is at or after `from` and before `to`. */
  readonly from: number;
  readonly to: number;
  /** The mailbox provider's slug, such as gmail. */
  readonly provider?: string | undefined;
  /** Where the address was acquired. */
  readonly source?: string | undefined;
  readonly campaign?: string | undefined;
  /** Enhanced status code (RFC 3463). */
  readonly status?: string | undefined;
}

export interface SuppressionList extends Suppressions {
  /** Identifies the key that addresses are hashed under. */
  readonly keyId: string;
  /** Returns every current entry of the address, whatever its scope. */
  entriesOf(address: string): Promise<Suppression[]>;
  /**
   * Adds an entry, or strengthens the existing one of the same address and scope.
   *
   * The strongest reason wins, with its source and date: complaint, then unsubscribe, then manual, then bounce. The first
   * two are the recipient's own decision and legally binding. A manual entry is a person's decision and outranks an
   * observed bounce. The latest status is kept for any reason, because the next message may bounce with it. The later
   * expiry wins, and an entry without expiry is permanent.
   */
  add(entry: NewSuppression): Promise<AddOutcome>;
  /** Adds all entries or none, in order. An import passes a few thousand at a time. */
  addMany(entries: readonly NewSuppression[]): Promise<AddCounts>;
  /** Adds entries that were already hashed under this list's key. */
  addHashed(entries: readonly HashedSuppression[]): Promise<AddCounts>;
  /** Lifts the entries of an address, or the one of `scope` alone, and records the lifting with its consent. */
  remove(request: {
    readonly address: string;
    readonly scope?: SuppressionScope;
    readonly consent: Consent;
  }): Promise<RemoveOutcome>;
  /**
   * Lifts an unsubscribe of this scope that is not newer than `at` (epoch milliseconds), because the person subscribed
   * again at the provider `source`. Returns whether an entry was lifted.
   */
  resubscribe(request: {
    readonly address: string;
    readonly scope: SuppressionScope;
    readonly source: string;
    readonly at: number;
  }): Promise<boolean>;
  /** Counts the bounce entries of an incident. */
  countIncident(incident: Incident): Promise<number>;
  /** Lifts the bounce entries of an incident, records each, and returns their number. */
  liftIncident(incident: Incident): Promise<number>;
  /**
   * Returns entries in the order of their hashes, at most `limit` (1 to 5,000, default 100); `next` is null on the last
   * page. Entries that exist during the whole traversal appear exactly once, whatever is added or removed meanwhile.
   */
  list(page?: { readonly cursor?: string; readonly limit?: number }): Promise<SuppressionPage>;
  count(): Promise<number>;
  /**
   * Returns the ids of other keys that entries were hashed with. `find` cannot match those entries: the service ran with
   * another ADDRESS_HASH_KEY before, and would now mail people who are on the list.
   */
  otherKeyIds(): Promise<string[]>;
}

/** The hashes that an address is looked up by. */
export interface AddressHashes {
  readonly exact: string;
  /** Null if every spelling is a separate mailbox at this provider. */
  readonly person: string | null;
}

/** The record of why and when entries were lifted. */
export interface LiftRecord {
  /** Epoch milliseconds. */
  readonly removedAt: number;
  readonly ground: 'double_opt_in' | 'resubscribe' | 'incident';
  /** Epoch milliseconds. */
  readonly groundAt: number;
  /** Holds no address. */
  readonly evidence: string;
}

/** The port of a storage engine. Entries are those of one workspace; `at` is the current time in epoch milliseconds. */
export interface SuppressionRepository {
  /** Returns the entries under `keyId` that match each address by either hash, in order. May return without a promise. */
  find(
    keyId: string,
    asked: readonly AddressHashes[],
    at: number,
  ): (readonly SuppressionEntry[])[] | Promise<(readonly SuppressionEntry[])[]>;
  /** Adds or strengthens all entries or none, in order (see `SuppressionList.add`). Deletes expired entries first. */
  add(entries: readonly SuppressionEntry[], at: number): Promise<AddCounts>;
  /** Lifts those of the entries that still have the same reason and date, records each, and returns their number. */
  lift(entries: readonly SuppressionEntry[], record: LiftRecord): Promise<number>;
  /** Returns at most `limit` current bounce entries of an incident. */
  findIncident(keyId: string, incident: Incident, limit: number, at: number): Promise<SuppressionEntry[]>;
  countIncident(keyId: string, incident: Incident, at: number): Promise<number>;
  /** Returns entries after the given one in the order of key id, hash and scope. */
  page(
    after: Pick<SuppressionEntry, 'keyId' | 'addressHash' | 'scope'> | null,
    limit: number,
    at: number,
  ): Promise<SuppressionEntry[]>;
  count(at: number): Promise<number>;
  otherKeyIds(keyId: string): Promise<string[]>;
}
