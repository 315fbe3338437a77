// The port for delivery events in storage.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import type { SuppressionScope } from '../suppression/scope.ts';
import type { DeliveryEventKind, EventProof } from './delivery-event.ts';

/** A stored delivery event. Addresses and message ids are hashes. */
export interface StoredEvent {
  readonly id: string;
  /** Epoch milliseconds: when it happened, and when it was reported. */
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
  /** Null if the recipient is unknown. */
  readonly addressHash: string | null;
  /** The recipient's mailbox provider, such as `gmail`; null if it is not well known. */
  readonly mailboxProvider: string | null;
  readonly message: string | null;
  readonly campaign: string | null;
  readonly source: string | null;
  readonly proof: EventProof;
}

export type SoftBounce = Pick<StoredEvent, 'kind' | 'class' | 'reason' | 'status' | 'message' | 'at'> & {
  readonly addressHash: string;
};

/** The outcome of mail to an address, which resolves its prediction. */
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
  /** When each provider last reported a delivery, epoch milliseconds. */
  readonly deliveries: ReadonlyMap<string, number>;
}

export interface RemovalTime {
  readonly addressHash: string;
  /** Null: every scope, since the person consented afresh. */
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

export interface EventRepository {
  /** The proof of each event that is stored under one of the ids. */
  knownIds(ids: readonly string[]): Promise<Map<string, EventProof>>;
  /**
   * The recorded facts about each address that has proven events. `messages` are digests, as in
   * `StoredEvent.message`.
   */
  mailOnRecord(
    keyId: string,
    addressHashes: readonly string[],
    messages: readonly string[],
  ): Promise<MailOnRecord[]>;
  /**
   * The proven soft bounces of each address, oldest first. Leaves out those before its last delivery, and those before it was
   * last removed from the suppression list for all mail or by fresh consent.
   */
  softBounces(keyId: string, addressHashes: readonly string[]): Promise<SoftBounce[]>;
  /** The time of the last removal of each address from the suppression list, one element for each address and scope. */
  removalTimes(keyId: string, addressHashes: readonly string[]): Promise<readonly RemovalTime[]>;
  /**
   * Stores events and their outcomes in one transaction. An event whose id is stored already changes nothing, unless the
   * stored event is unproven and this one has proof.
   */
  store(events: readonly StoredEvent[], keyId: string, outcomes: EventOutcomes): Promise<void>;
  /** Deletes the oldest events that happened before `before`. One call deletes as many as fit into one transaction. */
  deleteBefore(before: number): Promise<void>;
}
