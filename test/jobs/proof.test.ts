// A job that asks mail hosts about its list: grouped by host over all slices, nobody twice, and the result has what was found.

import { createHash } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
// Loaded here, because the job loads it when it is needed, which takes real time.
import '../../src/jobs/prove-list.ts';
import { createJobs, type Jobs, type JobsPorts } from '../../src/jobs/job-service.ts';
import type { SubmitFields } from '../../src/jobs/submit.ts';
import { createKnownProofs } from '../../src/mailbox/known-proofs.ts';
import { createProber, type Prober, type ProberOptions } from '../../src/mailbox/prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { Database } from '../../src/storage/database.ts';
import type { Bytes, FileStore } from '../../src/storage/files/file-store.ts';
import { createJobRepository } from '../../src/storage/sqlite/job-repository.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { proofSource } from '../../src/validator/proof-source.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import { ok, peer, userUnknown } from '../mailbox/peers.ts';
import {
  type PeerLog,
  scriptedConnect,
  type VirtualTimers,
  virtualTimers,
} from '../mailbox/scripted-peer.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

let timers: VirtualTimers;
let database: Database;
let files: FileStore;
let log: PeerLog;
let errors: unknown[];
let resolversOut: boolean;
/** Domains whose lookup gets no answer. */
let timedOut: Set<string>;

beforeEach(() => {
  timers = virtualTimers(Date.UTC(2026, 10, 20, 12));
  const opened = openDatabase(':memory:');
  onTestFinished(() => opened.sqlite.close());
  database = opened.database;
  files = filesInMemory();
  log = { commands: [], connections: 0 };
  errors = [];
  resolversOut = false;
  timedOut = new Set();
});

/** A real disk takes real time, in which the clock of the test would run ahead. */
function filesInMemory(): FileStore {
  const contents = new Map<string, Bytes>();
  return {
    async put(name, content) {
      const pieces: number[] = [];
      for await (const piece of content) pieces.push(...piece);
      contents.set(name, new Uint8Array(pieces));
      return pieces.length;
    },
    async get(name, { offset, length } = { offset: 0, length: Number.POSITIVE_INFINITY }) {
      const content = contents.get(name);
      return content === undefined
        ? null
        : new ReadableStream({
            start(controller) {
              controller.enqueue(content.slice(offset, offset + length));
              controller.close();
            },
          });
    },
    async removeFolder(folder) {
      for (const name of contents.keys()) if (name.startsWith(`${folder}/`)) contents.delete(name);
    },
    async remove(name) {
      contents.delete(name);
    },
  };
}

/** Accepts all but those whose names begin with `dead` or were made up; `everybody` is a catch-all, `grey` greylists. */
const host = () => {
  const seen = new Set<string>();
  return peer({
    rcpt: (address) => {
      const [name, domain] = address.split('@') as [string, string];
      if (domain.startsWith('everybody')) return ok;
      if (domain.startsWith('grey') && !seen.has(address)) {
        seen.add(address);
        return '450 4.2.0 Greylisted\r\n';
      }
      return /^(?:user|postmaster)/.test(name) ? ok : userUnknown(address);
    },
  });
};

const mailHost = (domain: string) => ({
  kind: 'mx' as const,
  exchanges: [
    { preference: 10, host: domain.startsWith('yahoo') ? 'mta5.am0.yahoodns.net' : `mx.${domain}` },
  ],
});

const smtpProber = (script = host(), mailHostOf: ProberOptions['mailHostOf'] = mailHost): Prober =>
  createProber({
    session: {
      connect: scriptedConnect(script, timers, log),
      identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
      timers,
    },
    targets: { addressesOf: async () => ['192.0.2.1'], random: Math.random },
    repository: createProbeRepository(database),
    hasher,
    mailHostOf,
    newSessionName: () => `s ${Math.random()}`,
  });

