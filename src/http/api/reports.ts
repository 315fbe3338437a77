// The API of the reports on bounces.

import * as v from 'valibot';
import { nullableString } from './fields.ts';
import type { Area } from './operation.ts';

const described = <Schema extends v.GenericSchema>(schema: Schema, text: string) =>
  v.pipe(schema, v.description(text));

const fraction = described(v.nullable(v.number()), '0 to 1; null where it is not known.');

const rate = v.object({
  rate: described(v.number(), 'Of the messages sent, 0 to 1.'),
  grade: described(
    v.nullable(v.picklist(['excellent', 'acceptable', 'concerning', 'poor', 'stop'])),
    'Null where no figure is commonly held against it.',
  ),
  few: described(v.boolean(), 'Of too few messages to judge by it: 100, for complaints 1,000.'),
});

const line = {
  sent: described(
    v.nullable(v.number()),
    'The larger of the messages told to be sent, and those delivered plus those bounced. Null: nobody tells.',
  ),
  delivered: v.number(),
  hard: v.number(),
  soft: v.number(),
  policy: described(v.number(), 'Refusals of the sender or the content: never the recipient’s fault.'),
  bounces: described(v.number(), 'hard, soft and policy together.'),
  complaint: v.number(),
  unsubscribed: v.number(),
  rates: described(
    v.nullable(
      v.object({ hard: rate, soft: rate, policy: rate, bounces: rate, complaint: rate, unsubscribed: rate }),
    ),
    'Null where nobody tells how much was sent.',
  ),
};

export const BounceReportAnswer = v.object({
  from: described(v.string(), 'The first day, UTC.'),
  to: described(v.string(), 'The last day.'),
  by: v.picklist(['day', 'campaign', 'source', 'provider']),
  total: v.object(line),
  groups: described(
    v.array(v.object({ name: described(nullableString, 'Null: the events do not say.'), ...line })),
    'Every day, or the thousand largest campaigns, sources or providers.',
  ),
  groups_left_out: v.number(),
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
        from: described(nullableString, 'The first day of it; null where it is not about days.'),
        to: nullableString,
        provider: nullableString,
        source: nullableString,
        messages: v.number(),
        rate: fraction,
        rate_before: fraction,
        share: described(v.nullable(v.number()), 'Of all bounces of these days.'),
        reason: nullableString,
        status: nullableString,
        explanation: v.string(),
        advice: v.string(),
      }),
    ),
    'What is unusual, the latest first, and what to do about it.',
  ),
  alerts: described(
    v.array(
      v.object({
        hour: described(v.string(), 'The hour that it was seen in.'),
        provider: described(nullableString, 'Null: the hosts of no well-known provider.'),
        messages: v.number(),
        share: described(v.number(), 'Of all bounces of that hour.'),
        reason: v.string(),
        status: nullableString,
        advice: v.string(),
      }),
    ),
    'Bursts of policy bounces in the last 24 hours.',
  ),
  notes: described(v.array(v.string()), 'What a reader should know about the figures.'),
});

export const reports: Area = {
  tag: 'Reports',
  schemas: { BounceReportAnswer },
  operations: {
    'GET /v1/reports/bounces': {
      id: 'reportBounces',
      summary: 'What came back from mailings, and what to do about it',
      description: 'The same as a page with charts: `/reports`.',
      query: {
        from: 'The first day, such as 2026-11-01 (UTC); 29 days before `to` by default.',
        to: 'The last day; today by default. At most 366 days.',
        by: '`day` (the default), `campaign`, `source` or `provider`.',
        format: '`json` (the default) or `csv`; or ask for text/csv in `accept`.',
      },
      answerMediaTypes: { 'text/csv': 'One row for each group, and the total as the last.' },
      answers: {
        200: ['The report.', BounceReportAnswer],
        422: ['A query parameter is not of the form asked for.'],
      },
    },
  },
};
