// The plans of the queries of the event log: they search an index in the order of the log, so that a page of a huge log is read
// without the rest of it.

import { expect, test } from 'vitest';
import type { EventFilter } from '../../src/events/event-filter.ts';
import type { EventLogRepository } from '../../src/events/event-log.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { Database, SqlValue } from '../../src/storage/database.ts';
import { createEventLogRepository } from '../../src/storage/sqlite/event-log-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { storedEvent } from '../contract/event-log.ts';

const { database } = openDatabase(':memory:');

/** The plans of the statements that `work` runs. */
async function plansOf(work: (log: EventLogRepository) => Promise<unknown>): Promise<string[][]> {
  const plans: string[][] = [];
  const explain = async (sql: string, params: readonly SqlValue[] = []) => {
    const rows = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    plans.push(rows.map(({ detail }) => detail));
  };
  const watched: Database = {
    ...database,
    all: async (sql, params) => {
      await explain(sql, params);
      return database.all(sql, params);
    },
    first: async (sql, params) => {
      await explain(sql, params);
      return database.first(sql, params);
    },
  };
  await work(createEventLogRepository(watched));
  return plans;
}

const period: EventFilter = { from: 1, to: 2_000_000_000_000 };
const after = { at: 1_900_000_000_000, id: 'a' };

test.each<[EventFilter, string]>([
  [{}, 'delivery_events_at'],
  [{ source: 'fair' }, 'delivery_events_at'],
  [{ kind: 'delivered', provider: 'gmail' }, 'delivery_events_at'],
  [{ reason: 'delivered', list: 'news', reportedBy: 'postmark' }, 'delivery_events_at'],
  [{ class: 'hard' }, 'delivery_events_returned'],
  [{ status: '5.1.1', mailHost: 'google.com', provider: 'gmail' }, 'delivery_events_returned'],
  [{ reason: 'mailbox_full' }, 'delivery_events_returned'],
  [{ kind: 'complaint' }, 'delivery_events_returned'],
  [{ campaign: 'spring' }, 'delivery_events_campaign'],
  [{ campaign: 'spring', source: 'fair' }, 'delivery_events_campaign'],
  [{ campaign: 'spring', class: 'hard' }, 'delivery_events_campaign_returned'],
])('%j searches %s and sorts nothing', async (filter, index) => {
  for (const [bounds, place] of [
    [{}, null],
    [period, null],
    [{}, after],
    [period, after],
  ] as const) {
    const plans = await plansOf((log) => log.read({ ...filter, ...bounds }, { after: place, limit: 100 }));
    for (const plan of plans) {
      expect(plan).toHaveLength(1);
      expect(plan[0]).toMatch(
        new RegExp(`^SEARCH (event|delivery_events) USING (COVERING )?INDEX ${index} `),
      );
      if (bounds === period) expect(plan[0]).toContain('at>');
      if (place !== null) expect(plan[0]).toMatch(/at(,id\)|)</);
    }
  }
});

test('the events of addresses, the count of a campaign and the keys are searched too', async () => {
  const plans = await plansOf(async (log) => {
    await log.ofAddresses('01234567', ['aa'], period, { after, limit: 9 });
    await log.matching('01234567', ['aa'], { ...period, campaign: 'spring', class: 'hard' });
    await log.count('01234567', { campaign: 'spring', class: 'hard' });
    await log.otherKeyIds('01234567');
    await log.oldest();
  });
  expect(plans.flat().filter((step) => /SCAN (?:event|delivery_events)\b/.test(step))).toEqual([]);
  expect(plans.length).toBeGreaterThan(5);
});

test('a slice looks at a limited number of rows, and gives other work a turn between statements', async () => {
  const events = Array.from({ length: 3000 }, (_, index) => storedEvent(`e${index}`, { at: index }));
  await createEventRepository(database).store(events.slice(0, 1500), 'k', {
    outcomes: [],
    deliveries: new Map(),
  });
  await createEventRepository(database).store(events.slice(1500), 'k', {
    outcomes: [],
    deliveries: new Map(),
  });
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const { events: found } = await createEventLogRepository(database).read(
    { source: 'nobody' },
    { after: null, limit: 1 },
  );
  clearInterval(timer);
  expect(found).toEqual([]);
  expect(turns).toBeGreaterThan(0);
});
