// Decides whether an event, such as a bounce or a complaint, puts an address on the suppression list. Pure.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import { dayMs } from '../durations.ts';
import { listScope, type SuppressionReason, type SuppressionScope } from './scope.ts';

/** What a provider reported about one message to one recipient. `at` is when it happened, in epoch milliseconds. */
export type RecipientEvent =
  | { readonly kind: 'delivered'; readonly at: number }
  | {
      readonly kind: 'unsubscribe';
      readonly at: number;
      /** The mailing list, group, stream or tag that the person unsubscribed from; null: all marketing mail. */
      readonly list: string | null;
    }
  | {
      /** Somebody at the sender put the address on the provider's own suppression list. */
      readonly kind: 'manual';
      readonly at: number;
      readonly scope: SuppressionScope;
    }
  | {
      readonly kind: 'bounce';
      readonly class: BounceClass;
      readonly reason: BounceReason;
      /** Enhanced status code (RFC 3463). */
      readonly status: string | null;
      readonly messageId: string | null;
      readonly at: number;
    };

/** A message that bounced softly. */
export interface CountedBounce {
  /** The id of the message. A second bounce of the same message is not counted. */
  readonly message: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly isFull: boolean;
}

/** The soft bounces of one address that count: since mail was last delivered to it, or all of them (see `SuppressionRules`). */
export interface SoftRun {
  /** Number of messages that bounced; of very many, those in `messages`. */
  readonly bounces: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The first message and the latest ones, in order of time. */
  readonly messages: readonly CountedBounce[];
  /** When mail was last delivered, in epoch milliseconds; null if that is not known. */
  readonly deliveredAt: number | null;
}

/** After how many bounces, over which time, an address is suppressed, and for how long. */
export interface SoftLimit {
  readonly bounces: number;
  /** Minimum milliseconds from the first to the last of these bounces. */
  readonly overMs: number;
  /** Milliseconds until the suppression entry expires, counted from the last bounce. */
  readonly entryMs: number;
}

export interface SuppressionRules {
  /** Which mail to an address stops after a complaint: every message, or everything but transactional mail. */
  readonly complaintScope: 'all' | 'marketing';
  readonly soft: {
    /** An address is suppressed after this many messages bounced, if `overMs` is met too. */
    readonly bounces: number;
    /** `row`: a delivery ends the count. `total`: it does not. */
    readonly count: 'row' | 'total';
    /**
     * Minimum milliseconds from the first to the last of these bounces. A server that is down for a weekend must not
     * suppress its mailboxes.
     */
    readonly overMs: number;
    /** Milliseconds until the suppression entry expires, counted from the last bounce. A full mailbox may be emptied. */
    readonly entryMs: number;
    /**
     * The bounce reasons that count. They concern the mailbox or its mail server. Reasons that concern the message or the
     * sender (size, content, rate, policy) do not count.
     */
    readonly counted: readonly BounceReason[];
    /**
     * The limit of bounces because the mailbox is full, which count here too. Always in a row, because a delivery shows that the
     * mailbox has room. Null: it has no limit of its own.
     */
    readonly full: SoftLimit | null;
  };
}

export const defaultRules: SuppressionRules = {
  complaintScope: 'all',
  soft: {
    bounces: 5,
    count: 'row',
    overMs: 7 * dayMs,
    entryMs: 90 * dayMs,
    counted: [
      'mailbox_full',
      'mailbox_disabled',
      'mailbox_unknown',
      'mailbox_moved',
      'domain_unknown',
      'null_mx',
      'address_syntax',
      'system_error',
      'network_error',
      'expired',
      'unknown',
    ],
    full: null,
  },
};

export type SuppressionDecision =
  /** Do not suppress the address. Pass `run`, its soft bounces so far, to the decision on its next event. */
  | { readonly kind: 'keep'; readonly run: SoftRun | null }
  | {
      readonly kind: 'suppress';
      readonly scope: SuppressionScope;
      readonly reason: SuppressionReason;
      readonly status: string | null;
      readonly since: number;
      /** When the entry stops applying, in epoch milliseconds; null: never. */
      readonly expiresAt: number | null;
    };

/**
 * Decides what to do after one event of an address. `run` holds the soft bounces that were counted before it; null if there
 * are none. Events may arrive out of order. `deliveredAt` is when mail was last delivered, if that is known beside the run.
 */
