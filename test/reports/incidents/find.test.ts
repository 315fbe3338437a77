// What is found in the mail of invented senders: each trouble is one incident of its kind, and ordinary mail is none.

import { describe, expect, test } from 'vitest';
import type { EventCount } from '../../../src/reports/count.ts';
import type { IncidentKind, IncidentScope, StoredIncident } from '../../../src/reports/incidents/incident.ts';
import {
  atHour,
  bigProviders,
  dayMs,
  lifeOf,
  mailOf,
  ordinaryStreams,
  type Place,
  type Sender,
  type Stream,
  start,
  steady,
  type Trouble,
} from './mail.ts';

const seeds = [1];
const days = 54;
const troubleFrom = 48;

const isSince = ({ day, hour }: Place, length: number): boolean => {
  const moment = day + hour / 24;
  return moment >= troubleFrom + 0.4 && moment < troubleFrom + 0.4 + length;
};

const trouble = (
  cause: readonly [Trouble['failure'], Trouble['reason'], string | null],
  rate: Trouble['rate'],
): Trouble => ({ failure: cause[0], reason: cause[1], status: cause[2], rate });

const blocked = ['policy', 'blocked_reputation', '5.7.1'] as const;
const unknown = ['hard', 'mailbox_unknown', '5.1.1'] as const;

function lifeWith(
  daily: number,
  seed: number,
  { troubles = [], streams = ordinaryStreams(daily), ...more }: Partial<Sender>,
): StoredIncident[] {
  const counts = mailOf({ seed, days, providers: bigProviders, streams, troubles, ...more });
  return lifeOf(counts, { from: 44, to: days - 1 });
}

const summary = (incidents: readonly StoredIncident[]) =>
  incidents.map(({ kind, scope }) => ({ kind, scope }));

const byProvider = (
  { scope: one }: { readonly scope: IncidentScope },
  { scope: other }: { readonly scope: IncidentScope },
): number => (one.provider ?? '').localeCompare(other.provider ?? '');

interface Case {
  readonly name: string;
  readonly kind: IncidentKind;
  readonly scope: IncidentScope;
  readonly troubles: readonly Trouble[];
  readonly daily?: readonly number[];
}

const cases: readonly Case[] = [
  {
    name: 'gmail refuses most mail',
    kind: 'provider_block',
    scope: { provider: 'gmail' },
    troubles: [trouble(blocked, (place) => (place.provider === 'gmail' && isSince(place, 1) ? 0.6 : 0))],
    daily: [300, 3000],
  },
  {
    name: 'a provider with 1% of the mail refuses all of it',
    kind: 'provider_block',
    scope: { provider: 'zoho' },
    troubles: [trouble(blocked, (place) => (place.provider === 'zoho' && isSince(place, 3) ? 1 : 0))],
  },
  {
    name: 'all providers refuse a third of the mail',
    kind: 'sender_block',
    scope: {},
    troubles: [trouble(blocked, (place) => (isSince(place, 1) ? 0.3 : 0))],
    daily: [300, 3000],
  },
  {
    name: 'three providers miss DMARC',
    kind: 'authentication',
    scope: {},
    troubles: [
      trouble(['policy', 'authentication_failed', '5.7.26'], (place) =>
        ['gmail', 'yahoo', 'outlook'].includes(place.provider ?? '') && isSince(place, 1) ? 0.5 : 0,
      ),
    ],
  },
  {
    name: 'soft bounces rise from 1% to 9% in ten days',
    kind: 'soft_rise',
    scope: {},
    troubles: [
      trouble(['soft', 'unknown', '4.7.0'], ({ day }) => (day >= 46 && day < 56 ? 0.008 * (day - 45) : 0)),
    ],
  },
  {
    name: 'outlook cannot be reached for half a day',
    kind: 'provider_outage',
    scope: { provider: 'outlook' },
    troubles: [
      trouble(['soft', 'network_error', '4.4.1'], (place) =>
        place.provider === 'outlook' && isSince(place, 0.5) ? 0.5 : 0,
      ),
    ],
  },
  {
    name: 'gmail limits the rate',
    kind: 'rate_limited',
    scope: { provider: 'gmail' },
    troubles: [
      trouble(['deferred', 'rate_limited', '4.7.28'], (place) =>
        place.provider === 'gmail' && isSince(place, 2) ? 0.4 : 0,
      ),
    ],
  },
  {
    name: 'mailboxes are full everywhere',
    kind: 'mailboxes_full',
    scope: {},
    troubles: [trouble(['soft', 'mailbox_full', '4.2.2'], (place) => (isSince(place, 6) ? 0.03 : 0))],
  },
  {
    name: 'yahoo says that half of the mailboxes do not exist',
    kind: 'provider_fault',
    scope: { provider: 'yahoo' },
    troubles: [trouble(unknown, (place) => (place.provider === 'yahoo' && isSince(place, 0.4) ? 0.5 : 0))],
  },
  {
    name: 'complaints',
    kind: 'complaints',
    scope: {},
    troubles: [
      trouble(['complaint', 'feedback', null], (place) =>
        isSince(place, 1) && place.source !== 'form' ? 0.012 : 0,
      ),
    ],
    daily: [10_000],
  },
];

