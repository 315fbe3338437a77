// The types of the suppression list: its entries, its interface for callers, and the interface that a storage implements.

import type { Actor, NewAuditEntry } from '../audit/audit.ts';
import type { MailQuestion, SuppressionEffect, SuppressionReason, SuppressionScope } from './scope.ts';

export type { SuppressionReason } from './scope.ts';

/** One entry of the suppression list, without the address. */
export interface Suppression {
  /** The mail that the entry is about: all mail, marketing, or one mailing list. */
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** Enhanced status code (RFC 3463) of the last bounce that was reported with one, such as 5.1.1; null if there is none. */
  readonly status: string | null;
  /** Where the entry came from, such as a provider, an import or a person's name. Contains no e-mail address. */
  readonly source: string | null;
  /** When the event that caused the entry happened, in epoch milliseconds. */
  readonly since: number;
}

/** The entry that decides whether a mail may be sent, with its effect on that mail (see `effectOf`). */
export interface SuppressionMatch extends Suppression {
  readonly effect: SuppressionEffect;
}

/** The suppression list as the validator sees it: it can only look up entries. */
export interface Suppressions {
  /**
   * Looks up canonical addresses and returns one result for each, in order: the entry that decides about the mail that
   * `question` describes, or null if no entry applies. Without a question, the mail is marketing mail that belongs to no
   * particular list. Returns the results without a promise where that is possible: on Node, for a single address.
   */
  find(
    addresses: readonly string[],
    question?: MailQuestion,
  ): (SuppressionMatch | null)[] | Promise<(SuppressionMatch | null)[]>;
}

export interface NewSuppression {
  /** The canonical form (`Mailbox.address`), or the result of `recipientAddress`. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** Default: `marketing` for an unsubscribe, `all` otherwise. */
  readonly scope?: SuppressionScope;
  readonly status?: string | null;
  /** Addresses in this text are removed before it is stored. */
  readonly source?: string | null;
  /** When the event that causes the entry happened, in epoch milliseconds; the current time if omitted. */
  readonly since?: number;
  /** Epoch milliseconds from which the entry no longer applies; omitted or null: the entry is permanent. */
  readonly expiresAt?: number | null;
  /** The id of the contact at the vendor whose event causes the entry. A text with an at sign is dropped. */
  readonly contact?: string | null;
}

/** An entry whose address was hashed elsewhere: a row of an export by another instance that hashes with the same key. */
export interface HashedSuppression extends Omit<NewSuppression, 'address'> {
  /** Hash of `suppressionKey(address)`, in lower-case hex. */
  readonly addressHash: string;
  /** Hash of `personKey(address)`, in lower-case hex; null or omitted if `personKey` returns null for the address. */
  readonly personHash?: string | null;
}

/** `updated`: the address already had an entry of this scope, and the new entry changed at least one of its fields. */
export type AddOutcome = 'added' | 'updated' | 'unchanged';

export type AddCounts = Readonly<Record<AddOutcome, number>>;

/** Proof that the person asked for mail again after the entry was created. */
export interface Consent {
  /**
   * The person clicked a link in a message that was sent to the address. Only this proves that the owner of the address
   * wants the mail: anyone can type an address into a form.
   */
  readonly kind: 'double_opt_in';
  /** When the person consented, in epoch milliseconds. */
  readonly at: number;
  /** Where the consent is recorded, such as a form's name or a log id. Addresses in it are removed before it is stored. */
  readonly evidence: string;
}

export type RemoveRefusal =
  /** The person reported the mail as abuse. No consent removes such an entry. */
  | 'complaint'
  /** The consent is older than the entry, by more than five minutes (since clocks differ). */
  | 'consent_not_fresh'
  /** The consent is dated more than five minutes in the future. */
  | 'consent_in_future'
  | 'evidence_missing';

export type RemoveOutcome =
  | { readonly kind: 'removed'; readonly entry: Suppression }
  | { readonly kind: 'not_listed' }
  | { readonly kind: 'refused'; readonly why: RemoveRefusal };

