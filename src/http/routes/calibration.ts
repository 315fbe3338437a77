// GET /v1/reports/calibration: how accurate the predictions were.

import { Hono } from 'hono';
import * as v from 'valibot';
import { provenAsNames } from '../../address/mailbox-proof.ts';
import { dayName } from '../../calendar.ts';
import type { Calibration, Score, Scored } from '../../learning/calibration.ts';
import { utc } from '../../reports/time-zone.ts';
import { countField, dayField, nullableString, shareField } from '../fields.ts';
import { type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { problem } from '../problem.ts';
import { periodParameters, requestedDays } from './reports.ts';

const ScoreAnswer = v.object({
  brier: v.pipe(
    v.number(),
    v.description('Brier score: mean squared error of the probability. Lower is better.'),
  ),
  log_loss: v.pipe(
    v.number(),
    v.description('Log loss: mean negative log likelihood of the outcomes. Lower is better.'),
  ),
  ece: v.pipe(
    v.number(),
    v.description('Expected calibration error: mean distance between predicted and observed bounce rates.'),
  ),
  mean: v.pipe(shareField, v.description('Mean predicted probability.')),
  bins: v.array(
    v.object({
      from: shareField,
      to: shareField,
      outcomes: countField,
      predicted: shareField,
      observed: shareField,
    }),
  ),
});

const scored = {
  outcomes: v.pipe(countField, v.description('Number of deliveries and hard bounces with a prediction.')),
  bounces: v.pipe(countField, v.description('Number of hard bounces among them.')),
  observed: v.pipe(shareField, v.description('Observed bounce rate.')),
  predicted: v.pipe(
    v.nullable(ScoreAnswer),
    v.description('Score of the predictions; null without outcomes.'),
  ),
  prior: v.pipe(
    v.nullable(ScoreAnswer),
    v.description(
      'Score of the priors (the built-in estimates, without your own outcomes) for the same addresses.',
    ),
  ),
};

const groups = v.array(v.object({ name: nullableString, ...scored }));

export const CalibrationAnswer = v.object({
  from: v.pipe(dayField, v.description('First day (UTC).')),
  to: v.pipe(dayField, v.description('Last day (UTC).')),
  ...scored,
  providers: v.pipe(
    groups,
    v.description(
      'The mailbox providers, those with the most outcomes first. `name` is null for all domains that are not at a well-known provider.',
    ),
  ),
  sources: groups,
  proofs: v.pipe(
    groups,
    v.description(
      `By what was known about whether the mailbox exists: ${provenAsNames.filter((one) => one !== 'none').join(', ')}. \`name\` is null if nothing was known.`,
    ),
  ),
  answers: v.pipe(
    v.array(
      v.object({
        proof: v.pipe(
          v.picklist(['exists', 'unknown_user', 'disabled', 'full', 'catch_all']),
          v.description('What the mail host answered when it was asked about the mailboxes.'),
        ),
        mailed: v.pipe(
          countField,
          v.description(
            'Mailboxes to which mail was then delivered or hard-bounced, while the answer was valid.',
          ),
        ),
        bounced: v.pipe(
          countField,
          v.description(
            'Mailboxes among them whose first mail hard-bounced, also within a week after its delivery.',
          ),
        ),
        rate: v.pipe(shareField, v.description('Share of the mailed ones that bounced.')),
      }),
    ),
    v.description('How often mail still bounced after the mail host had been asked (see `POST /v1/probes`).'),
  ),
  drifts: v.pipe(
    v.array(
      v.object({
        of: v.picklist(['source', 'provider']),
        name: nullableString,
        outcomes: countField,
        observed: shareField,
        predicted: shareField,
        direction: v.picklist(['worse', 'better']),
        message: v.pipe(v.string(), v.description('One English sentence about the difference, for display.')),
      }),
    ),
    v.description(
      'Sources and providers whose bounce rate differs from the prediction by more than chance explains.',
    ),
  ),
});

export const calibrationResource: Resource = {
  tag: 'Calibration',
  about: 'How accurate the predicted bounce probabilities were.',
  schemas: { CalibrationAnswer },
  operations: {
    'GET /v1/reports/calibration': {
      scope: 'reports:read',
      id: 'reportCalibration',
      summary: 'Get the calibration report: accuracy of the bounce predictions',
      description:
        'Compares the predicted bounce probabilities with what happened. Does the same for the priors, which are the probabilities without your outcomes: the difference shows whether learning helps.',
      query: periodParameters('UTC'),
      answers: {
        200: ['The calibration report.', CalibrationAnswer],
        422: refusal('A query parameter is invalid.', 'invalid-request'),
      },
    },
  },
};

export const calibrationRoutes = ({ learning, now }: Pick<HttpPorts, 'learning' | 'now'>) =>
  new Hono().get('/reports/calibration', async (c) => {
    const days = requestedDays(c.req.query(), utc.dayOf(now()));
    if ('problem' in days) return problem(c, days.problem);
    const answer = calibrationAnswer(days, await learning.calibration(days));
    return c.json(answer, 200, { 'cache-control': 'no-store' });
  });

export function calibrationAnswer(
  days: { readonly from: number; readonly to: number },
  { total, providers, sources, proofs, answers, drifts }: Calibration,
) {
  return {
    from: dayName(days.from),
    to: dayName(days.to),
    ...scoredAnswer(total),
    providers: providers.map((group) => ({ name: group.name, ...scoredAnswer(group) })),
    sources: sources.map((group) => ({ name: group.name, ...scoredAnswer(group) })),
    proofs: proofs.map((group) => ({ name: group.name, ...scoredAnswer(group) })),
    answers: answers.map(({ told, mailed, bounced }) => ({
      proof: told,
      ...{ mailed, bounced, rate: mailed === 0 ? 0 : bounced / mailed },
    })),
    drifts: [...drifts],
  };
}

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
