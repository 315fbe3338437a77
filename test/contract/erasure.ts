// What erasing an address promises, and forgetting old events, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import { createErasure, type Erasure } from '../../src/events/erase.ts';
import type { EventRepository } from '../../src/events/event-repository.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import type { Database } from '../../src/storage/database.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const jane = 'jane@example.org';
const john = 'john@example.org';

/** `start` gives a database with the schema and nothing in it. */
export function erasureBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`erasure on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let list: SuppressionList;
    let feedback: Feedback;
    let erasure: Erasure;
    let repository: EventRepository;

    beforeEach(async () => {
      const parts = await start();
      ({ database, hasher } = parts);
      const ports = { ...parts, now: () => noon };
      list = createSuppressionList({ ...ports, repository: createSuppressionRepository(database) });
      repository = createEventRepository(database);
      feedback = createFeedback({ ...ports, repository, suppressionList: list, together: false });
      erasure = createErasure({
        ...ports,
        repository: createErasureRepository(database),
        suppressionList: list,
      });
    });

    const hashOf = async (address: string) => (await hasher.hashAll([suppressionKey(address)]))[0]!;
    const predict = async (address: string) =>
      database.run(
        `INSERT INTO predictions (key_id, address_hash, at, kind, provider, segment, age, source, probability, prior)
         VALUES (?, ?, ?, 'kind', 'other', 'personal', 'fresh', '', 0.1, 0.1)`,
        [hasher.keyId, await hashOf(address), noon],
      );
    const everyKind = (recipient: string) => [
      event({ recipient, kind: 'delivered', class: 'none' }),
      event({ recipient, class: 'soft', reason: 'mailbox_full' }),
      event({ recipient }),
    ];
    const rowsOf = async (address: string) => {
      const hash = await hashOf(address);
      const tables = [
        'delivery_events',
        'predictions',
        'suppressions',
        'suppression_removals',
        'domain_signs',
      ];
      const counts = tables.map(async (table) => {
        const sql = `SELECT count(*) AS rows FROM ${table} WHERE address_hash = ?`;
        return (await database.first<{ rows: number }>(sql, [hash]))!.rows;
      });
      return Promise.all(counts);
    };

    test('erases all events and the prediction of an address, keeps its entry, and touches no other address', async () => {
      await feedback.record([...everyKind(jane), ...everyKind(john)]);
      await predict(jane);
      await predict(john);
      expect(await erasure.erase({ address: jane, keepSuppression: true })).toEqual({
        events: 3,
        pendingFiles: 0,
        predictions: 1,
        suppression: 'kept',
      });
      expect(await rowsOf(jane)).toEqual([0, 0, 1, 0, 0]);
      expect(await rowsOf(john)).toEqual([3, 1, 1, 0, 1]);
      expect((await list.find([jane]))[0]).toMatchObject({ reason: 'bounce' });
    });

    test('erases the mailbox in any letter case', async () => {
      await feedback.record(everyKind(jane));
      expect(await erasure.erase({ address: 'Jane@example.org', keepSuppression: true })).toMatchObject({
        events: 3,
      });
    });

    test('erases nothing for an unknown address', async () => {
      for (const keepSuppression of [true, false])
        expect(await erasure.erase({ address: jane, keepSuppression })).toEqual({
          events: 0,
          pendingFiles: 0,
          predictions: 0,
          suppression: 'none',
        });
    });

    test.each([
      ['bounce', 'removed'],
      ['manual', 'removed'],
      ['complaint', 'kept'],
      ['unsubscribe', 'kept'],
    ] as const)('asked to lift it, an entry by %s is %s', async (reason, suppression) => {
      await list.add({ address: jane, reason });
      expect(await erasure.erase({ address: jane, keepSuppression: false })).toMatchObject({ suppression });
      expect(await rowsOf(jane)).toEqual([0, 0, suppression === 'kept' ? 1 : 0, 0, 0]);
    });

    test('always erases an expired entry', async () => {
      await list.add({ address: jane, reason: 'bounce', expiresAt: noon + 1 });
      const later = createErasure({
        repository: createErasureRepository(database),
        hasher,
        suppressionList: list,
        now: () => noon + 1,
      });
      await later.erase({ address: jane, keepSuppression: true });
      expect(await rowsOf(jane)).toEqual([0, 0, 0, 0, 0]);
    });

    test('another workspace keeps what it stored about the same address', async () => {
      await feedback.record(everyKind(jane));
      await predict(jane);
      const other = createErasure({
        repository: createErasureRepository(database, 'other'),
        hasher,
        suppressionList: list,
        now: () => noon,
      });
      expect(await other.erase({ address: jane, keepSuppression: false })).toMatchObject({
        events: 0,
        predictions: 0,
      });
      await createEventRepository(database, 'other').deleteBefore(noon + day, 10);
      expect((await rowsOf(jane)).slice(0, 2)).toEqual([3, 1]);
    });

    test('events before the given time are deleted, and no others', async () => {
      await feedback.record([
        event({ at: noon - 2 * day }),
        event({ at: noon - day }),
        event({ at: noon - day, recipient: john }),
      ]);
      await repository.deleteBefore(noon - day, 10);
      expect([(await rowsOf(jane))[0], (await rowsOf(john))[0]]).toEqual([1, 1]);
    });
  });
}
