// Given these counts, that is unusual, and this is what it means.

import { describe, expect, test } from 'vitest';
import type { BounceReason } from '../../src/bounce/bounce.ts';
import { dayMs } from '../../src/durations.ts';
import type { Cause, EventCount } from '../../src/reports/count.ts';
import { policyBursts, unreported } from '../../src/reports/policy-burst.ts';
import { findSpikes, percent } from '../../src/reports/spikes.ts';
import { type EventTally, type Failure, nothing } from '../../src/reports/tally.ts';

const today = Date.UTC(2026, 10, 20);

const causeOf: Readonly<Record<Failure, readonly [BounceReason, string | null]>> = {
  hard: ['mailbox_unknown', '5.1.1'],
  soft: ['rate_limited', '4.7.0'],
  policy: ['authentication_failed', '5.7.26'],
  complaint: ['feedback', null],
  unsubscribed: ['unknown', null],
  deferred: ['rate_limited', '4.7.0'],
};

function cell(daysAgo: number, name: string | null, counts: Partial<EventTally>): EventCount {
  const causes = Object.entries(causeOf).flatMap(([failure, [reason, status]]): Cause[] => {
    const messages = counts[failure as Failure] ?? 0;
    return messages === 0 ? [] : [{ failure: failure as Failure, reason, status, messages }];
  });
  return { period: today - daysAgo * dayMs, name, tally: { ...nothing, ...counts }, causes };
}

/** Two weeks of mail to two providers and to other domains, without anything unusual. */
const ordinary = Array.from({ length: 14 }, (_, index) => index + 1).flatMap((daysAgo) => [
  cell(daysAgo, 'gmail', { delivered: 1000, hard: 8, soft: 10, policy: 2 }),
  cell(daysAgo, 'outlook', { delivered: 500, hard: 4, soft: 5, policy: 1 }),
  cell(daysAgo, null, { delivered: 500, hard: 6, soft: 6, policy: 2 }),
]);

const quiet = {
  gmail: { delivered: 1000, hard: 9, soft: 12, policy: 3 },
  outlook: { delivered: 500, hard: 5, soft: 4, policy: 2 },
  others: { delivered: 500, hard: 5, soft: 7, policy: 1 },
};

const spikesOf = (changes: Partial<Record<keyof typeof quiet, Partial<EventTally>>>, before = ordinary) =>
  findSpikes({
    days: [
      ...before,
      cell(0, 'gmail', { ...quiet.gmail, ...changes.gmail }),
      cell(0, 'outlook', { ...quiet.outlook, ...changes.outlook }),
      cell(0, null, { ...quiet.others, ...changes.others }),
    ],
    sources: [],
  });

