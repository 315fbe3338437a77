// POST /v1/validate and POST /v1/validate/batch.

import { Hono } from 'hono';
import type { InferOutput } from 'valibot';
import type { Validation, ValidationRequest } from '../../validator/validate.ts';
import type { VerdictResponse } from '../../verdict/response.ts';
import { completeJson } from '../answer.ts';
import { BatchRequest, ValidateRequest } from '../api/verdicts.ts';
import type { CallerVariables } from '../auth.ts';
import { jsonBody } from '../json-body.ts';
import { callCost } from '../limits.ts';
import type { HttpPorts } from '../ports.ts';
import { tokenAddress } from '../token-address.ts';
import { type PageAnswer, verdictJson, withToken } from '../verdict-json.ts';

/** Room for one address, however long, and the fields beside it. */
export const maxValidateBytes = 16 * 1024;
/** Room for 1,000 addresses of 254 octets, each with all fields. */
export const maxBatchBytes = 512 * 1024;

export const validateRoutes = ({ validator, tokens, now }: HttpPorts) =>
  new Hono<{ Variables: CallerVariables }>()
    .post('/validate', jsonBody(maxValidateBytes, ValidateRequest), async (c) => {
      const started = now();
      const request = readRequest(c.req.valid('json'));
      const caller = c.get('caller');
      const page = caller.kind === 'key' && caller.key.kind === 'publishable' ? caller.key : null;
      // Whoever reads a page has its key: neither answer nor timing may tell them who is on the list.
      const { verdicts, waited } = await validator.validateBatch([request], {
        askSuppressions: page === null,
      });
      const verdict = verdicts[0]!;
      const took = now() - started;
      const token =
        page &&
        (await tokens.issue(tokenAddress(request.email), {
          keyId: page.id,
          result: verdict.result,
          reason: verdict.reason,
          action: verdict.action,
          checkedAt: started,
        }));
      const answer = verdictJson(verdict, took);
      return completeJson<PageAnswer>(c, token === null ? answer : withToken(answer, token), {
        'server-timing': serverTiming(waited, took),
      });
    })
    .post('/validate/batch', jsonBody(maxBatchBytes, BatchRequest), async (c) => {
      const started = now();
      const body = c.req.valid('json');
      const requests =
        'items' in body ? body.items.map(readRequest) : body.emails.map((email) => ({ email }));
      const tooMany = await c.get('spend')(requests.length - callCost);
      if (tooMany !== null) return tooMany;
      const { verdicts, waited } = await validator.validateBatch(requests);
      const took = now() - started;
      let results = '';
      for (const verdict of verdicts) results += (results === '' ? '' : ',') + verdictJson(verdict, took);
      return completeJson<{ results: VerdictResponse[] }>(c, `{"results":[${results}]}`, {
        'server-timing': serverTiming(waited, took),
      });
    });

const readRequest = ({
  email,
  source,
  last_verified_at,
}: InferOutput<typeof ValidateRequest>): ValidationRequest => ({
  email,
  source: source ?? null,
  lastVerifiedAt: last_verified_at == null ? null : Date.parse(last_verified_at),
});

/** The waits overlap, so that they may add up to more than the total. */
const serverTiming = ({ dns, storage }: Validation['waited'], total: number): string =>
  `dns;dur=${dns}, storage;dur=${storage}, total;dur=${total}`;
