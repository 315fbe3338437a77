// Generates a synthetic month of sending, and a quiet year. The same seed gives the same result.
//
// Seeds 1 to 200 are for development. Seeds 1001 to 1200 are held out: nobody looks at their months or at the results of
// a detector on them until the detector is finished, and then only at the summary.
//
// The generator follows the guides of the project and published incidents (the sources are named in each file). It shares
// no rule and no constant with the detectors, and whoever changes it does not read them.

import { dayMs, hourMs } from '../../src/durations.ts';
import { type Random, randomFrom } from '../simulate/random.ts';
import { hiccup, honestSource, planBadImport, planComplaints, planListDecay } from './list-incidents.ts';
import type { Plan, Planner, Planning } from './plan.ts';
import {
  planFullMailboxes,
  planProviderBlock,
  planProviderFault,
  planRateLimit,
  planSoftOutage,
  planTopOfHour,
} from './provider-incidents.ts';
import { happens } from './sample.ts';
import { drawSender, type Reporter, type Sender } from './sender.ts';
import { planAuthentication, planSenderBlock, planSoftRise } from './sender-incidents.ts';
import { type Span, send } from './sending.ts';
import { type Incident, type IncidentKind, incidentKinds, type Month, type MonthKind } from './types.ts';

export const developmentSeeds = { first: 1, last: 200 } as const;
export const heldOutSeeds = { first: 1001, last: 1200 } as const;

const planners: Readonly<Record<IncidentKind, Planner>> = {
  provider_block: planProviderBlock,
  sender_block: planSenderBlock,
  authentication: planAuthentication,
  soft_rise: planSoftRise,
  soft_outage: planSoftOutage,
  rate_limit: planRateLimit,
  full_mailboxes: planFullMailboxes,
  top_of_hour: planTopOfHour,
  bad_import: planBadImport,
  list_decay: planListDecay,
  provider_fault: planProviderFault,
  complaints: planComplaints,
};

/** Kinds that can be seen in bounces alone, without knowing how much was sent. */
const seenInBounces: ReadonlySet<MonthKind> = new Set([
  'provider_block',
  'sender_block',
  'authentication',
  'provider_fault',
  'bad_import',
  'quiet',
]);
const seenInDeferrals: ReadonlySet<MonthKind> = new Set(['rate_limit', 'top_of_hour']);

const cycle: readonly MonthKind[] = [...incidentKinds, 'quiet', 'quiet', 'quiet', 'quiet'];

/** The kind of a seed's month: each 16 consecutive seeds contain every kind once, and four quiet months. */
export function kindOfMonth(seed: number): MonthKind {
  const block = Math.floor(seed / cycle.length);
  const random = randomFrom(block * 104_729 + 11);
  const kinds = [...cycle];
  for (let index = kinds.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [kinds[index], kinds[other]] = [kinds[other]!, kinds[index]!];
  }
  return kinds[seed % cycle.length]!;
}

/** The reporters whose counts show an incident of a kind. */
export const reportersFor = (kind: MonthKind): readonly Reporter[] =>
  seenInDeferrals.has(kind)
    ? ['all', 'all', 'delivered']
    : seenInBounces.has(kind)
      ? ['all', 'all', 'all', 'all', 'delivered', 'delivered', 'sent', 'bounces']
      : ['all', 'all', 'all', 'delivered', 'sent'];

/** A span of `days` after `history` days, with a reporting gap in every fourth. */
export function drawSpan(random: Random, days: number, history: number): Span {
  // November, with Black Friday, more often than other months.
  const from = Date.UTC(2025, happens(random, 0.1) ? 10 : random.below(22), 1);
  const to = from + days * dayMs;
  const start = from - history * dayMs;
  const gapStart = start + random.below((to - start) / hourMs - 24) * hourMs;
  const gap = happens(random, 0.25)
    ? { from: gapStart, to: gapStart + (3 + random.below(12)) * hourMs }
    : null;
  return { start, from, to, gap };
}

