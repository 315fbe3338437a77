// Sends a request through the routes of the webhooks in a dry run: nothing is recorded, counted, logged or sent to a vendor.

import { Hono } from 'hono';
import { createEspIntake } from '../esp/esp-intake.ts';
import { suppressesAtOnce } from '../events/recipient-event.ts';
import type { Feedback } from '../events/record.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { AnswerVariables } from './answer.ts';
import type { BodyVariables } from './middleware/body.ts';
import { hookGuard } from './middleware/hook-guard.ts';
import type { HttpPorts } from './ports.ts';
import { crmHookRoutes } from './routes/crm-hooks.ts';
import { espHookRoutes } from './routes/esp-hooks.ts';

export type DryRunPorts = Pick<
  HttpPorts,
  'formValidator' | 'espSecrets' | 'certificates' | 'crm' | 'clientAddress' | 'now'
>;

/** What the dry run uses of the request that starts it. */
export interface DryRunOrigin extends BodyVariables, Pick<AnswerVariables, 'requestId'> {
  /** The runtime's data about the connection. */
  readonly env: unknown;
}

/** Returns the response of the route. */
export async function dryRun(
  { formValidator, espSecrets, certificates, crm, clientAddress, now }: DryRunPorts,
  { limits, releases, requestId, env }: DryRunOrigin,
  request: Request,
): Promise<Response> {
  const logEvent = () => {};
  const guard = hookGuard({ clientAddress, logEvent, now, onRefused: () => {} });
  // A dry run is allowed even if too many other requests of this client were refused.
  const openGuard = { ...guard, refusal: () => null };
  const feedback: Feedback = {
    record: async (events) =>
      events.map((event) => ({
        isNew: true,
        suppresses:
          event.recipient !== null && recipientAddress(event.recipient) !== null && suppressesAtOnce(event),
      })),
  };
  const settings = new Map(
    [...crm.settings].map(([name, one]) => [name, { ...one, apiToken: null, writeBack: false }]),
  );
  const fetchNothing: HttpPorts['crm']['fetch'] = async () => new Response(null, { status: 503 });
  const app = new Hono<{ Variables: BodyVariables & AnswerVariables }>()
    .use(async (c, next) => {
      c.set('limits', limits);
      c.set('releases', releases);
      c.set('requestId', requestId);
      c.set('headers', {});
      await next();
    })
    .route(
      '/v1',
      // Answer 200, as if the URL had been confirmed. The dry run does not request it.
      espHookRoutes(
        {
          espIntake: createEspIntake({ feedback, espSecrets, certificates }),
          ...{ espSecrets, fetchText: async () => '', logEvent, now },
        },
        openGuard,
      ),
    )
    .route(
      '/v1',
      crmHookRoutes(
        {
          validator: formValidator,
          feedback,
          hookStates: { contacts: () => {} },
          pending: { add: async () => [], followsCrm: () => false },
          crm: { settings, fetch: fetchNothing },
          logEvent,
          now,
        },
        openGuard,
      ),
    );
  return app.fetch(request, env as object);
}
