// What every repository must do on every engine: a row of workspace `other` is never read, changed or deleted by `default`.

import { beforeEach, describe, expect, test } from 'vitest';
import type { EngagementSign } from '../../src/events/engagement.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import { createEventExpiry } from '../../src/events/expire.ts';
import { noHookCount } from '../../src/events/hook-counts.ts';
import type { NewJob } from '../../src/jobs/job.ts';
import type { Key } from '../../src/keys/key.ts';
import type { StoredPrediction } from '../../src/learning/learning-repository.ts';
import { emptyTally } from '../../src/lists/tally.ts';
import type { Database, SqlValue } from '../../src/storage/database.ts';
import { createEngagementRepository } from '../../src/storage/sqlite/engagement-repository.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createEventHistory } from '../../src/storage/sqlite/event-store.ts';
import { createHookRepository } from '../../src/storage/sqlite/hook-repository.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { createJobRepository } from '../../src/storage/sqlite/job-repository.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { createLearningRepository } from '../../src/storage/sqlite/learning-repository.ts';
import { createOverrideRepository } from '../../src/storage/sqlite/override-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { SuppressionEntry } from '../../src/suppression/suppressions.ts';
import { storedIncident } from './incidents.ts';

const day = 86_400_000;
const noon = 20_000 * day + day / 2;
const later = noon + day;
const keyId = '01234567';
const hash = 'a'.repeat(64);

const suppression: SuppressionEntry = {
  keyId,
  addressHash: hash,
  personHash: 'b'.repeat(64),
  scope: 'all',
  reason: 'bounce',
  status: '5.1.1',
  source: 'ses',
  since: noon,
  expiresAt: null,
};

const event: StoredEvent = {
  id: 'e1',
  at: noon,
  receivedAt: noon,
  reportedBy: 'ses',
  kind: 'bounce',
  class: 'soft',
  reason: 'mailbox_full',
  status: '4.2.2',
  echo: false,
  keyId,
  addressHash: hash,
  mailboxProvider: 'gmail',
  message: 'm1',
  campaign: 'spring',
  source: 'form',
  proof: 'proven',
  mailHost: null,
  gateway: null,
  list: null,
};

const prediction: StoredPrediction = {
  addressHash: hash,
  at: noon,
  kind: 'no_known_obstacle',
  provider: 'gmail',
  segment: 'free',
  age: 'fresh',
  source: 'form',
  proof: 'none',
  domain: '',
  probability: 0.04,
  prior: 0.05,
};

const outcome = { addressHash: hash, at: noon + 1, bounced: false, weight: 1, reportedBy: 'ses' };
const outcomes = { outcomes: [outcome], deliveries: new Map([['ses', noon + 1]]) };

const drift = {
  of: 'source',
  name: 'form',
  outcomes: 9,
  observed: 0.5,
  predicted: 0.1,
  direction: 'worse',
  message: 'worse than predicted',
} as const;

const click: EngagementSign = {
  addressHash: hash,
  kind: 'clicked',
  at: later,
  message: null,
  source: 'form',
  reportedBy: 'ses',
};

const hookCounts = {
  counts: [
    { ...noHookCount('ses'), events: 2, lastEventAt: noon, lastRefusal: { at: noon, why: 'malformed' } },
  ],
  at: noon,
};

const key: Key = {
  id: 'key_1',
  kind: 'secret',
  name: 'crm',
  prefix: 'sk_12345',
  scopes: null,
  origins: [],
  createdAt: noon,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
  lastUsedOn: null,
};

const domain = {
  domain: 'example.com',
  includesSubdomains: true,
  kind: 'deny',
  note: null,
  since: noon,
} as const;

const job: NewJob = {
  id: 'job_1',
  name: 'Spring',
  options: { format: 'csv', emailColumn: null, maxAgeDays: 90 },
  bytes: 10,
  createdAt: noon,
  callbackUrl: 'https://example.org/',
  requestKey: 'k',
  requestFingerprint: 'f',
  keptUntil: later,
  follows: null,
};

const repositoriesOf = (database: Database, workspace: string) => ({
  suppressions: createSuppressionRepository(database, workspace),
  events: createEventRepository(database, workspace),
  engagement: createEngagementRepository(database, workspace),
  counter: createEventCounter(database, workspace),
  history: createEventHistory(database, workspace),
  erasure: createErasureRepository(database, workspace),
  learning: createLearningRepository(database, workspace),
  keys: createKeyRepository(database, workspace),
  overrides: createOverrideRepository(database, workspace),
  jobs: createJobRepository(database, { workspace }),
  hooks: createHookRepository(database, workspace),
  incidents: createIncidentRepository(database, workspace),
});

