// The guides' rules about who is not mailed again.

import { expect } from 'vitest';
import { createFeedback } from '../../../src/events/record.ts';
import { openDatabase } from '../../../src/platform/database-file.ts';
import { createEventRepository } from '../../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../../src/suppression/list.ts';
import { nodeHasher } from '../../../src/suppression/node-hasher.ts';
import { decideSuppression } from '../../../src/suppression/rules.ts';
import { event } from '../../contract/feedback.ts';
import { decisionAfter, type Rules, softLimit, times, today } from './rule.ts';

const full = '452 4.2.2 Mailbox full';
const unknown = '550 5.1.1 User unknown';
const forGood = { kind: 'suppress', scope: 'all', reason: 'bounce', expiresAt: null };

/** Records events on a fresh database, and returns whether each one suppressed its recipient. */
async function suppressedBy(...events: Parameters<typeof event>[0][]): Promise<boolean[]> {
  const parts = {
    database: openDatabase(':memory:').database,
    hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
    now: () => today,
  };
  const suppressionList = createSuppressionList({
    ...parts,
    repository: createSuppressionRepository(parts.database),
  });
  const feedback = createFeedback({
    ...parts,
    repository: createEventRepository(parts.database),
    suppressionList,
    together: true,
  });
  const recorded = await feedback.record(events.map((one) => event({ at: today, ...one })));
  return recorded.map(({ suppresses }) => suppresses);
}

export const suppressionRules: Rules = {
  '0.2': [
    'a bad address and a dead domain are out at once',
    () => {
      expect(decisionAfter([unknown])).toMatchObject(forGood);
      expect(decisionAfter(['550 5.1.2 Domain not found'])).toMatchObject(forGood);
    },
  ],
  '0.5': [
    'out after three to five failures',
    () => {
      expect(decisionAfter(times(7, full)).kind).toBe('keep');
      expect(decisionAfter(times(8, full)).kind).toBe('suppress');
      expect(decisionAfter(times(4, full), softLimit(5, 0)).kind).toBe('keep');
      for (const bounces of [3, 4, 5])
        expect(decisionAfter(times(bounces, full), softLimit(bounces, 0)).kind).toBe('suppress');
    },
  ],
  '0.12': [
    'hard is suppressed and not tried again',
    () => {
      expect(decisionAfter([unknown]).kind).toBe('suppress');
      expect(decisionAfter([unknown, 'delivered']).kind).toBe('keep');
    },
  ],
  '1.5': ['never mailed again', () => expect(decisionAfter([unknown])).toMatchObject({ expiresAt: null })],
  '1.24': [
    'soft in several campaigns in a row is dead',
    () => {
      const weekly = 7 * 86_400_000;
      expect(decisionAfter(times(4, full), undefined, weekly).kind).toBe('keep');
      expect(decisionAfter(times(5, full), undefined, weekly).kind).toBe('suppress');
      expect(decisionAfter([...times(4, full), 'delivered', ...times(4, full)], undefined, weekly).kind).toBe(
        'keep',
      );
    },
  ],
  '1.25': [
    'full for now, full for good',
    () => {
      // The reply code does not say how long a mailbox stays full, so both count alike until they persist.
      for (const reply of ['452 4.2.2', '552 5.2.2']) {
        expect(decisionAfter([reply]).kind).toBe('keep');
        expect(decisionAfter(times(8, reply))).toMatchObject({ kind: 'suppress', scope: 'all' });
      }
    },
  ],
  '1.33': [
    '5.x.x goes into the list without a manual step',
    async () => {
      expect(await suppressedBy({ class: 'hard', reason: 'mailbox_unknown', status: '5.1.1' })).toEqual([
        true,
      ]);
    },
  ],
  '1.34': [
    'chronic soft bounces age out',
    () => {
      const decision = decisionAfter(times(8, full));
      const lastAt = today + 7 * 86_400_000;
      expect(decision).toMatchObject({ kind: 'suppress', expiresAt: lastAt + 90 * 86_400_000 });
    },
  ],
  '2.11': [
    'three to five soft bounces in a row count as hard',
    () => {
      for (const bounces of [3, 5])
        expect(decisionAfter(times(bounces, full), softLimit(bounces, 0))).toMatchObject({
          kind: 'suppress',
          scope: 'all',
        });
    },
  ],
  '2.37': ['hard is out after the first', () => expect(decisionAfter([unknown])).toMatchObject(forGood)],
  '4.2': [
    'suppressed by itself, at once',
    async () => {
      expect(
        await suppressedBy(
          { recipient: 'jane@example.org' },
          { recipient: 'john@example.org', class: 'policy', reason: 'policy_refused', status: '5.7.1' },
          { recipient: 'joan@example.org', class: 'soft', reason: 'mailbox_full', status: '4.2.2' },
          {
            recipient: 'jill@example.org',
            kind: 'complaint',
            class: 'complaint',
            reason: 'feedback',
            status: null,
          },
        ),
      ).toEqual([true, false, false, true]);
    },
  ],
  '4.13': [
    'out after three to five tries',
    () => {
      expect(decisionAfter(times(3, full), softLimit(3, 2)).kind).toBe('suppress');
      expect(decisionAfter(times(3, full), softLimit(3, 3)).kind).toBe('keep');
    },
  ],
  '4.27': [
    'an address stays in the list',
    () => {
      expect(decisionAfter([unknown])).toMatchObject({ expiresAt: null });
      const complaint = {
        kind: 'bounce',
        class: 'complaint',
        reason: 'feedback',
        status: null,
        messageId: null,
        at: today,
      } as const;
      expect(decideSuppression(null, complaint)).toMatchObject({
        kind: 'suppress',
        reason: 'complaint',
        expiresAt: null,
      });
    },
  ],
  '4.63': [
    'soft: three to five',
    () => {
      for (const bounces of [3, 4, 5])
        expect(decisionAfter(times(bounces, full), softLimit(bounces, 0)).kind).toBe('suppress');
    },
  ],
};