/** As in the service: what mail hosts have answered is known when a list is judged. */
const knownProofs = () => ({
  ownMail: null,
  repository: createProbeRepository(database),
  hasher,
  now: timers.now,
});

const jobsWith = (prober: Prober | null, differences: Partial<JobsPorts> = {}): Jobs =>
  createJobs({
    repository: createJobRepository(database),
    files,
    validator: validatorOver({
      mailHosts: {
        lookup: (domain) => ({
          mailHost:
            resolversOut || timedOut.has(domain)
              ? { kind: 'undetermined', cause: 'timeout' }
              : domain.startsWith('null')
                ? { kind: 'null_mx' }
                : mailHost(domain),
          expires: resolversOut || timedOut.has(domain) ? 0 : Number.POSITIVE_INFINITY,
        }),
      },
      suppressions: {
        find: async (addresses) =>
          addresses.map((address) =>
            address.startsWith('user99')
              ? { scope: 'all', reason: 'complaint', status: null, since: 0, effect: 'block', source: null }
              : null,
          ) as never,
      },
      sources: [proofSource(createKnownProofs(knownProofs()), 5000, (error) => errors.push(error))],
      now: timers.now,
      timeoutMs: 5000,
      batchTimeoutMs: 60_000,
    }),
    now: timers.now,
    timers,
    prober,
    newDigest: () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
    },
    limits: { rows: 5, domains: 9, bytes: 50_000, rowsAtOnce: 1 },
    keepDomains: true,
    maxUploadBytes: 1_000_000,
    ...{ retentionMs: 1e12, keptListMs: 1e12 },
    callback: { names: {} as never, targets: 'public', transport: {} as never, secret: null },
    resolversAnswer: async () => !resolversOut,
    onError: (error) => errors.push(error),
    onOutage: () => {},
    wake: () => {},
    ...differences,
  });

async function submit(jobs: Jobs, content: string, fields: Partial<SubmitFields> = { proof: true }) {
  const submission = await jobs.submit({
    body: (async function* () {
      yield new TextEncoder().encode(content);
    })(),
    ...{ formBoundary: null, format: 'csv', query: {}, idempotencyKey: null },
    readFields: () => ({
      ok: true,
      fields: { name: null, emailColumn: null, maxAgeDays: 90, callbackUrl: null, keep: false, ...fields },
    }),
  });
  if (submission.kind !== 'created') throw new Error(submission.kind);
  return submission.job.id;
}

async function workAll(jobs: Jobs, signal = new AbortController().signal): Promise<void> {
  while (await jobs.doOne());
  await timers.run(jobs.proveOne(signal));
  while (await jobs.doOne());
}

async function resultOf(jobs: Jobs, id: string): Promise<(string | null)[][]> {
  let text = '';
  for await (const bytes of jobs.result((await jobs.find(id))!, { format: 'ndjson', action: null }))
    text += new TextDecoder().decode(bytes);
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string | null>);
  return rows.map((row) => [row['email']!, row['ps_reason']!, row['ps_mailbox'] ?? null]);
}

const asked = () =>
  log.commands.filter((command) => command.startsWith('RCPT')).map((command) => /<(.*)>/.exec(command)![1]!);
const list = (addresses: readonly string[]) => `email\n${addresses.join('\n')}\n`;

