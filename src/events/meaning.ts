// The meanings to which each adapter maps its vendor's terms: what an event means for the recipient.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import type { DeliveryEventKind } from './delivery-event.ts';

export interface Meaning {
  readonly kind: DeliveryEventKind;
  /** The class by the vendor's own term. For a bounce or a deferral the server's reply may overrule it. */
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly echo: boolean;
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
export const subscribed = none('subscribed');
export const unsubscribed = none('unsubscribed');
/** The message was never created or sent because of the sender or the provider. */
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
/** The provider will try again. */
export const deferred = (reason: BounceReason): Meaning => ({
  kind: 'deferred',
  class: 'soft',
  reason,
  echo: false,
});
/** The provider refused to send because of the sender or the content. */
export const refused = (reason: BounceReason): Meaning => ({
  kind: 'rejected',
  class: 'policy',
  reason,
  echo: false,
});
/** The provider refused to send because the address is impossible. */
export const impossible: Meaning = {
  kind: 'rejected',
  class: 'hard',
  reason: 'address_syntax',
  echo: false,
};

/**
 * The provider put the address on its own suppression list because of a hard bounce or a complaint. That bounce or
 * complaint is an event of its own, so this one is not counted as another.
 */
export const listed = (cause: 'hard' | 'complaint'): Meaning => ({
  kind: 'rejected',
  class: cause,
  reason: cause === 'hard' ? 'suppressed_by_provider' : 'feedback',
  echo: false,
});

/** The meaning of a vendor's term; `unknown` for a term that is missing or not in the map. */
export function meaningOf(
  map: Readonly<Record<string, Meaning>>,
  word: string | null,
  fallback: Meaning = unknown,
): Meaning {
  return word !== null && Object.hasOwn(map, word) ? map[word]! : fallback;
}
