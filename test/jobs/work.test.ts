// Jobs worked on piece by piece, with a clock, a DNS and a receiver of callbacks that the test decides on.

import { createHash, createHmac } from 'node:crypto';
import { decode } from '@leichtgewicht/dns-packet';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createDns } from '../../src/dns/create-dns.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { retryWaitsMs } from '../../src/jobs/callbacks.ts';
import type { Job } from '../../src/jobs/job.ts';
import { createJobs, type Jobs } from '../../src/jobs/job-service.ts';
import { shownState } from '../../src/jobs/progress.ts';
import type { SubmitFields } from '../../src/jobs/submit.ts';
import { ownColumns } from '../../src/lists/columns.ts';
import { callbackNames, resolversAnswer } from '../../src/platform/control-questions.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { Database, SqlValue } from '../../src/storage/database.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import type { Bytes, FileStore } from '../../src/storage/files/file-store.ts';
import { createJobRepository } from '../../src/storage/sqlite/job-repository.ts';
import type { Suppressions } from '../../src/suppression/suppressions.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import type { WebhookTransport } from '../../src/webhooks/delivery.ts';
import { emptyFolder } from '../cli/program.ts';
import { type ManualTimers, manualTimers } from '../dns/manual-timers.ts';
import { createResponder, fetchFrom, type Zone } from '../dns/zone.ts';
import { zone as mailZone } from '../http/zone.ts';

const dayMs = 86_400_000;
const secret = new TextEncoder().encode('a secret of the tests, thirty-two');

type Sent = Parameters<WebhookTransport>[0] & { readonly at: number };

let clock: ManualTimers;
let database: Database;
let files: FileStore;
let jobs: Jobs;
let zone: Zone;
let resolversOut: boolean;
let asked: string[];
let errors: unknown[];
let outages: number[];
let sent: Sent[];
let receive: () => ReturnType<WebhookTransport>;
let suppressions: Suppressions;
/** Whether the process that works has ended, so its timers do not run. */
let isDead: boolean;
/** Whether the answer of storage to a statement is lost after it was done. */
let isAnswerLost: (sql: string) => boolean;

/** `database`, which loses the answers that `isAnswerLost` names. */
const forgetful = (database: Database): Database => ({
  ...database,
  async run(sql: string, params?: readonly SqlValue[]) {
    const changes = await database.run(sql, params);
    if (isAnswerLost(sql)) throw Object.assign(new Error('lost'), { code: 'D1_NETWORK' });
    return changes;
  },
  async all<Row>(sql: string, params?: readonly SqlValue[]) {
    const rows = await database.all<Row>(sql, params);
    if (isAnswerLost(sql)) throw Object.assign(new Error('lost'), { code: 'D1_NETWORK' });
    return rows;
  },
});

beforeEach(() => {
  clock = manualTimers(Date.UTC(2026, 10, 20, 12));
  const opened = openDatabase(':memory:');
  onTestFinished(() => opened.sqlite.close());
  database = opened.database;
  files = nodeFiles(emptyFolder());
  zone = {
    ...mailZone,
    'small-lynx.net': { MX: [[10, 'mx.small-lynx.net']] },
    'mx.small-lynx.net': { A: ['198.41.0.4'] },
    'hooks.example.com': { A: ['198.41.0.4'], AAAA: ['2606:4700::1'] },
    'inside.example.com': { A: ['198.41.0.4', '10.0.0.1'] },
  };
  resolversOut = false;
  [asked, errors, outages, sent] = [[], [], [], []];
  isAnswerLost = () => false;
  isDead = false;
  receive = async () => ({ kind: 'status', status: 204 });
  suppressions = { find: async (addresses) => addresses.map(() => null) };

  const dns = createDns({
    urls: ['https://dns.test/dns-query'],
    shareInFlight: true,
    timers: clock,
    transport: fetchTransport(async (...request) => {
      if (resolversOut) throw new TypeError('no route');
      return fetchFrom((query) => {
        asked.push(decode(query).questions![0]!.name);
        return createResponder(zone)(query);
      })(...request);
    }),
  });
  jobs = createJobs({
    repository: createJobRepository(forgetful(database)),
    files,
    validator: validatorOver({
      mailHosts: dns.mailHosts,
      suppressions: { find: (addresses) => suppressions.find(addresses) },
      now: clock.now,
      timeoutMs: 5000,
      batchTimeoutMs: 60_000,
    }),
    now: clock.now,
    timers: {
      setTimeout: (callback, milliseconds) => (isDead ? 0 : clock.setTimeout(callback, milliseconds)),
      clearTimeout: clock.clearTimeout,
    },
    newDigest: () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
    },
    // Lists with more than two addresses are read several times to find duplicates.
    limits: { rows: 2, domains: 9, bytes: 50_000, rowsAtOnce: 1, addressesInMemory: 2 },
    keepDomains: true,
    maxUploadBytes: 1_000_000,
    retentionMs: 30 * dayMs,
    keptListMs: 365 * dayMs,
    callback: {
      names: callbackNames(dns.resolver),
      targets: 'public',
      transport: async (request) => {
        sent.push({ ...request, at: clock.now() });
        return receive();
      },
      secret,
    },
    resolversAnswer: () => resolversAnswer(dns.resolver),
    onError: (error) => errors.push(error),
    onOutage: (restMs) => outages.push(restMs),
    wake: () => {},
  });
});

