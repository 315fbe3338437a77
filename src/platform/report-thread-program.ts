// The program of the thread that answers the requests for reports, see report-thread.ts.

import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { Hono } from 'hono';
import { recentSenders } from '../diagnosis/diagnoses.ts';
import type { AnswerVariables } from '../http/answer.ts';
import { reportPageRoutes, reportRoutes } from '../http/routes/reports.ts';
import { readCalibration } from '../learning/calibration.ts';
import { createIncidents } from '../reports/incidents/incidents.ts';
import { createReports } from '../reports/report.ts';
import { reportTimeZone } from '../reports/time-zone.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { createEventHistory } from '../storage/sqlite/event-store.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { createLearningRepository } from '../storage/sqlite/learning-repository.ts';
import { nodeSqliteDatabase } from '../storage/sqlite/node-sqlite.ts';
import { createWatchRepository } from '../storage/sqlite/watch-repository.ts';
import { createThreadPeer, type ThreadAnswer } from '../thread-peer.ts';
import type { ReportThreadAnswer, ReportThreadData, ReportThreadQuestion } from './report-thread.ts';

// Linux has a priority for each thread. Other systems would change that of the whole process.
if (process.platform === 'linux') setPriority(10);

const { path, settings } = workerData as ReportThreadData;
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
  // This thread only lists incidents and never looks for new ones.
  incidents: createIncidents({
    counter,
    repository: createIncidentRepository(database),
    now,
    newId: () => '',
    tell: () => {},
  }),
  learning: {
    calibration: (period: { readonly from: number; readonly to: number }) =>
      readCalibration(learning, period),
  },
  observedSenders: () => recentSenders(createWatchRepository(database), now()),
};
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
  parentPort!,
  async ({ url, headers, requestId }: ReportThreadQuestion): Promise<ThreadAnswer> => {
    const request = new Request(url, {
      headers: headers.map(([name, value]): [string, string] => [name, value]),
    });
    const response = await app.fetch(request, { requestId });
    const body = await response.arrayBuffer();
    const value: ReportThreadAnswer = { status: response.status, headers: [...response.headers], body };
    return { value, transfer: [body] };
  },
);