test('the result has what the hosts said, and what they were not asked', async () => {
  const jobs = jobsWith(smtpProber());
  const id = await submit(
    jobs,
    list([
      ...['user1@brisk-otter.com', 'dead@brisk-otter.com', 'user3@everybody.net', 'user4@grey-owl.org'],
      ...['user5@yahoo-hosted.org', 'user6@null-mx.org', 'user99@brisk-otter.com', 'no address'],
      ...['user1@brisk-otter.com', 'deliverable@presend.test'],
    ]),
  );
  await workAll(jobs);
  expect(errors).toEqual([]);
  expect(await resultOf(jobs, id)).toEqual([
    ['user1@brisk-otter.com', 'no_known_obstacle', 'exists'],
    ['dead@brisk-otter.com', 'mailbox_unknown', 'unknown_user'],
    ['user3@everybody.net', 'catch_all', 'catch_all'],
    ['user4@grey-owl.org', 'no_known_obstacle', 'exists'],
    ['user5@yahoo-hosted.org', 'no_known_obstacle', 'not_checked'],
    ['user6@null-mx.org', 'null_mx', null],
    ['user99@brisk-otter.com', 'suppressed', null],
    ['no address', 'no_address', null],
    ['user1@brisk-otter.com', 'no_known_obstacle', 'exists'],
    ['deliverable@presend.test', 'no_known_obstacle', null],
  ]);
  expect((await jobs.find(id))!.proof).toMatchObject({ all: 5, settled: 5 });
  // Neither a person who complained nor one whose domain takes no mail is asked about.
  expect(asked().filter((address) => /user99|null|yahoo/.test(address))).toEqual([]);
});

test('no slice is verified before the hosts were asked; a job without `proof` asks nobody', async () => {
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  while (await jobs.doOne());
  expect(await jobs.find(id)).toMatchObject({ state: 'verifying', rowsDone: 0, proof: null });
  await workAll(jobs);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', proof: { all: 1, settled: 1 } });
  const before = asked().length;
  const plain = await submit(jobs, list(['user2@brisk-otter.com']), {});
  await workAll(jobs);
  expect(await jobs.find(plain)).toMatchObject({ state: 'completed', proof: null });
  expect(asked()).toHaveLength(before);
});

test('the addresses of all slices are asked about together, so a host has 10 in a session', async () => {
  const jobs = jobsWith(smtpProber());
  // Five rows a slice, one address of each of 5 domains in it.
  const addresses = Array.from({ length: 50 }, (_, row) => `user${row}@brisk-otter-${row % 5}.com`);
  const id = await submit(jobs, list(addresses));
  const started = timers.now();
  await workAll(jobs);
  expect((await resultOf(jobs, id)).every(([, , mailbox]) => mailbox === 'exists')).toBe(true);
  // 10 recipients and a made-up name at each host: two sessions, with 10 seconds between them.
  expect(log.connections).toBe(10);
  expect(timers.now() - started).toBeLessThan(20_000);
});

test('stopped in the middle and begun again by another process, it asks nobody twice, and the result is the same', async () => {
  const addresses = Array.from(
    { length: 40 },
    (_, row) => `${row % 4 ? 'user' : 'dead'}${row}@brisk-otter.com`,
  );
  const undisturbed = jobsWith(smtpProber());
  const expected = await submit(undisturbed, list(addresses), { proof: true, name: 'first' });
  await workAll(undisturbed);
  const rows = await resultOf(undisturbed, expected);
  await database.run('DELETE FROM mailbox_proofs', []);
  await database.run('DELETE FROM probed_domains', []);
  log.commands.length = 0;

  const stop = new AbortController();
  const first = jobsWith(smtpProber());
  const id = await submit(first, list(addresses), { proof: true, name: 'second' });
  timers.setTimeout(() => stop.abort(), 25_000);
  await workAll(first, stop.signal);
  expect(await first.find(id)).toMatchObject({ state: 'verifying', rowsDone: 0 });
  const before = asked().length;
  expect(before).toBeGreaterThan(10);

  const second = jobsWith(smtpProber());
  await workAll(second);
  expect(await resultOf(second, id)).toEqual(rows);
  const people = asked().filter((address) => addresses.includes(address));
  expect(people.toSorted()).toEqual(addresses.toSorted());
  expect(await second.find(id)).toMatchObject({ proof: { all: 40, settled: 40 } });
});