async function* chunks(text: string): AsyncGenerator<Bytes> {
  yield new TextEncoder().encode(text);
}

async function submit(
  content: string,
  fields: Partial<SubmitFields> = {},
  format: 'csv' | null = 'csv',
): Promise<Job> {
  const submission = await jobs.submit({
    body: chunks(content),
    formBoundary: null,
    format,
    query: {},
    readFields: () => ({
      ok: true,
      fields: { name: null, emailColumn: null, maxAgeDays: 90, callbackUrl: null, keep: false, ...fields },
    }),
    idempotencyKey: null,
  });
  if (submission.kind !== 'created') throw new Error(submission.kind);
  return submission.job;
}

/** Works until nothing is left that may be begun at this moment; tells how many pieces there were. */
async function workAll(): Promise<number> {
  let pieces = 0;
  while (await jobs.doOne()) pieces++;
  return pieces;
}

const state = async ({ id }: Job) => shownState((await jobs.find(id))!, clock.now());

async function resultOf({ id }: Job, format: 'csv' | 'ndjson' = 'csv'): Promise<string> {
  const job = (await jobs.find(id))!;
  let text = '';
  for await (const bytes of jobs.result(job, { format, action: null }))
    text += new TextDecoder().decode(bytes);
  return text;
}

const list = [
  'email',
  'a@brisk-otter.com',
  'b@no-mail-please.org',
  'c@web-only.org',
  'd.doe@gmail.com',
  'e@mailinator.com',
  '',
].join('\n');

const callbackUrl = 'https://hooks.example.com/presend';

