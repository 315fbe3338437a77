// Erasure over HTTP reaches events that have moved to files, in the service as Node runs it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { startNodeService } from './node-service.ts';

const day = 86_400_000;
const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

test('an erased person is in no file after the maintenance of the next hour, and not in the answers before', async () => {
  let ahead = 0;
  const service = await startNodeService({
    zone: {},
    settings: { EVENT_HOT_DAYS: '30' },
    timers: { ...systemTimers, now: () => Date.now() + ahead },
  });
  const [jane, john] = await hasher.hashAll(['jane@example.org', 'john@example.org'].map(suppressionKey));
  const at = Date.now() - 40 * day;
  const bounce = (id: string, addressHash: string, when: number): StoredEvent => ({
    id: id.repeat(32),
    at: when,
    receivedAt: when,
    reportedBy: 'ses',
    kind: 'bounce',
    class: 'hard',
    reason: 'mailbox_unknown',
    status: '5.1.1',
    echo: false,
    keyId: hasher.keyId,
    addressHash,
    mailboxProvider: null,
    message: null,
    campaign: 'autumn',
    source: null,
    list: null,
    proof: 'proven',
    mailHost: null,
    gateway: null,
  });
  await createEventRepository(service.database).store(
    [bounce('1', jane!, at), bounce('2', john!, at), bounce('3', jane!, at + 20 * day)],
    hasher.keyId,
    { outcomes: [], deliveries: new Map() },
  );
  const text = () =>
    readdirSync(join(service.files, 'events'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => gunzipSync(readFileSync(join(entry.parentPath, entry.name))).toString())
      .join('');
  const hardBounces = async () => {
    const form = new FormData();
    form.set(
      'list',
      new Blob(['email\njane@example.org\njohn@example.org\n'], { type: 'text/csv' }),
      'l.csv',
    );
    const period = `from=${new Date(at).toISOString().slice(0, 10)}&to=${new Date().toISOString().slice(0, 10)}`;
    const response = await fetch(`${service.url}/v1/backtests?campaign=autumn&${period}`, {
      method: 'POST',
      body: form,
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { bounces: { hard: number } }).bounces.hard;
  };

  // The service moved the events of yesterday when it started, so these move on the next day.
  ahead += day;
  const maintained = async () => {
    await service.maintain();
    return service.database.all('SELECT id FROM delivery_events');
  };
  await expect.poll(maintained).toHaveLength(1);
  expect(text().match(/"id"/g)).toHaveLength(2);
  expect(await service.database.all('SELECT id FROM delivery_events')).toEqual([{ id: '3'.repeat(32) }]);
  expect(await hardBounces()).toBe(2);

  const erased = await fetch(`${service.url}/v1/erasures`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'Jane@example.org' }),
  });
  expect(await erased.json()).toEqual({
    email: 'Jane@example.org',
    events: 1,
    pending_files: 1,
    predictions: 0,
    suppression: 'none',
  });
  expect(text()).toContain(jane);
  expect(await hardBounces()).toBe(1);

  await service.maintain();
  ahead += 3_600_000;
  await service.maintain();
  expect(text()).not.toContain(jane);
  expect(text()).toContain(john);
  expect(await hardBounces()).toBe(1);
  for (const table of ['cold_erasures', 'cold_drafts'])
    expect(await service.database.all(`SELECT * FROM ${table}`)).toEqual([]);
  expect(service.log.filter((line) => line.includes('"error"'))).toEqual([]);
  await service.stop();
});
