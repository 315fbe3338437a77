// GET /v1/reports/calibration: how accurate the predictions were.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { Score, Scored } from '../../learning/calibration.ts';
import { dayName } from '../../reports/spikes.ts';
import { nullableString } from '../fields.ts';
import type { Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { problem } from '../problem.ts';
import { daysAsked } from './reports.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const ScoreAnswer = v.object({
  brier: v.pipe(v.number(), v.description('Mean square of what the chance was off by; less is better.')),
  log_loss: v.pipe(
    v.number(),
    v.description('Mean of minus the logarithm of the chance given to what happened.'),
  ),
  ece: v.pipe(
    v.number(),
    v.description('Expected calibration error: how far chances and shares of bounces are apart, on average.'),
  ),
  mean: v.pipe(share, v.description('The mean chance.')),
  bins: v.array(
    v.object({ from: share, to: share, outcomes: v.number(), predicted: share, observed: share }),
  ),
});

const scored = {
  outcomes: v.number(),
  bounces: v.number(),
  observed: v.pipe(share, v.description('The share that bounced.')),
  predicted: v.pipe(v.nullable(ScoreAnswer), v.description('What was told. Null without outcomes.')),
  prior: v.pipe(
    v.nullable(ScoreAnswer),
    v.description('What the priors alone would have told of the same addresses.'),
  ),
};

const groups = v.array(v.object({ name: nullableString, ...scored }));

export const CalibrationAnswer = v.object({
  from: v.pipe(v.string(), v.description('The first day, UTC.')),
  to: v.pipe(v.string(), v.description('The last day.')),
  ...scored,
  providers: v.pipe(
    groups,
    v.description('Those with the most outcomes first. `name` is null where none is known.'),
  ),
  sources: groups,
  drifts: v.pipe(
    v.array(
      v.object({
        of: v.picklist(['source', 'provider']),
        name: nullableString,
        outcomes: v.number(),
        observed: share,
        predicted: share,
        direction: v.picklist(['worse', 'better']),
        message: v.pipe(v.string(), v.description('One sentence for a person.')),
      }),
    ),
    v.description('Where predictions and bounces have come apart by more than chance explains.'),
  ),
});

export const calibrationResource: Resource = {
  tag: 'Calibration',
  schemas: { CalibrationAnswer },
  operations: {
    'GET /v1/reports/calibration': {
      scope: 'reports:read',
      id: 'reportCalibration',
      summary: 'How good the predicted chances of a bounce were',
      description:
        'Each prediction is scored by the outcome that came after it, beside the prior alone, so that anyone sees ' +
        'whether learning helped.',
      query: {
        from: 'The first day of the outcomes, such as 2026-11-01 (UTC); 29 days before `to` by default.',
        to: 'The last day; today by default. At most 366 days.',
      },
      answers: {
        200: ['The scores.', CalibrationAnswer],
        422: ['A query parameter is not of the form asked for.'],
      },
    },
  },
};

export const calibrationRoutes = ({ learning, now }: Pick<HttpPorts, 'learning' | 'now'>) =>
  new Hono().get('/reports/calibration', async (c) => {
    const days = daysAsked(c, now());
    if ('problem' in days) return problem(c, days.problem);
    const { total, providers, sources, drifts } = await learning.calibration(days);
    const answer = {
      from: dayName(days.from),
      to: dayName(days.to),
      ...scoredAnswer(total),
      providers: providers.map((group) => ({ name: group.name, ...scoredAnswer(group) })),
      sources: sources.map((group) => ({ name: group.name, ...scoredAnswer(group) })),
      drifts,
    };
    return c.json(answer, 200, { 'cache-control': 'no-store' });
  });

const scoredAnswer = ({ outcomes, bounces, observed, predicted, prior }: Scored) => ({
  outcomes,
  bounces,
  observed,
  predicted: predicted && scoreAnswer(predicted),
  prior: prior && scoreAnswer(prior),
});

const scoreAnswer = ({ brier, logLoss, ece, mean, bins }: Score) => ({
  brier,
  log_loss: logLoss,
  ece,
  mean,
  bins,
});
