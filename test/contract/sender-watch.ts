// What the repository of watched domains promises, on whatever database, and one and several processes over it.

import { beforeEach, describe, expect, test } from 'vitest';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { createSenderWatch, type SenderWatchPorts } from '../../src/preflight/watch/watch.ts';
import {
  mostKeptChanges,
  type StoredChange,
  type StoredWatch,
  type WatchRepository,
} from '../../src/preflight/watch/watch-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createWatchRepository } from '../../src/storage/sqlite/watch-repository.ts';
import { answerOf, findingOf } from '../preflight/watch/answers.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);
const domain = 'example.com';

const request: PreflightRequest = {
  ...{ domain, selectors: [], ips: [], bounceDomain: null, helo: null, tracking: [] },
};

const watched = (differences: Partial<StoredWatch> = {}): StoredWatch => ({
  domain,
  state: { asked: '{}', known: ['spf'], facts: { 'spf record of example.com': 'v=spf1 -all' }, findings: [] },
  ...{ checkedAt: noon, failedAt: null, dueAt: noon + day },
  ...differences,
});

const change = (differences: Partial<StoredChange> = {}): StoredChange => ({
  ...{ id: 'c1', domain, at: noon, since: noon - day, appeared: [], gone: [] },
  differences: [{ name: 'dmarc record', before: 'none', after: 'v=DMARC1; p=none' }],
  ...differences,
});

