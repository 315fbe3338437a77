// Delivery events that are taken in by a thread of its own: stored, counted and seen by the main thread.

import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { IntakePorts } from '../../src/platform/event-intake.ts';
import { createEventThread } from '../../src/platform/event-thread.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { storageFault } from '../../src/storage/storage-fault.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { emptyFolder } from '../cli/program.ts';
import { event } from '../contract/feedback.ts';

const hashKey = addressHashKey('a key for tests that has 32 bytes');
const secret = 'a secret of the tests';
const quiet: IntakePorts = {
  mailHostsOf: async () => new Map(),
  onPolicyBounces: async () => {},
  onNewEvent: () => {},
  onScoresTurned: async () => {},
};

function open(ports: Partial<IntakePorts> = {}) {
  const path = join(emptyFolder(), 'presend.db');
  const { sqlite, database } = openDatabase(path);
  const read = readSettings({ ESP_SPARKPOST_SHARED_SECRETS: secret });
  if (!read.ok) throw new Error('invalid settings');
  const states: boolean[] = [];
  const thread = createEventThread({ path, hashKey, settings: settingsOf(read.settings) }, (isRunning) =>
    states.push(isRunning),
  );
  onTestFinished(async () => {
    await thread.close();
    if (sqlite.isOpen) sqlite.close();
  });
  const list = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher: nodeHasher(hashKey),
    now: Date.now,
  });
  const storedEvents = () =>
    sqlite.prepare('SELECT count(*) AS events FROM delivery_events').get()!['events'];
  return {
    path,
    sqlite,
    database,
    thread,
    states,
    list,
    storedEvents,
    ...thread.intake({ ...quiet, ...ports }),
  };
}

/** Those that node.ts passes to the thread. */
const settingsOf = ({
  suppressionRules,
  engagementRetentionMs,
  eventHotMs,
  espSecrets,
  listProfile,
}: ReadSettings) => ({
  suppressionRules,
  engagementRetentionMs,
  eventHotMs,
  espSecrets,
  listProfile,
});
type ReadSettings = Extract<ReturnType<typeof readSettings>, { readonly ok: true }>['settings'];

const sparkPost = (...events: readonly object[]) =>
  new TextEncoder().encode(
    JSON.stringify(events.map((message_event) => ({ msys: { message_event } }))),
  ) as Uint8Array<ArrayBuffer>;

const signed = (given = secret) => new Headers({ authorization: `Basic ${btoa(`presend:${given}`)}` });

const bounce = (id: string) => ({
  ...{ type: 'bounce', bounce_class: '10', error_code: '550', raw_reason: '550 5.1.1 User unknown' },
  ...{ event_id: id, message_id: id, rcpt_to: `jane${id}@gmail.com`, timestamp: '1795000000' },
});

test('the metrics of the main thread count each event that is new, before its request is answered', async () => {
  const counted: object[] = [];
  const { espIntake } = open({ onNewEvent: (one) => void counted.push(one) });
  const request = { headers: signed(), body: sparkPost(bounce('1'), bounce('2')), now: Date.now() };
  await espIntake.receive('sparkpost', request);
  const one = { provider: 'gmail', class: 'hard', kind: 'bounced' };
  expect(counted).toMatchObject([{ class: 'hard' }, { class: 'hard' }]);
  expect(Object.keys(counted[0]!).toSorted()).toEqual(Object.keys(one).toSorted());
  await espIntake.receive('sparkpost', request);
  expect(counted).toHaveLength(2);
});

test('when an event is recorded, the main thread sees it, its counts and the suppression entry', async () => {
  const { feedback, list, database, storedEvents } = open();
  const bounced = event({ recipient: 'jim@gmail.com' });
  expect(await feedback.record([bounced])).toEqual([{ isNew: true, suppresses: true }]);
  expect(await list.find(['jim@gmail.com'])).toMatchObject([{ reason: 'bounce' }]);
  expect(storedEvents()).toBe(1);
  const at = bounced.at!;
  const asked = { from: at, to: at + 1, by: 'provider', every: 'all' } as const;
  expect(await createEventCounter(database).count(asked)).toMatchObject([
    { name: 'gmail', tally: { hard: 1 } },
  ]);
  expect(await feedback.record([bounced])).toEqual([{ isNew: false, suppresses: false }]);
});

test('an entry that the main thread lifted stays lifted when an older event comes late', async () => {
  const { feedback, list } = open();
  await feedback.record([event()]);
  await list.remove({
    address: 'jane@example.org',
    consent: { kind: 'double_opt_in', at: Date.now(), evidence: 'form' },
  });
  expect(await feedback.record([event()])).toEqual([{ isNew: true, suppresses: false }]);
});

test('a webhook request is verified, read and recorded', async () => {
  const { espIntake, storedEvents } = open();
  const receive = (headers: Headers, body: Uint8Array<ArrayBuffer>) =>
    espIntake.receive('sparkpost', { headers, body, now: Date.now() });
  expect(await receive(signed(), sparkPost(bounce('1'), bounce('2'), bounce('1')))).toEqual({
    ...{ kind: 'recorded', events: 3, recorded: 2, suppressed: 2, unknown: [] },
  });
  expect(await receive(signed('another'), sparkPost(bounce('3')))).toMatchObject({ kind: 'refused' });
  expect(await receive(signed(), new TextEncoder().encode('{') as Uint8Array<ArrayBuffer>)).toMatchObject({
    kind: 'malformed',
  });
  expect(await receive(signed(), sparkPost({ ...bounce('4'), type: 'levitated' }))).toMatchObject({
    kind: 'recorded',
    unknown: ['levitated 10'],
  });
  expect(storedEvents()).toBe(3);
});

