// What the repository of incidents promises, on whatever database, and the looks of one and of several processes over it.

import { beforeEach, describe, expect, test } from 'vitest';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import type { IncidentRepository } from '../../src/reports/incidents/incident-repository.ts';
import { createIncidents } from '../../src/reports/incidents/incidents.ts';
import { createIncidentSearch } from '../../src/reports/incidents/search.ts';
import { nothing } from '../../src/reports/tally.ts';
import type { Database } from '../../src/storage/database.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);

export const storedIncident = (differences: Partial<StoredIncident> = {}): StoredIncident => ({
  id: 'inc_1',
  kind: 'provider_block',
  scope: { provider: 'gmail' },
  severity: 'warning',
  openedAt: noon,
  changedAt: noon,
  changedSize: 0.4,
  seenAt: noon,
  closedAt: null,
  evidence: {
    from: noon - 6 * hour,
    to: noon,
    messages: 40,
    sent: 100,
    rate: 0.4,
    rateBefore: 0.003,
    chance: 1e-9,
    providers: [{ name: 'gmail', messages: 40, sent: 100, rate: 0.4, rateBefore: 0.003 }],
    statuses: [{ status: '5.7.1', messages: 40 }],
    reasons: [{ reason: 'blocked_reputation', messages: 40 }],
  },
  explanation: 'gmail refused 40 messages.',
  advice: 'Find the blocklist.',
  ...differences,
});

/** Counts of a sender whose mail gmail refuses from `since` on. */
function countsOfBlock(since: number, { from, to, by, every }: CountQuery): EventCount[] {
  const unit = every === 'day' ? day : hour;
  const counts: EventCount[] = [];
  for (let period = Math.ceil(from / unit) * unit; period < to; period += unit)
    for (const name of ['gmail', 'outlook', null]) {
      const sent = every === 'day' ? 2400 : 100;
      const refused = name === 'gmail' && period >= since ? sent * 0.8 : 0;
      const tally = { ...nothing, delivered: sent - refused, policy: refused };
      const cause = { failure: 'policy', reason: 'blocked_reputation', status: '5.7.1' } as const;
      counts.push({ period, name, tally, causes: refused === 0 ? [] : [{ ...cause, messages: refused }] });
    }
  return by === 'provider' ? counts : [];
}

