// What the event log promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { EventFilter } from '../../src/events/event-filter.ts';
import { createEventLog, type EventLogRepository, type LogPlace } from '../../src/events/event-log.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventLogRepository } from '../../src/storage/sqlite/event-log-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const noOutcomes = { outcomes: [], deliveries: new Map() };
const bare = {
  receivedAt: noon,
  reportedBy: 'postmark',
  kind: 'bounce',
  class: 'hard',
  reason: 'mailbox_unknown',
  status: '5.1.1',
  echo: false,
  keyId: '01234567',
  addressHash: 'aa',
  mailboxProvider: 'gmail',
  message: null,
  campaign: 'spring',
  source: 'fair',
  list: 'news',
  proof: 'proven',
  mailHost: 'google.com',
  gateway: 'mimecast',
} as const;

export const storedEvent = (id: string, differences: Partial<StoredEvent> = {}): StoredEvent => ({
  id,
  at: noon,
  ...bare,
  ...differences,
});

const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;

/** `start` gives a database with the schema and nothing in it. */
export function eventLogBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`The event log on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let log: EventLogRepository;
    const store = (events: readonly StoredEvent[], workspace = 'default') =>
      createEventRepository(database, workspace).store(events, '01234567', noOutcomes);
    const read = (filter: EventFilter, after: LogPlace | null = null, limit = 100) =>
      log.read(filter, { after, limit });
    const idsOf = async (filter: EventFilter) => (await read(filter)).events.map(({ id }) => id);

    beforeEach(async () => {
      ({ database, hasher } = await start());
      log = createEventLogRepository(database);
    });

    test('an event is read as it was stored', async () => {
      const events = [
        storedEvent('b', { echo: true, proof: 'assumed', message: 'm1', receivedAt: noon + 7 }),
        storedEvent('a', {
          ...delivered,
          ...{ addressHash: null, mailboxProvider: null, campaign: null, source: null, list: null },
          ...{ mailHost: null, gateway: null },
        }),
      ];
      await store(events);
      expect(await read({})).toEqual({ events, next: null });
    });

    test('the latest event comes first, and pages neither repeat nor leave out an event', async () => {
      await store(
        [...'abcdefg'].map((id, index) => storedEvent(id, { at: noon + Math.floor(index / 3) * hour })),
      );
      const order = [...'gfedcba'];
      for (const limit of [1, 2, 3, 6, 7, 8]) {
        const found: string[] = [];
        let pages = 0;
        for (let after: LogPlace | null = null; ; pages++) {
          const { events, next } = await read({ from: noon, to: noon + 9 * hour }, after, limit);
          found.push(...events.map(({ id }) => id));
          if (next === null) break;
          expect(events).toHaveLength(limit);
          after = next;
        }
        expect(found).toEqual(order);
        expect(pages + 1).toBe(Math.ceil(order.length / limit));
      }
    });

    test('events that arrive between two pages change nothing on the pages of the others', async () => {
      await store(['b', 'd', 'f'].map((id, index) => storedEvent(id, { at: noon + index * hour })));
      const { events, next } = await read({}, null, 2);
      expect(events.map(({ id }) => id)).toEqual(['f', 'd']);
      await store([
        storedEvent('g', { at: noon + 3 * hour }),
        storedEvent('e', { at: noon + hour }),
        storedEvent('c', { at: noon + hour }),
        storedEvent('a', { at: noon - hour }),
      ]);
      expect((await read({}, next, 9)).events.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    });

    test.each<[EventFilter, Partial<StoredEvent>]>([
      [{ campaign: 'spring' }, { campaign: 'autumn' }],
      [{ campaign: 'spring' }, { campaign: null }],
      [{ list: 'news' }, { list: null }],
      [{ source: 'fair' }, { source: 'form' }],
      [{ provider: 'gmail' }, { mailboxProvider: 'gmx' }],
      [{ mailHost: 'google.com' }, { mailHost: null }],
      [{ class: 'hard' }, { class: 'soft' }],
      [{ class: 'none' }, { class: 'soft' }],
      [{ reason: 'mailbox_unknown' }, { reason: 'mailbox_full' }],
      [{ reason: 'delivered' }, {}],
      [{ reason: 'unknown' }, {}],
      [{ status: '5.1.1' }, { status: '5.1.10' }],
      [{ status: '4.2.2' }, { status: null }],
      [{ status: '2.0.0' }, {}],
      [{ kind: 'bounce' }, { kind: 'rejected' }],
      [{ kind: 'delivered' }, {}],
      [{ kind: 'unsubscribed' }, {}],
      [{ reportedBy: 'postmark' }, { reportedBy: 'sendgrid' }],
      [{ from: noon }, { at: noon - 1 }],
      [{ to: noon + 1 }, { at: noon + 1 }],
    ])('%j selects such events alone', async (filter, other) => {
      const { from: _, to: __, provider, ...values } = filter;
      const wanted = { ...values, ...(provider !== undefined && { mailboxProvider: provider }) };
      const sent = /delivered|2\.0\.0|none/.test(JSON.stringify(filter)) ? delivered : {};
      await store([
        storedEvent('wanted', { ...sent, ...wanted }),
        storedEvent('other', other),
        storedEvent('both', { ...sent, ...wanted, campaign: 'spring', class: filter.class ?? 'hard' }),
      ]);
      expect(await idsOf(filter)).toEqual(['wanted', 'both'].toSorted().toReversed());
      if (filter.campaign === undefined || other.campaign !== null) {
        expect(await idsOf({ ...filter, campaign: 'winter' })).toEqual([]);
        expect(await idsOf({ ...filter, campaign: 'spring' })).toContain('both');
      }
      const { events } = await log.count('01234567', filter);
      expect(events).toBe(2);
    });

    test('one slice looks at a limited number of events, and says where to go on', async () => {
      const events = Array.from({ length: 10_500 }, (_, index) =>
        storedEvent(String(index).padStart(5, '0'), { ...delivered, at: noon + Math.floor(index / 4) }),
      );
      events[0] = storedEvent('00000', { ...delivered, source: 'form' });
      events[9_000] = { ...events[9_000]!, source: 'form' };
      for (let from = 0; from < events.length; from += 1500) await store(events.slice(from, from + 1500));
      const first = await read({ source: 'form' });
      expect(first.events.map(({ id }) => id)).toEqual(['09000']);
      expect(first.next).toEqual({ at: noon + 125, id: '00500' });
      const second = await read({ source: 'form' }, first.next);
      expect(second).toEqual({ events: [events[0]], next: null });
      expect(await read({ source: 'form' }, null, 1)).toMatchObject({ next: { id: '09000' } });
      expect(await read({ source: 'form', from: noon + 200 })).toMatchObject({ next: null });
      // A filter that an index answers alone looks at nothing else.
      expect(await read({ campaign: 'winter' })).toEqual({ events: [], next: null });
      expect(await read({ class: 'hard' })).toEqual({ events: [], next: null });
    });

    test('a place after the end of the period does not extend it', async () => {
      await store([storedEvent('a'), storedEvent('b', { at: noon + hour })]);
      const late = { at: noon + 9 * hour, id: 'z' };
      expect((await read({ to: noon + 1 }, late)).events.map(({ id }) => id)).toEqual(['a']);
      expect((await read({ to: noon + 2 * hour }, { at: noon, id: 'b' })).events).toHaveLength(1);
    });

    test('the events of addresses, of every kind, the latest first', async () => {
      await store([
        storedEvent('a', { class: 'soft' }),
        storedEvent('b', { ...delivered, at: noon + hour }),
        storedEvent('c', { at: noon + 2 * hour }),
        storedEvent('d', { addressHash: 'bb', at: noon + 3 * hour }),
        storedEvent('e', { addressHash: 'cc' }),
        storedEvent('f', { keyId: '89abcdef' }),
        storedEvent('g', { addressHash: null }),
      ]);
      const of = async (hashes: string[], period = {}, after: LogPlace | null = null, limit = 9) =>
        log.ofAddresses('01234567', hashes, period, { after, limit });
      const ids = async (...request: Parameters<typeof of>) =>
        (await of(...request)).events.map(({ id }) => id);
      expect(await ids(['aa'])).toEqual(['c', 'b', 'a']);
      expect(await ids(['aa', 'bb'])).toEqual(['d', 'c', 'b', 'a']);
      expect(await ids(['aa'], { from: noon + 1, to: noon + 2 * hour })).toEqual(['b']);
      const { events, next } = await of(['aa'], {}, null, 2);
      expect(events.map(({ id }) => id)).toEqual(['c', 'b']);
      expect(await of(['aa'], {}, next, 2)).toMatchObject({ events: [{ id: 'a' }], next: null });
      expect(await of(['aa'], {}, null, 3)).toMatchObject({ next: null });
    });

    test('the events of many addresses that match a filter, oldest first, and the count of all', async () => {
      await store([
        storedEvent('a', { at: noon + hour }),
        storedEvent('b', { class: 'soft' }),
        storedEvent('c', { campaign: 'autumn' }),
        storedEvent('d', { addressHash: 'bb' }),
        storedEvent('e', { addressHash: null }),
        storedEvent('f', { keyId: '89abcdef' }),
      ]);
      const ids = async (filter: EventFilter) =>
        (await log.matching('01234567', ['aa', 'zz'], filter)).map(({ id }) => id);
      expect(await ids({})).toEqual(['b', 'c', 'a']);
      expect(await ids({ campaign: 'spring' })).toEqual(['b', 'a']);
      expect(await ids({ campaign: 'spring', class: 'hard', from: noon, to: noon + 2 * hour })).toEqual([
        'a',
      ]);
      expect(await log.count('01234567', { campaign: 'spring' })).toEqual({
        events: 5,
        unnamed: 1,
        otherKey: 1,
      });
      expect(await log.count('01234567', { campaign: 'winter' })).toEqual({
        events: 0,
        unnamed: 0,
        otherKey: 0,
      });
    });

    test('the oldest event and the other keys', async () => {
      expect(await log.oldest()).toBeNull();
      expect(await log.otherKeyIds('01234567')).toEqual([]);
      await store([
        storedEvent('a', { at: noon + hour }),
        storedEvent('b', { keyId: 'cc' }),
        storedEvent('c', { ...delivered, keyId: 'bb', at: noon + hour }),
        storedEvent('d', { ...delivered, keyId: 'cc', at: noon + hour }),
      ]);
      expect(await log.oldest()).toBe(noon);
      expect(await log.otherKeyIds('01234567')).toEqual(['bb', 'cc']);
      expect(await log.otherKeyIds('cc')).toEqual(['01234567', 'bb']);
    });

    test('another workspace sees nothing of it', async () => {
      await store([storedEvent('a')], 'other');
      expect(await read({})).toEqual({ events: [], next: null });
      expect(await read({ campaign: 'spring', class: 'hard' })).toEqual({ events: [], next: null });
      expect((await log.ofAddresses('01234567', ['aa'], {}, { after: null, limit: 9 })).events).toEqual([]);
      expect(await log.matching('01234567', ['aa'], {})).toEqual([]);
      expect(await log.count('01234567', {})).toMatchObject({ events: 0 });
      expect(await log.oldest()).toBeNull();
      expect(await log.otherKeyIds('x')).toEqual([]);
    });

    describe('as callers read it', () => {
      const now = () => noon + 9 * hour;
      const created = () => createEventLog({ repository: log, hasher, now, movedBefore: () => null });
      const hashOf = async (address: string) => (await hasher.hashAll([suppressionKey(address)]))[0]!;

      test('pages have cursors, and other texts are none', async () => {
        await store(['a', 'b', 'c'].map((id) => storedEvent(id)));
        const first = await created().page({}, { limit: 2 });
        expect(first).toMatchObject({ kind: 'page', events: [{ id: 'c' }, { id: 'b' }] });
        const cursor = (first as { next: string }).next;
        expect(await created().page({}, { cursor, limit: 2 })).toMatchObject({
          ...{ events: [{ id: 'a' }], next: null, hotSince: noon },
        });
        for (const wrong of ['', 'x', 'MQ', `${cursor}=`, ` ${cursor}`, btoa('1.'), btoa('.a'), btoa('1a.b')])
          expect(await created().page({}, { cursor: wrong }), wrong).toEqual({ kind: 'bad_cursor' });
      });

      test('a page has 100 events by default, and says since when the log has them', async () => {
        expect(await created().page({})).toEqual({ kind: 'page', events: [], next: null, hotSince: now() });
        await store(Array.from({ length: 101 }, (_, index) => storedEvent(`e${index}`)));
        const page = await created().page({});
        expect(page).toMatchObject({ hotSince: noon, next: expect.any(String) });
        expect(page.kind === 'page' && page.events).toHaveLength(100);
        const moved = createEventLog({ repository: log, hasher, now, movedBefore: () => noon + hour });
        expect(await moved.page({})).toMatchObject({ hotSince: noon + hour });
      });

      test('names are compared as they are stored', async () => {
        await store([storedEvent('a', { campaign: 'x'.repeat(200) }), storedEvent('b', { campaign: null })]);
        expect(await created().page({ campaign: 'x'.repeat(201) })).toMatchObject({ events: [{ id: 'a' }] });
        expect(await created().page({ campaign: 'jane@example.org' })).toMatchObject({ events: [] });
      });

      test('the events of an address in every spelling', async () => {
        const { keyId } = hasher;
        await store([
          storedEvent('a', { keyId, addressHash: await hashOf('jane@example.org') }),
          storedEvent('b', { keyId, addressHash: await hashOf('jdoe@gmail.com') }),
          storedEvent('c', { keyId, addressHash: await hashOf('j.doe+news@gmail.com') }),
          storedEvent('d', { addressHash: await hashOf('jane@example.org') }),
        ]);
        const find = async (address: string) => {
          const page = await created().find(address);
          return page.kind === 'page' ? page.events.map(({ id }) => id) : page;
        };
        expect(await find('JANE@example.org')).toEqual(['a']);
        expect(await find('"jane"@example.org')).toEqual(['a']);
        expect(await find('j.doe+news@gmail.com')).toEqual(['c', 'b']);
        expect(await find('jdoe@gmail.com')).toEqual(['b']);
        expect(await find('joe@example.org')).toEqual([]);
        expect(await created().find('joe@example.org', {}, { cursor: '?' })).toEqual({ kind: 'bad_cursor' });
        expect(await created().find('jane@example.org', { from: noon + 1 })).toMatchObject({
          ...{ events: [], keyId, otherKeyIds: ['01234567'], hotSince: noon },
        });
      });
    });
  });
}
