// The API of erasures: what is stored about one person goes.

import * as v from 'valibot';
import { email } from './fields.ts';
import { type Area, badBody } from './operation.ts';

export const ErasureRequest = v.object({
  email,
  keep_suppression: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        'True by default: the entry on the suppression list is what keeps the person from being mailed. With false it ' +
          'goes, unless it is a complaint or an unsubscription.',
      ),
    ),
    true,
  ),
});

export const ErasureAnswer = v.object({
  email: v.string(),
  events: v.pipe(v.number(), v.description('Delivery events that were deleted.')),
  predictions: v.pipe(v.number(), v.description('Verdicts that waited for their outcome, and were deleted.')),
  suppression: v.pipe(
    v.picklist(['kept', 'removed', 'none']),
    v.description('What became of the entry on the suppression list; `none`: there was none.'),
  ),
});

export const erasures: Area = {
  tag: 'Erasures',
  schemas: { ErasureRequest, ErasureAnswer },
  operations: {
    'POST /v1/erasures': {
      id: 'erase',
      summary: 'Erase what is stored about an address',
      description:
        'Deletes its delivery events and the features of its latest verdict, all or none. Lists that were uploaded go with ' +
        'their jobs: `DELETE /v1/jobs/{id}`.',
      request: ErasureRequest,
      example: { email: 'jane@example.com' },
      answers: { 200: ['What was erased.', ErasureAnswer], ...badBody },
    },
  },
};
