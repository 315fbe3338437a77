// 5,000 events posted at once to one process that is killed in the middle: none is lost, none is counted twice.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { emptyFolder, presendServe, type Running } from '../cli/program.ts';
import { espSecret } from '../contract/esp-secret.ts';

const requests = 100;
const eventsEach = 50;
const atOnce = 16;
const killedAfter = 30;

/** One of seven names looks random. */
const recipient = (number: number): string =>
  `${number % 7 === 0 ? 'xkq7vz2rtb' : 'jane'}${number}@firm${number % 37}.example.org`;

/** A batch of SparkPost's: nine deliveries for each hard bounce. */
const batch = (request: number): string =>
  JSON.stringify(
    Array.from({ length: eventsEach }, (_, index) => {
      const number = request * eventsEach + index;
      const common = {
        event_id: `${number}`,
        message_id: `m${number}`,
        rcpt_to: recipient(number),
        timestamp: '1795000000',
      };
      const event =
        index % 10 === 0
          ? {
              ...common,
              type: 'bounce',
              bounce_class: '10',
              error_code: '550',
              raw_reason: '550 5.1.1 User unknown',
            }
          : { ...common, type: 'delivery' };
      return { msys: { message_event: event } };
    }),
  );

test('none lost, none counted twice', { timeout: 600_000 }, async () => {
  const folder = emptyFolder();
  const environment = { DOH_URLS: 'http://127.0.0.1:9/dns-query', ESP_SPARKPOST_SHARED_SECRETS: espSecret };
  const unacknowledged = new Set(Array.from({ length: requests }, (_, index) => index));

  /** Posts what was not acknowledged, until all of it is or the service is gone. */
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

  const first = await presendServe(folder, environment);
  let count = 0;
  let killed: Promise<unknown> | undefined;
  await post(first, () => {
    count += 1;
    if (count === killedAfter) killed = first.stop('SIGKILL');
  });
  await killed;
  expect(unacknowledged.size).toBeGreaterThan(0);
  expect(unacknowledged.size).toBeLessThanOrEqual(requests - killedAfter);

  const second = await presendServe(folder, environment);
  // A provider sends again what was refused, for example because the service is busy.
  for (let before = Number.POSITIVE_INFINITY; unacknowledged.size > 0 && unacknowledged.size < before; ) {
    before = unacknowledged.size;
    await post(second, () => {});
  }
  expect(unacknowledged.size).toBe(0);
  await second.stop('SIGTERM');

  const database = new DatabaseSync(join(folder, 'var/presend.db'), { readOnly: true });
  const number = (sql: string) => Object.values(database.prepare(sql).get() as Record<string, number>)[0];
  expect(number('SELECT count(*) FROM delivery_events')).toBe(requests * eventsEach);
  expect(number("SELECT count(*) FROM delivery_events WHERE class = 'hard'")).toBe(
    (requests * eventsEach) / 10,
  );
  expect(number('SELECT count(*) FROM suppressions')).toBe((requests * eventsEach) / 10);
  // What is kept about domains equals a recount: every domain has fewer than 20 mailboxes of a kind.
  const all = Array.from({ length: requests * eventsEach }, (_, index) => index);
  const bounced = all.filter((index) => index % 10 === 0);
  const taken = all.filter((index) => index % 10 !== 0 && index % 7 === 0);
  const signs = (condition: string) => number(`SELECT count(*) FROM domain_signs WHERE ${condition}`);
  expect(signs('bounced_at IS NOT NULL AND returned = 0 AND taken_at IS NULL')).toBe(bounced.length);
  expect(signs('taken_at IS NOT NULL AND bounced_at IS NULL')).toBe(taken.length);
  expect(number('SELECT count(DISTINCT domain_hash) FROM domain_signs')).toBe(37);
  database.close();
});
