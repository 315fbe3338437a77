// The features of an address, such as its provider, from which its probability of a bounce is learned. They do not identify the
// address.

import { type KnownProof, provenAs } from '../address/mailbox-proof.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { dayMs } from '../durations.ts';
import type { Reason } from './verdict.ts';

/**
 * Addresses with the same features form one stratum: their outcomes (bounces and deliveries) are counted together, in memory
 * and in the database.
 */
export interface Features {
  /** The reason and the predicted bounce class, such as `domain_typo hard`. */
  readonly kind: string;
  /** The short name of the mailbox provider, such as `gmail`, or `other`. */
  readonly provider: string;
  /**
   * `well_known` (domain of a mailbox provider), `hosted` (other domain whose provider is known) or `other`, followed by
   * `role` for a role account and `free` for free mail, such as `hosted role`.
   */
  readonly segment: string;
  /**
   * The time since mail last arrived, as one of `ageBands`: `30` is up to 30 days, `90` more than 30 and up to 90 days, and
   * so on; `older` is more than four years. `unknown` if no date was given.
   */
  readonly age: string;
  /** Where the sender acquired the address, such as a form; empty if not given. */
  readonly source: string;
  /** What was known about whether the mailbox exists (see `ProvenAs`). */
  readonly proof: string;
  /** Of an address at a catch-all domain: the keyed hash of the domain. Empty for all others. */
  readonly domain: string;
}

/** The facts about a judged address from which its features are made. */
export interface Described {
  readonly reason: Reason;
  readonly bounceClass: string | null;
  readonly domain: string;
  readonly provider: string | null;
  readonly role: boolean;
  readonly free: boolean;
  /** Milliseconds since mail last arrived; null if unknown. */
  readonly ageMs: number | null;
  readonly source: string | null;
  /** What is known about whether the mailbox exists; absent if nothing is. */
  readonly mailbox?: KnownProof | undefined;
}

export const featuresOf = (described: Described): Features => ({
  kind: kindOf(described.reason, described.bounceClass),
  provider: described.provider ?? 'other',
  segment: segmentOf(described),
  age: ageBand(described.ageMs),
  source: sourceName(described.source),
  proof: provenAs(described.mailbox),
  domain: (described.reason === 'catch_all' && described.mailbox?.domainHash) || '',
});

/** Joins reason and bounce class, such as `domain_typo hard` or `domain_typo none`: one reason can have several classes. */
export const kindOf = (reason: Reason, bounceClass: string | null): string =>
  `${reason} ${bounceClass ?? 'none'}`;

function segmentOf({ domain, provider, role, free }: Described): string {
  const popularity = mailboxProvider(domain) !== null ? 'well_known' : provider !== null ? 'hosted' : 'other';
  return `${popularity}${role ? ' role' : ''}${free ? ' free' : ''}`;
}

/**
 * Upper bounds of the age bands in days. The bands of recent dates are narrow, because the probability of a bounce grows by the
 * largest factor in the first months.
 */
const ageBands = [30, 90, 180, 365, 730, 1460] as const;

function ageBand(ageMs: number | null): string {
  if (ageMs === null) return 'unknown';
  const days = ageMs / dayMs;
  for (const most of ageBands) if (days <= most) return String(most);
  return 'older';
}

/**
 * Returns the source without spaces around it, cut to 100 characters. Empty if there is none. Empty also if it contains an at
 * sign: it may be an e-mail address, which would identify a person.
 */
const sourceName = (source: string | null): string =>
  source === null || source.includes('@') ? '' : source.trim().slice(0, 100);
