// GET /v1/reports/engagement: how many people open, click and reply, and how many are inactive.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { EngagementCounts } from '../../events/engagement.ts';
import { addressCount, type EngagementReport } from '../../events/engagement-report.ts';
import { countField, momentField, nullableString } from '../fields.ts';
import type { Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

const counts = {
  addresses: v.pipe(
    countField,
    v.description('Number of addresses with a delivery, an open, a click or a reply.'),
  ),
  active: v.pipe(
    v.object({ days_30: countField, days_90: countField, days_180: countField, days_365: countField }),
    v.description(
      'Number of addresses whose person opened, clicked or replied in the last 30, 90, 180 or 365 days.',
    ),
  ),
  states: v.pipe(
    v.object({ active: countField, inactive_6: countField, inactive_12: countField, unknown: countField }),
    v.description(
      'Number of addresses by state. `active`: the person opened, clicked or replied in the last six months. `inactive_6` and `inactive_12`: the person did not for 6 or 12 months, although mail was delivered for at least six months. `unknown`: too little mail was delivered to tell.',
    ),
  ),
};

export const EngagementReportAnswer = v.object({
  at: v.pipe(momentField, v.description('The time of the report.')),
  ...counts,
  sources: v.pipe(
    v.array(v.object({ source: nullableString, ...counts })),
    v.description(
      'The same numbers for each source (where the addresses were collected), for the 1,000 sources with the most addresses. `source` is null for addresses whose source is unknown.',
    ),
  ),
  sources_left_out: v.pipe(countField, v.description('Number of sources that are not in `sources`.')),
  reported_by: v.pipe(
    v.array(v.object({ provider: v.string(), since: momentField, last_at: momentField })),
    v.description(
      'The email service providers that reported opens, clicks or replies of people, with the time of the first such event (`since`) and of the latest (`last_at`). Mail that other providers delivered does not count.',
    ),
  ),
  notes: v.pipe(v.array(v.string()), v.description('Sentences about limits of the figures, for display.')),
});

export const engagementResource: Resource = {
  tag: 'Engagement',
  about: 'Who opens, clicks and replies, and who is inactive.',
  schemas: { EngagementReportAnswer },
  operations: {
    'GET /v1/reports/engagement': {
      scope: 'reports:read',
      id: 'reportEngagement',
      summary: 'Get the engagement report',
      description:
        'Counts the people who open, click and reply, and those who are inactive. Opens by machines that open everything do not count.',
      answers: { 200: ['The report.', EngagementReportAnswer] },
    },
  },
};

export const engagementRoutes = ({ reportEngagement }: Pick<HttpPorts, 'reportEngagement'>) =>
  new Hono().get('/reports/engagement', async (c) =>
    c.json(answerOf(await reportEngagement()), 200, { 'cache-control': 'no-store' }),
  );

const answerOf = ({ at, total, sources, sourcesLeftOut, tellers }: EngagementReport) => ({
  at: new Date(at).toISOString(),
  ...countsOf(total),
  sources: sources.map((each) => ({ source: each.source, ...countsOf(each) })),
  sources_left_out: sourcesLeftOut,
  reported_by: tellers.map(({ name, since, at: lastAt }) => ({
    provider: name,
    since: new Date(since).toISOString(),
    last_at: new Date(lastAt).toISOString(),
  })),
  notes: tellers.length === 0 ? [nothingReported] : [hiddenOpens],
});

const nothingReported =
  'No provider has reported opens, clicks or replies of people yet. Turn on these events in its webhook.';

const hiddenOpens =
  'Some mail programs open every message themselves, such as Apple Mail with privacy protection. presend cannot see whether the person opened the message too. People with such programs who never click count as inactive.';

const countsOf = (each: EngagementCounts) => ({
  addresses: addressCount(each),
  active: {
    days_30: each.activeDays30,
    days_90: each.activeDays90,
    days_180: each.activeDays180,
    days_365: each.activeDays365,
  },
  states: {
    active: each.active,
    inactive_6: each.inactive6,
    inactive_12: each.inactive12,
    unknown: each.unknown,
  },
});
