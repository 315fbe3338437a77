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
  /** The recipient's mailbox provider, such as `gmail`. Null: none that is well known. */
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

/** What proven events say about mail to one address. */
export interface MailOnRecord {
  readonly addressHash: string;
  /** When mail to the address was last sent, delivered or deferred, epoch milliseconds; null: never. */
  readonly mailedAt: number | null;
  /** Whether an event about the address has one of the messages in question. */
  readonly isMessageKnown: boolean;
}

export interface EventRepository {
  /** The proof of each of the ids that is stored. */
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
   * The soft bounces of each address since its last delivery and since it was last removed from the suppression list
   * for all mail or by fresh consent, oldest first. Leaves out unproven events.
   */
  softBounces(keyId: string, addressHashes: readonly string[]): Promise<SoftBounce[]>;
  /** When each address was last removed from the suppression list, one element for each scope. */
  removalTimes(keyId: string, addressHashes: readonly string[]): Promise<readonly RemovalTime[]>;
  /**
   * Stores events and what they say about verdicts in one transaction. An event with a known id changes nothing, except
   * that it may bring the proof that an unproven event lacked.
   */
  store(events: readonly StoredEvent[], keyId: string, outcomes: EventOutcomes): Promise<void>;
  /** Deletes the oldest events that happened before `before`, as many as one transaction should take. */
  deleteBefore(before: number): Promise<void>;
}
