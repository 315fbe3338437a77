// Who is inactive, and which events are signs of life.

import { describe, expect, test } from 'vitest';
import {
  type EngagementEvent,
  type EngagementState,
  engagementSigns,
  engagementStateOf,
} from '../../src/events/engagement.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 20);
const ago = (days: number) => now - days * day;

describe('engagementStateOf', () => {
  /** Days before now of the first event, the latest delivery and the latest sign of life. */
  test.each<[EngagementState, number, number | null, number | null]>([
    ['active', 900, 1, 0],
    ['active', 900, 1, 181],
    ['active', 10, null, 10],
    ['inactive_6', 900, 0, 182],
    ['inactive_6', 900, 1, 364],
    ['inactive_12', 900, 1, 365],
    ['inactive_12', 900, 1, 700],
    // Mail was delivered for half a year after the last sign of life, and none since: still inactive.
    ['inactive_12', 900, 200, 400],
    ['inactive_12', 900, 218, 400],
    // Too little mail was delivered after the last sign of life to tell.
    ['unknown', 900, 219, 400],
    ['unknown', 900, 401, 400],
    ['unknown', 900, null, 400],
    // Never a sign of life: silence counts from the first delivery.
    ['unknown', 181, 0, null],
    ['inactive_6', 182, 0, null],
    ['inactive_6', 364, 0, null],
    ['inactive_12', 365, 0, null],
    ['unknown', 365, 184, null],
    ['inactive_12', 365, 183, null],
  ])('%s: seen %s days ago, delivered %s, active %s', (state, first, delivered, active) => {
    const engagement = {
      firstSeen: ago(first),
      lastDelivered: delivered === null ? null : ago(delivered),
      lastActive: active === null ? null : ago(active),
    };
    expect(engagementStateOf(engagement, now)).toBe(state);
  });

  test('a person who was never mailed is not inactive', () => {
    expect(engagementStateOf(null, now)).toBe('never_seen');
  });
});

describe('engagementSigns', () => {
  const clickOf = (at: number, differences: Partial<EngagementEvent['event']> = {}): EngagementEvent => ({
    event: { kind: 'clicked', byPerson: true, echo: false, provider: 'ses', ...differences },
    at,
    addressHash: 'jane',
    message: 'm',
    source: 'form',
  });
  const timesOf = (events: readonly EngagementEvent[]) => engagementSigns(events).map(({ at }) => at);

  test('deliveries, opens, clicks and replies of people', () => {
    const kinds = ['delivered', 'opened', 'clicked', 'replied'] as const;
    expect(engagementSigns(kinds.map((kind, index) => clickOf(index * day, { kind })))).toEqual(
      kinds.map((kind, index) => ({
        kind,
        at: index * day,
        addressHash: 'jane',
        message: 'm',
        source: 'form',
        reportedBy: 'ses',
      })),
    );
  });

  test.each<[string, Partial<EngagementEvent['event']>]>([
    ['machines', { byPerson: false }],
    ['events without proof', { proof: 'unproven' }],
    ['echoes', { echo: true }],
    ['automatic replies', { kind: 'autoreply' }],
    ['bounces', { kind: 'bounce' }],
  ])('not %s', (_, differences) => {
    expect(engagementSigns([clickOf(1, differences)])).toEqual([]);
  });

  test('not without a recipient', () => {
    expect(engagementSigns([{ ...clickOf(1), addressHash: null }])).toEqual([]);
  });

  test('a delivery counts whether or not a person acted', () => {
    expect(engagementSigns([clickOf(1, { kind: 'delivered', byPerson: false })])).toHaveLength(1);
  });

  test('three clicks within five seconds are a scanner', () => {
    expect(timesOf([clickOf(0), clickOf(2500), clickOf(5000)])).toEqual([]);
    expect(timesOf([clickOf(5000), clickOf(0), clickOf(2500)])).toEqual([]);
    expect(timesOf([clickOf(0), clickOf(2500), clickOf(5001)])).toEqual([0, 2500, 5001]);
    expect(timesOf([clickOf(0), clickOf(1)])).toEqual([0, 1]);
  });

  test('a scanner does not take away what a person clicks later, or another person', () => {
    const burst = [clickOf(0), clickOf(0), clickOf(1), clickOf(2)];
    expect(timesOf([...burst, clickOf(60_000)])).toEqual([60_000]);
    const john = burst.slice(0, 1).map((click) => ({ ...click, addressHash: 'john' }));
    expect(engagementSigns([...burst, ...john]).map(({ addressHash }) => addressHash)).toEqual(['john']);
    expect(timesOf([...burst, clickOf(1, { kind: 'delivered' })])).toEqual([1]);
  });
});
