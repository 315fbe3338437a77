// What the storage of the limits that replies ask for promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { ReplyLimit, ReplyLimitRepository } from '../../src/reports/gate/reply-limits.ts';
import type { Database } from '../../src/storage/database.ts';
import { createReplyLimitRepository } from '../../src/storage/sqlite/reply-limit-repository.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;

const suspended: ReplyLimit = {
  ...{ provider: 'gmail', kind: 'suspend', until: noon + 5 * minute, perHour: null, saidAt: noon },
};
const slowed: ReplyLimit = {
  ...{ provider: 'gmail', kind: 'slow', until: noon + 60 * minute, perHour: 100, saidAt: noon },
};

/** `open` gives a database with the schema and nothing in it. */
export function replyLimitsBattery(name: string, open: () => Promise<Database>): void {
  describe(`The limits of replies on ${name}`, () => {
    let database: Database;
    let repository: ReplyLimitRepository;
    beforeEach(async () => {
      database = await open();
      repository = createReplyLimitRepository(database);
    });

    test('a limit is kept until it ends, one of each kind for a provider', async () => {
      await repository.keep([slowed, suspended, { ...suspended, provider: 'outlook' }]);
      expect(await repository.current(noon)).toEqual([
        slowed,
        suspended,
        { ...suspended, provider: 'outlook' },
      ]);
      expect(await repository.current(suspended.until - 1)).toHaveLength(3);
      expect(await repository.current(suspended.until)).toEqual([slowed]);
      expect(await repository.current(slowed.until)).toEqual([]);
    });

    test('keeping nothing changes nothing', async () => {
      await repository.keep([suspended]);
      await repository.keep([]);
      expect(await repository.current(noon)).toEqual([suspended]);
    });

    test('of several limits, the latest end and the rate that was named last hold, in whatever order they come', async () => {
      const sooner = { ...slowed, until: slowed.until - 30 * minute, perHour: 50, saidAt: noon + minute };
      const expected = [{ ...slowed, perHour: 50, saidAt: noon + minute }];
      await repository.keep([slowed]);
      await repository.keep([sooner]);
      expect(await repository.current(noon)).toEqual(expected);
      const other = createReplyLimitRepository(await open());
      await other.keep([sooner]);
      await other.keep([slowed]);
      expect(await other.current(noon)).toEqual(expected);
      const atOnce = createReplyLimitRepository(await open());
      await atOnce.keep([sooner, slowed]);
      expect(await atOnce.current(noon)).toEqual(expected);
    });

    test('a later reply without a rate takes the rate away', async () => {
      await repository.keep([slowed, { ...slowed, perHour: null, saidAt: noon + minute }]);
      expect(await repository.current(noon)).toMatchObject([{ perHour: null }]);
    });

    test('two processes at once lose no limit', async () => {
      const processes = [repository, createReplyLimitRepository(database)];
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          processes[index % 2]!.keep([
            { ...suspended, until: noon + (index + 1) * minute, saidAt: noon + index },
          ]),
        ),
      );
      expect(await repository.current(noon)).toEqual([
        { ...suspended, until: noon + 20 * minute, saidAt: noon + 19 },
      ]);
    });

    test('what has ended is deleted, and only that', async () => {
      await repository.keep([slowed, suspended]);
      await repository.deleteBefore(suspended.until);
      expect(await repository.current(0)).toEqual([slowed, suspended]);
      await repository.deleteBefore(suspended.until + 1);
      expect(await repository.current(0)).toEqual([slowed]);
    });

    test('another workspace has its own', async () => {
      const other = createReplyLimitRepository(database, 'other');
      await repository.keep([suspended]);
      await other.keep([{ ...suspended, until: suspended.until + minute }]);
      expect(await repository.current(noon)).toEqual([suspended]);
      await other.deleteBefore(slowed.until);
      expect([await other.current(0), await repository.current(0)]).toEqual([[], [suspended]]);
    });
  });
}
