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

/** The soft bounces of one address since mail was last delivered to it. Times are in epoch milliseconds. */
export interface SoftRun {
  /** Number of messages that bounced. */
  readonly bounces: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Ids of the messages that were counted most recently. A second bounce of one of these messages is not counted. */
  readonly messages: readonly string[];
}

export interface SuppressionRules {
  /** Which mail to an address stops after a complaint: every message, or everything but transactional mail. */
  readonly complaintScope: 'all' | 'marketing';
  readonly soft: {
    /** An address is suppressed after this many messages bounced without a delivery in between, if `overMs` is met too. */
    readonly bounces: number;
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
  };
}

export const defaultRules: SuppressionRules = {
  complaintScope: 'all',
  soft: {
    bounces: 5,
    overMs: 7 * dayMs,
    entryMs: 90 * dayMs,
    counted: [
      'mailbox_full',
      'mailbox_disabled',
      'mailbox_unknown',
      'mailbox_moved',
      'domain_unknown',
      'system_error',
      'network_error',
      'expired',
      'unknown',
    ],
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
 * are none. Events may arrive out of order.
 */
export function decideSuppression(
  run: SoftRun | null,
  event: RecipientEvent,
  rules: SuppressionRules = defaultRules,
): SuppressionDecision {
  const keep: SuppressionDecision = { kind: 'keep', run };

  if (event.kind === 'delivered') {
    // A delivery ends the run of soft bounces, unless it happened before the first of them and was only reported late.
    return run !== null && event.at < run.firstAt ? keep : { kind: 'keep', run: null };
  }
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
      const message = event.messageId ?? unnamedMessage(event.at);
      if (run?.messages.includes(message)) return keep;
      const longer = lengthened(run, message, event.at, rules.soft.bounces);
      const long =
        longer.bounces >= rules.soft.bounces && longer.lastAt - longer.firstAt >= rules.soft.overMs;
      if (!long) return { kind: 'keep', run: longer };
      return suppress('all', 'bounce', event.status, event.at, longer.lastAt + rules.soft.entryMs);
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

const lengthened = (run: SoftRun | null, message: string, at: number, enough: number): SoftRun => ({
  bounces: (run?.bounces ?? 0) + 1,
  firstAt: Math.min(run?.firstAt ?? at, at),
  lastAt: Math.max(run?.lastAt ?? at, at),
  // Keep only the latest ids, so the list cannot grow without limit. Older messages are no longer retried by their servers,
  // so they do not bounce again.
  messages: [...(run?.messages ?? []), message].slice(-2 * enough),
});
