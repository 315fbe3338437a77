// A look reads the history of the campaigns, sources and lists whose mail failed lately, and not of every one there is.

import { expect, test } from 'vitest';
import type { CountQuery, EventCount } from '../../../src/reports/count.ts';
import { createIncidents } from '../../../src/reports/incidents/incidents.ts';
import { createIncidentSearch } from '../../../src/reports/incidents/search.ts';
import { nothing } from '../../../src/reports/tally.ts';
import { dayMs, hourMs } from './mail.ts';

const noon = Date.UTC(2026, 10, 20, 12);

/** A sender with a campaign for each of 3,000 customers; `failing` had this many hard bounces in the last hour. */
function sender(failing: ReadonlyMap<string | null, number>) {
  const asked: CountQuery[] = [];
  const all = [null, ...Array.from({ length: 3000 }, (_, index) => `campaign ${index}`)];
  const count = async (query: CountQuery): Promise<EventCount[]> => {
    asked.push(query);
    if (query.by !== 'campaign') return [];
    const period = query.every === 'all' ? 0 : query.from;
    return (query.names ?? all).map((name) => {
      const hard = query.every === 'day' ? 0 : (failing.get(name) ?? 0);
      const causes = [
        { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: hard },
      ] as const;
      return { period, name, tally: { ...nothing, delivered: 10, hard }, causes };
    });
  };
  let at = noon;
  const incidents = createIncidents({
    search: createIncidentSearch({ count }),
    repository: {
      claimLook: async () => true,
      recent: async () => [],
      open: async () => true,
      replace: async () => true,
      list: async () => [],
      diagnose: async () => {},
      deleteBefore: async () => {},
    },
    now: () => at,
    newId: () => 'inc_1',
    tell: () => {},
  });
  return {
    /** Returns the names of campaigns that a look asked for, each with its unit of time. */
    async look(later = 0) {
      at += later;
      asked.length = 0;
      await incidents.look();
      return asked
        .filter(({ by, every }) => by === 'campaign' && every !== 'all')
        .map(({ every, names }) => [every, names]);
    },
  };
}

test('the hours of campaigns with five failures are read, and their earlier days once a day', async () => {
  const failing = new Map<string | null, number>([
    ['campaign 7', 5],
    ['campaign 8', 4],
    [null, 9],
  ]);
  const { look } = sender(failing);
  expect(await look()).toEqual([
    ['day', [null, 'campaign 7']],
    ['hour', [null, 'campaign 7']],
  ]);
  expect(await look(hourMs)).toEqual([['hour', [null, 'campaign 7']]]);
  failing.set('campaign 8', 5);
  expect(await look(hourMs)).toEqual([
    ['day', ['campaign 8']],
    ['hour', [null, 'campaign 7', 'campaign 8']],
  ]);
  expect(await look(dayMs)).toEqual([
    ['day', [null, 'campaign 7', 'campaign 8']],
    ['hour', [null, 'campaign 7', 'campaign 8']],
  ]);
});

test('nothing is read of campaigns that did not fail', async () => {
  expect(await sender(new Map()).look()).toEqual([]);
});
