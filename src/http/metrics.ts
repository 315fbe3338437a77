// What a monitor scrapes at /metrics, in the text format of Prometheus. Labels are routes, methods and statuses: no addresses.

import type { AccessLogEntry, Readiness } from './ports.ts';

export interface Metrics {
  count(entry: AccessLogEntry): void;
  /** Everything counted since the process, or on Workers the isolate, began. */
  text(readiness: Readiness): string;
}

/** Upper bounds in seconds; 0.3 is what a person in front of a form may wait. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 10];

interface Durations {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, Durations>();

  return {
    count({ method, route, status, ms }) {
      const labels = `method="${method}",route="${route}",status="${status}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      let duration = durations.get(route);
      if (duration === undefined) {
        duration = { buckets: bounds.map(() => 0), sum: 0, count: 0 };
        durations.set(route, duration);
      }
      const seconds = ms / 1000;
      duration.sum += seconds;
      duration.count += 1;
      for (let index = bounds.length - 1; index >= 0 && seconds <= bounds[index]!; index--)
        duration.buckets[index]! += 1;
    },

    text({ checks }) {
      const lines = [
        '# HELP presend_requests_total Requests answered.',
        '# TYPE presend_requests_total counter',
        ...[...requests].map(([labels, count]) => `presend_requests_total{${labels}} ${count}`),
        '# HELP presend_request_duration_seconds Time from a request to its answer.',
        '# TYPE presend_request_duration_seconds histogram',
        ...[...durations].flatMap(([route, { buckets, sum, count }]) => [
          ...buckets.map(
            (below, index) =>
              `presend_request_duration_seconds_bucket{route="${route}",le="${bounds[index]}"} ${below}`,
          ),
          `presend_request_duration_seconds_bucket{route="${route}",le="+Inf"} ${count}`,
          `presend_request_duration_seconds_sum{route="${route}"} ${sum}`,
          `presend_request_duration_seconds_count{route="${route}"} ${count}`,
        ]),
        '# HELP presend_up Whether storage answers, and whether each resolver is in service.',
        '# TYPE presend_up gauge',
        ...checks.map(({ name, ok }) => `presend_up{part="${name}"} ${ok ? 1 : 0}`),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}