describe('a trouble is one incident', () => {
  for (const { name, kind, scope, troubles, daily = [3000] } of cases)
    test.each(daily)(`${name}: %d messages a day`, (volume) => {
      for (const seed of seeds)
        expect(summary(lifeWith(volume, seed, { troubles }))).toEqual([{ kind, scope }]);
    });

  const bought = (volume: number): Stream => ({
    source: 'bought',
    list: 'leads',
    campaign: () => 'promo',
    volume: atHour(10, (day) => (day === troubleFrom ? volume : 0)),
  });

  test.each([
    ['a quarter', 0.25, 600],
    ['all', 1, 60],
  ])('%s of a bad import bounces', (_, rate, volume) => {
    const troubles = [trouble(unknown, ({ source }) => (source === 'bought' ? rate : 0))];
    const streams = [...ordinaryStreams(3000), bought(volume)];
    for (const seed of seeds)
      expect(summary(lifeWith(3000, seed, { troubles, streams }))).toEqual([
        { kind: 'bad_import', scope: { source: 'bought', list: 'leads', campaign: 'promo' } },
      ]);
  });

  test('a list ages', () => {
    const troubles = [trouble(unknown, ({ day }) => (day >= 20 ? 0.0015 * (day - 19) : 0))];
    for (const seed of seeds)
      expect(summary(lifeWith(3000, seed, { troubles }))).toEqual([{ kind: 'list_decay', scope: {} }]);
  });

  test('a known source that decays is named, and is not a bad import', () => {
    const troubles = [
      trouble(unknown, ({ day, source }) => (source === 'webinar' && day >= 46 ? 0.012 * (day - 45) : 0)),
    ];
    for (const seed of seeds)
      expect(summary(lifeWith(6000, seed, { troubles }))).toMatchObject([{ kind: 'list_decay' }]);
  });

  test('rate limits at two providers are two incidents', () => {
    const troubles = [
      trouble(['deferred', 'rate_limited', '4.7.28'], (place) =>
        ['gmail', 'yahoo'].includes(place.provider ?? '') && isSince(place, 2) ? 0.4 : 0,
      ),
    ];
    for (const seed of seeds)
      expect(summary(lifeWith(3000, seed, { troubles })).toSorted(byProvider)).toEqual([
        { kind: 'rate_limited', scope: { provider: 'gmail' } },
        { kind: 'rate_limited', scope: { provider: 'yahoo' } },
      ]);
  });

  test('warnings about authentication are deferrals at first, and one incident with the refusals', () => {
    const isAtGmail = ({ provider }: Place) => provider === 'gmail';
    const troubles = [
      trouble(['deferred', 'authentication_failed', '4.7.26'], (place) =>
        isAtGmail(place) && isSince(place, 2) ? 0.15 : 0,
      ),
      trouble(['policy', 'authentication_failed', '5.7.26'], (place) =>
        isAtGmail(place) && isSince(place, 4) && !isSince(place, 2) ? 0.5 : 0,
      ),
    ];
    for (const seed of seeds)
      expect(summary(lifeWith(3000, seed, { troubles }))).toEqual([{ kind: 'authentication', scope: {} }]);
  });

  test('deferrals pile up in the hours of bursts', () => {
    const streams = [
      ...ordinaryStreams(2000),
      {
        source: 'form',
        list: 'news',
        campaign: () => null,
        volume: (_: number, hour: number) => (hour === 9 || hour === 15 ? 1500 : 0),
      },
    ];
    const troubles = [
      trouble(['deferred', 'rate_limited', '4.7.0'], ({ day, hour }) =>
        (hour === 9 || hour === 15) && day >= 45 ? 0.3 : 0,
      ),
    ];
    for (const seed of seeds) {
      const found = lifeWith(0, seed, { troubles, streams });
      expect(found).toHaveLength(1);
      expect(found[0]!.kind).toBe('sending_bursts');
    }
  });

  test('a block is seen by its share of the bounces if deliveries are not reported', () => {
    const troubles = [
      trouble(blocked, (place) => (place.provider === 'gmail' && isSince(place, 1) ? 0.6 : 0)),
    ];
    for (const seed of seeds) {
      const found = lifeWith(3000, seed, { troubles, volumeKnown: false });
      expect(summary(found)).toEqual([{ kind: 'provider_block', scope: { provider: 'gmail' } }]);
      expect(found[0]!.evidence).toMatchObject({ sent: null, rate: null, rateBefore: null });
    }
  });
});

