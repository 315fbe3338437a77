// POST /v1/erasures: what is stored about one address goes.

import { Hono } from 'hono';
import { parseMailbox } from '../../address/parse.ts';
import { ErasureRequest } from '../api/erasures.ts';
import { jsonBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidRequest, problem } from '../problem.ts';
import { maxValidateBytes } from './validate.ts';

export const erasureRoutes = ({ erasure }: Pick<HttpPorts, 'erasure'>) =>
  new Hono().post('/erasures', jsonBody(maxValidateBytes, ErasureRequest), async (c) => {
    const { email, keep_suppression: keepSuppression } = c.req.valid('json');
    const parsed = parseMailbox(email);
    if (!parsed.ok)
      return problem(c, invalidRequest([{ pointer: '/email', detail: parsed.failure.message }]));
    const { address } = parsed.mailbox;
    return c.json({ email, ...(await erasure.erase({ address, keepSuppression })) }, 200);
  });
