// Simulated lists for the forecast. Their truth is drawn from assumptions about senders that do not use any constant of
// presend: staff turnover, published benchmarks of bounces, and how people collect addresses.
//
// - Fresh addresses: opt-in and verified lists bounce between 0.2% and 1.5% (benchmarks of 2026,
//   https://gtmstack.app/benchmarks/email-bounce-rate).
// - Work mailboxes: people leave a job at a rate of 1.5% (government) to 6% (leisure) a month, 3.4% on average (U.S. Bureau of
//   Labor Statistics, JOLTS 2023). Mail to 30% to 80% of those who left bounces; the rest is forwarded or kept (assumed).
// - Consumer mailboxes: 1% to 9% are closed or deleted for inactivity a year (assumed; no vendor publishes its own).

import type { Random } from './random.ts';

const dayMs = 86_400_000;

export interface SimulatedRow {
  readonly email: string;
  /** The date in the list, in epoch milliseconds; null if the cell is empty. */
  readonly date: number | null;
  readonly bounced: boolean;
}

/** How the lists of one world come about. */
export interface ListWorld {
  readonly name: string;
  /** Draws the share of work addresses of one list. */
  readonly business: (random: Random) => number;
  /** The number of companies per work address: 1 if all differ, 0.02 if fifty colleagues are on the list. */
  readonly companies: number;
  /** The share of departures that hit a whole company at once: it was closed or bought, or moved its mail. */
  readonly together: (random: Random) => number;
  /** The share of rows that have a date. */
  readonly dated: (random: Random) => number;
  /** The share of rows of an old segment, without dates, that was imported long ago. */
  readonly stale: (random: Random) => number;
  /** A factor of all true departure rates. */
  readonly departures: number;
  /** The share of dates that are wrong: they say when mail was sent, although none had arrived for months. */
  readonly wrongDates: number;
}

const uniform = (low: number, high: number) => (random: Random) => low + (high - low) * random.unit();
const always = (value: number) => () => value;

const usual: ListWorld = {
  name: 'dated',
  business: uniform(0, 1),
  companies: 0.7,
  together: uniform(0, 0.3),
  dated: always(1),
  stale: always(0),
  departures: 1,
  wrongDates: 0,
};

export const listWorlds: readonly ListWorld[] = [
  usual,
  { ...usual, name: 'undated', dated: always(0) },
  {
    ...usual,
    name: 'clustered companies',
    business: uniform(0.8, 1),
    companies: 0.02,
    together: uniform(0.1, 0.6),
  },
  {
    ...usual,
    name: 'consumers and businesses, half dated',
    business: uniform(0.2, 0.8),
    dated: uniform(0.3, 0.7),
  },
  { ...usual, name: 'stale segment', dated: always(1), stale: uniform(0.2, 0.5) },
  { ...usual, name: 'faster decay than published', departures: 1.4, dated: uniform(0.5, 1) },
  { ...usual, name: 'wrong dates', wrongDates: 0.3 },
];

/** Monthly separation rates of ten sectors (JOLTS 2023, rounded). */
const separations = [0.015, 0.023, 0.026, 0.028, 0.032, 0.034, 0.036, 0.038, 0.045, 0.06];
const consumerDomains = ['gmail.com', 'yahoo.com', 'hotmail.com', 'gmx.de', 'comcast.net'];

const logUniform = (low: number, high: number, random: Random): number => low * (high / low) ** random.unit();
const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random.unit());

/** Draws one list of `count` rows as of `asOf`, and who bounces. */
export function drawList(world: ListWorld, count: number, asOf: number, random: Random): SimulatedRow[] {
  const fresh = logUniform(0.002, 0.015, random);
  const months = -12 * Math.log(1 - random.pick(separations));
  const work = months * uniform(0.3, 0.8)(random) * world.departures;
  const home = -Math.log(1 - logUniform(0.01, 0.09, random)) * world.departures;
  const [business, together, dated, stale] = [world.business, world.together, world.dated, world.stale].map(
    (draw) => draw(random),
  ) as [number, number, number, number];
  // One sender mails weekly, another once a year.
  const usualAge = logUniform(14, 700, random);
  const companies = Math.max(3, Math.round(count * business * world.companies));
  /** For each company: the years until it loses all its mailboxes. */
  const ends = Array.from({ length: companies }, () =>
    exponential(1 / Math.max(1e-9, work * together), random),
  );
  return Array.from({ length: count }, (_, index) => {
    const isStale = random.unit() < stale;
    const ageDays = isStale ? 365 * uniform(1, 4)(random) : exponential(usualAge, random);
    const years = ageDays / 365;
    // Squaring makes some companies much larger than others.
    const company = random.unit() < business ? Math.floor(companies * random.unit() ** 2) : null;
    const rate = company === null ? home : work * (1 - together);
    const gone = exponential(1 / rate, random) < years || (company !== null && ends[company]! < years);
    const shown = random.unit() < world.wrongDates ? ageDays * random.unit() : ageDays;
    const name = `p${index}${company === null ? '' : 'w'}`;
    return {
      email: `${name}@${company === null ? random.pick(consumerDomains) : `simulated-company-${company}.com`}`,
      date: isStale || random.unit() >= dated ? null : asOf - shown * dayMs,
      bounced: gone || random.unit() < fresh,
    };
  });
}
