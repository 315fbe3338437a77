// A verdict as the fields of the API.

import { expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import { toResponse } from '../../src/verdict/response.ts';
import { evidence } from './evidence.ts';

const now = Date.UTC(2026, 10, 20, 12);
const behind = (gateway: string | null) =>
  judge(evidence({ mailHostFacts: { provider: gateway, gateway, disposable: false, parked: false } }), now);

test('times are RFC 3339, and the duration is in whole milliseconds', () => {
  expect(toResponse(behind(null), 12.6)).toMatchObject({
    checked_at: '2026-11-20T12:00:00.000Z',
    expires_at: '2027-02-18T12:00:00.000Z',
    took_ms: 13,
  });
});

test('the gateway is a field only where there is one', () => {
  expect(toResponse(behind('mimecast'), 0).gateway).toBe('mimecast');
  expect(Object.keys(toResponse(behind(null), 0))).not.toContain('gateway');
});

test('the entry of the suppression list is a field only where there is one', () => {
  const entry = { scope: 'list:news', reason: 'manual', effect: 'inform', status: null, since: now } as const;
  const verdict = judge(evidence({ suppression: { kind: 'clear', entry } }), now);
  expect(toResponse(verdict, 0).suppression).toEqual({ ...entry, since: '2026-11-20T12:00:00.000Z' });
  expect(Object.keys(toResponse(behind(null), 0))).not.toContain('suppression');
});