test('a job whose process is killed again and again does not wait as long as it gets on, and still counts all of its addresses', async () => {
  const addresses = Array.from({ length: 90 }, (_, row) => `user${row}@brisk-otter.com`);
  const repository = createJobRepository(database);
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(addresses));
  while (await jobs.doOne());
  for (let death = 0; death < 9; death++) {
    // It dies before it can report how far it has come.
    let reports = 0;
    const dying = jobsWith(smtpProber(), {
      repository: {
        ...repository,
        proofProgress: (...report) =>
          reports++ === 0 ? repository.proofProgress(...report) : Promise.resolve(true),
        releaseClaim: async () => {},
      },
    });
    const stop = new AbortController();
    timers.setTimeout(() => stop.abort(), 5000);
    expect(await timers.run(dying.proveOne(stop.signal))).toBe(true);
    await dying.endAllLeases();
  }
  await workAll(jobs);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', proof: { all: 90, settled: 90 } });
});

test('a look-up that got no answer while the hosts were asked, and then again, is repeated before the row counts as unknown', async () => {
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(['user1@brisk-otter.com', 'user2@slow-dns.com']));
  while (await jobs.doOne());
  timedOut.add('slow-dns.com');
  await timers.run(jobs.proveOne(new AbortController().signal));
  while (await jobs.doOne());
  expect((await jobs.find(id))!.state).toBe('verifying');
  timedOut.clear();
  await timers.run(new Promise<void>((resolve) => timers.setTimeout(() => resolve(), 10_000)));
  while (await jobs.doOne());
  expect(await resultOf(jobs, id)).toEqual([
    ['user1@brisk-otter.com', 'no_known_obstacle', 'exists'],
    ['user2@slow-dns.com', 'no_known_obstacle', 'exists'],
  ]);
});

test('a job that is paused or cancelled stops asking', async () => {
  const addresses = Array.from({ length: 40 }, (_, row) => `user${row}@brisk-otter.com`);
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(addresses));
  timers.setTimeout(() => void jobs.setPaused(id, true), 15_000);
  await workAll(jobs);
  expect(await jobs.find(id)).toMatchObject({ state: 'verifying', paused: true });
  const before = asked().length;
  expect(before).toBeLessThan(40);
  expect(await timers.run(jobs.proveOne(new AbortController().signal))).toBe(false);
  await jobs.setPaused(id, false);
  timers.setTimeout(() => void jobs.cancel(id), 5000);
  await workAll(jobs);
  expect((await jobs.find(id))!.state).toBe('cancelled');
  expect(asked().length).toBeLessThan(45);
});

test('while no resolver answers, the job waits and asks nobody', async () => {
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  resolversOut = true;
  await workAll(jobs);
  expect(asked()).toEqual([]);
  expect(await jobs.find(id)).toMatchObject({ state: 'verifying', rowsDone: 0 });
  resolversOut = false;
  await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 11_000)));
  await workAll(jobs);
  expect(await resultOf(jobs, id)).toEqual([['user1@brisk-otter.com', 'no_known_obstacle', 'exists']]);
});

test('an outage of the resolvers of an hour does not fail the job', async () => {
  const rests: number[] = [];
  const jobs = jobsWith(smtpProber(), { onOutage: (ms) => rests.push(ms) });
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  resolversOut = true;
  const end = timers.now() + 60 * 60_000;
  while (timers.now() < end) {
    await workAll(jobs);
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 10_000)));
  }
  expect((await jobs.find(id))!.state).toBe('verifying');
  expect(rests.slice(0, 3)).toEqual([5000, 10_000, 20_000]);
  expect(rests.at(-1)).toBe(5 * 60_000);
  resolversOut = false;
  await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 5 * 60_000)));
  await workAll(jobs);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', outages: 0 });
});

