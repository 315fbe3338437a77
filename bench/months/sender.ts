// A synthetic sender: its size, its mailings, the sources of its addresses, and its ordinary rates.
//
// - Ordinary rates: consumer lists lose 0.5-1% of their addresses a month and business lists 2-3%; a total bounce rate
//   below 2% is healthy, a cold sender keeps hard bounces below 0.5% (the guides of the project). Published averages:
//   0.4% hard across industries (Mailchimp's report, as cited by sendpulse.com/support/glossary/email-bounce-rate), 0.7%
//   in total (Campaign Monitor 2020).
// - Complaints: Google wants less than 0.1% and never 0.3%; Amazon SES reviews an account from 0.1% on.
// - Queue lives: Mailgun 8 h, Amazon SES 14 h, SendGrid 72 h (twilio.com/docs/glossary/expired), Postfix 5 days.
// - Campaigns start on the hour (docs.sendgrid.com/glossary/scheduled-emails; spamresource.com/2023/11).
// - Black Friday: three times the mail of other days and more (suped.com on its email volumes).

import { dayMs, hourMs } from '../../src/durations.ts';
import type { Random } from '../simulate/random.ts';
import { type Provider, providers, shares, smallHosts } from './providers.ts';
import { between, gammaFactor, happens, logBetween } from './sample.ts';
import type { Profile } from './types.ts';

/** What the sender's service reports. `bounces`: only bounces and complaints, as a mailbox for returned mail does. */
export type Reporter = 'all' | 'delivered' | 'sent' | 'bounces';

export interface SharedProvider extends Provider {
  /** The share of the sender's mail, from 0 to 1. */
  readonly share: number;
}

/** The mail of one mailing to the addresses of one source. */
export interface Part {
  readonly mailing: Mailing;
  readonly source: string | null;
  readonly share: number;
  /** The ordinary hard bounce rate. */
  readonly hard: number;
}

export interface Mailing {
  readonly kind: 'transactional' | 'campaign' | 'cold';
  readonly list: string | null;
  /** Messages on an average day on which it is sent. */
  readonly volume: number;
  /** How many of 7 days have such a mailing, on average. */
  readonly perWeek: number;
  /** The relative volume on a day (epoch milliseconds of its start); 0 if nothing is sent. */
  weight(day: number): number;
  /** The share of the day's mail in each hour. */
  readonly hours: readonly number[];
  campaign(day: number): string | null;
  readonly complaints: number;
  readonly unsubscribes: number;
  readonly parts: readonly Part[];
}

export interface Sender {
  readonly profile: Profile;
  readonly audience: string;
  readonly daily: number;
  readonly reporter: Reporter;
  readonly providers: readonly SharedProvider[];
  readonly mailings: readonly Mailing[];
  readonly soft: number;
  readonly policy: number;
  readonly deferred: number;
  /** The share of full mailboxes by the provider's name. */
  full(provider: Provider): number;
  /** Hours after which a message in the queue expires, and the share of soft bounces that are reported at once. */
  readonly queueHours: number;
  readonly immediate: number;
  /** How much rates differ from day to day: the shape of a gamma factor. A low shape means noisy days. */
  readonly steadiness: number;
  /** The growth of the volume in 30 days. */
  readonly growth: number;
}

const nightAndDay = [1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 5, 3, 2];
const office = [0, 0, 0, 0, 0, 0, 0, 2, 8, 10, 10, 9, 6, 8, 9, 8, 6, 2, 0, 0, 0, 0, 0, 0];

const normalized = (weights: readonly number[]): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

/** Sends from `hour` on, most of it in the first hour. */
export const launchedAt = (hour: number, length: number): number[] =>
  normalized(
    Array.from({ length: 24 }, (_, at) => (at >= hour && at < hour + length ? 0.5 ** (at - hour) : 0)),
  );

const weekdayOf = (day: number) => new Date(day).getUTCDay();
const isWeekend = (day: number) => weekdayOf(day) % 6 === 0;
const dateName = (day: number) => new Date(day).toISOString().slice(0, 10);