describe('a day', () => {
  test('like those before is not unusual, nor is one of ten times the mail', () => {
    expect(spikesOf({})).toEqual([]);
    expect(spikesOf({ gmail: { delivered: 10_000, hard: 85, soft: 110, policy: 25 } })).toEqual([]);
  });

  test('of many refusals by one provider: you are blocked there', () => {
    const [spike, ...others] = spikesOf({ outlook: { delivered: 100, policy: 300 } });
    expect(others).toEqual([]);
    expect(spike).toMatchObject({
      kind: 'provider_block',
      provider: 'outlook',
      from: today,
      to: today,
      messages: 300,
      status: '5.7.26',
      reason: 'authentication_failed',
    });
    expect(spike!.rate).toBeCloseTo(300 / 409);
    expect(spike!.rateBefore).toBeCloseTo(1 / 510);
    expect(spike!.explanation).toContain('The addresses are not the cause');
    expect(spike!.advice).toMatch(/SPF.*DKIM.*DMARC/);
  });

  test('of refusals everywhere: it is you', () => {
    const spikes = spikesOf({ gmail: { policy: 15 }, outlook: { policy: 8 }, others: { policy: 150 } });
    expect(spikes.map(({ kind }) => kind)).toEqual(['sender_block']);
  });

  test('of much that is put off by one provider: these addresses are not dead', () => {
    const spikes = spikesOf({ gmail: { soft: 200 } });
    expect(spikes.map(({ kind, provider }) => [kind, provider])).toEqual([['provider_delay', 'gmail']]);
    expect(spikes[0]!.explanation).toContain('do not mean that the addresses are invalid');
  });

  test('on which one provider disowns its mailboxes: rather a fault of the provider’s', () => {
    const spikes = spikesOf({ gmail: { hard: 200 } });
    expect(spikes.map(({ kind, provider }) => [kind, provider])).toEqual([['provider_incident', 'gmail']]);
    expect(spikes[0]!.advice).toContain('status page');
  });

  test('of hard bounces everywhere: the list', () => {
    const spikes = spikesOf({ gmail: { hard: 80 }, outlook: { hard: 45 }, others: { hard: 60 } });
    expect(spikes.map(({ kind }) => kind)).toEqual(['list_quality']);
  });

  test('of many complaints: people did not expect the mail', () => {
    const spikes = spikesOf({ gmail: { complaint: 9 } });
    expect(spikes.map(({ kind }) => kind)).toEqual(['complaints']);
    expect(spikes[0]!.advice).toContain('0.1%');
  });

  test('of only nine failures is not reported', () => {
    expect(spikesOf({ outlook: { delivered: 5, hard: 0, soft: 0, policy: 9 } })).toEqual([]);
  });

  test('with nothing before it is judged by what it is', () => {
    expect(spikesOf({}, [])).toEqual([]);
    const spikes = spikesOf({ gmail: { delivered: 100, policy: 150 } }, []);
    expect(spikes.map(({ kind }) => kind)).toEqual(['provider_block']);
    expect(spikes[0]!.rateBefore).toBeNull();
  });
});

describe('what a spike says', () => {
  const explain = (...given: Parameters<typeof spikesOf>) => spikesOf(...given)[0]!.explanation;
  const bouncesOnly = (cells: readonly EventCount[]) =>
    cells.map((one) => ({ ...one, tally: { ...one.tally, delivered: 0 } }));

  test('compares with the rate before, if both are known', () => {
    expect(explain({ gmail: { hard: 200 } })).toContain(
      'of the mail to it bounced hard (on the days before: 0.78%)',
    );
    const none = ordinary.map((one) => ({ ...one, tally: { ...one.tally, hard: 0 } }));
    expect(explain({ gmail: { hard: 200 } }, none)).toContain('(on the days before: none)');
    expect(explain({ gmail: { hard: 200 } }, [])).toContain('(there are no earlier days to compare with)');
  });

  test('gives a rate of the mail, or a share of the bounces if the mail is unknown', () => {
    const everywhere = { gmail: { hard: 80 }, outlook: { hard: 45 }, others: { hard: 60 } };
    expect(explain(everywhere)).toMatch(
      /^On 2026-11-20, \d\.\d% of your mail bounced hard \(on the days before: 0\.\d+%\), at more/,
    );
    const mostlySoft = ordinary.map((one) => ({ ...one, tally: { ...one.tally, soft: 100 } }));
    const silent = Object.fromEntries(
      Object.entries(everywhere).map(([name, counts]) => [
        name,
        { delivered: 0, soft: 0, policy: 0, ...counts },
      ]),
    );
    expect(explain(silent, bouncesOnly(mostlySoft))).toMatch(
      /^On 2026-11-20, 100% of the bounces were hard, far more than usual/,
    );
  });

  test('names the status of refusals, if they agree on one', () => {
    expect(explain({ others: { policy: 300 } })).toContain(
      'refusals with the status 5.7.26 by many mail hosts',
    );
    const unnamed = cell(0, null, { delivered: 500, policy: 300 });
    const [spike] = findSpikes({ days: [...ordinary, { ...unnamed, causes: [] }], sources: [] });
    expect(spike!.explanation).toContain('refusals by many mail hosts');
  });

  test('gives complaints as a rate, or as messages if the mail is unknown', () => {
    expect(explain({ gmail: { complaint: 9 } })).toMatch(/, 0\.\d+% of your mail led to/);
    const silent = { delivered: 0, hard: 1, soft: 1, policy: 1 };
    expect(
      explain(
        { gmail: { ...silent, complaint: 40 }, outlook: silent, others: silent },
        bouncesOnly(ordinary),
      ),
    ).toContain(', 40 messages led to spam complaints');
  });

  test('of days in a row of which one tells no volume gives no rate', () => {
    const days = [
      ...ordinary.filter(({ period }) => period < today - dayMs),
      cell(1, 'outlook', { policy: 300 }),
    ];
    const [spike] = spikesOf({ outlook: { delivered: 100, policy: 300 } }, days);
    expect(spike).toMatchObject({ from: today - dayMs, to: today, messages: 600, rate: null });
  });
});

