// GET /v1/reports/calibration: how good the predictions were.

import { Hono } from 'hono';
import type { Score, Scored } from '../../learning/calibration.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem } from '../problem.ts';

const dayMs = 86_400_000;
const daysByDefault = 30;

export const calibrationRoutes = ({ learning, now }: Pick<HttpPorts, 'learning' | 'now'>) =>
  new Hono().get('/reports/calibration', async (c) => {
    const to = dayIn(c.req.query('to'), now());
    if (to === null) return problem(c, notADay('to'));
    const from = dayIn(c.req.query('from'), to - (daysByDefault - 1) * dayMs);
    if (from === null || from > to) return problem(c, notADay('from'));
    const { total, providers, sources, drifts } = await learning.calibration({ from, to });
    const answer = {
      from: dayName(from),
      to: dayName(to),
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

const dayName = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A day such as 2026-11-20 as epoch milliseconds; the day of `otherwise` where there is no text; null where it is none. */
function dayIn(text: string | undefined, otherwise: number): number | null {
  if (text === undefined || text === '') return Math.floor(otherwise / dayMs) * dayMs;
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) || dayName(at) !== text ? null : at;
}

const notADay = (name: 'from' | 'to'): Problem => ({
  type: 'invalid-request',
  title: `The query parameter "${name}" is not of the form that is asked for`,
  status: 422,
  detail: 'Expected a day such as 2026-11-20, and "from" not after "to".',
});