/** `open` gives a database with the schema and nothing in it. */
export function senderWatchBattery(name: string, open: () => Promise<Database>): void {
  describe(`Watched domains on ${name}`, () => {
    let database: Database;
    let repository: WatchRepository;

    beforeEach(async () => {
      database = await open();
      repository = createWatchRepository(database);
    });

    const claim = (token: string, at = noon, force = false) =>
      repository.claim({ domain, at, until: at + 60_000, token, force });

    test('a domain is checked by one process at a time', async () => {
      expect(await claim('a')).toBe(true);
      expect(await claim('b')).toBe(false);
      expect(await claim('b', noon, true)).toBe(false);
      // The first process died.
      expect(await claim('b', noon + 60_000)).toBe(true);
      expect(await repository.finish(watched(), 'a', change())).toBe(false);
      expect(await repository.changes(domain, 9)).toEqual([]);
      expect(await repository.find(domain)).toMatchObject({ state: null });
    });

    test('a domain that was checked is due at its time, or when somebody asks', async () => {
      await claim('a');
      expect(await repository.finish(watched(), 'a', null)).toBe(true);
      expect(await repository.list()).toEqual([watched()]);
      expect(await claim('b', noon + day - 1)).toBe(false);
      expect(await claim('b', noon + day - 1, true)).toBe(true);
      await repository.finish(watched(), 'b', null);
      expect(await claim('c', noon + day)).toBe(true);
    });

    test('the lease of a clock that was far ahead does not stop the watch', async () => {
      await claim('a', noon + 400 * day);
      expect(await claim('b', noon, true)).toBe(true);
    });

    test('changes are kept with the state, the newest first, and a bounded number of them', async () => {
      for (let index = 0; index < mostKeptChanges + 3; index++) {
        await claim(`t${index}`, noon, true);
        await repository.finish(watched(), `t${index}`, change({ id: `c${index}`, at: noon + index }));
      }
      const kept = await repository.changes(domain, 1000);
      expect(kept).toHaveLength(mostKeptChanges);
      expect(kept[0]).toEqual(change({ id: 'c102', at: noon + 102 }));
      expect(await repository.changes(domain, 2)).toHaveLength(2);
    });

    test('a change waits for the callback until it was told', async () => {
      await claim('a');
      await repository.finish(watched(), 'a', change());
      expect(await repository.untold(noon, 9)).toEqual([change()]);
      expect(await repository.untold(noon + 1, 9)).toEqual([]);
      await repository.told('c1');
      expect(await repository.untold(noon, 9)).toEqual([]);
    });

    test('workspaces know nothing of each other', async () => {
      const other = createWatchRepository(database, 'other');
      await other.claim({ domain, at: noon, until: noon + 1, token: 'a', force: false });
      await other.finish(watched(), 'a', change());
      expect(await repository.list()).toEqual([]);
      expect(await repository.changes(domain, 9)).toEqual([]);
      expect(await repository.untold(0, 9)).toEqual([]);
    });

    describe('the watch', () => {
      let now = noon;
      let answer = answerOf({});
      let checks = 0;
      let told: StoredChange[] = [];
      let sent: StoredChange[] = [];
      let isAccepted = true;

      const watchOver = (differences: Partial<SenderWatchPorts> = {}) =>
        createSenderWatch({
          repository,
          requests: [request],
          preflight: async () => ({
            check: async () => {
              checks++;
              return answer;
            },
          }),
          now: () => now,
          newId: () => crypto.randomUUID(),
          onChange: async (one) => void told.push(one),
          send: async (one) => {
            sent.push(one);
            return isAccepted;
          },
          ...differences,
        });

      beforeEach(() => {
        now = noon;
        answer = answerOf({});
        [checks, told, sent, isAccepted] = [0, [], [], true];
      });

      const broken = () => {
        answer = answerOf({
          spf: { record: 'v=spf1 include:a.example ~all', lookups: 12 },
          findings: [findingOf('spf_too_many_lookups')],
        });
      };

      test('a domain is checked once a day, however often the watch is tended', async () => {
        const watch = watchOver();
        await watch.tend();
        await watch.tend();
        expect(checks).toBe(1);
        now += day;
        await watch.tend();
        expect(checks).toBe(2);
        expect(told).toEqual([]);
      });

      test('two processes check a domain once, and a change is told once', async () => {
        await watchOver().tend();
        broken();
        now += day;
        await Promise.all([watchOver().tend(), watchOver().tend()]);
        expect(checks).toBe(2);
        expect(told).toHaveLength(1);
        expect(sent).toHaveLength(1);
        expect(told[0]).toMatchObject({
          ...{ domain, at: noon + day, since: noon },
          appeared: [{ code: 'spf_too_many_lookups', firstSeenAt: noon + day, unseenAt: noon }],
          differences: expect.arrayContaining([
            { name: 'spf look-ups of example.com', before: '3', after: '12' },
          ]),
        });
      });

      test('the state after a change is the new one', async () => {
        const watch = watchOver();
        await watch.check(domain);
        broken();
        now += hour;
        expect((await watch.check(domain))?.lastChange?.at).toBe(now);
        now += hour;
        expect((await watch.check(domain))?.state?.findings).toMatchObject([
          { firstSeenAt: noon + hour, unseenAt: noon },
        ]);
        expect(told).toHaveLength(1);
      });

      test('a callback that fails is sent again with the same id, until it is accepted', async () => {
        const watch = watchOver();
        await watch.tend();
        broken();
        now += day;
        isAccepted = false;
        await watch.tend();
        await watch.tend();
        isAccepted = true;
        await watch.tend();
        await watch.tend();
        expect(sent).toHaveLength(3);
        expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
        expect(told).toHaveLength(1);
      });

      test('if no resolver answers, the last state stays, and the check is repeated after an hour', async () => {
        const watch = watchOver();
        broken();
        await watch.tend();
        answer = answerOf({ unanswered: ['TXT example.com'], queries: 1 });
        now += day;
        await watch.tend();
        expect(await watch.list()).toMatchObject([
          { checkedAt: noon, failedAt: now, dueAt: now + hour, state: { findings: [{}] } },
        ]);
        now += hour - 1;
        await watch.tend();
        expect(checks).toBe(2);
        now += 1;
        broken();
        await watch.tend();
        expect(await watch.list()).toMatchObject([{ checkedAt: now, failedAt: null }]);
        expect(told).toEqual([]);
      });

      test('a check that fails does not hold up the next one', async () => {
        const fails = watchOver({
          preflight: async () => ({
            check: async () => {
              throw new Error('out of memory');
            },
          }),
        });
        await expect(fails.tend()).rejects.toThrow('out of memory');
        now += 2 * 60_000;
        await watchOver().tend();
        expect(checks).toBe(1);
      });

      test('a domain that is not watched is not checked', async () => {
        expect(await watchOver().check('example.net')).toBe(null);
        expect(checks).toBe(0);
      });
    });
  });
}
