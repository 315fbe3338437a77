// The terms of a synthetic year of sends.

import type { Reply } from '../months/providers.ts';
import type { SharedProvider } from '../months/sender.ts';

export type { Reply, SharedProvider };

/** A mailing that is sent over some hours. */
export interface Campaign {
  readonly name: string;
  /** Null if the sender names no lists. */
  readonly list: string | null;
  readonly kind: 'transactional' | 'newsletter' | 'segment' | 're-engagement' | 'import' | 'warm-up';
  readonly purpose: 'marketing' | 'transactional';
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly messages: number;
  /** Messages in an hour. */
  readonly speed: number;
  /** The chance of each address to bounce hard (see `badShare` for how many do). */
  readonly hard: number;
  /** Old addresses come first, so the share of hard bounces falls while the campaign is sent. */
  readonly isSorted: boolean;
  /** The share of hard bounces that a check of the list predicted; null if the list was not checked. */
  readonly forecast: number | null;
  /** The share that is refused for its content, and by which provider. */
  readonly refusedContent: { readonly provider: string; readonly share: number } | null;
  /** When the domain first sent mail; null if it needs no warm-up. */
  readonly firstSentAt: number | null;
  /** The seed of its outcomes. */
  readonly seed: number;
}

/** Something that makes mail fail for a time. `provider`: null means all providers. */
export interface Trouble {
  readonly kind: 'block' | 'authentication' | 'outage' | 'false_unknown' | 'network';
  readonly provider: string | null;
  readonly from: number;
  readonly to: number;
  /** The share of mail that it hits, from 0 to 1, once it is complete. */
  readonly share: number;
  /** How long it takes until it is complete, in milliseconds; 0: it is sudden. */
  readonly ramp: number;
  /** `bounce`: refused at once. `deferral`: deferred; what still cannot be delivered when the queue gives up bounces. */
  readonly as: 'bounce' | 'deferral';
}

/** What the sender's service reports besides bounces. */
export type YearReporter = 'all' | 'delivered' | 'sent';

export interface SendYear {
  readonly seed: number;
  readonly description: string;
  readonly from: number;
  readonly to: number;
  readonly isPoor: boolean;
  readonly reporter: YearReporter;
  readonly providers: readonly SharedProvider[];
  readonly campaigns: readonly Campaign[];
  readonly troubles: readonly Trouble[];
  /** The hours in which events do not arrive. They arrive at the end. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Ordinary shares of soft and policy bounces, of full mailboxes and of deferred messages. */
  readonly soft: number;
  readonly policy: number;
  readonly full: number;
  readonly deferred: number;
  readonly complaints: number;
  readonly queueHours: number;
  /** The share of events that arrive late, and the share that arrives twice. */
  readonly late: number;
  readonly twice: number;
}

/** Messages with one outcome. */
export interface Outcome {
  readonly campaign: Campaign;
  readonly provider: SharedProvider;
  readonly kind: 'sent' | 'delivered' | 'deferred' | 'bounce' | 'complaint';
  readonly reply: Reply;
  readonly messages: number;
  /** When it happened and when it is reported; epoch milliseconds. */
  readonly at: number;
  readonly reportedAt: number;
  /** The trouble that caused it; null if it is ordinary. */
  readonly trouble: Trouble | null;
  /** These events repeat ones that were reported before. */
  readonly isRepeated: boolean;
}
