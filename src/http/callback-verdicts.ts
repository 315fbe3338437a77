// Requests for a verdict with `callback_url`: the mailbox is asked about after the response, and a webhook brings the new verdict.

import type { Context } from 'hono';
import * as v from 'valibot';
import type { MailQuestion } from '../suppression/scope.ts';
import type { ValidationRequest } from '../validator/validate.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { AnswerVariables } from './answer.ts';
import { actorOf, type Caller, type CallerVariables } from './middleware/auth.ts';
import type { BodyVariables } from './middleware/body.ts';
import type { HttpPorts } from './ports.ts';
import { invalidRequest, problem } from './problem.ts';

/** Maximum length of a callback URL. */
const longestUrl = 2000;

export const callbackFields = {
  callback_url: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.maxLength(longestUrl, `must be at most ${longestUrl} characters long`),
        v.description(
          'Asks the mail host about the mailbox after this response. The response does not wait for it: `proof_pending` says whether a new verdict follows, as the signed webhook `verdict.changed` to this URL. Each address then costs two units of the rate limit. Needs a secret key, and a service that can ask mail hosts.',
        ),
      ),
    ),
  ),
};

/** The field of a verdict that says whether a new one follows. */
export const proofPending = v.optional(
  v.pipe(
    v.boolean(),
    v.description(
      'Only if the request has `callback_url`. `true`: the mail host is asked about the mailbox, and `callback_url` is called once when that is done, also if nothing was found out. `false`: no call follows, because the answer is known, the address should not be mailed anyway, its provider gives the same answer for every address, or 10,000 calls for the key are pending.',
    ),
  ),
);

const notForForms = {
  pointer: '/callback_url',
  detail:
    'callback_url is not accepted from a publishable key. Send the request from your server, with a secret key.',
};

/** What the context of a request with `callback_url` has. */
export type CallbackEnvironment = { Variables: CallerVariables & BodyVariables & AnswerVariables };

const callerName = (caller: Caller): string => {
  const { kind, keyId } = actorOf(caller);
  return keyId ?? kind;
};

/** The functions of a route that accepts `callback_url`. */
export function createCallbackVerdicts({ pending, logError }: Pick<HttpPorts, 'pending' | 'logError'>) {
  /** Why new verdicts cannot be sent to `url`; null if they can. Charges the caller for the questions. */
  async function refusal(
    c: Context<CallbackEnvironment>,
    url: string,
    addresses: number,
  ): Promise<Response | null> {
    const caller = c.get('caller');
    if (caller.kind === 'key' && caller.key.kind === 'publishable')
      return problem(c, invalidRequest([notForForms]));
    const why = pending.refusalOfCallback(url);
    if (why !== null)
      return problem(c, invalidRequest([{ pointer: '/callback_url', detail: `callback_url ${why}` }]));
    return c.get('spend')(addresses);
  }

  /** For each verdict, whether a new one will be sent to `url`. If storage fails, none will. */
  async function follow(
    c: Context<CallbackEnvironment>,
    url: string,
    question: MailQuestion | undefined,
    asked: readonly (readonly [ValidationRequest, Verdict])[],
  ): Promise<readonly boolean[]> {
    const target = { kind: 'callback', url } as const;
    try {
      return await pending.add(
        callerName(c.get('caller')),
        asked.map(([request, verdict]) => ({ request, verdict, question, target })),
      );
    } catch (error) {
      logError(error, c.get('requestId'));
      return asked.map(() => false);
    }
  }

  return { refusal, follow };
}
