// What older delivery events promise on whatever database and file store: each event is in exactly one place, always.

import { beforeEach, describe, expect, test } from 'vitest';
import { type ColdLimits, createColdEvents, defaultColdLimits } from '../../src/events/cold/cold-events.ts';
import { createColdReader } from '../../src/events/cold/cold-reader.ts';
import { createErasure } from '../../src/events/erase.ts';
import type { EventRepository, StoredEvent } from '../../src/events/event-repository.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import type { Database } from '../../src/storage/database.ts';
import type { Bytes, FileStore } from '../../src/storage/files/file-store.ts';
import { createColdRepository } from '../../src/storage/sqlite/cold-repository.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';
import { event as deliveryEvent } from './feedback.ts';

const day = 86_400_000;
const hour = 3_600_000;
/** Midnight, UTC. */
const today = 20_000 * day;
const jane = 'jane@example.org';
const noOutcomes = { outcomes: [], deliveries: new Map<string, number>() };

/** A store that can fail and that knows the names of its files. */
function watched(real: FileStore) {
  const names = new Set<string>();
  const store = {
    names,
    /** Called before each operation; may reject. */
    before: async (_operation: 'put' | 'get' | 'remove', _name: string): Promise<void> => {},
    async put(name: string, content: AsyncIterable<Bytes>) {
      await store.before('put', name);
      const length = await real.put(name, content);
      names.add(name);
      return length;
    },
    async get(name: string) {
      await store.before('get', name);
      return real.get(name);
    },
    async remove(name: string) {
      await store.before('remove', name);
      await real.remove(name);
      names.delete(name);
    },
    async removeFolder(folder: string) {
      await store.before('remove', folder);
      await real.removeFolder(folder);
      for (const name of names) if (name.startsWith(`${folder}/`)) names.delete(name);
    },
  };
  return store;
}

export interface ColdParts {
  readonly database: Database;
  readonly files: FileStore;
  readonly hasher: AddressHasher;
}

/**
 * `start` gives a database with the schema and nothing in it, and a file store. `steps`: how much happens in the test of random
 * operations.
 */
