// /console/bounces: the report, incidents, the event log, the gate, and how accurate the predictions were.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { dayName } from '../../calendar.ts';
import { eventFilterNames, readEventFilter } from '../../events/event-filter.ts';
import type { GateQuestion } from '../../reports/gate/question.ts';
import { utc } from '../../reports/time-zone.ts';
import { recipientAddress, recipientRefusal } from '../../suppression/recipient.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { GateFields } from '../pages/console/bounce-gate.ts';
import type { BounceReportJson } from '../pages/console/bounces.ts';
import type { HttpPorts } from '../ports.ts';
import type { Problem } from '../problem.ts';
import { mistakesIn, readForm, requireSession, sendPage, viewerOf } from './console.ts';
import { GateRequest } from './gate.ts';
import { incidentPageOf, incidentQuery } from './incidents.ts';
import { bounceReportOf, requestedDays } from './reports.ts';

type ConsoleContext = Context<{ Variables: CallerVariables }>;

const eventsOnPage = 50;
const incidentsOnPage = 20;

/** What a problem says about a form, as a sentence. */
const sentenceOf = ({ detail, errors, title }: Problem): string =>
  errors?.map((error) => `${error.detail}.`).join(' ') ?? detail ?? title;

export const consoleBounceRoutes = (ports: HttpPorts) => {
  const { eventLog, gate, incidents, learning, now } = ports;
  const mayReport = requireSession(ports, 'reports:read');
  const mayLog = requireSession(ports, 'events:read');
  const mayGate = requireSession(ports, 'gate');
  const viewer = (c: ConsoleContext) => viewerOf(c.get('caller'));

  async function showReport(c: ConsoleContext): Promise<Response> {
    const { bounceReportConsolePage, groupings } = await import('../pages/console/bounces.ts');
    const { from = '', to = '', by = '' } = c.req.query();
    const isGrouping = groupings.some(([name]) => name === by);
    const grouping = `by=${isGrouping ? by : 'day'}`;
    const first = await bounceReportOf(
      c,
      ports,
      `${grouping}&from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
    );
    if (first.ok)
      return sendPage(c, bounceReportConsolePage(viewer(c), (await first.json()) as BounceReportJson, null));
    if (first.status !== 422) return first;
    const why = sentenceOf((await first.json()) as Problem);
    const fallback = (await (await bounceReportOf(c, ports, grouping)).json()) as BounceReportJson;
    return sendPage(c, bounceReportConsolePage(viewer(c), fallback, why), 422);
  }

  async function showIncidents(c: ConsoleContext): Promise<Response> {
    const { incidentsPage } = await import('../pages/console/bounce-incidents.ts');
    const { status = 'open', kind = '', cursor = '' } = c.req.query();
    const query = incidentQuery({
      ...{ status, limit: String(incidentsOnPage) },
      ...(kind && { kind }),
      ...(cursor && { cursor }),
    });
    if ('problem' in query) {
      const choice = { status: 'open', kind: '' };
      const { shown, next } = await incidentPageOf(incidents, { status: 'open', limit: incidentsOnPage });
      const why = sentenceOf(query.problem);
      return sendPage(c, incidentsPage(viewer(c), { incidents: shown, next, choice, problem: why }), 422);
    }
    const { shown, next } = await incidentPageOf(incidents, query);
    return sendPage(c, incidentsPage(viewer(c), { incidents: shown, next, choice: { status, kind } }));
  }

  async function showEvents(c: ConsoleContext): Promise<Response> {
    const { eventsPage } = await import('../pages/console/bounce-events.ts');
    const query = c.req.query();
    const filter = Object.fromEntries(eventFilterNames.map((name) => [name, query[name]?.trim() ?? '']));
    const { cursor = '' } = query;
    const refuse = (why: string) =>
      sendPage(c, eventsPage(viewer(c), { filter, shown: null, isFirst: true, problem: why }), 422);
    const read = readEventFilter(filter);
    if (!read.ok) return refuse(`${read.name} ${read.detail}.`);
    const page = await eventLog.page(read.filter, { ...(cursor && { cursor }), limit: eventsOnPage });
    if (page.kind === 'bad_cursor')
      return refuse('The link to older events is incomplete. Open the event log again.');
    return sendPage(c, eventsPage(viewer(c), { filter, shown: page, isFirst: cursor === '' }));
  }

  async function findEvents(c: ConsoleContext): Promise<Response> {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const { addressEventsPage } = await import('../pages/console/bounce-events.ts');
    const email = (form.get('email') ?? '').trim();
    const cursor = form.get('cursor') ?? '';
    const refuse = (why: string) =>
      sendPage(c, addressEventsPage(viewer(c), { email, shown: null, problem: why }), 422);
    const address = recipientAddress(email);
    if (address === null) return refuse(recipientRefusal(email));
    const page = await eventLog.find(address, {}, { ...(cursor && { cursor }), limit: eventsOnPage });
    if (page.kind === 'bad_cursor')
      return refuse('The request for older events is incomplete. Look up the address again.');
    return sendPage(c, addressEventsPage(viewer(c), { email, shown: page }));
  }

  async function askGate(c: ConsoleContext): Promise<Response> {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const { gatePage } = await import('../pages/console/bounce-gate.ts');
    const text = (name: keyof GateFields) => (form.get(name) ?? '').trim().slice(0, 1000);
    const fields: GateFields = {
      ...{ campaign: text('campaign'), purpose: text('purpose'), from_domain: text('from_domain') },
      ...{ list: text('list'), planned: text('planned') },
    };
    const parsed = v.safeParse(GateRequest, {
      campaign: fields.campaign,
      ...(fields.purpose && { purpose: fields.purpose }),
      ...(fields.from_domain && { from_domain: fields.from_domain }),
      ...(fields.list && { list: fields.list }),
      ...(fields.planned && { planned: Number(fields.planned) }),
    });
    if (!parsed.success) {
      const why = mistakesIn(parsed.issues);
      const page = gatePage(viewer(c), { followed: await gate.current(), fields, problem: why });
      return sendPage(c, page, 422);
    }
    const { campaign, purpose = 'marketing', from_domain, list = null, planned = null } = parsed.output;
    const question: GateQuestion = {
      ...{ campaign, purpose, fromDomain: from_domain?.toLowerCase() ?? null },
      ...{ list, planned, forecast: null, firstSentAt: null },
    };
    const answer = await gate.ask(question);
    const page = gatePage(viewer(c), {
      ...{ followed: await gate.current(), fields },
      answered: { question, answer },
    });
    return sendPage(c, page);
  }

  /** The gate's answer now, with its reasons, for a campaign about which somebody asked the gate in the last two days. */
  async function explainGate(c: ConsoleContext): Promise<Response> {
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const { gatePage } = await import('../pages/console/bounce-gate.ts');
    const followed = await gate.current();
    const asked = followed.find(
      ({ question }) =>
        question.campaign === form.get('campaign') && question.purpose === form.get('purpose'),
    );
    if (asked === undefined)
      return sendPage(
        c,
        gatePage(viewer(c), {
          followed,
          problem: 'The gate was not asked about this campaign in the last two days. Ask it below.',
        }),
        422,
      );
    return sendPage(c, gatePage(viewer(c), { followed, answered: asked }));
  }

  async function showPredictions(c: ConsoleContext): Promise<Response> {
    const { predictionsPage } = await import('../pages/console/bounce-predictions.ts');
    const today = utc.dayOf(now());
    const asked = requestedDays(c.req.query(), today);
    const isWrong = 'problem' in asked;
    const days = isWrong ? (requestedDays({}, today) as Exclude<typeof asked, { problem: Problem }>) : asked;
    const page = predictionsPage(viewer(c), {
      ...{ from: dayName(days.from), to: dayName(days.to) },
      calibration: await learning.calibration(days),
      problem: isWrong ? sentenceOf(asked.problem) : null,
    });
    return sendPage(c, page, isWrong ? 422 : 200);
  }

  return new Hono<{ Variables: CallerVariables }>()
    .get('/console/bounces', requireSession(ports, 'any'), async (c) => {
      const [{ bounceTabs }, { firstPageOf }] = await Promise.all([
        import('../pages/console/bounces.ts'),
        import('../pages/console/layout.ts'),
      ]);
      return c.redirect(firstPageOf(viewer(c), bounceTabs) ?? '/console', 303);
    })
    .get('/console/bounces/report', mayReport, showReport)
    .get('/console/bounces/incidents', mayReport, showIncidents)
    .get('/console/bounces/events', mayLog, showEvents)
    .post('/console/bounces/events/find', mayLog, findEvents)
    .get('/console/bounces/gate', mayGate, async (c) => {
      const { gatePage } = await import('../pages/console/bounce-gate.ts');
      return sendPage(c, gatePage(viewer(c), { followed: await gate.current() }));
    })
    .post('/console/bounces/gate', mayGate, askGate)
    .post('/console/bounces/gate/why', mayGate, explainGate)
    .get('/console/bounces/predictions', mayReport, showPredictions);
};
