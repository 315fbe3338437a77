// Draws a year of sends: the sender, its campaigns, and what goes wrong. It was written before the limits of the gate were
// read, so that it does not know them.
//
// - Ordinary rates: see bench/months/sender.ts. A poorer sender has 0.8-2% hard bounces; guides call 2-5% a warning and more
//   than 5% critical. Amazon SES reviews an account at 5% and pauses it at 10% (docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html).
// - Bad imports: 8-40% hard. Guides: more than 10% invalid means "stop and audit".
// - Blocks: Microsoft's S3140 and S3150 (550 5.7.1) and Yahoo's 421 4.7.0 TSS04 last hours to days (sender FAQs of the
//   providers). The 5.7.26 of Gmail starts within hours of a change of DNS. How often: a guess, 1 to 6 a year.
// - Outages: Gmail answered 550 5.1.1 for existing accounts for hours on 14 and 15 December 2020
//   (status.cloud.google.com/incident, Gmail incident report of December 2020). Ordinary outages answer 4xx; guess: 2 to 8 a year.
// - Re-engagement campaigns go to addresses that were silent for 6-12 months: 2-30% of addresses decay in a year (guides:
//   22.5-30%), of which many were removed; a guess of 2-6%.
// - Events that are late, repeated or missing for hours: providers document "at least once" and retries over 24-72 h.

import { dayMs, hourMs, minuteMs } from '../../src/durations.ts';
import { providers as knownProviders, shares, smallHosts } from '../months/providers.ts';
import { between, gammaFactor, happens, logBetween, poisson } from '../months/sample.ts';
import { seasonAt } from '../months/sender.ts';
import { type Random, randomFrom } from '../simulate/random.ts';
import type { Campaign, SendYear, SharedProvider, Trouble } from './types.ts';

/** Single years may be looked at for these seeds only. Seeds above 1000 are held out. */
export const lastDevelopmentSeed = 1000;

const yearStart = Date.UTC(2025, 0, 6);

function drawProviders(random: Random): { audience: string; providers: SharedProvider[] } {
  const audience = random.pick(['us', 'us', 'de', 'fr', 'uk', 'pl', 'business', 'business']);
  const known = Object.entries(shares[audience]!).map(([name, percent]) => ({
    ...knownProviders.get(name)!,
    share: (percent / 100) * gammaFactor(random, 20),
  }));
  const rest = Math.max(1 - known.reduce((sum, { share }) => sum + share, 0), 0.03);
  const all = [...known, ...smallHosts.map((host) => ({ ...host, share: rest / smallHosts.length }))];
  const total = all.reduce((sum, { share }) => sum + share, 0);
  return { audience, providers: all.map((one) => ({ ...one, share: one.share / total })) };
}

type Draft = Pick<Campaign, 'name' | 'list' | 'kind' | 'startsAt' | 'messages' | 'hard'> & Partial<Campaign>;

interface Habits {
  readonly daily: number;
  /** How many hours a campaign takes. */
  readonly length: number;
  readonly hard: number;
  readonly from: number;
  readonly days: number;
}

function campaignOf(random: Random, length: number, draft: Draft): Campaign {
  return {
    purpose: 'marketing',
    speed: Math.max(draft.messages / length, 20),
    isSorted: happens(random, 0.2),
    forecast: null,
    refusedContent: null,
    firstSentAt: null,
    seed: random.below(2 ** 31),
    ...draft,
    messages: Math.max(1, Math.round(draft.messages)),
  };
}

