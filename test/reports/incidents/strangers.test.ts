// Incidents of shapes that the synthetic months (bench/months) do not have, taken from published accounts of what went wrong.

import { describe, expect, test } from 'vitest';
import type { EventCount } from '../../../src/reports/count.ts';
import type { IncidentCounts, StoredIncident } from '../../../src/reports/incidents/incident.ts';
import { nothing } from '../../../src/reports/tally.ts';
import {
  bigProviders,
  dayMs,
  hourMs,
  lifeOf,
  mailOf,
  ordinaryStreams,
  otherDomains,
  type Place,
  type Sender,
  start,
  steady,
  type Trouble,
} from './mail.ts';

const days = 44;
/** A Tuesday. */
const first = 36;
const daily = 3000;

const moment = ({ day, hour }: Place): number => day + hour / 24;
const isWithin = (place: Place, from: number, length: number): boolean =>
  moment(place) >= from && moment(place) < from + length;

const trouble = (
  [failure, reason, status]: readonly [Trouble['failure'], Trouble['reason'], string | null],
  rate: Trouble['rate'],
): Trouble => ({ failure, reason, status, rate });

const mailWith = (differences: Partial<Sender>): IncidentCounts =>
  mailOf({ seed: 1, days, providers: bigProviders, streams: ordinaryStreams(daily), ...differences });

const lifeWith = (differences: Partial<Sender>): StoredIncident[] =>
  lifeOf(mailWith(differences), { from: first - 2, to: days - 1 });

const summary = (incidents: readonly StoredIncident[]) =>
  incidents.map(({ kind, scope }) => ({ kind, scope }));

// Yahoo defers the mail of a sender whom its users complain about, in waves, with 421 4.7.0 [TSS04]. What still waits after a day is
// refused.
test('a provider that defers mail because of complaints blocks the sender, and has no outage', () => {
  const isWave = (place: Place, from: number) =>
    place.provider === 'yahoo' && isWithin(place, from, 5) && place.hour % 8 < 4;
  const waves = trouble(['deferred', 'blocked_reputation', '4.7.0'], (place) =>
    isWave(place, first) ? 0.9 : 0,
  );
  const refused = trouble(['policy', 'blocked_reputation', '4.7.0'], (place) =>
    isWave(place, first + 1) ? 0.2 : 0,
  );
  const block = { kind: 'provider_block', scope: { provider: 'yahoo' } };
  const deferred = lifeWith({ troubles: [waves] });
  expect(summary(deferred)).toEqual([block]);
  expect(deferred[0]!.explanation).toContain('yahoo deferred');
  expect(summary(lifeWith({ troubles: [waves, refused] }))).toEqual([block]);
});

// One of four shared addresses is on a blocklist for nine hours. Microsoft goes on with the listing for another day.
test('a listing that some providers keep longer than others is one incident', () => {
  const blocked = ['policy', 'blocked_reputation', '5.7.1'] as const;
  const everywhere = trouble(blocked, (place) =>
    ['microsoft365', 'icloud', null].includes(place.provider) && isWithin(place, first + 0.35, 0.4)
      ? 0.25
      : 0,
  );
  const microsoft = trouble(blocked, (place) =>
    ['microsoft365', 'outlook'].includes(place.provider ?? '') && isWithin(place, first + 0.4, 1.2)
      ? 0.25
      : 0,
  );
  expect(summary(lifeWith({ troubles: [everywhere, microsoft] }))).toEqual([
    { kind: 'sender_block', scope: {} },
  ]);
});

test('a partner whose bad addresses drip into the mail for weeks stays one bad import', () => {
  const begin = first - 10;
  const partner = {
    ...{ source: 'partner', list: 'product', campaign: () => 'welcome' },
    volume: (day: number, hour: number) => (day >= begin ? steady(0.03 * daily)(day, hour) : 0),
  };
  const incidents = lifeOf(
    mailWith({
      streams: [...ordinaryStreams(daily), partner],
      troubles: [
        trouble(['hard', 'mailbox_unknown', '5.1.1'], ({ source }) => (source === 'partner' ? 0.12 : 0)),
      ],
    }),
    { from: begin - 1, to: days - 1 },
  );
  expect(incidents).toMatchObject([{ kind: 'bad_import', scope: { source: 'partner' }, closedAt: null }]);
});

test('bots that sign up through a form with many sources are one incident of the list while they go on', () => {
  const isAttacked = (day: number) => day >= first && day < first + 2;
  const [form, ...others] = ordinaryStreams(daily);
  const incidents = lifeWith({
    streams: [
      { ...form!, volume: (day, hour) => form!.volume(day, hour) * (isAttacked(day) ? 5 : 1) },
      ...others,
    ],
    troubles: [
      trouble(['hard', 'mailbox_unknown', '5.1.1'], ({ source, day }) =>
        source === 'form' && isAttacked(day) ? 0.25 : 0,
      ),
    ],
  });
  expect(incidents).toMatchObject([{ scope: { source: 'form' } }]);
  expect(['bad_import', 'list_decay']).toContain(incidents[0]!.kind);
  expect(incidents[0]!.closedAt).toBeGreaterThan(start + (first + 2) * dayMs);
});

