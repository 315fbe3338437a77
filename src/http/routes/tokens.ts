// POST /v1/tokens/confirm: the server of a form confirms what the form was told.

import { Hono } from 'hono';
import { toResponse } from '../../verdict/response.ts';
import type { Action, Reason, Result } from '../../verdict/verdict.ts';
import { TokenConfirmRequest } from '../api/tokens.ts';
import { jsonBody } from '../json-body.ts';
import type { HttpPorts } from '../ports.ts';
import { tokenAddress } from '../token-address.ts';
import { maxValidateBytes } from './validate.ts';

export const tokenRoutes = ({ tokens, validator, now }: HttpPorts) =>
  new Hono().post('/tokens/confirm', jsonBody(maxValidateBytes, TokenConfirmRequest), async (c) => {
    const started = now();
    const { token, email } = c.req.valid('json');
    const outcome = await tokens.read(token, tokenAddress(email));
    if (outcome.kind !== 'confirmed') return c.json({ confirmed: false as const, why: outcome.kind }, 200);
    // The DNS answered for the form a moment ago and is remembered: what this adds is the suppression list.
    const verdict = await validator.validate({ email });
    return c.json(
      {
        confirmed: true as const,
        form: {
          key_id: outcome.keyId,
          result: outcome.result as Result,
          reason: outcome.reason as Reason,
          action: outcome.action as Action,
          checked_at: new Date(outcome.checkedAt).toISOString(),
        },
        verdict: toResponse(verdict, now() - started),
      },
      200,
    );
  });
