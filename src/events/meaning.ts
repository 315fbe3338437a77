// What an event of a vendor means for the recipient. Each adapter has tables that map its vendor's terms to these meanings.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import type { DeliveryEventKind } from './delivery-event.ts';

export interface Meaning {
  readonly kind: DeliveryEventKind;
  /** The bounce class that the vendor's term implies. The receiving server's reply may overrule it (see `deliveryEventsOf`). */
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly echo: boolean;
  /** See `DeliveryEvent.manualScope`. */
  readonly manualScope?: 'marketing';
}

const none = (kind: DeliveryEventKind, reason: BounceReason = 'unknown'): Meaning => ({
  kind,
  class: 'none',
  reason,
  echo: false,
});

const bounce = (bounceClass: BounceClass, reason: BounceReason): Meaning => ({
  kind: 'bounce',
  class: bounceClass,
  reason,
  echo: false,
});

export const queued = none('queued');
export const sent = none('sent');
export const delivered = none('delivered', 'delivered');
export const opened = none('opened', 'delivered');
export const clicked = none('clicked', 'delivered');
export const replied = none('replied', 'delivered');
export const subscribed = none('subscribed');
export const unsubscribed = none('unsubscribed');
/** The sender put the address on the provider's suppression list by hand, or removed it. */
export const suppressedByHand = none('suppressed');
export const unsuppressedByHand = none('unsuppressed');
/**
 * The message never left the provider, through a fault of the sender or of the provider (such as a template error). This says
 * nothing about the recipient.
 */
export const failed = none('failed', 'system_error');
export const unknown = none('unknown');
export const complaint: Meaning = { kind: 'complaint', class: 'complaint', reason: 'feedback', echo: false };
export const autoreply: Meaning = {
  kind: 'autoreply',
  class: 'autoreply',
  reason: 'auto_response',
  echo: false,
};
/** The provider's own suppression list stopped the message. */
export const echo: Meaning = {
  kind: 'rejected',
  class: 'none',
  reason: 'suppressed_by_provider',
  echo: true,
};

export const hard = (reason: BounceReason) => bounce('hard', reason);
export const soft = (reason: BounceReason) => bounce('soft', reason);
export const policy = (reason: BounceReason) => bounce('policy', reason);
/** The message is not delivered yet, and the provider will try again. */
export const deferred = (reason: BounceReason): Meaning => ({
  kind: 'deferred',
  class: 'soft',
  reason,
  echo: false,
});
/** The provider refused to send the message because of its sender or its content. */
export const refused = (reason: BounceReason): Meaning => ({
  kind: 'rejected',
  class: 'policy',
  reason,
  echo: false,
});
/** The provider refused to send the message because its recipient is not a valid address. */
export const impossible: Meaning = {
  kind: 'rejected',
  class: 'hard',
  reason: 'address_syntax',
  echo: false,
};

/**
 * The provider put the address on its own suppression list because of a hard bounce or a complaint. The provider also reports
 * the bounce or complaint itself. The kind is therefore `rejected`, so the two events do not count as two bounces.
 */
export const listed = (cause: 'hard' | 'complaint'): Meaning => ({
  kind: 'rejected',
  class: cause,
  reason: cause === 'hard' ? 'suppressed_by_provider' : 'feedback',
  echo: false,
});

/** Types of feedback reports that are not about a complaint (RFC 5965 section 7.3, RFC 6591), in lower case. */
export const otherFeedback: Readonly<Record<string, Meaning>> = {
  'not-spam': unknown,
  'auth-failure': unknown,
};

/** Returns the meaning of the vendor's term `word`, or `fallback` if the term is null or not in the map. */
export function meaningOf(
  map: Readonly<Record<string, Meaning>>,
  word: string | null,
  fallback: Meaning = unknown,
): Meaning {
  return word !== null && Object.hasOwn(map, word) ? map[word]! : fallback;
}