describe('what retries solve is no incident', () => {
  test('two hours of deferrals at one provider', () => {
    const troubles = [
      trouble(['deferred', 'network_error', '4.4.1'], (place) =>
        place.provider === 'outlook' && isSince(place, 2 / 24) ? 0.5 : 0,
      ),
    ];
    for (const seed of seeds) expect(summary(lifeWith(10_000, seed, { troubles }))).toEqual([]);
  });

  test('soft bounces that come when the queue gives up, after a weekly campaign', () => {
    const weekly: Stream = {
      source: 'form',
      list: 'news',
      campaign: () => 'weekly',
      volume: atHour(9, (day) => (day % 7 === 3 ? 30_000 : 0)),
    };
    const late: Stream = {
      source: 'shop',
      list: 'orders',
      campaign: () => null,
      volume: steady(1000),
    };
    // They are a fifth of the little mail that is sent three days after the campaign.
    const troubles = [
      trouble(['soft', 'expired', '4.4.7'], ({ day, hour, source }) =>
        source === 'shop' && day % 7 === 6 && hour >= 7 && hour < 19 ? 0.2 : 0,
      ),
    ];
    for (const seed of seeds)
      expect(summary(lifeWith(0, seed, { troubles, streams: [weekly, late] }))).toEqual([]);
  });
});

describe('ordinary mail is no incident', () => {
  const monthly: Stream = {
    source: 'form',
    list: 'news',
    campaign: (day) => `news-${day}`,
    volume: atHour(9, (day) => (day % 28 === 3 ? 20_000 : 0)),
  };
  test.each<[string, Partial<Sender>]>([
    ['20 messages a day', { streams: ordinaryStreams(20) }],
    ['300 messages a day', { streams: ordinaryStreams(300) }],
    ['10 million messages a day', { streams: ordinaryStreams(10_000_000) }],
    ['rates that vary much', { spread: 0.5 }],
    ['bounces alone are reported', { volumeKnown: false }],
    ['one campaign in four weeks', { streams: [monthly] }],
    [
      'a small stream beside a weekly campaign',
      {
        streams: [
          { source: 'shop', list: null, campaign: () => null, volume: steady(200), hard: 0.3 },
          { ...monthly, volume: atHour(9, (day) => (day % 7 === 3 ? 10_000 : 0)) },
        ],
      },
    ],
  ])('%s', (_, sender) => {
    const counts = mailOf({
      ...{ seed: 1, days: 70, providers: bigProviders, streams: ordinaryStreams(3000) },
      ...sender,
    });
    expect(summary(lifeOf(counts, { from: 28, to: 69, stepHours: 12 }))).toEqual([]);
  });
});