describe('one piece of work at a time', () => {
  test('the file is read, then each slice is verified', async () => {
    const job = await submit(list);
    const states: string[] = [];
    do states.push(`${await state(job)} ${(await jobs.find(job.id))!.rowsDone}`);
    while (await jobs.doOne());
    expect(states).toEqual(['queued 0', 'verifying 0', 'verifying 2', 'verifying 4', 'completed 5']);
    expect(errors).toEqual([]);
  });

  test('blank lines, however many before the first contact, are no obstacle', async () => {
    const text = `email\n${'\n'.repeat(9)}jane@brisk-otter.com\n`;
    const job = await submit(text);
    await workAll();
    expect([await state(job), errors]).toEqual(['completed', []]);
    expect((await resultOf(job)).split('\n').length).toBe(text.split('\n').length);
  });

  test('duplicates are found across slices, however few addresses fit into memory', async () => {
    const names = Array.from({ length: 40 }, (_, row) => `${'ab'[row % 2]}${row % 11}`);
    const job = await submit(`email\n${names.map((name) => `${name}@brisk-otter.com\n`).join('')}`);
    await workAll();
    const header = (await resultOf(job)).split('\n')[0]!.split(',');
    const column = header.indexOf('ps_duplicate');
    const rows = (await resultOf(job)).trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(',')[column])).toEqual(
      names.map((name, row) => String(names.indexOf(name) < row)),
    );
    expect(errors).toEqual([]);
  });

  test('without duplicates, the row with the canonical spelling is kept, even if it comes last', async () => {
    const spellings = ['jane.doe', 'a.b', 'janedoe+x', 'JaneDoe', 'ab+c', 'x', 'janedoe', 'janedoe'];
    const job = await submit(
      `n,email\n${spellings.map((name, row) => `${row},${name}@gmail.com\n`).join('')}`,
      { writing: { dropDuplicates: true } },
    );
    await workAll();
    const rows = (await resultOf(job)).trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '5', '6']);
    expect((await jobs.find(job.id))!.duplicates).toBe(5);
  });

  const numberOf = (line: string) => Number(line.split(',')[0]);

  test('a goal leaves the rows that together stay under it, the same ones as the summary counts', async () => {
    const rows = Array.from({ length: 12 }, (_, row) => `${row},j${row}@brisk-otter.com`);
    const job = await submit(
      [
        'n,email',
        ...rows,
        '12,x@no-mail-please.org',
        '13,',
        '14,d@mailinator.com',
        '15,J0@brisk-otter.com',
        '',
      ].join('\n'),
      { goal: 0.12 },
    );
    await jobs.doOne();
    await jobs.doOne();
    expect(await jobs.summary(job)).toBeNull();
    await workAll();
    const done = (await jobs.find(job.id))!;
    const { goal, rows: contacts } = (await jobs.summary(done))!;
    const chosen = (await resultOf(job)).trimEnd().split('\n').slice(1);
    expect(goal).toMatchObject({ below: 0.12, keep: chosen.length, remove: 16 - chosen.length });
    expect(goal!.rate).toBeLessThan(0.12);
    expect(contacts).toBe(15);
    expect(chosen.map(numberOf)).toEqual(expect.arrayContaining([0, 11]));
    expect(chosen.map(numberOf)).not.toContain(12);
    expect(chosen.map(numberOf)).not.toContain(15);
  });

  test('a sample has that many random rows, verified in a few slices, and a forecast', async () => {
    const rows = Array.from({ length: 500 }, (_, row) => `${row},j${row % 400}@brisk-otter.com`);
    const job = await submit(['n,email', ...rows, '', 'x,', 'a,b,c', ''].join('\n'), { sample: 5 });
    expect(await workAll()).toBe(1 + 3);
    const lines = (await resultOf(job)).trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(5);
    expect(lines.map(numberOf)).toEqual(lines.map(numberOf).toSorted((a, b) => a - b));
    expect(new Set(lines.map(numberOf)).size).toBe(5);
    expect(lines.every((line) => line.includes(',deliverable,'))).toBe(true);
    const done = (await jobs.find(job.id))!;
    const summary = (await jobs.summary(done))!;
    expect([done.rows, summary.rows, summary.sample]).toEqual([5, 5, { rows: 5, of: 500 }]);
    expect(summary.forecast.rows).toBe(5);
    const again = await submit(['n,email', ...rows, ''].join('\n'), { sample: 5 });
    await workAll();
    expect((await resultOf(again)).split('\n').slice(1).map(numberOf)).toEqual([...lines.map(numberOf), 0]);
  });

  test('a sample of a JSON array, of addresses in a text, and of a list that is shorter', async () => {
    const people = Array.from({ length: 9 }, (_, n) => ({ n, email: `j${n}@brisk-otter.com` }));
    const json = await submit(JSON.stringify(people, null, 2), { sample: 3 }, null);
    const text = await submit(
      'a@brisk-otter.com, b@brisk-otter.com; c@brisk-otter.com\nd@brisk-otter.com',
      { sample: 2 },
      null,
    );
    const all = await submit(JSON.stringify(people.map(({ email }) => email)), { sample: 50 }, null);
    await workAll();
    const linesOf = async (job: Job, format: 'csv' | 'ndjson') =>
      (await resultOf(job, format)).trimEnd().split('\n');
    const objects = (await linesOf(json, 'ndjson')).map((line) => JSON.parse(line) as { n: number });
    expect(objects).toHaveLength(3);
    expect(await linesOf(text, 'csv')).toHaveLength(2);
    const emails = (await linesOf(all, 'ndjson')).map(
      (line) => (JSON.parse(line) as { email: string }).email,
    );
    expect(emails).toEqual(people.map(({ email }) => email));
    expect(errors).toEqual([]);
  });

  test('a slice of long rows has fewer of them', async () => {
    const long = `jane@brisk-otter.com,${'x'.repeat(60_000)}`;
    const job = await submit(
      ['email,note', long, long, 'joe@brisk-otter.com,', 'ann@brisk-otter.com,'].join('\n'),
    );
    const done: number[] = [];
    while (await jobs.doOne()) done.push((await jobs.find(job.id))!.rowsDone);
    expect(done).toEqual([0, 1, 2, 4]);
  });

  test('the result of a job under way is the beginning of what it will be', async () => {
    const job = await submit(list);
    await jobs.doOne();
    await jobs.doOne();
    const part = await resultOf(job);
    expect(part.split('\n').length).toBe(4);
    await workAll();
    const whole = await resultOf(job);
    expect(whole.startsWith(part)).toBe(true);
    expect(whole.split('\n').map((line) => line.split(',')[0])).toEqual(list.split('\n'));
  });

  test('pause holds the job where it is, resume lets it go on, cancel ends it with what is done', async () => {
    const job = await submit(list);
    await jobs.doOne();
    await jobs.doOne();
    expect(await jobs.setPaused(job.id, true)).toBe(true);
    expect([await state(job), await workAll()]).toEqual(['paused', 0]);
    expect(await jobs.setPaused(job.id, false)).toBe(true);
    await jobs.doOne();
    expect(await jobs.cancel(job.id)).toBe(true);
    expect([await state(job), await workAll()]).toEqual(['cancelled', 0]);
    expect((await resultOf(job)).split('\n').length).toBe(6);
  });

  test('a domain is looked up once in a whole job, however long that takes', async () => {
    await submit(`email\n${'jane@brisk-otter.com\n'.repeat(9)}`);
    while (await jobs.doOne()) clock.advance(3_600_000);
    expect(asked).toEqual(['brisk-otter.com', 'mx.brisk-otter.com']);
  });

  test('the rate is that of the last minute, and tells what is left', async () => {
    const job = await submit(list);
    await jobs.doOne();
    clock.advance(2000);
    await jobs.doOne();
    expect(await jobs.progress((await jobs.find(job.id))!)).toMatchObject({ rate: 1, secondsLeft: 3 });
  });
});

