// Measures reports over 50 million counted events, how fast events are stored and counted, the bytes of an event, and what
// reports and events cost the verdicts of others.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { dayMs } from '../src/durations.ts';
import type { DeliveryEvent } from '../src/events/delivery-event.ts';
import { createFeedback } from '../src/events/record.ts';
import { openDatabase } from '../src/platform/database-file.ts';
import { createReports, dimensions, mostDaysByHour } from '../src/reports/report.ts';
import { createEventCounter } from '../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../src/suppression/address-hash.ts';
import { createSuppressionList } from '../src/suppression/list.ts';
import { nodeHasher } from '../src/suppression/node-hasher.ts';
import { startDohServer } from '../test/dns/doh-server.ts';
import { zone } from '../test/http/zone.ts';
import { type Bench, exactly, inTurns, ratioOf, secondsOf, spread } from './figures.ts';
import { asInstalled, type Server, startServer, startWorker, stop } from './programs.ts';
import { fillCounters, randomNumbers } from './reports/fill.ts';
import type { Loaded, LoadTask } from './reports/load.ts';
import type { VerdictTask } from './reports/verdicts.ts';

/** BENCH_REPORT_DAYS makes a run shorter: `BENCH_REPORT_DAYS=30 npm run bench -- reports` takes two minutes. */
const fullDays = Number(process.env['BENCH_REPORT_DAYS'] ?? 365);
const sizes = {
  full: { days: fullDays, eventsADay: 137_000, ingested: 200_000, rounds: 5, p99Rounds: 9, seconds: 10 },
  smoke: { days: 30, eventsADay: 137_000, ingested: 20_000, rounds: 3, p99Rounds: 3, seconds: 3 },
};
const eventsAtOnce = 500;
const eventsASecond = 1000;
const verdictsASecond = 200;
/** Programs that measure or make load must not take more of the two processors than they need, nor wait for their own garbage. */
const oneThread = ['--single-threaded-gc', '--v8-pool-size=1', '--max-semi-space-size=64'];
const espSecret = 'a secret of the bench';
const hashKey = 'a key for benches that has 32 bytes';

export const run: Bench['run'] = async (size) => {
  const { days, eventsADay, ingested, rounds, p99Rounds, seconds } = sizes[size];
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const { sqlite, database } = openDatabase(join(folder, 'var/presend.db'));
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const from = today - (days - 1) * dayMs;
  const counted = fillCounters(sqlite, { from, days, eventsADay });
  const counterBytes = bytesIn(sqlite);
  const reports = createReports({ counter: createEventCounter(database), now: Date.now });
  const reportMs = await inTurns(
    Object.fromEntries(
      dimensions.map((by) => [
        by,
        async () => {
          const first = by === 'hour' ? today - (mostDaysByHour - 1) * dayMs : from;
          return (
            1000 * (await secondsOf(() => reports.bounces({ from: Math.max(first, from), to: today, by })))
          );
        },
      ]),
    ),
    rounds,
  );

  const ingest: number[] = [];
  const before = bytesIn(sqlite);
  const feedback = feedbackOver(database);
  for (let round = 0; round < rounds; round++) {
    const batches = Array.from({ length: Math.ceil(ingested / rounds / eventsAtOnce) }, (_, batch) =>
      Array.from({ length: eventsAtOnce }, (_, index) =>
        anEvent((round * ingested + batch) * eventsAtOnce + index),
      ),
    );
    const taken = await secondsOf(async () => {
      for (const events of batches) await feedback.record(events);
    });
    ingest.push((batches.length * eventsAtOnce) / taken);
  }
  const events = sqlite.prepare('SELECT count(*) AS events FROM delivery_events').get()!['events'] as number;
  const eventBytes = (bytesIn(sqlite) - before) / events;
  sqlite.close();

  const doh = await startDohServer(zone);
  const service = await startServer('../src/cli/cli.ts', ['serve'], {
    cwd: folder,
    env: {
      ...process.env,
      ...asInstalled,
      PORT: '0',
      DOH_URLS: doh.url,
      ESP_SPARKPOST_SHARED_SECRETS: espSecret,
      ADDRESS_HASH_KEY: hashKey,
    },
  });
  const asker = startWorker<VerdictTask, number[]>('reports/verdicts.ts', { execArgv: oneThread });
  const verdicts = () => asker.ask({ port: portOf(service), seconds, verdictsASecond });
  const latencies = await inTurns(
    { alone: verdicts, busy: () => withEventsAndReports(service, verdicts) },
    p99Rounds,
  );
  asker.close();
  await stop(service.child);
  await doh.close();
  rmSync(folder, { recursive: true });

  const p99 = { alone: p99s(latencies.alone), busy: p99s(latencies.busy) };
  const p99Ratio = {
    ...ratioOf(p99.busy.ofRounds, p99.alone.ofRounds),
    median: p99.busy.ofAll / p99.alone.ofAll,
  };
  const slowest = Object.values(reportMs).reduce((a, b) => (spread(a).median > spread(b).median ? a : b));
  const million = `${(counted / 1e6).toFixed(0)} M`;
  return {
    figures: [
      ...dimensions.map((by) => ({
        name: `report by ${by} over ${million} events, ${by === 'hour' ? Math.min(days, mostDaysByHour) : days} days`,
        value: spread(reportMs[by]!),
        unit: 'ms',
      })),
      {
        name: 'a verdict: p99',
        value: { ...spread(p99.alone.ofRounds), median: p99.alone.ofAll },
        unit: 'ms',
      },
      {
        name: `a verdict with reports and ${eventsASecond} events a second: p99`,
        value: { ...spread(p99.busy.ofRounds), median: p99.busy.ofAll },
        unit: 'ms',
        ratio: p99Ratio,
      },
      { name: 'counters of an event', value: exactly(counterBytes / counted), unit: 'bytes' },
      { name: 'an event, hot', value: exactly(eventBytes), unit: 'bytes' },
    ],
    targets: [
      {
        name: `slowest report over ${million} counted events`,
        measured: spread(slowest),
        bound: 'at most',
        limit: 200,
        unit: 'ms',
      },
      {
        name: 'events stored and counted',
        measured: spread(ingest),
        bound: 'at least',
        limit: 5000,
        unit: 'events/s',
      },
      {
        name: `p99 of verdicts with reports and ${eventsASecond} events a second, against without`,
        measured: p99Ratio,
        bound: 'at most',
        limit: 1.2,
        unit: '×',
      },
    ],
  };
};

