// What a monitor reads: requests by route, method and status, and how long they took, in buckets that add up.

import { expect, test } from 'vitest';
import { dataDate } from '../../src/domain/data-date.ts';
import { createMetrics } from '../../src/http/metrics.ts';

const entry = { time: '', request_id: '', route: '/v1/validate', method: 'POST', status: 200, ms: 0 };
const ready = { ok: true, checks: [{ name: 'storage', ok: true }] };

const textOf = (entries: readonly object[]): string[] => {
  const metrics = createMetrics();
  for (const one of entries) metrics.count({ ...entry, ...one });
  return metrics.text(ready).split('\n');
};

test('counts each method and status of a route by itself', () => {
  const lines = textOf([{}, {}, { status: 422 }, { method: 'GET', route: '/healthz' }]);
  expect(lines.filter((line) => line.startsWith('presend_requests_total'))).toEqual([
    'presend_requests_total{method="POST",route="/v1/validate",status="200"} 2',
    'presend_requests_total{method="POST",route="/v1/validate",status="422"} 1',
    'presend_requests_total{method="GET",route="/healthz",status="200"} 1',
  ]);
});

test('tells the day of the built-in lists', () => {
  expect(textOf([])).toContain(`presend_data_timestamp_seconds ${Date.parse(dataDate) / 1000}`);
});

test('counts the recipients of returned messages by proof', () => {
  const metrics = createMetrics();
  for (const proof of ['unproven', 'assumed', 'unproven'] as const) metrics.countReturned(proof);
  const lines = metrics.text(ready).split('\n');
  expect(lines.filter((line) => line.startsWith('presend_returned_recipients_total'))).toEqual([
    'presend_returned_recipients_total{proof="proven"} 0',
    'presend_returned_recipients_total{proof="assumed"} 1',
    'presend_returned_recipients_total{proof="unproven"} 2',
  ]);
});

test('a bucket holds what took no longer than its bound, and so all that the ones below it hold', () => {
  const lines = textOf([{ ms: 5 }, { ms: 6 }, { ms: 300 }, { ms: 20_000 }]);
  const within = (bound: string) =>
    lines.find((line) => line.includes(`route="/v1/validate",le="${bound}"`))?.split(' ')[1];
  expect(['0.005', '0.01', '0.1', '0.3', '10', '+Inf'].map(within)).toEqual(['1', '2', '2', '3', '3', '4']);
  expect(lines).toContain('presend_request_duration_seconds_sum{route="/v1/validate"} 20.311');
});
