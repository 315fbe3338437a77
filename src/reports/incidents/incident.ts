// The type of an incident: unusual failures or complaints of the operator's mail, with the cause, evidence and advice.

import { dayMs } from '../../durations.ts';
import type { EventCount } from '../count.ts';
import type { DiagnosedBlame, DnsChangeRecord, IncidentDiagnosis } from './diagnosis-record.ts';

/** The days before those that are counted by hour. They are counted by day. */
export const dailyMs = 56 * dayMs;

export const incidentKinds = [
  /** One mailbox provider refuses the sender. */
  'provider_block',
  /** Many providers refuse the sender. */
  'sender_block',
  /** Mail is refused because SPF, DKIM, DMARC or the reverse DNS of the sender failed. */
  'authentication',
  /** Soft bounces or deferrals rise at several providers: the sender's reputation declines, or its own network fails. */
  'soft_rise',
  /** One provider fails temporarily. */
  'provider_outage',
  /** Providers limit the sender's rate, often with the reply 421. */
  'rate_limited',
  /** Mail is deferred mostly in the few hours in which much of it is sent. */
  'sending_bursts',
  /** More mailboxes are full than usual. */
  'mailboxes_full',
  /** Many addresses of one source, list or campaign do not exist. */
  'bad_import',
  /** More addresses than before do not exist, whatever their source. */
  'list_decay',
  /** One provider refuses many mailboxes as unknown although other providers do not: probably a fault of the provider. */
  'provider_fault',
  'complaints',
  /** A change in the sender's own DNS will make mail bounce. The watch of PREFLIGHT_DOMAINS finds it, not the counts. */
  'sender_dns',
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** Who has to act, by the kind of the incident, until a diagnosis says more. */
export const incidentCauses: Readonly<Record<IncidentKind, DiagnosedBlame>> = {
  provider_block: 'sender',
  sender_block: 'sender',
  authentication: 'sender',
  soft_rise: 'sender',
  provider_outage: 'provider',
  rate_limited: 'sender',
  sending_bursts: 'sender',
  mailboxes_full: 'unknown',
  bad_import: 'list',
  list_decay: 'list',
  provider_fault: 'provider',
  complaints: 'list',
  sender_dns: 'sender',
};

/** Kinds of one family can describe the same failures. A later look may replace one kind by another of its family. */
export type IncidentFamily = 'hard' | 'policy' | 'temporary' | 'full' | 'complaint' | 'dns';

export const incidentFamilies: Readonly<Record<IncidentKind, IncidentFamily>> = {
  provider_block: 'policy',
  sender_block: 'policy',
  authentication: 'policy',
  soft_rise: 'temporary',
  provider_outage: 'temporary',
  rate_limited: 'temporary',
  sending_bursts: 'temporary',
  mailboxes_full: 'full',
  bad_import: 'hard',
  list_decay: 'hard',
  provider_fault: 'hard',
  complaints: 'complaint',
  sender_dns: 'dns',
};

/** The mail that an incident is about. Without any property: all mail. */
export interface IncidentScope {
  readonly provider?: string;
  readonly source?: string;
  readonly campaign?: string;
  readonly list?: string;
  /** Only for `sender_dns`: the domain of the sender. */
  readonly domain?: string;
}

export type IncidentSeverity = 'warning' | 'critical';

export interface ProviderEvidence {
  /** Null stands for all mail hosts that do not belong to a well-known provider. */
  readonly name: string | null;
  readonly messages: number;
  readonly sent: number | null;
  /** Share of the mail to this provider that failed, now and before the incident; from 0 to 1. Null if unknown. */
  readonly rate: number | null;
  readonly rateBefore: number | null;
}

export interface IncidentEvidence {
  /** Start and end of the counted time, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Number of failures that the incident is about, such as hard bounces. */
  readonly messages: number;
  /** Number of messages sent in the scope in that time. Null if unknown. */
  readonly sent: number | null;
  /**
   * `messages` divided by `sent`; null if unknown. It can be above 1 for deferrals, because a message can be deferred more than
   * once.
   */
  readonly rate: number | null;
  /** The usual rate before the incident. Null if unknown. */
  readonly rateBefore: number | null;
  /** The probability that a rise like this is chance, given how much this rate varies from day to day. */
  readonly chance: number;
  /** The affected providers, most failures first. */
  readonly providers: readonly ProviderEvidence[];
  /** The most frequent enhanced statuses and reasons of these failures. */
  readonly statuses: readonly { readonly status: string; readonly messages: number }[];
  readonly reasons: readonly { readonly reason: string; readonly messages: number }[];
}

/** What one look at the counts found. */
export interface FoundIncident {
  readonly kind: IncidentKind;
  readonly scope: IncidentScope;
  readonly severity: IncidentSeverity;
  readonly evidence: IncidentEvidence;
  readonly explanation: string;
  readonly advice: string;
}

/** An incident with its life, as it is stored. Times are in epoch milliseconds. */
export interface StoredIncident extends FoundIncident {
  readonly id: string;
  readonly openedAt: number;
  /** When the kind, the scope, the severity, the providers or the rate last changed much. */
  readonly changedAt: number;
  /** The size at `changedAt`: the rate, or the number of messages if the rate is unknown. */
  readonly changedSize: number;
  /** When a look last found the incident. */
  readonly seenAt: number;
  /** Null while the incident is open. */
  readonly closedAt: number | null;
  /** Only for `sender_dns`. */
  readonly change?: DnsChangeRecord;
  /** Absent until a diagnosis was made. */
  readonly diagnosis?: IncidentDiagnosis;
}

/**
 * The counts in which incidents are looked for: by hour for at least the last seven days, and by hour or day for the eight weeks
 * before. The arrays may be in any order.
 */
export interface IncidentCounts {
  readonly providers: readonly EventCount[];
  readonly sources: readonly EventCount[];
  readonly campaigns: readonly EventCount[];
  readonly lists: readonly EventCount[];
}

/** A text that is equal for equal scopes of the same kind. At most one open incident has it. */
export const incidentKey = (
  kind: IncidentKind,
  { provider, source, campaign, list, domain }: IncidentScope,
): string =>
  JSON.stringify([
    ...[kind, provider ?? null, source ?? null, campaign ?? null, list ?? null],
    ...(domain === undefined ? [] : [domain]),
  ]);
