// What the state of jobs must do on every Database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Job, JobEvent, JobState, Lease, NewJob, Slice, SliceResult } from '../../src/jobs/job.ts';
import { transitions } from '../../src/jobs/job.ts';
import { createJobStore, type JobStore } from '../../src/jobs/job-store.ts';
import { emptyTally } from '../../src/lists/tally.ts';
import type { Database } from '../../src/storage/database.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const leases = { readMs: 1000, sliceMs: 100 };
const dayMs = 86_400_000;

/** `open` gives a database with the migrations applied and nothing in it. */
export function jobStoreBattery(name: string, open: () => Promise<Database>): void {
  describe(`JobStore on ${name}`, () => {
    let database: Database;
    let store: JobStore;
    beforeEach(async () => {
      database = await open();
      store = createJobStore(database, leases);
    });

    const newJob = (id: string, more: Partial<NewJob> = {}): NewJob => ({
      id,
      name: null,
      options: { format: 'csv', emailColumn: null, maxAgeDays: 90 },
      bytes: 100,
      createdAt: noon,
      callbackUrl: null,
      requestKey: null,
      requestFingerprint: 'f',
      keptUntil: null,
      follows: null,
      ...more,
    });
    const layout = {
      head: 'email\n',
      shape: {
        format: 'ndjson',
        mark: false,
        encoding: null,
        email: ['e'],
        lastVerifiedAt: null,
        source: null,
      },
    } as const;
    const plan = (slices: number) => ({
      layout,
      slices: Array.from({ length: slices }, (_, index) => ({
        start: { byte: index * 10, row: index * 2 + 1, line: index * 2 + 2, encoding: 'utf-8' as const },
        bytes: 10,
        rows: 2,
        duplicates: index === 1 ? '1' : null,
      })),
    });
    const resultOf = (more: Partial<SliceResult> = {}): SliceResult => ({
      bytes: 33,
      tally: {
        ...emptyTally(),
        rows: 2,
        kept: 1,
        duplicates: 1,
        results: { deliverable: 1, unknown: 1 },
        reasons: { no_known_obstacle: 1, dns_undetermined: 1 },
        actions: { accept: 1, retry: 1 },
      },
      changes: [],
      dueAt: null,
      ...more,
    });
    /** A job whose file was read into so many slices. */
    const verifying = async (id: string, slices: number, more: Partial<NewJob> = {}): Promise<Job> => {
      await store.create(newJob(id, more));
      const claimed = (await store.claimFile(noon))!;
      expect(claimed.job.id).toBe(id);
      expect(await store.fileRead(claimed.job, claimed.lease, plan(slices), noon)).toBe(true);
      return (await store.job(id))!;
    };
    const claim = async (now = noon) => (await store.claimSlice(now))!;
    const finish = ({ jobId, slice, lease }: { jobId: string; slice: Slice; lease: Lease }, now = noon) =>
      store.sliceDone(jobId, slice, lease, resultOf(), now);

    test('a job is as it was made', async () => {
      expect(await store.create(newJob('a', { name: 'Spring', callbackUrl: 'https://example.com/' }))).toBe(
        true,
      );
      expect(await store.job('a')).toEqual({
        id: 'a',
        state: 'queued',
        paused: false,
        notBefore: 0,
        outages: 0,
        version: 1,
        name: 'Spring',
        options: { format: 'csv', emailColumn: null, maxAgeDays: 90 },
        layout: null,
        bytes: 100,
        rows: null,
        rowsDone: 0,
        rowsKept: 0,
        duplicates: 0,
        error: null,
        createdAt: noon,
        updatedAt: noon,
        startedAt: null,
        finishedAt: null,
        callbackUrl: 'https://example.com/',
        keptUntil: null,
        dueAt: null,
        follows: null,
      });
      expect(await store.job('b')).toBeNull();
    });

    test('a request key makes one job', async () => {
      expect(await store.create(newJob('a', { requestKey: 'k' }))).toBe(true);
      await store.beginUpload('b', noon);
      expect(await store.create(newJob('b', { requestKey: 'k' }))).toBe(false);
      expect(await store.job('b')).toBeNull();
      expect(await store.ofRequest('k')).toMatchObject({ job: { id: 'a' }, fingerprint: 'f' });
      // The upload is still known, so that its file is found.
      expect(await store.uploadsBegunBefore(noon + 1)).toEqual(['b']);
      await store.beginUpload('c', noon);
      expect(await store.create(newJob('c'))).toBe(true);
      expect(await store.uploadsBegunBefore(noon + 1)).toEqual(['b']);
    });

    describe('leases', () => {
      test('a file is leased to one, and to another when the lease has ended', async () => {
        await store.create(newJob('a'));
        const first = (await store.claimFile(noon))!;
        expect(first.lease).toEqual({ number: 1, tries: 1 });
        expect(await store.claimFile(noon + leases.readMs - 1)).toBeNull();
        const second = (await store.claimFile(noon + leases.readMs))!;
        expect(second.lease).toEqual({ number: 2, tries: 2 });
        expect(await store.fileRead(first.job, first.lease, plan(3), noon)).toBe(false);
        expect(await store.fileRead(second.job, second.lease, plan(2), noon)).toBe(true);
        expect(await store.job('a')).toMatchObject({ state: 'verifying', rows: 4, layout });
        expect(await store.fileRead(second.job, second.lease, plan(9), noon)).toBe(false);
        expect((await store.results('a')).length).toBe(2);
      });

      test('slices are leased in order, with all that was planned', async () => {
        await verifying('a', 2);
        expect((await claim()).slice).toEqual({ position: 0, ...plan(2).slices[0] });
        expect((await claim()).slice).toEqual({ position: 1, ...plan(2).slices[1] });
        expect(await store.claimSlice(noon)).toBeNull();
      });

      test('a short list does not wait for a long one', async () => {
        await verifying('long', 5);
        await finish(await claim());
        await finish(await claim());
        await verifying('short', 1);
        expect(await claim()).toMatchObject({ jobId: 'short', slice: { position: 0 } });
        expect(await claim()).toMatchObject({ jobId: 'long', slice: { position: 2 } });
      });

      test('whoever lost a lease counts nothing', async () => {
        await verifying('a', 1);
        const first = await claim();
        const second = await claim(noon + leases.sliceMs);
        expect(second).toMatchObject({ slice: { position: 0 }, lease: { number: 2, tries: 2 } });
        expect(await finish(first)).toBe(false);
        expect(await store.job('a')).toMatchObject({ state: 'verifying', rowsDone: 0 });
        expect(await store.counts('a')).toEqual([]);
        expect(await finish(second)).toBe(true);
        expect(await store.doneFrom('a', 0, 9)).toEqual([{ position: 0, lease: 2 }]);
      });

      test('all end at once when their runner is dead', async () => {
        await verifying('a', 1);
        await claim();
        await store.create(newJob('b'));
        await store.claimFile(noon);
        await store.endAllLeases();
        expect(await claim()).toMatchObject({ jobId: 'a', lease: { number: 2 } });
        expect(await store.claimFile(noon)).toMatchObject({ job: { id: 'b' } });
      });

      test('work that is given back is begun again when it may be', async () => {
        await verifying('a', 1);
        const { slice, lease } = await claim();
        await store.giveBack('a', slice.position, lease, noon + 7);
        expect(await store.claimSlice(noon + 6)).toBeNull();
        expect((await claim(noon + 7)).lease).toEqual({ number: 2, tries: 2 });
      });
    });

    describe('counting', () => {
      test('a slice counts once, however often it is said to be done', async () => {
        await verifying('a', 2);
        const one = await claim();
        expect(await finish(one)).toBe(true);
        expect(await finish(one)).toBe(false);
        expect(await store.job('a')).toMatchObject({
          rowsDone: 2,
          rowsKept: 1,
          duplicates: 1,
          state: 'verifying',
        });
      });

      test('the last slice completes the job, and the counts are the sums', async () => {
        await verifying('a', 2);
        const [one, two] = [await claim(), await claim()];
        await finish(two, noon + 1);
        expect(await store.doneFrom('a', 0, 9)).toEqual([]);
        await finish(one, noon + 2);
        expect(await store.job('a')).toMatchObject({
          state: 'completed',
          rowsDone: 4,
          finishedAt: noon + 2,
          dueAt: null,
        });
        expect(await store.counts('a')).toEqual([
          { kind: 'action', name: 'accept', rows: 2 },
          { kind: 'action', name: 'retry', rows: 2 },
          { kind: 'reason', name: 'dns_undetermined', rows: 2 },
          { kind: 'reason', name: 'no_known_obstacle', rows: 2 },
          { kind: 'result', name: 'deliverable', rows: 2 },
          { kind: 'result', name: 'unknown', rows: 2 },
        ]);
        expect(await store.tally('a')).toMatchObject({ rows: 4, results: { deliverable: 2, unknown: 2 } });
        expect(await store.tally('a')).toMatchObject({ rows: 4, results: { deliverable: 2, unknown: 2 } });
        expect(await store.doneFrom('a', 1, 9)).toEqual([{ position: 1, lease: 1 }]);
        expect(await store.rowsSince('a', noon + 2)).toBe(2);
      });

      test('every change of a job raises its version', async () => {
        const versions: number[] = [];
        const note = async () => versions.push((await store.job('a'))!.version);
        await store.create(newJob('a'));
        await note();
        const { job, lease } = (await store.claimFile(noon))!;
        await note();
        await store.fileRead(job, lease, plan(1), noon);
        await note();
        await store.setPaused('a', true, noon);
        await note();
        await store.setPaused('a', false, noon);
        await note();
        await finish(await claim());
        await note();
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      });
    });

    describe('being held', () => {
      test('of a job that is paused no work is begun, and what was begun counts', async () => {
        await verifying('a', 2);
        const begun = await claim();
        expect(await store.setPaused('a', true, noon)).toBe(true);
        expect(await store.claimSlice(noon)).toBeNull();
        expect(await finish(begun)).toBe(true);
        expect(await store.setPaused('a', false, noon)).toBe(true);
        expect(await store.claimSlice(noon)).toMatchObject({ slice: { position: 1 } });
      });

      test('an outage that several slices meet counts once, and costs no tries', async () => {
        await verifying('a', 2);
        for (const { slice, lease } of [await claim(), await claim()])
          await store.outage('a', slice.position, lease, noon + 50, noon);
        expect(await store.job('a')).toMatchObject({ outages: 1, notBefore: noon + 50 });
        expect(await store.claimSlice(noon + 49)).toBeNull();
        const again = await claim(noon + 50);
        expect(again).toMatchObject({ slice: { position: 0 }, lease: { number: 2, tries: 1 } });
        await finish(again, noon + 51);
        expect(await store.job('a')).toMatchObject({ outages: 0 });
      });

      test('the workload is what is leased and whether more may be begun', async () => {
        expect(await store.workload(noon)).toEqual({ leased: 0, open: false });
        await verifying('a', 2);
        await claim();
        expect(await store.workload(noon)).toEqual({ leased: 1, open: true });
        expect(await store.workload(noon + leases.sliceMs)).toEqual({ leased: 0, open: true });
        await store.setPaused('a', true, noon);
        expect(await store.workload(noon)).toEqual({ leased: 1, open: false });
      });
    });

    describe('the states', () => {
      const inState: Record<JobState, () => Promise<unknown>> = {
        queued: () => store.create(newJob('a')),
        verifying: () => verifying('a', 1),
        completed: async () => {
          await verifying('a', 1);
          await finish(await claim());
        },
        failed: async () => {
          await store.create(newJob('a'));
          await store.fail('a', null, { code: 'no_rows', message: 'The file has no rows.', row: null }, noon);
        },
        cancelled: async () => {
          await store.create(newJob('a'));
          await store.cancel('a', noon);
        },
        deleting: async () => {
          await store.create(newJob('a'));
          await store.markDeleting('a', noon);
        },
      };
      const happen: Partial<Record<JobEvent, () => Promise<boolean>>> = {
        fail: () => store.fail('a', null, { code: 'c', message: 'm', row: 3 }, noon),
        cancel: () => store.cancel('a', noon),
        delete: () => store.markDeleting('a', noon),
      };
      const stateOf = async () =>
        (await database.first<{ state: JobState }>('SELECT state FROM jobs WHERE id = ?', ['a']))!.state;

      const cases = (Object.keys(transitions) as JobState[]).flatMap((state) =>
        (Object.keys(happen) as JobEvent[]).map((event) => [state, event] as const),
      );
      test.each(cases)('%s, %s', async (state, event) => {
        await inState[state]();
        const next = transitions[state][event];
        expect(await happen[event]!()).toBe(next !== undefined);
        expect(await stateOf()).toBe(next ?? state);
      });

      test.each(['completed', 'failed', 'cancelled', 'deleting'] as const)(
        'a job that is %s is neither paused nor worked on',
        async (state) => {
          await inState[state]();
          expect(await store.setPaused('a', true, noon)).toBe(false);
          expect(await store.claimFile(noon)).toBeNull();
          expect(await store.claimSlice(noon)).toBeNull();
        },
      );

      test.each(['cancel', 'delete', 'fail'] as const)(
        'a slice under way at "%s" is not counted',
        async (event) => {
          await verifying('a', 1);
          const begun = await claim();
          await happen[event]!();
          expect(await finish(begun)).toBe(false);
          expect(await store.counts('a')).toEqual([]);
        },
      );

      test('whoever lost the lease on a file does not fail its job', async () => {
        await store.create(newJob('a'));
        const first = (await store.claimFile(noon))!;
        await store.claimFile(noon + leases.readMs);
        expect(await store.fail('a', first.lease, { code: 'c', message: 'm', row: null }, noon)).toBe(false);
        expect(await stateOf()).toBe('queued');
      });
    });

    describe('the end', () => {
      test('a deleted job is seen by nobody, and goes when no lease is left', async () => {
        await verifying('a', 1, { requestKey: 'k' });
        await claim();
        await store.markDeleting('a', noon);
        expect(await store.job('a')).toBeNull();
        expect(await store.list(null, 9)).toEqual([]);
        expect(await store.ofRequest('k')).toBeNull();
        expect(await store.create(newJob('b', { requestKey: 'k' }))).toBe(true);
        expect(await store.deletable(noon)).toEqual([]);
        expect(await store.deletable(noon + leases.sliceMs)).toEqual(['a']);
        await store.removeJob('a');
        for (const table of ['jobs', 'job_slices', 'job_counts'])
          expect(
            await database.all(`SELECT * FROM ${table} WHERE ${table === 'jobs' ? 'id' : 'job_id'} = 'a'`),
          ).toEqual([]);
      });

      test('a job expires when nothing happened to it for long, a kept list at its own time', async () => {
        await store.create(newJob('old', { createdAt: noon - 10 }));
        await store.create(newJob('young'));
        await store.create(newJob('kept', { createdAt: noon - 10, keptUntil: noon + 5 }));
        expect(await store.expired(noon, noon)).toEqual(['old']);
        expect((await store.expired(noon + 5, noon)).toSorted()).toEqual(['kept', 'old']);
      });

      test('a callback is queued once, when a job that wants one ends', async () => {
        await verifying('a', 1, { callbackUrl: 'https://example.com/' });
        const only = await claim();
        expect(await database.all('SELECT * FROM job_callbacks')).toEqual([]);
        await finish(only);
        await finish(only);
        expect(await database.all('SELECT id, event, state, attempts FROM job_callbacks')).toEqual([
          { id: 'msg_a', event: 'job.completed', state: 'pending', attempts: 0 },
        ]);
        await verifying('b', 1);
        await finish(await claim());
        await store.create(newJob('c', { callbackUrl: 'https://example.com/' }));
        await store.cancel('c', noon);
        await store.create(newJob('d', { callbackUrl: 'https://example.com/' }));
        await store.fail('d', null, { code: 'c', message: 'm', row: 1 }, noon);
        expect(await database.all('SELECT id, event FROM job_callbacks ORDER BY id')).toEqual([
          { id: 'msg_a', event: 'job.completed' },
          { id: 'msg_d', event: 'job.failed' },
        ]);
      });
    });

    describe('a list that is kept', () => {
      const kept = async (dueAt: number | null) => {
        const job = await verifying('a', 2, {
          keptUntil: noon + 100 * dayMs,
          callbackUrl: 'https://example.com/',
        });
        for (const due of [dueAt, dueAt && dueAt + 5]) {
          const { slice, lease } = await claim();
          await store.sliceDone('a', slice, lease, resultOf({ dueAt: due }), noon);
        }
        return job;
      };
      const following = newJob('b', {
        follows: 'a',
        createdAt: noon + 50 * dayMs,
        keptUntil: noon + 100 * dayMs,
      });

      test('is due with its first verdict, and a day after the last time at the soonest', async () => {
        await kept(noon + 50 * dayMs);
        expect(await store.due(noon + 50 * dayMs - 1)).toEqual([]);
        expect(await store.due(noon + 50 * dayMs)).toMatchObject([{ id: 'a', dueAt: noon + 50 * dayMs }]);
      });

      test('is not due again at once', async () => {
        await kept(noon - 1);
        expect((await store.job('a'))!.dueAt).toBe(noon + dayMs);
      });

      test('without a verdict that ends is never due', async () => {
        await kept(null);
        expect((await store.job('a'))!.dueAt).toBeNull();
      });

      test('goes over to the job that verifies it again, once', async () => {
        await kept(noon + 50 * dayMs);
        expect((await store.results('a')).map(({ lease, resultBytes }) => [lease, resultBytes])).toEqual([
          [1, 33],
          [1, 33],
        ]);
        await store.beginUpload('b', noon);
        expect(await store.follow({ ...following, follows: 'a' }, plan(2))).toBe(true);
        expect(await store.follow({ ...following, id: 'c', follows: 'a' }, plan(2))).toBe(false);
        expect(await store.job('c')).toBeNull();
        expect(await store.job('a')).toMatchObject({ dueAt: null, keptUntil: null });
        expect(await store.job('b')).toMatchObject({ state: 'verifying', rows: 4, layout, follows: 'a' });
        expect(await store.uploadsBegunBefore(noon + 1)).toEqual([]);
        expect(await claim(noon + 50 * dayMs)).toMatchObject({ jobId: 'b', slice: { position: 0, rows: 2 } });
      });

      test.each([
        [[], 0],
        [[{ before: 'deliverable', after: 'undeliverable', rows: 1 }], 1],
      ])('tells of changes %j in %i callbacks', async (changes, callbacks) => {
        await kept(noon + 50 * dayMs);
        const job = { ...following, follows: 'a', callbackUrl: 'https://example.com/' };
        await store.follow(job, plan(1));
        const { slice, lease } = await claim(noon + 50 * dayMs);
        await store.sliceDone('b', slice, lease, resultOf({ changes }), noon + 50 * dayMs);
        expect(await store.changes('b')).toEqual(changes);
        expect(await database.all("SELECT event FROM job_callbacks WHERE job_id = 'b'")).toEqual(
          Array.from({ length: callbacks }, () => ({ event: 'list.reverified' })),
        );
      });
    });

    test('the list of jobs has the latest first, and goes on behind one of them', async () => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 2],
        ['c', 2],
      ] as const)
        await store.create(newJob(id, { createdAt: noon + at }));
      const ids = async (before: { createdAt: number; id: string } | null) =>
        (await store.list(before, 2)).map(({ id }) => id);
      expect(await ids(null)).toEqual(['c', 'b']);
      expect(await ids({ createdAt: noon + 2, id: 'b' })).toEqual(['a']);
    });

    test('thousands of slices go in at once', async () => {
      await verifying('a', 2500);
      expect((await store.job('a'))!.rows).toBe(5000);
      const results = await store.results('a');
      expect(results.length).toBe(2500);
      expect(results[2400]).toMatchObject({ position: 2400, start: { byte: 24_000 } });
    });
  });
}
