// POST /v1/validate and POST /v1/validate/batch.

import { Hono } from 'hono';
import type { InferOutput } from 'valibot';
import type { Validation, ValidationRequest } from '../../validate.ts';
import { toResponse } from '../../verdict/response.ts';
import { BatchRequest, ValidateRequest } from '../api/verdicts.ts';
import { jsonBody, limitBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';

/** Room for one address, however long, and the fields beside it. */
export const maxValidateBytes = 16 * 1024;
/** Room for 1,000 addresses of 254 octets, each with all fields. */
export const maxBatchBytes = 512 * 1024;

export const validateRoutes = ({ validator, now }: HttpPorts) =>
  new Hono()
    .post('/validate', limitBody(maxValidateBytes), jsonBody(ValidateRequest), async (c) => {
      const started = now();
      const { verdicts, waited } = await validator.validateBatch([readRequest(c.req.valid('json'))]);
      const took = now() - started;
      return c.json(toResponse(verdicts[0]!, took), 200, { 'server-timing': serverTiming(waited, took) });
    })
    .post('/validate/batch', limitBody(maxBatchBytes), jsonBody(BatchRequest), async (c) => {
      const started = now();
      const body = c.req.valid('json');
      const requests =
        'items' in body ? body.items.map(readRequest) : body.emails.map((email) => ({ email }));
      const { verdicts, waited } = await validator.validateBatch(requests);
      const took = now() - started;
      const results = verdicts.map((verdict) => toResponse(verdict, took));
      return c.json({ results }, 200, { 'server-timing': serverTiming(waited, took) });
    });

const readRequest = ({
  email,
  last_verified_at,
}: InferOutput<typeof ValidateRequest>): ValidationRequest => ({
  email,
  lastVerifiedAt: last_verified_at == null ? null : Date.parse(last_verified_at),
});

/** The waits overlap, so that they may add up to more than the total. */
const serverTiming = ({ dns, storage }: Validation['waited'], total: number): string =>
  `dns;dur=${dns}, storage;dur=${storage}, total;dur=${total}`;
