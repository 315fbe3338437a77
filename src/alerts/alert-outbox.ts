// The port of the outbox, which holds the alerts until every receiver has them.

import type { Alert } from './alert.ts';

/** Alerts that are sent together, to one receiver. Its id and alerts are the same at every attempt. */
export interface AlertMessage {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly alerts: readonly Alert[];
}

export interface AlertDelivery extends AlertMessage {
  /** The id of the receiver. */
  readonly target: string;
  /** The number of attempts so far, including the one that `claim` begins. */
  readonly attempts: number;
}

export interface AlertPacking {
  /** The id of the new message. */
  readonly id: string;
  /** The ids of the receivers. */
  readonly targets: readonly string[];
  readonly now: number;
  /** A message is created only if one of its alerts was kept at or before this time (epoch milliseconds). */
  readonly keptBefore: number;
  /** Whether only critical alerts are sent at present. */
  readonly onlyCritical: boolean;
  readonly limit: number;
}

export type AlertDeliveryState = 'pending' | 'delivered' | 'failed';

export interface AlertTargetState {
  readonly target: string;
  readonly delivered: number;
  readonly pending: number;
  readonly failed: number;
  readonly lastDeliveredAt: number | null;
  /** The last failed attempt of a message that was not delivered later; null if there is none. */
  readonly lastFailure: { readonly at: number; readonly cause: string } | null;
}

export interface KeptAlert extends Alert {
  readonly id: number;
  /** Null while the alert waits for its message: it is grouped, or held back in quiet hours. */
  readonly message: string | null;
}

export interface AlertOutbox {
  /** Stores the alerts whose keys are new. Marks those that it has already as still reported. */
  keep(alerts: readonly Alert[], now: number): Promise<void>;
  /** Puts waiting alerts into a message, the oldest first. Resolves to false if none is due. */
  pack(packing: AlertPacking): Promise<boolean>;
  /**
   * Claims the delivery to one of `targets` that has been due longest: no other worker makes this delivery before `leaseUntil`.
   * Null if none is due. With `onlyCritical`, only messages with a critical alert are due.
   */
  claim(
    targets: readonly string[],
    now: number,
    leaseUntil: number,
    onlyCritical: boolean,
  ): Promise<AlertDelivery | null>;
  /** Stores that a delivery succeeded (`cause` is null), or that it is given up. */
  settle(delivery: Pick<AlertDelivery, 'id' | 'target'>, cause: string | null, now: number): Promise<void>;
  /** Sets the time at which a delivery is due again. */
  postpone(delivery: Pick<AlertDelivery, 'id' | 'target'>, cause: string, nextAt: number): Promise<void>;
  /** Returns the state of each receiver that has a delivery. */
  states(): Promise<readonly AlertTargetState[]>;
  /** Number of alerts that wait for their message. */
  waiting(): Promise<number>;
  /** Returns the latest alerts, the last one first. */
  latest(limit: number): Promise<readonly KeptAlert[]>;
  /** Deletes alerts that were last reported before `before`, and deliveries that were created before. */
  deleteBefore(before: number): Promise<void>;
}
