// A vendor's webhook event, and its conversion to a delivery event.

import { classifyReply } from '../bounce/classify.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import { isByPerson, type TrackedClient } from './by-person.ts';
import type { DeliveryEvent } from './delivery-event.ts';
import type { Meaning } from './meaning.ts';

/** One event as an adapter read it: the vendor's facts and their normalized meaning. */
export interface VendorReport {
  /** Values that together identify the event. They are the same when the vendor sends it again. Only a digest is stored. */
  readonly key: readonly (string | number | null)[];
  readonly label: string;
  readonly meaning: Meaning;
  readonly recipient: string | null;
  /** When the event happened, in epoch milliseconds; null if the vendor does not say. */
  readonly at: number | null;
  /** The reply of the receiving server, or the sending server's description of the failure. `classifyReply` classifies it. */
  readonly reply: string | null;
  /** The vendor's own explanation. It becomes the event's `diagnostic` if there is no `reply`. It is not classified. */
  readonly note: string | null;
  readonly messageId: string | null;
  /** The list, group, stream or topic that an unsubscribe, a resubscribe or a manual entry is about; null or absent: none. */
  readonly list?: string | null;
  readonly campaign: string | null;
  readonly source: string | null;
  /** The vendor's id of the contact; absent or null if the event has none. */
  readonly contact?: string | null;
  /** The client that opened the message or clicked the link; absent for other events, or if the vendor says nothing about it. */
  readonly client?: TrackedClient;
}

/**
 * Converts reports to delivery events, in order. If the vendor sends a report again, its event has the same id, in a later
 * request as well as within one request. The caller stores the ids and counts each event once.
 */
export const deliveryEventsOf = (provider: string, reports: readonly VendorReport[]): DeliveryEvent[] =>
  reports.map((report) => settle(provider, eventId(provider, report.key), report));

/**
 * Returns the id of an event: a digest of its key, because the key may contain an address. The digest has 128 bits, so nobody
 * can construct a key that gives the id of another event.
 */
const eventId = (provider: string, key: readonly unknown[]): string =>
  sha256Hex(JSON.stringify([provider, ...key])).slice(0, 32);

/**
 * Creates the delivery event from the meaning of the vendor's term and the receiving server's reply. If `classifyReply` finds a
 * definite reason in the reply to a failed delivery, that reason overrules the vendor's term, because vendors label policy
 * blocks "transient" and missing domains "soft". A failure is never hard if the vendor will try again, or if the reply is
 * transient: code 4xx (RFC 5321 section 4.2.1) or, without a code, status 4.x.x (RFC 3463).
 */
function settle(provider: string, id: string, report: VendorReport): DeliveryEvent {
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
    list: report.list ?? null,
    campaign: report.campaign,
    source: report.source,
    echo: meaning.echo,
    ...(report.contact && { contact: report.contact }),
    ...(meaning.manualScope && { manualScope: meaning.manualScope }),
    ...(isByPerson(meaning.kind, report.client) && { byPerson: true }),
  };
  const isFailure = meaning.kind === 'bounce' || meaning.kind === 'deferred';
  if ((!isFailure && meaning.class !== 'hard') || words === null) return event;

  const reply = classifyReply(words);
  // If the vendor itself refused the message and the text has no SMTP code, the text is the vendor's own and not an SMTP reply.
  if (!isFailure && reply.status === null && reply.replyCode === null) return event;
  const codes = { status: reply.status, replyCode: reply.replyCode };
  const isSpecific =
    reply.reason !== 'unknown' &&
    (reply.class === 'hard' || reply.class === 'soft' || reply.class === 'policy');
  const decided = isSpecific ? reply : meaning;
  const isTransient = reply.replyCode === null ? isTransientStatus(reply.status) : reply.replyCode < 500;
  const isPremature = decided.class === 'hard' && (meaning.kind === 'deferred' || isTransient);
  return { ...event, ...codes, reason: decided.reason, class: isPremature ? 'soft' : decided.class };
}

const isTransientStatus = (status: string | null): boolean => status?.startsWith('4') ?? false;

/** Returns the label if it is safe to log, else `other`. A vendor may put any text into this field, even an address. */
const plainLabel = (label: string) => (/^[\w ./:-]{1,64}$/.test(label.trim()) ? label.trim() : 'other');