// Since May 2025, Microsoft refuses large senders whose mail is not authenticated. Only one of three streams is not.
test('one stream without authentication, at one provider', () => {
  const troubles = [
    trouble(['policy', 'authentication_failed', '5.7.515'], ({ provider, source, day }) =>
      provider === 'outlook' && source === 'webinar' && day >= first ? 1 : 0,
    ),
  ];
  expect(summary(lifeWith({ troubles }))).toEqual([{ kind: 'authentication', scope: {} }]);
});

// 14 and 15 December 2020: Gmail could not be reached for hours, and a day later it denied many mailboxes, off and on.
test('a provider that fails and then denies mailboxes has the fault', () => {
  const incidents = lifeWith({
    troubles: [
      trouble(['deferred', 'system_error', '4.3.0'], (place) =>
        place.provider === 'gmail' && isWithin(place, first + 0.5, 0.2) ? 0.7 : 0,
      ),
      trouble(['hard', 'mailbox_unknown', '5.1.1'], (place) =>
        place.provider === 'gmail' && isWithin(place, first + 1.6, 0.11) ? 0.25 : 0,
      ),
    ],
  });
  expect(summary(incidents)).toEqual([
    { kind: 'provider_outage', scope: { provider: 'gmail' } },
    { kind: 'provider_fault', scope: { provider: 'gmail' } },
  ]);
});

test('bounces that are reported nine hours late, because of a wrong time zone, are no incident', () => {
  const from = start + first * dayMs;
  const late = (rows: readonly EventCount[]): EventCount[] =>
    rows.flatMap(({ period, name, tally, causes }) => {
      if (period < from) return [{ period, name, tally, causes }];
      const { delivered, ...failures } = tally;
      return [
        { period, name, tally: { ...nothing, delivered }, causes: [] },
        { period: period + 9 * hourMs, name, tally: { ...failures, delivered: 0 }, causes },
      ];
    });
  const { providers, sources, campaigns, lists } = mailWith({});
  const counts = {
    ...{ providers: late(providers), sources: late(sources) },
    ...{ campaigns: late(campaigns), lists: late(lists) },
  };
  expect(lifeOf(counts, { from: first - 2, to: days - 1 })).toEqual([]);
});

// The domain of the return path expired: hosts wait for its DNS at first, and then refuse.
test('a sender domain that no longer resolves is one incident of the sender', () => {
  const troubles = [
    trouble(['deferred', 'sender_refused', '4.1.8'], (place) =>
      isWithin(place, first + 0.4, 0.4) ? 0.5 : 0,
    ),
    trouble(['policy', 'sender_refused', '5.1.8'], (place) => (isWithin(place, first + 0.4, 0.8) ? 0.3 : 0)),
  ];
  expect(summary(lifeWith({ troubles }))).toEqual([{ kind: 'sender_block', scope: {} }]);
});

test('a bad source that was added to an old list is the cause, although the whole list bounces more', () => {
  const expo = {
    ...{ source: 'expo', list: 'news', campaign: (day: number) => `news-${Math.floor(day / 7)}` },
    volume: (day: number, hour: number) => (day >= first - 1 ? steady(0.08 * daily)(day, hour) : 0),
  };
  const incidents = lifeWith({
    streams: [...ordinaryStreams(daily), expo],
    troubles: [trouble(['hard', 'mailbox_unknown', '5.1.1'], ({ source }) => (source === 'expo' ? 0.4 : 0))],
  });
  expect(incidents).toMatchObject([{ kind: 'bad_import', scope: { source: 'expo' } }]);
});

const isAt = (place: Place, ...providers: readonly string[]): boolean =>
  providers.includes(place.provider ?? '');

const senderBlock = { kind: 'sender_block', scope: {} };

const refusals = ['policy', 'blocked_reputation', '5.7.1'] as const;
const deferrals = ['deferred', 'blocked_reputation', '4.7.0'] as const;

describe('blocks at two providers among many', () => {
  const blocks = (cause: typeof refusals | typeof deferrals, outlookFrom: number) => [
    trouble(cause, (place) => (isAt(place, 'gmail') && isWithin(place, first + 0.4, 1) ? 0.5 : 0)),
    trouble(cause, (place) => (isAt(place, 'outlook') && isWithin(place, outlookFrom, 1) ? 0.5 : 0)),
  ];

  test.each([
    ['refused', refusals],
    ['deferred', deferrals],
  ] as const)('mail that is %s: one block of the sender if they begin together', (_, cause) => {
    const counts = mailWith({ troubles: blocks(cause, first + 0.4) });
    expect(summary(lifeOf(counts, { from: first - 2, to: days - 1 }))).toEqual([senderBlock]);
    const incidents = lifeOf(counts, { from: first, to: first + 1 });
    expect(incidents[0]!.evidence.providers.map(({ name }) => name).sort()).toEqual(['gmail', 'outlook']);
  });

  test.each([
    ['refused', refusals],
    ['deferred', deferrals],
  ] as const)('mail that is %s: two blocks if one begins days after the other', (_, cause) => {
    expect(summary(lifeWith({ troubles: blocks(cause, first + 2.4) }))).toEqual([
      { kind: 'provider_block', scope: { provider: 'gmail' } },
      { kind: 'provider_block', scope: { provider: 'outlook' } },
    ]);
  });

  test('one block of the sender if hardly any other provider gets mail', () => {
    const providers = { gmail: 0.6, outlook: 0.399, zoho: 0.001 };
    expect(summary(lifeWith({ providers, troubles: blocks(refusals, first + 1) }))).toEqual([senderBlock]);
  });
});

