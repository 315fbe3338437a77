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

/** Returns for each verdict whether a new one follows. If the request has no `callback_url`, returns nothing for any of them. */
export type FollowVerdicts = (
  requests: readonly ValidationRequest[],
  verdicts: readonly Verdict[],
  question: MailQuestion | undefined,
) => Promise<readonly boolean[]>;

const followNothing: FollowVerdicts = async () => [];

/**
 * Returns the function with which a route accepts a `callback_url` for new verdicts on a number of addresses. It charges the caller
 * for the questions, and resolves to the function that the route calls with its verdicts, or to the response that refuses the URL.
 */
export function acceptCallbacks({ pending, logError }: Pick<HttpPorts, 'pending' | 'logError'>) {
  async function accept(
    c: Context<CallbackEnvironment>,
    url: string,
    addresses: number,
  ): Promise<FollowVerdicts | Response> {
    const caller = c.get('caller');
    if (caller.kind === 'key' && caller.key.kind === 'publishable')
      return problem(c, invalidRequest([notForForms]));
    const why = pending.refusalOfCallback(url);
    if (why !== null)
      return problem(c, invalidRequest([{ pointer: '/callback_url', detail: `callback_url ${why}` }]));
    const tooMany = await c.get('spend')(addresses);
    if (tooMany !== null) return tooMany;
    const target = { kind: 'callback', url } as const;
    return async (requests, verdicts, question) => {
      try {
        return await pending.add(
          callerName(caller),
          verdicts.map((verdict, index) => ({ request: requests[index]!, verdict, question, target })),
        );
      } catch (error) {
        // If storage fails, no new verdict follows.
        logError(error, c.get('requestId'));
        return verdicts.map(() => false);
      }
    };
  }
  // Requests without `callback_url` wait for nothing.
  return (c: Context<CallbackEnvironment>, url: string | null | undefined, addresses: number) =>
    url == null ? followNothing : accept(c, url, addresses);
}
