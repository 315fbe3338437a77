// Events that are taken in change the scores of the gate.

import { expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventIntake } from '../../src/platform/event-intake.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { scoreLimit } from '../../src/reports/gate/score.ts';
import type { Database } from '../../src/storage/database.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { event } from '../contract/feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

function open(change: (database: Database) => Database = (database) => database) {
  const { database } = openDatabase(':memory:');
  const read = readSettings({});
  if (!read.ok) throw new Error('invalid settings');
  let now = noon;
  let turned = 0;
  const { feedback } = createEventIntake({
    database: change(database),
    hasher,
    settings: read.settings,
    now: () => ++now,
    together: false,
    mailHostsOf: async () => new Map(),
    onPolicyBounces: async () => {},
    onNewEvent: () => {},
    async onScoresTurned() {
      turned += 1;
    },
  });
  let ids = 0;
  const some = (count: number, differences: Partial<DeliveryEvent>) =>
    Array.from({ length: count }, () =>
      event({ recipient: `p${++ids}@gmail.com`, campaign: 'spring', ...differences }),
    );
  const refused = async () =>
    (await createGateRepository(database).scores('spring', null)).find(({ kind }) => kind === 'refused');
  return { feedback, some, refused, turned: () => turned };
}

const sent = { kind: 'sent', class: 'none', reason: 'unknown', status: null } as const;
const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;
const refusal = { class: 'policy', reason: 'blocked_reputation', status: '5.7.1' } as const;
const limit = scoreLimit({ kind: 'refused', dimension: 'provider', name: 'gmail' });

test('a sender whose provider reports only what was sent: ordinary refusals change nothing, a block is seen', async () => {
  const { feedback, some, refused, turned } = open();
  for (let week = 0; week < 30; week++) await feedback.record([...some(100, sent), ...some(1, refusal)]);
  expect((await refused())!.score).toBeLessThan(limit / 2);
  await feedback.record(some(40, sent));
  await feedback.record(some(40, refusal));
  expect((await refused())!.raisedAt).not.toBeNull();
  expect(turned()).toBe(1);
});

test('where deliveries are reported, sent messages are no evidence', async () => {
  const { feedback, some, refused } = open();
  await feedback.record(some(1, delivered));
  await feedback.record(some(1000, sent));
  await feedback.record(some(10, refusal));
  const with1000 = (await refused())!.score;
  await feedback.record(some(1000, sent));
  expect((await refused())!.score).toBe(with1000);
});

test('a process that dies after it stored events loses no score', async () => {
  let dies = false;
  const { feedback, some, refused } = open((database) => ({
    ...database,
    async batch(statements) {
      const changes = await database.batch(statements);
      if (dies && statements.some(({ sql }) => sql.includes('INTO delivery_events')))
        throw new Error('killed');
      return changes;
    },
  }));
  await feedback.record(some(20, delivered));
  dies = true;
  const block = some(30, refusal);
  await expect(feedback.record(block)).rejects.toThrow('killed');
  const stored = (await refused())!.score;
  expect(stored).toBeGreaterThanOrEqual(limit);
  // The provider sends the events again. They count once.
  dies = false;
  await feedback.record(block);
  expect((await refused())!.score).toBe(stored);
});
