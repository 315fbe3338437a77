// What the reports on bounces promise, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import { type PolicyBurst, watchPolicyBursts } from '../../src/reports/policy-burst.ts';
import { createReports, type Dimension, dimensions, type Reports } from '../../src/reports/report.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const day = 24 * hour;

const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;
const policy = { class: 'policy', reason: 'blocked_reputation', status: '5.7.1' } as const;
const soft = { class: 'soft', reason: 'mailbox_full', status: '4.2.2' } as const;
const complaint = { kind: 'complaint', class: 'complaint', reason: 'feedback', status: null } as const;
const unsubscribed = { kind: 'unsubscribed', class: 'none', reason: 'unknown', status: null } as const;

/** So many events that differ in their recipient and message alone. */
export const many = (count: number, differences: Partial<DeliveryEvent>, domain = 'example.org') =>
  Array.from({ length: count }, (_, index) =>
    event({ recipient: `person${index}@${domain}`, ...differences }),
  );

/** `start` gives a database with the schema and nothing in it. */
export function reportsBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Reports on ${name}`, () => {
    let now: number;
    let feedback: Feedback;
    let reports: Reports;
    let told: PolicyBurst[];
    let failures: unknown[];

    beforeEach(async () => {
      now = noon;
      told = [];
      failures = [];
      const parts = await start();
      const { database } = parts;
      const counter = createEventCounter(database);
      feedback = createFeedback({
        ...parts,
        repository: createEventRepository(database),
        suppressionList: createSuppressionList({
          ...parts,
          repository: createSuppressionRepository(database),
          now: () => now,
        }),
        now: () => now,
        together: true,
        mailHostsOf: async () =>
          new Map([
            ['guarded.org', { mailHost: 'mimecast.com', provider: 'mimecast', gateway: 'mimecast' }],
            ['brisk-otter.com', { mailHost: 'google.com', provider: null, gateway: null }],
            ['calm-heron.com', { mailHost: 'outlook.com', provider: null, gateway: null }],
          ]),
        onPolicyBounces: watchPolicyBursts({
          counter,
          now: () => now,
          onBurst: (burst) => told.push(burst),
          onFailure: (error) => failures.push(error),
        }),
      });
      reports = createReports({ counter, now: () => now });
    });

    const record = (...events: readonly DeliveryEvent[]) => feedback.record(events);
    const report = (by: Dimension = 'day', from = noon - day, to = noon) => reports.bounces({ from, to, by });

    test('counts deliveries and bounces', async () => {
      await record(
        ...many(94, delivered),
        ...many(3, {}),
        ...many(2, soft),
        event(policy),
        event(complaint),
        event(unsubscribed),
        event(unsubscribed),
      );
      const { total } = await report();
      expect(total).toMatchObject({
        sent: 100,
        delivered: 94,
        hard: 3,
        soft: 2,
        policy: 1,
        bounces: 6,
        complaint: 1,
        unsubscribed: 2,
      });
      expect(total.rates).toMatchObject({
        hard: { rate: 0.03, grade: 'concerning', few: false },
        bounces: { rate: 0.06, grade: 'concerning' },
        complaint: { rate: 0.01, grade: 'stop', few: true },
        soft: { rate: 0.02, grade: null },
      });
    });

    test('groups by the gateway, and by the provider that the mail host tells', async () => {
      await record(
        ...many(8, delivered, 'guarded.org'),
        ...many(2, {}, 'guarded.org'),
        ...many(4, { ...delivered, kind: 'sent' }, 'gmail.com'),
        ...many(1, {}),
      );
      const groupsOf = async (by: Dimension) =>
        (await report(by)).groups.map(({ name, sent, hard }) => [name, sent, hard]);
      expect(await groupsOf('gateway')).toEqual([
        ['mimecast', 10, 2],
        [null, 4, 1],
      ]);
      expect(await groupsOf('provider')).toEqual(
        expect.arrayContaining([
          ['mimecast', 10, 2],
          ['gmail', 4, 0],
        ]),
      );
    });

    test('sent is the reported number, or deliveries plus bounces if that is larger', async () => {
      await record(...many(10, { ...delivered, kind: 'sent' }), ...many(4, delivered), ...many(2, {}));
      expect((await report()).total.sent).toBe(10);
      await record(...many(8, delivered));
      expect((await report()).total.sent).toBe(14);
    });

    test('without the number of sent messages there are no rates, and the report says so', async () => {
      await record(event());
      const { total, notes } = await report();
      expect(total).toMatchObject({ sent: null, hard: 1, rates: null });
      expect(notes.join()).toContain('The number of sent messages is unknown');
    });

    test('a report without events says so', async () => {
      expect((await report()).notes.join()).toContain('There are no events to count');
    });

    test('an echo, a deferral and an automatic reply are not bounces', async () => {
      await record(
        event({ echo: true }),
        event({ ...soft, kind: 'deferred' }),
        event({ kind: 'autoreply', class: 'autoreply', reason: 'auto_response' }),
      );
      expect((await report()).total.bounces).toBe(0);
    });

    test('a message with events on several days counts once, by its last event', async () => {
      const message = { messageId: 'one message', recipient: 'jane@example.org' };
      await record(
        event({ ...soft, ...message, at: noon - day }),
        event({ ...soft, ...message, at: noon - hour }),
        event({ ...message, at: noon }),
      );
      const { total, groups } = await report();
      expect(total).toMatchObject({ soft: 0, hard: 1, bounces: 1 });
      expect(groups.map(({ name, bounces }) => [name, bounces])).toEqual([
        ['2026-11-19', 0],
        ['2026-11-20', 1],
      ]);
    });

    test('a message to several people counts for each, with its complaint and its bounce', async () => {
      const messageId = 'one message';
      await record(
        event({ messageId, recipient: 'jane@example.org' }),
        event({ messageId, recipient: 'john@example.org' }),
        event({ ...complaint, messageId, recipient: 'jane@example.org' }),
      );
      expect((await report()).total).toMatchObject({ hard: 2, complaint: 1 });
    });

    test('an event without a message id counts separately', async () => {
      await record(...many(3, { messageId: null, recipient: 'jane@example.org' }));
      expect((await report()).total.hard).toBe(3);
    });

    test('has exactly the days of the period', async () => {
      const midnight = Date.UTC(2026, 10, 20);
      now = midnight + day;
      await record(event({ at: midnight - 1 }), event({ at: midnight }), event({ at: midnight + day }));
      const { groups, total } = await report('day', noon - 2 * day, noon);
      expect(groups.map(({ name, hard }) => [name, hard])).toEqual([
        ['2026-11-18', 0],
        ['2026-11-19', 1],
        ['2026-11-20', 1],
      ]);
      expect(total.hard).toBe(2);
    });

    test.each([
      ['provider', 'gmail', 'outlook'],
      ['source', 'footer-form', 'webinar'],
      ['campaign', 'autumn', 'winter'],
    ] as const)('by %s, the largest first, and what names none', async (by, large, small) => {
      const of = (name: string) => (by === 'provider' ? {} : { [by]: name });
      await record(
        ...many(5, { ...delivered, ...of(large) }, 'gmail.com'),
        ...many(1, of(large), 'gmail.com'),
        ...many(3, { ...delivered, ...of(small) }, 'outlook.com'),
        ...many(1, delivered, 'brisk-otter.com'),
      );
      const { groups } = await report(by);
      expect(groups.map(({ name, sent, hard }) => [name, sent, hard])).toEqual([
        [large, 6, 1],
        [small, 3, 0],
        [null, 1, 0],
      ]);
    });

    test('by mail host, bounces of domains that share one are together, without rates', async () => {
      await record(
        ...many(50, delivered, 'brisk-otter.com'),
        ...many(3, {}, 'brisk-otter.com'),
        ...many(2, policy, 'brisk-otter.com'),
        ...many(2, soft, 'calm-heron.com'),
        ...many(1, {}, 'own-host.com'),
        ...many(9, { class: 'none', kind: 'opened' }, 'calm-heron.com'),
      );
      const { groups, total } = await report('mail_host');
      expect(total).toMatchObject({ sent: 58, bounces: 8 });
      expect(
        groups.map(({ name, sent, rates, hard, soft, policy }) => [name, sent, rates, hard, soft, policy]),
      ).toEqual([
        ['google.com', null, null, 3, 0, 2],
        ['outlook.com', null, null, 0, 2, 0],
        [null, null, null, 1, 0, 0],
      ]);
    });

    test('a report has at most a thousand groups, unless more are asked for', async () => {
      await record(
        ...Array.from({ length: 1002 }, (_, index) => event({ ...delivered, campaign: `campaign ${index}` })),
      );
      const short = await report('campaign');
      expect([short.groups.length, short.leftOut]).toEqual([1000, 2]);
      const days = { from: noon, to: noon, by: 'campaign' } as const;
      const whole = await reports.bounces({ ...days, mostGroups: Number.POSITIVE_INFINITY });
      expect([whole.groups.length, whole.leftOut]).toEqual([1002, 0]);
    });

    test('all dimensions at once equal each dimension alone', async () => {
      await record(...many(5, { ...delivered, campaign: 'autumn' }), ...many(2, { source: 'webinar' }));
      const all = await reports.allBounces({ from: noon, to: noon });
      for (const by of dimensions) expect(all[by]).toEqual(await report(by, noon, noon));
    });

    test('a block at one provider is explained, also in a report on that day alone', async () => {
      for (let days = 1; days <= 5; days++)
        await record(
          ...many(200, { ...delivered, at: noon - days * day }, 'gmail.com'),
          ...many(2, { at: noon - days * day }, 'gmail.com'),
        );
      await record(
        ...many(100, delivered, 'gmail.com'),
        ...many(40, policy, 'gmail.com'),
        ...many(6, {}, 'example.org'),
      );
      const { spikes } = await report('day', noon, noon);
      expect(spikes).toHaveLength(1);
      expect(spikes[0]).toMatchObject({ kind: 'provider_block', provider: 'gmail', status: '5.7.1' });
      expect(spikes[0]!.explanation).toBe(
        '87% of the bounces on 2026-11-20 are refusals by one provider, gmail, with the status 5.7.1. It blocks your mail. The addresses are not the cause.',
      );
    });

    test('a burst of policy bounces is logged once an hour and is in the report', async () => {
      await record(...many(19, policy, 'gmail.com'));
      expect(told).toEqual([]);
      now += 2 * 60_000;
      await record(...many(5, { ...policy, at: now }, 'gmail.com'));
      expect(told).toMatchObject([{ provider: 'gmail', messages: 24, share: 1, status: '5.7.1' }]);
      expect(JSON.stringify(told)).not.toContain('@');
      now += 2 * 60_000;
      await record(...many(5, { ...policy, at: now }, 'gmail.com'));
      expect(told).toHaveLength(1);
      now += hour;
      await record(...many(30, { ...policy, at: now }, 'gmail.com'));
      expect(told).toHaveLength(2);
      expect((await report()).alerts).toMatchObject([{ provider: 'gmail', messages: 30 }]);
      expect((await report('day', noon - 9 * day, noon - 9 * day)).alerts).toHaveLength(1);
      now += 2 * day;
      expect((await report()).alerts).toEqual([]);
      expect(failures).toEqual([]);
    });

    test('a burst is detected at once, even if events arrive one by one', async () => {
      for (const one of many(60, policy, 'gmail.com')) await record(one);
      expect(told).toHaveLength(1);
    });

    test('policy bounces that are reported late raise no alarm', async () => {
      await record(...many(50, { ...policy, at: noon - 2 * day }, 'gmail.com'));
      expect(told).toEqual([]);
    });
  });
}
