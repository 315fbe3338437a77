// A delivery event with what is derived from it when it is recorded.

import type { DeliveryEvent } from './delivery-event.ts';

/**
 * An event with values that are derived from it: its time `at` (epoch milliseconds, never in the future), the recipient's
 * canonical `address` and its keyed hash (null if the recipient is unknown), and `message`, the digest of the message id.
 */
export interface IdentifiedEvent {
  readonly event: DeliveryEvent;
  readonly at: number;
  readonly address: string | null;
  readonly addressHash: string | null;
  readonly message: string | null;
}
