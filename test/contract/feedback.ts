// What recording delivery events promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import type { ProviderReply } from '../../src/reports/gate/reply-limits.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { defaultRules, type SuppressionRules } from '../../src/suppression/rules.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const jane = 'jane@example.org';

let lastId = 0;

export const event = (differences: Partial<DeliveryEvent> = {}): DeliveryEvent => {
  lastId += 1;
  return {
    id: `event ${lastId}`,
    provider: 'postmark',
    label: 'HardBounce',
    kind: 'bounce',
    recipient: jane,
    at: noon,
    class: 'hard',
    reason: 'mailbox_unknown',
    status: '5.1.1',
    replyCode: 550,
    diagnostic: null,
    messageId: `message ${lastId}`,
    campaign: null,
    source: null,
    echo: false,
    ...differences,
  };
};

const soft = (days: number, differences: Partial<DeliveryEvent> = {}) =>
  event({
    class: 'soft',
    reason: 'mailbox_full',
    status: '4.2.2',
    at: noon + days * day,
    ...differences,
  });

/** `start` gives a database with the schema and nothing in it. */
export function feedbackBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Feedback on ${name}`, () => {
    let now: number;
    let database: Database;
    let list: SuppressionList;
    let feedback: Feedback;
    let asked: string[];
    let replies: ProviderReply[];
    let withSoftRules: (soft: Partial<SuppressionRules['soft']>, hotMs?: number) => Feedback;

    beforeEach(async () => {
      // Long after, so that what happens to `noon` and in the weeks behind it has happened.
      now = noon + 40 * day;
      asked = [];
      replies = [];
      const parts = await start();
      database = parts.database;
      list = createSuppressionList({
        ...parts,
        repository: createSuppressionRepository(database),
        now: () => now,
      });
      const options = {
        ...parts,
        repository: createEventRepository(database),
        suppressionList: list,
        now: () => now,
        together: true,
        onReplies: async (found: readonly ProviderReply[]) => {
          replies.push(...found);
        },
        mailHostsOf: async (domains: readonly string[]) => {
          asked.push(...domains);
          return new Map([
            ['example.org', { mailHost: 'google.com', provider: 'google', gateway: null }],
            ['guarded.org', { mailHost: 'mimecast.com', provider: 'mimecast', gateway: 'mimecast' }],
            ['gmail.com', { mailHost: 'google.com', provider: 'google', gateway: null }],
          ]);
        },
      };
      feedback = createFeedback(options);
      withSoftRules = (soft, hotMs) =>
        createFeedback({
          ...options,
          rules: { ...defaultRules, soft: { ...defaultRules.soft, ...soft } },
          ...(hotMs !== undefined && { hotMs }),
        });
    });

    const find = async (address = jane) => (await list.find([address]))[0];
    const stored = async () =>
      (await database.first<{ events: number }>('SELECT count(*) AS events FROM delivery_events'))!.events;
    const record = async (...events: readonly DeliveryEvent[]) => feedback.record(events);

    test('a hard bounce suppresses at once, with its status and source', async () => {
      expect(await record(event())).toEqual([{ isNew: true, suppresses: true }]);
      expect(await find()).toEqual({
        scope: 'all',
        effect: 'block',
        reason: 'bounce',
        status: '5.1.1',
        source: 'postmark',
        since: noon,
      });
    });

    test.each([
      ['a complaint', { kind: 'complaint', class: 'complaint', reason: 'feedback' }, 'complaint'],
      ['an unsubscription', { kind: 'unsubscribed', class: 'none', reason: 'unknown' }, 'unsubscribe'],
    ] as const)('%s suppresses at once', async (_, differences, reason) => {
      await record(event({ ...differences, status: null }));
      expect(await find()).toMatchObject({ reason });
    });

    test.each([
      ['a policy bounce', { class: 'policy', reason: 'blocked_reputation' }],
      ['an echo of the provider’s own list', { echo: true }],
      ['a deferral', { kind: 'deferred', class: 'soft', reason: 'mailbox_full' }],
      ['an automatic answer', { kind: 'autoreply', class: 'autoreply' }],
      ['a delivery', { kind: 'delivered', class: 'none' }],
      ['a bounce of nobody in particular', { recipient: null }],
      ['a bounce of what is no address', { recipient: 'undisclosed recipients' }],
    ] as const)('%s suppresses nobody, and is recorded', async (_, differences) => {
      expect(await record(event(differences))).toEqual([{ isNew: true, suppresses: false }]);
      expect(await find()).toBeNull();
      expect(await stored()).toBe(1);
    });

    test('a repeated event counts once and changes nothing, even after consent', async () => {
      const once = event();
      await record(once);
      now += day;
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: jane, consent });
      expect(await record(once, once)).toEqual([
        { isNew: false, suppresses: false },
        { isNew: false, suppresses: false },
      ]);
      expect(await find()).toBeNull();
      expect(await stored()).toBe(1);
    });

    test('one event twice in one call, or in two calls at once, is one event', async () => {
      const once = event();
      const twice = event({ recipient: 'john@example.org' });
      const recorded = await Promise.all([record(once, once), record(once), record(twice)]);
      expect(recorded.flat().map(({ isNew }) => isNew)).toEqual([true, false, false, true]);
      expect(await stored()).toBe(2);
    });

    test('five soft bounces over a week suppress for a while; four, or five in a hurry, do not', async () => {
      for (const days of [0, 2, 4, 6]) await record(soft(days));
      expect(await find()).toBeNull();
      expect(await record(soft(8))).toEqual([{ isNew: true, suppresses: true }]);
      now = noon + 8 * day;
      expect(await find()).toMatchObject({ reason: 'bounce', status: '4.2.2' });
      now += 91 * day;
      expect(await find()).toBeNull();

      const john = { recipient: 'john@example.org' };
      for (const days of [0, 1, 2, 3, 4]) await record(soft(days, john));
      expect(await find(john.recipient)).toBeNull();
    });

    test('the five may come in one call, and in any order', async () => {
      const events = [8, 2, 0, 6, 4].map((days) => soft(days));
      expect((await record(...events)).filter(({ suppresses }) => suppresses)).toHaveLength(1);
      now = noon + 8 * day;
      expect(await find()).toMatchObject({ reason: 'bounce' });
    });

    test('the count restarts after five bounces, regardless of other events', async () => {
      const complaint = event({ kind: 'complaint', class: 'complaint', at: noon + 7 * day });
      const suppressing = async (...events: DeliveryEvent[]) =>
        (await record(...events)).map(({ suppresses }) => suppresses);
      const all = [0, 2, 4, 6, 8, 10].map((days) => soft(days));
      expect(await suppressing(...all)).toEqual([false, false, false, false, true, false]);
      const john = { recipient: 'john@example.org' };
      const four = [0, 2, 4, 6].map((days) => soft(days, john));
      expect(await suppressing(...four, { ...complaint, ...john }, soft(8, john))).toEqual([
        ...[false, false, false, false],
        true,
        true,
      ]);
    });

    test('a delivery restarts the count', async () => {
      for (const days of [0, 2, 4, 6]) await record(soft(days));
      await record(event({ kind: 'delivered', class: 'none', at: noon + 7 * day }));
      for (const days of [8, 10, 12, 14]) await record(soft(days));
      expect(await find()).toBeNull();
      await record(soft(16));
      expect(await find()).not.toBeNull();
    });

    test('bounces that are reported after a later delivery do not count', async () => {
      await record(event({ kind: 'delivered', class: 'none', at: noon + 20 * day }));
      for (const days of [0, 2, 4, 6, 8]) await record(soft(days));
      await record(...[1, 3, 5, 7, 9].map((days) => soft(days)));
      expect(await find()).toBeNull();
    });

    test('in total, deliveries do not restart the count, and a message counts once however often it is tried', async () => {
      const total = withSoftRules({ count: 'total', bounces: 7 });
      const delivery = (days: number) => event({ kind: 'delivered', class: 'none', at: noon + days * day });
      for (const week of [0, 1, 2, 3, 4, 5])
        await total.record([soft(7 * week, { messageId: `m${week}` }), delivery(7 * week + 1)]);
      for (const days of [36, 37, 38]) await total.record([soft(days, { messageId: 'm5' })]);
      expect(await find()).toBeNull();
      expect(await total.record([soft(39)])).toMatchObject([{ suppresses: true }]);
      expect(await find()).toMatchObject({ reason: 'bounce', status: '4.2.2' });
    });

    test('a full mailbox has a limit of its own, which a delivery ends also in total', async () => {
      for (const count of ['row', 'total'] as const) {
        const full = { bounces: 3, overMs: 3 * day, entryMs: 30 * day };
        const feedback = withSoftRules({ count, bounces: 7, full });
        const to = { recipient: `${count}@example.org` };
        const delivery = event({ ...to, kind: 'delivered', class: 'none', at: noon + 3 * day });
        await feedback.record([soft(0, to), soft(2, to), delivery, soft(4, to)]);
        // Another cause counts for the general limit only.
        await feedback.record([soft(5, { ...to, reason: 'system_error', status: '4.3.0' })]);
        await feedback.record([soft(6, to)]);
        expect(await find(to.recipient)).toBeNull();
        await feedback.record([soft(7, to)]);
        now = noon + 8 * day;
        expect(await find(to.recipient)).toMatchObject({ reason: 'bounce' });
        now = noon + 40 * day;
        expect(await find(to.recipient)).toBeNull();
      }
    });

    test('in total, full mailboxes from before the hot span are not in a row: a delivery behind them may be in a file', async () => {
      const full = { bounces: 3, overMs: 3 * day, entryMs: 90 * day };
      const total = withSoftRules({ count: 'total', bounces: 7, full }, 60 * day);
      now = noon + 12 * day;
      await total.record([
        soft(0),
        soft(10),
        event({ kind: 'delivered', class: 'none', at: noon + 12 * day }),
      ]);
      // As if it was moved to a file. Soft bounces stay, because in total they all count.
      await database.run("DELETE FROM delivery_events WHERE kind = 'delivered'");
      now = noon + 75 * day;
      await total.record([soft(75)]);
      expect(await find()).toBeNull();
      now = noon + 79 * day;
      await total.record([soft(77), soft(79)]);
      expect(await find()).toMatchObject({ since: noon + 79 * day });
    });

    test('any order, repetition and grouping of the reports gives the same result', async () => {
      const full = { bounces: 3, overMs: 3 * day, entryMs: 90 * day };
      now = noon + 12 * day;
      const histories = {
        // Five in a row over eight days.
        suppressed: [0, 2, 4, 6, 8],
        // Six, but none of the two runs is long enough.
        kept: [0, 1, 2, 'delivered', 4, 5, 6],
      } as const;
      const orders = [
        [0, 1, 2, 3, 4, 5, 6],
        [3, 6, 5, 4, 2, 1, 0],
        [3, 0, 6, 1, 5, 2, 4],
      ];
      for (const [name, days] of Object.entries(histories))
        for (const [index, order] of orders.entries())
          for (const size of [1, 2, 7]) {
            const feedback = withSoftRules(index === 2 ? { full } : {});
            const to = { recipient: `${name}-${index}-${size}@example.org` };
            const events = days.map((day_, at) =>
              day_ === 'delivered'
                ? event({ ...to, kind: 'delivered', class: 'none', at: noon + at * day })
                : soft(day_, { ...to, reason: 'network_error' }),
            );
            const reported = order.filter((at) => at < events.length).map((at) => events[at]!);
            for (let start = 0; start < reported.length; start += size) {
              await feedback.record(reported.slice(start, start + size));
              await feedback.record(reported.slice(0, start + 1));
            }
            expect([to.recipient, (await find(to.recipient)) !== null]).toEqual([
              to.recipient,
              name === 'suppressed',
            ]);
          }
    });

    describe('a delivery between the bounces that is reported after them', () => {
      const delivery = (days: number, differences: Partial<DeliveryEvent> = {}) =>
        event({ kind: 'delivered', class: 'none', at: noon + days * day, ...differences });
      const reachLimit = async () => {
        for (const days of [1, 3, 5, 7, 9]) await record(soft(days));
        expect(await find()).not.toBeNull();
      };
      const changes = async () =>
        (await database.all<{ kind: string }>('SELECT kind FROM suppression_changes ORDER BY id')).map(
          ({ kind }) => kind,
        );

      test('takes the entry off the list, and the webhook tells it', async () => {
        await database.run('INSERT INTO suppression_webhook (id) VALUES (1)');
        await reachLimit();
        const late = delivery(6);
        await record(late);
        expect(await find()).toBeNull();
        await record(late);
        expect(await changes()).toEqual(['added', 'lifted']);
      });

      test('leaves the bounces behind it counting, and later reports of hard bounces', async () => {
        await reachLimit();
        await record(delivery(6));
        for (const days of [11, 13]) await record(soft(days));
        expect(await find()).toBeNull();
        await record(soft(15));
        expect(await find()).toMatchObject({ since: noon + 15 * day });
        await record(event({ at: noon + 8 * day }));
        expect(await find()).toMatchObject({ status: '5.1.1' });
      });

      test('takes nothing off if the bounces behind it reach the limit, or those before the last delivery did', async () => {
        await reachLimit();
        await record(delivery(0));
        expect(await find()).not.toBeNull();
        await record(delivery(12));
        await record(delivery(0.5));
        expect(await find()).not.toBeNull();
        await record(delivery(6));
        expect(await find()).toBeNull();
      });

      test('takes off no other entry: of a hard bounce, a complaint or an import, and none that a late echo is about', async () => {
        await reachLimit();
        await record(delivery(6, { echo: true }));
        await record(event({ at: noon + 10 * day }));
        await record(delivery(6));
        expect(await find()).not.toBeNull();
        for (const [name, reason] of [
          ['complained', 'complaint'],
          ['imported', 'bounce'],
        ] as const) {
          const address = `${name}@example.org`;
          const expiresAt = noon + 400 * day;
          await list.add({ address, reason, since: noon + 9.5 * day, expiresAt });
          await record(soft(9, { recipient: address }), delivery(6, { recipient: address }));
          expect([name, await find(address)]).toEqual([name, expect.objectContaining({ reason })]);
        }
      });

      test('gives the same list in any order of the reports', async () => {
        const orders = [
          [0, 1, 2, 3, 4, 5, 6, 7, 8],
          [8, 7, 6, 5, 4, 3, 2, 1, 0],
          [0, 1, 2, 4, 5, 6, 3, 7, 8],
          [0, 1, 2, 4, 5, 3, 8, 6, 7],
        ];
        for (const [index, order] of orders.entries())
          for (const days of [
            [1, 3, 5, -6, 7, 9, 11, 13, 15],
            [1, 3, 5, -6, 7, 9, 11, 13, -14],
          ]) {
            const to = { recipient: `o${index}${days.at(-1)}@example.org` };
            const events = days.map((at) => (at < 0 ? delivery(-at, to) : soft(at, to)));
            for (const at of order) await record(events[at]!);
            expect([to, (await find(to.recipient)) !== null]).toEqual([to, days.at(-1) === 15]);
          }
      });
    });

    test('consent that lifted the entry restarts the count', async () => {
      for (const days of [0, 2, 4, 6, 8]) await record(soft(days));
      now = noon + 9 * day;
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      expect(await list.remove({ address: jane, consent })).toMatchObject({ kind: 'removed' });
      await record(soft(10));
      expect(await find()).toBeNull();
    });

    test('a late report of a bounce before the consent does not restore the lifted entry', async () => {
      await record(event());
      now = noon + 2 * day;
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: jane, consent });
      now = noon + 3 * day;
      const late = { at: noon + day };
      expect(await record(event(late), event({ ...late, kind: 'unsubscribed', class: 'none' }))).toEqual([
        { isNew: true, suppresses: false },
        { isNew: true, suppresses: false },
      ]);
      expect(await find()).toBeNull();
      expect(await record(event({ at: now }))).toEqual([{ isNew: true, suppresses: true }]);
    });

    test('an unsubscription stops marketing, or the list that it names, and nothing else', async () => {
      const unsubscribed = { kind: 'unsubscribed', class: 'none', reason: 'unknown', status: null } as const;
      await record(event({ ...unsubscribed, list: 'news' }));
      expect(await find()).toBeNull();
      expect(await list.entriesOf(jane)).toMatchObject([{ scope: 'list:news', reason: 'unsubscribe' }]);
      await record(event(unsubscribed));
      expect(await find()).toMatchObject({ scope: 'marketing', effect: 'block' });
      expect(await list.find([jane], { purpose: 'transactional', list: null })).toMatchObject([
        { effect: 'inform' },
      ]);
    });

    test('a bounce is stored with the mail host that refused it, and no other event with one', async () => {
      await record(event(), event({ recipient: 'john@example.net' }), soft(0));
      expect(asked.toSorted()).toEqual(['example.net', 'example.org', 'example.org']);
      expect(
        await database.all('SELECT mail_host FROM delivery_events ORDER BY mail_host NULLS FIRST'),
      ).toEqual([{ mail_host: null }, { mail_host: 'google.com' }, { mail_host: 'google.com' }]);
      await record(
        event({ kind: 'delivered', class: 'none' }),
        event({ kind: 'deferred', class: 'soft' }),
        event({ class: 'none' }),
        event({ echo: true }),
        event({ recipient: null }),
        event({ proof: 'unproven' }),
      );
      expect(asked).toHaveLength(7);
      const withMailHost =
        "SELECT mail_host FROM delivery_events WHERE mail_host IS NOT NULL AND proof = 'proven'";
      expect(await database.all(withMailHost)).toHaveLength(2);
      await record(event({ class: 'policy' }));
      expect(await database.all(withMailHost)).toHaveLength(3);
    });

    test('the mail host tells the provider and the gateway, unless the name tells the provider', async () => {
      const delivered = { kind: 'delivered', class: 'none' } as const;
      await record(
        event({ ...delivered, recipient: 'a@guarded.org' }),
        event({ recipient: 'b@guarded.org' }),
        event({ ...delivered, recipient: 'c@example.org' }),
        event({ ...delivered, recipient: 'd@unknown.org' }),
        event({ ...delivered, recipient: 'e@gmail.com' }),
        event({ recipient: 'f@outlook.com' }),
        event({ recipient: null }),
      );
      // A domain whose name tells the provider is looked up only for the mail host of a bounce.
      expect(asked.toSorted()).toEqual(['example.org', 'guarded.org', 'outlook.com', 'unknown.org']);
      expect(
        await database.all(
          'SELECT mailbox_provider, gateway, count(*) AS events FROM delivery_events GROUP BY 1, 2 ORDER BY 1',
        ),
      ).toEqual([
        { mailbox_provider: null, gateway: null, events: 2 },
        { mailbox_provider: 'gmail', gateway: null, events: 1 },
        { mailbox_provider: 'google', gateway: null, events: 1 },
        { mailbox_provider: 'mimecast', gateway: 'mimecast', events: 2 },
        { mailbox_provider: 'outlook', gateway: null, events: 1 },
      ]);
    });

    test('only mail to a domain of the provider itself brings replies of the provider, whatever MX records a domain has', async () => {
      const to = (domain: string) =>
        soft(0, {
          ...{ recipient: `jane@${domain}`, reason: 'rate_limited', replyCode: 451 },
          diagnostic: `451 ${domain}: try again in 12 hours`,
        });
      // By its MX records, the provider of example.org is Google. Its own server may have answered all the same.
      await record(to('example.org'), to('guarded.org'), to('gmail.com'));
      expect(replies.map(({ provider, reply }) => `${provider}: ${reply}`)).toEqual([
        'gmail: 451 gmail.com: try again in 12 hours',
      ]);
    });

    test('the list that an event names is stored, unless it may be an address', async () => {
      const left = { kind: 'unsubscribed', class: 'none' } as const;
      await record(event({ ...left, list: 'news' }), event({ ...left, list: 'jane@example.org' }), event({}));
      expect(
        await database.all('SELECT list, count(*) AS events FROM delivery_events GROUP BY 1 ORDER BY 1'),
      ).toEqual([
        { list: null, events: 2 },
        { list: 'news', events: 1 },
      ]);
    });

    test('a manual entry at a provider ends there, or with a resubscription', async () => {
      const change = (kind: DeliveryEvent['kind'], at: number, differences: Partial<DeliveryEvent> = {}) =>
        record(event({ kind, class: 'none', reason: 'unknown', status: null, at, ...differences }));
      await change('suppressed', noon - 3 * day);
      expect(await list.entriesOf(jane)).toMatchObject([
        { scope: 'all', reason: 'manual', source: 'postmark', since: noon - 3 * day },
      ]);
      await change('unsuppressed', noon - 2 * day, { provider: 'resend' });
      expect(await list.entriesOf(jane)).toHaveLength(1);
      await change('unsuppressed', noon - 2 * day);
      expect(await list.entriesOf(jane)).toEqual([]);
      await change('suppressed', noon - day, { manualScope: 'marketing' });
      await change('suppressed', noon - day, { list: 'news' });
      await change('unsubscribed', noon - day);
      await change('unsuppressed', noon, { manualScope: 'marketing' });
      expect((await list.entriesOf(jane)).map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
        'list:news manual',
        'marketing unsubscribe',
      ]);
      await change('subscribed', noon, { list: 'news' });
      expect((await list.entriesOf(jane)).map(({ scope }) => scope)).toEqual(['marketing']);
    });

    test('a resubscription lifts an earlier unsubscription from the same list', async () => {
      const of = (kind: 'unsubscribed' | 'subscribed', at: number, name: string | null) =>
        record(event({ kind, class: 'none', reason: 'unknown', status: null, at, list: name }));
      await of('unsubscribed', noon - 2 * day, 'news');
      await of('unsubscribed', noon - 2 * day, null);
      await of('subscribed', noon - 3 * day, 'news');
      expect(await list.entriesOf(jane)).toHaveLength(2);
      await of('subscribed', noon - day, 'news');
      expect(await list.entriesOf(jane)).toMatchObject([{ scope: 'marketing' }]);
      // Told late, but it happened after the resubscription.
      await of('unsubscribed', noon - day / 2, 'news');
      expect(await list.entriesOf(jane)).toHaveLength(2);
    });

    test('no other event lifts an unsubscription, and a resubscription without an entry is recorded', async () => {
      const nothing = { class: 'none', reason: 'unknown', status: null } as const;
      await record(event({ ...nothing, kind: 'unsubscribed', at: noon }));
      await record(
        event({ ...nothing, kind: 'opened', at: noon + 1 }),
        event({ ...nothing, kind: 'subscribed', recipient: null, at: noon + 1 }),
      );
      expect(await find()).toMatchObject({ reason: 'unsubscribe' });
      expect(await stored()).toBe(3);
    });

    test('an event without a time happens now, and an event without a message id belongs to no message', async () => {
      await record(event({ at: null, messageId: null, campaign: 'spring', source: 'x'.repeat(300) }));
      expect(
        await database.all('SELECT at, received_at, message, campaign, source FROM delivery_events'),
      ).toEqual([{ at: now, received_at: now, message: null, campaign: 'spring', source: 'x'.repeat(200) }]);
    });

    test('suppresses an address that the grammar refuses, as written', async () => {
      await record(event({ recipient: 'abc..def@DoCoMo.ne.jp', kind: 'complaint', class: 'complaint' }));
      expect(await list.find(['abc..def@docomo.ne.jp'])).toMatchObject([{ reason: 'complaint' }]);
    });

    test('a complaint suppresses, even an old one', async () => {
      await record(event());
      now = noon + 2 * day;
      const consent = { kind: 'double_opt_in', at: now, evidence: 'confirmation 7' } as const;
      await list.remove({ address: jane, consent });
      await record(event({ at: noon + day, kind: 'complaint', class: 'complaint' }));
      expect(await find()).toMatchObject({ reason: 'complaint' });
    });

    test('an event from the future is dated now, and later consent is newer', async () => {
      await record(event({ at: noon + 365 * day }));
      expect(await find()).toMatchObject({ since: now });
    });

    test('a message that is retried for days counts once', async () => {
      for (const days of [0, 2, 4, 6, 8]) await record(soft(days, { messageId: 'the same' }));
      expect(await find()).toBeNull();
    });

    test('bounces for size, content or rate never count', async () => {
      for (const days of [0, 2, 4, 6, 8])
        await record(soft(days, { reason: 'message_too_large' }), soft(days, { reason: 'rate_limited' }));
      expect(await find()).toBeNull();
    });

    test('more events than one commit takes are all recorded', async () => {
      const events = Array.from({ length: 4500 }, (_, index) =>
        event({ recipient: `jane${index}@example.org` }),
      );
      const recorded = await record(...events);
      expect(recorded.every(({ isNew, suppresses }) => isNew && suppresses)).toBe(true);
      expect([await stored(), await list.count()]).toEqual([4500, 4500]);
    });

    test('no address comes into the database, neither as the recipient nor beside it', async () => {
      await record(event({ campaign: 'for jane@example.org', source: jane, messageId: `<1@${jane}>` }));
      const rows = await database.all('SELECT * FROM delivery_events');
      expect(JSON.stringify(rows)).not.toMatch(/jane|@/);
    });

    test('an id that could be guessed from an address is stored as a hash', async () => {
      const told = event({ id: 'digest of an address' });
      await record(told);
      expect(JSON.stringify(await database.all('SELECT id FROM delivery_events'))).not.toContain('digest');
      expect(await record(told)).toMatchObject([{ isNew: false }]);
    });

    test('stores the mailbox provider of the domain', async () => {
      await record(event({ recipient: 'jane@googlemail.com' }), event({ recipient: 'jane@example.net' }));
      const rows = await database.all(
        'SELECT mailbox_provider AS provider FROM delivery_events ORDER BY provider',
      );
      expect(rows).toEqual([{ provider: null }, { provider: 'gmail' }]);
    });
  });
}

/** A database that fails when asked to store events, as often as said. */
export const failing = (database: Database, times: number): Database => {
  let left = times;
  return {
    ...database,
    batch(statements) {
      const stores = statements.some(({ sql }) => sql.includes('INSERT INTO delivery_events'));
      if (stores && left > 0) {
        left -= 1;
        return Promise.reject(new Error('the power went out'));
      }
      return database.batch(statements);
    },
  };
};