test.each([
  [0, '0.00%'],
  [0.00012, '0.012%'],
  [0.001, '0.10%'],
  [0.0123, '1.2%'],
  [0.123, '12%'],
])('a rate of %d is written %s', (rate, text) => {
  expect(percent(rate)).toBe(text);
});

test('a provider with a fault of its own explains its days, and no other day', () => {
  const kinds = (daysAgo: number) =>
    spikesOf({ gmail: { hard: 80 }, outlook: { hard: 45 }, others: { hard: 60 } }, [
      ...ordinary.filter(({ period }) => period !== today - daysAgo * dayMs),
      cell(daysAgo, 'gmail', { delivered: 1000, hard: 400 }),
    ]).map(({ kind }) => kind);
  expect(kinds(3)).toEqual(['list_quality', 'provider_incident']);
});

test('a first day of hard bounces is judged by its rate alone', () => {
  const kinds = (counts: Partial<EventTally>) => spikesOf({ gmail: counts }, []).map(({ kind }) => kind);
  expect(kinds({ delivered: 1000, hard: 200 })).toEqual(['provider_incident']);
  expect(kinds({ delivered: 1000, hard: 40 })).toEqual([]);
});

test('the latest spike comes first, and on one day the largest', () => {
  const spikes = spikesOf({ gmail: { policy: 100 }, outlook: { policy: 300 } }, [
    ...ordinary.filter(({ period, name }) => period !== today - 2 * dayMs || name !== 'gmail'),
    cell(2, 'gmail', { delivered: 100, soft: 500 }),
  ]);
  expect(spikes.map(({ provider, messages }) => [provider, messages])).toEqual([
    ['outlook', 300],
    ['gmail', 100],
    ['gmail', 500],
  ]);
});

test('days in a row are one spike, since a day out of the ordinary is no measure of the ordinary', () => {
  const blocked = { delivered: 100, policy: 300 };
  const days = [
    ...ordinary.filter(({ period }) => period < today - 3 * dayMs),
    ...[3, 2, 1].map((daysAgo) => cell(daysAgo, 'outlook', blocked)),
  ];
  const spikes = spikesOf({ outlook: blocked }, days);
  expect(spikes).toHaveLength(1);
  expect(spikes[0]).toMatchObject({ from: today - 3 * dayMs, to: today, messages: 1200 });
  expect(spikes[0]!.explanation).toContain('from 2026-11-17 to 2026-11-20');
});

describe('where nobody tells how much was sent', () => {
  const bouncesOnly = (cells: readonly EventCount[]) =>
    cells.map((one) => ({ ...one, tally: { ...one.tally, delivered: 0 } }));
  const before = bouncesOnly(ordinary);
  const silent = { delivered: 0 };

  test('ten times the mail is not unusual', () => {
    const all = { delivered: 0, hard: 90, soft: 110, policy: 20 };
    expect(spikesOf({ gmail: all, outlook: all, others: all }, before)).toEqual([]);
  });

  test('a block is seen in what part of the bounces it is', () => {
    const spikes = spikesOf({ gmail: silent, outlook: { ...silent, policy: 300 }, others: silent }, before);
    expect(spikes.map(({ kind, provider, rate }) => [kind, provider, rate])).toEqual([
      ['provider_block', 'outlook', null],
    ]);
  });
});

