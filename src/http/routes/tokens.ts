// POST /v1/tokens/confirm: a server checks the verdict token that its form received, and gets a new verdict.

import { Hono } from 'hono';
import * as v from 'valibot';
import { mailQuestion } from '../../suppression/scope.ts';
import { toResponse } from '../../verdict/response.ts';
import type { Action, Reason, Result } from '../../verdict/verdict.ts';
import { acceptCallbacks, type CallbackEnvironment, callbackFields } from '../callback-verdicts.ts';
import { emailField, maxValidateBytes, momentField } from '../fields.ts';
import { mailQuestionFields } from '../mail-question.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { tokenAddress } from '../token-address.ts';
import { VerdictAnswer } from './validate.ts';

export const TokenConfirmRequest = v.object({
  token: v.pipe(
    v.string(),
    v.maxLength(500, 'must be at most 500 characters long'),
    v.description('The `token` that POST /v1/validate returned to a form with a publishable key.'),
  ),
  email: emailField('The address that the person submitted with the form.'),
  ...mailQuestionFields,
  ...callbackFields,
});

const { result, reason, action } = VerdictAnswer.entries;

export const TokenConfirmAnswer = v.variant('confirmed', [
  v.object({
    confirmed: v.literal(true),
    form: v.pipe(
      v.object({ key_id: v.string(), result, reason, action, checked_at: momentField }),
      v.description('The verdict that the form received.'),
    ),
    verdict: v.pipe(
      VerdictAnswer,
      v.description('The verdict at the time of this call. It also considers the suppression list.'),
    ),
  }),
  v.object({
    confirmed: v.literal(false),
    why: v.pipe(
      v.picklist(['forged', 'expired', 'other_address']),
      v.description(
        '"expired": use POST /v1/validate instead. "other_address": the address was changed after the check. ' +
          '"forged": this service did not issue the token, or the token was changed.',
      ),
    ),
  }),
]);

export const tokensResource: Resource = {
  tag: 'Forms',
  about: 'For your server: check the verdict that a form got with a publishable key.',
  schemas: { TokenConfirmRequest, TokenConfirmAnswer },
  operations: {
    'POST /v1/tokens/confirm': {
      scope: 'validate',
      id: 'confirmToken',
      summary: 'Confirm a verdict that a form received, and check the suppression list',
      description:
        'A verdict for a publishable key ignores the suppression list. Therefore your server sends the token and the address ' +
        'with a secret key, and acts on the `verdict` in the response.',
      callback: { webhooks: ['verdict.changed'], url: '{$request.body#/callback_url}' },
      request: TokenConfirmRequest,
      example: { token: 'vt1.…', email: 'jane@gmail.com' },
      answers: {
        200: ['Whether the token is valid for this address; if it is, also the verdict.', TokenConfirmAnswer],
        ...badBody,
      },
    },
  },
};

export const tokenRoutes = (ports: HttpPorts) => {
  const { tokens, validator, now } = ports;
  const acceptCallback = acceptCallbacks(ports);
  const app = new Hono<CallbackEnvironment>();
  return app.post('/tokens/confirm', jsonBody(maxValidateBytes, TokenConfirmRequest), async (c) => {
    const started = now();
    const { token, email, callback_url: url, ...mail } = c.req.valid('json');
    const follow = await acceptCallback(c, url, 1);
    // `never` keeps problems out of the type of the response.
    if (follow instanceof Response) return follow as never;
    const outcome = await tokens.read(token, tokenAddress(email));
    if (outcome.kind !== 'confirmed') return c.json({ confirmed: false as const, why: outcome.kind }, 200);
    // Validate again. For the form's request, the suppression list was not asked, because its key is public. The DNS answers
    // are usually still cached.
    const question = mailQuestion(mail);
    const verdict = await validator.validate({ email }, { question });
    const took = now() - started;
    const [isPending] = await follow([{ email }], [verdict], question);
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
        verdict: {
          ...toResponse(verdict, took),
          ...(isPending !== undefined && { proof_pending: isPending }),
        },
      },
      200,
    );
  });
};
