// The API of verdict tokens, which a form passes to its server.

import * as v from 'valibot';
import { email } from './fields.ts';
import { type Area, badBody } from './operation.ts';
import { VerdictAnswer } from './verdicts.ts';

export const TokenConfirmRequest = v.object({
  token: v.pipe(
    v.string(),
    v.maxLength(500, 'Expected at most 500 characters.'),
    v.description('The `token` that came with a verdict to a publishable key.'),
  ),
  email,
});

const { result, reason, action } = VerdictAnswer.entries;

export const TokenConfirmAnswer = v.variant('confirmed', [
  v.object({
    confirmed: v.literal(true),
    form: v.pipe(
      v.object({ key_id: v.string(), result, reason, action, checked_at: v.string() }),
      v.description('What the form was told, and when.'),
    ),
    verdict: v.pipe(VerdictAnswer, v.description('The verdict at this moment, suppression list included.')),
  }),
  v.object({
    confirmed: v.literal(false),
    why: v.pipe(
      v.picklist(['forged', 'expired', 'other_address']),
      v.description(
        '"expired": ask POST /v1/validate instead. "other_address": the form was changed after the check. ' +
          '"forged": the token was not made here.',
      ),
    ),
  }),
]);

export const tokens: Area = {
  tag: 'Forms',
  schemas: { TokenConfirmRequest, TokenConfirmAnswer },
  operations: {
    'POST /v1/tokens/confirm': {
      id: 'confirmToken',
      summary: 'Confirm on the server what a form was told, with the suppression list enforced',
      description:
        'A publishable key learns nothing of the suppression list. The server of the form sends the token and the ' +
        'address here with its secret key, and acts on `verdict`.',
      request: TokenConfirmRequest,
      example: { token: 'vt1.…', email: 'jane@gmail.com' },
      answers: { 200: ['Whether the token holds, and the verdict.', TokenConfirmAnswer], ...badBody },
    },
  },
};