/** The ordinary mail: newsletters, segments, receipts. */
function drawOrdinary(random: Random, { daily, length, hard, from, days }: Habits): Campaign[] {
  const campaigns: Campaign[] = [];
  const weekdays = new Set(Array.from({ length: 1 + random.below(5) }, () => 1 + random.below(5)));
  const hour = 6 + random.below(10);
  const perNewsletter = (daily * 7 * 0.7) / weekdays.size;
  const receipts = happens(random, 0.7) ? between(random, 10, 100) : 0;
  const isDated = happens(random, 0.7);
  for (let day = 0; day < days; day++) {
    const start = from + day * dayMs;
    const date = new Date(start).toISOString().slice(0, 10);
    const season = seasonAt(start);
    const rate = () => hard * gammaFactor(random, 6);
    if (weekdays.has(new Date(start).getUTCDay()) || season > 1)
      campaigns.push(
        campaignOf(random, length, {
          name: isDated ? `newsletter-${date}` : 'newsletter',
          list: 'newsletter',
          kind: 'newsletter',
          startsAt: start + hour * hourMs,
          messages: perNewsletter * season * gammaFactor(random, 30),
          hard: rate(),
        }),
      );
    if (happens(random, 0.3))
      campaigns.push(
        campaignOf(random, 2, {
          name: `segment-${date}`,
          list: random.pick(['newsletter', 'customers', 'trial']),
          kind: 'segment',
          startsAt: start + (8 + random.below(9)) * hourMs,
          messages: logBetween(random, 15, 250),
          hard: rate(),
        }),
      );
    if (receipts > 0)
      campaigns.push(
        campaignOf(random, 16, {
          name: 'receipts',
          list: 'customers',
          kind: 'transactional',
          purpose: 'transactional',
          startsAt: start + 6 * hourMs,
          messages: receipts * season * gammaFactor(random, 10),
          speed: receipts / 8,
          hard: between(random, 0.002, 0.012),
        }),
      );
  }
  return campaigns;
}

/** Campaigns to old addresses, and bad imports. */
function drawRisky(random: Random, { daily, from, days }: Habits): Campaign[] {
  const campaigns: Campaign[] = [];
  const somewhere = () => from + random.below(days) * dayMs + (7 + random.below(10)) * hourMs;
  for (let count = random.below(4); count > 0; count--)
    campaigns.push(
      campaignOf(random, between(random, 3, 8), {
        name: `we-miss-you-${count}`,
        list: 'inactive',
        kind: 're-engagement',
        startsAt: somewhere(),
        messages: daily * between(random, 0.5, 3),
        hard: between(random, 0.02, 0.06),
      }),
    );
  for (let count = 1 + poisson(random, 4); count > 0; count--) {
    const hard = logBetween(random, 0.08, 0.4);
    campaigns.push(
      campaignOf(random, between(random, 3, 10), {
        name: happens(random, 0.3) ? 'newsletter' : `welcome-import-${count}`,
        list: `import-${count}`,
        kind: 'import',
        startsAt: somewhere(),
        messages: Math.max(300, daily * logBetween(random, 1, 8)),
        hard,
        // A third of the senders checks a list before it is sent.
        forecast: happens(random, 0.33) ? hard * between(random, 0.6, 1.3) : null,
      }),
    );
  }
  return campaigns;
}

/** A new sending domain: its own campaigns, more of them each week. */
function drawWarmUp(random: Random, { daily, from, days }: Habits): Campaign[] {
  if (!happens(random, 0.35)) return [];
  const start = from + random.below(days - 60) * dayMs + 9 * hourMs;
  return Array.from({ length: 40 }, (_, day) =>
    campaignOf(random, 6, {
      name: 'new-domain',
      list: 'new-domain',
      kind: 'warm-up',
      startsAt: start + day * dayMs,
      messages: Math.min(daily, 300 + day * 60),
      hard: between(random, 0.002, 0.008),
      firstSentAt: start,
    }),
  );
}

/** Shares of the mail that decide where a trouble strikes: bigger providers have more of them. */
const whereOf = (random: Random, all: readonly SharedProvider[]): SharedProvider =>
  random.weighed(
    all.filter(({ name }) => name !== null).map((one) => ({ ...one, weight: Math.max(one.share, 0.05) })),
  );

