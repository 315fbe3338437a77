// /v1/hooks/esp/:provider: webhooks of email service providers, verified by the provider's signature instead of a key.

import { Hono } from 'hono';
import * as v from 'valibot';
import { espAdapterNamed, espAdapters } from '../../esp/esp-registry.ts';
import { countField } from '../fields.ts';
import type { BodyVariables } from '../middleware/body.ts';
import { type HookGuard, notConfiguredHeaders } from '../middleware/hook-guard.ts';
import { badBody, oneOfSchema, type Parameter, type Resource, refusal } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem, webhookMalformed, webhookNotConfigured, webhookRefused } from '../problem.ts';

export const WebhookAnswer = v.object({
  events: v.pipe(countField, v.description('Number of events in the request.')),
  recorded: v.pipe(countField, v.description('Number of events that had not been recorded before.')),
  suppressed: v.pipe(
    countField,
    v.description(
      'Number of newly recorded events that suppress their recipient, even if the recipient was on the suppression list before.',
    ),
  ),
});

const providerParameter: Readonly<Record<string, Parameter>> = {
  provider: {
    description: 'The email service provider. `GET /v1/hooks` lists them.',
    schema: oneOfSchema(espAdapters.map(({ name }) => name)),
    example: 'postmark',
  },
};

const unknownProviderAnswer = refusal('Unknown provider.', 'no-such-provider');

export const espHooksResource: Resource = {
  tag: 'ESP hooks',
  about: 'The webhooks of email service providers: deliveries, bounces, complaints and unsubscribes.',
  schemas: { WebhookAnswer },
  operations: {
    'GET /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'espHookProbe',
      summary: 'Check that the webhook URL of a provider exists',
      description: 'Some providers send a GET request before they accept a webhook URL.',
      path: providerParameter,
      answers: { 200: ['The provider is known.'], 404: unknownProviderAnswer },
    },
    'POST /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'receiveEspWebhook',
      summary: 'Receive events from an email service provider',
      description:
        'Accepts the format of the provider, and verifies its signature or the secret that is shared with the provider.',
      path: providerParameter,
      requestMediaTypes: { '*/*': { description: 'The request body as the provider sends it.' } },
      answers: {
        200: ['The events are stored.', WebhookAnswer],
        400: refusal(
          'The body does not have the format of this provider.',
          'webhook-malformed',
          'broken-off',
        ),
        401: refusal(
          'The signature or secret is missing or wrong, or the time or topic of the request is not accepted. No event was recorded.',
          'webhook-refused',
        ),
        404: unknownProviderAnswer,
        408: badBody[408],
        413: badBody[413],
        429: refusal(
          'Too many requests from this client were refused. The provider should retry.',
          'too-many-requests',
        ),
        503: refusal(
          'Either the hook is temporarily unavailable and the provider should retry, or its settings are missing: see GET /v1/hooks.',
          'not-configured',
          'webhook-unavailable',
          'overloaded',
          'storage-unavailable',
        ),
      },
    },
  },
};

/**
 * Maximum bytes of a webhook body, unless the adapter has its own limit (`maxBytes`). The largest batches that providers send
 * are smaller.
 */
const maxWebhookBytes = 4 * 1024 * 1024;

type HookPorts = Pick<HttpPorts, 'espIntake' | 'espSecrets' | 'fetchText' | 'logEvent' | 'now'>;

export const espHookRoutes = (
  { espIntake, espSecrets, fetchText, logEvent, now }: HookPorts,
  guard: HookGuard,
) =>
  new Hono<{ Variables: BodyVariables }>()
    // Some providers send a GET request to check that the URL exists before they accept it.
    .get('/hooks/esp/:provider', (c) =>
      espAdapterNamed(c.req.param('provider')) ? c.body(null, 200) : problem(c, unknownProvider),
    )
    .post('/hooks/esp/:provider', async (c) => {
      const limited = guard.refusal(c);
      if (limited !== null) return limited;
      const adapter = espAdapterNamed(c.req.param('provider'));
      if (adapter === undefined) return problem(c, unknownProvider);
      // Respond with 503, so the provider sends the events again later. After a 4xx, Amazon SNS would drop them.
      if (!espSecrets.has(adapter.name)) {
        guard.noted(adapter.name, 'not_configured');
        return problem(c, webhookNotConfigured, notConfiguredHeaders);
      }

      const body = await guard.readBody(c, adapter.name, adapter.maxBytes ?? maxWebhookBytes);
      if (body instanceof Response) return body;
      const request = { headers: c.req.raw.headers, body, now: now() };
      const outcome = await espIntake.receive(adapter.name, request);
      switch (outcome.kind) {
        case 'refused':
          guard.refused(c, adapter.name, outcome.why);
          return problem(c, webhookRefused, { 'www-authenticate': 'Basic realm="presend"' });
        case 'malformed':
          guard.noted(adapter.name, 'malformed');
          return problem(c, webhookMalformed);
        case 'unavailable':
          return problem(c, unavailable);
        case 'confirmation': {
          const confirmed = (await fetchText(outcome.url)) !== null;
          logEvent({ level: 'info', event: 'webhook_confirmation', provider: adapter.name, confirmed });
          return confirmed ? c.json({ events: 0, recorded: 0, suppressed: 0 }, 200) : problem(c, unavailable);
        }
        case 'recorded': {
          const { events, recorded, suppressed, unknown } = outcome;
          for (const label of unknown)
            logEvent({ level: 'info', event: 'webhook_unknown_event', provider: adapter.name, label });
          return c.json({ events, recorded, suppressed }, 200);
        }
      }
    });

const unknownProvider: Problem = {
  type: 'no-such-provider',
  title: 'Unknown provider',
  status: 404,
  detail: 'The URL names an unknown email service provider. GET /v1/hooks lists the known ones.',
};

const unavailable: Problem = {
  type: 'webhook-unavailable',
  title: 'Temporarily unavailable',
  status: 503,
  detail:
    'presend could not reach the provider to fetch its certificate or to confirm the webhook URL. Retry later.',
};
