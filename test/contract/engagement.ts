// What recording when people open, click and reply promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import {
  type EngagementRepository,
  type EngagementState,
  engagementStateOf,
} from '../../src/events/engagement.ts';
import { createEngagementLookup } from '../../src/events/engagement-lookup.ts';
import { engagementReports } from '../../src/events/engagement-report.ts';
import { createErasure } from '../../src/events/erase.ts';
import { createFeedback, type FeedbackOptions } from '../../src/events/record.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEngagementRepository } from '../../src/storage/sqlite/engagement-repository.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const second = 1000;
const jane = 'jane@example.org';
const john = 'john@example.org';

type Difference = Partial<DeliveryEvent>;
const nothing: Difference = { class: 'none', reason: 'delivered', status: null, replyCode: null };
const delivered = (at: number, difference: Difference = {}) =>
  event({ ...nothing, kind: 'delivered', at, ...difference });
const clicked = (at: number, difference: Difference = {}) =>
  event({ ...nothing, kind: 'clicked', byPerson: true, at, ...difference });
const opened = (at: number, difference: Difference = {}) => clicked(at, { kind: 'opened', ...difference });

/** `start` gives a database with the schema and nothing in it. */
export function engagementBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Engagement on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let repository: EngagementRepository;
    let now: number;

    beforeEach(async () => {
      ({ database, hasher } = await start());
      repository = createEngagementRepository(database);
      now = noon;
    });

    const suppressionList = () =>
      createSuppressionList({ repository: createSuppressionRepository(database), hasher, now: () => now });
    const record = (events: readonly DeliveryEvent[], options: Partial<FeedbackOptions> = {}) =>
      createFeedback({
        hasher,
        repository: createEventRepository(database),
        suppressionList: suppressionList(),
        now: () => now,
        together: false,
        ...options,
      }).record(events);
    const failures: unknown[] = [];
    const find = async (...emails: string[]) =>
      createEngagementLookup({ repository, hasher, onFailure: (error) => failures.push(error) }).find(emails);
    const engagementOf = async (email: string) => (await find(email))?.[0] ?? null;

    test('keeps the first and the latest times of an address', async () => {
      await record([clicked(noon - 9 * day), opened(noon - 5 * day), delivered(noon - 6 * day)]);
      expect(await engagementOf(jane)).toEqual({
        firstSeen: noon - 9 * day,
        lastDelivered: noon - 6 * day,
        lastActive: noon - 5 * day,
      });
      expect(await engagementOf(john)).toBeNull();
    });

    test('late and repeated events change nothing that is newer', async () => {
      const events = [clicked(noon - 2 * day), opened(noon - 4 * day), delivered(noon - day)];
      await record(events);
      const known = await engagementOf(jane);
      await record(events);
      await record([opened(noon - 3 * day), delivered(noon - 90 * day), clicked(noon - 3 * day)]);
      expect(await engagementOf(jane)).toEqual({ ...known, firstSeen: noon - 4 * day });
      await record([clicked(noon - 50 * day)]);
      expect(await engagementOf(jane)).toEqual({ ...known, firstSeen: noon - 50 * day });
      await record([clicked(noon), delivered(noon - 60 * second)]);
      expect(await engagementOf(jane)).toEqual({
        firstSeen: noon - 50 * day,
        lastDelivered: noon - 60 * second,
        lastActive: noon,
      });
    });

    test('a reply is a sign of life', async () => {
      await record([event({ ...nothing, kind: 'replied', byPerson: true, at: noon - day })]);
      expect(await engagementOf(jane)).toMatchObject({ lastActive: noon - day });
    });

    test('an event that is dated in the future counts as now', async () => {
      await record([clicked(noon + 99 * day)]);
      expect(await engagementOf(jane)).toMatchObject({ lastActive: noon });
    });

    test('finds an address as people write it', async () => {
      await record([clicked(noon - day)]);
      expect(await find('Jane@Example.org', ' JANE@example.org', 'no address', john)).toMatchObject([
        { lastActive: noon - day },
        { lastActive: noon - day },
        null,
        null,
      ]);
      expect(failures).toEqual([]);
    });

    describe('deliveries', () => {
      test('do not count while no provider reports opens or clicks', async () => {
        await record([delivered(noon - day), opened(noon, { byPerson: false })]);
        expect(await find(jane)).toBeNull();
        expect(await repository.isReported()).toBe(false);
      });

      test('count from the first open or click that the same provider reported', async () => {
        await record([clicked(noon - 9 * day, { recipient: john })]);
        await record([delivered(noon - 9 * day - 1)]);
        expect(await engagementOf(jane)).toBeNull();
        await record([delivered(noon - day, { provider: 'sendgrid' })]);
        expect(await engagementOf(jane)).toBeNull();
        await record([delivered(noon - 9 * day)]);
        expect(await engagementOf(jane)).toEqual({
          firstSeen: noon - 9 * day,
          lastDelivered: noon - 9 * day,
          lastActive: null,
        });
      });

      test('stop to count thirty days after the last open or click that the provider reported', async () => {
        await record([clicked(noon - 60 * day, { recipient: john })]);
        await record([delivered(noon - 30 * day - 1)]);
        await record([delivered(noon - 30 * day)]);
        expect(await engagementOf(jane)).toMatchObject({ lastDelivered: noon - 30 * day - 1 });
      });
    });

    describe('a security scanner', () => {
      test.each([
        ['opens or clicks within ten seconds of the delivery', 9, 'ses-2', null],
        ['clicks just before the delivery', -9, 'ses-2', null],
        ['clicks a message that is delivered an hour later', -3600, 'ses-1', null],
        ['is not what clicks ten seconds later', 10, 'ses-2', 10],
        ['is not what clicks another message', -3600, 'ses-2', -3600],
      ])('%s', async (_, seconds, messageId, active) => {
        const at = noon - day;
        for (const sign of [clicked, opened]) {
          const recipient = `${sign === clicked ? 'clicks' : 'opens'}@example.org`;
          await record([
            clicked(at - 99 * day, { recipient: john }),
            sign(at + seconds * second, { recipient, messageId }),
            delivered(at, { recipient, messageId: 'ses-1' }),
          ]);
          const known = await engagementOf(recipient);
          expect(known?.lastActive ?? null).toBe(active === null ? null : at + active * second);
        }
      });

      test('is known when the delivery was recorded earlier', async () => {
        await record([delivered(noon - day)]);
        await record([clicked(noon - day + second)]);
        expect(await find(jane)).toBeNull();
        await record([clicked(noon - day + 20 * second)]);
        expect(await engagementOf(jane)).toMatchObject({ lastActive: noon - day + 20 * second });
      });

      test.each([
        ['just before the delivery', -9, 'ses-2'],
        ['just after the delivery', 9, 'ses-2'],
        ['an hour before the message is delivered', -3600, 'ses-1'],
      ])('is known when it opens and clicks %s, which is reported later', async (_, seconds, messageId) => {
        const at = noon - day;
        await record([clicked(noon - 99 * day, { recipient: john })]);
        for (const kind of ['opened', 'clicked', 'opened'] as const)
          await record([clicked(at + seconds * second, { kind, messageId })]);
        expect(await engagementOf(jane)).toMatchObject({ lastActive: at + seconds * second });
        await record([delivered(at, { messageId: 'ses-1', provider: 'sendgrid' })]);
        expect(await engagementOf(jane)).toBeNull();
      });

      test('that is known only from a later report leaves the signs of life before it', async () => {
        const at = noon - day;
        await record([delivered(at - 50 * day, { messageId: 'ses-0' })]);
        await record([clicked(at - 40 * day, { messageId: 'ses-0' })]);
        await record([clicked(at - 12 * second, { messageId: 'ses-1' })]);
        await record([
          clicked(at - second, { messageId: 'ses-1' }),
          opened(at - second, { messageId: 'ses-1' }),
        ]);
        await record([delivered(at, { messageId: 'ses-1' })]);
        expect(await engagementOf(jane)).toEqual({
          firstSeen: at - 40 * day,
          lastDelivered: at,
          lastActive: at - 40 * day,
        });
      });

      test('leaves the earlier click if both are reported together', async () => {
        const at = noon - day;
        await record([
          clicked(at - second, { messageId: 'ses-1' }),
          clicked(at - 3600 * second, { messageId: 'ses-0' }),
        ]);
        await record([delivered(at, { messageId: 'ses-1' })]);
        expect(await engagementOf(jane)).toMatchObject({ lastActive: at - 3600 * second });
      });

      test('is not what clicks long after a delivery that is reported later, or another message', async () => {
        const at = noon - day;
        await record([clicked(at + 10 * second, { messageId: 'ses-1' })]);
        await record([clicked(at + 10 * second, { messageId: 'ses-2', recipient: john })]);
        await record([
          delivered(at, { messageId: 'ses-1' }),
          delivered(at + 3600 * second, { messageId: 'ses-3', recipient: john }),
        ]);
        for (const email of [jane, john])
          expect(await engagementOf(email)).toMatchObject({ lastActive: at + 10 * second });
      });

      test('is not what clicks a delivered message, whatever is delivered later', async () => {
        const at = noon - day;
        await record([delivered(at, { messageId: 'ses-1' })]);
        await record([clicked(at + 3600 * second, { messageId: 'ses-1' })]);
        await record([delivered(at + 3601 * second, { messageId: 'ses-2' })]);
        expect(await engagementOf(jane)).toMatchObject({ lastActive: at + 3600 * second });
      });

      test('does not make its provider one that reports clicks', async () => {
        await record([delivered(noon - day), clicked(noon - day), clicked(noon - day)]);
        expect(await repository.tellers()).toEqual([]);
      });
    });

    test('keeps nothing if that is turned off', async () => {
      await record([clicked(noon)], { keepsEngagement: false });
      expect(await repository.isReported()).toBe(false);
      expect(await repository.count(hasher.keyId, noon)).toEqual([]);
    });

    test('is erased with the person, and nobody else is', async () => {
      await record([clicked(noon), clicked(noon, { recipient: john })]);
      const erasure = createErasure({
        repository: createErasureRepository(database),
        hasher,
        suppressionList: suppressionList(),
        now: () => now,
      });
      expect(await erasure.erase({ address: jane, keepSuppression: true })).toMatchObject({
        suppression: 'none',
      });
      expect(await engagementOf(jane)).toBeNull();
      expect(await engagementOf(john)).not.toBeNull();
    });

    test('is deleted when its latest time is older than the retention', async () => {
      await record([clicked(noon - 9 * day), clicked(noon - 2 * day, { recipient: john })]);
      await record([clicked(noon - 20 * day, { recipient: john })]);
      await repository.deleteBefore(noon - 9 * day);
      expect(await engagementOf(jane)).not.toBeNull();
      await repository.deleteBefore(noon - 8 * day);
      expect(await engagementOf(jane)).toBeNull();
      expect(await engagementOf(john)).not.toBeNull();
    });

    describe('the report', () => {
      const month = 30 * day;

      /** People by the days of their clicks and their latest delivery before now; they were first mailed 500 days ago. */
      const people: readonly { clicks: readonly number[]; delivered: number; source: string | null }[] = [
        { clicks: [0], delivered: 1, source: 'form' },
        { clicks: [29], delivered: 1, source: 'form' },
        { clicks: [30], delivered: 1, source: null },
        { clicks: [89], delivered: 1, source: 'form' },
        { clicks: [90], delivered: 1, source: 'fair' },
        { clicks: [181], delivered: 1, source: 'fair' },
        { clicks: [183], delivered: 0, source: 'fair' },
        { clicks: [364], delivered: 1, source: 'fair' },
        { clicks: [365], delivered: 1, source: 'form' },
        { clicks: [365], delivered: 300, source: 'form' },
        { clicks: [], delivered: 1, source: 'bought' },
        { clicks: [], delivered: 400, source: 'bought' },
      ];

      const fill = async () => {
        // A click a month, so that the provider is known to report clicks all the time.
        for (let ago = 17; ago >= 0; ago--)
          await record([clicked(noon - ago * month, { recipient: 'monthly@example.org' })]);
        const events = people.flatMap(({ clicks, delivered: last, source }, index) => {
          const recipient = `person${index}@example.org`;
          return [
            delivered(noon - 500 * day, { recipient, source }),
            ...clicks.map((ago) => clicked(noon - ago * day, { recipient, source })),
            delivered(noon - last * day - 3600 * second, { recipient, source }),
          ];
        });
        await record(events);
      };

      test('counts what engagementStateOf says of each address', async () => {
        await fill();
        const emails = ['monthly@example.org', ...people.map((_, index) => `person${index}@example.org`)];
        const states = new Map<EngagementState, number>();
        for (const each of (await find(...emails))!) {
          const state = engagementStateOf(each, noon);
          states.set(state, (states.get(state) ?? 0) + 1);
        }
        const { total, sources, sourcesLeftOut, tellers } = await engagementReports(
          repository,
          hasher.keyId,
          () => noon,
        )();
        expect(Object.fromEntries(states)).toEqual({
          active: total.active,
          inactive_6: total.inactive6,
          inactive_12: total.inactive12,
          unknown: total.unknown,
        });
        expect(total).toEqual({
          activeDays30: 3,
          activeDays90: 5,
          activeDays180: 6,
          activeDays365: 9,
          active: 7,
          inactive6: 2,
          inactive12: 2,
          unknown: 2,
        });
        expect(sources.map(({ source, active, inactive12 }) => [source, active, inactive12])).toEqual([
          ['form', 3, 1],
          ['fair', 2, 0],
          [null, 2, 0],
          ['bought', 0, 1],
        ]);
        expect(sourcesLeftOut).toBe(0);
        expect(tellers).toEqual([{ name: 'postmark', since: noon - 17 * month, at: noon }]);
      });

      test('keeps the source that was first named, and none that contains an address', async () => {
        await record([clicked(noon - 2 * day, { source: 'jane@example.org' })]);
        await record([clicked(noon - day, { source: 'form' })]);
        await record([clicked(noon, { source: 'fair' })]);
        expect(await repository.count(hasher.keyId, noon)).toMatchObject([{ source: 'form', active: 1 }]);
      });
    });

    test('the scanner search uses the index of an address', async () => {
      const plan = await database.all<{ detail: string }>(
        `EXPLAIN QUERY PLAN SELECT 1 FROM delivery_events AS delivery
         WHERE delivery.workspace = 'default' AND delivery.key_id = 'k' AND delivery.address_hash = 'h'
           AND delivery.kind = 'delivered' AND delivery.at > 0 AND (delivery.at < 9 OR delivery.message = 'm')`,
      );
      expect(plan.map(({ detail }) => detail).join()).toContain('delivery_events_run');
    });
  });
}