/** An entry as it is stored. It does not reveal the address. */
export interface SuppressionEntry extends Suppression {
  /** Hash of `suppressionKey(address)`. */
  readonly addressHash: string;
  /**
   * Hash of `personKey(address)`: the same for all spellings that the provider delivers to one mailbox, such as with and
   * without dots. Null if the provider is not known to deliver several spellings to one mailbox.
   */
  readonly personHash: string | null;
  /** Identifies the key that both hashes were made with (`AddressHasher.keyId`). */
  readonly keyId: string;
  /** When the entry stops applying, in epoch milliseconds; null: never. */
  readonly expiresAt: number | null;
}

/** One page of the list. `next` is the cursor of the next page; null on the last page. */
export type SuppressionPage =
  | { readonly kind: 'page'; readonly entries: SuppressionEntry[]; readonly next: string | null }
  | { readonly kind: 'bad_cursor' };

/**
 * Selects bounce entries that an incident caused, such as a provider that refused live mailboxes for a day. An entry must
 * match all given properties. Entries do not store `provider`, `mailHost`, acquisition `source` and `campaign`, so these are
 * compared with the bounces of the address that were recorded as delivery events in the same period.
 */
export interface Incident {
  /** The entry's date (`since`) is at or after `from` and before `to`. Both are in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** The mailbox provider's short name, such as gmail. */
  readonly provider?: string | undefined;
  /** The registrable domain of the recipient's mail host (`mailHostDomain`), such as google.com. */
  readonly mailHost?: string | undefined;
  /** Where the sender acquired the address, such as a form or a trade fair. */
  readonly source?: string | undefined;
  readonly campaign?: string | undefined;
  /** Enhanced status code (RFC 3463). */
  readonly status?: string | undefined;
}

/**
 * Whether the entries of an incident can be found only with the delivery events, because entries do not store these properties.
 */
export const isFoundByEvents = ({ provider, mailHost, source, campaign }: Incident): boolean =>
  [provider, mailHost, source, campaign].some((name) => name !== undefined);

export interface SuppressionList extends Suppressions {
  /** Identifies the secret key that addresses are hashed with (`AddressHasher.keyId`). */
  readonly keyId: string;
  /** Returns all entries of the address that have not expired, of every scope. */
  entriesOf(address: string): Promise<Suppression[]>;
  /**
   * Adds an entry. If the address already has an entry of the same scope, merges the two.
   *
   * The merged entry has the stronger reason, with the source and date of that reason. From strong to weak: complaint,
   * unsubscribe, manual, bounce. Complaints and unsubscribes come first, because they are the recipient's own decision and
   * legally binding. A manual entry is a person's decision, so it outranks an observed bounce. If both have the same reason,
   * the earlier date is kept. The latest status is always kept, because it predicts how the next message would bounce. The later
   * expiry wins; an entry without expiry is permanent.
   */
  add(entry: NewSuppression): Promise<AddOutcome>;
  /** Adds all entries in one transaction, in order. An import calls it with a few thousand entries at a time. */
  addMany(entries: readonly NewSuppression[]): Promise<AddCounts>;
  /** Like `addMany`, for entries whose addresses were already hashed with this list's key. */
  addHashed(entries: readonly HashedSuppression[]): Promise<AddCounts>;
  /**
   * Removes all entries of an address, or only the entry of `scope` if it is given, and records the removal with the consent.
   * Removes nothing if one of these entries may not be removed (see `RemoveRefusal`).
   */
  remove(request: {
    readonly address: string;
    readonly scope?: SuppressionScope;
    readonly consent: Consent;
    /** Who removes them, for the audit. */
    readonly by?: Actor;
  }): Promise<RemoveOutcome>;
  /**
   * Removes the entry of this scope, because the person subscribed again at the provider `source`, or because somebody at the
   * sender took the address off the provider's suppression list. Removes only an entry with one of the `reasons` (default:
   * an unsubscribe), and a manual entry only if it came from the same provider. Keeps an entry that is newer than `at`, the
   * time of the change in epoch milliseconds. Returns whether an entry was removed.
   */
  resubscribe(request: {
    readonly address: string;
    readonly scope: SuppressionScope;
    readonly source: string;
    readonly at: number;
    readonly reasons?: readonly ('unsubscribe' | 'manual')[];
  }): Promise<boolean>;
  /** Returns the entries of exactly these address hashes (see `AddressHashes.exact`) that soft bounces caused: those that expire. */
  softEntriesOf(addressHashes: readonly string[]): Promise<SuppressionEntry[]>;
  /** Removes entries because a delivery at `at` shows that the bounces did not reach the limit. Returns their number. */
  liftDisproved(entries: readonly SuppressionEntry[], at: number): Promise<number>;
  /** Returns the number of bounce entries that `liftIncident` would remove. */
  countIncident(incident: Incident): Promise<number>;
  /** Removes the bounce entries that an incident caused, records each removal, and returns the number of entries. */
  liftIncident(incident: Incident, by?: Actor): Promise<number>;
  /**
   * Returns one page of at most `limit` entries (1 to 5,000, default 100), sorted by key id, address hash and scope. A caller
   * that follows `next` to the last page sees each entry that existed all the time exactly once, even if other entries are
   * added or removed meanwhile.
   */
  list(page?: { readonly cursor?: string; readonly limit?: number }): Promise<SuppressionPage>;
  count(): Promise<number>;
  /**
   * Returns the ids of all keys other than `keyId` that entries were hashed with. There are some if the service ran with
   * another ADDRESS_HASH_KEY before. `find` cannot match those entries, so people who are on the list would get mail.
   */
  otherKeyIds(): Promise<string[]>;
}

