// Given this state and this event, that state or none.

import { expect, test } from 'vitest';
import { openStates, statesBefore, transitions } from '../../src/jobs/job.ts';

test.each([
  ['queued', 'read', 'verifying'],
  ['queued', 'fail', 'failed'],
  ['queued', 'cancel', 'cancelled'],
  ['queued', 'delete', 'deleting'],
  ['queued', 'finish', undefined],
  ['verifying', 'read', undefined],
  ['verifying', 'finish', 'completed'],
  ['verifying', 'fail', 'failed'],
  ['verifying', 'cancel', 'cancelled'],
  ['verifying', 'delete', 'deleting'],
  ['completed', 'fail', undefined],
  ['completed', 'cancel', undefined],
  ['completed', 'delete', 'deleting'],
  ['failed', 'finish', undefined],
  ['failed', 'delete', 'deleting'],
  ['cancelled', 'finish', undefined],
  ['cancelled', 'read', undefined],
  ['cancelled', 'delete', 'deleting'],
  ['deleting', 'delete', undefined],
  ['deleting', 'finish', undefined],
] as const)('%s, %s: %s', (state, event, next) => {
  expect(transitions[state][event]).toBe(next);
});

test('work goes on in the states that can be cancelled, and nowhere else', () => {
  expect(openStates).toEqual(['queued', 'verifying']);
  expect(statesBefore('finish')).toEqual(['verifying']);
});

test('an ended job can only be deleted', () => {
  for (const state of ['completed', 'failed', 'cancelled'] as const)
    expect(Object.keys(transitions[state])).toEqual(['delete']);
});
