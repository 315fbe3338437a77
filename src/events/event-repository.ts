// The port for delivery events in storage.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import type { ScoreChanges } from '../reports/gate/score.ts';
import type { SuppressionScope } from '../suppression/scope.ts';
import type { DeliveryEventKind, EventProof } from './delivery-event.ts';
import type { DomainSigns } from './domain-signs.ts';
import type { EngagementSign } from './engagement.ts';
import type { NewHookCounts } from './hook-counts.ts';

/**
 * A delivery event as it is stored. It contains hashes in place of the address (`addressHash`) and of the message id
 * (`message`).
 */
export interface StoredEvent {
  readonly id: string;
  /** When the event happened (`at`) and when it was reported (`receivedAt`), in epoch milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  /** Who reported it: the slug of a provider, or `report` for POST /v1/bounces. */
  readonly reportedBy: string;
  readonly kind: DeliveryEventKind;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly status: string | null;
  readonly echo: boolean;
  readonly keyId: string;
  /** The keyed hash of the recipient's address. Null if the recipient is unknown. */
  readonly addressHash: string | null;
  /** The recipient's mailbox provider, such as `gmail`, by the name or the MX records of the domain; null if unknown. */
  readonly mailboxProvider: string | null;
  readonly message: string | null;
  readonly campaign: string | null;
  readonly source: string | null;
  /** The mailing list, group or message stream that the event names; null if it names none. */
  readonly list: string | null;
  readonly proof: EventProof;
  /** Of a bounce: the `mailHostDomain` of the recipient's domain; null if it is unknown. */
  readonly mailHost: string | null;
  /** The mail gateway in front of the mailbox, such as `mimecast`; null if there is none or if it is unknown. */
  readonly gateway: string | null;
}

export type SoftBounce = Pick<StoredEvent, 'kind' | 'class' | 'reason' | 'status' | 'message' | 'at'> & {
  readonly addressHash: string;
};

/** What ends the count of soft bounces of an address. Times are in epoch milliseconds, null if it never happened. */
export interface SoftBounceEnds {
  readonly addressHash: string;
  readonly deliveredAt: number | null;
  /** The last removal from the suppression list that `softBounces` heeds. */
  readonly liftedAt: number | null;
}

/** Whether mail to an address was delivered or bounced. The earlier prediction about the address is compared with this. */
export interface DeliveryOutcome {
  readonly addressHash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly bounced: boolean;
  readonly weight: number;
  /** The slug of the provider that reported it. */
  readonly reportedBy: string;
}

export interface EventOutcomes {
  /** At most one for each address. */
  readonly outcomes: readonly DeliveryOutcome[];
  /** For each provider that reported deliveries in these events: when its latest delivery happened, in epoch milliseconds. */
  readonly deliveries: ReadonlyMap<string, number>;
}

export interface RemovalTime {
  readonly addressHash: string;
  /** The scope of the removed entries. Null if the person gave new consent, which removes the entries of every scope. */
  readonly scope: SuppressionScope | null;
  /** Epoch milliseconds of the removal, or of the resubscription that caused it. */
  readonly at: number;
}

/** What proven events show about mail to one address. */
export interface MailOnRecord {
  readonly addressHash: string;
  /** Epoch milliseconds at which mail to the address was last sent, delivered or deferred; null if never. */
  readonly mailedAt: number | null;
  /** Whether an event about the address has one of the message ids that the caller asked for. */
  readonly isMessageKnown: boolean;
}

/** Selects the bounces of a campaign. */
export interface BounceSelection {
  /** Events at or after `from` and before `to`, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly campaign?: string | undefined;
  /** Where the addresses were acquired. */
  readonly source?: string | undefined;
}

export interface RecordedBounceCounts {
  /** Number of distinct addresses that hard-bounced. */
  readonly hard: number;
  /** Number of soft bounces, policy bounces, complaints and unsubscribes. */
  readonly notHard: number;
  /** Number of hard bounces that name no address, or whose address was hashed with another key. */
  readonly unreadable: number;
  /** Whether any of these events, or a sent or delivered message of the selection, is recorded. */
  readonly isKnown: boolean;
}

export interface EventRepository {
  /**
   * Returns those of `ids` under which an event is stored, each with the proof of that event. Events in files (see `ColdEvents`)
   * are found only if their ids are also in `oldIds`, because that lookup is slower. Their proof is `proven`.
   */
  knownIds(ids: readonly string[], oldIds?: readonly string[]): Promise<Map<string, EventProof>>;
  /**
   * Returns what is recorded about mail to each address that has proven events. `messages` are the message ids to look for, as
   * digests like `StoredEvent.message`.
   */
  mailOnRecord(
    keyId: string,
    addressHashes: readonly string[],
    messages: readonly string[],
  ): Promise<MailOnRecord[]>;
  /**
   * Returns the soft bounces of each address, oldest first. Leaves out unproven events, deferrals and echoes, and bounces that
   * are older than its last removal from the suppression list, if an entry with the scope `all` was removed or the person gave
   * new consent. With the count `row` (the default), also leaves out bounces that are older than the last delivery to the address.
   */
  softBounces(
    keyId: string,
    addressHashes: readonly string[],
    count?: 'row' | 'total',
  ): Promise<SoftBounce[]>;
  /** Returns what ends the count of soft bounces of each address. Leaves out unproven events. */
  softBounceEnds(keyId: string, addressHashes: readonly string[]): Promise<SoftBounceEnds[]>;
  /** Returns when each address was last removed from the suppression list: one element for each address and scope. */
  removalTimes(keyId: string, addressHashes: readonly string[]): Promise<readonly RemovalTime[]>;
  /** Counts the bounces of a selection. Leaves out unproven events, deferrals and echoes. */
  countBounces(keyId: string, selection: BounceSelection): Promise<RecordedBounceCounts>;
  /** Returns those of `addressHashes` that hard-bounced in a selection. Leaves out the same events as `countBounces`. */
  hardBouncedAmong(
    keyId: string,
    selection: BounceSelection,
    addressHashes: readonly string[],
  ): Promise<string[]>;
  /**
   * Stores events and their outcomes in one transaction. An event whose id is stored already changes nothing, unless the
   * stored event is unproven and this one has proof. Adds `received` to the counts of the hooks, and `signs` to the engagement of
   * their addresses, in the same transaction, changes the `scores` of the gate, and keeps what the events show about `domains`.
   */
  store(
    events: readonly StoredEvent[],
    keyId: string,
    outcomes: EventOutcomes,
    received?: NewHookCounts,
    signs?: readonly EngagementSign[],
    scores?: ScoreChanges,
    domains?: DomainSigns,
  ): Promise<void>;
  /**
   * Deletes at most `limit` events that happened before `before` (epoch milliseconds), the oldest first, so one call does not
   * hold up other work for long. Returns the number of deleted events; if it is `limit`, there may be more.
   */
  deleteBefore(before: number, limit: number): Promise<number>;
  /** Deletes the counts of some hours and days that ended before `before`, the oldest first. Call it again for the rest. */
  deleteCountsBefore(before: number): Promise<void>;
}