function drawTroubles(random: Random, all: readonly SharedProvider[], from: number, days: number): Trouble[] {
  const troubles: Trouble[] = [];
  const add = (
    kind: Trouble['kind'],
    provider: string | null,
    length: number,
    rest: Pick<Trouble, 'share' | 'ramp' | 'as'>,
  ) => {
    // Office hours, because most of the mail is sent then.
    const start = Math.round(from + random.below(days) * dayMs + between(random, 5, 20) * hourMs);
    troubles.push({ kind, provider, from: start, to: Math.round(start + length), ...rest });
  };
  for (let count = 1 + poisson(random, 2.5); count > 0; count--) {
    const isSudden = happens(random, 0.6);
    add('block', whereOf(random, all).name, logBetween(random, 6, 120) * hourMs, {
      share: isSudden ? between(random, 0.6, 1) : between(random, 0.5, 0.95),
      ramp: isSudden ? 0 : logBetween(random, 1, 12) * hourMs,
      as: happens(random, 0.65) ? 'bounce' : 'deferral',
    });
  }
  for (let count = poisson(random, 0.4); count > 0; count--)
    add(
      'authentication',
      random.pick(['gmail', 'outlook', 'google', 'microsoft365']),
      logBetween(random, 4, 48) * hourMs,
      {
        share: between(random, 0.4, 1),
        ramp: 0,
        as: 'bounce',
      },
    );
  for (let count = 2 + poisson(random, 3); count > 0; count--)
    add('outage', whereOf(random, all).name, logBetween(random, 0.5, 12) * hourMs, {
      share: between(random, 0.4, 1),
      ramp: 0,
      as: happens(random, 0.7) ? 'deferral' : 'bounce',
    });
  for (let count = poisson(random, 0.7); count > 0; count--)
    add('false_unknown', whereOf(random, all).name, logBetween(random, 0.5, 3) * hourMs, {
      share: between(random, 0.3, 1),
      ramp: 0,
      as: 'bounce',
    });
  for (let count = poisson(random, 1); count > 0; count--)
    add('network', null, logBetween(random, 0.5, 4) * hourMs, {
      share: between(random, 0.3, 1),
      ramp: 0,
      as: 'deferral',
    });
  return troubles;
}

/** Generates the year of a seed. `days` shortens it for tests. */
export function generateSendYear(seed: number, days = 365): SendYear {
  const random = randomFrom(seed * 7919 + 13);
  const { audience, providers } = drawProviders(random);
  const isPoor = happens(random, 0.25);
  const habits: Habits = {
    daily: logBetween(random, 150, 3000),
    length: between(random, 2, 8),
    hard: isPoor ? between(random, 0.008, 0.02) : between(random, 0.0015, 0.005),
    from: yearStart,
    days,
  };
  // Events of many senders name no list.
  const namesLists = happens(random, 0.7);
  const campaigns = [
    ...drawOrdinary(random, habits),
    ...drawRisky(random, habits),
    ...(days > 60 ? drawWarmUp(random, habits) : []),
  ].map((drawn): Campaign => {
    const one = namesLists ? drawn : { ...drawn, list: null };
    // A few campaigns have words or links that one provider refuses.
    if (one.purpose === 'transactional' || !happens(random, 0.01)) return one;
    return {
      ...one,
      refusedContent: { provider: whereOf(random, providers).name!, share: between(random, 0.1, 0.9) },
    };
  });
  campaigns.sort((one, other) => one.startsAt - other.startsAt);
  const to = yearStart + days * dayMs;
  const gaps = Array.from({ length: poisson(random, (3 * days) / 365) }, () => {
    const from = yearStart + Math.floor(random.unit() * days * dayMs);
    return { from, to: from + Math.round(logBetween(random, 30 * minuteMs, 10 * hourMs)) };
  });
  const reporter = random.pick(['all', 'all', 'delivered', 'sent'] as const);
  return {
    seed,
    description: `${audience}, ${Math.round(habits.daily)} a day, hard ${(habits.hard * 100).toFixed(2)}%, reports ${reporter}`,
    from: yearStart,
    to,
    isPoor,
    reporter,
    providers,
    campaigns: campaigns.filter(({ startsAt }) => startsAt < to),
    troubles: drawTroubles(random, providers, yearStart, days),
    gaps,
    soft: between(random, 0.001, 0.006),
    policy: logBetween(random, 0.0001, 0.003),
    full: between(random, 0.0005, 0.004),
    deferred: between(random, 0.004, 0.02),
    complaints: between(random, 0.0001, 0.0006),
    queueHours: random.pick([8, 14, 24, 72]),
    late: between(random, 0.005, 0.05),
    twice: between(random, 0, 0.03),
  };
}