test('a prober that fails each time is asked less and less often, and in the end the job fails', async () => {
  let calls = 0;
  const failing: Prober = {
    probe: async () => {
      calls++;
      throw new RangeError('a bug');
    },
  };
  const jobs = jobsWith(failing);
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  await workAll(jobs);
  for (let second = 0; second < 24 * 60 && calls < 30; second += 2) {
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 2000)));
    await timers.run(jobs.proveOne(new AbortController().signal));
  }
  // After 2, 4, 6 ... seconds: at most 38 in 24 minutes, and not one each 2 seconds.
  expect(timers.now()).toBeGreaterThan(Date.UTC(2026, 10, 20, 12, 14));
  await database.run('UPDATE jobs SET tries = 200, lease_until = 0', []);
  await timers.run(jobs.proveOne(new AbortController().signal));
  expect(await jobs.find(id)).toMatchObject({ state: 'failed', error: { code: 'given_up' } });
});

test('a service that no longer asks hosts goes on with the jobs that wanted it', async () => {
  const before = jobsWith(smtpProber());
  const id = await submit(before, list(['user1@brisk-otter.com']));
  while (await before.doOne());
  const jobs = jobsWith(null);
  while (await jobs.doOne());
  expect(errors).toEqual([]);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', proof: { all: 0, settled: 0 } });
  expect(await resultOf(jobs, id)).toEqual([['user1@brisk-otter.com', 'no_known_obstacle', null]]);
});

test('a list that waited in line for two days is still asked about, for a day from then on', async () => {
  const jobs = jobsWith(smtpProber());
  const id = await submit(jobs, list(['user1@brisk-otter.com', 'user2@brisk-otter.com']));
  while (await jobs.doOne());
  await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 48 * 60 * 60_000)));
  await workAll(jobs);
  expect((await resultOf(jobs, id)).map(([, , mailbox]) => mailbox)).toEqual(['exists', 'exists']);
});

test('what was not known in time is not told as settled', async () => {
  const always = peer({ rcpt: (address) => (/user1/.test(address) ? '450 4.2.0 Greylisted\r\n' : ok) });
  const kept: Prober = {
    probe: (mailboxes, terms) =>
      smtpProber(always).probe(mailboxes, { ...terms, until: timers.now() + 60_000 }),
  };
  const jobs = jobsWith(kept);
  const id = await submit(jobs, list(['user1@grey-owl.org', 'user2@everybody.net']));
  await workAll(jobs);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', proof: { all: 2, settled: 1 } });
});

test('the look-ups of a list are told from those of forms', async () => {
  const lookups: [string, boolean][] = [];
  const prober = smtpProber(host(), (domain, forList) => {
    lookups.push([domain, forList]);
    return mailHost(domain);
  });
  const jobs = jobsWith(prober);
  await submit(jobs, list(['user1@brisk-otter.com']));
  await workAll(jobs);
  expect(lookups).toEqual([['brisk-otter.com', true]]);
});

test('a service that asks no hosts refuses the option', () => {
  expect(jobsWith(null).refusalOfProof()).toMatch(/not accepted/);
  expect(jobsWith(smtpProber()).refusalOfProof()).toBeNull();
});

/** Works as a queue of messages does, which comes again after a minute, until the job has ended. Returns how often it came. */
async function workInTurns(jobs: Jobs, id: string): Promise<number> {
  for (let minutes = 0; ; minutes++) {
    while (await timers.run(jobs.doOne()));
    if ((await jobs.find(id))!.state === 'completed') return minutes;
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(() => resolve(), 60_000)));
  }
}

const inTurns = { proofTurnMs: 20_000, keepDomains: false };
const turnList = [
  ...[
    'user1@brisk-otter.com',
    'dead2@brisk-otter.com',
    'user3@grey-owl.org',
    'user4@everybody.net',
    'user99@lake.org',
  ],
  ...[
    'user6@grey-fox.org',
    'dead7@quiet-fox.org',
    'user8@yahoo-hosted.org',
    'user9@brisk-otter.com',
    'no address',
  ],
  ...['user1@brisk-otter.com', 'dead2@brisk-otter.com', 'user13@quiet-fox.org', 'user6@grey-fox.org'],
];