/** `open` gives a database with the schema and nothing in it. */
export function incidentsBattery(name: string, open: () => Promise<Database>): void {
  describe(`Incidents on ${name}`, () => {
    let database: Database;
    let repository: IncidentRepository;

    beforeEach(async () => {
      database = await open();
      repository = createIncidentRepository(database);
    });

    const all = () => repository.list({ status: 'all', limit: 100 });

    test('an incident is stored as it is', async () => {
      const whole = storedIncident({
        scope: { source: 'fair', campaign: 'spring', list: 'news' },
        closedAt: noon + 1,
      });
      expect(await repository.open(whole)).toBe(true);
      expect(await all()).toEqual([whole]);
    });

    test('an incident of the same kind and scope opens once', async () => {
      expect(await repository.open(storedIncident())).toBe(true);
      expect(await repository.open(storedIncident({ id: 'inc_2' }))).toBe(false);
      expect(await repository.open(storedIncident({ id: 'inc_3', scope: { provider: 'yahoo' } }))).toBe(true);
      expect(await repository.open(storedIncident({ id: 'inc_4', kind: 'provider_outage' }))).toBe(true);
      expect((await all()).map(({ id }) => id).sort()).toEqual(['inc_1', 'inc_3', 'inc_4']);
    });

    test('an incident may open again when the one before it has closed', async () => {
      const before = storedIncident();
      await repository.open(before);
      expect(await repository.replace(before, { ...before, closedAt: noon + hour })).toBe(true);
      expect(await repository.open(storedIncident({ id: 'inc_2' }))).toBe(true);
    });

    test.each([
      ['changed', { changedAt: noon + hour }],
      ['seen', { seenAt: noon + hour }],
      ['closed', { closedAt: noon + hour }],
    ])('an incident that was %s meanwhile is not replaced', async (_, meanwhile) => {
      const before = storedIncident();
      await repository.open(before);
      const first = { ...before, ...meanwhile };
      expect(await repository.replace(before, first)).toBe(true);
      expect(await repository.replace(before, { ...before, severity: 'critical', changedAt: noon + 2 })).toBe(
        false,
      );
      expect(await all()).toEqual([first]);
      expect(await repository.replace(first, { ...first, severity: 'critical' })).toBe(true);
      expect(await all()).toMatchObject([{ severity: 'critical' }]);
    });

    test('an incident does not take the kind and scope of another open one', async () => {
      const one = storedIncident();
      const other = storedIncident({ id: 'inc_2', scope: { provider: 'yahoo' } });
      await repository.open(one);
      await repository.open(other);
      expect(await repository.replace(other, { ...other, scope: one.scope, seenAt: noon + 1 })).toBe(false);
      expect(await repository.recent(noon)).toEqual([one, other]);
    });

    test('recent incidents are open, or closed at or after a time', async () => {
      await repository.open(storedIncident());
      await repository.open(storedIncident({ id: 'inc_2', closedAt: noon - 1 }));
      await repository.open(storedIncident({ id: 'inc_3', closedAt: noon }));
      expect((await repository.recent(noon)).map(({ id }) => id)).toEqual(['inc_1', 'inc_3']);
    });

    test('the list has pages, latest first', async () => {
      for (const [index, openedAt] of [noon, noon + 1, noon + 1, noon + 2].entries())
        await repository.open(storedIncident({ id: `inc_${index}`, openedAt, closedAt: noon + day }));
      const first = await repository.list({ status: 'all', limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(['inc_3', 'inc_2']);
      const second = await repository.list({ status: 'all', limit: 2, after: first[1] });
      expect(second.map(({ id }) => id)).toEqual(['inc_1', 'inc_0']);
    });

    test('the list is filtered by status, kind and time', async () => {
      await repository.open(storedIncident());
      await repository.open(
        storedIncident({ id: 'inc_2', kind: 'complaints', openedAt: noon - 2 * day, closedAt: noon - day }),
      );
      const ids = async (query: object) =>
        (await repository.list({ status: 'all', limit: 9, ...query })).map(({ id }) => id);
      expect(await ids({ status: 'open' })).toEqual(['inc_1']);
      expect(await ids({ status: 'closed' })).toEqual(['inc_2']);
      expect(await ids({ kind: 'complaints' })).toEqual(['inc_2']);
      expect(await ids({ from: noon - day })).toEqual(['inc_1', 'inc_2']);
      expect(await ids({ from: noon - day + 1 })).toEqual(['inc_1']);
      expect(await ids({ to: noon })).toEqual(['inc_2']);
      expect(await ids({ to: noon + 1 })).toEqual(['inc_1', 'inc_2']);
    });

    test('incidents that closed before a time are deleted', async () => {
      await repository.open(storedIncident());
      await repository.open(storedIncident({ id: 'inc_2', closedAt: noon - 1 }));
      await repository.open(storedIncident({ id: 'inc_3', closedAt: noon }));
      await repository.deleteBefore(noon);
      expect((await all()).map(({ id }) => id).sort()).toEqual(['inc_1', 'inc_3']);
    });

    test('processes look in turns', async () => {
      expect(await repository.claimLook(noon, noon - hour)).toBe(true);
      expect(await repository.claimLook(noon + 1, noon + 1 - hour)).toBe(false);
      expect(await repository.claimLook(noon + hour, noon)).toBe(true);
      // A clock that is late by a minute does not look either, but one that was far ahead does not stop all looks.
      expect(await repository.claimLook(noon + hour - 60_000, noon - 60_000)).toBe(false);
      expect(await repository.claimLook(noon - day, noon - day - hour)).toBe(true);
    });

    test('another workspace has incidents and looks of its own', async () => {
      const other = createIncidentRepository(database, 'other');
      const incident = storedIncident();
      await other.open({ ...incident, id: 'inc_2' });
      await other.claimLook(noon, noon - hour);
      expect(await repository.claimLook(noon, noon - hour)).toBe(true);
      expect(await repository.open(incident)).toBe(true);
      await repository.deleteBefore(noon + day);
      expect(await repository.recent(0)).toEqual([incident]);
      expect(await repository.replace({ ...incident, id: 'inc_2' }, incident)).toBe(false);
      expect(await other.list({ status: 'all', limit: 9 })).toHaveLength(1);
    });

    describe('looks', () => {
      let now: number;
      let told: string[];
      let ids: number;

      beforeEach(() => {
        now = noon;
        told = [];
        ids = 0;
      });

      const blockSince = noon - 5 * hour;
      const process = (since = blockSince, until = Number.POSITIVE_INFINITY) =>
        createIncidents({
          search: createIncidentSearch({
            count: async (query) =>
              countsOfBlock(since, query).map((count) =>
                count.period < until
                  ? count
                  : { ...count, tally: { ...nothing, delivered: 100 }, causes: [] },
              ),
          }),
          repository,
          now: () => now,
          newId: () => `inc_${++ids}`,
          tell: (what, { kind, scope }) => told.push(`${what} ${kind} ${scope.provider}`),
        });

      test('a block opens one incident, however often and by whomever it is seen', async () => {
        const [one, other] = [process(), process()];
        await Promise.all([one.look(), other.look()]);
        for (const look of [one, other, process()]) {
          now += 10 * 60_000;
          await look.look();
        }
        expect(told).toEqual(['opened provider_block gmail']);
        const [incident] = await all();
        expect(await all()).toHaveLength(1);
        expect(incident).toMatchObject({
          kind: 'provider_block',
          scope: { provider: 'gmail' },
          severity: 'critical',
          closedAt: null,
          evidence: {
            providers: [{ name: 'gmail' }],
            statuses: [{ status: '5.7.1' }],
            reasons: [{ reason: 'blocked_reputation' }],
          },
        });
        expect(incident!.evidence.rate).toBeGreaterThan(0.5);
        expect(incident!.evidence.rateBefore).toBeLessThan(0.01);
      });

      test('it closes twelve hours after the rate is back to normal, once', async () => {
        await process().look();
        for (let hours = 1; hours <= 48; hours++) {
          now = noon + hours * hour;
          await process(blockSince, noon).look();
        }
        // Meanwhile it changed: it became better.
        expect(told[0]).toBe('opened provider_block gmail');
        expect(told.at(-1)).toBe('closed provider_block gmail');
        expect(told.slice(1, -1).every((line) => line.startsWith('changed'))).toBe(true);
        expect(told.length).toBeLessThan(6);
        const [incident] = await all();
        expect(incident!.closedAt).toBeGreaterThanOrEqual(noon + 12 * hour);
        expect(incident!.closedAt).toBeLessThanOrEqual(noon + 36 * hour);
      });

      test('ordinary mail opens none', async () => {
        await process(Number.POSITIVE_INFINITY).look();
        expect(await all()).toEqual([]);
      });

      test('a look within five minutes of another does nothing', async () => {
        await process(Number.POSITIVE_INFINITY).look();
        now += 5 * 60_000 - 1;
        await process().look();
        expect(told).toEqual([]);
        now += 1;
        await process().look();
        expect(told).toEqual(['opened provider_block gmail']);
      });
    });
  });
}
