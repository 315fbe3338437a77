// Decides whether to suppress an address after an event, such as a bounce or a complaint. Pure; the defaults are data.

import type { BounceClass, BounceReason } from '../bounce/bounce.ts';
import { listScope, type SuppressionReason, type SuppressionScope } from './scope.ts';

/** Something new that happened to one message for one recipient. */
export type RecipientEvent =
  | { readonly kind: 'delivered'; readonly at: number }
  | {
      readonly kind: 'unsubscribe';
      readonly at: number;
      /** The list, group, stream or tag that the person left; null: all marketing. */
      readonly list: string | null;
    }
  | {
      readonly kind: 'bounce';
      readonly class: BounceClass;
      readonly reason: BounceReason;
      /** Enhanced status code (RFC 3463). */
      readonly status: string | null;
      readonly messageId: string | null;
      /** Epoch milliseconds, as all times here. */
      readonly at: number;
    };

/** The soft bounces of one address since its last delivery; null if there are none. */
export interface SoftRun {
  readonly bounces: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Ids of the latest counted messages, so that retries of one message count once. */
  readonly messages: readonly string[];
}

export interface SuppressionRules {
  /** The mail that a complaint stops. */
  readonly complaintScope: 'all' | 'marketing';
  readonly soft: {
    /** Minimum number of consecutive bounced messages. */
    readonly bounces: number;
    /** Minimum time from the first to the last of them: a server that is down for a weekend is not a dead mailbox. */
    readonly overMs: number;
    /** Lifetime of the entry: a full mailbox may be emptied. */
    readonly entryMs: number;
    /** Only these reasons count. They concern the mailbox or its host, never size, content, rate or policy. */
    readonly counted: readonly BounceReason[];
  };
}

const dayMs = 86_400_000;

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
  /** Do not suppress the address; store this run for its next event. */
  | { readonly kind: 'keep'; readonly run: SoftRun | null }
  | {
      readonly kind: 'suppress';
      readonly scope: SuppressionScope;
      readonly reason: SuppressionReason;
      readonly status: string | null;
      readonly since: number;
      /** Null: permanent. */
      readonly expiresAt: number | null;
    };

/** Decides on one event of an address whose earlier events left `run`. Events may come out of order. */
export function decideSuppression(
  run: SoftRun | null,
  event: RecipientEvent,
  rules: SuppressionRules = defaultRules,
): SuppressionDecision {
  const keep: SuppressionDecision = { kind: 'keep', run };

  if (event.kind === 'delivered') {
    // A delivery before the first bounce of the run, reported late, does not end the run.
    return run !== null && event.at < run.firstAt ? keep : { kind: 'keep', run: null };
  }
  if (event.kind === 'unsubscribe')
    return suppress(unsubscribedScope(event.list), 'unsubscribe', null, event.at);

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

/** The scope of an unsubscribe or a resubscribe: the list that the event names, or all marketing. */
export const unsubscribedScope = (list: string | null): SuppressionScope =>
  (list === null ? null : listScope(list)) ?? 'marketing';

const suppress = (
  scope: SuppressionScope,
  reason: SuppressionReason,
  status: string | null,
  since: number,
  expiresAt: number | null = null,
): SuppressionDecision => ({ kind: 'suppress', scope, reason, status, since, expiresAt });

/** Without message ids, events within one day count as one message. */
const unnamedMessage = (at: number) => `day ${Math.floor(at / dayMs)}`;

const lengthened = (run: SoftRun | null, message: string, at: number, enough: number): SoftRun => ({
  bounces: (run?.bounces ?? 0) + 1,
  firstAt: Math.min(run?.firstAt ?? at, at),
  lastAt: Math.max(run?.lastAt ?? at, at),
  // Older ids can go: servers no longer retry those messages.
  messages: [...(run?.messages ?? []), message].slice(-2 * enough),
});
