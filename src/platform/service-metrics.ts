// What the service counts for /metrics besides its HTTP requests. Counting allocates nothing for labels that were counted before.

import type { Alerts } from '../alerts/alerts.ts';
import type { Dns } from '../dns/create-dns.ts';
import type { DnsObserver } from '../dns/hedged.ts';
import { dayMs } from '../durations.ts';
import type { SuppressionOutbox } from '../events/change-webhook.ts';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import {
  type MetricFamily,
  type MetricHistogram,
  type MetricSample,
  metricHistogram,
  pairCounter,
} from '../http/metric-family.ts';
import type { Jobs } from '../jobs/job-service.ts';
import type { EventCounter } from '../reports/count.ts';
import type { Incidents } from '../reports/incidents/incidents.ts';
import type { EventTally } from '../reports/tally.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { ValidatorPorts } from '../validator/validate.ts';

export interface ServiceMetrics {
  readonly onJudgement: NonNullable<ValidatorPorts['onJudgement']>;
  readonly dnsObserver: DnsObserver;
  countOverruled(resolver: string): void;
  countEvent(event: Pick<DeliveryEvent, 'provider' | 'class' | 'kind'>): void;
  /** Counts alerts that were given up. */
  countGivenUp(target: string): void;
  /** Returns all metrics. What is read from the database is left out if storage fails. Never rejects. */
  read(ports: StoredFigures): Promise<readonly MetricFamily[]>;
}

/** What is read from the database for the metrics, at most once a minute. */
export interface StoredFigures {
  readonly counter: Pick<EventCounter, 'count'>;
  readonly incidents: Pick<Incidents, 'list'>;
  readonly suppressionList: Pick<SuppressionList, 'count'>;
  readonly outbox: Pick<SuppressionOutbox, 'waiting'>;
  readonly alerts: Pick<Alerts, 'overview'>;
  readonly jobs: Pick<Jobs, 'workload'>;
  /** How many DNS questions are open and wait; null where each request has its own queue. */
  readonly questions: Dns['questions'];
  /** The figures of the process; absent if the platform has none. */
  readonly process?: (() => readonly MetricFamily[]) | undefined;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** Upper bounds of the buckets for DNS latencies, in seconds. */
const dnsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const storedEveryMs = 60_000;

export function createServiceMetrics(): ServiceMetrics {
  const verdicts = pairCounter();
  const domains = { cached: 0, looked_up: 0, none: 0 };
  const dnsAnswers = pairCounter();
  const dnsDurations = new Map<string, MetricHistogram>();
  let hedges = 0;
  const overruled = new Map<string, number>();
  const events = pairCounter();
  const givenUp = new Map<string, number>();
  let stored: { readonly at: number; readonly families: readonly MetricFamily[] } | null = null;

  const counted = (): MetricFamily[] => [
    counter(
      'presend_verdicts_total',
      'Verdicts for forms, batches and lists.',
      verdicts.samples('result', 'reason'),
    ),
    counter(
      'presend_domain_lookups_total',
      'Domains that were checked for verdicts, by whether the facts came from the cache or from DNS.',
      [
        { labels: { from: 'cache' }, value: domains.cached },
        { labels: { from: 'dns' }, value: domains.looked_up },
      ],
    ),
    counter(
      'presend_dns_answers_total',
      'Answers and failures of DNS resolvers. Questions that were no longer needed are not counted.',
      dnsAnswers.samples('resolver', 'outcome'),
    ),
    {
      name: 'presend_dns_answer_duration_seconds',
      help: 'Latency of the answers and failures of DNS resolvers.',
      type: 'histogram',
      samples: [...dnsDurations].flatMap(([resolver, histogram]) => histogram.samples({ resolver })),
    },
    counter(
      'presend_dns_hedges_total',
      'DNS questions that were also sent to another resolver, because the first was slow.',
      [{ value: hedges }],
    ),
    counter(
      'presend_dns_overruled_total',
      'Domains about which two resolvers contradicted a third one.',
      by('resolver', overruled),
    ),
    counter(
      'presend_events_total',
      'New delivery events, by the provider that reported them and by bounce class. Events that are not bounces are counted by their kind, such as delivered.',
      events.samples('provider', 'class'),
    ),
    counter(
      'presend_alerts_given_up_total',
      'Alerts that a receiver did not accept for three days.',
      by('target', givenUp),
    ),
  ];

  return {
    onJudgement({ result, reason }, domain) {
      verdicts.add(result, reason);
      domains[domain] += 1;
    },
    dnsObserver: {
      answered(resolver, outcome, tookMs) {
        dnsAnswers.add(resolver, outcome.kind === 'failure' ? outcome.cause : outcome.kind);
        let histogram = dnsDurations.get(resolver);
        if (histogram === undefined) {
          histogram = metricHistogram(dnsBounds);
          dnsDurations.set(resolver, histogram);
        }
        histogram.observe(tookMs / 1000);
      },
      hedged() {
        hedges += 1;
      },
    },
    countOverruled: (resolver) => void overruled.set(resolver, (overruled.get(resolver) ?? 0) + 1),
    countEvent: ({ provider, class: bounceClass, kind }) =>
      events.add(provider, bounceClass === 'none' ? kind : bounceClass),
    countGivenUp: (target) => void givenUp.set(target, (givenUp.get(target) ?? 0) + 1),
    async read(ports) {
      if (stored === null || ports.now() - stored.at >= storedEveryMs) {
        try {
          stored = { at: ports.now(), families: await storedFamilies(ports) };
        } catch (error) {
          ports.onFailure(error);
          stored = null;
        }
      }
      return [
        ...counted(),
        ...questionFamilies(ports.questions()),
        ...(stored?.families ?? []),
        ...(ports.process?.() ?? []),
      ];
    },
  };
}

const counter = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
  ...{ name, help, samples },
  type: 'counter',
});

