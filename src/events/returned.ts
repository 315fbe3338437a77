// Creates delivery events from what the operator hands in: a bounce or complaint message, an SMTP reply, or the Message-ID of a
// sent message.

import type { Classification } from '../bounce/bounce.ts';
import type { BounceReport, ReportedRecipient } from '../bounce/report.ts';
import { dayMs } from '../durations.ts';
import { sha256, sha256Hex, toHex } from '../webhooks/crypto.ts';
import type { DeliveryEvent, DeliveryEventKind } from './delivery-event.ts';

/** What the sender says about the message that bounced. The bounce-rate reports group bounces by it. */
export interface Mailing {
  readonly campaign: string | null;
  /** Where the address was acquired. */
  readonly source: string | null;
}

/** The `provider` of all events that this module creates. */
export const ownReports = 'report';

/**
 * Returns one event for each recipient in a report. The ids depend only on the report, so a report that comes twice gives the
 * same ids. `now` is epoch milliseconds.
 */
export async function eventsOfReport(
  raw: Uint8Array<ArrayBuffer>,
  report: BounceReport,
  mailing: Mailing,
  now: number,
): Promise<DeliveryEvent[]> {
  const digest = toHex(await sha256(raw));
  return report.recipients.map((recipient, index) => ({
    ...eventOf(isOptOut(report) ? { ...recipient, ...notABounce } : recipient, mailing, now),
    id: eventId(digest, index),
    label: report.kind,
    kind: kindOf(report, recipient),
    recipient: recipient.originalAddress ?? recipient.address,
    diagnostic: recipient.diagnostic,
    messageId: report.originalMessageId,
  }));
}

export interface ReportedReply extends Mailing {
  readonly email: string;
  readonly reply: string;
  /**
   * The caller's id for this bounce. If null, equal replies about one address and one message on one UTC day count as one
   * bounce.
   */
  readonly id: string | null;
  readonly messageId: string | null;
}

/** Returns the event for one SMTP reply that the caller's own mail server received. */
export function eventOfReply(
  reported: ReportedReply,
  classification: Classification,
  now: number,
): DeliveryEvent {
  const { email, reply, id, messageId } = reported;
  const key = id === null ? [email, reply, messageId, Math.floor(now / dayMs)] : [email, id];
  return {
    ...eventOf(classification, reported, now),
    id: eventId(...key),
    label: 'reply',
    kind: classification.reason === 'delivered' ? 'delivered' : 'bounce',
    recipient: email,
    diagnostic: reply,
    messageId,
  };
}

/**
 * Returns an event that records a message sent by the operator. A later bounce of this recipient with this Message-ID is then
 * trusted (see `BounceTrust`). The kind is `queued`, which the bounce-rate reports do not count.
 */
export const eventOfSent = (
  { email, messageId }: { readonly email: string; readonly messageId: string },
  now: number,
): DeliveryEvent => ({
  ...eventOf({ ...notABounce, status: null, replyCode: null }, { campaign: null, source: null }, now),
  id: eventId('sent', email, messageId),
  label: 'message_id',
  kind: 'queued',
  recipient: email,
  diagnostic: null,
  messageId,
});

const eventOf = (
  {
    class: bounceClass,
    reason,
    status,
    replyCode,
  }: Pick<Classification, 'class' | 'reason' | 'status' | 'replyCode'>,
  { campaign, source }: Mailing,
  at: number,
) => ({
  provider: ownReports,
  at,
  class: bounceClass,
  reason,
  status,
  replyCode,
  campaign,
  source,
  echo: false,
});

/** Whether a feedback report says that the person used the mailbox provider's unsubscribe button, which is not a complaint. */
const isOptOut = ({ kind, feedbackType }: BounceReport): boolean =>
  kind === 'arf' && (feedbackType === 'opt-out' || feedbackType === 'opt-out-list');

const notABounce = { class: 'none', reason: 'unknown' } as const;

function kindOf(report: BounceReport, { class: bounceClass, outcome }: ReportedRecipient): DeliveryEventKind {
  if (isOptOut(report)) return 'unsubscribed';
  if (bounceClass === 'complaint') return 'complaint';
  if (bounceClass === 'autoreply') return 'autoreply';
  if (report.kind === 'arf') return 'unknown';
  switch (outcome) {
    case 'failed':
      return 'bounce';
    case 'delayed':
      return 'deferred';
    case 'delivered':
      return 'delivered';
    default:
      return 'sent';
  }
}

/** The id is a digest, because the key may contain an address. */
const eventId = (...key: readonly (string | number | null)[]): string =>
  sha256Hex(JSON.stringify([ownReports, ...key])).slice(0, 32);
