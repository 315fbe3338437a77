// Turns a report into a delivery event: weighs the vendor's label against the server's reply.

import { classifyReply } from '../bounce/classify.ts';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import type { Report } from './esp-adapter.ts';

/**
 * The delivery event of a report. For a bounce or a deferral the server's reply decides if it is specific, because
 * vendors label policy blocks "transient" and missing domains "soft". While the vendor keeps trying, nothing is hard.
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

/** Labels are logged, and a vendor may put anything into a field. */
const plainLabel = (label: string) => (/^[\w ./:-]{1,64}$/.test(label.trim()) ? label.trim() : 'other');