test('asked in turns, the result is the same as that of one long run, and nobody is asked twice', async () => {
  const atOnce = jobsWith(smtpProber());
  const expected = await submit(atOnce, list(turnList), { proof: true, name: 'first' });
  await workAll(atOnce);
  const rows = await resultOf(atOnce, expected);
  for (const table of ['mailbox_proofs', 'probed_domains', 'probed_hosts'])
    await database.run(`DELETE FROM ${table}`, []);
  log.commands.length = 0;

  const jobs = jobsWith(smtpProber(), inTurns);
  expect(await jobs.proveOne(new AbortController().signal)).toBe(false);
  const id = await submit(jobs, list(turnList), { proof: true, name: 'second' });
  while (await timers.run(jobs.doOne()));
  // Greylisted addresses are asked again later; until then the job waits for no outage.
  const waiting = (await jobs.find(id))!;
  expect(waiting).toMatchObject({ state: 'verifying', rowsDone: 0, proof: { all: 12, settled: 9 } });
  expect((await jobs.progress(waiting)).state).toBe('verifying');
  expect(await workInTurns(jobs, id)).toBeLessThan(15);
  expect(await resultOf(jobs, id)).toEqual(rows);
  expect(await jobs.find(id)).toMatchObject({ proof: { all: 12, settled: 12 } });
  const times = Map.groupBy(
    asked().filter((address) => turnList.includes(address)),
    (address) => address,
  );
  for (const [address, questions] of times)
    expect(`${address}: ${questions.length}`).toBe(`${address}: ${address.includes('grey') ? 2 : 1}`);
  expect(errors).toEqual([]);
});

test('a turn that was broken off is done again by another process, and asks nobody whose answer was stored', async () => {
  const jobs = jobsWith(smtpProber(), inTurns);
  const repository = createJobRepository(database);
  const dying = jobsWith(smtpProber(), {
    ...inTurns,
    // The process dies after it has written the file, before the turn is stored.
    repository: { ...repository, proofTurn: () => new Promise(() => {}) },
  });
  const id = await submit(dying, list(turnList.slice(0, 7)));
  while (
    await timers.run(
      Promise.race([
        dying.doOne(),
        new Promise<boolean>((resolve) => timers.setTimeout(() => resolve(false), 120_000)),
      ]),
    )
  );
  const before = asked().length;
  expect(before).toBeGreaterThan(0);
  await jobs.endAllLeases();
  await workInTurns(jobs, id);
  expect(await jobs.find(id)).toMatchObject({ state: 'completed', proof: { all: 6, settled: 6 } });
  const questions = asked().filter((address) => address === 'user1@brisk-otter.com');
  expect(questions).toHaveLength(1);
});

test('in turns too, what is not known after a day stays unproven', async () => {
  const always: Prober = {
    probe: async (mailboxes) =>
      new Map(
        mailboxes.map(({ address }) => [
          address,
          {
            proof: { kind: 'undetermined', cause: 'resting' },
            checkedAt: null,
            retryAt: timers.now() + 7_200_000,
          },
        ]),
      ),
  };
  const jobs = jobsWith(always, inTurns);
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  expect(await workInTurns(jobs, id)).toBe(24 * 60);
  expect(await resultOf(jobs, id)).toEqual([['user1@brisk-otter.com', 'no_known_obstacle', 'undetermined']]);
  expect(await jobs.find(id)).toMatchObject({ proof: { all: 1, settled: 0 } });
});

test('in turns too, an outage of DNS makes the job wait', async () => {
  const jobs = jobsWith(smtpProber(), inTurns);
  const id = await submit(jobs, list(['user1@brisk-otter.com']));
  await timers.run(jobs.doOne());
  resolversOut = true;
  while (await timers.run(jobs.doOne()));
  const waiting = (await jobs.find(id))!;
  expect((await jobs.progress(waiting)).state).toBe('waiting');
  expect(asked()).toEqual([]);
  resolversOut = false;
  await workInTurns(jobs, id);
  expect((await resultOf(jobs, id))[0]![2]).toBe('exists');
});
