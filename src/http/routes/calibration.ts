// GET /v1/reports/calibration: how good the predictions were.

import { Hono } from 'hono';
import type { Score, Scored } from '../../learning/calibration.ts';
import { dayName } from '../../reports/spikes.ts';
import type { HttpPorts } from '../ports.ts';
import { problem } from '../problem.ts';
import { daysAsked } from './reports.ts';

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
