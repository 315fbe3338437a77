// What the counts of webhooks promise, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { type HookCount, type HookRepository, noHookCount } from '../../src/events/hook-counts.ts';
import { createHookStates, type HookStates } from '../../src/events/hook-states.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createHookRepository } from '../../src/storage/sqlite/hook-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const day = 1440 * minute;

/** `start` gives a database with the schema and nothing in it. */
export function hookCountsBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Hook counts on ${name}`, () => {
    let now: number;
    let database: Database;
    let repository: HookRepository;
    let feedback: Feedback;
    let failures: unknown[];

    beforeEach(async () => {
      now = noon;
      failures = [];
      const parts = await start();
      database = parts.database;
      repository = createHookRepository(database);
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
      });
    });

    const count = (differences: Partial<HookCount>): HookCount => ({
      ...noHookCount('postmark'),
      ...differences,
    });
    const add = (at: number, ...counts: readonly HookCount[]) => repository.add({ counts, at });
    const states = (over: HookRepository = repository): HookStates =>
      createHookStates({ repository: over, now: () => now, onFailure: (error) => failures.push(error) });
    const record = (...events: readonly DeliveryEvent[]) => feedback.record(events);

    test('nothing is counted at first', async () => {
      expect(await repository.totals()).toEqual({ since: null, counts: [] });
      await add(noon);
      expect(await repository.totals()).toEqual({ since: null, counts: [] });
    });

    test('counts of one hook add up over days, and counting began with the first', async () => {
      await add(noon + minute, count({ events: 2, namingNobody: 1, lastEventAt: noon }));
      await add(
        noon,
        count({ events: 3, refused: 4, lastEventAt: noon - 1 }),
        count({ hook: 'ses', events: 7 }),
      );
      await add(noon + day, count({ events: 5, namingNobody: 2, lastEventAt: noon + day }));
      const { since, counts } = await repository.totals();
      expect(since).toBe(noon);
      expect(counts.toSorted((a, b) => (a.hook < b.hook ? -1 : 1))).toEqual([
        count({ events: 10, namingNobody: 3, refused: 4, lastEventAt: noon + day }),
        count({ hook: 'ses', events: 7 }),
      ]);
    });

    test.each([
      ['in order', [1, 2, null]],
      ['the other way round', [null, 2, 1]],
      ['on different days', [day + 2, null, 1]],
    ] as const)('the last refusal stays, %s', async (_, times) => {
      for (const at of times)
        await (at === null
          ? add(noon, count({ events: 1 }))
          : add(noon + at, count({ refused: 1, lastRefusal: { at, why: `at ${at}` } })));
      const latest = Math.max(...times.map((at) => at ?? 0));
      expect((await repository.totals()).counts).toEqual([
        count({ events: 1, refused: 2, lastRefusal: { at: latest, why: `at ${latest}` } }),
      ]);
    });

    test('counts are kept by hour too, the first hour first', async () => {
      const hour = 60 * minute;
      await add(noon + hour, count({ events: 1 }), count({ hook: 'ses', refused: 2 }));
      await add(noon + 5 * minute, count({ events: 2, refused: 1 }));
      await add(noon + 59 * minute, count({ events: 3 }));
      const at = (start: number, differences: object) => ({ hook: 'postmark', hour: start, ...differences });
      expect((await repository.hours(noon)).filter(({ hook }) => hook === 'postmark')).toEqual([
        at(noon, { events: 5, refused: 1 }),
        at(noon + hour, { events: 1, refused: 0 }),
      ]);
      expect(await repository.hours(noon + hour)).toHaveLength(2);
      expect(await createHookRepository(database, 'other').hours(0)).toEqual([]);
      await repository.deleteBefore(noon - 9 * day, noon + hour);
      expect(await repository.hours(0)).toHaveLength(2);
      expect((await repository.totals()).counts).toHaveLength(2);
      await repository.deleteBefore(noon + 9 * day);
      expect(await repository.hours(0)).toEqual([]);
    });

    test('the state of a hook has the hours of three days, with what is not stored yet', async () => {
      const hour = 60 * minute;
      const state = states();
      await add(noon - 72 * hour, count({ events: 9 }));
      await add(noon - 71 * hour, count({ events: 1 }));
      await add(noon, count({ events: 2 }));
      now = noon + 30 * minute;
      state.refused('postmark', 'malformed');
      state.contacts('hubspot', 4);
      const { of } = await state.read();
      expect(of('postmark').hours).toEqual([
        { hour: noon - 71 * hour, events: 1, refused: 0 },
        { hour: noon, events: 2, refused: 1 },
      ]);
      expect(of('hubspot').hours).toEqual([{ hour: noon, events: 4, refused: 0 }]);
      expect(of('sparkpost').hours).toEqual([]);
      await state.storeAll();
      expect((await states().read()).of('postmark').hours).toEqual(of('postmark').hours);
    });

    test('days that ended before a time are deleted', async () => {
      for (const at of [noon - 2 * day, noon - day, noon]) await add(at, count({ events: 1 }));
      await repository.deleteBefore(noon - day);
      expect(await repository.totals()).toMatchObject({ since: noon - day, counts: [{ events: 2 }] });
    });

    test('recorded events are counted by hook, repeated ones again, those without an address apart', async () => {
      const bounce = event();
      await record(bounce, event({ recipient: null }), event({ recipient: 'undisclosed recipients' }));
      now += minute;
      await record(bounce, event({ provider: 'hubspot' }));
      const { of, since } = await states().read();
      expect(since).toBe(noon);
      expect(of('postmark')).toMatchObject(count({ events: 4, namingNobody: 2, lastEventAt: noon + minute }));
      expect(of('hubspot')).toMatchObject({ events: 1, namingNobody: 0 });
      expect(of('sparkpost')).toEqual({ ...noHookCount('sparkpost'), hours: [] });
    });

    test('events that could not be stored are not counted, and their repetition counts once', async () => {
      const failing: Database = { ...database, batch: () => Promise.reject(new Error('disk full')) };
      const parts = await start();
      const events = [event(), event()];
      const broken = createFeedback({
        hasher: parts.hasher,
        repository: createEventRepository(failing),
        suppressionList: createSuppressionList({
          hasher: parts.hasher,
          repository: createSuppressionRepository(database),
          now: () => now,
        }),
        now: () => now,
        together: true,
      });
      await expect(broken.record(events)).rejects.toThrow('disk full');
      await record(...events);
      expect((await repository.totals()).counts).toMatchObject([{ events: 2 }]);
    });

    test('refused requests and contacts are stored at most once a minute, and shown at once', async () => {
      const first = states();
      first.refused('postmark', 'signature_wrong');
      await first.tend();
      first.refused('postmark', 'malformed');
      first.contacts('hubspot', 3);
      first.contacts('pipedrive', 0);
      now += minute - 1;
      await first.tend();
      expect((await repository.totals()).counts).toMatchObject([{ hook: 'postmark', refused: 1 }]);
      const shown = await first.read();
      expect(shown.of('postmark')).toMatchObject(
        count({ refused: 2, lastRefusal: { at: noon, why: 'malformed' } }),
      );
      expect(shown.of('hubspot')).toMatchObject({ events: 3, lastEventAt: noon });
      now += 1;
      await first.tend();
      expect(failures).toEqual([]);
      const restarted = await states().read();
      expect(restarted.of('postmark')).toEqual(shown.of('postmark'));
      expect(restarted.of('hubspot')).toEqual(shown.of('hubspot'));
      expect((await repository.totals()).counts).toHaveLength(2);
    });

    test('two processes count together', async () => {
      const [one, other] = [states(), states()];
      one.refused('postmark', 'signature_wrong');
      other.refused('postmark', 'signature_wrong');
      await Promise.all([one.storeAll(), other.storeAll()]);
      expect((await one.read()).of('postmark')).toMatchObject({ refused: 2 });
    });

    test('counts that cannot be stored are kept for the next time', async () => {
      let isBroken = true;
      const hook = states({
        ...repository,
        add: (counted) => (isBroken ? Promise.reject(new Error('disk full')) : repository.add(counted)),
      });
      hook.refused('postmark', 'signature_wrong');
      const storing = hook.storeAll();
      hook.refused('postmark', 'malformed');
      await storing;
      expect(failures).toHaveLength(1);
      expect((await hook.read()).of('postmark')).toMatchObject({
        refused: 2,
        lastRefusal: { why: 'malformed' },
      });
      isBroken = false;
      await hook.storeAll();
      await hook.storeAll();
      expect((await repository.totals()).counts).toMatchObject([{ refused: 2 }]);
    });
  });
}
