// A delivery event as the suppression rules see it.

import { decide, type RecipientEvent } from '../suppression/rules.ts';
import type { DeliveryEvent } from './delivery-event.ts';

/** What the rules are asked about, or null where the event does not concern them. */
export function recipientEvent(
  event: DeliveryEvent,
  at: number,
  message: string | null,
): RecipientEvent | null {
  if (event.echo || event.kind === 'deferred') return null;
  if (event.kind === 'delivered') return { kind: 'delivered', at };
  if (event.kind === 'unsubscribed') return { kind: 'unsubscribe', at, list: event.list ?? null };
  if (event.class === 'none') return null;
  return {
    kind: 'bounce',
    class: event.class,
    reason: event.reason,
    status: event.status,
    messageId: message,
    at,
  };
}

/**
 * True when this one event puts its recipient on the suppression list at once: a hard bounce, a complaint, or the wish to
 * be left alone. An echo and an event without a certain recipient never do.
 */
export function suppressesAtOnce(event: DeliveryEvent): boolean {
  const happened = event.recipient === null ? null : recipientEvent(event, event.at ?? 0, event.messageId);
  return happened !== null && decide(null, happened).kind === 'suppress';
}
