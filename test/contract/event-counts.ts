// What the counters of events promise, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { EventRepository, StoredEvent } from '../../src/events/event-repository.ts';
import { createEventExpiry } from '../../src/events/expire.ts';
import type { EventCounter, EventHistory } from '../../src/reports/count.ts';
import type { Database, SqlValue } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createEventHistory } from '../../src/storage/sqlite/event-store.ts';
import { counted, countedRows, type EventRow, everyDimension, recount, recountUnproven } from './recount.ts';

const hour = 3_600_000;
const day = 24 * hour;
const midnight = 20_000 * day;
const wholeTime = [midnight - 2 * day, midnight + 5 * day] as const;
const nothingElse = { outcomes: [], deliveries: new Map<string, number>() };
const keyId = '01234567';

const bounce: StoredEvent = {
  id: 'e1',
  at: midnight + hour,
  receivedAt: midnight + hour,
  reportedBy: 'ses',
  kind: 'bounce',
  class: 'hard',
  reason: 'mailbox_unknown',
  status: '5.1.1',
  echo: false,
  keyId,
  addressHash: 'jane',
  mailboxProvider: 'gmail',
  message: 'm1',
  campaign: 'spring',
  source: 'form',
  proof: 'proven',
  mailHost: 'google.com',
  gateway: null,
  list: 'news',
};

/** Pseudo-random numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const outcomes = [
  { kind: 'sent', class: 'none', reason: 'unknown', status: null },
  { kind: 'delivered', class: 'none', reason: 'delivered', status: null },
  { kind: 'opened', class: 'none', reason: 'unknown', status: null },
  { kind: 'autoreply', class: 'autoreply', reason: 'auto_response', status: null },
  { kind: 'bounce', class: 'hard', reason: 'mailbox_unknown', status: '5.1.1' },
  { kind: 'bounce', class: 'soft', reason: 'mailbox_full', status: '4.2.2' },
  { kind: 'failed', class: 'policy', reason: 'blocked_reputation', status: null },
  { kind: 'deferred', class: 'soft', reason: 'rate_limited', status: '4.7.28' },
  { kind: 'complaint', class: 'complaint', reason: 'feedback', status: null },
  { kind: 'unsubscribed', class: 'none', reason: 'unknown', status: null },
] as const;

/** Events with few messages and people, so that many are about the same; some unproven, some twice, some later with proof. */
function randomEvents(count: number, random: () => number): StoredEvent[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const events = Array.from({ length: count }, (_, index): StoredEvent => {
    const failed = pick(outcomes);
    return {
      ...bounce,
      ...failed,
      id: `e${index}`,
      at: midnight + Math.floor(random() * 60) * hour + Math.floor(random() * 3) * 1000,
      echo: random() < 0.1,
      message: random() < 0.2 ? null : `m${Math.floor(random() * (count / 6))}`,
      addressHash: pick(['jane', 'john', null]),
      mailboxProvider: pick(['gmail', 'outlook', null]),
      gateway: pick(['mimecast', null, null]),
      source: pick(['form', 'webinar', null]),
      campaign: pick(['spring', 'autumn', 'other', null]),
      list: pick(['news', null]),
      mailHost: pick(['google.com', 'outlook.com', null]),
      proof: pick(['proven', 'proven', 'assumed', 'unproven']),
    };
  });
  return [
    ...events,
    ...events.filter(() => random() < 0.2),
    ...events
      .filter(({ proof }) => proof === 'unproven' && random() < 0.5)
      .map((event) => ({ ...event, proof: 'proven' as const })),
  ].toSorted(() => random() - 0.5);
}

