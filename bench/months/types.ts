// The terms of the synthetic months: what was counted, what really happened, and what a detector found.

import type { BounceClass, BounceReason } from '../../src/bounce/bounce.ts';

export const incidentKinds = [
  /** One provider, big or small, refuses the sender by policy. */
  'provider_block',
  /** Several providers refuse the sender at the same time, as after a listing. */
  'sender_block',
  /** Mail fails SPF, DKIM or DMARC. */
  'authentication',
  /** The soft bounce rate rises for days at all providers. */
  'soft_rise',
  /** One provider does not work: timeouts and internal errors. */
  'soft_outage',
  /** One provider limits the rate of the sender for many hours (421, 451). */
  'rate_limit',
  /** The share of full mailboxes is several times as high as before. */
  'full_mailboxes',
  /** Mail is deferred at the same hours of every day, in which campaigns start. */
  'top_of_hour',
  /** Addresses that were never mailed before bounce. */
  'bad_import',
  /** The addresses of a known list or source bounce more with each mailing. */
  'list_decay',
  /** One provider says of existing mailboxes that they do not exist. */
  'provider_fault',
  /** Recipients report much more of the mail as spam. */
  'complaints',
] as const;

export type IncidentKind = (typeof incidentKinds)[number];
export type MonthKind = IncidentKind | 'quiet';

/** Who has to act: the sender on its configuration or reputation, the owner of the list, or the provider. */
export type Blame = 'sender' | 'list' | 'provider';

/** Names of mail to which an incident is limited. A name that is missing does not limit it. */
export interface Scope {
  readonly provider?: string;
  readonly source?: string;
  readonly campaign?: string;
  readonly list?: string;
}

/** An incident that really happened. Times are epoch milliseconds, on the hour. */
export interface Incident extends Scope {
  readonly kind: IncidentKind;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly cause: Blame;
  /** Other names for the same mail: most of the mail that has such a name is affected. */
  readonly aliases?: readonly Scope[];
  /** Providers at which it shows. */
  readonly providers: readonly string[];
  /** The end of the first hour at which the reported counts suffice to see the incident (see evidence.ts). */
  readonly evident: number;
  /** The share of the affected mail at its worst, from 0 to 1. */
  readonly severity: number;
}

export type CountedKind = 'sent' | 'delivered' | 'deferred' | 'bounce' | 'complaint' | 'unsubscribed';

/** A number of messages that have all properties in common. Rows with equal properties add up. */
export interface HourlyCount {
  /** Start of the hour in which it happened, in epoch milliseconds. */
  readonly hour: number;
  /** Start of the hour in which it was reported. It is later than `hour` only during a reporting gap. */
  readonly reported: number;
  readonly provider: string | null;
  /** Known only for bounces. */
  readonly mailHost: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly list: string | null;
  readonly kind: CountedKind;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly status: string | null;
  readonly messages: number;
}

/** What mail the sender sends. The profiles are those of the setting PROFILE. */
export type Profile = 'b2c' | 'b2b' | 'cold';

export interface Month {
  readonly seed: number;
  readonly kind: MonthKind;
  readonly description: string;
  readonly profile: Profile;
  /** Messages sent on an average day. */
  readonly daily: number;
  /** The counts begin here. The days before `from` are history without an incident. */
  readonly start: number;
  /** The month itself; `to` is excluded. */
  readonly from: number;
  readonly to: number;
  readonly truth: readonly Incident[];
  readonly counts: readonly HourlyCount[];
}

/** An incident that a detector found. */
export interface Found extends Scope {
  readonly kind: IncidentKind;
  /** When the detector reported it first, in epoch milliseconds. */
  readonly opened: number;
  /** When it closed; null if it was still open at the end. */
  readonly closed: number | null;
  readonly cause: Blame;
}
