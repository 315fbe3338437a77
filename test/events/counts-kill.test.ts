// The counters equal a recount of the stored events after the process was killed under load, while it received new events and
// counted those of an earlier version. KILLS sets how often.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';
import { espSecret } from '../contract/esp-secret.ts';
import { counted, countedRows, type EventRow, everyDimension, recount } from '../contract/recount.ts';
import { startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';

const kills = Number(process.env['KILLS'] ?? 2);
const requestsPerKill = 30;
const eventsEach = 30;
const atOnce = 8;
const stored = 15_000;
const hour = 3600;
// Within the retention of events.
const noon = (Math.floor(Date.now() / 86_400_000) - 9) * 24 * hour + 12 * hour;

/** Numbers from 0 to 1, the same ones in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const types = [
  { type: 'injection' },
  { type: 'delivery' },
  { type: 'delivery' },
  { type: 'delay', bounce_class: '21', error_code: '421', raw_reason: '421 4.7.0 Try again later' },
  { type: 'bounce', bounce_class: '10', error_code: '550', raw_reason: '550 5.1.1 User unknown' },
  { type: 'bounce', bounce_class: '22', error_code: '452', raw_reason: '452 4.2.2 Mailbox full' },
  { type: 'bounce', bounce_class: '51', error_code: '550', raw_reason: '550 5.7.1 Blocked' },
  { type: 'spam_complaint' },
] as const;

/** A request of SparkPost's: some events in several requests, several bounces of one message, and events out of order. */
function batch(request: number): string {
  const random = randomNumbers(request + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  return JSON.stringify(
    Array.from({ length: eventsEach }, (_, index) => {
      const isRepeated = random() < 0.1;
      const id = isRepeated ? Math.floor(random() * 40) : 1000 + request * eventsEach + index;
      const ofId = randomNumbers(id * 7919);
      const person = Math.floor(ofId() * 2000);
      return {
        msys: {
          message_event: {
            ...types[Math.floor(ofId() * types.length)],
            event_id: `${id}`,
            message_id: `m${person % 700}`,
            rcpt_to: `jane${person}@${ofId() < 0.5 ? 'gmail.com' : 'brisk-otter.com'}`,
            timestamp: `${noon + Math.floor(ofId() * 30) * hour}`,
            campaign_id: `campaign ${person % 5}`,
            rcpt_meta: { source: pick(['form', 'webinar']) },
          },
        },
      };
    }),
  );
}

/** Stores events as an earlier version did. */
function storeHistory(sqlite: DatabaseSync): void {
  const insert = sqlite.prepare(`
    INSERT INTO delivery_events (id, at, received_at, teller, kind, class, reason, status, echo, key_id, address_hash,
      mailbox_provider, message, campaign, source, proof)
    VALUES (?, ?, 0, 'ses', ?, ?, ?, ?, 0, '01234567', ?, ?, ?, 'campaign 1', 'form', ?)`);
  const random = randomNumbers(11);
  sqlite.exec('BEGIN');
  for (let row = 0; row < stored; row++) {
    const isBounce = random() < 0.4;
    const is = isBounce
      ? ['bounce', 'soft', 'mailbox_full', '4.2.2']
      : ['delivered', 'none', 'delivered', null];
    const person = Math.floor(random() * 5000);
    const at = (noon + Math.floor(random() * 30) * hour) * 1000;
    insert.run(
      ...[`old ${row}`, at, ...is, `hash ${person}`, 'gmail', `m ${person % 900}`],
      random() < 0.1 ? 'unproven' : 'proven',
    );
  }
  sqlite.exec('COMMIT');
}

test(`counters equal a recount after ${kills} kills`, { timeout: 600_000 }, async () => {
  const folder = emptyFolder();
  const path = join(folder, 'var/presend.db');
  const first = openDatabase(path).sqlite;
  storeHistory(first);
  first.close();
  const doh = await startDohServer(zone);
  onTestFinished(() => doh.close());
  const environment = { DOH_URLS: doh.url, ESP_SPARKPOST_SHARED_SECRETS: espSecret };
  const random = randomNumbers(20_261_127);
  const requests = (kills + 1) * requestsPerKill;
  const unacknowledged = new Set(Array.from({ length: requests }, (_, index) => index));

  async function post(service: Running, acknowledged: () => void): Promise<void> {
    const queue = [...unacknowledged].values();
    const sender = async () => {
      for (const request of queue) {
        const response = await fetch(`${service.url}/v1/hooks/esp/sparkpost`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Basic ${btoa(`presend:${espSecret}`)}`,
          },
          body: batch(request),
        });
        if (response.status !== 200) throw new Error(`status ${response.status}`);
        await response.body?.cancel();
        unacknowledged.delete(request);
        acknowledged();
      }
    };
    await Promise.allSettled(Array.from({ length: atOnce }, sender));
  }

  for (let kill = 0; kill < kills; kill++) {
    const service = await presendServe(folder, environment);
    const killedAfter = 1 + Math.floor(random() * (requestsPerKill - 1));
    let count = 0;
    let killed: Promise<unknown> | undefined;
    await post(service, () => {
      count += 1;
      if (count === killedAfter) killed = service.stop('SIGKILL');
    });
    await killed;
    expect(killed).toBeDefined();
  }
  expect(unacknowledged.size).toBeGreaterThan(0);

  const last = await presendServe(folder, environment);
  for (let before = Number.POSITIVE_INFINITY; unacknowledged.size > 0 && unacknowledged.size < before; ) {
    before = unacknowledged.size;
    await post(last, () => {});
  }
  expect(unacknowledged.size).toBe(0);

  const sqlite = new DatabaseSync(path);
  const uncounted = sqlite.prepare('SELECT count(*) AS rows FROM delivery_events WHERE counted = 0');
  await expect.poll(() => uncounted.get(), { timeout: 60_000 }).toEqual({ rows: 0 });
  await last.stop('SIGTERM');

  const rows = sqlite.prepare('SELECT * FROM delivery_events').all() as EventRow[];
  expect(rows.length).toBeGreaterThan(stored);
  const rowsThatCount = countedRows(rows);
  const counter = createEventCounter(nodeSqliteDatabase(sqlite));
  const period = [(noon - 24 * hour) * 1000, (noon + 10 * 24 * hour) * 1000] as const;
  for (const by of everyDimension)
    for (const every of ['hour', 'day', 'all'] as const)
      expect(await counted(counter, by, every, period), `${by} ${every}`).toEqual(
        recount(rowsThatCount, by, every),
      );
  expect(await counter.countUnproven({ from: period[0], to: period[1] })).toBe(
    rows.filter(({ proof }) => proof === 'unproven').length,
  );
  sqlite.close();
});
