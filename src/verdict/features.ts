// What the chance of a bounce depends on: the features of an address. None of them names it.

import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { Reason } from './verdict.ts';

/** All are words, so that together they are the key of a stratum in memory and in the database. */
export interface Features {
  /** The row of the policy table: its reason, and the class of bounce that it predicts, such as `domain_typo hard`. */
  readonly kind: string;
  /** The mailbox provider, or `other`. */
  readonly provider: string;
  /** How well known the domain is, and whether the address is a role's or the mailbox free, such as `hosted role`. */
  readonly segment: string;
  /** How long ago somebody last knew that mail arrives: `30` is up to 30 days, `unknown` is not told. */
  readonly age: string;
  /** Where the address was acquired; empty where that is not told. */
  readonly source: string;
}

export interface Described {
  readonly reason: Reason;
  readonly bounceClass: string | null;
  readonly domain: string;
  readonly provider: string | null;
  readonly role: boolean;
  readonly free: boolean;
  /** Milliseconds since the last confirmation, or null. */
  readonly ageMs: number | null;
  readonly source: string | null;
}

export const featuresOf = (described: Described): Features => ({
  kind: kindOf(described.reason, described.bounceClass),
  provider: described.provider ?? 'other',
  segment: segmentOf(described),
  age: ageBand(described.ageMs),
  source: sourceName(described.source),
});

/** Two rows of the policy table may have one reason; the bounce that they predict tells them apart. */
export const kindOf = (reason: Reason, bounceClass: string | null): string =>
  `${reason} ${bounceClass ?? 'none'}`;

function segmentOf({ domain, provider, role, free }: Described): string {
  const popularity = mailboxProvider(domain) !== null ? 'well_known' : provider !== null ? 'hosted' : 'other';
  return `${popularity}${role ? ' role' : ''}${free ? ' free' : ''}`;
}

const dayMs = 86_400_000;

/** Upper ends in days; narrow where mailboxes die fastest in relation to the chance of a bounce. */
const ageBands = [30, 90, 180, 365, 730, 1460] as const;

function ageBand(ageMs: number | null): string {
  if (ageMs === null) return 'unknown';
  const days = ageMs / dayMs;
  for (const most of ageBands) if (days <= most) return String(most);
  return 'older';
}

/** A source is a name; one that holds an address would name somebody. */
export const sourceName = (source: string | null): string =>
  source === null || source.includes('@') ? '' : source.trim().slice(0, 100);
