// How fast mailboxes die, by the kind of their domain.

import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { Probability } from '../signals/signal.ts';

/** `free`: free mail; `isp`: other mailbox providers for consumers; `business`: all other domains. */
export type DecaySegment = 'free' | 'isp' | 'education' | 'business';

interface AnnualDecay {
  /** The share of mailboxes that die within a year. */
  readonly rate: number;
  readonly basis: 'published' | 'guess';
  readonly source?: string;
}

/**
 * NeverBounce, The State of Email Attrition 2018: 40 million addresses, half of them B2B, half B2C (Gmail, Yahoo, Hotmail,
 * Verizon and the like).
 */
const neverBounce =
  'https://www.mediapost.com/publications/article/315295/b2b-email-falloff-far-outpaces-that-of-b2c-study.html';

export const annualDecay: Readonly<Record<DecaySegment, AnnualDecay>> = {
  free: { rate: 0.0322, basis: 'published', source: neverBounce },
  isp: { rate: 0.0322, basis: 'published', source: neverBounce },
  // Students leave after about four years, staff stay.
  education: { rate: 0.2, basis: 'guess' },
  business: { rate: 0.2107, basis: 'published', source: neverBounce },
};

const education = /\.edu$|\.(?:edu|ac)\.[a-z]{2}$/;

/** `domain`: the registrable domain in lower-case A-labels. `free`: anyone can open a mailbox there without paying. */
export function decaySegmentOf(domain: string, free: boolean): DecaySegment {
  if (free) return 'free';
  if (mailboxProvider(domain) !== null) return 'isp';
  return education.test(domain) ? 'education' : 'business';
}

/**
 * The 90% interval of the true hazard is from a factor of 2.6 below to a factor of 2.6 above the published one: lists
 * differ with a standard deviation of about 0.58 in the log (0.5 between operators, 0.3 between sources; see `levels`).
 */
const hazardFactor = 2.6;

/** What kind of list it is: contacts of consumers, of businesses, or addresses that were never mailed. */
export const listProfiles = ['b2c', 'b2b', 'cold'] as const;
export type ListProfile = (typeof listProfiles)[number];

/** An age in years, with its 90% interval. */
interface Age {
  readonly years: number;
  readonly low: number;
  readonly high: number;
}

/** Years since the last mail to an address of unknown age: guesses. */
const unknownAge: Age = { years: 0.5, low: 0.02, high: 2.5 };
const unknownAgeOf: Readonly<Record<ListProfile, Age>> = {
  // Newsletters to consumers go out at least monthly, and their senders remove bounces.
  b2c: { years: 0.35, low: 0.02, high: 2 },
  b2b: { years: 0.6, low: 0.03, high: 2.5 },
  // Collected from web pages and directories, or bought.
  cold: { years: 1.5, low: 0.2, high: 5 },
};

const yearMs = 365 * 86_400_000;

/** Adjusts `prior` for an address last known to receive mail `ageMs` milliseconds ago. A negative age counts as zero. */
export function aged(prior: Probability, ageMs: number, segment: DecaySegment): Probability {
  const years = Math.max(0, ageMs) / yearMs;
  if (years === 0) return prior;
  return decayed(prior, segment, { years, low: years / hazardFactor, high: years * hazardFactor });
}

/** What is known about the age of an undated address. */
export interface AgeLimits {
  /** The maximum age; absent: no limit. */
  readonly atMostDays?: number;
  readonly profile?: ListProfile | null;
}

/** Adjusts `prior` for an address of unknown age. */
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
 * The two causes of a bounce, a bad address and a mailbox that died, are independent. The ends of the interval therefore
 * add the deviations from each cause in quadrature. `exposure` is in years at the published rate.
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
