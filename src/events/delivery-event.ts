// What an email service provider tells about one message at one recipient, in one vocabulary for all of them.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';

export type DeliveryEventKind =
  | 'queued'
  | 'sent'
  | 'delivered'
  | 'deferred'
  | 'bounce'
  | 'rejected'
  | 'failed'
  | 'complaint'
  | 'unsubscribed'
  | 'subscribed'
  | 'autoreply'
  | 'opened'
  | 'clicked'
  | 'unknown';

export interface DeliveryEvent {
  /** The same whenever the provider sends this event again, and unlike every other: a digest that names nobody. */
  readonly id: string;
  /** The slug of the provider, such as amazon_ses. */
  readonly provider: string;
  /** The provider's own word for the event, fit for a log: short, plain and without an address. */
  readonly label: string;
  readonly kind: DeliveryEventKind;
  /** As the provider wrote it; null where it does not say which of several recipients is meant. */
  readonly recipient: string | null;
  /** When it happened, epoch milliseconds; null where the provider does not say. */
  readonly at: number | null;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** Enhanced status code (RFC 3463), such as 5.1.1. */
  readonly status: string | null;
  /** SMTP reply code (RFC 5321), such as 550. */
  readonly replyCode: number | null;
  /** The receiving server's words, or the provider's own. May hold the address: not for a log. */
  readonly diagnostic: string | null;
  readonly messageId: string | null;
  /** The list, group, stream or tag that an unsubscribe or a resubscribe is about; absent or null: all marketing. */
  readonly list?: string | null;
  /** The campaign, category or first tag that the sender gave the message. */
  readonly campaign: string | null;
  /** Where the address was acquired, from the sender's own metadata field `source`. */
  readonly source: string | null;
  /** The provider's own list stopped the message: nobody tried to deliver it, so it tells nothing new. */
  readonly echo: boolean;
}
