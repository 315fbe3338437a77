// Recording delivery events on SQLite: the battery, and what happens when the process dies in between.

import { expect, test } from 'vitest';
import { createFeedback } from '../../src/events/record.ts';
import { openDatabase } from '../../src/platform/node.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { event, failing, feedbackBattery } from '../contract/feedback.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

feedbackBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('when storing fails the call rejects, and sending the events again does what is left to do', async () => {
  const { database } = openDatabase(':memory:');
  const now = () => Date.UTC(2026, 10, 20, 12);
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now,
  });
  const feedback = createFeedback({
    repository: createEventRepository(failing(database, 1)),
    hasher,
    suppressionList,
    now,
    together: true,
  });
  const events = [event(), event({ recipient: 'john@example.org' })];
  await expect(feedback.record(events)).rejects.toThrow();
  expect(await feedback.record(events)).toEqual([
    { isNew: true, suppresses: true },
    { isNew: true, suppresses: true },
  ]);
  expect(await suppressionList.count()).toBe(2);
});