/** Two incidents of one month must be told apart: they differ in kind, and in provider or in time. */
const areApart = (some: readonly Plan[], others: readonly Plan[]): boolean =>
  some.every(({ truth: one }) =>
    others.every(
      ({ truth: other }) =>
        one.kind !== other.kind &&
        (one.to + 2 * dayMs < other.from ||
          other.to + 2 * dayMs < one.from ||
          ((one.kind === 'bad_import') !== (other.kind === 'bad_import') &&
            (one.provider !== undefined || other.provider !== undefined))),
    ),
  );

function planMonth(kind: MonthKind, planning: Planning): Plan[] | null {
  if (kind === 'quiet') return [];
  const first = planners[kind](planning);
  if (first === null) return null;
  const plans = [...first];
  if (happens(planning.random, 0.3)) {
    const other = planning.random.pick(incidentKinds);
    const second = planners[other]({ ...planning, index: plans.length });
    if (second !== null && areApart(plans, second)) plans.push(...second);
  }
  return plans;
}

/** Sends a month. Null if its incidents cannot be seen in time. */
export function sendMonth(random: Random, sender: Sender, span: Span, plans: readonly Plan[]) {
  const planning = { random, sender, span, index: 0 };
  const months = Math.round((span.to - span.start) / (30 * dayMs));
  const hiccups = Array.from({ length: months * random.below(4) }, () => hiccup(planning));
  const { counts, evidence } = send(
    random,
    sender,
    [
      ...sender.mailings,
      ...plans.flatMap(({ mailings }) => mailings),
      ...(happens(random, 0.3) ? honestSource(planning) : []),
    ],
    [...plans.flatMap(({ effects }) => effects), ...hiccups],
    span,
  );
  const truth: Incident[] = [];
  for (const [index, plan] of plans.entries()) {
    const evident = evidence.sufficesAt(index, plan.need);
    if (evident === null || evident > plan.truth.to || evident + dayMs > span.to) return null;
    truth.push({ ...plan.truth, evident });
  }
  return { counts, truth };
}

const scopeText = ({ provider, source, campaign, list }: Incident): string => {
  const names = [provider, source, campaign, list].filter((name) => name !== undefined);
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
};

const describe = (sender: Sender, truth: readonly Incident[]): string =>
  `${sender.profile} sender, audience ${sender.audience}, ${sender.daily} messages a day, reports ${sender.reporter}: ${
    truth.length === 0 ? 'quiet' : truth.map((one) => `${one.kind}${scopeText(one)}`).join(' and ')
  }`;

/** Attempts to draw a sender that has the mail for an incident. */
export const attempts = 400;

/** Generates the month of a seed: its counts, and the incidents that really happened. */
export function generateMonth(seed: number): Month {
  const kind = kindOfMonth(seed);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const random = randomFrom(Math.imul(seed, 2_654_435_761) + attempt * 40_503);
    const sender = drawSender(random, reportersFor(kind));
    const span = drawSpan(random, 30, random.pick([7, 14, 21, 28, 28]));
    const plans = planMonth(kind, { random, sender, span, index: 0 });
    if (plans === null) continue;
    const month = sendMonth(random, sender, span, plans);
    if (month === null) continue;
    const { profile, daily } = sender;
    const { start, from, to } = span;
    return {
      seed,
      kind,
      description: describe(sender, month.truth),
      profile,
      daily,
      start,
      from,
      to,
      ...month,
    };
  }
  throw new Error(`no ${kind} month for seed ${seed}`);
}

/** Generates a year (365 days after 28 days of history) without an incident. */
export function generateYear(seed: number): Month {
  const random = randomFrom(Math.imul(seed, 2_246_822_519) + 7);
  const drawn = drawSender(random, reportersFor('quiet'), 1_000_000);
  // The growth of one month, spread over the year.
  const sender = { ...drawn, growth: (1 + drawn.growth) ** (1 / 12) - 1 };
  const span = drawSpan(random, 365, 28);
  const { counts, truth } = sendMonth(random, sender, span, [])!;
  const { profile, daily } = sender;
  const { start, from, to } = span;
  return {
    seed,
    kind: 'quiet',
    description: describe(sender, []),
    profile,
    daily,
    start,
    from,
    to,
    truth,
    counts,
  };
}
