// How likely a bounce is: the prior of the row that decided, aged by how long nobody has heard of the mailbox.

import type { Prior } from './policy.ts';

const dayMs = 86_400_000;

/**
 * Mailboxes that die in a year, of those alive at its start. Business lists decay by 22.5 % a year (MarketingSherpa's
 * figure, repeated by HubSpot's decay calculator); consumer lists somewhat slower.
 */
const yearlyDecay = 0.225;

const survivalPerDay = (1 - yearlyDecay) ** (1 / 365);

/** `prior` for an address that was last known to take mail `ageMs` milliseconds ago; a negative age counts as none. */
export function aged(prior: Prior, ageMs: number): Prior {
  const days = Math.max(0, ageMs) / dayMs;
  if (days === 0) return prior;
  const survival = survivalPerDay ** days;
  const age = (probability: number): number => round(1 - (1 - probability) * survival);
  return { probability: age(prior.probability), low: age(prior.low), high: age(prior.high) };
}

const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;
