// Reports that are answered by a process of their own are those that the routes answer.

import { join } from 'node:path';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { createCauseSearch, recentSenders } from '../../src/diagnosis/diagnoses.ts';
import { dayMs, hourMs } from '../../src/durations.ts';
import { createFeedback } from '../../src/events/record.ts';
import type { AnswerVariables } from '../../src/http/answer.ts';
import { reportPageRoutes, reportRoutes } from '../../src/http/routes/reports.ts';
import { readCalibration } from '../../src/learning/calibration.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createReportProcess } from '../../src/platform/report-process.ts';
import { createIncidentSearch } from '../../src/reports/incidents/search.ts';
import { createReports } from '../../src/reports/report.ts';
import { reportTimeZone } from '../../src/reports/time-zone.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { createLearningRepository } from '../../src/storage/sqlite/learning-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { createWatchRepository } from '../../src/storage/sqlite/watch-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { emptyFolder } from '../cli/program.ts';
import { event } from '../contract/feedback.ts';
import { storedIncident } from '../contract/incidents.ts';

const settings = { reportTimeZone: 'Europe/Berlin', listProfile: 'b2b' } as const;
const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

function open() {
  const path = join(emptyFolder(), 'presend.db');
  const { sqlite, database } = openDatabase(path);
  const counter = createEventCounter(database);
  const now = Date.now;
  const learning = createLearningRepository(database);
  const ports = {
    now,
    reports: createReports({
      counter,
      now,
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
  const suppressionList = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now,
  });
  const feedback = createFeedback({
    ...{ hasher, now, suppressionList, together: true },
    repository: createEventRepository(database),
  });
  const here = new Hono<{ Variables: AnswerVariables }>()
    .use(async (c, next) => {
      c.set('requestId', 'a request');
      c.set('headers', {});
      await next();
    })
    .route('/v1', reportRoutes(ports))
    .route('/', reportPageRoutes(ports));
  return { path, sqlite, counter, feedback, here };
}

const paths = [
  ...['/v1/reports/bounces', '/v1/reports/bounces?by=source', '/v1/reports/bounces?by=hour&format=csv'],
  ...['/v1/reports/bounces?by=nothing', '/v1/reports/bounces?from=2026-99-99', '/reports?format=csv'],
  ...['/reports', '/v1/reports/bounces?by=reason&format=xml'],
];

test('the answers are those of the routes', async () => {
  const { path, sqlite, feedback, here } = open();
  const reports = createReportProcess({ path, settings });
  onTestFinished(async () => {
    await reports.close();
    sqlite.close();
  });
  // An unusual day whose causes are read, among ordinary ones.
  const yesterday = Date.now() - dayMs;
  const refused = { class: 'policy', reason: 'blocked_reputation', status: '5.7.1', source: 'fair' } as const;
  const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;
  await feedback.record(
    Array.from({ length: 400 }, (_, number) =>
      number < 50
        ? event({ ...refused, at: yesterday })
        : event({ ...delivered, source: 'form', at: yesterday - (number % 9) * dayMs }),
    ),
  );
  for (const asked of paths) {
    const request = () =>
      new Request(`http://localhost${asked}`, { headers: { accept: 'text/csv;q=0.1, */*' } });
    const wanted = await here.fetch(request());
    const got = await reports.answer(request(), 'a request');
    expect(got.status).toBe(wanted.status);
    expect([...got.headers]).toEqual([...wanted.headers]);
    // The page says when it was made.
    const text = async (response: Response) =>
      (await response.text()).replaceAll(/\d\d:\d\d(:\d\d)?/g, 'time');
    expect(await text(got)).toBe(await text(wanted));
  }
  const answer = await reports.answer(new Request('http://localhost/v1/reports/bounces?by=day'), 'a');
  expect(await answer.json()).toMatchObject({ spikes: [{ status: '5.7.1' }], time_zone: 'Europe/Berlin' });
});

test('reports see what was stored after the process started', async () => {
  const { path, sqlite, feedback } = open();
  const reports = createReportProcess({ path, settings });
  onTestFinished(async () => {
    await reports.close();
    sqlite.close();
  });
  const hard = async () => {
    const answer = await reports.answer(new Request('http://localhost/v1/reports/bounces'), 'a');
    return ((await answer.json()) as { total: { hard: number } }).total.hard;
  };
  expect(await hard()).toBe(0);
  await feedback.record([event({ at: Date.now() })]);
  expect(await hard()).toBe(1);
});

test('incidents and their causes are those that a search in this process finds', async () => {
  const { path, sqlite, counter, feedback } = open();
  const reports = createReportProcess({ path, settings });
  onTestFinished(async () => {
    await reports.close();
    sqlite.close();
  });
  const moment = Date.now();
  const refused = { class: 'policy', reason: 'authentication_failed', status: '5.7.26' } as const;
  const delivered = { kind: 'delivered', class: 'none', reason: 'delivered', status: null } as const;
  await feedback.record([
    ...Array.from({ length: 60 }, () => event({ ...refused, at: moment - 2 * hourMs })),
    ...Array.from({ length: 600 }, (_, number) =>
      event({ ...delivered, at: moment - 2 * hourMs - (number % 20) * dayMs }),
    ),
  ]);
  const { found } = await reports.findIncidents({ moment, stored: [] });
  expect(found).toMatchObject([{ kind: 'authentication' }]);
  expect(found).toEqual((await createIncidentSearch(counter)({ moment, stored: [] })).found);

  const incident = { ...storedIncident(), ...found[0]!, openedAt: moment };
  const question = { moment, stored: [incident, { ...incident, id: 'other', scope: { source: 'none' } }] };
  expect((await reports.findIncidents(question)).withMail).toEqual([incident.id]);

  const causes = { due: [incident], open: [incident], senders: [], unanswered: [], now: moment };
  expect(await reports.findCauses(causes)).toMatchObject([{ cause: 'authentication' }]);
  expect(await reports.findCauses(causes)).toEqual(await createCauseSearch(counter)(causes));
});

test('a failure rejects, so that the service answers it as any other', async () => {
  const { path, sqlite } = open();
  sqlite.exec('DROP TABLE event_tallies');
  const reports = createReportProcess({ path, settings });
  await expect(reports.answer(new Request('http://localhost/v1/reports/bounces'), 'a')).rejects.toThrow(
    'no such table',
  );
  await reports.close();
  sqlite.close();
});
