// Converts delivery events to the input of the suppression rules (`RecipientEvent`).

import { decideSuppression, manualEntryScope, type RecipientEvent } from '../suppression/rules.ts';
import type { DeliveryEvent } from './delivery-event.ts';

/**
 * Returns the input of the suppression rules for an event; null if they do not apply to it, such as to a deferral. `at` is in
 * epoch milliseconds. `message` identifies the message, so several bounces of one message count once.
 */
export function recipientEvent(
  event: DeliveryEvent,
  at: number,
  message: string | null,
): RecipientEvent | null {
  if (event.echo || event.kind === 'deferred') return null;
  if (event.kind === 'delivered') return { kind: 'delivered', at };
  if (event.kind === 'unsubscribed') return { kind: 'unsubscribe', at, list: event.list ?? null };
  if (event.kind === 'suppressed')
    return { kind: 'manual', at, scope: manualEntryScope(event.list ?? null, event.manualScope) };
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
 * Whether this event alone suppresses its recipient, as a hard bounce, a complaint, an unsubscribe or a manual entry does.
 * Applies the default rules. False for an event whose recipient is unknown, and for an echo (the provider's own suppression list
 * stopped the message).
 */
export function suppressesAtOnce(event: DeliveryEvent): boolean {
  const happened = event.recipient === null ? null : recipientEvent(event, event.at ?? 0, event.messageId);
  return happened !== null && decideSuppression(null, happened).kind === 'suppress';
}
