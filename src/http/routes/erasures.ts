// POST /v1/erasures: erase what is stored about one address.

import { Hono } from 'hono';
import * as v from 'valibot';
import { recipientAddress, recipientRefusal } from '../../suppression/recipient.ts';
import { countField, maxValidateBytes, validEmail } from '../fields.ts';
import { actorOf, type CallerVariables } from '../middleware/auth.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, problem } from '../problem.ts';

export const ErasureRequest = v.object({
  email: validEmail,
  keep_suppression: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        'True (the default) keeps the suppression entry, so the person gets no mail. False erases it too, unless it is a ' +
          'complaint or an unsubscribe.',
      ),
    ),
    true,
  ),
});

export const ErasureAnswer = v.object({
  email: v.string(),
  events: v.pipe(countField, v.description('Number of deleted delivery events.')),
  pending_files: v.pipe(
    countField,
    v.description(
      'Number of files with older events (EVENT_HOT_DAYS). Maintenance searches each of them for events of the address and deletes those, usually within an hour or two.',
    ),
  ),
  predictions: v.pipe(
    countField,
    v.description(
      'Number of deleted predictions: 1 if the bounce probability of the latest verdict on the address was stored, else 0.',
    ),
  ),
  suppression: v.pipe(
    v.picklist(['kept', 'removed', 'none']),
    v.description('What happened to the suppression entry of the address; `none` if it had none.'),
  ),
});

export const erasuresResource: Resource = {
  tag: 'Erasures',
  about: 'Erase what is stored about a person who asks for it.',
  schemas: { ErasureRequest, ErasureAnswer },
  operations: {
    'POST /v1/erasures': {
      scope: 'suppressions:write',
      id: 'erase',
      summary: 'Erase the data of an address',
      description:
        'Deletes the delivery events of the address and the stored prediction of its latest verdict in one transaction. Older events in files follow within hours (`pending_files`). `keep_suppression` ' +
        'says what happens to its suppression entry. Uploaded lists are kept: delete their jobs with `DELETE /v1/jobs/{id}`.',
      request: ErasureRequest,
      example: { email: 'jane@example.com' },
      answers: {
        200: ['The numbers of deleted records, and what happened to the suppression entry.', ErasureAnswer],
        ...badBody,
      },
    },
  },
};

export const erasureRoutes = ({ erasure }: Pick<HttpPorts, 'erasure'>) =>
  new Hono<{ Variables: CallerVariables }>().post(
    '/erasures',
    jsonBody(maxValidateBytes, ErasureRequest),
    async (c) => {
      const { email, keep_suppression: keepSuppression } = c.req.valid('json');
      const address = recipientAddress(email);
      if (address === null)
        return problem(c, invalidRequest([{ pointer: '/email', detail: recipientRefusal(email) }]));
      const { pendingFiles, ...erased } = await erasure.erase({
        ...{ address, keepSuppression },
        by: actorOf(c.get('caller')),
      });
      return c.json({ email, ...erased, pending_files: pendingFiles }, 200);
    },
  );