/** `open` gives a database with the schema and nothing in it. */
export function eventCountsBattery(name: string, open: () => Promise<Database>): void {
  describe(`Event counters on ${name}`, () => {
    let database: Database;
    let repository: EventRepository;
    let counter: EventCounter;
    let history: EventHistory;

    beforeEach(async () => {
      database = await open();
      repository = createEventRepository(database);
      counter = createEventCounter(database);
      history = createEventHistory(database);
    });

    const store = (...events: readonly StoredEvent[]) => repository.store(events, keyId, nothingElse);
    const rawRows = async () => database.all<EventRow>('SELECT * FROM delivery_events');
    /** Makes rows as an earlier version stored them. */
    const forgetCounts = () =>
      database.batch([
        { sql: 'UPDATE delivery_events SET counted = 0' },
        { sql: 'DELETE FROM event_tallies' },
        { sql: 'DELETE FROM event_causes' },
        { sql: 'DELETE FROM unproven_tallies' },
      ]);
    const expectRecount = async () => {
      const rows = await rawRows();
      const rowsThatCount = countedRows(rows);
      for (const by of everyDimension)
        for (const every of ['hour', 'day', 'all'] as const)
          expect(await counted(counter, by, every, wholeTime), `${by} ${every}`).toEqual(
            recount(rowsThatCount, by, every),
          );
      const [from, to] = wholeTime;
      expect(await counter.countUnproven({ from, to })).toBe(recountUnproven(rows));
    };
    const totals = async (period: readonly [number, number] = wholeTime) =>
      counted(counter, 'provider', 'hour', period);

    test.each([1, 2, 3, 4])(
      'equal a recount of random events, whatever their order (seed %i)',
      async (seed) => {
        const random = randomNumbers(seed);
        const events = randomEvents(240, random);
        while (events.length > 0) await store(...events.splice(0, Math.ceil(random() * 40)));
        expect((await rawRows()).length).toBe(240);
        await expectRecount();
      },
    );

    test.each([5, 6])(
      'equal a recount while history is counted and events arrive (seed %i)',
      async (seed) => {
        const random = randomNumbers(seed);
        const events = randomEvents(240, random);
        await store(...events.splice(0, 160));
        await forgetCounts();
        expect(await counted(counter, 'provider', 'all', wholeTime)).toEqual([]);
        while (events.length > 0) {
          await store(...events.splice(0, 20));
          await history.countNext(7);
        }
        while ((await history.countNext(50)) > 0);
        await expectRecount();
      },
    );

    test('history is counted newest first, and an event once', async () => {
      const at = (hours: number) => midnight + hours * hour;
      await store(
        { ...bounce, id: 'e1', message: null, at: at(1) },
        { ...bounce, id: 'e2', message: null, at: at(3) },
        { ...bounce, id: 'e3', message: null, at: at(2) },
      );
      expect(await history.newestUncounted()).toBeNull();
      await forgetCounts();
      expect(await history.newestUncounted()).toBe(at(3));
      expect(await history.countNext(2)).toBe(2);
      expect(await history.newestUncounted()).toBe(at(1));
      expect(await totals([at(0), at(2)])).toEqual([]);
      expect(await totals([at(2), at(4)])).toHaveLength(4);
      expect(await history.countNext(2)).toBe(1);
      expect(await history.countNext(2)).toBe(0);
      expect(await history.newestUncounted()).toBeNull();
      await expectRecount();
    });

    test('of the bounces of a message the last counts, in whatever order they arrive', async () => {
      const soft = { class: 'soft', reason: 'mailbox_full', status: '4.2.2' } as const;
      const three = [
        { ...bounce, ...soft, id: 'a', at: midnight + hour },
        { ...bounce, ...soft, id: 'b', at: midnight + 2 * hour },
        // At the same time as b: the greater id counts.
        { ...bounce, id: 'c', at: midnight + 2 * hour },
      ];
      for (const [first, second, third] of [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
      ] as const) {
        await database.run('DELETE FROM delivery_events');
        await forgetCounts();
        for (const index of [first, second, third]) await store(three[index]!);
        expect(await totals()).toEqual([
          `${midnight + 2 * hour} gmail hard mailbox_unknown 5.1.1: 1`,
          `${midnight + 2 * hour} gmail hard: 1`,
        ]);
      }
    });

    test('an event that is stored already counts nothing, also if it differs', async () => {
      await store(bounce);
      await store({ ...bounce, at: midnight + 5 * hour }, { ...bounce, proof: 'unproven' });
      expect(await totals()).toHaveLength(2);
      await expectRecount();
    });

    test('an unproven event counts apart until it has proof, and then at its own time', async () => {
      const [from, to] = wholeTime;
      await store({ ...bounce, proof: 'unproven' }, { ...bounce, id: 'e2', proof: 'unproven' });
      expect(await totals()).toEqual([]);
      expect(await counter.countUnproven({ from, to })).toBe(2);
      expect(await counter.countUnproven({ from: bounce.at + hour, to })).toBe(0);
      expect(await counter.countUnproven({ from, to: bounce.at })).toBe(0);
      await store({ ...bounce, at: midnight + 9 * hour, proof: 'assumed' });
      expect(await totals()).toEqual([
        `${bounce.at} gmail hard mailbox_unknown 5.1.1: 1`,
        `${bounce.at} gmail hard: 1`,
      ]);
      expect(await counter.countUnproven({ from, to })).toBe(1);
      await store({ ...bounce, proof: 'proven' });
      expect(await counter.countUnproven({ from, to })).toBe(1);
      await expectRecount();
    });

    test('within one call the proof may come with the event', async () => {
      await store({ ...bounce, proof: 'unproven' }, bounce, { ...bounce, proof: 'unproven' });
      await expectRecount();
      expect(await totals()).toHaveLength(2);
    });

    test('counts stay when an erasure deletes the events', async () => {
      await store(bounce, { ...bounce, id: 'e2', kind: 'delivered', class: 'none' });
      const before = await totals();
      await createErasureRepository(database).erase({
        keyId,
        addressHash: 'jane',
        keepSuppression: false,
        now: midnight + day,
      });
      expect(await rawRows()).toEqual([]);
      expect(await totals()).toEqual(before);
    });

    test('counts of hours and days before the retention are deleted, with the events', async () => {
      const days = Array.from(
        { length: 5 },
        (_, index): StoredEvent => ({
          ...bounce,
          id: `e${index}`,
          message: null,
          at: midnight + (index - 2) * day + 90 * 60_000,
          proof: index % 2 === 0 ? 'proven' : 'assumed',
        }),
      );
      await store(...days, { ...bounce, id: 'u', at: midnight - day, proof: 'unproven' });
      const expiry = createEventExpiry(repository, { eventsAtOnce: 2, steps: 1 });
      for (let call = 0; call < 6; call++) await expiry.deleteBefore(midnight + 2 * hour);
      expect((await rawRows()).map(({ id }) => id)).toEqual(['e3', 'e4']);
      expect(await counted(counter, 'reason', 'hour', wholeTime)).toEqual([
        `${midnight + day + hour} mailbox_unknown hard mailbox_unknown 5.1.1: 1`,
        `${midnight + day + hour} mailbox_unknown hard: 1`,
        `${midnight + 2 * day + hour} mailbox_unknown hard mailbox_unknown 5.1.1: 1`,
        `${midnight + 2 * day + hour} mailbox_unknown hard: 1`,
      ]);
      // A day is deleted only when it is over.
      const periods = (
        await counter.count({ from: wholeTime[0], to: wholeTime[1], by: 'reason', every: 'day' })
      )
        .map(({ period }) => (period - midnight) / day)
        .toSorted();
      expect(periods).toEqual([0, 1, 2]);
      expect(await counter.countUnproven({ from: wholeTime[0], to: wholeTime[1] })).toBe(0);
      for (let call = 0; call < 3; call++) await expiry.deleteBefore(midnight + 10 * day);
      for (const table of ['event_tallies', 'event_causes', 'unproven_tallies'])
        expect(await database.first(`SELECT 1 FROM ${table}`), table).toBeNull();
    });

    test('a text that is too long for D1 is read in parts', async () => {
      const events = Array.from(
        { length: 60 },
        (_, index): StoredEvent => ({
          ...bounce,
          id: `e${index}`,
          message: null,
          campaign: `campaign-${index}`,
          at: midnight + Math.floor(index / 30) * day + (index % 30) * 1000,
        }),
      );
      await store(...events);
      let refused = 0;
      const counterWith = (longest: number) =>
        createEventCounter({
          first: (sql, params) => database.first(sql, params),
          async all<Row>(sql: string, params?: readonly SqlValue[]) {
            const rows = await database.all<Row & { values: string }>(sql, params);
            if (rows.every((row) => row.values.length <= longest)) return rows;
            refused += 1;
            throw Object.assign(new Error('string or blob too big'), { code: 'SQLITE_TOOBIG' });
          },
        });
      // 30 names have about 1,000 characters, and 60 names 2,000.
      const [limited, tiny] = [counterWith(1500), counterWith(500)];
      const [from, to] = [midnight - 20 * day, midnight + 20 * day];
      const read = async (from: EventCounter, every: 'all' | 'day', period: { from: number; to: number }) =>
        (await from.count({ ...period, by: 'campaign', every, causes: false })).toSorted((a, b) =>
          a.name! < b.name! ? -1 : 1,
        );
      expect(await read(limited, 'all', { from, to })).toEqual(await read(counter, 'all', { from, to }));
      expect(refused).toBeGreaterThan(0);
      // One day cannot be read in parts. An hour has at most 2,000 names, which are not too long for D1.
      await expect(read(tiny, 'day', { from: midnight, to: midnight + day })).rejects.toThrow('too big');
    });

    test('an hour has at most 200 mail hosts and statuses, the most frequent first', async () => {
      const many = (count: number, differences: (index: number) => Partial<StoredEvent>) =>
        Array.from({ length: count }, (_, index) => ({ ...bounce, message: null, ...differences(index) }));
      await store(
        ...many(250, (index) => ({ id: `a${index}`, mailHost: `host-${index}.com`, status: `5.9.${index}` })),
        ...many(3, (index) => ({ id: `b${index}`, mailHost: 'big.com', status: '5.1.1' })),
      );
      const names = async (by: 'mail_host' | 'status', every: 'hour' | 'day') =>
        new Map(
          (await counter.count({ by, every, from: midnight, to: midnight + day })).map(({ name, tally }) => [
            name,
            tally.hard,
          ]),
        );
      for (const by of ['mail_host', 'status'] as const) {
        const hosts = await names(by, 'hour');
        expect([hosts.size, hosts.get('other'), hosts.get(by === 'status' ? '5.1.1' : 'big.com')]).toEqual([
          201, 51, 3,
        ]);
        expect((await names(by, 'day')).size).toBe(251);
      }
      // Later names of the hour count as other. The same name keeps its row in the next hour.
      await store({ ...bounce, id: 'c', message: 'm9', mailHost: 'late.com' });
      expect((await names('mail_host', 'hour')).get('other')).toBe(52);
      await store({ ...bounce, id: 'd', message: 'm9', mailHost: 'late.com', at: bounce.at + hour });
      const hours = await counter.count({
        by: 'mail_host',
        every: 'hour',
        from: midnight,
        to: midnight + day,
      });
      expect(hours.filter(({ name }) => name === 'late.com').map(({ period }) => period)).toEqual([
        bounce.at + hour,
      ]);
      expect((await names('mail_host', 'day')).get('late.com')).toBe(1);
      expect(hours.find(({ name }) => name === 'other')!.tally.hard).toBe(51);
      // The causes have the same statuses.
      const [ofGmail] = await counter.count({
        by: 'provider',
        every: 'hour',
        from: midnight,
        to: bounce.at + hour,
      });
      expect(ofGmail!.causes.length).toBe(201);
      expect(ofGmail!.causes.find(({ status }) => status === 'other')!.messages).toBe(51);
    });

    test('the counted time is extended to whole hours', async () => {
      await store(bounce, { ...bounce, id: 'e2', message: null, at: bounce.at + hour - 1 });
      const inHour = [bounce.at + 10, bounce.at + 11] as const;
      expect(await totals(inHour)).toHaveLength(2);
      expect((await totals(inHour))[1]).toContain('hard: 2');
      expect(await totals([bounce.at + hour, bounce.at + 2 * hour])).toEqual([]);
      expect(await totals([bounce.at - hour, bounce.at])).toEqual([]);
    });

    test('days that begin or end within the time count their hours', async () => {
      await store(
        ...[-1, 1, 25, 49, 71, 73].map((hours, index) => ({
          ...bounce,
          id: `e${index}`,
          message: null,
          at: midnight + hours * hour,
        })),
      );
      const period = [midnight, midnight + 2 * day + 5 * hour] as const;
      expect(await counted(counter, 'source', 'all', period)).toContain('0 form hard: 3');
      expect(
        (await counted(counter, 'source', 'day', period)).filter((line) => line.endsWith('hard: 1')),
      ).toEqual([0, 1, 2].map((days) => `${midnight + days * day} form hard: 1`));
      const fromEvening = [midnight - 2 * hour, midnight + 3 * day] as const;
      expect(await counted(counter, 'source', 'all', fromEvening)).toContain('0 form hard: 5');
      expect(await counted(counter, 'source', 'all', [midnight + 12 * hour, midnight + 26 * hour])).toContain(
        '0 form hard: 1',
      );
    });

    test('causes are left out on request', async () => {
      await store(bounce);
      const query = { by: 'provider', every: 'all', from: wholeTime[0], to: wholeTime[1] } as const;
      expect((await counter.count({ ...query, causes: false }))[0]).toMatchObject({
        tally: { hard: 1 },
        causes: [],
      });
      expect((await counter.count(query))[0]!.causes).toEqual([
        { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: 1 },
      ]);
    });

    describe('if another process writes between reading and writing', () => {
      /** Runs `work` before the first batch. */
      const interrupted = (work: () => Promise<unknown>): Database => {
        let isFirst = true;
        return {
          all: (sql, params) => database.all(sql, params),
          first: (sql, params) => database.first(sql, params),
          run: (sql, params) => database.run(sql, params),
          async batch(statements) {
            if (isFirst) {
              isFirst = false;
              await work();
            }
            return database.batch(statements);
          },
        };
      };
      const storeBehind = (events: readonly StoredEvent[], work: () => Promise<unknown>) =>
        createEventRepository(interrupted(work)).store(events, keyId, nothingElse);

      test('the same event counts once', async () => {
        await storeBehind([bounce, { ...bounce, id: 'e2', message: null }], () => store(bounce));
        expect((await rawRows()).length).toBe(2);
        await expectRecount();
      });

      test('two bounces of one message count once', async () => {
        const later = { ...bounce, id: 'e2', at: bounce.at + hour };
        await storeBehind([bounce], () => store(later));
        await expectRecount();
        await storeBehind([{ ...later, id: 'e4', at: bounce.at + 3 * hour }], () =>
          store({ ...later, id: 'e3', at: bounce.at + 2 * hour }),
        );
        await expectRecount();
        expect(await totals()).toHaveLength(2);
      });

      test('proof that comes twice counts once', async () => {
        await store({ ...bounce, proof: 'unproven' });
        await storeBehind([bounce], () => store({ ...bounce, proof: 'assumed' }));
        expect(await totals()).toHaveLength(2);
        expect(await counter.countUnproven({ from: wholeTime[0], to: wholeTime[1] })).toBe(0);
      });

      test('history that is counted twice counts once', async () => {
        await store(
          bounce,
          { ...bounce, id: 'e2', message: null },
          { ...bounce, id: 'e3', proof: 'unproven' },
        );
        await forgetCounts();
        await createEventHistory(interrupted(() => history.countNext(1))).countNext(9);
        await expectRecount();
        expect(await history.newestUncounted()).toBeNull();
      });

      test('history that gets proof or is erased is counted as it then is', async () => {
        await store({ ...bounce, proof: 'unproven' }, { ...bounce, id: 'e2', message: null });
        await forgetCounts();
        await createEventHistory(
          interrupted(async () => {
            await store(bounce);
            await database.run("DELETE FROM delivery_events WHERE id = 'e2'");
          }),
        ).countNext(9);
        await expectRecount();
        expect(await history.newestUncounted()).toBeNull();
      });

      test('a constraint that fails again and again is an error', async () => {
        let attempts = 0;
        const failing: Database = {
          ...interrupted(async () => {}),
          batch() {
            attempts++;
            return database.batch([{ sql: 'INSERT INTO event_conflicts (conflict) VALUES (1)' }]);
          },
        };
        await expect(createEventRepository(failing).store([bounce], keyId, nothingElse)).rejects.toThrow(
          /constraint/i,
        );
        expect(attempts).toBe(5);
      });
    });

    test('a step that fails counts nothing, and the next one counts it', async () => {
      await store(bounce, { ...bounce, id: 'e2', message: null });
      await forgetCounts();
      const failing: Database = {
        all: (sql, params) => database.all(sql, params),
        first: (sql, params) => database.first(sql, params),
        run: (sql, params) => database.run(sql, params),
        // The last statement fails, so the transaction is rolled back.
        batch: (statements) => database.batch([...statements, { sql: 'INSERT INTO nowhere VALUES (1)' }]),
      };
      await expect(createEventHistory(failing).countNext(9)).rejects.toThrow();
      expect(await totals()).toEqual([]);
      expect(await history.countNext(9)).toBe(2);
      await expectRecount();
    });
  });
}