test('one provider that refuses mail and another that defers it have one cause', () => {
  const counts = mailWith({
    troubles: [
      trouble(refusals, (place) => (isAt(place, 'outlook') && isWithin(place, first + 0.4, 1) ? 0.5 : 0)),
      trouble(deferrals, (place) => (isAt(place, 'yahoo') && isWithin(place, first + 0.4, 1) ? 0.7 : 0)),
    ],
  });
  expect(summary(lifeOf(counts, { from: first - 2, to: days - 1 }))).toEqual([senderBlock]);
  const incidents = lifeOf(counts, { from: first, to: first + 1 });
  expect(incidents[0]!.evidence.providers.map(({ name }) => name).sort()).toEqual(['outlook', 'yahoo']);
});

test('all providers that defer mail because of the sender are one block of the sender', () => {
  const troubles = [trouble(deferrals, (place) => (isWithin(place, first + 0.3, 2) ? 0.4 : 0))];
  expect(summary(lifeWith({ troubles }))).toEqual([senderBlock]);
});

// A critical block stops all mail. These providers get a sixth of it.
test('a block at two providers with little of the mail is a warning', () => {
  const counts = mailWith({
    troubles: [
      trouble(deferrals, (place) =>
        isAt(place, 'yahoo', 'icloud') && isWithin(place, first + 0.3, 2) ? 2.5 : 0,
      ),
    ],
  });
  for (let to = first + 1; to < days; to++)
    expect(lifeOf(counts, { from: first - 2, to })).toMatchObject([{ ...senderBlock, severity: 'warning' }]);
  const [incident] = lifeOf(counts, { from: first - 2, to: first + 1.5 });
  expect(incident!.explanation).toMatch(/^Two providers defer your mail/);
});

test('a block of a sender with little mail is one from its first look on, although few providers show it at once', () => {
  const providers = { gmail: 0.52, yahoo: 0.19, outlook: 0.15, icloud: 0.08, [otherDomains]: 0.06 };
  for (const seed of [1, 2, 7, 8]) {
    const counts = mailWith({
      ...{ seed, providers, streams: ordinaryStreams(400) },
      troubles: [
        trouble(refusals, (place) =>
          place.provider !== 'gmail' && isWithin(place, first + 0.3, 2) ? 0.3 : 0,
        ),
      ],
    });
    const kinds = [];
    for (let to = first; to < first + 2; to += 1 / 8)
      kinds.push(...summary(lifeOf(counts, { from: first, to, stepHours: 3 })));
    expect(kinds.length).toBeGreaterThan(10);
    for (const kind of kinds) expect(kind).toEqual(senderBlock);
  }
});

test('a source that ages faster each day is not taken for a bad import', () => {
  for (const [seed, slope, volume] of [
    [1, 0.007, 3000],
    [2, 0.007, 3000],
    [1, 0.01, 10_000],
    [6, 0.01, 10_000],
  ] as const) {
    const begin = first - 6;
    const counts = mailWith({
      seed,
      streams: [{ source: 'research', list: 'leads', campaign: () => 'intro', volume: steady(volume) }],
      troubles: [
        trouble(['hard', 'mailbox_unknown', '5.1.1'], ({ day }) =>
          day >= begin ? slope * (day - begin + 1) : 0,
        ),
      ],
    });
    const kinds = new Set<string>();
    for (let to = begin; to < begin + 8; to += 0.5)
      for (const { kind } of lifeOf(counts, { from: begin - 1, to, stepHours: 3 })) kinds.add(kind);
    expect([...kinds]).toEqual(['list_decay']);
  }
});

test('mailboxes that are full since the first mail of a new sender are no rise', () => {
  const fullAt = (rate: number) =>
    lifeOf(
      mailWith({
        days: 20,
        troubles: [
          trouble(['soft', 'mailbox_full', '4.2.2'], ({ provider }) => (provider === 'yahoo' ? rate : 0)),
        ],
      }),
      { from: 7, to: 19 },
    );
  expect(fullAt(0.04)).toEqual([]);
  // So many are worth a word, also if nothing shows that there are more than before.
  expect(summary(fullAt(0.2))).toEqual([{ kind: 'mailboxes_full', scope: { provider: 'yahoo' } }]);
});
