// What the state of jobs must do on every Database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Job, JobEvent, JobState, Lease, NewJob, Slice, SliceResult } from '../../src/jobs/job.ts';
import { transitions } from '../../src/jobs/job.ts';
import type { JobRepository } from '../../src/jobs/job-repository.ts';
import { emptyTally } from '../../src/lists/tally.ts';
import type { Database } from '../../src/storage/database.ts';
import { createJobRepository } from '../../src/storage/sqlite/job-repository.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const leases = { readMs: 1000, sliceMs: 100 };
const dayMs = 86_400_000;

/** `open` gives a database with the migrations applied and nothing in it. */
export function jobRepositoryBattery(name: string, open: () => Promise<Database>): void {
  describe(`JobRepository on ${name}`, () => {
    let database: Database;
    let repository: JobRepository;
    beforeEach(async () => {
      database = await open();
      repository = createJobRepository(database, { leases });
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
      await repository.create(newJob(id, more));
      const claimed = (await repository.claimFile(noon))!;
      expect(claimed.job.id).toBe(id);
      expect(await repository.fileRead(claimed.job, claimed.lease, plan(slices), noon)).toBe(true);
      return (await repository.job(id))!;
    };
    const claim = async (now = noon) => (await repository.claimSlice(now))!;
    const finish = ({ job, slice, lease }: { job: Job; slice: Slice; lease: Lease }, now = noon) =>
      repository.sliceDone(job.id, slice, lease, resultOf(), now);

    test('a job is stored as it was created', async () => {
      expect(
        await repository.create(newJob('a', { name: 'Spring', callbackUrl: 'https://example.com/' })),
      ).toBe(true);
      expect(await repository.job('a')).toEqual({
        id: 'a',
        state: 'queued',
        paused: false,
        notBefore: 0,
        outages: 0,
        proof: null,
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
      expect(await repository.job('b')).toBeNull();
    });

    test('a failed job says why, and keeps the layout of its file', async () => {
      await verifying('a', 1);
      const error = { code: 'file_lost', message: 'The file is gone.', row: 3 };
      expect(await repository.fail('a', null, error, noon + 1)).toBe(true);
      expect(await repository.job('a')).toMatchObject({
        state: 'failed',
        error,
        layout,
        finishedAt: noon + 1,
      });
    });

    test('one request key creates one job', async () => {
      expect(await repository.create(newJob('a', { requestKey: 'k' }))).toBe(true);
      await repository.beginUpload('b', noon);
      expect(await repository.create(newJob('b', { requestKey: 'k' }))).toBe(false);
      expect(await repository.job('b')).toBeNull();
      expect(await repository.ofRequest('k')).toMatchObject({ job: { id: 'a' }, fingerprint: 'f' });
      // The upload is still known, so that its file is found.
      expect(await repository.uploadsBegunBefore(noon + 1)).toEqual(['b']);
      await repository.beginUpload('c', noon);
      expect(await repository.create(newJob('c'))).toBe(true);
      expect(await repository.uploadsBegunBefore(noon + 1)).toEqual(['b']);
    });

    describe('leases', () => {
      test('a file is leased to one runner, and to another after the lease ends', async () => {
        await repository.create(newJob('a'));
        const first = (await repository.claimFile(noon))!;
        expect(first.lease).toEqual({ number: 1, tries: 1 });
        expect(await repository.claimFile(noon + leases.readMs - 1)).toBeNull();
        const second = (await repository.claimFile(noon + leases.readMs))!;
        expect(second.lease).toEqual({ number: 2, tries: 2 });
        expect(await repository.fileRead(first.job, first.lease, plan(3), noon)).toBe(false);
        expect(await repository.fileRead(second.job, second.lease, plan(2), noon)).toBe(true);
        expect(await repository.job('a')).toMatchObject({ state: 'verifying', rows: 4, layout });
        expect(await repository.fileRead(second.job, second.lease, plan(9), noon)).toBe(false);
        expect((await repository.results('a')).length).toBe(2);
      });

      test('a lease that is renewed ends later, for a file and for a slice', async () => {
        await repository.create(newJob('a'));
        const file = (await repository.claimFile(noon))!;
        await repository.renew('a', null, file.lease, noon + 400);
        expect(await repository.claimFile(noon + 400 + leases.readMs - 1)).toBeNull();
        const again = (await repository.claimFile(noon + 400 + leases.readMs))!;
        expect(again.lease.number).toBe(2);
        // The lease of another runner is left alone.
        await repository.renew('a', null, file.lease, noon + 99_000);
        expect((await repository.claimFile(noon + 5000 + leases.readMs))!.lease.number).toBe(3);

        await verifying('b', 2);
        const [slice, other] = [await claim(), await claim()];
        await repository.renew('b', slice.slice.position, slice.lease, noon + 40);
        const late = noon + leases.sliceMs;
        expect(await claim(late)).toMatchObject({ slice: { position: other.slice.position } });
        expect(await repository.claimSlice(late + 39)).toBeNull();
        expect(await claim(late + 40)).toMatchObject({ slice: { position: 0 }, lease: { number: 2 } });
        await repository.renew('b', 0, slice.lease, noon + 99_000);
        expect(await claim(noon + 5000)).toMatchObject({ slice: { position: 0 }, lease: { number: 3 } });
      });

      test('a lease that was given up or whose work is done cannot be renewed', async () => {
        await verifying('a', 2);
        const [given, done] = [await claim(), await claim()];
        await repository.outage('a', given.slice.position, given.lease, noon, noon);
        await repository.renew('a', given.slice.position, given.lease, noon);
        expect(await claim()).toMatchObject({ slice: { position: 0 } });
        expect(await finish(done)).toBe(true);
        await repository.renew('a', done.slice.position, done.lease, noon);
        expect((await repository.workload(noon)).leased).toBe(1);
      });

      test('slices are leased in order, with their plan', async () => {
        await verifying('a', 2);
        expect((await claim()).slice).toEqual({ position: 0, ...plan(2).slices[0] });
        expect((await claim()).slice).toEqual({ position: 1, ...plan(2).slices[1] });
        expect(await repository.claimSlice(noon)).toBeNull();
      });

      test('a short list does not wait for a long one', async () => {
        await verifying('long', 5);
        await finish(await claim());
        await finish(await claim());
        await verifying('short', 1);
        expect(await claim()).toMatchObject({ job: { id: 'short' }, slice: { position: 0 } });
        expect(await claim()).toMatchObject({ job: { id: 'long' }, slice: { position: 2 } });
      });

      test('a runner that lost its lease changes no counts', async () => {
        await verifying('a', 1);
        const first = await claim();
        const second = await claim(noon + leases.sliceMs);
        expect(second).toMatchObject({ slice: { position: 0 }, lease: { number: 2, tries: 2 } });
        expect(await finish(first)).toBe(false);
        expect(await repository.job('a')).toMatchObject({ state: 'verifying', rowsDone: 0 });
        expect(await repository.counts('a')).toEqual([]);
        expect(await finish(second)).toBe(true);
        expect(await repository.doneFrom('a', 0, 9)).toEqual([{ position: 0, lease: 2 }]);
      });

      test('claims whose answer was lost are taken back before their lease has ended', async () => {
        await verifying('a', 3);
        const [lost, other] = [await claim(), await claim(noon + 1)];
        expect(await repository.claimSlice(noon + 2, [noon])).toMatchObject({
          slice: { position: lost.slice.position },
          lease: { number: 2, tries: 2 },
        });
        expect(await repository.claimSlice(noon + 3, [noon])).toMatchObject({ slice: { position: 2 } });
        expect(await repository.claimSlice(noon + 4, [noon])).toBeNull();
        expect(await finish(lost)).toBe(false);
        expect(await finish(other)).toBe(true);
      });

      test('so are files', async () => {
        await repository.create(newJob('a'));
        await repository.claimFile(noon);
        expect(await repository.claimFile(noon + 1, [noon - 1])).toBeNull();
        expect(await repository.claimFile(noon + 1, [noon - 1, noon])).toMatchObject({
          job: { id: 'a' },
          lease: { number: 2 },
        });
        expect(await repository.claimFile(noon + 2, [noon])).toBeNull();
      });

      test('all end at once when their runner is dead', async () => {
        await verifying('a', 1);
        await claim();
        await repository.create(newJob('b'));
        await repository.claimFile(noon);
        await repository.endAllLeases(noon);
        expect(await claim()).toMatchObject({ job: { id: 'a' }, lease: { number: 2 } });
        expect(await repository.claimFile(noon)).toMatchObject({ job: { id: 'b' } });
      });

      test('work whose process died repeatedly waits, longer each time', async () => {
        await verifying('a', 1);
        let now = noon;
        const starts = async (times: number) => {
          for (let n = 0; n < times; n++) {
            expect(await repository.claimSlice(now)).not.toBeNull();
            await repository.endAllLeases(now);
          }
        };
        await starts(5);
        for (const seconds of [10, 20, 40, 80, 160, 320, 640, 640]) {
          expect(await repository.claimSlice(now + seconds * 1000 - 1)).toBeNull();
          now += seconds * 1000;
          await starts(1);
        }
      });

      test('released work starts again at its retry time', async () => {
        await verifying('a', 1);
        const { slice, lease } = await claim();
        await repository.releaseClaim('a', slice.position, lease, noon + 7);
        expect(await repository.claimSlice(noon + 6)).toBeNull();
        expect((await claim(noon + 7)).lease).toEqual({ number: 2, tries: 2 });
      });
    });

    describe('counting', () => {
      test('a slice counts once, even if it is completed repeatedly', async () => {
        await verifying('a', 2);
        const one = await claim();
        expect(await finish(one)).toBe(true);
        expect(await finish(one)).toBe(false);
        expect(await repository.job('a')).toMatchObject({
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
        expect(await repository.doneFrom('a', 0, 9)).toEqual([]);
        await finish(one, noon + 2);
        expect(await repository.job('a')).toMatchObject({
          state: 'completed',
          rowsDone: 4,
          finishedAt: noon + 2,
          dueAt: null,
        });
        expect(await repository.counts('a')).toEqual([
          { kind: 'action', name: 'accept', rows: 2 },
          { kind: 'action', name: 'retry', rows: 2 },
          { kind: 'reason', name: 'dns_undetermined', rows: 2 },
          { kind: 'reason', name: 'no_known_obstacle', rows: 2 },
          { kind: 'result', name: 'deliverable', rows: 2 },
          { kind: 'result', name: 'unknown', rows: 2 },
        ]);
        expect(await repository.tally('a')).toMatchObject({
          rows: 4,
          results: { deliverable: 2, unknown: 2 },
        });
        expect(await repository.tally('a')).toMatchObject({
          rows: 4,
          results: { deliverable: 2, unknown: 2 },
        });
        expect(await repository.doneFrom('a', 1, 9)).toEqual([{ position: 1, lease: 1 }]);
        expect(await repository.rowsSince('a', noon + 2)).toBe(2);
      });

      test('every change of a job raises its version', async () => {
        const versions: number[] = [];
        const note = async () => versions.push((await repository.job('a'))!.version);
        await repository.create(newJob('a'));
        await note();
        const { job, lease } = (await repository.claimFile(noon))!;
        await note();
        await repository.fileRead(job, lease, plan(1), noon);
        await note();
        await repository.setPaused('a', true, noon);
        await note();
        await repository.setPaused('a', false, noon);
        await note();
        await finish(await claim());
        await note();
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      });
    });

    describe('paused and delayed jobs', () => {
      test('no work of a paused job starts, and work in progress still counts', async () => {
        await verifying('a', 2);
        const begun = await claim();
        expect(await repository.setPaused('a', true, noon)).toBe(true);
        expect(await repository.claimSlice(noon)).toBeNull();
        expect(await finish(begun)).toBe(true);
        expect(await repository.setPaused('a', false, noon)).toBe(true);
        expect(await repository.claimSlice(noon)).toMatchObject({ slice: { position: 1 } });
      });

      test('an outage reported by several slices counts once and uses no tries', async () => {
        await verifying('a', 2);
        for (const { slice, lease } of [await claim(), await claim()])
          await repository.outage('a', slice.position, lease, noon + 50, noon);
        expect(await repository.job('a')).toMatchObject({ outages: 1, notBefore: noon + 50 });
        expect(await repository.claimSlice(noon + 49)).toBeNull();
        const again = await claim(noon + 50);
        expect(again).toMatchObject({ slice: { position: 0 }, lease: { number: 2, tries: 1 } });
        await finish(again, noon + 51);
        expect(await repository.job('a')).toMatchObject({ outages: 0 });
      });

      test('the workload is the number of leases and whether more work can start', async () => {
        expect(await repository.workload(noon)).toEqual({ leased: 0, open: false });
        await verifying('a', 2);
        await claim();
        expect(await repository.workload(noon)).toEqual({ leased: 1, open: true });
        expect(await repository.workload(noon + leases.sliceMs)).toEqual({ leased: 0, open: true });
        await repository.setPaused('a', true, noon);
        expect(await repository.workload(noon)).toEqual({ leased: 1, open: false });
      });
    });

    describe('the states', () => {
      const inState: Record<JobState, () => Promise<unknown>> = {
        queued: () => repository.create(newJob('a')),
        verifying: () => verifying('a', 1),
        completed: async () => {
          await verifying('a', 1);
          await finish(await claim());
        },
        failed: async () => {
          await repository.create(newJob('a'));
          await repository.fail(
            'a',
            null,
            { code: 'no_rows', message: 'The file has no rows with addresses.', row: null },
            noon,
          );
        },
        cancelled: async () => {
          await repository.create(newJob('a'));
          await repository.cancel('a', noon);
        },
        deleting: async () => {
          await repository.create(newJob('a'));
          await repository.markDeleting('a', noon);
        },
      };
      const happen: Partial<Record<JobEvent, () => Promise<boolean>>> = {
        fail: () => repository.fail('a', null, { code: 'c', message: 'm', row: 3 }, noon),
        cancel: () => repository.cancel('a', noon),
        delete: () => repository.markDeleting('a', noon),
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
          expect(await repository.setPaused('a', true, noon)).toBe(false);
          expect(await repository.claimFile(noon)).toBeNull();
          expect(await repository.claimSlice(noon)).toBeNull();
        },
      );

      test.each(['cancel', 'delete', 'fail'] as const)(
        'a slice under way at "%s" is not counted',
        async (event) => {
          await verifying('a', 1);
          const begun = await claim();
          await happen[event]!();
          expect(await finish(begun)).toBe(false);
          expect(await repository.counts('a')).toEqual([]);
        },
      );

      test('a runner that lost the lease on a file does not fail the job', async () => {
        await repository.create(newJob('a'));
        const first = (await repository.claimFile(noon))!;
        await repository.claimFile(noon + leases.readMs);
        expect(await repository.fail('a', first.lease, { code: 'c', message: 'm', row: null }, noon)).toBe(
          false,
        );
        expect(await stateOf()).toBe('queued');
      });
    });

    describe('the end', () => {
      test('a deleted job is invisible, and is removed when no lease is left', async () => {
        await verifying('a', 1, { requestKey: 'k' });
        await claim();
        expect(await repository.isDeleted('a')).toBe(false);
        await repository.markDeleting('a', noon);
        expect(await repository.isDeleted('a')).toBe(true);
        expect(await repository.job('a')).toBeNull();
        expect(await repository.list(null, 9)).toEqual([]);
        expect(await repository.ofRequest('k')).toBeNull();
        expect(await repository.create(newJob('b', { requestKey: 'k' }))).toBe(true);
        expect(await repository.deletable(noon)).toEqual([]);
        expect(await repository.deletable(noon + leases.sliceMs)).toEqual(['a']);
        await repository.removeJob('a');
        expect(await repository.isDeleted('a')).toBe(true);
        for (const table of ['jobs', 'job_slices', 'job_counts'])
          expect(
            await database.all(`SELECT * FROM ${table} WHERE ${table === 'jobs' ? 'id' : 'job_id'} = 'a'`),
          ).toEqual([]);
      });

      test('a job expires after inactivity, a kept list at its own time', async () => {
        await repository.create(newJob('old', { createdAt: noon - 10 }));
        await repository.create(newJob('young'));
        await repository.create(newJob('kept', { createdAt: noon - 10, keptUntil: noon + 5 }));
        expect(await repository.expired(noon, noon)).toEqual(['old']);
        expect((await repository.expired(noon + 5, noon)).toSorted()).toEqual(['kept', 'old']);
      });

      test('a callback is queued once when a job with a callback URL ends', async () => {
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
        await repository.create(newJob('c', { callbackUrl: 'https://example.com/' }));
        await repository.cancel('c', noon);
        await repository.create(newJob('d', { callbackUrl: 'https://example.com/' }));
        await repository.fail('d', null, { code: 'c', message: 'm', row: 1 }, noon);
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
          await repository.sliceDone('a', slice, lease, resultOf({ dueAt: due }), noon);
        }
        return job;
      };
      const following = newJob('b', {
        follows: 'a',
        createdAt: noon + 50 * dayMs,
        keptUntil: noon + 100 * dayMs,
      });

      test('is due with its first expiring verdict, but not within a day of the last run', async () => {
        await kept(noon + 50 * dayMs);
        expect(await repository.due(noon + 50 * dayMs - 1)).toEqual([]);
        expect(await repository.due(noon + 50 * dayMs)).toMatchObject([
          { id: 'a', dueAt: noon + 50 * dayMs },
        ]);
      });

      test('is not due again immediately', async () => {
        await kept(noon - 1);
        expect((await repository.job('a'))!.dueAt).toBe(noon + dayMs);
      });

      test('without an expiring verdict is never due', async () => {
        await kept(null);
        expect((await repository.job('a'))!.dueAt).toBeNull();
      });

      test('is passed on once to the job that verifies it again', async () => {
        await kept(noon + 50 * dayMs);
        expect((await repository.results('a')).map(({ lease, resultBytes }) => [lease, resultBytes])).toEqual(
          [
            [1, 33],
            [1, 33],
          ],
        );
        await repository.beginUpload('b', noon);
        expect(await repository.follow({ ...following, follows: 'a' }, plan(2))).toBe(true);
        expect(await repository.follow({ ...following, id: 'c', follows: 'a' }, plan(2))).toBe(false);
        expect(await repository.job('c')).toBeNull();
        expect(await repository.job('a')).toMatchObject({ dueAt: null, keptUntil: null });
        expect(await repository.job('b')).toMatchObject({
          state: 'verifying',
          rows: 4,
          layout,
          follows: 'a',
        });
        expect(await repository.uploadsBegunBefore(noon + 1)).toEqual([]);
        expect(await claim(noon + 50 * dayMs)).toMatchObject({
          job: { id: 'b' },
          slice: { position: 0, rows: 2 },
        });
      });

      test('can be chosen after its verification, and until a later job keeps it', async () => {
        const keptUntil = noon + 100 * dayMs;
        const dueAt = noon + 50 * dayMs;
        await verifying('a', 1);
        expect(await repository.keep('a', { keptUntil, dueAt }, noon)).toBe(false);
        const { slice, lease } = await claim();
        await repository.sliceDone('a', slice, lease, resultOf({}), noon);
        expect(await repository.keep('a', { keptUntil, dueAt }, noon)).toBe(true);
        expect(await repository.due(dueAt)).toMatchObject([{ id: 'a', dueAt, keptUntil }]);
        expect(await repository.keep('a', null, noon)).toBe(true);
        expect(await repository.due(dueAt)).toEqual([]);
        await repository.keep('a', { keptUntil, dueAt }, noon);
        expect(await repository.follower('a')).toBeNull();
        await repository.follow({ ...following, follows: 'a' }, plan(1));
        expect(await repository.follower('a')).toMatchObject({ id: 'b' });
        expect(await repository.keep('a', { keptUntil, dueAt }, noon)).toBe(false);
      });

      test.each([
        [[], 0],
        [[{ before: 'deliverable', after: 'undeliverable', rows: 1 }], 1],
      ])('tells of changes %j in %i callbacks', async (changes, callbacks) => {
        await kept(noon + 50 * dayMs);
        const job = { ...following, follows: 'a', callbackUrl: 'https://example.com/' };
        await repository.follow(job, plan(1));
        const { slice, lease } = await claim(noon + 50 * dayMs);
        await repository.sliceDone('b', slice, lease, resultOf({ changes }), noon + 50 * dayMs);
        expect(await repository.changes('b')).toEqual(changes);
        expect(await database.all("SELECT event FROM job_callbacks WHERE job_id = 'b'")).toEqual(
          Array.from({ length: callbacks }, () => ({ event: 'list.reverified' })),
        );
      });
    });

    test('callers of one workspace do not see the jobs of another; a runner serves all', async () => {
      const other = createJobRepository(database, { workspace: 'other', leases });
      await other.create(newJob('a', { requestKey: 'k', callbackUrl: 'https://example.com/' }));
      expect(await repository.job('a')).toBeNull();
      expect(await repository.list(null, 9)).toEqual([]);
      expect(await repository.ofRequest('k')).toBeNull();
      expect(await repository.cancel('a', noon)).toBe(false);
      expect(await repository.setPaused('a', true, noon)).toBe(false);
      expect(await repository.create(newJob('b', { requestKey: 'k' }))).toBe(true);
      expect(await other.job('b')).toBeNull();
      await repository.cancel('b', noon);

      const claimed = (await repository.claimFile(noon))!;
      expect(await repository.fileRead(claimed.job, claimed.lease, plan(1), noon)).toBe(true);
      await finish(await claim());
      expect(await other.job('a')).toMatchObject({ state: 'completed', rowsDone: 2 });
      expect(await repository.claimCallback(noon, noon + 5)).toMatchObject({ id: 'msg_a', job: { id: 'a' } });
      for (const table of ['job_slices', 'job_counts', 'job_callbacks'])
        expect(await database.all(`SELECT DISTINCT workspace FROM ${table}`)).toEqual([
          { workspace: 'other' },
        ]);
    });

    test('a callback is taken by one caller until its lease ends, and settled by the latest attempt', async () => {
      await repository.create(newJob('a', { callbackUrl: 'https://example.com/' }));
      await repository.fail('a', null, { code: 'c', message: 'm', row: 1 }, noon);
      expect(await repository.claimCallback(noon - 1, noon)).toBeNull();
      const first = (await repository.claimCallback(noon, noon + 10))!;
      expect(first).toMatchObject({ id: 'msg_a', event: 'job.failed', attempts: 1, job: { id: 'a' } });
      expect(await repository.claimCallback(noon + 9, noon + 20)).toBeNull();
      const second = (await repository.claimCallback(noon + 10, noon + 20))!;
      expect(second.attempts).toBe(2);
      await repository.settleCallback(first, 'delivered', 'late', noon);
      expect(await repository.callbackState('a')).toEqual({ state: 'pending', attempts: 2, outcome: null });
      await repository.settleCallback(second, 'failed', 'status 410', noon);
      expect(await repository.callbackState('a')).toEqual({
        state: 'failed',
        attempts: 2,
        outcome: 'status 410',
      });
      expect(await repository.claimCallback(noon + 99, noon + 100)).toBeNull();
    });

    test('the list of jobs starts with the latest and continues after a given job', async () => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 2],
        ['c', 2],
      ] as const)
        await repository.create(newJob(id, { createdAt: noon + at }));
      const ids = async (before: { createdAt: number; id: string } | null) =>
        (await repository.list(before, 2)).map(({ id }) => id);
      expect(await ids(null)).toEqual(['c', 'b']);
      expect(await ids({ createdAt: noon + 2, id: 'b' })).toEqual(['a']);
    });

    test('inserts thousands of slices at once', async () => {
      await verifying('a', 2500);
      expect((await repository.job('a'))!.rows).toBe(5000);
      const results = await repository.results('a');
      expect(results.length).toBe(2500);
      expect(results[2400]).toMatchObject({ position: 2400, start: { byte: 24_000 } });
    });
  });
}
