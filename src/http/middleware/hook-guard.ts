// What every webhook route does before and after it checks a signature: limit a client that sends wrong ones, and log.

import type { Context } from 'hono';
import { createRefusalLog } from '../../webhooks/refusal-log.ts';
import type { Refusal } from '../../webhooks/verification.ts';
import type { HttpPorts } from '../ports.ts';
import { problem, webhookRefused } from '../problem.ts';
import { callCost, charge, clientNetwork } from './limits.ts';

export interface HookGuard {
  /** The answer 429 for a client whose calls were refused too often, else null. Call it before the body is read. */
  admit(c: Context): Promise<Response | null>;
  /** The answer 401. Counts the refusal against the client. */
  refuse(c: Context, hook: string, why: Refusal): Promise<Response>;
}

export function createHookGuard({
  limiters,
  clientAddress,
  logEvent,
  now,
}: Pick<HttpPorts, 'limiters' | 'clientAddress' | 'logEvent' | 'now'>): HookGuard {
  const callerOf = (c: Context) => clientNetwork(clientAddress(c));
  const log = createRefusalLog(
    ({ hook, why, refusals }) =>
      logEvent({ level: 'warning', event: 'webhook_refused', provider: hook, why, refusals }),
    now,
  );
  return {
    async admit(c) {
      const { remaining } = await limiters.hook_ip.take(callerOf(c), 0);
      return remaining >= callCost
        ? null
        : charge(c, limiters, [{ limit: 'hook_ip', caller: callerOf(c) }], callCost);
    },
    async refuse(c, hook, why) {
      await limiters.hook_ip.take(callerOf(c), callCost);
      log(hook, why);
      return problem(c, webhookRefused, { 'www-authenticate': 'Basic realm="presend"' });
    },
  };
}

/** With the answer 503 of a hook without settings. Seconds: an operator needs minutes to set a secret. */
export const notConfiguredHeaders = { 'retry-after': '300' };