describe('before deliveries are reported', () => {
  const beginsAt = start + 40 * dayMs;
  const onlyLater = (counts: readonly EventCount[]): EventCount[] =>
    counts.map((count) =>
      count.period >= beginsAt ? count : { ...count, tally: { ...count.tally, delivered: 0 } },
    );
  const found = (troubles: readonly Trouble[], streams?: readonly Stream[]) => {
    const mail = mailOf({
      ...{ seed: 1, days, providers: bigProviders, streams: streams ?? ordinaryStreams(3000), troubles },
    });
    const counts = {
      providers: onlyLater(mail.providers),
      sources: onlyLater(mail.sources),
      campaigns: onlyLater(mail.campaigns),
      lists: onlyLater(mail.lists),
    };
    return summary(lifeOf(counts, { from: 44, to: days - 1 }));
  };

  test('the bounces of these days do not hide a block', () => {
    expect(
      found([trouble(blocked, (place) => (place.provider === 'gmail' && isSince(place, 1) ? 0.3 : 0))]),
    ).toEqual([{ kind: 'provider_block', scope: { provider: 'gmail' } }]);
  });

  test('nor do they hide soft bounces everywhere, or complaints', () => {
    const rises = [
      trouble(['soft', 'unknown', '4.7.0'], (place) => (isSince(place, 4) ? 0.12 : 0)),
      trouble(['complaint', 'feedback', null], (place) => (isSince(place, 2) ? 0.01 : 0)),
    ];
    expect(found(rises).map(({ kind }) => kind)).toEqual(['soft_rise', 'complaints']);
  });

  test('ordinary mail is no incident', () => {
    expect(found([])).toEqual([]);
  });
});

describe('bounces that are posted without a source', () => {
  test('are no import where deliveries have one', () => {
    const counts = mailOf({
      ...{ seed: 1, days, providers: bigProviders, streams: ordinaryStreams(3000) },
    });
    // A tenth of the hard bounces is posted twice: by the provider, and without names by the operator.
    const posted = (own: readonly EventCount[]): EventCount[] =>
      own
        .filter(({ period, name }) => name !== null && period >= start + 50 * dayMs)
        .map(({ period, tally, causes }) => ({
          period,
          name: null,
          tally: { ...tally, sent: 0, delivered: 0, soft: 0, policy: 0, deferred: 0, complaint: 0 },
          causes: causes.filter(({ failure }) => failure === 'hard'),
        }));
    const named = counts.campaigns.filter(({ name }) => name !== null);
    expect(
      summary(
        lifeOf(
          {
            ...counts,
            campaigns: [...named, ...posted(named)],
            sources: [...counts.sources, ...posted(counts.sources)],
          },
          { from: 44, to: days - 1 },
        ),
      ),
    ).toEqual([]);
  });
});

describe('when the reports of deliveries stop', () => {
  const stopsAt = start + 20 * dayMs;
  const withoutLater = (counts: readonly EventCount[]): EventCount[] =>
    counts.map((count) =>
      count.period < stopsAt ? count : { ...count, tally: { ...count.tally, delivered: 0 } },
    );
  const found = (troubles: readonly Trouble[] = []) => {
    const mail = mailOf({
      ...{ seed: 1, days: 30, providers: bigProviders, streams: ordinaryStreams(3000), troubles },
      base: { hard: 0.01, soft: 0.006, policy: 0.002, full: 0.002, delay: 0.02, complaint: 0.0002 },
    });
    const { providers, sources, campaigns, lists } = mail;
    const counts = {
      providers: withoutLater(providers),
      sources: withoutLater(sources),
      campaigns: withoutLater(campaigns),
      lists: withoutLater(lists),
    };
    return summary(lifeOf(counts, { from: 18, to: 29 }));
  };

  test('the usual bounces are no incident', () => {
    expect(found()).toEqual([]);
  });

  test('because everybody refuses all mail, it is a block', () => {
    expect(found([trouble(blocked, ({ day }) => (day >= 20 ? 1 : 0))])).toContainEqual({
      kind: 'sender_block',
      scope: {},
    });
  });
});
