// /v1/reports/bounces as JSON and CSV, and /reports as a page.

import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import * as v from 'valibot';
import { isCalendarDay } from '../../calendar.ts';
import { type SenderOrList, senderOrList } from '../../diagnosis/sender-or-list.ts';
import { dayMs } from '../../durations.ts';
import { type BounceRateReport, type Dimension, dimensions, mostDaysByHour } from '../../reports/report.ts';
import { bandProfiles } from '../../reports/thresholds.ts';
import { countField, dayField, described, momentField, nullableString, shareField } from '../fields.ts';
import { mediaTypes } from '../media.ts';
import { daySchema, oneOfSchema, type Parameter, type Resource, refusal } from '../operation.ts';
import { withoutBidiControls } from '../pages/bidi.ts';
import { ownStylePolicy } from '../pages/page-policy.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, type Problem, problem } from '../problem.ts';

const fraction = described(v.nullable(shareField), 'A rate from 0 to 1; null if unknown.');

const rate = v.object({
  rate: described(v.pipe(v.number(), v.minValue(0)), 'The count divided by the number of messages sent.'),
  grade: described(
    v.nullable(v.picklist(['excellent', 'acceptable', 'concerning', 'poor', 'stop'])),
    'How good the rate is by thresholds that senders commonly use; null if there are no thresholds for this rate.',
  ),
  band: described(
    v.nullable(v.picklist(['healthy', 'warning', 'critical'])),
    'Whether the rate is healthy by the limits in `bands`. Only for `hard` and `bounces`; null for other rates.',
  ),
  few: described(
    v.boolean(),
    'True if the rate is based on few messages and says little: fewer than 100, or 1,000 for complaints.',
  ),
});

const bandLimits = v.object({
  warning_from: described(shareField, 'Rates below this limit are healthy.'),
  critical_above: described(
    shareField,
    'Rates above this limit are critical, rates between the limits are a warning.',
  ),
});

const line = {
  sent: described(
    v.nullable(countField),
    'Number of messages sent: those reported as sent, or delivered plus bounced if that is more. Null if unknown. If messages were reported as sent or delivered, but only for other groups, this is the number of bounces.',
  ),
  delivered: countField,
  hard: countField,
  soft: countField,
  policy: described(
    countField,
    'Bounces that are due to the sender or the content of the message, not to the address.',
  ),
  bounces: described(countField, 'Sum of hard, soft and policy.'),
  complaint: countField,
  unsubscribed: countField,
  deferred: described(
    countField,
    'Temporary failures after which the sending server tries again. They are not bounces.',
  ),
  rates: described(
    v.nullable(
      v.object({ hard: rate, soft: rate, policy: rate, bounces: rate, complaint: rate, unsubscribed: rate }),
    ),
    'Null if the number of messages sent is unknown.',
  ),
};

export const BounceReportAnswer = v.object({
  from: described(dayField, 'First day, in `time_zone`.'),
  to: described(dayField, 'Last day, in `time_zone`.'),
  time_zone: described(
    v.string(),
    'The time zone of the days and hours, such as Europe/Berlin (the setting REPORT_TIME_ZONE).',
  ),
  profile: described(
    v.nullable(v.picklist(bandProfiles)),
    'The kind of mail, which decides the limits in `bands` (the setting PROFILE); null if PROFILE is not set.',
  ),
  bands: described(
    v.object({ hard: bandLimits, bounces: bandLimits }),
    'The limits between healthy, warning and critical rates.',
  ),
  by: v.picklist(dimensions),
  total: v.object(line),
  groups: described(
    v.array(
      v.object({
        name: described(
          nullableString,
          'What the messages of the group have in common, as chosen with `by`: the day, the hour with its offset from UTC, the campaign, source, list, provider, gateway, mail host, reason or status. Null if they have none or it is unknown; for `mail_host` also for domains that are their own mail host.',
        ),
        share: described(
          v.nullable(shareField),
          'The share of the group in all bounces of the report, from 0 to 1; null if there are no bounces.',
        ),
        ...line,
      }),
    ),
    'All days or hours of the report, or the 1,000 groups with the most sent messages (mail hosts, reasons and statuses: with the most bounces).',
  ),
  groups_left_out: described(countField, 'Number of groups that are not in `groups`.'),
  spikes: described(
    v.array(
      v.object({
        kind: v.picklist([
          'provider_block',
          'sender_block',
          'provider_delay',
          'provider_incident',
          'list_quality',
          'source_quality',
          'complaints',
        ]),
        from: described(
          v.nullable(dayField),
          'First day of the rise; null if the finding is about the whole period.',
        ),
        to: v.nullable(dayField),
        provider: nullableString,
        source: nullableString,
        messages: countField,
        rate: fraction,
        rate_before: fraction,
        share: described(
          v.nullable(shareField),
          'The share of all bounces on the days of the rise that belong to this finding, from 0 to 1. For `provider_incident`: the share of all hard bounces.',
        ),
        reason: nullableString,
        status: nullableString,
        explanation: v.string(),
        advice: v.string(),
      }),
    ),
    'Unusual rises of bounces or complaints, and sources with many bounces. Each has an explanation and advice.',
  ),
  alerts: described(
    v.array(
      v.object({
        hour: described(momentField, 'The beginning of the hour (UTC).'),
        provider: described(nullableString, 'The mailbox provider; null if it is not a well-known one.'),
        messages: countField,
        share: described(shareField, 'The share of `messages` in all bounces of that hour, from 0 to 1.'),
        reason: v.string(),
        status: nullableString,
        advice: v.string(),
      }),
    ),
    'For each provider that refused much of your mail for policy reasons in the last 24 hours, the latest hour in which it did.',
  ),
  unproven: described(
    countField,
    'Number of recipients in bounce messages that nothing proves to be about your mail (see BOUNCE_TRUST). No other figure includes them.',
  ),
  notes: described(v.array(v.string()), 'Sentences about limits of the figures, for display.'),
  sender_or_list: described(
    v.object({
      answer: described(
        v.picklist(['sender', 'list', 'provider', 'unknown', 'none']),
        'Who has to act. `none`: nothing stands out. `unknown`: the evidence does not say.',
      ),
      certainty: described(
        v.nullable(v.picklist(['likely', 'possible'])),
        'How sure the answer is; null without an incident.',
      ),
      sentence: v.string(),
      incidents: described(
        v.array(v.string()),
        'The ids of the incidents of these days, the main one first.',
      ),
    }),
    'Is it me or my list? The answer for these days, from the incidents and the DNS of the sender.',
  ),
});