test('the body of the caller stays as it is', async () => {
  const { espIntake } = open();
  const body = sparkPost(bounce('1'));
  await espIntake.receive('sparkpost', { headers: signed(), body, now: Date.now() });
  expect(body).toEqual(sparkPost(bounce('1')));
});

test('mail hosts are asked of the service, and policy bounces are told to it', async () => {
  const asked: (readonly string[])[] = [];
  const told: number[] = [];
  const { feedback, sqlite } = open({
    async mailHostsOf(domains) {
      asked.push(domains);
      return new Map([['example.org', { mailHost: 'google.com', provider: 'gmail', gateway: null }]]);
    },
    async onPolicyBounces(stored) {
      told.push(stored);
    },
  });
  await feedback.record([event({ class: 'policy', reason: 'blocked_reputation', status: '5.7.1' })]);
  expect(asked).toEqual([['example.org']]);
  expect(told).toEqual([1]);
  expect({ ...sqlite.prepare('SELECT mail_host, mailbox_provider FROM delivery_events').get() }).toEqual({
    mail_host: 'google.com',
    mailbox_provider: 'gmail',
  });
});

test('the service is asked about a domain until it knows it, and then no more', async () => {
  const asked: (readonly string[])[] = [];
  const names = { mailHost: 'google.com', provider: 'gmail', gateway: null };
  const { feedback, sqlite } = open({
    async mailHostsOf(domains) {
      asked.push(domains);
      return new Map(asked.length === 1 ? [] : domains.map((domain) => [domain, names]));
    },
  });
  const to = (recipient: string) => event({ recipient });
  await feedback.record([to('jane@example.org')]);
  await feedback.record([to('joe@example.org')]);
  await feedback.record([to('jim@example.org'), to('jim@example.net')]);
  expect(asked).toEqual([['example.org'], ['example.org'], ['example.net']]);
  const hosts = sqlite.prepare('SELECT mail_host AS host FROM delivery_events').all();
  expect(hosts.map(({ host }) => host).toSorted()).toEqual(['google.com', 'google.com', 'google.com', null]);
});

test('calls at once are all answered, and each event is new once', async () => {
  const { feedback, storedEvents } = open();
  const events = Array.from({ length: 20 }, () => event());
  const calls = await Promise.all([...events, ...events].map((one) => feedback.record([one])));
  expect(calls.flat().filter(({ isNew }) => isNew)).toHaveLength(20);
  expect(storedEvents()).toBe(20);
});

test('a fault of the storage is the same fault in the main thread, and the next call works', async () => {
  const { feedback, sqlite } = open();
  await feedback.record([event()]);
  sqlite.exec('ALTER TABLE delivery_events RENAME TO elsewhere');
  await expect(feedback.record([event()])).rejects.toThrow('no such table');
  sqlite.exec('ALTER TABLE elsewhere RENAME TO delivery_events');
  expect(await feedback.record([event()])).toMatchObject([{ isNew: true }]);
});

test('while another connection holds the write lock for long, recording rejects as busy', {
  timeout: 20_000,
}, async () => {
  const { feedback, sqlite } = open();
  await feedback.record([event()]);
  sqlite.exec('BEGIN IMMEDIATE');
  const failure = await feedback.record([event()]).catch((error: unknown) => error);
  sqlite.exec('ROLLBACK');
  expect(storageFault(failure)).toMatchObject({ code: 'SQLITE_BUSY' });
  expect(await feedback.record([event()])).toMatchObject([{ isNew: true }]);
});

test('a database that cannot be opened makes the call reject', async () => {
  const thread = createEventThread(
    { path: join(emptyFolder(), 'nowhere', 'presend.db'), hashKey, settings: settingsOf(defaults()) },
    () => {},
  );
  await expect(thread.intake(quiet).feedback.record([event()])).rejects.toThrow(
    'unable to open database file',
  );
  await thread.close();
});

function defaults(): ReadSettings {
  const read = readSettings({});
  if (!read.ok) throw new Error('invalid settings');
  return read.settings;
}

test('closing waits until everything is stored, and a later call starts the thread again', async () => {
  const { feedback, thread, storedEvents, states } = open();
  const calls = Array.from({ length: 10 }, () => feedback.record([event()]));
  await thread.close();
  expect(storedEvents()).toBe(10);
  await Promise.all(calls);
  await feedback.record([event()]);
  expect(storedEvents()).toBe(11);
  expect(states).toEqual([true, false, true]);
});

test('without events the thread ends after a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { feedback, states } = open();
  await feedback.record([event()]);
  expect(states).toEqual([true]);
  vi.advanceTimersByTime(60_000);
  expect(states).toEqual([true, false]);
  expect(await feedback.record([event()])).toMatchObject([{ isNew: true }]);
});

test('no events are recorded without a thread', async () => {
  const { feedback, states } = open();
  expect(await feedback.record([])).toEqual([]);
  expect(states).toEqual([]);
});
