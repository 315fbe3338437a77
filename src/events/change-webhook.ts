// Reports changes of the suppression list by signed webhooks of the types `suppression.added` and `suppression.lifted`. They
// contain hashes instead of addresses.

import type { SuppressionReason, SuppressionScope } from '../suppression/scope.ts';
import { type DeliveryPorts, deliverDue, deliverWebhook } from '../webhooks/delivery.ts';

export interface SuppressionChange {
  readonly kind: 'added' | 'lifted';
  readonly keyId: string;
  readonly addressHash: string;
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** Enhanced status code (RFC 3463). */
  readonly status: string | null;
  readonly source: string | null;
  /** Epoch milliseconds. For `added`, the time from which the entry applies; for `lifted`, the time when it was removed. */
  readonly at: number;
  /** The id of the contact at the vendor `source`, if the event that caused the change had one. */
  readonly contact: string | null;
}

/**
 * A webhook message with changes of one kind. Its id and its changes are the same at every attempt, except that changes of
 * addresses that were erased in the meantime are left out.
 */
export interface ChangeMessage {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The number of attempts to send the message so far, including the one that `claim` begins. */
  readonly attempts: number;
  readonly changes: readonly SuppressionChange[];
}

/**
 * The port of the outbox, which holds the changes that are still to be reported. Storage adds a change to it in the same
 * transaction that changes the suppression list.
 */
export interface SuppressionOutbox {
  /** Turns the outbox on or off. While it is off, storage adds no changes to it. */
  keep(isWanted: boolean): Promise<void>;
  /**
   * Creates the message `id` from up to `limit` changes of one kind that are in no message yet. Resolves to false if there are
   * none.
   */
  pack(id: string, limit: number, now: number): Promise<boolean>;
  /** Takes the message that has been due longest, so no other worker sends it before `leaseUntil`. Null if none is due. */
  claim(now: number, leaseUntil: number): Promise<ChangeMessage | null>;
  /** Deletes a message and its changes, after it was delivered or given up. */
  settle(id: string): Promise<void>;
  /** Number of changes that no receiver has accepted yet. */
  waiting(): Promise<number>;
  /** Sets the time at which a message is due again. */
  postpone(id: string, nextAt: number): Promise<void>;
}

export interface ChangeWebhookPorts extends DeliveryPorts {
  readonly outbox: SuppressionOutbox;
  readonly url: string;
  /** A new unique id for a message. */
  readonly newId: () => string;
  /**
   * Milliseconds to wait after the first failed attempt, after the second, and so on. With n waits there are n + 1 attempts. If
   * the last one fails too, or if the receiver answers 410 Gone, the message is given up.
   */
  readonly retryWaitsMs: readonly number[];
  readonly onGivenUp: (message: {
    readonly id: string;
    readonly changes: number;
    readonly cause: string;
  }) => void;
}

/** Maximum number of changes in one message. */
const changesAtOnce = 500;

/** Sends one message that is due. Resolves to false if none is due. Rejects only if storage fails. */
export async function deliverChanges(ports: ChangeWebhookPorts): Promise<boolean> {
  const { outbox, url, newId, now, retryWaitsMs, onGivenUp } = ports;
  await outbox.pack(newId(), changesAtOnce, now());
  return deliverDue<ChangeMessage>({
    ...{ now, retryWaitsMs },
    claim: outbox.claim,
    send: async (message) =>
      // If no changes are left, because all addresses were erased, nothing is to be sent.
      message.changes.length === 0
        ? { kind: 'delivered' }
        : deliverWebhook({ url, id: message.id, body: JSON.stringify(bodyOf(message)) }, ports),
    postpone: ({ id }, nextAt) => outbox.postpone(id, nextAt),
    settle: ({ id }) => outbox.settle(id),
    onGivenUp: ({ id, changes }, cause) => onGivenUp({ id, changes: changes.length, cause }),
  });
}

const bodyOf = ({ createdAt, changes }: ChangeMessage) => ({
  type: `suppression.${changes[0]!.kind}`,
  timestamp: new Date(createdAt).toISOString(),
  data: {
    entries: changes.map(({ keyId, addressHash, scope, reason, status, source, at, contact }) => ({
      address_hash: addressHash,
      key_id: keyId,
      scope,
      reason,
      status,
      source,
      at: new Date(at).toISOString(),
      ...(contact !== null && { contact_id: contact }),
    })),
  },
});
