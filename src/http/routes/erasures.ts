// POST /v1/erasures: erase what is stored about one address.

import { Hono } from 'hono';
import * as v from 'valibot';
import { parseMailbox } from '../../address/parse.ts';
import { recipientAddress } from '../../suppression/recipient.ts';
import { email, maxValidateBytes } from '../fields.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, problem } from '../problem.ts';

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

export const erasuresResource: Resource = {
  tag: 'Erasures',
  schemas: { ErasureRequest, ErasureAnswer },
  operations: {
    'POST /v1/erasures': {
      scope: 'suppressions:write',
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

export const erasureRoutes = ({ erasure }: Pick<HttpPorts, 'erasure'>) =>
  new Hono().post('/erasures', jsonBody(maxValidateBytes, ErasureRequest), async (c) => {
    const { email, keep_suppression: keepSuppression } = c.req.valid('json');
    const address = recipientAddress(email);
    if (address === null) {
      const parsed = parseMailbox(email);
      const detail = parsed.ok ? 'email is not an address' : parsed.failure.message;
      return problem(c, invalidRequest([{ pointer: '/email', detail }]));
    }
    return c.json({ email, ...(await erasure.erase({ address, keepSuppression })) }, 200);
  });