/** The week of Black Friday: the days around the Friday after the fourth Thursday of November. */
export function seasonAt(day: number): number {
  const date = new Date(day);
  if (date.getUTCMonth() !== 10) return 1;
  const first = new Date(Date.UTC(date.getUTCFullYear(), 10, 1)).getUTCDay();
  const friday = 23 + ((11 - first) % 7);
  const distance = date.getUTCDate() - friday;
  return distance === 0 ? 3 : distance >= -4 && distance <= 3 ? 2 : 1;
}

const audiences: Readonly<Record<Profile, readonly string[]>> = {
  b2c: ['us', 'us', 'de', 'de', 'fr', 'uk', 'pl'],
  b2b: ['business'],
  cold: ['business'],
};

/** The provider shares of a sender: those of its audience, with differences. */
function providersOf(random: Random, audience: string): SharedProvider[] {
  const known = Object.entries(shares[audience]!).map(([name, percent]) => ({
    ...providers.get(name)!,
    share: (percent / 100) * gammaFactor(random, 20),
  }));
  const rest = Math.max(1 - known.reduce((sum, { share }) => sum + share, 0), 0.03);
  const small = smallHosts.map((host) => ({ ...host, share: rest / smallHosts.length }));
  const total = [...known, ...small].reduce((sum, { share }) => sum + share, 0);
  return [...known, ...small].map((one) => ({ ...one, share: one.share / total }));
}

const sourceNames: Readonly<Record<Profile, readonly string[]>> = {
  b2c: ['signup', 'shop', 'checkout', 'app', 'giveaway'],
  b2b: ['website', 'webinar', 'trial', 'trade-fair', 'partner'],
  cold: ['research', 'crm', 'directory'],
};

const hardRange: Readonly<Record<Profile, readonly [number, number]>> = {
  b2c: [0.0012, 0.004],
  b2b: [0.003, 0.01],
  cold: [0.0012, 0.0035],
};

interface MailingDraft extends Omit<Mailing, 'parts' | 'complaints' | 'unsubscribes' | 'volume'> {
  /** The share of the sender's mail over a whole week. */
  readonly part: number;
}

const weekOf = (weight: (day: number) => number): number =>
  Array.from({ length: 28 }, (_, day) => weight(Date.UTC(2025, 1, 1) + day * dayMs)).reduce(
    (sum, one) => sum + one,
    0,
  ) / 4;

/** The mailings of a sender, without their sources. */
function draftMailings(random: Random, profile: Profile, named: { campaigns: boolean; lists: boolean }) {
  const workdays = (day: number) => (isWeekend(day) ? 0 : 1);
  const drafts: MailingDraft[] = [];
  const add = (part: number, draft: Omit<MailingDraft, 'part' | 'perWeek'>) =>
    drafts.push({
      ...draft,
      perWeek: Math.min(
        weekOf((day) => Math.min(draft.weight(day), 1)),
        7,
      ),
      part,
    });
  const list = (name: string) => (named.lists ? name : null);

  if (profile === 'cold') {
    for (const step of ['intro', 'follow-up'].slice(0, 1 + random.below(2)))
      add(step === 'intro' ? 0.6 : 0.4, {
        kind: 'cold',
        list: list('prospects'),
        weight: workdays,
        hours: normalized(office),
        campaign: () => (named.campaigns ? `sequence-${step}` : null),
      });
    return drafts;
  }
  const quietWeekend = profile === 'b2b' ? 0.25 : 0.9;
  add(between(random, 0.3, 0.7), {
    kind: 'transactional',
    list: list('transactional'),
    weight: (day) => (isWeekend(day) ? quietWeekend : 1),
    hours: normalized(nightAndDay),
    campaign: () => (named.campaigns && profile === 'b2c' ? 'receipt' : null),
  });
  const launch = () => 5 + random.below(12);
  const perIssue = happens(random, 0.5);
  const issue = (name: string) => (day: number) =>
    named.campaigns ? (perIssue ? `${name}-${dateName(day)}` : name) : null;
  if (happens(random, 0.6)) {
    const hour = launch();
    add(between(random, 0.2, 0.5), {
      kind: 'campaign',
      list: list('offers'),
      weight: profile === 'b2b' ? workdays : (day) => seasonAt(day),
      hours: launchedAt(hour, 1 + random.below(4)),
      campaign: issue('offers'),
    });
  }
  if (happens(random, 0.7)) {
    const weekday = 1 + random.below(5);
    add(between(random, 0.1, 0.4), {
      kind: 'campaign',
      list: list('newsletter'),
      weight: (day) => (weekdayOf(day) === weekday ? seasonAt(day) : 0),
      hours: launchedAt(launch(), 1 + random.below(6)),
      campaign: issue('newsletter'),
    });
  }
  if (happens(random, 0.3)) {
    const date = 1 + random.below(27);
    add(between(random, 0.05, 0.15), {
      kind: 'campaign',
      list: list('digest'),
      weight: (day) => (new Date(day).getUTCDate() === date ? 1 : 0),
      hours: launchedAt(launch(), 2 + random.below(6)),
      campaign: issue('digest'),
    });
  }
  return drafts;
}