export function coldEventsBattery(name: string, start: () => Promise<ColdParts>, steps = 120): void {
  describe(`Older events on ${name}`, () => {
    let now: number;
    let database: Database;
    let hasher: AddressHasher;
    let files: ReturnType<typeof watched>;
    let events: EventRepository;
    let list: SuppressionList;
    let feedback: Feedback;
    let failures: [error: unknown, file: string | null][];
    let hotDays: number;
    let retentionDays: number;
    let limits: ColdLimits;
    let lastId: number;

    beforeEach(async () => {
      now = today + 10 * hour;
      const parts = await start();
      ({ database, hasher } = parts);
      files = watched(parts.files);
      events = createEventRepository(database);
      list = createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: () => now,
      });
      feedback = createFeedback({
        repository: events,
        hasher,
        suppressionList: list,
        now: () => now,
        together: false,
      });
      failures = [];
      hotDays = 60;
      retentionDays = 400;
      limits = defaultColdLimits;
      lastId = 0;
    });

    const cold = (workspace = 'default') =>
      createColdEvents({
        repository: createColdRepository(database, workspace),
        files,
        now: () => now,
        newId: () => crypto.randomUUID(),
        hotMs: hotDays * day,
        retentionMs: retentionDays * day,
        limits,
        onFailure: (...failure) => failures.push(failure),
      });
    const maintain = () => cold().maintain();

    const hashOf = async (address: string) => (await hasher.hashAll([suppressionKey(address)]))[0]!;
    const stored = (at: number, differences: Partial<StoredEvent> = {}): StoredEvent => {
      lastId += 1;
      return {
        id: String(lastId).padStart(16, '0').padEnd(32, 'f'),
        at,
        receivedAt: at,
        reportedBy: 'ses',
        kind: 'delivered',
        class: 'none',
        reason: 'delivered',
        status: null,
        echo: false,
        keyId: hasher.keyId,
        addressHash: `${lastId}`.padStart(64, '0'),
        mailboxProvider: null,
        message: null,
        campaign: null,
        source: null,
        list: null,
        proof: 'proven',
        mailHost: null,
        gateway: null,
        ...differences,
      };
    };
    const store = (...some: readonly StoredEvent[]) => events.store(some, hasher.keyId, noOutcomes);

    const hotIds = async () =>
      (await database.all<{ id: string }>('SELECT id FROM delivery_events ORDER BY id')).map(({ id }) => id);
    const inFiles = async (workspace = 'default') => {
      const reader = createColdReader({
        repository: createColdRepository(database, workspace),
        files,
        onFailure: (...failure) => failures.push(failure),
      });
      const found: StoredEvent[] = [];
      for await (const some of reader.read({ from: 0, to: now })) found.push(...some);
      return found;
    };
    const coldIds = async () => (await inFiles()).map(({ id }) => id).toSorted();
    /** Every event of both places, each as often as it is there. */
    const allIds = async () => [...(await hotIds()), ...(await coldIds())].toSorted();
    const count = async (table: string) =>
      (await database.first<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`))!.rows;
    const erase = (address: string) =>
      createErasure({
        repository: createErasureRepository(database),
        hasher,
        suppressionList: list,
        now: () => now,
      }).erase({ address, keepSuppression: true });
    /** Runs maintenance until nothing is left to do now. */
    const settle = async () => {
      for (let run = 0; run < 40; run++) await maintain();
    };

    describe('moving', () => {
      test('events of days before the hot days go to files, one a day, and keep every field', async () => {
        const full = stored(today - 61 * day + 7, {
          receivedAt: today - 61 * day + 9,
          kind: 'bounce',
          class: 'hard',
          reason: 'mailbox_unknown',
          status: '5.1.1',
          mailboxProvider: 'gmail',
          message: 'm1',
          campaign: 'spring “ü”',
          source: 'form',
          list: 'weekly\n',
          proof: 'assumed',
          mailHost: 'google.com',
          gateway: 'mimecast',
          echo: true,
        });
        const moved = [
          stored(today - 70 * day),
          stored(today - 69 * day - 1, { addressHash: null }),
          full,
          stored(today - 60 * day - 1),
        ];
        const hot = [stored(today - 60 * day), stored(today)];
        await store(...moved, ...hot);
        await maintain();
        expect(await hotIds()).toEqual(hot.map(({ id }) => id));
        expect(await inFiles()).toEqual(moved);
        expect([...files.names].map((file) => file.replace(/[^/]*\/[^/]*$/, ''))).toEqual([
          `events/${new Date(today - 70 * day).toISOString().slice(0, 10)}/`,
          `events/${new Date(today - 61 * day).toISOString().slice(0, 10)}/`,
        ]);
        expect(await createColdRepository(database).totals()).toMatchObject({ files: 2, events: 4 });
        expect(failures).toEqual([]);
      });

      test('a day with many events takes several files, and one call writes a limited number', async () => {
        limits = { ...defaultColdLimits, eventsPerFile: 2, written: 2 };
        const moved = Array.from({ length: 5 }, () => stored(today - 80 * day));
        await store(...moved);
        await maintain();
        expect((await inFiles()).length).toBe(4);
        await maintain();
        expect(await allIds()).toEqual(moved.map(({ id }) => id));
        expect(await hotIds()).toEqual([]);
        expect(files.names.size).toBe(3);
      });

      test('days go on to be moved as time passes', async () => {
        const moved = Array.from({ length: 5 }, (_, index) => stored(today - 62 * day + index * day));
        await store(...moved);
        for (const left of [3, 2, 1, 0]) {
          await maintain();
          expect(await hotIds()).toHaveLength(left);
          expect(await allIds()).toEqual(moved.map(({ id }) => id));
          now += day;
        }
      });

      test.each([
        [60, 60],
        [61, 60],
      ])('nothing moves with EVENT_HOT_DAYS=%i and EVENT_RETENTION_DAYS=%i', async (hot, retention) => {
        [hotDays, retentionDays] = [hot, retention];
        await store(stored(today - 61 * day), stored(today - 60 * day - 1));
        await settle();
        expect(await hotIds()).toHaveLength(2);
        expect(files.names.size).toBe(0);
      });

      test('events whose retention has ended do not move', async () => {
        await store(stored(now - 400 * day - 1), stored(now - 400 * day));
        await maintain();
        expect(await hotIds()).toHaveLength(1);
        expect(await coldIds()).toHaveLength(1);
      });

      const soft = { kind: 'bounce', class: 'soft', reason: 'mailbox_full', addressHash: 'a' } as const;
      const delivery = { kind: 'delivered', addressHash: 'a' } as const;
      const at = today - 90 * day;

      test.each<readonly [string, boolean, readonly StoredEvent[] | (() => readonly StoredEvent[])]>([
        ['an unproven event', false, () => [stored(at, { proof: 'unproven' })]],
        [
          'an event that was received in the last hour',
          false,
          () => [stored(at, { receivedAt: now - hour })],
        ],
        ['an event that was received before', true, () => [stored(at, { receivedAt: now - hour - 1 })]],
        ['a soft bounce', false, () => [stored(at, soft)]],
        ['a soft bounce before a delivery', true, () => [stored(at, soft), stored(today - day, delivery)]],
        ['a soft bounce after a delivery', false, () => [stored(at, soft), stored(at - 1, delivery)]],
        [
          'a soft bounce before a delivery to another',
          false,
          () => [stored(at, soft), stored(today, { ...delivery, addressHash: 'b' })],
        ],
        [
          'a soft bounce before a delivery under another key',
          false,
          () => [stored(at, soft), stored(today, { ...delivery, keyId: 'other' })],
        ],
        [
          'a soft bounce before an unproven delivery',
          false,
          () => [stored(at, soft), stored(today, { ...delivery, proof: 'unproven' })],
        ],
        [
          'a soft bounce before another bounce',
          false,
          () => [stored(at, soft), stored(today, { ...delivery, kind: 'bounce', class: 'hard' })],
        ],
        ['a deferral', true, () => [stored(at, { ...soft, kind: 'deferred' })]],
        ['a soft echo', true, () => [stored(at, { ...soft, echo: true })]],
        ['a soft bounce of nobody', true, () => [stored(at, { ...soft, addressHash: null })]],
        ['a hard bounce', true, () => [stored(at, { ...soft, class: 'hard' })]],
      ])('%s moves: %s', async (_, moves, given) => {
        const [first, ...others] = typeof given === 'function' ? given() : given;
        await store(first!, ...others);
        await settle();
        expect((await coldIds()).includes(first!.id)).toBe(moves);
        expect(await allIds()).toEqual([first!, ...others].map(({ id }) => id));
      });

      test('a run of soft bounces that lasts for months still suppresses', async () => {
        for (let month = 4; month >= 1; month--)
          await feedback.record([
            deliveryEvent({
              class: 'soft',
              reason: 'mailbox_full',
              at: now - month * 30 * day,
              recipient: jane,
            }),
          ]);
        now += day;
        await settle();
        expect((await list.find([jane]))[0]).toBeNull();
        await feedback.record([
          deliveryEvent({ class: 'soft', reason: 'mailbox_full', at: now, recipient: jane }),
        ]);
        expect((await list.find([jane]))[0]).toMatchObject({ reason: 'bounce' });
      });

      test('what stayed moves later, once nothing needs it', async () => {
        const bounce = stored(at, soft);
        await store(bounce);
        await settle();
        await store(stored(today, { ...delivery, receivedAt: now }));
        await settle();
        expect(await coldIds()).toEqual([]);
        now += day;
        await settle();
        expect(await coldIds()).toEqual([bounce.id]);
      });
    });

    describe('an event that comes again', () => {
      const old = (differences = {}) => deliveryEvent({ at: today - 90 * day, ...differences });

      test('is known although it is in a file', async () => {
        const once = old();
        expect(await feedback.record([once])).toMatchObject([{ isNew: true }]);
        now += day;
        await settle();
        expect(await hotIds()).toEqual([]);
        expect(await feedback.record([once, once])).toMatchObject([{ isNew: false }, { isNew: false }]);
        expect(await hotIds()).toEqual([]);
      });

      test.each([
        ['without a time', { provider: 'ses', at: null }],
        ['as a returned message, whose time is that of its receipt', { provider: 'report', at: null }],
      ])('is known %s', async (_, differences) => {
        const first = old(differences);
        await feedback.record([
          first.at === null && first.provider === 'report' ? { ...first, at: now } : first,
        ]);
        now += 62 * day;
        await settle();
        expect(await coldIds()).toHaveLength(1);
        const again = first.provider === 'report' ? { ...first, at: now } : first;
        expect(await feedback.record([again])).toMatchObject([{ isNew: false }]);
      });

      test('late and for the first time is recorded, and moves with the next day', async () => {
        await store(stored(today - 90 * day));
        await settle();
        const late = old();
        expect(await feedback.record([late])).toMatchObject([{ isNew: true, suppresses: true }]);
        await settle();
        expect(await hotIds()).toHaveLength(1);
        now += day;
        await settle();
        expect(await hotIds()).toEqual([]);
        expect(await coldIds()).toHaveLength(2);
        expect(await feedback.record([late])).toMatchObject([{ isNew: false }]);
      });

      test('is new in another workspace', async () => {
        const [moved] = [stored(today - 90 * day)];
        await store(moved!);
        await settle();
        const { id } = moved!;
        expect(await events.knownIds([id], [id])).toEqual(new Map([[id, 'proven']]));
        expect(await createEventRepository(database, 'other').knownIds([id], [id])).toEqual(new Map());
      });
    });

    describe('erasure', () => {
      const three = async () => {
        const addressHash = await hashOf(jane);
        const moved = [
          stored(today - 90 * day, { addressHash }),
          stored(today - 90 * day),
          stored(today - 80 * day, { addressHash }),
          stored(today - 70 * day),
        ];
        await store(...moved, stored(today, { addressHash }));
        await settle();
        return { addressHash, moved };
      };
      const textOfFiles = async () => {
        let text = '';
        for (const file of files.names)
          text += await new Response(
            (await files.get(file))!.pipeThrough(new DecompressionStream('gzip')),
          ).text();
        return text;
      };

      test('reaches files: nothing of the person is left in any of them an hour later', async () => {
        const { addressHash, moved } = await three();
        expect(await textOfFiles()).toContain(addressHash);
        expect(await erase(jane)).toMatchObject({ events: 1, pendingFiles: 3 });
        // A reader leaves the person out at once.
        expect(await coldIds()).toEqual([moved[1]!.id, moved[3]!.id]);
        await maintain();
        now += hour;
        await maintain();
        expect(await textOfFiles()).not.toContain(addressHash);
        expect(files.names.size).toBe(2);
        expect(await coldIds()).toEqual([moved[1]!.id, moved[3]!.id]);
        expect(await count('cold_erasures')).toBe(0);
        expect(await count('cold_ids')).toBe(2);
        expect(await count('cold_drafts')).toBe(0);
        expect(failures).toEqual([]);
      });

      test('of somebody else changes no file, and is forgotten too', async () => {
        const { moved } = await three();
        const before = [...files.names];
        expect(await erase('john@example.org')).toMatchObject({ events: 0, pendingFiles: 3 });
        expect(await count('cold_erasures')).toBe(1);
        await maintain();
        expect([...files.names]).toEqual(before);
        expect(await coldIds()).toEqual(moved.map(({ id }) => id));
        expect(await count('cold_erasures')).toBe(0);
      });

      test('without files waits for nothing', async () => {
        await store(stored(today, { addressHash: await hashOf(jane) }));
        expect(await erase(jane)).toMatchObject({ events: 1, pendingFiles: 0 });
        expect(await count('cold_erasures')).toBe(0);
      });

      test('an event of an erased person that comes again is recorded again', async () => {
        const once = deliveryEvent({ at: today - 90 * day, recipient: jane });
        await feedback.record([once]);
        now += day;
        await settle();
        await erase(jane);
        await maintain();
        expect(await feedback.record([once])).toMatchObject([{ isNew: true }]);
      });

      test('while the person’s events are on their way into a file reaches them', async () => {
        const addressHash = await hashOf(jane);
        const other = stored(today - 90 * day);
        await store(stored(today - 90 * day, { addressHash }), other);
        let answer: unknown = null;
        files.before = async (operation) => {
          if (operation === 'put' && answer === null) answer = await erase(jane);
        };
        await maintain();
        expect(answer).toMatchObject({ events: 1, pendingFiles: 1 });
        expect(await coldIds()).toEqual([other.id]);
        await maintain();
        now += hour;
        await maintain();
        expect(await textOfFiles()).not.toContain(addressHash);
        expect(await count('cold_ids')).toBe(1);
        expect(await count('cold_erasures')).toBe(0);
      });

      test('reaches every file in as many calls as there are files to read', async () => {
        limits = { ...defaultColdLimits, eventsPerFile: 1, read: 4 };
        const addressHash = await hashOf(jane);
        await store(
          ...Array.from({ length: 10 }, (_, index) =>
            stored(today - 90 * day, index % 3 === 0 ? { addressHash } : {}),
          ),
        );
        await settle();
        await erase(jane);
        for (const waiting of [1, 1, 0]) {
          await maintain();
          expect(await count('cold_erasures')).toBe(waiting);
        }
        expect(await count('cold_files')).toBe(6);
      });

      test('a second erasure in between reaches every file as well', async () => {
        limits = { ...defaultColdLimits, eventsPerFile: 1, read: 1 };
        const hashes = [await hashOf(jane), await hashOf('john@example.org')];
        await store(...hashes.map((addressHash) => stored(today - 90 * day, { addressHash })));
        await settle();
        await erase(jane);
        await maintain();
        await erase('john@example.org');
        await maintain();
        await maintain();
        await maintain();
        expect(await count('cold_files')).toBe(0);
        expect(await count('cold_erasures')).toBe(0);
      });

      test('of a workspace does not reach another', async () => {
        const { moved } = await three();
        const other = createErasure({
          repository: createErasureRepository(database, 'other'),
          hasher,
          suppressionList: list,
          now: () => now,
        });
        expect(await other.erase({ address: jane, keepSuppression: true })).toMatchObject({
          pendingFiles: 0,
        });
        await cold('other').maintain();
        await maintain();
        expect(await coldIds()).toEqual(moved.map(({ id }) => id));
        expect(await inFiles('other')).toEqual([]);
      });
    });

    test('files end with their retention, with all that is known of their events', async () => {
      const moved = [stored(today - 90 * day), stored(today - 89 * day)];
      await store(...moved);
      await settle();
      now = today + (400 - 90) * day;
      await maintain();
      expect(await coldIds()).toHaveLength(2);
      now += 1;
      await maintain();
      expect(await coldIds()).toEqual([moved[1]!.id]);
      expect(await count('cold_ids')).toBe(1);
      expect(files.names.size).toBe(2);
      now += hour;
      await maintain();
      expect(files.names.size).toBe(1);
    });

    describe('a failure', () => {
      const fails = (operation: string) => {
        files.before = async (asked) => {
          if (asked === operation) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        };
      };
      const works = () => {
        files.before = async () => {};
      };

      test.each(['put', 'get'])(
        'of the store (%s) loses nothing, and the next call goes on',
        async (operation) => {
          const moved = [stored(today - 90 * day), stored(today - 80 * day)];
          await store(...moved);
          fails(operation);
          await maintain();
          expect(await hotIds()).toHaveLength(2);
          expect(failures).toEqual([[expect.objectContaining({ code: 'ENOSPC' }), expect.any(String)]]);
          works();
          await maintain();
          expect(await coldIds()).toHaveLength(2);
          expect(await hotIds()).toEqual([]);
          now += hour;
          await maintain();
          expect(files.names.size).toBe(2);
          expect(await count('cold_drafts')).toBe(0);
        },
      );

      test('of the database after the file was written loses nothing', async () => {
        await store(stored(today - 90 * day));
        const real = database;
        database = { ...real, batch: async () => Promise.reject(new Error('disk I/O error')) };
        await maintain();
        database = real;
        expect(await hotIds()).toHaveLength(1);
        expect(await coldIds()).toEqual([]);
        await maintain();
        expect(await coldIds()).toHaveLength(1);
        now += hour;
        await maintain();
        expect(files.names.size).toBe(1);
      });

      test('to read a file that is searched is tried again in an hour, and the next call goes on with others', async () => {
        const addressHash = await hashOf(jane);
        await store(
          stored(today - 90 * day, { addressHash }),
          stored(today - 80 * day, { addressHash }),
          stored(today - 70 * day),
        );
        await settle();
        await erase(jane);
        fails('get');
        await maintain();
        expect(failures).toHaveLength(1);
        works();
        await maintain();
        expect(await count('cold_files')).toBe(2);
        expect(await count('cold_erasures')).toBe(1);
        now += hour;
        await maintain();
        expect(await count('cold_files')).toBe(1);
        expect(await count('cold_erasures')).toBe(0);
      });

      test('a damaged file is kept and reported, and the others are searched', async () => {
        const addressHash = await hashOf(jane);
        await store(stored(today - 90 * day, { addressHash }), stored(today - 80 * day, { addressHash }));
        await settle();
        const [damaged] = files.names;
        await files.put(damaged!, chunks('this is not gzip'));
        await erase(jane);
        await maintain();
        expect(failures).toEqual([[expect.objectContaining({ name: 'DamagedColdFile' }), damaged]]);
        expect(await count('cold_files')).toBe(1);
        expect(await count('cold_erasures')).toBe(1);
        expect(files.names.has(damaged!)).toBe(true);
        await maintain();
        expect(failures).toHaveLength(1);
      });

      test('a damaged or missing file ends with its retention, and so do the ids of its events', async () => {
        await store(stored(today - 90 * day), stored(today - 80 * day), stored(today - 20 * day));
        await settle();
        const [damaged, missing] = [...files.names];
        await files.put(damaged!, chunks('this is not gzip'));
        await files.remove(missing!);
        expect(await count('cold_ids')).toBe(2);
        now = today + 350 * day;
        await maintain();
        expect(failures.map(([, file]) => file)).toEqual([damaged, missing]);
        // The event of 20 days ago has been moved since.
        expect([await count('cold_files'), await count('cold_ids')]).toEqual([1, 1]);
      });

      test('to read a file at the end of its retention is tried again in an hour', async () => {
        await store(stored(today - 90 * day));
        await settle();
        now = today + 400 * day;
        fails('get');
        await maintain();
        works();
        await maintain();
        expect(await count('cold_files')).toBe(1);
        now += hour;
        await maintain();
        expect([await count('cold_files'), await count('cold_ids')]).toEqual([0, 0]);
      });

      test('to remove a file is tried again', async () => {
        await store(stored(today - 90 * day));
        await settle();
        now = today + 400 * day;
        await maintain();
        now += hour;
        fails('remove');
        await maintain();
        expect([files.names.size, await count('cold_drafts')]).toEqual([1, 1]);
        works();
        await maintain();
        expect([files.names.size, await count('cold_drafts')]).toEqual([0, 0]);
      });
    });

    describe('two processes', () => {
      test('do not move at the same time', async () => {
        await store(stored(today - 90 * day));
        let others = 0;
        files.before = async (operation) => {
          if (operation !== 'put' || others++ > 0) return;
          await maintain();
        };
        await maintain();
        expect(others).toBe(1);
        expect(await coldIds()).toHaveLength(1);
      });

      test('one that died is succeeded after ten minutes', async () => {
        await store(stored(today - 90 * day));
        const repository = createColdRepository(database);
        expect(await repository.claim(now, now + 600_000)).toBe(true);
        await maintain();
        expect(await coldIds()).toEqual([]);
        now += 600_000;
        await maintain();
        expect(await coldIds()).toHaveLength(1);
      });

      test.each([
        ['before', 15 * 60_000],
        ['after', 2 * hour],
      ])(
        'one that is suspended and wakes up %s its file is given up doubles nothing',
        async (_, suspendedMs) => {
          const moved = [stored(today - 90 * day), stored(today - 80 * day)];
          await store(...moved);
          let isSuspended = false;
          files.before = async (operation) => {
            if (operation !== 'put' || isSuspended) return;
            isSuspended = true;
            now += suspendedMs;
            await maintain();
          };
          await maintain();
          expect(await allIds()).toEqual(moved.map(({ id }) => id));
          expect(await count('cold_ids')).toBe(2);
          now += hour;
          await maintain();
          expect(files.names.size).toBe(2);
          expect(await count('cold_drafts')).toBe(0);
        },
      );

      test('an erasure in the meantime is not lost on a file of a suspended one', async () => {
        const addressHash = await hashOf(jane);
        await store(stored(today - 90 * day, { addressHash }), stored(today - 90 * day));
        let isSuspended = false;
        files.before = async (operation) => {
          if (operation !== 'put' || isSuspended) return;
          isSuspended = true;
          await erase(jane);
          now += 15 * 60_000;
          await maintain();
        };
        await maintain();
        await settle();
        expect((await inFiles()).map((event) => event.addressHash)).not.toContain(addressHash);
        expect(await coldIds()).toHaveLength(1);
      });
    });

    test('a workspace changes nothing of another', async () => {
      const addressHash = await hashOf(jane);
      const old = [
        stored(today - 90 * day, { addressHash }),
        stored(today - 90 * day),
        stored(today - 80 * day),
      ];
      await createEventRepository(database, 'other').store(old, hasher.keyId, noOutcomes);
      await cold('other').maintain();
      await createErasureRepository(database, 'other').erase({
        keyId: hasher.keyId,
        addressHash,
        keepSuppression: true,
        now,
      });
      await createColdRepository(database, 'other').begin('events/draft', now);
      const rows = async () =>
        Promise.all(
          ['cold_files', 'cold_ids', 'cold_drafts', 'cold_erasures', 'cold_progress'].map(async (table) => {
            const all = await database.all<{ workspace?: string }>(`SELECT * FROM ${table}`);
            expect(all.length, table).toBeGreaterThan(0);
            return all.filter(({ workspace = 'other' }) => workspace === 'other');
          }),
        );
      const before = await rows();
      await store(stored(now - 399 * day, { receivedAt: 0 }));
      now += 399 * day;
      const ours = createColdRepository(database);
      expect(await ours.totals()).toEqual({ files: 0, events: 0, bytes: 0 });
      expect(await ours.lastErasure()).toBe(0);
      expect(await ours.erasuresAfter(0)).toEqual([]);
      expect(await ours.filesBetween(0, now)).toEqual([]);
      await settle();
      expect(await rows()).toEqual(before);
      expect(await cold('other').maintain()).toBeUndefined();
      expect(await createColdRepository(database, 'other').totals()).toMatchObject({ files: 0 });
    });

    test('a call without work writes nothing', async () => {
      await store(stored(today));
      await settle();
      const real = database;
      const written: string[] = [];
      database = {
        ...real,
        run: (sql, params) => {
          written.push(sql);
          return real.run(sql, params);
        },
      };
      await maintain();
      database = real;
      expect(written).toEqual([]);
    });

    test('whatever happens, hot and cold events together are all events', { timeout: 120_000 }, async () => {
      limits = { eventsPerFile: 3, written: 2, looked: 3, read: 2, removed: 2 };
      retentionDays = 100_000;
      const random = generator(7);
      const people = await Promise.all(
        ['ann', 'ben', 'cara', 'dan'].map((one) => hashOf(`${one}@example.org`)),
      );
      const expected = new Map<string, StoredEvent>();
      for (let step = 0; step < steps; step++) {
        const choice = random(6);
        if (choice < 2) {
          const some = Array.from({ length: 1 + random(6) }, () =>
            stored(now - random(90) * day, {
              addressHash: people[random(4)]!,
              ...(random(3) === 0 && { kind: 'bounce', class: 'soft', reason: 'mailbox_full' }),
              ...(random(8) === 0 && { proof: 'unproven' }),
            }),
          );
          await store(...some);
          for (const event of some) expected.set(event.id, event);
        } else if (choice === 2 && random(4) === 0) {
          const index = random(4);
          await erase(`${['ann', 'ben', 'cara', 'dan'][index]}@example.org`);
          for (const [id, { addressHash }] of expected)
            if (addressHash === people[index]) expected.delete(id);
        } else if (choice === 3) now += random(3) * day;
        else {
          const isBroken = random(4) === 0;
          const operation = ['put', 'get', 'remove'][random(3)];
          files.before = async (asked) => {
            if (isBroken && asked === operation && random(2) === 0) throw new Error('broken');
          };
          await maintain();
          files.before = async () => {};
        }
        expect(await allIds()).toEqual([...expected.keys()].toSorted());
      }
      expect(files.names.size).toBeGreaterThan(1);
      expect(await hotIds()).not.toEqual([]);
    });
  });
}

async function* chunks(text: string): AsyncGenerator<Bytes> {
  yield new TextEncoder().encode(text);
}

/** Pseudorandom whole numbers below `most`, the same for each seed. */
function generator(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
