// What an email service provider reports about one message to one recipient, in the same terms for all providers.

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
  /** The sender put the address on the provider's suppression list by hand. */
  | 'suppressed'
  /** The sender removed the address from that list by hand. */
  | 'unsuppressed'
  | 'autoreply'
  | 'opened'
  | 'clicked'
  /** The person answered the message. An automatic reply is `autoreply`. */
  | 'replied'
  | 'unknown';

/**
 * How certain it is that an event is genuine. `proven`: it came in a signed webhook, in an authenticated request, or in a
 * returned message with proof. `assumed`: it came in a returned message that is trusted without proof (see `BounceTrust`).
 * `unproven`: it may be forged, so it is stored but does not suppress its recipient.
 */
export type EventProof = 'proven' | 'assumed' | 'unproven';

export interface DeliveryEvent {
  /** A digest that identifies the event: the same when the provider sends it again. Contains no address. */
  readonly id: string;
  /** The slug of the provider, such as `amazon_ses`; `report` for an event that came in through POST /v1/bounces. */
  readonly provider: string;
  /** The provider's own term for the event, safe to log: short, plain and without an address. */
  readonly label: string;
  readonly kind: DeliveryEventKind;
  /** The recipient's address as the provider wrote it. Null if it does not say which one of several recipients it means. */
  readonly recipient: string | null;
  /** When it happened, epoch milliseconds; null if the provider does not say. */
  readonly at: number | null;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** Enhanced status code (RFC 3463), such as 5.1.1. */
  readonly status: string | null;
  /** SMTP reply code (RFC 5321), such as 550. */
  readonly replyCode: number | null;
  /** The receiving server's reply, or the provider's text. May contain the address: do not log. */
  readonly diagnostic: string | null;
  readonly messageId: string | null;
  /**
   * The list, group, stream or tag that an unsubscribe, a resubscribe or a manual entry is about. Absent or null: all marketing,
   * and for a manual entry the mail in `manualScope`.
   */
  readonly list?: string | null;
  /** The mail that a manual entry without a list stops; `all` if absent. */
  readonly manualScope?: 'all' | 'marketing';
  /** The campaign, category or first tag that the sender gave the message. */
  readonly campaign: string | null;
  /** Where the address was acquired, from the sender's metadata field `source`. */
  readonly source: string | null;
  /**
   * Whether the provider's own suppression list stopped the message. The provider did not attempt delivery, so the event says
   * nothing new about the address.
   */
  readonly echo: boolean;
  /** The provider's id of the contact, if the event has one. */
  readonly contact?: string;
  /**
   * Whether a person opened, clicked or replied, so the event shows that the person reads mail. False or absent for other events,
   * for machines that open everything, and if it is uncertain (see `isByPerson`).
   */
  readonly byPerson?: boolean;
  /** How certain it is that the event is genuine; `proven` if absent. */
  readonly proof?: EventProof;
}

export const proofOf = ({ proof }: Pick<DeliveryEvent, 'proof'>): EventProof => proof ?? 'proven';