describe('a source', () => {
  const sourceOf = (counts: Partial<EventTally>) =>
    findSpikes({ days: [], sources: [cell(0, 'webinar', counts)] });

  test('with hard bounces at 7 % should not be mailed', () => {
    expect(sourceOf({ delivered: 930, hard: 70 })).toMatchObject([
      {
        kind: 'source_quality',
        source: 'webinar',
        explanation:
          '7.0% of the mail to addresses from the source webinar bounced hard. Stop sending to addresses from that source.',
      },
    ]);
  });

  test.each([
    ['at 4 %', { delivered: 960, hard: 40 }],
    ['of too few messages', { delivered: 60, hard: 9 }],
    ['of which nobody tells how much was sent', { hard: 500 }],
  ])('%s is left alone', (_, counts) => {
    expect(sourceOf(counts)).toEqual([]);
  });

  test('of which all mail bounced should not be mailed, if deliveries are reported for others', () => {
    const sources = [cell(0, 'bought-list', { hard: 500 }), cell(0, 'form', { delivered: 20 })];
    expect(findSpikes({ days: [], sources })).toMatchObject([
      { source: 'bought-list', messages: 500, rate: 1 },
    ]);
  });
});

test('a provider that refuses everything is found, though its mail is a small share', () => {
  // In all bounces of the day, which is a bad one elsewhere, its refusals are few.
  const bad = { hard: 80, soft: 80, policy: 5 };
  const spikes = spikesOf({
    gmail: { policy: 15, delivered: 0, hard: 0, soft: 0 },
    outlook: bad,
    others: bad,
  });
  expect(spikes.filter(({ kind }) => kind === 'provider_block')).toMatchObject([
    { provider: 'gmail', messages: 15, rate: 1 },
  ]);
});

test('chance alone makes no spike', () => {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const failed = (sent: number, rate: number) =>
    Array.from({ length: sent }, random).filter((drawn) => drawn < rate).length;
  for (let month = 0; month < 50; month++) {
    const days = Array.from({ length: 90 }, (_, index) => {
      const sent = 50 + 250 * (index % 2);
      const counts = { hard: failed(sent, 0.03), policy: failed(sent, 0.03), soft: failed(sent, 0.03) };
      return cell(index % 30, ['gmail', 'outlook', null][index % 3]!, { delivered: sent, ...counts });
    });
    expect(findSpikes({ days, sources: [] })).toEqual([]);
  }
});

describe('a burst of policy bounces', () => {
  test('is much of the mail to one provider', () => {
    const [burst] = policyBursts([
      cell(0, 'gmail', { delivered: 100, policy: 60 }),
      cell(0, 'outlook', { delivered: 100, policy: 3, hard: 17 }),
    ]);
    expect(burst).toMatchObject({ provider: 'gmail', messages: 60, share: 0.75, status: '5.7.26' });
  });

  test('is not what a large mailing always has, nor a few', () => {
    expect(policyBursts([cell(0, 'gmail', { delivered: 10_000, policy: 60 })])).toEqual([]);
    expect(policyBursts([cell(0, 'gmail', { delivered: 1, policy: 19 })])).toEqual([]);
  });

  test('may come from many hosts that are of no well-known provider', () => {
    expect(policyBursts([cell(0, null, { policy: 30 })])).toMatchObject([{ provider: null, messages: 30 }]);
  });

  test('is half of the bounces where nobody tells how much was sent', () => {
    expect(policyBursts([cell(0, 'gmail', { policy: 30, hard: 29 })])).toHaveLength(1);
    expect(policyBursts([cell(0, 'gmail', { policy: 30, hard: 31 })])).toHaveLength(0);
  });

  test('is all mail to a provider, though it is a small share of the bounces', () => {
    const others = cell(0, 'outlook', { delivered: 900, hard: 100 });
    expect(policyBursts([cell(0, 'gmail', { policy: 30 }), others])).toMatchObject([
      { provider: 'gmail', messages: 30 },
    ]);
  });

  test('is told again after an hour, each provider for itself', () => {
    const bursts = policyBursts([
      cell(0, 'gmail', { delivered: 10, policy: 60 }),
      cell(0, 'yahoo', { delivered: 10, policy: 60 }),
    ]);
    const names = (now: number) =>
      unreported(bursts, new Map([['gmail', today]]), now).map(({ provider }) => provider);
    expect(names(today + 3_599_999)).toEqual(['yahoo']);
    expect(names(today + 3_600_000)).toEqual(['gmail', 'yahoo']);
  });
});