/** The p99 of each round, and of all verdicts: the slowest hundredth of one round are so few that their latencies are chance. */
function p99s(rounds: readonly (readonly number[])[]) {
  const p99 = (latencies: readonly number[]) =>
    latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)]!;
  return { ofRounds: rounds.map(p99), ofAll: p99(rounds.flat()) };
}

/** Bytes of the database file that are in use. */
function bytesIn(sqlite: DatabaseSync): number {
  const pragma = (name: string) => Object.values(sqlite.prepare(`PRAGMA ${name}`).get()!)[0] as number;
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

function feedbackOver(database: ReturnType<typeof openDatabase>['database']) {
  const hasher = nodeHasher(addressHashKey(hashKey));
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now: Date.now,
  });
  const repository = createEventRepository(database);
  return createFeedback({ repository, hasher, suppressionList, now: Date.now, together: true });
}

const hardBounce = { kind: 'bounce', class: 'hard', reason: 'mailbox_unknown', status: '5.1.1' } as const;
const softBounce = { kind: 'bounce', class: 'soft', reason: 'mailbox_full', status: '4.2.2' } as const;
const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;

/** Of a hundred events two are hard bounces and one is soft. */
function anEvent(number: number): DeliveryEvent {
  const random = randomNumbers(number);
  const what = number % 100 < 2 ? hardBounce : number % 100 === 2 ? softBounce : delivered;
  return {
    ...what,
    id: `event ${number}`,
    provider: 'sparkpost',
    label: what.kind,
    recipient: `jane.doe${number}@${random() < 0.4 ? 'gmail.com' : `otter-${number % 997}.com`}`,
    at: Date.now() - Math.floor(random() * 3_600_000),
    replyCode: null,
    diagnostic: null,
    messageId: `<${number}.20261127@mail.example.org>`,
    campaign: `campaign ${number % 5}`,
    source: `source ${number % 20}`,
    list: 'newsletter',
    echo: false,
  };
}

const portOf = ({ url }: Server): number => Number(new URL(url).port);

/** Runs `work` while the service receives events, and makes one report after the other. */
async function withEventsAndReports<T>(service: Server, work: () => Promise<T>): Promise<T> {
  const load = startWorker<LoadTask, Loaded | null>('reports/load.ts', { execArgv: oneThread });
  await load.ask({ kind: 'begin', port: portOf(service), eventsASecond, espSecret });
  const began = performance.now();
  const done = await work();
  const seconds = (performance.now() - began) / 1000;
  const { events, reports } = (await load.ask({ kind: 'end' }))!;
  load.close();
  if (events < 0.95 * seconds * eventsASecond || reports === 0)
    throw new Error(
      `the service had too little to do: ${events} events and ${reports} reports in ${seconds} s`,
    );
  return done;
}