/** The most messages a day by profile. */
const mostDaily: Readonly<Record<Profile, number>> = { b2c: 10_000_000, b2b: 400_000, cold: 8_000 };

/** Draws a sender with one of the reporters and at most `most` messages a day. */
export function drawSender(
  random: Random,
  reporters: readonly Reporter[],
  most = Number.POSITIVE_INFINITY,
): Sender {
  const profile = random.pick(['b2c', 'b2c', 'b2c', 'b2b', 'b2b', 'cold'] as const);
  const audience = random.pick(audiences[profile]);
  const daily = Math.round(logBetween(random, 200, Math.min(most, mostDaily[profile])));
  const named = {
    sources: happens(random, 0.8),
    campaigns: happens(random, 0.8),
    lists: happens(random, 0.5),
  };
  const sources: readonly (string | null)[] = named.sources
    ? sourceNames[profile].slice(0, 1 + random.below(4))
    : [null];
  const [low, high] = hardRange[profile];
  const hard = between(random, low, high);
  const drafts = draftMailings(random, profile, named);
  const whole = drafts.reduce((sum, { part }) => sum + part, 0);
  const mailings = drafts.map(({ part, ...draft }): Mailing => {
    const mailing = {
      ...draft,
      volume: (daily * 7 * part) / whole / Math.max(weekOf(draft.weight), 0.25),
      complaints: draft.kind === 'transactional' ? 0.00005 : between(random, 0.0001, 0.0006),
      unsubscribes: draft.kind === 'transactional' ? 0 : between(random, 0.0004, 0.002),
      parts: [] as Part[],
    };
    const own = draft.kind === 'transactional' ? sources.slice(0, 2) : sources;
    const weights = normalized(own.map(() => between(random, 0.4, 1.6)));
    for (const [index, source] of own.entries())
      mailing.parts.push({ mailing, source, share: weights[index]!, hard: hard * gammaFactor(random, 12) });
    return mailing;
  });

  // A long-standing share of full mailboxes, mostly at providers whose customers keep old mailboxes.
  const usual = between(random, 0.0003, 0.0015) * (profile === 'cold' ? 0.5 : 1);
  const chosen = providersOf(random, audience);
  const fullest = happens(random, 0.35) ? random.pick(chosen).name : undefined;
  const standing = between(random, 0.008, 0.03);
  return {
    profile,
    audience,
    daily,
    reporter: random.pick(reporters),
    providers: chosen,
    mailings,
    soft: profile === 'b2c' ? between(random, 0.0008, 0.003) : between(random, 0.002, 0.007),
    policy: profile === 'b2c' ? between(random, 0.0001, 0.0008) : between(random, 0.0005, 0.003),
    deferred: between(random, 0.004, 0.02),
    full: ({ name }) => (fullest !== undefined && name === fullest ? standing : usual),
    queueHours: random.pick([8, 14, 24, 72, 72, 120]),
    immediate: random.pick([0.2, 0.5, 0.8, 1]),
    steadiness: logBetween(random, 5, 40),
    growth: between(random, -0.1, 0.5),
  };
}

/** The growth of the volume at a time, as a factor. */
export const growthAt = ({ growth }: Sender, since: number, hour: number): number =>
  (1 + growth) ** ((hour - since) / (30 * dayMs));

/** Messages that a part sends on an average day of the week. */
export const averageDaily = (part: Part): number =>
  (part.mailing.volume * part.share * part.mailing.perWeek) / 7;

export const hourOfDay = (hour: number): number => (hour / hourMs) % 24;
