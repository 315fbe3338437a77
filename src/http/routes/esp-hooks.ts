// /v1/hooks/esp/:provider: webhooks of email service providers, verified by the provider's signature instead of a key.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { EspAdapter } from '../../esp/esp-adapter.ts';
import { espAdapterNamed, espAdapters } from '../../esp/esp-registry.ts';
import { bytesOf, concat } from '../../webhooks/crypto.ts';
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

const received = {
  200: ['The events are stored.', WebhookAnswer],
  400: refusal('The body does not have the format of this provider.', 'webhook-malformed', 'broken-off'),
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
} as const;

export const espHooksResource: Resource = {
  tag: 'ESP hooks',
  about: 'The webhooks of email service providers: deliveries, bounces, complaints and unsubscribes.',
  schemas: { WebhookAnswer },
  operations: {
    'GET /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'espHookProbe',
      summary: 'Check that the webhook URL of a provider exists',
      description:
        'Some providers send a GET request before they accept a webhook URL. Elastic Email also sends its events with GET, in the query; they are received as with POST.',
      path: providerParameter,
      answers: {
        ...{ 401: received[401], 404: received[404], 429: received[429], 503: received[503] },
        200: ['The provider is known, or the events are stored.'],
      },
    },
    'POST /v1/hooks/esp/{provider}': {
      scope: 'sender',
      id: 'receiveEspWebhook',
      summary: 'Receive events from an email service provider',
      description:
        'Accepts the format of the provider, and verifies its signature or the secret that is shared with the provider.',
      path: providerParameter,
      requestMediaTypes: { '*/*': { description: 'The request body as the provider sends it.' } },
      answers: received,
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
) => {
  async function receive(c: Context<{ Variables: BodyVariables }>, adapter: EspAdapter): Promise<Response> {
    const limited = guard.refusal(c);
    if (limited !== null) return limited;
    // Respond with 503, so the provider sends the events again later. After a 4xx, Amazon SNS would drop them.
    if (!espSecrets.has(adapter.name)) {
      guard.noted(adapter.name, 'not_configured');
      return problem(c, webhookNotConfigured, notConfiguredHeaders);
    }
    const isGet = c.req.method === 'GET';
    const sent = isGet
      ? new Uint8Array()
      : await guard.readBody(c, adapter.name, adapter.maxBytes ?? maxWebhookBytes);
    if (sent instanceof Response) return sent;
    const body = adapter.readsQuery ? withQuery(c.req.url, sent) : sent;
    const outcome = await espIntake.receive(adapter.name, { headers: c.req.raw.headers, body, now: now() });
    switch (outcome.kind) {
      case 'refused':
        guard.refused(c, adapter.name, outcome.why);
        return problem(c, webhookRefused, { 'www-authenticate': 'Basic realm="presend"' });
      case 'malformed':
        // The provider checks the URL.
        if (isGet) return c.body(null, 200);
        guard.noted(adapter.name, 'malformed');
        return problem(c, webhookMalformed);
      case 'unavailable':
        return problem(c, unavailable);
      case 'handshake':
        return c.json(outcome.answer, 200);
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
  }

  return (
    new Hono<{ Variables: BodyVariables }>()
      // Some providers send a GET request to check that the URL exists before they accept it.
      .get('/hooks/esp/:provider', (c) => {
        const adapter = espAdapterNamed(c.req.param('provider'));
        if (adapter === undefined) return problem(c, unknownProvider);
        return adapter.readsQuery && new URL(c.req.url).search !== ''
          ? receive(c, adapter)
          : c.body(null, 200);
      })
      .post('/hooks/esp/:provider', (c) => {
        const adapter = espAdapterNamed(c.req.param('provider'));
        return adapter === undefined ? problem(c, unknownProvider) : receive(c, adapter);
      })
  );
};

/** The fields of the query, and then those of the form `sent`, as one form. */
function withQuery(url: string, sent: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const mark = url.indexOf('?');
  const query = bytesOf(mark === -1 ? '' : url.slice(mark + 1));
  return sent.length === 0 ? query : concat(query, bytesOf('&'), sent);
}

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