/** The hashes of an address. An entry that has either hash matches the address. */
export interface AddressHashes {
  /** Hash of `suppressionKey(address)`. */
  readonly exact: string;
  /** Hash of `personKey(address)`, which all spellings of one mailbox share; null if `personKey` returns null. */
  readonly person: string | null;
}

/** The record of why and when entries were removed. */
export interface LiftRecord {
  /** When the entries were removed, in epoch milliseconds. */
  readonly removedAt: number;
  /**
   * Why: the person consented, subscribed again at a provider, an operator removed the bounces of an incident, or a delivery between
   * the bounces was reported late. After such a delivery, the bounces behind it go on counting.
   */
  readonly ground: 'double_opt_in' | 'resubscribe' | 'incident' | 'delivery';
  /** When the consent, the new subscription, the operator's decision or the delivery happened, in epoch milliseconds. */
  readonly groundAt: number;
  /** What proves the ground, such as the id of a log entry or the name of the provider. Contains no e-mail addresses. */
  readonly evidence: string;
  /** Recorded in the same transaction, with the number of removed entries, if there are any. */
  readonly audit?: NewAuditEntry | undefined;
}

/**
 * The storage of the suppression list of one workspace. In every method, `at` is the current time in epoch milliseconds.
 */
export interface SuppressionRepository {
  /**
   * Returns one array for each item of `asked`, in order: the entries of the key `keyId` that match the item by either hash and
   * have not expired. May return the arrays without a promise, as node:sqlite does for a single item.
   */
  find(
    keyId: string,
    asked: readonly AddressHashes[],
    at: number,
  ): (readonly SuppressionEntry[])[] | Promise<(readonly SuppressionEntry[])[]>;
  /**
   * Adds all entries in one transaction, in order, and merges each with an existing entry of the same address and scope (see
   * `SuppressionList.add`). Deletes expired entries first.
   */
  add(
    entries: readonly (SuppressionEntry & Pick<NewSuppression, 'contact'>)[],
    at: number,
  ): Promise<AddCounts>;
  /**
   * Removes the given entries, except those whose reason or date changed since they were read. Records each removal and
   * returns the number of removed entries.
   */
  lift(entries: readonly SuppressionEntry[], record: LiftRecord): Promise<number>;
  /** Returns at most `limit` bounce entries that an incident caused and that have not expired. */
  findIncident(keyId: string, incident: Incident, limit: number, at: number): Promise<SuppressionEntry[]>;
  countIncident(keyId: string, incident: Incident, at: number): Promise<number>;
  /** Returns the entries that follow `after`, or the first ones if it is null, sorted by key id, address hash and scope. */
  page(
    after: Pick<SuppressionEntry, 'keyId' | 'addressHash' | 'scope'> | null,
    limit: number,
    at: number,
  ): Promise<SuppressionEntry[]>;
  count(at: number): Promise<number>;
  otherKeyIds(keyId: string): Promise<string[]>;
}