describe('when every resolver is out', () => {
  test('the job waits, longer each time, and writes no verdicts; then it goes on where it was', async () => {
    const job = await submit(list);
    await jobs.doOne();
    await jobs.doOne();
    resolversOut = true;
    for (const restMs of [5000, 10_000, 20_000]) {
      expect(await workAll()).toBe(1);
      expect(outages.at(-1)).toBe(restMs);
      expect(await state(job)).toBe('waiting');
      expect((await jobs.find(job.id))!.rowsDone).toBe(2);
      clock.advance(restMs);
    }
    resolversOut = false;
    await workAll();
    expect(await state(job)).toBe('completed');
    expect((await jobs.progress((await jobs.find(job.id))!)).counts.result).toEqual({
      deliverable: 2,
      risky: 2,
      undeliverable: 1,
    });
    expect(await resultOf(job)).not.toContain('unknown');
    expect(errors).toEqual([]);
  });

  test('resume does not wait', async () => {
    const job = await submit(list);
    resolversOut = true;
    await workAll();
    resolversOut = false;
    clock.advance(1100);
    await jobs.setPaused(job.id, false);
    await workAll();
    expect(await state(job)).toBe('completed');
  });
});

test('one domain that nobody answers for is unknown, and holds nothing up', async () => {
  zone = { ...zone, 'brisk-otter.com': { fault: 'status 500' } };
  const job = await submit(list);
  await workAll();
  expect(await state(job)).toBe('completed');
  expect((await jobs.progress((await jobs.find(job.id))!)).counts.reason['dns_undetermined']).toBe(1);
});

