// Mailbox decay: how many mailboxes die per year, by kind of domain, and how that changes the probability of a bounce.

import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { Probability } from '../signals/signal.ts';

/**
 * Kinds of domains. `free`: providers of free mailboxes; `isp`: other mailbox providers for consumers; `education`:
 * universities and schools; `business`: all other domains.
 */
export type DecaySegment = 'free' | 'isp' | 'education' | 'business';

interface AnnualDecay {
  /** The share of mailboxes, from 0 to 1, that stop existing within a year. */
  readonly rate: number;
  readonly basis: 'published' | 'guess';
  readonly source?: string;
}

/**
 * The source of both published rates: NeverBounce, The State of Email Attrition 2018. It covers 40 million addresses, half of
 * them B2B and half B2C (Gmail, Yahoo, Hotmail, Verizon and similar).
 */
const neverBounce =
  'https://www.mediapost.com/publications/article/315295/b2b-email-falloff-far-outpaces-that-of-b2c-study.html';

/** The annual decay of each kind of domain. */
export const annualDecay: Readonly<Record<DecaySegment, AnnualDecay>> = {
  free: { rate: 0.0322, basis: 'published', source: neverBounce },
  isp: { rate: 0.0322, basis: 'published', source: neverBounce },
  // Students leave after about four years; staff stay longer.
  education: { rate: 0.2, basis: 'guess' },
  business: { rate: 0.2107, basis: 'published', source: neverBounce },
};

/** Matches names such as example.edu, example.edu.au and example.ac.uk. */
const education = /\.edu$|\.(?:edu|ac)\.[a-z]{2}$/;

/**
 * Returns the kind of `domain` (a registrable domain in lower-case A-labels). `free`: whether anyone can open a mailbox there
 * without paying.
 */
export function decaySegmentOf(domain: string, free: boolean): DecaySegment {
  if (free) return 'free';
  if (mailboxProvider(domain) !== null) return 'isp';
  return education.test(domain) ? 'education' : 'business';
}

/**
 * The hazard is the rate at which mailboxes die. The hazard of one list is uncertain: its 90% interval is from 1/2.6 to 2.6
 * times the published hazard. The factor 2.6 is e^(1.645 × 0.58), where 0.58 is the standard deviation of the hazard's
 * logarithm. It combines a deviation of 0.5 between operators and one of 0.3 between sources (see `levels` in probability.ts).
 */
const hazardFactor = 2.6;

/** Kinds of lists: `b2c` (consumers), `b2b` (business contacts) and `cold` (addresses that were never mailed). */
export const listProfiles = ['b2c', 'b2b', 'cold'] as const;
export type ListProfile = (typeof listProfiles)[number];

/** The time since mail last arrived at an address, in years, with the 90% interval from `low` to `high`. */
interface Age {
  readonly years: number;
  readonly low: number;
  readonly high: number;
}

/** The assumed age of an address whose age is unknown, in a list of unknown kind. A guess. */
const unknownAge: Age = { years: 0.5, low: 0.02, high: 2.5 };
/** The assumed age of an address whose age is unknown, by kind of list. All are guesses. */
const unknownAgeOf: Readonly<Record<ListProfile, Age>> = {
  // Recent, because newsletters to consumers go out at least monthly and their senders remove addresses that bounce.
  b2c: { years: 0.35, low: 0.02, high: 2 },
  b2b: { years: 0.6, low: 0.03, high: 2.5 },
  // Old, because addresses that were never mailed were collected from web pages and directories, or bought.
  cold: { years: 1.5, low: 0.2, high: 5 },
};

const yearMs = 365 * 86_400_000;

/**
 * Raises `prior`, the probability of a bounce, for an address that received mail `ageMs` milliseconds ago but may have died
 * since. A negative age counts as zero.
 */
export function aged(prior: Probability, ageMs: number, segment: DecaySegment): Probability {
  const years = Math.max(0, ageMs) / yearMs;
  if (years === 0) return prior;
  return decayed(prior, segment, { years, low: years / hazardFactor, high: years * hazardFactor });
}

/** What is known about the age of an address if there is no date on which mail last arrived. */
export interface AgeLimits {
  /** The maximum age in days; no limit if absent. */
  readonly atMostDays?: number;
  /** The kind of the list that contains the address. Null or absent: unknown. */
  readonly profile?: ListProfile | null;
}

/** Raises `prior`, the probability of a bounce, for an address of unknown age. */
export function agedUnknown(
  prior: Probability,
  segment: DecaySegment,
  { atMostDays = Number.POSITIVE_INFINITY, profile = null }: AgeLimits = {},
): Probability {
  const age = profile === null ? unknownAge : unknownAgeOf[profile];
  const most = atMostDays / 365;
  return decayed(prior, segment, {
    years: Math.min(age.years, most / 2),
    low: Math.min(age.low, most / 10),
    high: Math.min(age.high, most * hazardFactor),
  });
}

/**
 * Returns the probability of a bounce from either of two causes: the address was always bad (`prior`), or its mailbox died
 * since mail last arrived. The causes are independent, so their uncertainties are combined as the root of the sum of squares.
 * `exposure` is the age in years, counted at the published rate: two years at half that rate count as one year. So its interval
 * covers both an uncertain age and an uncertain rate.
 */
function decayed(prior: Probability, segment: DecaySegment, exposure: Age): Probability {
  const hazard = -Math.log1p(-annualDecay[segment].rate);
  const dead = (years: number): number => -Math.expm1(-hazard * years);
  const either = (fresh: number, years: number): number => 1 - (1 - fresh) * (1 - dead(years));
  const { probability: fresh } = prior;
  const probability = either(fresh, exposure.years);
  const below = Math.hypot(
    probability - either(prior.low, exposure.years),
    probability - either(fresh, exposure.low),
  );
  const above = Math.hypot(
    either(prior.high, exposure.years) - probability,
    either(fresh, exposure.high) - probability,
  );
  return {
    probability: round(probability),
    low: round(Math.max(0, probability - below)),
    high: round(Math.min(1, probability + above)),
  };
}

const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;