type Repositories = ReturnType<typeof repositoriesOf>;

/** Puts something of every kind into a workspace. */
async function fill({
  suppressions,
  events,
  hooks,
  incidents,
  learning,
  keys,
  overrides,
  jobs,
}: Repositories): Promise<void> {
  await suppressions.add([suppression, { ...suppression, scope: 'marketing', reason: 'unsubscribe' }], noon);
  const lifted = { ...suppression, scope: 'list:news' } as const;
  await suppressions.add([lifted], noon);
  await suppressions.lift([lifted], {
    removedAt: noon,
    ground: 'double_opt_in',
    groundAt: noon,
    evidence: 'form 7',
  });
  await learning.savePredictions(keyId, [prediction, { ...prediction, addressHash: 'c'.repeat(64) }]);
  // Later than the lifting, so that the soft bounces count.
  const soft = { ...event, at: noon + 2 };
  const delivered = { ...event, id: 'e2', kind: 'delivered', class: 'none', addressHash: null } as const;
  const unproven = { ...event, id: 'e4', message: null, addressHash: null, proof: 'unproven' } as const;
  await events.store([soft, delivered, unproven], keyId, outcomes, hookCounts, [click]);
  await hooks.add(hookCounts);
  await incidents.claimLook(noon, 0);
  await incidents.open(storedIncident({ id: 'inc_other' }));
  await learning.claimDrift(drift, noon, 0);
  await keys.insert(key, 'hash of key_1');
  await overrides.put(domain, 10);
  await jobs.beginUpload('job_2', noon);
  await jobs.create(job);
  const file = (await jobs.claimFile(noon))!;
  const shape = {
    format: 'ndjson',
    mark: false,
    encoding: null,
    email: ['e'],
    lastVerifiedAt: null,
    source: null,
  } as const;
  const slice = {
    start: { byte: 0, row: 1, line: 1, encoding: 'utf-8' as const },
    bytes: 10,
    rows: 1,
    duplicates: null,
  };
  await jobs.fileRead(file.job, file.lease, { layout: { shape, head: '' }, slices: [slice, slice] }, noon);
  const claimed = (await jobs.claimSlice(noon))!;
  const tally = { ...emptyTally(), rows: 1, results: { deliverable: 1 } };
  const changes = [{ before: 'risky', after: 'deliverable', rows: 1 }];
  const result = { bytes: 9, tally, changes, dueAt: later };
  await jobs.sliceDone(job.id, claimed.slice, claimed.lease, result, noon);
}