export function decideSuppression(
  run: SoftRun | null,
  event: RecipientEvent,
  rules: SuppressionRules = defaultRules,
  deliveredAt: number | null = null,
): SuppressionDecision {
  const keep: SuppressionDecision = { kind: 'keep', run };

  if (event.kind === 'delivered') return { kind: 'keep', run: delivered(run, event.at, rules) };
  if (event.kind === 'unsubscribe')
    return suppress(unsubscribedScope(event.list), 'unsubscribe', null, event.at);
  if (event.kind === 'manual') return suppress(event.scope, 'manual', null, event.at);

  switch (event.class) {
    case 'hard':
      return suppress('all', 'bounce', event.status, event.at);
    case 'complaint':
      return suppress(rules.complaintScope, 'complaint', null, event.at);
    case 'soft': {
      if (!rules.soft.counted.includes(event.reason)) return keep;
      const longer = lengthened(run, event, rules, deliveredAt);
      const limit = reachedLimit(longer, rules);
      if (limit === null) return { kind: 'keep', run: longer };
      return suppress('all', 'bounce', event.status, event.at, longer.lastAt + limit.entryMs);
    }
    case 'policy':
    case 'autoreply':
    case 'none':
      return keep;
  }
}

/** Returns the scope of an unsubscribe or a resubscribe: the list that it names, or `marketing` if it names no valid list. */
export const unsubscribedScope = (list: string | null): SuppressionScope =>
  (list === null ? null : listScope(list)) ?? 'marketing';

/** Returns the scope of a manual entry at a provider: the list that it names, or `scope` if it names no valid list. */
export const manualEntryScope = (list: string | null, scope: 'all' | 'marketing' = 'all'): SuppressionScope =>
  (list === null ? null : listScope(list)) ?? scope;

const suppress = (
  scope: SuppressionScope,
  reason: SuppressionReason,
  status: string | null,
  since: number,
  expiresAt: number | null = null,
): SuppressionDecision => ({ kind: 'suppress', scope, reason, status, since, expiresAt });

/** Replaces a missing message id: all bounces of one UTC day that have no message id count as one message. */
const unnamedMessage = (at: number) => `day ${Math.floor(at / dayMs)}`;

const runOf = (messages: readonly CountedBounce[], deliveredAt: number | null): SoftRun => ({
  bounces: messages.length,
  firstAt: messages[0]!.at,
  lastAt: messages.at(-1)!.at,
  messages,
  deliveredAt,
});

/**
 * The run after a delivery. In a row, it ends the count of the bounces before it, and a delivery from before the run that is reported
 * late ends nothing. In total, all bounces go on counting.
 */
function delivered(run: SoftRun | null, at: number, { soft }: SuppressionRules): SoftRun | null {
  if (run === null) return null;
  const deliveredAt = Math.max(run.deliveredAt ?? at, at);
  const messages = soft.count === 'total' ? run.messages : run.messages.filter((bounce) => bounce.at > at);
  return messages.length === 0 ? null : runOf(messages, deliveredAt);
}

/** Adds a bounce, unless its message is counted already. The earliest bounce of a message counts, whatever comes first. */
function lengthened(
  run: SoftRun | null,
  { messageId, at, reason }: RecipientEvent & { readonly kind: 'bounce' },
  { soft }: SuppressionRules,
  deliveredAt: number | null,
): SoftRun {
  const message = messageId ?? unnamedMessage(at);
  const known = run?.messages.find((bounce) => bounce.message === message);
  if (run !== null && known !== undefined && known.at <= at) return run;
  const bounce = { message, at, isFull: reason === 'mailbox_full' };
  const messages = [...(run?.messages ?? []).filter((other) => other !== known), bounce].toSorted(
    (a, b) => a.at - b.at,
  );
  // Keep only the first and the latest ones, so the list cannot grow without limit. Older messages are no longer retried by
  // their servers, so they do not bounce again.
  const most = 2 * Math.max(soft.bounces, soft.full?.bounces ?? 0);
  const kept = messages.length > most ? [messages[0]!, ...messages.slice(1 - most)] : messages;
  return runOf(kept, run?.deliveredAt ?? deliveredAt);
}

/** Returns the limit that the bounces reached; null if they reached none. */
function reachedLimit({ messages, deliveredAt }: SoftRun, { soft }: SuppressionRules): SoftLimit | null {
  if (isReached(messages, soft)) return soft;
  const full = messages.filter(({ isFull, at }) => isFull && (deliveredAt === null || at > deliveredAt));
  return soft.full !== null && isReached(full, soft.full) ? soft.full : null;
}

const isReached = (bounces: readonly CountedBounce[], limit: SoftLimit): boolean =>
  bounces.length >= limit.bounces && bounces.at(-1)!.at - bounces[0]!.at >= limit.overMs;
