// The figures of the Node process for /metrics, with the names that Prometheus clients give them.

import type { MetricFamily } from '../http/metric-family.ts';

const startedAt = Date.now() / 1000 - process.uptime();

export function processMetrics(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const { active, utilization: _ } = performance.eventLoopUtilization();
  const of = (name: string, help: string, type: 'counter' | 'gauge', value: number): MetricFamily => ({
    ...{ name, help, type },
    samples: [{ value }],
  });
  return [
    of('process_cpu_seconds_total', 'Processor time of the process.', 'counter', (user + system) / 1e6),
    of('process_resident_memory_bytes', 'Memory of the process.', 'gauge', rss),
    of('process_start_time_seconds', 'When the process started, as Unix time.', 'gauge', startedAt),
    of('nodejs_heap_used_bytes', 'JavaScript heap in use.', 'gauge', heapUsed),
    of(
      'nodejs_eventloop_active_seconds_total',
      'Time in which the event loop was busy.',
      'counter',
      active / 1000,
    ),
  ];
}