/** `open` gives a database with the migrations applied and nothing in it. */
export function workspaceIsolationBattery(name: string, open: () => Promise<Database>): void {
  describe(`Workspaces on ${name}`, () => {
    let database: Database;
    let ours: Repositories;
    let theirs: Repositories;
    let before: string[];

    const rowsOfOther = async (): Promise<string[]> => {
      const tables = await database.all<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%workspace%' ORDER BY name",
      );
      const rows: string[] = [];
      for (const table of tables) {
        const all = await database.all<Record<string, SqlValue>>(
          `SELECT * FROM ${table.name} WHERE workspace = 'other'`,
        );
        rows.push(...all.map((row) => `${table.name} ${JSON.stringify(row)}`));
      }
      return rows;
    };

    beforeEach(async () => {
      database = await open();
      ours = repositoriesOf(database, 'default');
      theirs = repositoriesOf(database, 'other');
      await fill(theirs);
      before = await rowsOfOther();
    });

    /** Nothing that `work` does in `default` may show in `other`. */
    const untouched = async (work: () => Promise<unknown>) => {
      await work();
      expect(await rowsOfOther()).toEqual(before);
    };

    test('the test data has every kind of row', () => {
      expect([...new Set(before.map((row) => row.split(' ')[0]))].toSorted()).toEqual(
        [
          'api_keys',
          'calibration',
          'delivery_events',
          'delivery_tellers',
          'drift_alarms',
          'engagement',
          'engagement_tellers',
          'event_causes',
          'event_tallies',
          'hook_counts',
          'hook_hours',
          'incident_looks',
          'incidents',
          'job_changes',
          'job_counts',
          'job_slices',
          'job_uploads',
          'jobs',
          'own_domains',
          'predictions',
          'strata',
          'suppression_removals',
          'suppressions',
          'unproven_tallies',
        ].toSorted(),
      );
    });

    test('suppressions', () =>
      untouched(async () => {
        const { suppressions } = ours;
        const incident = { from: 0, to: later };
        const record = { removedAt: later, ground: 'incident', groundAt: later, evidence: 'x' } as const;
        expect(
          await suppressions.find(keyId, [{ exact: hash, person: suppression.personHash }], noon),
        ).toEqual([[]]);
        expect(await suppressions.page(null, 9, noon)).toEqual([]);
        expect(await suppressions.count(noon)).toBe(0);
        expect(await suppressions.otherKeyIds('76543210')).toEqual([]);
        expect(await suppressions.countIncident(keyId, incident, noon)).toBe(0);
        expect(await suppressions.findIncident(keyId, incident, 9, noon)).toEqual([]);
        expect(await suppressions.lift([suppression], record)).toBe(0);
        const stronger = { ...suppression, reason: 'complaint' } as const;
        expect(await suppressions.add([stronger], noon)).toMatchObject({ added: 1 });
        expect(await suppressions.lift([stronger], record)).toBe(1);
      }));

    test('an incident is found by the events of its own workspace', async () => {
      await ours.suppressions.add([suppression], noon);
      const ofGmail = { from: 0, to: later, provider: 'gmail' };
      expect(await ours.suppressions.countIncident(keyId, ofGmail, noon)).toBe(0);
      expect(await theirs.suppressions.countIncident(keyId, ofGmail, noon)).toBe(1);
    });

    test('an expired entry is deleted by its own workspace', async () => {
      await theirs.suppressions.add([{ ...suppression, scope: 'list:brief', expiresAt: noon + 1 }], noon);
      before = await rowsOfOther();
      await untouched(() => ours.suppressions.add([suppression], later));
    });

    test('incidents', () =>
      untouched(async () => {
        const { incidents } = ours;
        expect(await incidents.recent(0)).toEqual([]);
        expect(await incidents.list({ status: 'all', limit: 9 })).toEqual([]);
        const incident = storedIncident({ id: 'inc_other' });
        expect(await incidents.replace(incident, { ...incident, closedAt: later })).toBe(false);
        expect(await incidents.claimLook(noon, 0)).toBe(true);
        await incidents.deleteBefore(later);
      }));

    test('events', () =>
      untouched(async () => {
        const { events, counter, history } = ours;
        expect(await events.knownIds(['e1'])).toEqual(new Map());
        expect(await events.mailOnRecord(keyId, [hash], ['m1'])).toEqual([]);
        expect(await events.softBounces(keyId, [hash])).toEqual([]);
        expect(await events.removalTimes(keyId, [hash])).toEqual([]);
        expect(await counter.count({ from: 0, to: later, by: 'provider', every: 'all' })).toEqual([]);
        expect(await counter.countUnproven({ from: 0, to: later })).toBe(0);
        await events.store([event], keyId, { ...outcomes, outcomes: [{ ...outcome, bounced: true }] });
        expect(await events.knownIds(['e1', 'e2'])).toEqual(new Map([['e1', 'proven']]));
        expect(await events.softBounces(keyId, [hash])).toHaveLength(1);
        expect(await counter.count({ from: 0, to: later, by: 'provider', every: 'all' })).toMatchObject([
          { tally: { soft: 1 } },
        ]);
        expect([await history.countNext(9), await history.newestUncounted()]).toEqual([0, null]);
        const expiry = createEventExpiry(events, { eventsAtOnce: 10, steps: 2 });
        for (let call = 0; call < 2; call++) await expiry.deleteBefore(later + 2 * day);
      }));

    test('history is counted by its own workspace', async () => {
      await database.run('UPDATE delivery_events SET counted = 0');
      before = await rowsOfOther();
      await untouched(async () => {
        expect([await ours.history.countNext(9), await ours.history.newestUncounted()]).toEqual([0, null]);
      });
      expect(await theirs.history.newestUncounted()).toBe(noon + 2);
    });

    test('a bounce of a message in another workspace counts as well', async () => {
      await ours.events.store([{ ...event, at: noon - 1 }], keyId, { outcomes: [], deliveries: new Map() });
      expect(await ours.counter.count({ from: 0, to: later, by: 'provider', every: 'all' })).toMatchObject([
        { tally: { soft: 1 } },
      ]);
    });

    test('neither a delivery nor a lifting of another workspace ends a run of soft bounces', async () => {
      await theirs.events.store(
        [{ ...event, id: 'e3', kind: 'delivered', class: 'none', at: later }],
        keyId,
        {
          outcomes: [],
          deliveries: new Map(),
        },
      );
      await ours.events.store([event], keyId, { outcomes: [], deliveries: new Map() });
      expect(await ours.events.softBounces(keyId, [hash])).toHaveLength(1);
      expect(await theirs.events.softBounces(keyId, [hash])).toEqual([]);
    });

    test('hook counts', () =>
      untouched(async () => {
        const { events, hooks } = ours;
        expect(await hooks.totals()).toEqual({ since: null, counts: [] });
        await hooks.add(hookCounts);
        await events.store([], keyId, { outcomes: [], deliveries: new Map() }, hookCounts);
        expect(await hooks.totals()).toMatchObject({ counts: [{ events: 4 }] });
        await hooks.deleteBefore(later + day);
      }));

    test('engagement', () =>
      untouched(async () => {
        const { events, engagement } = ours;
        const nothing = { outcomes: [], deliveries: new Map() };
        expect(await engagement.isReported()).toBe(false);
        expect(await engagement.find(keyId, [hash])).toEqual([null]);
        expect(await engagement.count(keyId, later)).toEqual([]);
        expect(await engagement.tellers()).toEqual([]);
        // The provider reported a click to the other workspace only.
        await events.store([], keyId, nothing, undefined, [{ ...click, kind: 'delivered', at: later + 1 }]);
        expect(await engagement.find(keyId, [hash])).toEqual([null]);
        await events.store([], keyId, nothing, undefined, [click]);
        expect(await engagement.count(keyId, later)).toHaveLength(1);
        await engagement.deleteBefore(later + 99 * day);
        expect(await engagement.count(keyId, later)).toEqual([]);
      }));

    test('erasure', () =>
      untouched(async () => {
        for (const keepSuppression of [true, false])
          expect(await ours.erasure.erase({ keyId, addressHash: hash, keepSuppression, now: later })).toEqual(
            {
              events: 0,
              pendingFiles: 0,
              predictions: 0,
              suppressionRemoved: false,
            },
          );
      }));

    test('learning, except for the retention of predictions, which all workspaces share', () =>
      untouched(async () => {
        const { learning, events } = ours;
        const today = Math.floor(noon / day);
        expect(await learning.strata(9)).toEqual([]);
        expect(await learning.calibration(today - 9, today + 9)).toEqual([]);
        await learning.savePredictions(keyId, [{ ...prediction, at: noon + 1 }]);
        await events.store([], keyId, { ...outcomes, outcomes: [{ ...outcome, at: noon + 2 }] });
        expect(await learning.strata(9)).toMatchObject([{ outcomes: 1 }]);
        await learning.forget({ predictionsBefore: 0, calibrationBeforeDay: today + 9, leastOutcomes: 99 });
        expect(await learning.strata(9)).toEqual([]);
        expect(await learning.claimDrift(drift, later, 0)).toBe(true);
        await learning.releaseDrift(drift);
      }));

    test('a bounce counts only from a teller that reports deliveries to its own workspace', async () => {
      await ours.learning.savePredictions(keyId, [prediction]);
      const bounced = { outcomes: [{ ...outcome, bounced: true }], deliveries: new Map<string, number>() };
      await ours.events.store([], keyId, bounced);
      expect(await ours.learning.strata(9)).toEqual([]);
    });

    test('keys', () =>
      untouched(async () => {
        const { keys } = ours;
        const successor = { id: 'key_2', hash: 'h2', prefix: 'sk_2', createdAt: later };
        expect(await keys.hasAny()).toBe(false);
        expect(await keys.list()).toEqual([]);
        expect(await keys.get(key.id)).toBeNull();
        expect(await keys.findByHash('hash of key_1')).toBeNull();
        expect(await keys.replace(key.id, successor, later)).toBe(false);
        expect(await keys.revoke(key.id, later)).toBe(false);
        await keys.noteUse(key.id, '2026-11-20');
      }));

    test('overrides', () =>
      untouched(async () => {
        const { overrides } = ours;
        expect(await overrides.all()).toEqual([]);
        expect(await overrides.remove(domain)).toBe(false);
        expect(await overrides.put({ ...domain, kind: 'allow' }, 1)).toBe('added');
        expect(await overrides.remove(domain)).toBe(true);
      }));

    test('callers see jobs of their workspace only; runners serve all workspaces', () =>
      untouched(async () => {
        const { jobs } = ours;
        expect(await jobs.job(job.id)).toBeNull();
        expect(await jobs.list(null, 9)).toEqual([]);
        expect(await jobs.ofRequest('k')).toBeNull();
        expect(await jobs.setPaused(job.id, true, later)).toBe(false);
        expect(await jobs.cancel(job.id, later)).toBe(false);
      }));
  });
}
