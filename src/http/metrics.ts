// The Prometheus metrics at /metrics. Their labels, such as route, method and status, never contain an address.

import { dataTime, dataVersion } from '../domain/data-date.ts';
import type { EventProof } from '../events/delivery-event.ts';
import { familyLines, type MetricFamily } from './metric-family.ts';
import type { AccessLogEntry, Readiness } from './ports.ts';

export interface Metrics {
  count(entry: AccessLogEntry): void;
  /** Counts one recipient of a reported bounce or complaint. `proof`: how certain it is that the report is genuine. */
  countReturned(proof: EventProof): void;
  /**
   * Returns the metrics in the Prometheus text format, followed by `more`. Counting begins when the process (on Workers, the
   * isolate) starts.
   */
  text(readiness: Readiness, more?: readonly MetricFamily[]): string;
}

/** Upper bounds of the buckets for request durations, in seconds. 0.3 is there because a signup form should not wait longer. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 10];

interface RouteCounts {
  /** Number of requests by method and then by status. Nested maps are cheaper than one map whose keys join both. */
  readonly answers: Map<string, Map<number, number>>;
  /**
   * For each of `bounds`, the number of requests that took at most this long, but longer than the bound before it. Prometheus
   * buckets are cumulative, so `text` adds the numbers up.
   */
  readonly within: number[];
  /** Total duration of all requests, in seconds. */
  sum: number;
  count: number;
}

export function createMetrics(): Metrics {
  const routes = new Map<string, RouteCounts>();
  const returned: Record<EventProof, number> = { proven: 0, assumed: 0, unproven: 0 };

  function countsOf(route: string): RouteCounts {
    let counts = routes.get(route);
    if (counts === undefined) {
      counts = { answers: new Map(), within: bounds.map(() => 0), sum: 0, count: 0 };
      routes.set(route, counts);
    }
    return counts;
  }

  return {
    count({ method, route, status, ms }) {
      const counts = countsOf(route);
      const statuses = counts.answers.get(method) ?? new Map<number, number>();
      if (statuses.size === 0) counts.answers.set(method, statuses);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const seconds = ms / 1000;
      counts.sum += seconds;
      counts.count += 1;
      const bound = bounds.findIndex((most) => seconds <= most);
      if (bound >= 0) counts.within[bound]! += 1;
    },

    countReturned(proof) {
      returned[proof] += 1;
    },

    text({ checks }, more = []) {
      const lines = [
        '# HELP presend_requests_total HTTP requests.',
        '# TYPE presend_requests_total counter',
        ...[...routes].flatMap(([route, { answers }]) =>
          [...answers].flatMap(([method, statuses]) =>
            [...statuses].map(
              ([status, requests]) =>
                `presend_requests_total{method="${method}",route="${route}",status="${status}"} ${requests}`,
            ),
          ),
        ),
        '# HELP presend_request_duration_seconds HTTP request duration.',
        '# TYPE presend_request_duration_seconds histogram',
        ...[...routes].flatMap(([route, { within, sum, count }]) => [
          ...bounds.map(
            (bound, index) =>
              `presend_request_duration_seconds_bucket{route="${route}",le="${bound}"} ${total(within.slice(0, index + 1))}`,
          ),
          `presend_request_duration_seconds_bucket{route="${route}",le="+Inf"} ${count}`,
          `presend_request_duration_seconds_sum{route="${route}"} ${sum}`,
          `presend_request_duration_seconds_count{route="${route}"} ${count}`,
        ]),
        '# HELP presend_data_timestamp_seconds The day of the domain data in use, as the Unix time of the start of that day (UTC).',
        '# TYPE presend_data_timestamp_seconds gauge',
        `presend_data_timestamp_seconds ${dataTime() / 1000}`,
        '# HELP presend_data_info The version of the domain data in use.',
        '# TYPE presend_data_info gauge',
        `presend_data_info{version="${dataVersion()}"} 1`,
        '# HELP presend_returned_recipients_total Recipients named in received bounce and complaint messages, by proof that the message is genuine. Unproven ones suppress no address.',
        '# TYPE presend_returned_recipients_total counter',
        ...Object.entries(returned).map(
          ([proof, recipients]) => `presend_returned_recipients_total{proof="${proof}"} ${recipients}`,
        ),
        '# HELP presend_up 1 if the part (storage or a DNS resolver) is available, else 0.',
        '# TYPE presend_up gauge',
        ...checks.map(({ name, ok }) => `presend_up{part="${name}"} ${ok ? 1 : 0}`),
        ...more.flatMap(familyLines),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
