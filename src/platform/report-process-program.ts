// The program of the process that answers the requests for reports and looks for incidents, see report-process.ts.

import { availableParallelism } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate as immediately } from 'node:timers/promises';
import { Hono } from 'hono';
import { createCauseSearch, recentSenders } from '../diagnosis/diagnoses.ts';
import type { AnswerVariables } from '../http/answer.ts';
import { reportPageRoutes, reportRoutes } from '../http/routes/reports.ts';
import { readCalibration } from '../learning/calibration.ts';
import type { CountQuery } from '../reports/count.ts';
import { createIncidentSearch } from '../reports/incidents/search.ts';
import { createReports } from '../reports/report.ts';
import { reportTimeZone } from '../reports/time-zone.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { createEventHistory } from '../storage/sqlite/event-store.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { createLearningRepository } from '../storage/sqlite/learning-repository.ts';
import { nodeSqliteDatabase } from '../storage/sqlite/node-sqlite.ts';
import { createWatchRepository } from '../storage/sqlite/watch-repository.ts';
import { createThreadPeer, type ThreadAnswer } from '../thread-peer.ts';
import { lowerProcessPriority } from './low-priority.ts';
import { createProcessorShare } from './processor-share.ts';
import type {
  ReportProcessData,
  ReportProcessQuestion,
  ReportRequest,
  ReportResponse,
} from './report-process.ts';

// A signal to a group of processes ends the service, which answers what it was asked before. This process ends when it is disconnected.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

lowerProcessPriority();

const { path, settings } = JSON.parse(process.argv[2]!) as ReportProcessData;
const database = nodeSqliteDatabase(new DatabaseSync(path, { readOnly: true }));
const counter = createEventCounter(database);
const now = Date.now;
const learning = createLearningRepository(database);
const ports = {
  now,
  reports: createReports({
    counter,
    now,
    history: createEventHistory(database),
    timeZone: reportTimeZone(settings.reportTimeZone),
    profile: settings.listProfile,
  }),
  incidents: createIncidentRepository(database),
  learning: {
    calibration: (period: { readonly from: number; readonly to: number }) =>
      readCalibration(learning, period),
  },
  observedSenders: () => recentSenders(createWatchRepository(database), now()),
};
// Nobody waits for these reads as for a report, so reports have a turn in between.
const patientCounter = {
  async count(query: CountQuery) {
    await immediately();
    return counter.count(query);
  },
};
const findIncidents = createIncidentSearch(patientCounter);
const findCauses = createCauseSearch(patientCounter);
const app = new Hono<{ Bindings: { readonly requestId: string }; Variables: AnswerVariables }>()
  .use(async (c, next) => {
    c.set('requestId', c.env.requestId);
    // The service adds the headers of every response.
    c.set('headers', {});
    await next();
  })
  .route('/v1', reportRoutes(ports))
  .route('/', reportPageRoutes(ports));
app.onError((error) => {
  throw error;
});

createThreadPeer(
  {
    postMessage: (message) => void process.send!(message),
    on: (event, listener) => process.on(event, listener),
  },
  async (question: ReportProcessQuestion): Promise<ThreadAnswer> => {
    if (question.kind === 'incidents') return { value: await findIncidents(question) };
    if (question.kind === 'causes') return { value: await findCauses(question) };
    for (let ms = msUntilTurn(); ms > 0; ms = msUntilTurn()) await delay(ms);
    return { value: await report(question) };
  },
);

/**
 * A busy processor makes every verdict slower, whatever the priority. So a reader who asks for one report after the other gets a part of
 * one processor only, after a few dozen reports at once. With two processors this process and the thread that stores events can have
 * both at the same time, and verdicts wait for a tick of the kernel: the part is smaller then.
 */
const msUntilTurn = createProcessorShare({
  share: availableParallelism() > 2 ? 0.25 : 0.05,
  burstMs: 1000,
  usedMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  now: () => performance.now(),
});

async function report({ url, headers, requestId }: ReportRequest): Promise<ReportResponse> {
  const request = new Request(url, {
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
  const response = await app.fetch(request, { requestId });
  const body = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: [...response.headers], body };
}