const gauge = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
  ...{ name, help, samples },
  type: 'gauge',
});

const by = (label: string, counts: ReadonlyMap<string, number>): MetricSample[] =>
  [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));

function questionFamilies(load: ReturnType<Dns['questions']>): MetricFamily[] {
  if (load === null) return [];
  const { open, background, waiting } = load;
  return [
    gauge('presend_dns_questions_open', 'DNS questions that were sent and are not answered yet.', [
      { labels: { for: 'callers' }, value: open },
      { labels: { for: 'cache' }, value: background },
    ]),
    gauge(
      'presend_dns_questions_waiting',
      'DNS questions that wait in the queue until others are answered, by what they are for.',
      Object.entries(waiting).map(([priority, value]) => ({ labels: { for: priority }, value })),
    ),
  ];
}

const outcomes: readonly (keyof EventTally)[] = [
  ...(['sent', 'delivered', 'hard', 'soft', 'policy'] as const),
  ...(['complaint', 'unsubscribed', 'deferred'] as const),
];

const mostIncidents = 1000;

async function storedFamilies(ports: StoredFigures): Promise<MetricFamily[]> {
  const { counter: events, incidents, suppressionList, outbox, alerts, jobs, now } = ports;
  const at = now();
  const mail = await events.count({
    from: at - dayMs,
    to: at + 1,
    by: 'provider',
    every: 'all',
    causes: false,
  });
  const open = await incidents.list({ status: 'open', limit: mostIncidents });
  const kinds = new Map<string, MetricSample & { value: number }>();
  for (const { kind, severity } of open) {
    const sample = kinds.get(`${kind} ${severity}`) ?? { labels: { kind, severity }, value: 0 };
    kinds.set(`${kind} ${severity}`, { ...sample, value: sample.value + 1 });
  }
  const { targets, waiting } = await alerts.overview(0);
  const { open: hasJobs, leased, callbacks } = await jobs.workload();
  return [
    gauge(
      'presend_mail_messages',
      'Messages of the last 24 hours by mailbox provider and outcome. The rates in the reports are shares of these numbers.',
      mail.flatMap(({ name, tally }) =>
        outcomes
          .filter((outcome) => tally[outcome] > 0)
          .map((outcome) => ({ labels: { provider: name ?? 'other', outcome }, value: tally[outcome] })),
      ),
    ),
    gauge('presend_open_incidents', 'Open incidents.', [...kinds.values()]),
    gauge('presend_suppressions', 'Entries of the suppression list.', [
      { value: await suppressionList.count() },
    ]),
    gauge(
      'presend_suppression_webhook_changes',
      'Changes of the suppression list that wait for SUPPRESSION_WEBHOOK_URL.',
      [{ value: await outbox.waiting() }],
    ),
    gauge('presend_alerts_waiting', 'Alerts that wait to be grouped, or for the end of the quiet hours.', [
      { value: waiting },
    ]),
    gauge(
      'presend_alert_messages',
      'Messages with alerts of the last 30 days, by receiver and state.',
      targets.flatMap(({ name, delivered, pending, failed }) =>
        Object.entries({ delivered, pending, failed }).map(([state, value]) => ({
          labels: { target: name, state },
          value,
        })),
      ),
    ),
    gauge('presend_jobs_pending', '1 if a list is being verified or waits to be verified, else 0.', [
      { value: hasJobs ? 1 : 0 },
    ]),
    gauge('presend_job_callbacks', 'Callbacks of lists that were not accepted yet.', [{ value: callbacks }]),
    gauge('presend_job_workers_busy', 'Workers that verify a part of a list.', [{ value: leased }]),
  ];
}
