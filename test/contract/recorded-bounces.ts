// What the bounces that the service recorded promise to a backtest, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { ColdReader } from '../../src/events/cold/cold-reader.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import { type FindRecordedBounces, recordedBounces } from '../../src/lists/recorded-bounces.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const week = { from: noon - 3 * day, to: noon + 4 * day };
const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;
const soft = { class: 'soft', reason: 'mailbox_full', status: '4.2.2' } as const;

/** `start` gives a database with the schema and nothing in it. */
export function recordedBouncesBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Recorded bounces on ${name}`, () => {
    let feedback: Feedback;
    let find: FindRecordedBounces;
    let inFiles: StoredEvent[];
    let hasher: AddressHasher;
    let withKey: (keyId: string) => FindRecordedBounces;

    beforeEach(async () => {
      const parts = await start();
      const repository = createEventRepository(parts.database);
      const now = () => noon + 10 * day;
      feedback = createFeedback({
        ...parts,
        repository,
        now,
        suppressionList: createSuppressionList({
          ...parts,
          repository: createSuppressionRepository(parts.database),
          now,
        }),
        together: true,
      });
      inFiles = [];
      const older: ColdReader = {
        async *read({ from, to }) {
          for (const event of inFiles) if (event.at >= from && event.at < to) yield [event];
        },
      };
      hasher = parts.hasher;
      find = recordedBounces({ repository, hasher, older });
      withKey = (keyId) => recordedBounces({ repository, hasher: { ...hasher, keyId }, older });
    });

    const record = (...events: readonly DeliveryEvent[]) => feedback.record(events);
    const bouncedAmong = async (emails: readonly string[], selection = {}) => {
      const bounces = await find({ ...week, ...selection });
      const keys = (await bounces?.find(emails)) ?? [];
      return emails.filter((_, index) => keys[index] != null);
    };

    test('hard bounces are found, in every spelling of the address', async () => {
      await record(
        event({ recipient: 'Ann <Ann@example.org>' }),
        event({ recipient: 'abc..def@docomo.ne.jp' }),
        event({ ...soft, recipient: 'ben@example.org' }),
        event({ ...delivered, recipient: 'cara@example.org' }),
      );
      expect(
        await bouncedAmong([
          ...['ann@example.org', 'ANN@example.org', 'ben@example.org', 'cara@example.org'],
          ...['mailto:abc..def@docomo.ne.jp', 'zoe@example.org', 'not an address'],
        ]),
      ).toEqual(['ann@example.org', 'ANN@example.org', 'mailto:abc..def@docomo.ne.jp']);
    });

    test('counts addresses that hard-bounced, other failures, and hard bounces that name nobody', async () => {
      await record(
        event({ recipient: 'ann@example.org' }),
        event({ recipient: 'ann@example.org' }),
        event({ recipient: 'ben@example.org' }),
        event({ recipient: null }),
        event(soft),
        event({ kind: 'complaint', class: 'complaint', reason: 'feedback' }),
        event({ kind: 'unsubscribed', class: 'none', reason: 'unknown' }),
        event(delivered),
      );
      expect(await find(week)).toMatchObject({ hard: 2, notHard: 3, unclear: 0, unreadable: 1 });
    });

    test('echoes, deferrals and unproven bounces do not count', async () => {
      await record(
        event({ ...delivered, recipient: 'cara@example.org' }),
        event({ recipient: 'ann@example.org', echo: true }),
        event({ recipient: 'ben@example.org', kind: 'deferred' }),
        event({ recipient: 'dan@example.org', proof: 'unproven' }),
      );
      expect(await find(week)).toMatchObject({ hard: 0, notHard: 0, unreadable: 0 });
      expect(await bouncedAmong(['ann@example.org', 'ben@example.org', 'dan@example.org'])).toEqual([]);
    });

    test('selects by period, campaign and source', async () => {
      const people = ['ann', 'ben', 'cara', 'dan', 'eve'].map((one) => `${one}@example.org`);
      const [ann, ben, cara, dan, eve] = people;
      await record(
        event({ recipient: ann!, campaign: 'autumn', source: 'fair', at: week.from }),
        event({ recipient: ben!, campaign: 'autumn', at: week.to - 1 }),
        event({ recipient: cara!, campaign: 'autumn', at: week.to }),
        event({ recipient: dan!, campaign: 'autumn', at: week.from - 1 }),
        event({ recipient: eve!, source: 'fair' }),
      );
      expect(await bouncedAmong(people)).toEqual([ann, ben, eve]);
      expect(await bouncedAmong(people, { campaign: 'autumn' })).toEqual([ann, ben]);
      expect(await bouncedAmong(people, { source: 'fair' })).toEqual([ann, eve]);
      expect(await bouncedAmong(people, { campaign: 'autumn', source: 'fair' })).toEqual([ann]);
      expect(await find({ ...week, campaign: 'autumn', source: 'fair' })).toMatchObject({ hard: 1 });
    });

    test('of a selection about which nothing is recorded there are no bounces to compare with', async () => {
      await record(
        event({ ...delivered, campaign: 'autumn' }),
        event({ kind: 'opened', class: 'none', campaign: 'winter' }),
      );
      expect(await find({ ...week, campaign: 'autumn' })).toMatchObject({ hard: 0, notHard: 0 });
      expect(await find({ ...week, campaign: 'winter' })).toBeNull();
      expect(await find({ ...week, from: week.to, to: week.to + day })).toBeNull();
    });

    test('long names are found as they are stored, and names with an address are not', async () => {
      const long = 'autumn '.repeat(50);
      await record(event({ campaign: long }), event({ campaign: 'for ann@example.org', source: 'fair' }));
      expect(await find({ ...week, campaign: long })).toMatchObject({ hard: 1 });
      expect(await find({ ...week, campaign: 'for ann@example.org' })).toBeNull();
      expect(await find({ ...week, source: 'for ann@example.org' })).toBeNull();
    });

    test('bounces under an earlier hash key cannot be compared, and are counted', async () => {
      await record(event({ recipient: 'ann@example.org' }), event(soft));
      const bounces = await withKey('another')(week);
      expect(bounces).toMatchObject({ hard: 0, notHard: 1, unreadable: 1 });
      expect(await bounces!.find(['ann@example.org'])).toEqual([null]);
    });

    describe('with events in files', () => {
      const stored = async (
        recipient: string | null,
        differences: Partial<StoredEvent> = {},
      ): Promise<StoredEvent> => ({
        id: `${inFiles.length}`,
        at: noon,
        receivedAt: noon,
        reportedBy: 'postmark',
        kind: 'bounce',
        class: 'hard',
        reason: 'mailbox_unknown',
        status: '5.1.1',
        echo: false,
        keyId: hasher.keyId,
        addressHash: recipient === null ? null : (await hasher.hashAll([suppressionKey(recipient)]))[0]!,
        mailboxProvider: null,
        message: null,
        campaign: null,
        source: null,
        list: null,
        proof: 'proven',
        mailHost: null,
        gateway: null,
        ...differences,
      });

      test('an address that bounced in both counts once', async () => {
        inFiles = [await stored('ann@example.org'), await stored('ben@example.org')];
        await record(event({ recipient: 'ann@example.org' }), event({ recipient: 'cara@example.org' }));
        const people = ['ann', 'ben', 'cara', 'dan'].map((one) => `${one}@example.org`);
        expect(await find(week)).toMatchObject({ hard: 3, notHard: 0, unreadable: 0 });
        expect(await bouncedAmong(people)).toEqual(people.slice(0, 3));
      });

      test('they are counted as those in the database are', async () => {
        inFiles = [
          await stored('ann@example.org'),
          await stored('ann@example.org', { at: week.to }),
          await stored('ben@example.org', { echo: true }),
          await stored('cara@example.org', { kind: 'deferred' }),
          await stored('dan@example.org', { proof: 'unproven' }),
          await stored('eve@example.org', { keyId: 'another' }),
          await stored(null),
          await stored('flo@example.org', { class: 'soft', reason: 'mailbox_full' }),
          await stored('gus@example.org', { class: 'policy', reason: 'blocked_reputation' }),
          await stored('hal@example.org', { kind: 'unsubscribed', class: 'none', reason: 'unknown' }),
          await stored('ida@example.org', { kind: 'delivered', class: 'none', reason: 'delivered' }),
        ];
        expect(await find(week)).toMatchObject({ hard: 1, notHard: 3, unreadable: 2 });
      });

      test('selects by campaign and source', async () => {
        inFiles = [
          await stored('ann@example.org', { campaign: 'autumn', source: 'fair' }),
          await stored('ben@example.org', { campaign: 'autumn' }),
          await stored('cara@example.org', { source: 'fair' }),
        ];
        expect(await find({ ...week, campaign: 'autumn' })).toMatchObject({ hard: 2 });
        expect(await find({ ...week, source: 'fair' })).toMatchObject({ hard: 2 });
        expect(await find({ ...week, campaign: 'autumn', source: 'fair' })).toMatchObject({ hard: 1 });
        expect(await find({ ...week, campaign: 'winter' })).toBeNull();
      });

      test('mail without a bounce is on record, and opens are not mail', async () => {
        inFiles = [await stored('ann@example.org', { kind: 'opened', class: 'none', reason: 'unknown' })];
        expect(await find(week)).toBeNull();
        inFiles = [await stored('ann@example.org', { kind: 'sent', class: 'none', reason: 'unknown' })];
        expect(await find(week)).toMatchObject({ hard: 0, notHard: 0 });
      });
    });
  });
}
