// Which events concern the suppression list.

import { expect, test } from 'vitest';
import { recipientEvent, suppressesAtOnce } from '../../src/events/recipient-event.ts';
import { event } from '../contract/feedback.ts';

test('a bounce does, with what the rules need of it', () => {
  expect(recipientEvent(event(), 7, 'm')).toEqual({
    kind: 'bounce',
    class: 'hard',
    reason: 'mailbox_unknown',
    status: '5.1.1',
    messageId: 'm',
    at: 7,
  });
});

test('so do deliveries and unsubscribes', () => {
  expect(recipientEvent(event({ kind: 'delivered', class: 'none' }), 7, 'm')).toEqual({
    kind: 'delivered',
    at: 7,
  });
  const unsubscribed = { kind: 'unsubscribed', class: 'none' } as const;
  expect(recipientEvent(event(unsubscribed), 7, 'm')).toEqual({ kind: 'unsubscribe', at: 7, list: null });
  expect(recipientEvent(event({ ...unsubscribed, list: 'news' }), 7, 'm')).toMatchObject({ list: 'news' });
});

test.each([
  [{}, 'all'],
  [{ manualScope: 'marketing' }, 'marketing'],
  [{ list: 'news', manualScope: 'marketing' }, 'list:news'],
  [{ list: 'jane@example.org' }, 'all'],
] as const)('a manual entry at the provider with %j is about %s', (differences, scope) => {
  const byHand = event({ kind: 'suppressed', class: 'none', ...differences });
  expect(recipientEvent(byHand, 7, 'm')).toEqual({ kind: 'manual', at: 7, scope });
});

test.each([
  ['an echo of the provider’s list', { echo: true }],
  ['a deferral', { kind: 'deferred', class: 'soft' }],
  ['an opened message', { kind: 'opened', class: 'none' }],
] as const)('%s does not', (_, differences) => {
  expect(recipientEvent(event(differences), 7, 'm')).toBeNull();
});

test.each([
  [true, 'a hard bounce', {}],
  [true, 'a complaint without a time', { kind: 'complaint', class: 'complaint', at: null }],
  [true, 'an unsubscribe', { kind: 'unsubscribed', class: 'none' }],
  [true, 'a manual entry', { kind: 'suppressed', class: 'none' }],
  [false, 'the end of a manual entry', { kind: 'unsuppressed', class: 'none' }],
  [false, 'a hard bounce of an unknown recipient', { recipient: null }],
  [false, 'an echo', { echo: true }],
  [false, 'a soft bounce', { class: 'soft', reason: 'mailbox_full' }],
  [false, 'a delivery', { kind: 'delivered', class: 'none' }],
] as const)('suppresses at once: %s for %s', (expected, _, differences) => {
  expect(suppressesAtOnce(event(differences))).toBe(expected);
});
