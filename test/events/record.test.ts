// Recording delivery events on SQLite: the battery, and what happens when the process dies in between.

import { describe, expect, test } from 'vitest';
import type { EventRepository } from '../../src/events/event-repository.ts';
import { createFeedback, type FeedbackOptions } from '../../src/events/record.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
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

describe('storage is asked for no more than the events need', () => {
  function startSpied(options: Partial<FeedbackOptions> = {}) {
    const { database } = openDatabase(':memory:');
    const now = () => Date.UTC(2026, 10, 21);
    const suppressionList = createSuppressionList({
      repository: createSuppressionRepository(database),
      hasher,
      now,
    });
    const calls: string[] = [];
    const repository = new Proxy(createEventRepository(database), {
      get(real, name: keyof EventRepository) {
        return (...input: never[]) => {
          const rows = name === 'store' ? ` ${(input as unknown as unknown[][])[0]!.length}` : '';
          calls.push(name + rows);
          return (real[name] as (...all: never[]) => unknown)(...input);
        };
      },
    });
    const ports = { repository, hasher, suppressionList, now, together: true, ...options };
    return { feedback: createFeedback(ports), calls };
  }

  const soft = { class: 'soft', reason: 'mailbox_full' } as const;

  test.each([
    ['a delivery', { kind: 'delivered', class: 'none' }, []],
    ['a soft bounce of nobody in particular', { ...soft, recipient: null }, []],
    ['a soft bounce', soft, ['softBounces', 'softBounceEnds']],
    ['a hard bounce', {}, ['removalTimes']],
  ] as const)('%s', async (_, differences, more) => {
    const { feedback, calls } = startSpied();
    await feedback.record([event(differences)]);
    expect(calls).toEqual(['knownIds', ...more, 'store 1']);
  });

  test('calls that arrive during a commit share the next one, as far as it has room', async () => {
    const { feedback, calls } = startSpied();
    const delivered = () => event({ kind: 'delivered', class: 'none' });
    const many = (length: number) => Array.from({ length }, delivered);
    await Promise.all([1, 1, 1999, 1, 1999].map((length) => feedback.record(many(length))));
    expect(calls.filter((call) => call.startsWith('store'))).toEqual(['store 1', 'store 2000', 'store 2000']);
  });

  test('where calls must not share a commit, each makes its own', async () => {
    const { feedback, calls } = startSpied({ together: false });
    const delivered = () => event({ kind: 'delivered', class: 'none' });
    await Promise.all([1, 2, 3].map((length) => feedback.record(Array.from({ length }, delivered))));
    expect(calls.filter((call) => call.startsWith('store'))).toEqual(['store 1', 'store 2', 'store 3']);
  });

  test('policy bounces are counted for the alarm: no deferrals, no echoes, no zero', async () => {
    const counts: number[] = [];
    const { feedback } = startSpied({
      onPolicyBounces: async (stored) => {
        counts.push(stored);
      },
    });
    const policy = (differences: Parameters<typeof event>[0] = {}) =>
      event({ class: 'policy', reason: 'blocked_reputation', ...differences });
    const twice = policy();
    await feedback.record([twice, policy(), event(), policy({ kind: 'deferred' }), policy({ echo: true })]);
    await feedback.record([twice, event(), policy({ kind: 'deferred' })]);
    expect(counts).toEqual([2]);
  });

  test('what the events say about verdicts is stored with them, for the new ones alone', async () => {
    const told: (string | null)[][] = [];
    const { feedback } = startSpied({
      outcomesOf: (events) => {
        told.push(events.map(({ address }) => address));
        return { outcomes: [], deliveries: new Map() };
      },
    });
    const [once, nobody] = [event(), event({ recipient: null })];
    await feedback.record([once, once, nobody]);
    await feedback.record([once]);
    expect(told).toEqual([['jane@example.org', null], []]);
  });
});
