// A report becomes a delivery event: the vendor's label against the words of the receiving server.

import { classifyReply } from '../bounce/classify.ts';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import type { Report } from './esp-adapter.ts';

/**
 * The event that a report tells of. For a bounce or a deferral the server's words decide, where they say anything:
 * vendors file policy blocks under "transient" and missing domains under "soft". While the vendor keeps trying,
 * nothing is hard yet.
 */
export function settle(provider: string, id: string, report: Report): DeliveryEvent {
  const { meaning, reply: words } = report;
  const event = {
    id,
    provider,
    label: plainLabel(report.label),
    kind: meaning.kind,
    recipient: report.recipient,
    at: report.at,
    class: meaning.class,
    reason: meaning.reason,
    status: null,
    replyCode: null,
    diagnostic: words ?? report.note,
    messageId: report.messageId,
    campaign: report.campaign,
    source: report.source,
    echo: meaning.echo,
  };
  const isFailure = meaning.kind === 'bounce' || meaning.kind === 'deferred';
  if (!isFailure || words === null) return event;

  const reply = classifyReply(words);
  const codes = { status: reply.status, replyCode: reply.replyCode };
  const speaks =
    reply.reason !== 'unknown' &&
    (reply.class === 'hard' || reply.class === 'soft' || reply.class === 'policy');
  if (!speaks) return { ...event, ...codes };
  const isPremature = meaning.kind === 'deferred' && reply.class === 'hard';
  return { ...event, ...codes, reason: reply.reason, class: isPremature ? 'soft' : reply.class };
}

/** A label goes into logs, and a vendor may put anything into a field. */
const plainLabel = (label: string) => (/^[\w ./:-]{1,64}$/.test(label.trim()) ? label.trim() : 'other');
