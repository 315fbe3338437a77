// /v1/reports/bounces as JSON and CSV, and /reports as a page.

import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { dayMs } from '../../reports/count.ts';
import { type Dimension, dimensions } from '../../reports/report.ts';
import { mediaTypes } from '../media.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, type Problem, problem } from '../problem.ts';

const mostDays = 366;
const daysByDefault = 30;

type ReportPorts = Pick<HttpPorts, 'reports' | 'learning' | 'now'>;

export const reportRoutes = (ports: ReportPorts) =>
  new Hono().get('/reports/bounces', async (c) => {
    const format = c.req.query('format') ?? accepted(c);
    c.header('vary', 'accept');
    if (format === 'csv') return csv(c, ports);
    return format === 'json' ? json(c, ports) : problem(c, invalidQuery('format', 'Expected json or csv.'));
  });

/** The page carries links to its CSV, since a browser has no bearer for the API. */
export const reportPageRoutes = (ports: ReportPorts) =>
  new Hono().get('/reports', (c) => (c.req.query('format') === 'csv' ? csv(c, ports) : page(c, ports)));

async function json(c: Context, { reports, now }: ReportPorts) {
  const asked = reportAsked(c, now());
  if ('problem' in asked) return problem(c, asked.problem);
  const { reportAnswer } = await import('../report-answer.ts');
  return c.json(reportAnswer(await reports.bounces(asked)), 200, { 'cache-control': 'no-store' });
}

async function csv(c: Context, { reports, now }: ReportPorts): Promise<Response> {
  const asked = reportAsked(c, now());
  if ('problem' in asked) return problem(c, asked.problem);
  const { reportCsv } = await import('../report-answer.ts');
  return c.body(reportCsv(await reports.bounces(asked)), 200, {
    'content-type': mediaTypes.csv,
    'content-disposition': `attachment; filename="bounces-by-${asked.by}.csv"`,
    'cache-control': 'no-store',
  });
}

async function page(c: Context, { reports, learning, now }: ReportPorts): Promise<Response> {
  const asked = reportAsked(c, now());
  if ('problem' in asked) return problem(c, asked.problem);
  const { reportPage } = await import('../report-page.ts');
  const page = reportPage(await reports.allBounces(asked), await learning.calibration(asked), now());
  return c.html(page, 200, { 'cache-control': 'no-store' });
}

type Asked = { readonly from: number; readonly to: number; readonly by: Dimension };

function reportAsked(c: Context, now: number): Asked | { readonly problem: Problem } {
  const { by = 'day' } = c.req.query();
  if (!isDimension(by)) return { problem: invalidQuery('by', `Expected ${dimensions.join(', ')}.`) };
  const days = daysAsked(c, now);
  return 'problem' in days ? days : { ...days, by };
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

/** The days that the query asks for; an empty parameter is none, as a form sends it. */
export function daysAsked(c: Context, now: number): Days | { readonly problem: Problem } {
  const { from, to } = c.req.query();
  const last = to ? dayIn(to) : Math.floor(now / dayMs) * dayMs;
  if (last === null) return { problem: invalidQuery('to', 'Expected a day such as 2026-11-20.') };
  const first = from ? dayIn(from) : last - (daysByDefault - 1) * dayMs;
  if (first === null) return { problem: invalidQuery('from', 'Expected a day such as 2026-11-01.') };
  if (first > last || last - first >= mostDays * dayMs)
    return { problem: invalidQuery('from', `Expected a day up to ${mostDays - 1} days before "to".`) };
  return { from: first, to: last };
}

function dayIn(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const epoch = Date.parse(text);
  // 30 February parses in some engines, as a day of March.
  return Number.isNaN(epoch) || new Date(epoch).toISOString().slice(0, 10) !== text ? null : epoch;
}