/** The query parameters of reports about a period. `zone` says in a few words in which time zone the days are. */
export const periodParameters = (zone: string): Readonly<Record<string, Parameter>> => ({
  from: {
    description: `First day of the period (${zone}), such as 2026-11-01; 29 days before \`to\` by default.`,
    schema: daySchema,
    example: '2026-11-01',
  },
  to: {
    description: `Last day of the period (${zone}); today by default. The period can have at most 366 days.`,
    schema: daySchema,
    example: '2026-11-30',
  },
});

export const reportsResource: Resource = {
  tag: 'Reports',
  about: 'Why mail bounced: rates, grades, unusual rises and advice.',
  schemas: { BounceReportAnswer },
  operations: {
    'GET /v1/reports/bounces': {
      scope: 'reports:read',
      id: 'reportBounces',
      summary: 'Get the bounce report',
      description: 'The page `/reports` shows the same report with charts.',
      query: {
        ...periodParameters('in the time zone of the reports'),
        by: {
          description: `\`day\` (the default), \`hour\` (of at most ${mostDaysByHour} days), \`campaign\`, \`source\`, \`list\`, \`provider\`, \`gateway\`, \`mail_host\` (the domain of the mail host, such as google.com), \`reason\` or \`status\`. Mail host, reason and status are known only for failures, so these groups have no rates, but shares.`,
          schema: oneOfSchema(dimensions, 'day'),
          example: 'provider',
          isSent: true,
        },
        format: {
          description: '`json` (the default) or `csv`. The header `Accept: text/csv` works too.',
          schema: oneOfSchema(['json', 'csv'], 'json'),
          example: 'csv',
        },
      },
      answerMediaTypes: { 'text/csv': 'One row per group, then the total. No group is left out.' },
      answers: {
        200: ['The report.', BounceReportAnswer],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
  },
};

const mostDays = 366;
const daysByDefault = 30;
/** Maximum number of open incidents on the page. */
const mostIncidents = 50;

export type ReportPorts = Pick<
  HttpPorts,
  'reports' | 'incidents' | 'learning' | 'now' | 'answerReport' | 'observedSenders'
>;

export const reportRoutes = (ports: ReportPorts) =>
  new Hono().get('/reports/bounces', async (c) => {
    if (ports.answerReport !== undefined) return ports.answerReport(c.req.raw, requestIdOf(c));
    const format = c.req.query('format') ?? accepted(c);
    c.header('vary', 'accept');
    if (format === 'csv') return csv(c, ports);
    return format === 'json' ? json(c, ports) : problem(c, invalidQuery('format', 'must be json or csv'));
  });

/** Answers GET /v1/reports/bounces with the parameters in `query`, for the pages of the console. */
export async function bounceReportOf(c: Context, ports: ReportPorts, query: string): Promise<Response> {
  const request = new Request(`${new URL(c.req.url).origin}/v1/reports/bounces?${query}`);
  if (ports.answerReport !== undefined) return ports.answerReport(request, requestIdOf(c));
  return new Hono().route('/v1', reportRoutes(ports)).fetch(request);
}

/**
 * The route /reports. It also serves the CSV to which the page links: a browser that follows a link cannot send a bearer token
 * to the API.
 */
export const reportPageRoutes = (ports: ReportPorts) =>
  new Hono().get('/reports', (c) => {
    if (ports.answerReport !== undefined) return ports.answerReport(c.req.raw, requestIdOf(c));
    return c.req.query('format') === 'csv' ? csv(c, ports) : page(c, ports);
  });

async function json(c: Context, ports: ReportPorts) {
  const { reports, now } = ports;
  const asked = reportAsked(c, reports.timeZone.dayOf(now()));
  if ('problem' in asked) return problem(c, asked.problem);
  const { reportAnswer } = await import('./report-answer.ts');
  const report = await reports.bounces(asked);
  const answer = reportAnswer(report, await senderOrListIn(report, ports));
  return c.json(answer, 200, { 'cache-control': 'no-store' });
}

/** Tells whether the sender or the list causes the bounces in a report, by the incidents of its days. */
async function senderOrListIn(
  { from, to, total }: BounceRateReport,
  { reports: { timeZone }, incidents, observedSenders }: ReportPorts,
): Promise<SenderOrList> {
  return senderOrList({
    incidents: await incidents.list({
      status: 'all',
      from: timeZone.startOf(from),
      to: timeZone.startOf(to + dayMs),
      limit: mostIncidents,
    }),
    bounces: total.bounces,
    hasEvents: total.sent !== null || total.bounces > 0,
    senders: await observedSenders(),
  });
}

async function csv(c: Context, { reports, now }: ReportPorts): Promise<Response> {
  const asked = reportAsked(c, reports.timeZone.dayOf(now()));
  if ('problem' in asked) return problem(c, asked.problem);
  const { reportCsv } = await import('./report-answer.ts');
  const report = await reports.bounces({ ...asked, mostGroups: Number.POSITIVE_INFINITY });
  return c.body(reportCsv(report), 200, {
    'content-type': mediaTypes.csv,
    'content-disposition': `attachment; filename="bounces-by-${asked.by}.csv"`,
    'cache-control': 'no-store',
  });
}

async function page(c: Context, ports: ReportPorts): Promise<Response> {
  const { reports, incidents, learning, now } = ports;
  const asked = reportAsked(c, reports.timeZone.dayOf(now()));
  if ('problem' in asked) return problem(c, asked.problem);
  const { bounceReportPage } = await import('../pages/reports.ts');
  const open = await incidents.list({ status: 'open', limit: mostIncidents });
  const all = await reports.allBounces(asked);
  const page = bounceReportPage(
    all,
    await learning.calibration(asked),
    now(),
    open,
    await senderOrListIn(all.day, ports),
  );
  const text = withoutBidiControls(String(await page));
  c.header('content-security-policy', await ownStylePolicy(text));
  return c.html(text, 200, { 'cache-control': 'no-store' });
}

const requestIdOf = (c: Context): string => c.get('requestId') as string;

type Asked = { readonly from: number; readonly to: number; readonly by: Dimension };

function reportAsked(c: Context, today: number): Asked | { readonly problem: Problem } {
  const { by = 'day' } = c.req.query();
  if (!isDimension(by)) return { problem: invalidQuery('by', `must be one of ${dimensions.join(', ')}`) };
  const days = requestedDays(c.req.query(), today);
  if ('problem' in days) return days;
  if (by === 'hour' && days.to - days.from >= mostDaysByHour * dayMs)
    return {
      problem: invalidQuery(
        'by',
        `can be hour for at most ${mostDaysByHour} days: set "from" and "to" to a shorter period`,
      ),
    };
  return { ...days, by };
}

const isDimension = (text: string): text is Dimension => (dimensions as readonly string[]).includes(text);

const accepted = (c: Context): string =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/csv'],
    default: 'application/json',
  }) === 'text/csv'
    ? 'csv'
    : 'json';

type Days = { readonly from: number; readonly to: number };

/**
 * Reads the first and the last day from the query parameters `from` and `to`. A day is represented by its midnight in UTC, in
 * epoch milliseconds, whatever the time zone; `today` too. A form may send an empty parameter, which counts as absent.
 */
export function requestedDays(
  { from, to }: Readonly<Record<string, string>>,
  today: number,
): Days | { readonly problem: Problem } {
  const last = to ? dayIn(to) : today;
  if (last === null) return { problem: invalidQuery('to', 'must be a day that exists, such as 2026-11-20') };
  const first = from ? dayIn(from) : last - (daysByDefault - 1) * dayMs;
  if (first === null)
    return { problem: invalidQuery('from', 'must be a day that exists, such as 2026-11-01') };
  if (first > last || last - first >= mostDays * dayMs)
    return {
      problem: invalidQuery(
        'from',
        `must be a day that is not after "to" and at most ${mostDays - 1} days before it`,
      ),
    };
  return { from: first, to: last };
}

function dayIn(text: string): number | null {
  return /^\d{4}-\d\d-\d\d$/.test(text) && isCalendarDay(text) ? Date.parse(text) : null;
}
