// The API of the report on how good the predictions were.

import * as v from 'valibot';
import { nullableString } from './fields.ts';
import type { Area } from './operation.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const Score = v.object({
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
  predicted: v.pipe(v.nullable(Score), v.description('What was told. Null without outcomes.')),
  prior: v.pipe(
    v.nullable(Score),
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

export const calibration: Area = {
  tag: 'Calibration',
  schemas: { CalibrationAnswer },
  operations: {
    'GET /v1/reports/calibration': {
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