describe('an error of ours', () => {
  test('is tried again later, and the job does not end for it', async () => {
    const job = await submit(list);
    await jobs.doOne();
    const { put } = files;
    files.put = () => Promise.reject(new Error('the disk is full'));
    expect(await workAll()).toBe(3);
    expect(errors.length).toBe(3);
    expect((await jobs.find(job.id))!.rowsDone).toBe(0);
    files.put = put;
    clock.advance(2000);
    await workAll();
    expect(await state(job)).toBe('completed');
  });

  test('that never ends ends the job, which says so', async () => {
    const job = await submit('email\na@gmail.com\n');
    await jobs.doOne();
    files.put = () => Promise.reject(new Error('the disk is full'));
    for (let n = 0; n <= 200; n++) {
      await workAll();
      clock.advance(400_000);
    }
    expect(await jobs.find(job.id)).toMatchObject({ state: 'failed', error: { code: 'given_up' } });
  });

  describe('work that takes longer than its lease', () => {
    /** Starts to verify a slice that waits until `go` is called. */
    async function startSlowSlice() {
      const job = await submit('email\na.doe@gmail.com\n');
      await jobs.doOne();
      const { promise: slow, resolve: go } = Promise.withResolvers<void>();
      const { promise: started, resolve: start } = Promise.withResolvers<void>();
      suppressions.find = async (addresses) => {
        start();
        await slow;
        return addresses.map(() => null);
      };
      const done = jobs.doOne();
      await started;
      return { job, go, done };
    }

    async function pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        await new Promise(setImmediate);
      }
    }

    test('keeps it, because the worker renews it', async () => {
      const { job, go, done } = await startSlowSlice();
      await pass(300);
      expect(await jobs.doOne()).toBe(false);
      go();
      await done;
      expect(await jobs.find(job.id)).toMatchObject({ state: 'completed', rowsDone: 1 });
      expect(await database.all('SELECT tries FROM job_slices')).toEqual([{ tries: 1 }]);
      expect(errors).toEqual([]);
      expect(clock.pending()).toBe(0);
    });

    test('keeps it although storage fails for a while', async () => {
      const { go, done } = await startSlowSlice();
      let isOut = true;
      const renewals: number[] = [];
      isAnswerLost = (sql) => {
        if (!sql.startsWith('UPDATE job_slices SET lease_until')) return false;
        renewals.push(clock.now());
        return isOut;
      };
      await pass(45);
      isOut = false;
      await pass(100);
      expect(renewals.length).toBe(9);
      expect(await jobs.doOne()).toBe(false);
      expect(errors).toEqual([]);
      go();
      await done;
    });

    test('is taken over after a minute if the worker is gone', async () => {
      isDead = true;
      const { job, go, done } = await startSlowSlice();
      clock.advance(59_999);
      suppressions.find = async (addresses) => addresses.map(() => null);
      expect(await jobs.doOne()).toBe(false);
      clock.advance(1);
      expect(await jobs.doOne()).toBe(true);
      expect(await jobs.find(job.id)).toMatchObject({ state: 'completed', rowsDone: 1 });
      expect(await database.all('SELECT tries FROM job_slices')).toEqual([{ tries: 2 }]);
      go();
      await done;
      expect((await jobs.find(job.id))!.rowsDone).toBe(1);
    });
  });

  describe.each([
    ['a file', 'UPDATE jobs SET lease'],
    ['a slice', 'UPDATE job_slices SET lease'],
  ])('a lost answer to the claim of %s', (_, statement) => {
    test('costs no lease', async () => {
      const job = await submit(list);
      isAnswerLost = (sql) => sql.startsWith(statement);
      await expect(workAll()).rejects.toThrow('lost');
      clock.advance(1);
      await expect(workAll()).rejects.toThrow('lost');
      isAnswerLost = () => false;
      clock.advance(1);
      await workAll();
      expect(await state(job)).toBe('completed');
    });

    test('takes nothing from a claim of the same millisecond', async () => {
      const job = await submit(list);
      isAnswerLost = (sql) => sql.startsWith(statement);
      await expect(workAll()).rejects.toThrow('lost');
      isAnswerLost = () => false;
      await workAll();
      expect(await state(job)).not.toBe('completed');
      clock.advance(1);
      await workAll();
      expect(await state(job)).toBe('completed');
      expect((await jobs.find(job.id))!.rowsDone).toBe(5);
    });
  });

  test('a suppression list that fails is asked again before anything is called unknown', async () => {
    const { find } = suppressions;
    suppressions.find = () => Promise.reject(new Error('locked'));
    const job = await submit('email\na.doe@gmail.com\n');
    await workAll();
    expect(await state(job)).toBe('verifying');
    suppressions.find = find;
    clock.advance(10_000);
    await workAll();
    expect((await jobs.progress((await jobs.find(job.id))!)).counts.result).toEqual({ deliverable: 1 });
  });
});

