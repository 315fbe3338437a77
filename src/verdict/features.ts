// The features of an address on which the probability of a bounce depends. No feature identifies the address.

import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { Reason } from './verdict.ts';

/** Together they are the key of a stratum, in memory and in the database. */
export interface Features {
  /** The reason and the predicted bounce class, such as `domain_typo hard`. */
  readonly kind: string;
  /** The mailbox provider, or `other`. */
  readonly provider: string;
  /** How well known the domain is, and whether it is a role account or free mail, such as `hosted role`. */
  readonly segment: string;
  /** The time since the last verification: `30` is up to 30 days, `older` more than four years; `unknown` if not given. */
  readonly age: string;
  /** Where the address was acquired; empty if not given. */
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

/** One reason may have two outcomes; the predicted bounce class distinguishes them. */
export const kindOf = (reason: Reason, bounceClass: string | null): string =>
  `${reason} ${bounceClass ?? 'none'}`;

function segmentOf({ domain, provider, role, free }: Described): string {
  const popularity = mailboxProvider(domain) !== null ? 'well_known' : provider !== null ? 'hosted' : 'other';
  return `${popularity}${role ? ' role' : ''}${free ? ' free' : ''}`;
}

const dayMs = 86_400_000;

/** Upper bounds in days. Recent bands are narrow, because the probability of a bounce multiplies fastest there. */
const ageBands = [30, 90, 180, 365, 730, 1460] as const;

function ageBand(ageMs: number | null): string {
  if (ageMs === null) return 'unknown';
  const days = ageMs / dayMs;
  for (const most of ageBands) if (days <= most) return String(most);
  return 'older';
}

/** The source, at most 100 characters. Empty if it contains an address, which would identify a person. */
export const sourceName = (source: string | null): string =>
  source === null || source.includes('@') ? '' : source.trim().slice(0, 100);