describe('callbacks', () => {
  const verified = ({ headers, body }: Sent): boolean => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return (
      headers['webhook-signature'] === `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`
    );
  };

  test('one is sent when the job is completed: signed, with counts and nothing else', async () => {
    const job = await submit(list, { callbackUrl });
    await workAll();
    expect(sent.length).toBe(1);
    const [only] = sent as [Sent];
    expect(verified(only)).toBe(true);
    expect(only.url.href).toBe(callbackUrl);
    expect(only.addresses).toEqual(['198.41.0.4', '2606:4700::1']);
    expect(only.headers).toMatchObject({
      'webhook-id': `msg_${job.id}`,
      'webhook-timestamp': String(clock.now() / 1000),
      'content-type': 'application/json',
    });
    expect(JSON.parse(only.body)).toEqual({
      type: 'job.completed',
      timestamp: new Date(clock.now()).toISOString(),
      data: {
        job: job.id,
        state: 'completed',
        rows: 5,
        counts: {
          result: { deliverable: 2, risky: 2, undeliverable: 1 },
          reason: { no_known_obstacle: 2, disposable_domain: 1, implicit_mx: 1, null_mx: 1 },
          action: { accept: 3, confirm: 1, reject: 1 },
        },
      },
    });
    expect(only.body).not.toContain('@');
    expect(await jobs.callbackState(job)).toEqual({ state: 'delivered', attempts: 1, outcome: 'delivered' });
  });

  test('one is sent when the job failed, with the row', async () => {
    await submit('email,n\na@gmail.com,"1\n', { callbackUrl });
    await workAll();
    expect(JSON.parse(sent[0]!.body)).toMatchObject({
      type: 'job.failed',
      data: { state: 'failed', error: { code: 'broken_quote', row: 1 } },
    });
  });

  test('is tried again after growing waits, the same message with a new time, and given up in the end', async () => {
    receive = async () => ({ kind: 'status', status: 500 });
    const job = await submit(list, { callbackUrl });
    await workAll();
    for (const wait of retryWaitsMs) {
      clock.advance(wait - 1);
      expect(await workAll()).toBe(0);
      clock.advance(1);
      expect(await workAll()).toBe(1);
    }
    clock.advance(30 * dayMs);
    expect(await workAll()).toBe(0);
    expect(sent.length).toBe(1 + retryWaitsMs.length);
    expect(new Set(sent.map(({ body, headers }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect(sent.every(verified)).toBe(true);
    expect(await jobs.callbackState(job)).toMatchObject({ state: 'failed', outcome: 'status 500' });
  });

  test('arrives in the end where the receiver was only away', async () => {
    receive = async () => ({ kind: 'failed', cause: 'timeout' });
    const job = await submit(list, { callbackUrl });
    await workAll();
    expect(await jobs.callbackState(job)).toMatchObject({ state: 'pending', outcome: 'timeout' });
    receive = async () => ({ kind: 'status', status: 200 });
    clock.advance(5000);
    await workAll();
    expect(await jobs.callbackState(job)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  test.each([
    [302, 'pending'],
    [404, 'pending'],
    [410, 'failed'],
  ])('status %i: %s', async (status, expected) => {
    receive = async () => ({ kind: 'status', status });
    const job = await submit(list, { callbackUrl });
    await workAll();
    expect(await jobs.callbackState(job)).toMatchObject({ state: expected });
  });

  test.each([
    ['a host with one private address among others', 'https://inside.example.com/', 'refused: not_public'],
    ['a host that is not there', 'https://nowhere.example.com/', 'host not found'],
  ])('nothing is sent to %s', async (_, url, outcome) => {
    const job = await submit(list, { callbackUrl: url });
    await workAll();
    expect(sent).toEqual([]);
    expect(await jobs.callbackState(job)).toMatchObject({ state: 'pending', outcome });
  });

  test('a deleted job tells nothing any more', async () => {
    receive = async () => ({ kind: 'status', status: 500 });
    const job = await submit(list, { callbackUrl });
    await workAll();
    await jobs.remove(job.id);
    clock.advance(dayMs);
    await workAll();
    expect(sent.length).toBe(1);
  });
});

describe('a list that is kept', () => {
  const rows = [
    'email,last_verified_at',
    'a@brisk-otter.com,',
    'b@no-mail-please.org,',
    'c@web-only.org,2026-11-10',
    'd@small-lynx.net,',
    '',
  ].join('\n');

  const latest = async (): Promise<Job> => (await jobs.list(null, 1))[0]!;

  test('is verified again when it is due, and the callback tells what changed', async () => {
    const first = await submit(rows, { keep: true, callbackUrl });
    await workAll();
    const { dueAt, keptUntil } = (await jobs.find(first.id))!;
    expect([dueAt, keptUntil]).toEqual([clock.now() + 90 * dayMs, clock.now() + 365 * dayMs]);
    clock.advance(90 * dayMs - 1);
    await jobs.maintain();
    expect((await latest()).id).toBe(first.id);
    clock.advance(1);

    zone = { ...zone, 'small-lynx.net': { MX: [[0, '.']] }, 'brisk-otter.com': { A: ['198.41.0.4'] } };
    await jobs.maintain();
    const second = await latest();
    expect(second).toMatchObject({ follows: first.id, state: 'verifying', rows: 4, keptUntil });
    await workAll();
    expect(await state(second)).toBe('completed');
    expect(JSON.parse(sent.at(-1)!.body)).toMatchObject({
      type: 'list.reverified',
      data: {
        job: second.id,
        previous_job: first.id,
        verified: 4,
        changes: [
          { from: 'deliverable', to: 'risky', rows: 1 },
          { from: 'deliverable', to: 'undeliverable', rows: 1 },
        ],
      },
    });
    const [head, ...lines] = (await resultOf(second)).trimEnd().split('\n');
    expect(head).toBe((await resultOf(first)).split('\n')[0]);
    expect(lines.map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
      'a@brisk-otter.com,,risky,implicit_mx',
      'b@no-mail-please.org,,undeliverable,null_mx',
      'c@web-only.org,2026-11-10,risky,implicit_mx',
      'd@small-lynx.net,,undeliverable,null_mx',
    ]);
    expect(await jobs.find(first.id)).toMatchObject({ keptUntil: null, dueAt: null });
  });

  test('only rows that are due are looked up', async () => {
    const recent = new Date(clock.now() - 30 * dayMs).toISOString();
    await submit(
      `email,ps_result,ps_reason,ps_action,ps_checked_at\na@brisk-otter.com,,,,\nd@gmail.com,deliverable,no_known_obstacle,accept,${recent}\n`,
      { keep: true },
    );
    await workAll();
    clock.advance(60 * dayMs);
    asked.length = 0;
    await jobs.maintain();
    await workAll();
    const second = await latest();
    expect(second).toMatchObject({ rowsDone: 2, rowsKept: 1, dueAt: clock.now() + 30 * dayMs });
    expect(asked).toEqual(['gmail.com', 'gmail-smtp-in.l.google.com']);
  });

  test('what was unknown is asked again after a week', async () => {
    zone = { ...zone, 'brisk-otter.com': { fault: 'servfail' } };
    const first = await submit(rows, { keep: true });
    await workAll();
    expect((await jobs.find(first.id))!.dueAt).toBe(clock.now() + 7 * dayMs);
    zone = mailZone;
    clock.advance(7 * dayMs);
    await jobs.maintain();
    await workAll();
    expect(await latest()).toMatchObject({ rowsKept: 3, rowsDone: 4 });
    expect(await resultOf(await latest())).not.toContain('unknown');
  });

  test('without a header it is read again as it was the first time', async () => {
    await submit('1,a@brisk-otter.com\n2,b@no-mail-please.org\n', { keep: true });
    await workAll();
    clock.advance(90 * dayMs);
    await jobs.maintain();
    await workAll();
    const lines = (await resultOf(await latest())).trimEnd().split('\n');
    expect(lines.map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
      '1,a@brisk-otter.com,deliverable,no_known_obstacle',
      '2,b@no-mail-please.org,undeliverable,null_mx',
    ]);
    expect(lines.every((line) => line.split(',').length === 2 + ownColumns.length)).toBe(true);
  });

  test('goes when its time is over', async () => {
    await submit(rows, { keep: true });
    await workAll();
    for (let days = 0; days < 365; days += 30) {
      clock.advance(30 * dayMs);
      await jobs.maintain();
      await workAll();
    }
    clock.advance(30 * dayMs);
    await jobs.maintain();
    await jobs.maintain();
    expect(await jobs.list(null, 9)).toEqual([]);
  });
});

test('a job whose process died 25 times in one piece of it is completed in the end', async () => {
  const job = await submit(list);
  await jobs.doOne();
  const repository = createJobRepository(database);
  for (let deaths = 0; deaths < 25; deaths++) {
    while ((await repository.claimSlice(clock.now())) === null) clock.advance(10_000);
    // As each start does for what the process before it had begun.
    await repository.endAllLeases(clock.now());
  }
  while ((await state(job)) === 'verifying') {
    clock.advance(10_000);
    await workAll();
  }
  expect(await state(job)).toBe('completed');
  expect(errors).toEqual([]);
});

describe('what has had its time', () => {
  test('a job is deleted though its folder cannot be removed yet; maintenance removes it', async () => {
    const job = await submit(list);
    const { removeFolder } = files;
    files.removeFolder = () => Promise.reject(new Error('directory not empty'));
    expect(await jobs.remove(job.id)).toBe(true);
    expect(errors.length).toBe(1);
    expect(await jobs.find(job.id)).toBeNull();
    await jobs.maintain();
    expect(errors.length).toBe(2);
    files.removeFolder = removeFolder;
    await jobs.maintain();
    expect(await files.get(`jobs/${job.id}/list`)).toBeNull();
    expect(await jobs.remove(job.id)).toBe(false);
  });

  test('a job goes with its files after the retention, and not before', async () => {
    const job = await submit(list);
    await workAll();
    clock.advance(30 * dayMs);
    await jobs.maintain();
    expect(await state(job)).toBe('completed');
    clock.advance(1);
    await jobs.maintain();
    expect(await jobs.find(job.id)).toBeNull();
    expect(await files.get(`jobs/${job.id}/upload`)).toBeNull();
    expect(await database.all('SELECT * FROM jobs')).toEqual([]);
    expect(await database.all('SELECT * FROM job_slices')).toEqual([]);
  });

  test('an upload that nobody finished goes with its file', async () => {
    const broken = jobs.submit({
      body: (async function* () {
        yield* chunks('email\n');
        throw new Error('the caller went away');
      })(),
      formBoundary: null,
      format: 'csv',
      query: {},
      readFields: () => ({ ok: false, mistake: 'not asked' }),
      idempotencyKey: null,
    });
    expect(await broken).toMatchObject({ kind: 'wrong_fields' });
    await database.run("INSERT INTO job_uploads (id, began_at) VALUES ('job_dead', ?)", [clock.now()]);
    await files.put('jobs/job_dead/upload', chunks('email\n'));
    clock.advance(dayMs + 1);
    await jobs.maintain();
    expect(await files.get('jobs/job_dead/upload')).toBeNull();
    expect(await database.all('SELECT * FROM job_uploads')).toEqual([]);
  });

  test('a caller that goes away leaves nothing behind', async () => {
    const cause = new Error('the caller went away');
    const submission = await jobs.submit({
      body: (async function* () {
        yield* chunks('email\n');
        throw cause;
      })(),
      formBoundary: null,
      format: 'csv',
      query: {},
      readFields: () => ({
        ok: true,
        fields: { name: null, emailColumn: null, maxAgeDays: 90, callbackUrl: null, keep: false },
      }),
      idempotencyKey: null,
    });
    expect(submission).toEqual({ kind: 'broken_off', cause });
    expect(await database.all('SELECT * FROM job_uploads')).toEqual([]);
    expect(await jobs.list(null, 9)).toEqual([]);
  });
});
